"""Provider ``replay``: answers that are in the store already, as a server gave them; nothing is sent anywhere."""

from collections.abc import Mapping
from typing import Any

from cubiseg.annotation.params import ChatParams
from cubiseg.annotation.providers import chat
from cubiseg.annotation.requests import Request, Response
from cubiseg.errors import CubisegError
from cubiseg.samples import LabelMethod


class Replay:
    """See the module.

    Args:
        params: the server that answered.
    """

    name = "replay"
    method = LabelMethod.LLM
    needs_truth = False

    def __init__(self, params: ChatParams) -> None:
        self.params = params

    def fingerprint(self, request: Request | None = None) -> Mapping[str, Any]:
        """That of ``openai``, so that its answers are found."""
        return chat.fingerprint(self.params)

    def worst_cost(self, request: Request) -> float:
        """What is there is paid for."""
        return 0.0

    def annotate(self, request: Request) -> Response:
        """There is nobody to ask.

        Raises:
            CubisegError: always.
        """
        raise CubisegError(
            f"{request.sample}: question {request.turn} has no stored answer of {self.params.model}; fetch "
            "data/responses with `dvc pull`, or set annotate.provider: openai"
        )
