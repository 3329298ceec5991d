"""What a killed run needs to go on: its checkpoint, and a name that stands for everything that decides its result.

``config.assemble`` takes the checkpoint up where one of that name is there.
"""

import hashlib
from pathlib import Path
from typing import Any

import torch
from mmengine import Config
from mmengine.hooks import Hook

import cubiseg
from cubiseg.errors import CubisegError
from cubiseg.samples import MANIFEST, Split
from cubiseg.training.data import split_samples
from cubiseg.training.params import TrainParams

CHECKPOINT = "checkpoint.pth"
CHECKPOINT_INTERVAL = 50
"""Steps between two checkpoints."""

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
    digest = hashlib.sha256()
    for text in (params.model_dump_json(), config.pretty_text, torch.__version__, str(torch.get_num_threads())):
        digest.update(text.encode() + b"\0")
    digest.update((data / MANIFEST).read_bytes() if (data / MANIFEST).is_file() else b"")
    for split in (Split.TRAIN, Split.VAL):
        for sample in split_samples(data, split):
            path = data / str(sample.label)
            digest.update(path.read_bytes() if path.is_file() else b"")
    digest.update(start.read_bytes() if start is not None else b"")
    root = Path(cubiseg.__file__).parent
    for name in _CODE:
        for path in sorted((root / name).rglob("*.py")) or [root / name]:
            digest.update(path.read_bytes())
    return f"{params.architecture}-{digest.hexdigest()[:16]}"


class ResumeHook(Hook):
    """Keep one checkpoint that a killed run resumes from; it is always whole, as it is renamed into place.

    Args:
        folder: work directory.
        interval: steps between two checkpoints.
    """

    def __init__(self, folder: Path, interval: int) -> None:
        self.folder = folder
        self.interval = interval

    def before_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
        """Write the checkpoint every ``interval`` steps, after the validation that may follow a step."""
        if runner.iter > 0 and runner.iter % self.interval == 0:
            partial, meta = CHECKPOINT + ".partial", {"epoch": 0, "iter": runner.iter}
            try:
                runner.save_checkpoint(str(self.folder), partial, meta=meta, by_epoch=False)
                (self.folder / partial).replace(self.folder / CHECKPOINT)
            except OSError as error:
                (self.folder / partial).unlink(missing_ok=True)
                raise CubisegError(
                    f"{self.folder}: a checkpoint cannot be written ({error.strerror or error}); "
                    "free some space or set CUBISEG_WORK"
                ) from error
