"""Processes that end with the one that started them, what a signal ends, and whether a process still lives.

A process that works for another must not outlive it (Linux tells it through ``prctl(2)``; elsewhere a thread waits for
the parent's end), and SIGTERM and Ctrl-C take back what is half done before they end a command.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from types import FrameType
from typing import Any

INTERRUPTED, TERMINATED = 130, 143
"""Exit codes after Ctrl-C and after SIGTERM: 128 and the signal's number, as shells have them."""

_GRACE = 5.0
"""Seconds that a process whose parent is gone has to take back what is half done."""

_PR_SET_PDEATHSIG = 1


class Terminated(BaseException):
    """SIGTERM arrived; like KeyboardInterrupt it is no Exception, so that nothing takes it for an error of its own."""


_at_stop: set[Callable[[], None]] = set()


@contextmanager
def stopped_by(stop: Callable[[], None]) -> Iterator[None]:
    """Have :func:`stoppable` call ``stop`` when a signal ends the command within the block."""
    _at_stop.add(stop)
    try:
        yield
    finally:
        _at_stop.discard(stop)


@contextmanager
def stoppable(tell: Callable[[str], object]) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end a command in one line, once what is half done has been taken back.

    Args:
        tell: prints a line for the user.

    Raises:
        SystemExit: with 130 after Ctrl-C and 143 after SIGTERM.
    """
    with _sigterm(_raise):
        try:
            yield
        except (KeyboardInterrupt, Terminated) as error:
            for stop in tuple(_at_stop):
                stop()
            by_keyboard = isinstance(error, KeyboardInterrupt)
            tell(
                f"stopped by {'Ctrl-C' if by_keyboard else 'SIGTERM'}; what was finished is kept, run it again to go on"
            )
            raise SystemExit(INTERRUPTED if by_keyboard else TERMINATED) from None


@contextmanager
def _sigterm(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Another handler within the block, where this may be set and nobody else has set one."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _raise(number: int, frame: FrameType | None) -> None:
    raise Terminated


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Hold SIGINT back within the block; a process that is started in it never sees one.

    Ctrl-C reaches all processes of a terminal. Those that work for another are ended by that one, and need not each
    print a traceback beside it.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def ends_with_this(at_once: bool = False) -> Callable[[], None]:
    """What a process that this one starts must call first, so that it ends when this one is gone.

    Args:
        at_once: whether it is killed; else SIGTERM tells it, and it has five seconds to take back what is half done.

    Returns:
        A picklable function without arguments.
    """
    # The kernel means the thread that started the process: one that is not the main thread may end long before.
    by_kernel = threading.current_thread() is threading.main_thread()
    number = getattr(signal, "SIGKILL", signal.SIGTERM) if at_once else signal.SIGTERM
    return partial(_end_with, os.getpid(), int(number), by_kernel)


def _end_with(parent: int, number: int, by_kernel: bool) -> None:
    with suppress(ValueError, AttributeError):  # no main thread; no such signal
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    if by_kernel and os.name == "posix":
        _tell_at_parents_end(number)
        if os.getppid() != parent:  # it ended before it could be watched
            os._exit(TERMINATED)
    threading.Thread(target=_watch, args=(number,), name="ends with its parent", daemon=True).start()


def _tell_at_parents_end(number: int) -> None:
    import ctypes

    with suppress(OSError, AttributeError):  # only Linux has it
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)


def _watch(number: int) -> None:
    from multiprocessing import connection, parent_process

    parent = parent_process()
    if parent is None:
        return
    connection.wait([parent.sentinel])
    os.kill(os.getpid(), number)
    threading.Event().wait(_GRACE)
    os._exit(TERMINATED)


@cache
def place() -> str:
    """Where numbers of processes are valid: this machine since it was started, or this container. 8 hex digits."""
    import hashlib
    import socket
    import uuid

    known = [socket.gethostname()]
    try:
        known += [
            Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8"),
            str(Path("/proc/self/ns/pid").readlink()),
        ]
    except OSError:
        known.append(str(uuid.getnode()))
    return hashlib.sha256("\0".join(known).encode("utf-8", "surrogateescape")).hexdigest()[:8]


def born(pid: int) -> str | None:
    """When a process of this place began, as digits that tell a number used again; None where it has ended.

    ``0`` stands for a process that is there, but does not tell.
    """
    try:
        # The name, in brackets, may hold anything. After it: the state first, the time of the start twentieth.
        facts = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except FileNotFoundError:
        return None if Path("/proc/self/stat").exists() else _there(pid)
    except OSError:
        return "0"
    if len(facts) < 20:
        return "0"
    return None if facts[0] in (b"Z", b"X") else facts[19].decode()


def _there(pid: int) -> str | None:
    if os.name != "posix":  # where signal 0 would end it
        return _born_on_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except OSError:
        return "0"
    return "0"


_QUERY_LIMITED_INFORMATION, _INVALID_PARAMETER, _STILL_ACTIVE = 0x1000, 87, 259


def _born_on_windows(pid: int) -> str | None:
    """As :func:`born`, by kernel32: a process that has ended may be opened still, while another one holds it."""
    import ctypes

    kernel: Any = getattr(ctypes, "WinDLL")("kernel32", use_last_error=True)  # noqa: B009 - only Windows has it
    kernel.OpenProcess.restype = ctypes.c_void_p  # a handle has the size of a pointer
    handle = kernel.OpenProcess(_QUERY_LIMITED_INFORMATION, False, pid)
    if not handle:
        ended = getattr(ctypes, "get_last_error")() == _INVALID_PARAMETER  # noqa: B009
        return None if ended else "0"
    code, times = ctypes.c_uint32(), [ctypes.c_uint64() for _ in range(4)]  # FILETIME: creation, exit, kernel, user
    try:
        told = kernel.GetExitCodeProcess(ctypes.c_void_p(handle), ctypes.byref(code))
        told = told and kernel.GetProcessTimes(ctypes.c_void_p(handle), *map(ctypes.byref, times))
    finally:
        kernel.CloseHandle(ctypes.c_void_p(handle))
    if not told:
        return "0"
    return str(times[0].value) if code.value == _STILL_ACTIVE else None
