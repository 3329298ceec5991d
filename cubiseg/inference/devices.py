"""What networks run on: the processor, or an accelerator that onnxruntime as it is installed can use.

https://onnxruntime.ai/docs/execution-providers/
"""

from cubiseg import settings
from cubiseg.errors import CubisegError

PROVIDERS = {
    "cuda": "CUDAExecutionProvider",
    "directml": "DmlExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "cpu": "CPUExecutionProvider",
}
"""Device: what onnxruntime calls it; the first that is there is taken."""

_PACKAGES = {
    "cuda": "pip install onnxruntime-gpu in place of onnxruntime, with NVIDIA's CUDA and cuDNN",
    "directml": "pip install onnxruntime-directml in place of onnxruntime, on Windows",
    "coreml": "onnxruntime has it on a Mac",
}


def found() -> tuple[str, ...]:
    """Devices that the installed onnxruntime was built for, the quickest first; whether they start shows a session."""
    import onnxruntime

    there = onnxruntime.get_available_providers()
    return tuple(device for device, provider in PROVIDERS.items() if provider in there)


def to_try() -> tuple[str, ...]:
    """Devices on which to start a network, in this order, as ``CUBISEG_DEVICE`` says.

    Raises:
        CubisegError: the setting makes no sense, or names a device that onnxruntime here has not.
    """
    wanted, there = settings.DEVICE.read(), found()
    if wanted == "auto":
        return there
    if wanted not in there:
        remedy = f"{_PACKAGES[wanted]}, or choose auto" if wanted in _PACKAGES else "install onnxruntime again"
        raise CubisegError(f"device {wanted}: onnxruntime here has {', '.join(there) or 'none'}; {remedy}")
    return (wanted,)
