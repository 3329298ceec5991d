"""The studio as a server on this machine alone."""

import socket
from collections.abc import Callable

import uvicorn

from cubiseg.errors import CubisegError
from cubiseg.studio.guard import HOST, new_token
from cubiseg.studio.server import application
from cubiseg.studio.session import Session


def serve(session: Session, port: int, ready: Callable[[str], None]) -> None:
    """Answer until Ctrl-C or SIGTERM.

    Args:
        session: pictures that are mended.
        port: port on the loopback; 0 takes a free one.
        ready: called with the page's address as soon as it answers.

    Raises:
        CubisegError: the port is taken, or nothing can label the pictures.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listening:
        # Elsewhere REUSEADDR lets a port be taken that was just given up; on Windows also one that is in use.
        exclusive = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR if exclusive is None else exclusive, 1)
        try:
            listening.bind((HOST, port))
            listening.listen(128)
        except OSError as error:
            raise CubisegError(f"port {port}: cannot be used ({error.strerror}); choose another --port") from error
        port = listening.getsockname()[1]
        token = new_token()
        app = application(session, token, [f"{HOST}:{port}", f"localhost:{port}"])
        config = uvicorn.Config(
            app,
            log_level="error",  # a defect of ours leaves its trace
            access_log=False,
            lifespan="off",
            ws="none",
            http="h11",
            loop="asyncio",
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)

        def stop_where_refused() -> None:
            server.should_exit = server.should_exit or session.refusal() is not None

        session.begin(stop_where_refused)
        ready(f"http://{HOST}:{port}/{token}/")
        try:
            server.run(sockets=[listening])
        finally:
            session.close()
        refusal = session.refusal()
        if refusal is not None:
            raise refusal
