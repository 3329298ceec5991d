"""ONNX networks as sessions of onnxruntime, by the rules that hold for every model file."""

import logging
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from cubiseg import settings
from cubiseg.errors import CubisegError, brief
from cubiseg.inference import devices, model_file

_log = logging.getLogger(__name__)


def open_session(path: Path, remedy: str) -> Any:
    """Load a network.

    Args:
        path: ONNX file; untrusted.
        remedy: what to do about a file that is no ONNX file by its name.

    Returns:
        ``onnxruntime.InferenceSession``.

    Raises:
        CubisegError: the file is unreadable, too large, broken, or keeps weights in other files, or the device that
            was asked for cannot be had.
    """
    if path.suffix.lower() != ".onnx":
        raise CubisegError(f"{path}: is no .onnx file; {remedy}")
    content = model_file.read_bytes(path)
    try:
        if model_file.has_external_data(content):
            raise CubisegError(f"{path}: keeps weights in other files, which is unsafe; export it as one file")
        return session_of(content)
    except CubisegError:
        raise
    except Exception as error:  # nearly anything on hostile bytes
        raise CubisegError(f"{path}: is no usable network ({brief(error, 160)}); fetch or export it again") from error


def session_of(content: bytes) -> Any:
    """An ``onnxruntime.InferenceSession`` over the bytes of an ONNX file, on the device that the settings choose.

    Where they leave it open, a device that is there and does not start is passed over with a warning, once.

    Raises:
        CubisegError: the device that was asked for is not there, or does not start.
        Exception: anything on broken bytes.
    """
    *others, last = devices.to_try()
    problems = []
    for device in others:
        try:
            session = _on(device, content)
        except CubisegError as error:
            problems.append(str(error))
        else:
            break
    else:
        session = _on(last, content)  # what it cannot load either is no fault of the others
    for problem in problems:
        _tell(problem)
    return session


@cache
def _share_memory() -> None:
    """Have the sessions of this process take memory from one arena that grows by what is asked for.

    Else each keeps one of its own, which grows by powers of two.
    """
    import onnxruntime

    info = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    with suppress(RuntimeError):  # whoever shares the process has one, and that is taken
        onnxruntime.create_and_register_allocator(info, onnxruntime.OrtArenaCfg({"arena_extend_strategy": 1}))


@cache
def _tell(problem: str) -> None:
    _log.warning("%s; set CUBISEG_DEVICE=cpu to silence this", problem)


def _on(device: str, content: bytes) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # its faults come as exceptions; its own lines would break the one-line rule
    options.intra_op_num_threads = settings.THREADS.read() or 0  # 0 leaves it to the runtime
    options.enable_mem_pattern = False  # plans for one size of input; it takes half of the network's memory again
    _share_memory()
    options.add_session_config_entry("session.use_env_allocators", "1")
    # A thread that waits for more work in a loop takes the core from the threads of NumPy's and OpenCV's callers.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    provider, cpu = devices.PROVIDERS[device], devices.PROVIDERS["cpu"]
    both = [provider, cpu] if provider != cpu else [cpu]
    try:
        # Its own fallback only prints to stdout and tries the same again.
        session = onnxruntime.InferenceSession(content, options, providers=both, enable_fallback=0)
    except Exception as error:
        if provider == cpu:  # the file is to blame
            raise
        raise CubisegError(f"device {device}: does not start ({brief(error, 160)}); choose another") from error
    if provider not in session.get_providers():  # a library that it needs is missing, which onnxruntime only logs
        raise CubisegError(f"device {device}: does not start (a library that it needs is missing); choose another")
    return session
