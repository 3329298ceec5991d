"""A labelled folder that is reviewed: its samples, pictures and label maps as they are on the disk now."""

import json
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from cubiseg import taxonomy
from cubiseg.errors import CubisegError
from cubiseg.label_maps import label_hash, read_exact_label
from cubiseg.sample_files import SampleFile, find, packed_below
from cubiseg.samples import Sample, Split, read_manifest


class DataSet:
    """A folder with a manifest.

    Args:
        folder: of the manifest and the label maps.
        pictures: of the pictures; the prepared folder, or the data set's own.
        split: the part of the data set that is reviewed, None for all.
        only: ids of the samples that are reviewed, in their order; None for all.
        left_out: ids that may be missing, since somebody rejected them.

    Raises:
        CubisegError: the manifest is missing or malformed, a picture is not there, or nothing is left to review.
    """

    def __init__(
        self,
        folder: Path,
        pictures: Path,
        split: Split | None = None,
        only: Sequence[str] | None = None,
        left_out: Collection[str] = (),
    ) -> None:
        self.folder, self.pictures = folder, pictures
        samples = {s.id: s for s in read_manifest(folder) if split is None or s.split is split}
        unknown = [name for name in only or () if name not in samples and name not in left_out]
        if unknown:
            raise CubisegError(f"{folder}: has no sample {unknown[0]}; correct the list of --only")
        wanted = samples if only is None else [name for name in only if name in samples]
        self.samples = [samples[name] for name in wanted]
        if not self.samples:
            raise CubisegError(f"{folder}: holds no sample to review; run `dvc repro clean`, or name another split")
        for sample in self.samples:
            if not self.picture(sample).is_file():
                raise CubisegError(f"{self.picture(sample)}: is not there; say where the pictures are with --prepared")
        self._known: dict[str, tuple[tuple[int, int, int], frozenset[str | None], str]] = {}

    def picture(self, sample: Sample) -> SampleFile:
        """Its picture's file.

        Raises:
            CubisegError: it lies outside the folder.
        """
        return _inside(self.pictures, sample.image)

    def label(self, sample: Sample) -> np.ndarray | None:
        """Its label map, (H, W) uint8, ids of classes and parts, and 255; None where it has none.

        Raises:
            CubisegError: it is missing, damaged, of another size, or outside the folder.
        """
        if sample.label is None:
            return None
        return read_exact_label(_inside(self.folder, sample.label), (sample.height, sample.width))

    def base(self, sample: Sample) -> str | None:
        """Hash of its label map as it is now, None where it has none.

        Raises:
            CubisegError: as :meth:`label`.
        """
        return None if sample.label is None else self._looked_at(sample)[2]

    def hashes(self, sample: Sample) -> frozenset[str | None]:
        """Hashes of its label map as it is now, at the level of parts and of classes; None where it has none.

        Raises:
            CubisegError: as :meth:`label`.
        """
        return frozenset({None}) if sample.label is None else self._looked_at(sample)[1]

    def is_gone(self, sample: Sample) -> bool:
        """Whether its label map was there when the review began and is no longer: cleaning leaves it out since."""
        return sample.label is not None and not _inside(self.folder, sample.label).is_file()

    def _looked_at(self, sample: Sample) -> tuple[tuple[int, int, int], frozenset[str | None], str]:
        file = _inside(self.folder, str(sample.label))
        try:
            stat = file.stat()
        except OSError:
            raise CubisegError(f"{file}: is gone; run the stage that makes it, and start the studio again") from None
        stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        known = self._known.get(sample.id)
        if known is None or known[0] != stamp:
            label = self.label(sample)
            assert label is not None  # noqa: S101 - it has a file
            whole = label_hash(label)
            known = stamp, frozenset({whole, label_hash(taxonomy.CLASS_OF[label])}), whole
            self._known[sample.id] = known
        return known


def _inside(folder: Path, path: str) -> SampleFile:
    whole = find(folder, path)
    if not whole.resolve().is_relative_to(folder.resolve()):
        raise CubisegError(f"{whole}: is a link that leads out of {folder}; put a copy in its place")
    return whole


def pictures_folder(folder: Path) -> Path:
    """Where the pictures of a folder's manifest are, if nobody says so.

    A data set brings its pictures; what cleaning writes names those of the folder ``prepared`` beside it.
    """
    return folder if (folder / "images").is_dir() or packed_below(folder, "images") else folder.parent / "prepared"


def read_only(path: Path) -> list[str]:
    """Ids of samples from a file: one a line, or JSON records with ``sample`` or ``id``, as a manifest has them.

    Raises:
        CubisegError: it cannot be read, or a line is neither.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CubisegError(f"{path}: cannot be read ({type(error).__name__}); give a list of sample ids") from error
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line) if line.lstrip().startswith("{") else {"id": line.strip()}
            found.append(str(record.get("sample") or record["id"]))
        except (ValueError, KeyError, RecursionError):
            raise CubisegError(f"{path}:{number}: names no sample; write ids one a line") from None
    return list(dict.fromkeys(found))
