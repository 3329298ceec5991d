"""Pictures with and without a drawn face: generated ones, and those that other packages ship.

Which picture is which is known by construction, or was seen by eye (``benchmarks/faces.yaml``).
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import yaml
from scipy.ndimage import distance_transform_edt

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.errors import CubisegError
from cubiseg.imaging import SUFFIXES, Picture, read_picture
from cubiseg.portraits import VERSION, Portrait, Shares, draw, restack
from cubiseg.portraits.backgrounds import BACKGROUNDS
from cubiseg.portraits.backgrounds.stage import Stage

SOURCES = Path(__file__).with_name("faces.yaml")
SIDE = 512
"""Side of the generated pictures, px."""
MOST = 1024
"""Larger pictures are scaled down to this longer side, px."""
SEED = 2121

_HEAD = np.isin(np.arange(taxonomy.NUM_CLASSES), [taxonomy.ID["hair"], *taxonomy.FACE_IDS])


@dataclass(frozen=True)
class Shown:
    """A picture of which it is known whether it shows a face.

    Attributes:
        name: unlike every other's.
        kind: what it is, for rows of a table.
        face: whether it shows one.
        fit: whether coefficients are fitted on it; else it is for tests.
        load: gives the picture.
    """

    name: str
    kind: str
    face: bool
    fit: bool
    load: Callable[[], Picture]


def all_pictures(packages: Path | None, real: Path | None) -> list[Shown]:
    """Everything there is, in a fixed order.

    Args:
        packages: folder of unpacked packages; None leaves them out.
        real: folder of drawings that nothing is fitted on; None leaves them out.

    Raises:
        CubisegError: a package that the list names is not there, or holds none of what the list names.
    """
    found = [*generated(), *of_scikit_image()]
    if packages is not None:
        listed = yaml.safe_load(SOURCES.read_text(encoding="utf-8"))
        for name, entry in listed.items():
            found += of_package(packages / name, entry)
    if real is not None:
        found += of_folder(real)
    return found


def recipe(packages: Path | None, real: Path | None) -> str:
    """Hash of what decides which pictures there are; another recipe, other pictures."""
    parts = [SOURCES.read_bytes(), Path(__file__).read_bytes(), str(VERSION).encode()]
    parts += [b"" if folder is None else str(folder.resolve()).encode() for folder in (packages, real)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


# Generated ------------------------------------------------------------------------------------------------------------


def _only(**kinds: str) -> Shares:
    from cubiseg.portraits.axes import Mix
    from cubiseg.portraits.catalogue import AXES

    mix = Mix()
    for axis, kind in kinds.items():
        mix = mix.only(AXES[axis.replace("_", " ")], kind)
    return mix.factors


_MASKS = ("surgical_mask", "sunglasses", "eye_patch", "visor_screen", "face_cloth", "domino")


def generated() -> Iterator[Shown]:
    """Pictures of the generator, all of them to fit on."""
    many: list[tuple[str, bool, int, Callable[[int, int], np.ndarray]]] = [
        ("figures", True, 60, figure),
        ("masks and glasses", True, 12, masked),
        ("line art", True, 12, line_art),
        ("chibi", True, 12, chibi),
        ("half faces", True, 12, half_face),
        ("heads from behind", False, 18, from_behind),
        ("bodies without heads", False, 18, headless),
        ("places and patterns", False, 36, backdrop),
    ]
    for place, (kind, face, count, paint) in enumerate(many):
        for index in range(count):
            paint_one = partial(_painted, paint, SEED, 1000 * place + index)
            yield Shown(f"generated/{kind}/{index:03d}", f"generated: {kind}", face, True, paint_one)


def _painted(paint: Callable[[int, int], np.ndarray], seed: int, index: int) -> Picture:
    return Picture(np.ascontiguousarray(paint(seed, index)))


def figure(seed: int, index: int) -> np.ndarray:
    """Any picture of the generator, (H, W, 3) uint8 as all of them."""
    return draw(seed, index, SIDE, 1).image


def masked(seed: int, index: int) -> np.ndarray:
    """A face behind a mask or glasses."""
    return draw(seed, index, SIDE, 1, _only(worn_face=_MASKS[index % len(_MASKS)])).image


def _portrait(seed: int, index: int) -> Portrait:
    return draw(seed, index, SIDE, 1, _only(crop="portrait", distractor="none", worn_face="none", hands="none"))


def _figure(seed: int, index: int) -> Portrait:
    return draw(seed, index, SIDE, 1, _only(crop="whole figure", distractor="none", placement="centre"))


def line_art(seed: int, index: int) -> np.ndarray:
    """The lines of a portrait alone, black on white."""
    grey = cv2.cvtColor(_portrait(seed, index).clean, cv2.COLOR_RGB2GRAY)
    lines = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7)))
    return np.repeat(255 - np.clip(3 * lines.astype(np.int32), 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def chibi(seed: int, index: int) -> np.ndarray:
    """A whole figure with its head twice as large."""
    portrait = _figure(seed, index)
    head = _HEAD[portrait.label]
    box = Box.around(np.isin(portrait.label, taxonomy.FACE_IDS))
    if box is None:
        return portrait.image
    head[int(box.bottom) :] = False
    around = Box.around(head)
    assert around is not None
    alpha = cv2.resize(head[around.window].astype(np.float32), None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
    large = cv2.resize(portrait.image[around.window], None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    room = large.shape[0]
    canvas = cv2.copyMakeBorder(portrait.image, room, 0, room, room, cv2.BORDER_REPLICATE)
    top, left = int(around.bottom) + room - large.shape[0], int(around.middle[0]) + room - large.shape[1] // 2
    place = slice(top, top + large.shape[0]), slice(left, left + large.shape[1])
    mixed = alpha[..., None] * large + (1 - alpha[..., None]) * canvas[place]
    canvas[place] = mixed.astype(np.uint8)
    seen = Box(room, top, room + SIDE, room + SIDE)
    whole = Box(min(seen.left, left), max(0, top - 10), max(seen.right, left + large.shape[1]), room + SIDE)
    return np.ascontiguousarray(canvas[whole.window])


def half_face(seed: int, index: int) -> np.ndarray:
    """A portrait cut through the middle of the face."""
    portrait = _portrait(seed, index)
    box = Box.around(np.isin(portrait.label, taxonomy.FACE_IDS))
    if box is None:
        return portrait.image
    middle = int(np.clip(box.middle[0], 96, portrait.label.shape[1] - 96))
    return portrait.image[:, :middle] if index % 2 else portrait.image[:, middle:]


def from_behind(seed: int, index: int) -> np.ndarray:
    """A head as from behind: no face, what it leaves free is hair."""
    portrait = _portrait(seed, index)
    gone = {"face", *taxonomy.SMALL_PARTS}
    seen = restack([layer for layer in portrait.layers if layer.name not in gone]).copy()
    hole = np.isin(portrait.label, taxonomy.FACE_IDS)
    hair = portrait.label == taxonomy.ID["hair"]
    if not hair.any():
        return seen
    # Each pixel of the face takes the colour of the nearest hair, in strands; its ink would make a mask of it.
    grey = cv2.cvtColor(portrait.clean, cv2.COLOR_RGB2GRAY)
    y, x = distance_transform_edt(
        ~(hair & (grey >= np.median(grey[hair]))), return_distances=False, return_indices=True
    )
    strands = cv2.blur(portrait.clean[y, x], (3, 15))
    seen[hole] = strands[hole]
    return seen


def headless(seed: int, index: int) -> np.ndarray:
    """A figure from below its head."""
    portrait = _figure(seed, index)
    rows = np.flatnonzero(np.isin(portrait.label, taxonomy.FACE_IDS).any(axis=1))
    first = min(int(rows[-1]) + 8, portrait.label.shape[0] - 128) if len(rows) else 0
    return portrait.image[first:]


def backdrop(seed: int, index: int) -> np.ndarray:
    """What figures stand before, without a figure."""
    names = sorted(BACKGROUNDS)
    paint, _, _ = BACKGROUNDS[names[(7 * index) % len(names)]]
    return np.asarray(paint(Stage(SIDE, np.random.default_rng((seed, index)))))[..., :3]


# Found ----------------------------------------------------------------------------------------------------------------

_PEOPLE = ("astronaut.png", "color.png")
"""Of scikit-image's files: a photograph of a person, and a palette."""


def of_scikit_image() -> Iterator[Shown]:
    """The photographs, scans and diagrams that scikit-image ships."""
    import skimage

    folder = Path(skimage.__file__).parent / "data"
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in SUFFIXES and path.name not in _PEOPLE:
            yield Shown(f"scikit-image/{path.name}", "scikit-image", False, False, partial(_read, path))


def of_package(folder: Path, entry: Mapping[str, Any]) -> Iterator[Shown]:
    """What the list names of a package.

    Raises:
        CubisegError: it is not there, or a pattern finds nothing.
    """
    if not folder.is_dir():
        raise CubisegError(f"{folder}: not there; `apt-get download {folder.name}` and `dpkg-deb -x` its file to it")
    paths = [p for p in sorted(folder.rglob("*")) if p.suffix.lower() in SUFFIXES and p.is_file()]
    without = [re.compile(pattern) for pattern in entry.get("without", ())]
    for face in (True, False):
        chosen = []
        for pattern in entry.get("face" if face else "none", ()):
            named = [p for p in paths if re.search(pattern, p.as_posix())]
            if not named:
                raise CubisegError(f"{folder}: no picture fits {pattern!r} of {SOURCES.name}; another version?")
            chosen += [p for p in named if not any(w.search(p.as_posix()) for w in without)]
        usable = _some(folder, chosen, None if face else entry.get("take"))
        for path in usable:
            kind = entry["kind"] if face else folder.name
            name = f"{folder.name}/{path.relative_to(folder).as_posix()}"
            yield Shown(name, f"drawn: {kind}" if face else kind, face, entry["use"] == "fit", partial(_read, path))


def _some(folder: Path, paths: Sequence[Path], count: int | None) -> list[Path]:
    """As many of them as wanted that can be read, in an order that their names alone decide."""

    def order(path: Path) -> str:
        return hashlib.sha256(path.relative_to(folder).as_posix().encode()).hexdigest()

    out: list[Path] = []
    for path in sorted(set(paths), key=order):
        if count is not None and len(out) == count:
            break
        try:
            read_picture(path)
        except CubisegError:
            continue  # icons under 64 px
        out.append(path)
    return sorted(out)


def of_folder(folder: Path) -> Iterator[Shown]:
    """Drawings of characters, in any depth: every `image.png`, and pictures in `illustrations/`."""
    paths = [*sorted(folder.rglob("image.png")), *sorted((folder / "illustrations").glob("*"))]
    for path in paths:
        if path.suffix.lower() in SUFFIXES:
            name = path.relative_to(folder).as_posix()
            yield Shown(f"real/{name}", "drawn: anime", True, False, partial(_read, path))


def _read(path: Path) -> Picture:
    picture = read_picture(path)
    scale = MOST / max(picture.size)
    if scale >= 1:
        return picture
    size = max(1, round(picture.size[1] * scale)), max(1, round(picture.size[0] * scale))
    planes = [
        None if plane is None else np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA))
        for plane in (picture.rgb, picture.alpha)
    ]
    assert planes[0] is not None
    return Picture(planes[0], planes[1])
