"""Plain label maps: indexed PNG beside the pictures, with the list of their classes as JSON and as text."""

import json
import re
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath

from cubiseg import label_maps, taxonomy
from cubiseg.errors import CubisegError
from cubiseg.files import write_text
from cubiseg.labels.foreign import Foreign, Outgoing, Waiting, below, lies_inside
from cubiseg.labels.names import NAME_OF
from cubiseg.labels.shapes import Coded, Shape

CLASSES, TEXT = "classes.json", "classes.txt"
_NUMBERED = re.compile(r"(\d+)[\s:,;]+(\S.*)")


def label_path(picture: str) -> str:
    """Path of a picture's label map below ``labels/``."""
    return PurePosixPath(picture).with_suffix(".png").as_posix()


def write(folder: Path, labels: Iterable[Outgoing]) -> None:
    """Write ``labels/**/<picture>.png``, ``classes.json`` and ``classes.txt``."""
    for outgoing in labels:
        path = folder / "labels" / label_path(outgoing.picture)
        label_maps.write_label(path, outgoing.label)
    write_text(folder / CLASSES, json.dumps(_classes(), indent=2) + "\n")
    write_text(folder / TEXT, "".join(f"{number} {name}\n" for number, name in NAME_OF.items()))


def _classes() -> dict[str, object]:
    return {
        "taxonomy": taxonomy.VERSION,
        "ids": {name: number for number, name in NAME_OF.items()},
        "colours": {name: taxonomy.COLOURS[number].tolist() for number, name in NAME_OF.items()},
        "ignore_index": taxonomy.IGNORE_INDEX,
    }


def names_of(folder: Path) -> dict[int, str]:
    """What a folder's numbers are called: by its ``classes.json`` or ``classes.txt``, else as ours.

    JSON holds names by order (a list, alone or as ``classes``) or ids by name (``ids``); text a name a line, each with
    its number before it or none. 255 is ``ignore`` where nothing else is said.

    Raises:
        CubisegError: the list cannot be read.
    """
    path = next((p for name in (CLASSES, TEXT) if (p := folder / name).is_file()), None)
    if path is None:
        return NAME_OF
    try:
        text = path.read_text(encoding="utf-8-sig")
        told = _from_json(json.loads(text)) if path.suffix == ".json" else _from_text(text)
    except (OSError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise CubisegError(f"{path}: is no list of classes (docs/labels.md shows some); mend it") from error
    return {taxonomy.IGNORE_INDEX: NAME_OF[taxonomy.IGNORE_INDEX], **told}


def _from_json(told: object) -> dict[int, str]:
    if isinstance(told, dict):
        if isinstance(ids := told.get("ids"), dict):
            return {int(number): str(name) for name, number in ids.items()}
        if "taxonomy" in told:
            return NAME_OF
        told = told.get("classes")
    if not isinstance(told, list) or not told:
        raise ValueError("no list")
    return dict(enumerate(map(str, told)))


def _from_text(text: str) -> dict[int, str]:
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    numbered = [_NUMBERED.fullmatch(line) for line in lines]
    if all(numbered):
        return {int(m[1]): m[2].strip() for m in numbered if m}
    if any(numbered) or not lines:
        raise ValueError("numbers before some names only")
    return dict(enumerate(lines))


def read(source: Path) -> Iterator[Waiting]:
    """The label maps of a folder: those below its ``labels/``, or else all below itself.

    Raises:
        CubisegError: it is no folder, or holds none.
    """
    if not source.is_dir():
        raise CubisegError(f"{source}: is no folder; name the one with the label maps")
    top = below(source, "labels")
    inside = sorted(p for p in top.rglob("*") if p.suffix.lower() == ".png" and lies_inside(p, top))
    files = [p for p in inside if not any(part.startswith(".") for part in p.relative_to(top).parts)]
    if not files:
        raise CubisegError(f"{source}: holds no label map (PNG)")
    names = names_of(source)
    for path in files:
        yield Waiting(str(path), partial(_open, top, path, names))


def _open(top: Path, path: Path, names: dict[int, str]) -> Foreign:
    stored = label_maps.read_label(path)
    label_maps.refuse_mask(path, stored, ours=names is NAME_OF)

    def content(size: tuple[int, int]) -> list[Shape] | Coded:
        return Coded(stored, names)

    return Foreign(path.relative_to(top).with_suffix("").as_posix(), (stored.shape[0], stored.shape[1]), content)
