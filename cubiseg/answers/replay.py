"""Provider ``replay``: answers that are in the store already, as a server gave them; nothing is sent anywhere."""

from collections.abc import Mapping
from typing import Any

from cubiseg.answers import chat
from cubiseg.answers.free import FreeProvider
from cubiseg.answers.params import ChatParams
from cubiseg.answers.requests import Request, Response
from cubiseg.errors import CubisegError


class Replay(FreeProvider):
    """See the module.

    Args:
        params: server that answered.
    """

    name = "replay"

    def __init__(self, params: ChatParams) -> None:
        self.params = params

    def fingerprint(self, request: Request | None = None) -> Mapping[str, Any]:
        """That of ``openai``, so that its answers are found."""
        return chat.fingerprint(self.params)

    def annotate(self, request: Request) -> Response:
        """There is nobody to ask.

        Raises:
            CubisegError: always.
        """
        raise CubisegError(
            f"{request.sample}: question {request.turn} has no stored answer of {self.params.model}; fetch "
            "data/responses with `dvc pull`, or set annotate.provider: openai"
        )
