"""ONNX networks as sessions of onnxruntime, by the rules that hold for every model file."""

from pathlib import Path
from typing import Any

from cubiseg import settings
from cubiseg.errors import CubisegError, brief
from cubiseg.inference import model_file


def open_session(path: Path, remedy: str) -> Any:
    """Load a network on the CPU.

    Args:
        path: ONNX file; untrusted.
        remedy: what to do about a file that is no ONNX file by its name.

    Returns:
        ``onnxruntime.InferenceSession``.

    Raises:
        CubisegError: the file is unreadable, too large, broken, or keeps weights in other files.
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
    """A session on the CPU over the bytes of an ONNX file, ``onnxruntime.InferenceSession``.

    Raises anything on broken bytes.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # its faults come as exceptions; its own lines would break the one-line rule
    options.intra_op_num_threads = settings.THREADS.read() or 0  # 0 leaves it to the runtime
    options.enable_mem_pattern = False  # plans for one size of input; it takes half of the network's memory again
    # A thread that waits for more work in a loop takes the core from the threads of NumPy's and OpenCV's callers.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Its own fallback only prints to stdout and tries the same again.
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"], enable_fallback=0)
