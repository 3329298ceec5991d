"""What the page of a review asks for: the queue, the sheet, and what the reviewer says."""

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cubiseg.studio.requests import body, in_thread, number, threaded
from cubiseg.studio.reviewing import Reviewing, Said

MOST = 2**16
"""Bytes of a request's body at most."""
SHEET, MOST_SHEET = 20, 60
"""Portraits of a sheet, and at most."""
LEAST_SIDE, MOST_SIDE = 64, 768
"""Pixels of a portrait's longer side."""


class Marks(BaseModel):
    """Samples that need work, or no longer."""

    model_config = ConfigDict(extra="forbid")

    numbers: tuple[int, ...] = Field(max_length=MOST_SHEET)
    on: bool


class Renewal(BaseModel):
    """How a sample's mending begins anew: with what was mended painted again, or without."""

    model_config = ConfigDict(extra="forbid")

    carry: bool


class Theirs(BaseModel):
    """Whose label map is wanted, and the state that the page knows."""

    model_config = ConfigDict(extra="forbid")

    reviewer: str = Field(max_length=64)
    state: int = Field(ge=0)


def review_routes(session: Reviewing) -> list[Route]:
    """The routes of a review."""
    api = _Api(session)
    one = "/api/review/{number:int}"
    return [
        Route("/api/review/queue", threaded(api.queue)),
        Route("/api/review/sheet", threaded(api.sheet)),
        Route("/api/review/marks", api.marks, methods=["POST"]),
        Route(one, threaded(api.about)),
        Route(f"{one}/portrait.webp", threaded(api.portrait)),
        Route(f"{one}/say", api.say, methods=["POST"]),
        Route(f"{one}/renew", api.renew, methods=["POST"]),
        Route(f"{one}/theirs", api.theirs, methods=["POST"]),
    ]


def _asked(request: Request, name: str, usual: int, least: int, most: int) -> int:
    """A number of the query, within bounds; the usual one where it is none."""
    text = request.query_params.get(name, "")
    return min(most, max(least, int(text))) if text.isascii() and text.isdigit() and len(text) < 6 else usual


class _Api:
    def __init__(self, session: Reviewing) -> None:
        self._session = session

    def queue(self, request: Request) -> Response:
        return JSONResponse(self._session.queue())

    def sheet(self, request: Request) -> Response:
        return JSONResponse(self._session.sheet(_asked(request, "size", SHEET, 1, MOST_SHEET)))

    def about(self, request: Request) -> Response:
        return JSONResponse(self._session.about(number(request)))

    def portrait(self, request: Request) -> Response:
        side = _asked(request, "side", 256, LEAST_SIDE, MOST_SIDE)
        return Response(self._session.portrait(number(request), side), media_type="image/webp")

    async def say(self, request: Request) -> Response:
        said = Said.model_validate_json(await body(request, MOST))
        return JSONResponse(await in_thread(self._session.say, number(request), said))

    async def marks(self, request: Request) -> Response:
        asked = Marks.model_validate_json(await body(request, MOST))
        await in_thread(lambda: self._session.mark(asked.numbers, on=asked.on))
        return JSONResponse({})

    async def renew(self, request: Request) -> Response:
        asked, which = Renewal.model_validate_json(await body(request, MOST)), number(request)
        await in_thread(lambda: self._session.renew(which, carry=asked.carry))
        return JSONResponse(await in_thread(self._session.about, which))

    async def theirs(self, request: Request) -> Response:
        asked = Theirs.model_validate_json(await body(request, MOST))
        return JSONResponse(await in_thread(self._session.take_theirs, number(request), asked.reviewer, asked.state))
