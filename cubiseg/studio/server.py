"""What the page asks for, by HTTP on the loopback: an application of Starlette over a session.

Requests that take time run in threads, so that others are answered meanwhile. Errors that a user can do something about
come as 422 with ``{"error": line}``, and an action on an old state as 409.
"""

import threading
from collections.abc import Callable
from importlib import resources
from typing import Any

import cv2
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from cubiseg import taxonomy
from cubiseg.errors import CubisegError, system_fault
from cubiseg.layers import PROFILES, LayerParams
from cubiseg.studio.document import StaleState
from cubiseg.studio.guard import Guard
from cubiseg.studio.history import MOST_PATCH, Action
from cubiseg.studio.requests import body, in_thread, number, threaded
from cubiseg.studio.review_server import review_routes
from cubiseg.studio.reviewing import Reviewing
from cubiseg.studio.session import Session

MOST_PICTURE = 2**27
"""Bytes of a dropped picture's file at most."""
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class RuleRequest(BaseModel):
    """A rule that is called by hand: the state it leads to, its name, the pixel pointed at, ids that lose no pixel."""

    model_config = ConfigDict(extra="forbid")

    state: int = Field(ge=1)
    rule: str = Field(max_length=16)
    x: int
    y: int
    locked: tuple[int, ...] = Field(default=(), max_length=256)


class CutRequest(BaseModel):
    """How the layers are wanted; ``overwrite`` also replaces a result in which files were changed."""

    model_config = ConfigDict(extra="forbid")

    profile: str = Field(default="cubiai", max_length=32)
    background: str | None = Field(default=None, max_length=8)
    overwrite: bool = False

    def params(self) -> LayerParams:
        """The same as params of the cut."""
        return LayerParams.model_validate({"profile": self.profile, "background": self.background})


def application(session: Session, token: str, hosts: list[str]) -> Guard:
    """The whole application: the page, what it asks for, and the guard before both.

    Args:
        session: pictures that are mended.
        token: what every address begins with.
        hosts: values of the Host header that are ours.
    """
    api = _Api(session)
    one = "/api/pictures/{number:int}"
    routes = [
        Route("/", _page("index.html")),
        *(Route(f"/page/{name}", _page(name)) for name in _page_files()),
        Route("/api/session", api.session),
        Route("/api/pictures", api.add, methods=["POST"]),
        Route(f"{one}/picture.png", threaded(api.picture)),
        Route(f"{one}/open", threaded(api.open), methods=["POST"]),
        Route(f"{one}/{{which:str}}.bin", threaded(api.plane)),
        Route(f"{one}/tree", threaded(api.tree)),
        Route(f"{one}/places", threaded(api.places)),
        Route(f"{one}/actions", api.act, methods=["POST"]),
        Route(f"{one}/rules", api.rule, methods=["POST"]),
        Route(f"{one}/layers", api.layers, methods=["POST"]),
        Route(f"{one}/write", api.write, methods=["POST"]),
        Route(f"{one}/layers.psd", threaded(api.psd)),
        *(review_routes(session) if isinstance(session, Reviewing) else ()),
    ]
    told = (CubisegError, ValidationError, OSError, MemoryError, ClientDisconnect)
    handlers: Any = dict.fromkeys(told, _told)
    return Guard(Starlette(routes=routes, exception_handlers=handlers), token, hosts)


def _page_files() -> list[str]:
    return sorted(file.name for file in (resources.files("cubiseg.studio") / "page").iterdir() if file.is_file())


def _page(name: str) -> Callable[[Request], Response]:
    file = resources.files("cubiseg.studio") / "page" / name
    kind = next((kind for suffix, kind in _TYPES.items() if name.endswith(suffix)), "application/octet-stream")

    def answer(request: Request) -> Response:
        return Response(file.read_bytes(), media_type=kind)

    return answer


def _told(request: Request, error: Exception) -> Response:
    if isinstance(error, StaleState):
        return JSONResponse({"error": str(error)}, 409)
    if isinstance(error, ClientDisconnect):
        return PlainTextResponse("", 400)
    if isinstance(error, ValidationError):
        return JSONResponse({"error": "the page and the studio do not agree; load the page again"}, 400)
    if isinstance(error, MemoryError):
        error = CubisegError("there is too little memory for this; close other programs, or scale the picture down")
    if isinstance(error, OSError) and not isinstance(error, CubisegError):
        error = system_fault(None, error)
    return JSONResponse({"error": str(error)}, 422)


class _Api:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._cutting = threading.Lock()  # a cut takes many times the picture's memory: one at a time

    def session(self, request: Request) -> Response:
        return JSONResponse(
            {
                "pictures": [document.name for document in self._session.documents],
                "out": str(self._session.out.absolute()),
                "most": MOST_PICTURE,
                "begins_empty": self._session.begins_empty,
                "profiles": list(PROFILES),
                "classes": [_class(c) for c in taxonomy.CLASSES],
                "review": self._session.facts() if isinstance(self._session, Reviewing) else None,
            }
        )

    async def add(self, request: Request) -> Response:
        content = await body(request, MOST_PICTURE)
        name = request.query_params.get("name", "")[:1000]
        taken = await in_thread(self._session.add, name, content)
        return JSONResponse({"number": taken, "written": self._session.documents[taken].is_written})

    def picture(self, request: Request) -> Response:
        picture = self._session.document(number(request)).picture
        planes = picture.rgb if picture.alpha is None else picture.rgba()
        order = cv2.COLOR_RGB2BGR if picture.alpha is None else cv2.COLOR_RGBA2BGRA
        _, content = cv2.imencode(".png", cv2.cvtColor(planes, order), [cv2.IMWRITE_PNG_COMPRESSION, 1])
        return Response(content.tobytes(), media_type="image/png")

    def open(self, request: Request) -> Response:
        return JSONResponse(self._session.begun(number(request)).facts())

    def plane(self, request: Request) -> Response:
        which = request.path_params["which"]
        get = self._session.weighed if which == "confidence" else self._session.opened
        document = get(number(request))
        if which == "areas":
            return Response(document.areas().rank.astype("<u2").tobytes())
        if which not in ("label", "base", "confidence"):
            return PlainTextResponse("", 404)
        content, state = document.plane(which)
        return Response(content, headers={"X-State": str(state)})

    def tree(self, request: Request) -> Response:
        areas = self._session.opened(number(request)).areas()
        arrays = {name: getattr(areas, name).tolist() for name in ("parent", "first", "last")}
        return JSONResponse({"leaves": areas.leaves, **arrays})

    def places(self, request: Request) -> Response:
        return JSONResponse([place.as_json() for place in self._session.weighed(number(request)).places()])

    async def act(self, request: Request) -> Response:
        action = Action.model_validate_json(await body(request, MOST_PATCH + 1024))
        return JSONResponse(await in_thread(self._act, number(request), action))

    def _act(self, which: int, action: Action) -> dict[str, Any]:
        return self._session.opened(which).act(action)

    async def rule(self, request: Request) -> Response:
        asked = RuleRequest.model_validate_json(await body(request, 2**16))
        return JSONResponse(await in_thread(self._rule, number(request), asked))

    def _rule(self, which: int, asked: RuleRequest) -> dict[str, Any]:
        document = self._session.opened(which)
        return document.apply_rule(asked.state, asked.rule, (asked.y, asked.x), asked.locked)

    async def layers(self, request: Request) -> Response:
        asked = CutRequest.model_validate_json(await body(request, 2**16))
        return JSONResponse(await in_thread(self._layers, number(request), asked))

    def _layers(self, which: int, asked: CutRequest) -> dict[str, Any]:
        with self._cutting:
            return self._session.opened(which).layers(asked.params())

    async def write(self, request: Request) -> Response:
        asked = CutRequest.model_validate_json(await body(request, 2**16))
        return JSONResponse(await in_thread(self._write, number(request), asked))

    def _write(self, which: int, asked: CutRequest) -> dict[str, Any]:
        document = self._session.opened(which)
        with self._cutting:
            manifest, findings = document.write(asked.params(), asked.overwrite)
        told = [f"{f.severity} {f.code}: {f.layer} {f.message}" for f in findings]
        return {"folder": str(document.target), "layers": len(manifest.layers), "findings": told}

    def psd(self, request: Request) -> Response:
        document = self._session.document(number(request))
        return FileResponse(document.psd(), media_type="image/vnd.adobe.photoshop", filename=f"{document.name}.psd")


def _class(of: taxonomy.Class) -> dict[str, Any]:
    parts = [p for p in taxonomy.PARTS if p.of == of.name]
    told = [{"id": p.id, "name": p.name, "colour": list(p.colour), "belongs": p.belongs, "ja": p.ja} for p in parts]
    return {"id": of.id, "name": of.name, "colour": list(of.colour), "parts": told}
