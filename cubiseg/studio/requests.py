"""Reading requests, and answering them in threads, so that others are answered meanwhile."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from cubiseg.errors import CubisegError

T = TypeVar("T")


async def body(request: Request, most: int) -> bytes:
    """A request's body, refused as soon as it is too large."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise CubisegError(f"that is over {most >> 20} MB; scale the picture down")
        parts.append(part)
    return b"".join(parts)


async def in_thread(job: Callable[..., T], *arguments: Any) -> T:
    """What a job gives, done in a thread that ends with the process.

    Nobody who stops the studio waits for areas or layers: what counts is kept already, and files appear whole or not.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def give(done: Callable[[Any], None], what: object) -> None:
        if not answer.done():
            done(what)

    def work() -> None:
        done: Callable[[Any], None] = answer.set_result
        try:
            what: object = job(*arguments)
        except Exception as error:
            done, what = answer.set_exception, error
        with suppress(RuntimeError):  # the loop is closed, nobody waits any more
            loop.call_soon_threadsafe(give, done, what)

    threading.Thread(target=work, daemon=True).start()
    return await answer


def threaded(answer: Callable[[Request], Response]) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that answers in a thread."""

    async def endpoint(request: Request) -> Response:
        return await in_thread(answer, request)

    return endpoint


def number(request: Request) -> int:
    """The number in a request's path."""
    return int(request.path_params["number"])
