"""The environment variables: what depends on a machine and is therefore no param.

Every variable is listed here, once, with its type, default and meaning; ``cubiseg doctor`` and ``docs/pipeline.md``
print this list. A value is read when it is needed, so a variable that a command does not use cannot stop it.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from cubiseg.errors import CubisegError

T = TypeVar("T")


@dataclass(frozen=True)
class Setting(Generic[T]):
    """An environment variable.

    Attributes:
        name: name of the variable.
        default: value where it is unset or empty.
        meaning: half a line for users.
        parse: text to value; raises ValueError for what cannot be.
        form: what a value must be, for the message about one that is not.
        shown: the default in words, where its value says too little.
    """

    name: str
    default: T
    meaning: str
    parse: Callable[[str], T]
    form: str
    shown: str | None = None

    def read(self) -> T:
        """The value in the environment, or the default.

        Raises:
            CubisegError: the value is not of the form.
        """
        text = os.environ.get(self.name, "")
        if not text:
            return self.default
        try:
            return self.parse(text)
        except ValueError as error:
            raise CubisegError(f"{self.name}={text}: must be {self.form}; correct or unset it") from error

    @contextmanager
    def set_to(self, text: str) -> Iterator[None]:
        """Another value in the environment, which workers are given too, and then the one before."""
        before = os.environ.get(self.name)
        os.environ[self.name] = text
        try:
            yield
        finally:
            if before is None:
                os.environ.pop(self.name, None)
            else:
                os.environ[self.name] = before

    @property
    def default_text(self) -> str:
        """The default as documents print it."""
        return self.shown if self.shown is not None else str(self.default)


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise ValueError(text)
        return int(text)

    return parse


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in words:
            raise ValueError(text)
        return text

    return parse


def _cluster(text: str) -> str:
    if text != "auto" and not re.fullmatch(r"[\w.-]+:\d{1,5}|\[[0-9a-fA-F:]+\]:\d{1,5}", text):
        raise ValueError(text)
    return text


def _threads(text: str) -> int | None:
    """OpenMP also knows lists such as ``4,2``, which are left to it."""
    return int(text) if text.isdecimal() and int(text) > 0 else None


MODEL: Setting[Path | None] = Setting(
    "CUBISEG_MODEL",
    None,
    "model file, where --model is not given",
    Path,
    "a file",
    "the release",
)
NONE = Path("none")
"""In place of a file: none is wanted, even where one would be found."""
COMPLETION: Setting[Path | None] = Setting(
    "CUBISEG_COMPLETION",
    None,
    "completion model, which paints hidden parts, where --fill-model is not given; none: they are extended smoothly",
    Path,
    "a file, or none",
    "`models/completion.onnx` of a clone, or the wheel's",
)
SAM_HQ: Setting[str | None] = Setting(
    "CUBISEG_SAM_HQ",
    None,
    "weights of SAM-HQ (a folder, or two ONNX files with a comma between), where --sam-hq is not given",
    str,
    "a folder, or two files with a comma between",
    "none",
)
RESPONSES = Setting(
    "CUBISEG_RESPONSES",
    Path(".cubiseg/responses"),
    "store of the answers that a labelling provider was paid for",
    Path,
    "a folder",
)
REGIONS = Setting(
    "CUBISEG_REGIONS", Path(".cubiseg/regions"), "cache of the regions that pictures are cut into", Path, "a folder"
)
SHEETS = Setting(
    "CUBISEG_SHEETS", Path(".cubiseg/sheets"), "cache of the pictures that go with questions", Path, "a folder"
)
WORK = Setting(
    "CUBISEG_WORK", Path(".cubiseg/train"), "checkpoints of trainings that are not finished", Path, "a folder"
)
CONCURRENCY = Setting(
    "CUBISEG_CONCURRENCY", 16, "requests to a labelling provider at once", _whole(1, 1024), "a number from 1 to 1024"
)
ENGINE: Setting[str | None] = Setting(
    "CUBISEG_ENGINE",
    None,
    "what works on batches of items: serial (this process), process (processes of this machine) or ray (a cluster)",
    _one_of("serial", "process", "ray"),
    "serial, process or ray",
    "processes, where there are enough items",
)
RAY_ADDRESS: Setting[str | None] = Setting(
    "CUBISEG_RAY_ADDRESS",
    None,
    "Ray cluster that this machine belongs to, for the engine ray: HOST:PORT of its head, or auto",
    _cluster,
    "HOST:PORT, or auto",
    "one is started on this machine",
)
WORKERS: Setting[int | None] = Setting(
    "CUBISEG_WORKERS",
    None,
    "workers at once, also those that load samples for training",
    _whole(0, 1024),
    "a number from 0 to 1024",
    "the cores of the machine, or of the cluster",
)
THREADS: Setting[int | None] = Setting(
    "OMP_NUM_THREADS", None, "threads of the network", _threads, "a number above 0", "the cores of the machine"
)
DEVICES = ("auto", "cpu", "cuda", "directml", "coreml")
DEVICE = Setting(
    "CUBISEG_DEVICE",
    "auto",
    "what exported networks run on: cpu, cuda, directml or coreml; auto: the quickest that onnxruntime has",
    _one_of(*DEVICES),
    "auto, cpu, cuda, directml or coreml",
    "auto; in the stages of the pipeline, cpu",
)
TRACEBACK = Setting(
    "CUBISEG_TRACEBACK", False, "1: stages add the traceback to an error", lambda text: text != "0", "0 or 1", "0"
)

SETTINGS: tuple[Setting[Any], ...] = (
    *(MODEL, COMPLETION, SAM_HQ, RESPONSES, REGIONS, SHEETS, WORK, CONCURRENCY),
    *(ENGINE, RAY_ADDRESS, WORKERS, THREADS, DEVICE, TRACEBACK),
)
"""All of them, in the order in which they are shown."""
