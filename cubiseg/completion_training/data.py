"""Crops of parts with what they have beneath others, cut out of generated pictures once and packed.

A picture's crops lie in a file of their own, so that drawing that was stopped goes on; an index is written last.
"""

import hashlib
import json
import logging
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from cubiseg import portraits, taxonomy
from cubiseg.boxes import Box
from cubiseg.completion.crops import Crop, piece, planes
from cubiseg.completion.truth import CompletePart, beneath, of_portrait
from cubiseg.completion_training.params import DrawParams
from cubiseg.errors import CubisegError
from cubiseg.files import atomic_write, write_text
from cubiseg.workers import run_all

RGB, LABEL, VISIBLE, MAY_HIDE, TRUTH, ALPHA = slice(0, 3), 3, 4, 5, slice(6, 9), 9
"""Planes of a crop, (10, size, size) uint8: what the network sees, then the part's true colours and alpha."""
PLANES = 10
VERSION = 1
"""Of how crops are cut; one more when it changes, so that old ones are not taken for new ones."""
INDEX = "index.json"
_LEAST_HIDDEN = 12
"""Pixels of a picture from which on a part counts as hidden."""
_JITTER = 0.15
"""How much, as a share of its longer side, each side of a crop's box is moved."""
_WHEN = (1980, 1, 1, 0, 0, 0)  # a zip entry needs a time; the bytes must not depend on it

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Crops:
    """Packed crops.

    Attributes:
        folder: where they lie.
        names: for each crop the part, in the order of ``places``.
        places: for each crop its picture and its number there.
    """

    folder: Path
    names: tuple[str, ...]
    places: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return len(self.places)

    def load(self, number: int) -> np.ndarray:
        """One crop: (10, size, size) uint8; see :data:`RGB` and what follows.

        Raises:
            CubisegError: its file is gone or damaged.
        """
        picture, which = self.places[number]
        path = self.folder / _file(picture)
        try:
            with zipfile.ZipFile(path) as archive, archive.open(f"{which}.npy") as member:
                return np.lib.format.read_array(member, allow_pickle=False)
        except (OSError, EOFError, KeyError, ValueError, zlib.error, zipfile.BadZipFile) as error:
            raise CubisegError(f"{path}: cannot be read; remove that folder and draw the crops again") from error


def _file(picture: int) -> str:
    return f"{picture:06d}.npz"


def folder_of(params: DrawParams, work: Path) -> Path:
    """Where the crops of these parameters lie."""
    decides = f"{VERSION} {portraits.VERSION} {taxonomy.VERSION} {params.model_dump_json()}"
    return work / f"crops-{hashlib.sha256(decides.encode()).hexdigest()[:12]}"


def draw_all(params: DrawParams, work: Path) -> Path:
    """Draw all crops on all cores; the bytes do not depend on how many there are. Returns their folder.

    Raises:
        CubisegError: the disk is full, or the folder cannot be written.
    """
    folder = folder_of(params, work)
    count = params.pictures + params.validation
    found = run_all(partial(_draw_one, params, folder), range(count), "drawing pictures")
    index = [[picture, names] for picture, names in enumerate(found)]
    write_text(folder / INDEX, json.dumps(index) + "\n")
    return folder


def open_crops(params: DrawParams, work: Path) -> tuple[Crops, Crops]:
    """The crops to train on, and those to measure on.

    Raises:
        CubisegError: they have not been drawn, or not all.
    """
    folder = folder_of(params, work)
    try:
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise CubisegError(f"{folder}: has no crops; `python -m cubiseg.completion_training draw` draws them") from None
    train = [entry for entry in index if entry[0] < params.pictures]
    return _crops(folder, train), _crops(folder, index[len(train) :])


def _crops(folder: Path, index: Sequence[tuple[int, Sequence[str]]]) -> Crops:
    pairs = [(name, (picture, which)) for picture, names in index for which, name in enumerate(names)]
    return Crops(folder, tuple(name for name, _ in pairs), tuple(place for _, place in pairs))


def _draw_one(params: DrawParams, folder: Path, picture: int) -> list[str]:
    """Draw a picture and pack its crops, unless that was done; names of their parts."""
    path = folder / _file(picture)
    if path.is_file():
        with zipfile.ZipFile(path) as archive:
            return list(json.loads(archive.read("names.json")))
    names, crops = crops_of(params, picture)
    with atomic_write(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(zipfile.ZipInfo("names.json", _WHEN), json.dumps(names))
        for number, crop in enumerate(crops):
            entry = zipfile.ZipInfo(f"{number}.npy", _WHEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w") as member:
                np.lib.format.write_array(member, crop, allow_pickle=False)
    return names


def crops_of(params: DrawParams, picture: int) -> tuple[list[str], list[np.ndarray]]:
    """Draw one picture and cut parts out of it: their names, and crops (10, size, size) uint8."""
    rng = np.random.default_rng((params.seed, picture))
    side = params.sides[int(rng.integers(len(params.sides)))]
    truth = of_portrait(portraits.draw(params.seed, picture, side, 1, alone=True), str(picture))
    parts: Iterable[CompletePart | None] = truth.parts.values()
    label = truth.label
    if rng.random() < params.classes:
        label = taxonomy.CLASS_OF[label]
        parts = [truth.part(name, *taxonomy.PARTS_OF[name]) for name in taxonomy.NAMES if name != "background"]
    wanted: list[CompletePart] = []
    others: list[CompletePart] = []
    for part in parts:
        if part is not None and np.count_nonzero(label == taxonomy.PART_ID[part.name]) >= params.least:
            hidden = part.hidden & beneath(part.name, label[part.box.window])
            (wanted if np.count_nonzero(hidden) >= _LEAST_HIDDEN else others).append(part)
    some = [wanted[i] for i in rng.permutation(len(wanted))] + [one for one in others if rng.random() < params.whole]
    some = some[: params.crops]
    return [part.name for part in some], [_crop(truth.rgb, label, part, params.size, rng) for part in some]


def _crop(rgb: np.ndarray, label: np.ndarray, part: CompletePart, size: int, rng: np.random.Generator) -> np.ndarray:
    """One part cut out, in a box a little off the one that use would choose: (10, size, size) uint8."""
    visible, may_hide = label == taxonomy.PART_ID[part.name], beneath(part.name, label)
    if part.name.endswith("_iris") and rng.random() < 0.5:
        # Layers are flat: in a PSD an iris cannot lie behind lids that are of the face, so it is not asked for there.
        may_hide &= label != taxonomy.ID["face"]
    chosen = piece(part.name, visible, may_hide)
    shift = rng.uniform(-0.3 * _JITTER, _JITTER, 4) * chosen.longest * (-1, -1, 1, 1)
    moved = Box(*(int(side) for side in np.array(chosen) + shift)).grown(0, visible.shape)
    crop = Crop.of(Box(*(int(side) for side in moved.union(Box.around(visible)))), size)
    looked = planes(rgb, label, visible, may_hide, crop)
    canvas = np.zeros((*visible.shape, 4), np.uint8)
    canvas[part.box.window] = part.rgba
    whole = canvas[crop.box.window].astype(np.float32)
    whole[..., :3] *= whole[..., 3:] / 255
    small = crop.squared(whole)
    out = np.zeros((PLANES, size, size), np.uint8)
    out[RGB], out[LABEL] = looked.rgb.transpose(2, 0, 1), looked.label
    out[VISIBLE], out[MAY_HIDE] = looked.visible, looked.may_hide
    straight = small[..., :3] * (255 / np.maximum(small[..., 3:], 1e-3))
    out[TRUTH] = np.rint(np.clip(straight, 0, 255)).astype(np.uint8).transpose(2, 0, 1)
    out[ALPHA] = np.rint(small[..., 3]).astype(np.uint8)
    return out
