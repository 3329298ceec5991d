"""What a killed run needs to go on: a name that stands for everything that decides its result."""

import hashlib
from pathlib import Path

import torch
from mmengine import Config

import cubiseg
from cubiseg.samples import MANIFEST, Split
from cubiseg.training.data import split_samples
from cubiseg.training.params import TrainParams

CHECKPOINT_INTERVAL = 50
"""Steps between two checkpoints."""

_CODE = ("segmentors", "training", "imaging.py", "label_maps.py", "letterbox.py", "samples.py", "taxonomy.py")


def run_key(params: TrainParams, config: Config, data: Path) -> str:
    """Name of a run: a hash of everything that decides its result.

    Those are parameters, the resolved config, manifest and label maps of the data set (the manifest carries the hashes
    of the pictures), and the code.
    """
    digest = hashlib.sha256()
    for text in (params.model_dump_json(), config.pretty_text, torch.__version__, str(torch.get_num_threads())):
        digest.update(text.encode() + b"\0")
    digest.update((data / MANIFEST).read_bytes() if (data / MANIFEST).is_file() else b"")
    for split in (Split.TRAIN, Split.VAL):
        for sample in split_samples(data, split):
            path = data / str(sample.label)
            digest.update(path.read_bytes() if path.is_file() else b"")
    root = Path(cubiseg.__file__).parent
    for name in _CODE:
        for path in sorted((root / name).rglob("*.py")) or [root / name]:
            digest.update(path.read_bytes())
    return f"{params.architecture}-{digest.hexdigest()[:16]}"
