"""Providers: who answers. Each is a small module behind one interface."""

from collections.abc import Callable, Mapping
from typing import Any
from typing import Protocol as Interface

from cubiseg.annotation.params import AnnotateParams
from cubiseg.annotation.providers.simulated import Simulated
from cubiseg.annotation.requests import Request, Response
from cubiseg.errors import CubisegError
from cubiseg.samples import LabelMethod


class Provider(Interface):
    """One who answers.

    Attributes:
        name: value of ``annotate.provider``.
        method: what the manifest says of its labels.
        needs_truth: it answers only about samples whose label map is known.
    """

    name: str
    method: LabelMethod
    needs_truth: bool

    def fingerprint(self, request: Request | None = None) -> Mapping[str, Any]:
        """Plain facts that shape its answers: name, version, params. With a request, also what it takes from that
        beyond picture, prompt and protocol."""

    def annotate(self, request: Request) -> Response:
        """Ask, and return whatever came back; called from several threads at once.

        A refusal is a response, not an error. CubisegError is for what stops the stage (no key, no server).
        """


PROVIDERS: dict[str, Callable[[AnnotateParams], Provider]] = {
    Simulated.name: lambda params: Simulated(params.simulated, params.seed, params.simulated_names),
}


def make_provider(params: AnnotateParams) -> Provider:
    """The provider that ``annotate.provider`` names.

    Raises:
        CubisegError: there is none of that name.
    """
    try:
        return PROVIDERS[params.provider](params)
    except KeyError:
        known = ", ".join(PROVIDERS)
        raise CubisegError(
            f"annotate.provider = {params.provider!r}: there is no such provider; choose one of: {known}"
        ) from None
