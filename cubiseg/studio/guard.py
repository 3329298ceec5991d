"""Who may talk to the studio: the page that it served itself, on this machine, and nobody else.

Every address begins with a token that is drawn for the session, so that other users and other pages cannot guess one.
It is no secret from all other users: the browser is started with the address on its command line, which the system may
show them. Where that matters, ``--no-browser`` prints the address only.
The Host header must be the loopback address that was opened, which defeats DNS rebinding; a request that tells its
origin must come from the page.
"""

import asyncio
import secrets
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOST = "127.0.0.1"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Content security policy: nothing from elsewhere, nothing inline."""
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def new_token() -> str:
    """Random, 192 bits, fit for an address."""
    return secrets.token_urlsafe(24)


class Guard:
    """ASGI middleware that answers strangers with a bare refusal.

    Args:
        app: the application, whose paths begin behind the token.
        token: what every path must begin with.
        hosts: values of the Host header that are ours.
    """

    def __init__(self, app: ASGIApp, token: str, hosts: Iterable[str]) -> None:
        self._app, self._token, self._hosts = app, token, frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is ours."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await PlainTextResponse("refused", refusal, headers=_HEADERS)(scope, receive, send)
            return

        begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        inner = {**scope, "path": scope["path"][len(self._token) + 1 :], "root_path": ""}
        try:
            await self._app(inner, receive, send_with_headers)
        except asyncio.CancelledError:  # the studio is being stopped, which is no defect that should leave a trace
            if not begun:
                await PlainTextResponse("stopped", 503, headers=_HEADERS)(scope, receive, send)

    def _refusal(self, scope: Scope) -> int | None:
        """The status of a refusal; None where there is none."""
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if host not in self._hosts:
            return 421
        if origin is not None and origin != f"http://{host}":
            return 403
        if origin is None and (scope["method"] not in ("GET", "HEAD") or _is_cross_site(headers)):
            return 403
        start, _, _ = scope["path"][1:].partition("/")
        same = secrets.compare_digest(start.encode(), self._token.encode())
        return None if same and scope["path"].startswith("/") else 404


def _is_cross_site(headers: Headers) -> bool:
    """Whether a browser says that another site asked."""
    return headers.get("sec-fetch-site", "none") not in ("none", "same-origin")
