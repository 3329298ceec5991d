"""The data set as MMEngine sees it, and the endless stream of training samples."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.dataset import BaseDataset, Compose
from mmengine.registry import DATA_SAMPLERS
from mmseg.registry import DATASETS
from torch.utils.data import Sampler

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.sample_files import find
from cubiseg.samples import Sample, Split, read_manifest
from cubiseg.training.randomness import seeded


def split_samples(data: Path, split: Split) -> list[Sample]:
    """The labelled samples of one split, sorted by id.

    Raises:
        CubisegError: no manifest, or the split is empty.
    """
    samples = [s for s in read_manifest(data) if s.split == split and s.label is not None]
    if not samples:
        raise CubisegError(
            f"{data}: no labelled samples in the split {split.value!r}; rebuild it with `dvc repro split`"
        )
    return sorted(samples, key=lambda s: s.id)


@DATASETS.register_module()
class PictureDataset(BaseDataset):
    """Pictures and label maps of one split of a cubiseg data set.

    Args:
        data: folder with the manifest.
        split: ``train``, ``val`` or ``test``.
        pipeline: transforms.
        seed: None: item ``i`` is sample ``i``. A number: item ``i`` is draw ``i`` of an endless stream, epoch after
            epoch without replacement, and order and augmentation are a function of seed and draw.
        last_pipeline: transforms of the draws from ``last_from`` on, instead of ``pipeline``.
        last_from: number of a draw.
    """

    METAINFO = {"classes": taxonomy.NAMES, "palette": taxonomy.PALETTE}  # noqa: RUF012 (MMEngine's interface)

    def __init__(
        self,
        data: str,
        split: str,
        pipeline: list[dict],
        seed: int | None = None,
        last_pipeline: list[dict] | None = None,
        last_from: int = 0,
    ) -> None:
        self.data = Path(data)
        self.split = Split(split)
        self.seed = seed
        self.last_pipeline = None if last_pipeline is None else Compose(last_pipeline)
        self.last_from = last_from
        super().__init__(ann_file="", pipeline=pipeline, serialize_data=False)

    def load_data_list(self) -> list[dict[str, Any]]:
        """MMEngine's records: the files of picture and label, and the group."""
        return [
            {"img_path": find(self.data, s.image), "seg_map_path": find(self.data, str(s.label)), "group": s.group}
            for s in split_samples(self.data, self.split)
        ]

    def __getitem__(self, index: int) -> Any:
        if self.seed is None:
            return self.prepare_data(index)
        epoch, position = divmod(index, len(self))
        # Two streams of one seed: 0 orders an epoch, 1 augments a draw.
        order = np.random.default_rng([self.seed, 0, epoch]).permutation(len(self))
        with seeded(self.seed, 1, index):
            sample = self.get_data_info(int(order[position]))
            if self.last_pipeline is not None and index >= self.last_from:
                return self.last_pipeline(sample)
            return self.pipeline(sample)


@DATA_SAMPLERS.register_module()
class DrawSampler(Sampler[int]):
    """The numbers of the draws, endlessly; ``skip`` lets a resumed run go on where it was (MMEngine's contract).

    Of ``number`` processes each takes every ``number``-th draw, so that the draws of a step are those of one process
    whose batch is as large as theirs together.

    Args:
        rank: number of this process, from 0.
        number: number of processes.
    """

    def __init__(self, dataset: Any, rank: int = 0, number: int = 1, **_: object) -> None:
        self.start = 0
        self.rank = rank
        self.number = number

    def skip(self, samples: int) -> None:
        """Leave out the next ``samples`` draws of this process."""
        self.start += samples

    def __iter__(self) -> Iterator[int]:
        place = self.start
        while True:
            yield place * self.number + self.rank
            place += 1

    def __len__(self) -> int:
        return 2**62
