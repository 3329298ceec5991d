"""What a killed run needs to go on: its checkpoint, and a name that stands for everything that decides its result.

``config.assemble`` takes the checkpoint up where one of that name is there.
"""

import hashlib
import json
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from mmengine import Config
from mmengine.hooks import Hook

import cubiseg
from cubiseg.errors import CubisegError
from cubiseg.files import write_text
from cubiseg.sample_files import find
from cubiseg.samples import MANIFEST, Split
from cubiseg.training.data import split_samples
from cubiseg.training.params import TrainParams

CHECKPOINT = "checkpoint.pth"
RECORD = "run.json"
"""What decides the run's result, beside the checkpoint."""
PROCESSES = "the number of processes (train.num_procs)"
THREADS = "the number of threads (OMP_NUM_THREADS)"
"""What a user changes by moving to another machine; threads follow from processes where no number is set."""
CHECKPOINT_INTERVAL = 50
"""Steps between two checkpoints."""

_log = logging.getLogger(__name__)

_CODE = (
    *("picture_files", "segmentors", "training"),
    *("imaging.py", "label_maps.py", "letterbox.py", "model_info.py", "samples.py", "scores.py", "taxonomy.py"),
)


def run_key(params: TrainParams, config: Config, data: Path, start: Path | None = None) -> str:
    """Name of a run: a hash of everything that decides its result.

    Those are parameters, the resolved config, manifest and label maps of the data set (the manifest carries the hashes
    of the pictures), the content of the weights file that the network starts from, torch's version, the number of its
    threads, and the code that training reaches.

    Args:
        params: what to train.
        config: of the architecture, before parameters are put in.
        data: data set folder.
        start: weights file that the whole network starts from.
    """
    return key_of(params, what_decides(params, config, data, start))


def key_of(params: TrainParams, decides: dict[str, str]) -> str:
    """Name of a run by what :func:`what_decides` its result."""
    return f"{params.architecture}-{hashlib.sha256(json.dumps(decides).encode()).hexdigest()[:16]}"


def what_decides(params: TrainParams, config: Config, data: Path, start: Path | None = None) -> dict[str, str]:
    """What decides the result of a run, as hashes by what a user would call it; arguments as of :func:`run_key`."""
    manifest = data / MANIFEST
    labels = [find(data, str(s.label)) for split in (Split.TRAIN, Split.VAL) for s in split_samples(data, split)]
    root = Path(cubiseg.__file__).parent
    code = [path for name in _CODE for path in sorted((root / name).rglob("*.py")) or [root / name]]
    return {
        "params": _hash([params.model_dump_json(exclude={"num_procs"}).encode()]),
        PROCESSES: str(params.num_procs),
        "the architecture's config": _hash([config.pretty_text.encode()]),
        "the data set": _hash(path.read_bytes() for path in (manifest, *labels) if path.is_file()),
        "the weights to start from": _hash([start.read_bytes() if start is not None else b""]),
        "code": _hash(path.read_bytes() for path in code),
        "torch": torch.__version__,
        THREADS: str(torch.get_num_threads()),
    }


def _hash(contents: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for content in contents:
        digest.update(content)
    return digest.hexdigest()


def look_for_unfinished(work: Path, folder: Path, decides: dict[str, str]) -> None:
    """Say of unfinished runs of the same architecture that they are not resumed, and what differs.

    Args:
        work: folder of all runs.
        folder: folder of this one below it; nothing is said where it has a checkpoint.
        decides: see :func:`what_decides`.

    Raises:
        CubisegError: one is this run but for the number of processes, which changes the result.
    """
    if (folder / CHECKPOINT).is_file():
        return
    architecture = folder.name.rpartition("-")[0]
    for record in sorted(work.glob(f"{architecture}-{'[0-9a-f]' * 16}/{RECORD}")):
        try:
            other = json.loads(record.read_text(encoding="utf-8"))
            differs = [name for name, value in decides.items() if other.get(name) != value]
        except (OSError, ValueError, AttributeError):
            continue
        if not (record.parent / CHECKPOINT).is_file():
            continue
        if PROCESSES in differs and {PROCESSES, THREADS}.issuperset(differs):
            raise CubisegError(
                f"train.num_procs: {decides[PROCESSES]}, but this run was begun with {other[PROCESSES]} and ends with "
                f"the same bytes only so; set it to {other[PROCESSES]}, or remove {record.parent} to begin anew"
            )
        if differs:
            _log.warning(
                f"{record.parent}: an unfinished run is not resumed, as {', '.join(differs)} changed; "
                "this one begins anew. Change it back to go on, or remove that folder"
            )


class ResumeHook(Hook):
    """Keep one checkpoint that a killed run resumes from; it is always whole, as it is renamed into place.

    Args:
        folder: work directory.
        interval: steps between two checkpoints.
        decides: see :func:`what_decides`; kept beside the checkpoint.
    """

    def __init__(self, folder: Path, interval: int, decides: dict[str, str]) -> None:
        self.folder = folder
        self.interval = interval
        self.decides = decides

    def before_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
        """Write the checkpoint every ``interval`` steps, after the validation that may follow a step."""
        if runner.iter > 0 and runner.iter % self.interval == 0:
            partial, meta = CHECKPOINT + ".partial", {"epoch": 0, "iter": runner.iter}
            try:
                runner.save_checkpoint(str(self.folder), partial, meta=meta, by_epoch=False)
                (self.folder / partial).replace(self.folder / CHECKPOINT)
                write_text(self.folder / RECORD, json.dumps(self.decides, indent=2) + "\n")
            except OSError as error:
                (self.folder / partial).unlink(missing_ok=True)
                raise CubisegError(
                    f"{self.folder}: a checkpoint cannot be written ({error.strerror or error}); "
                    "free some space or set CUBISEG_WORK"
                ) from error
