"""From the arguments of a command to pictures with the names of their outputs."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from cubiseg.cli.console import complain, warn
from cubiseg.errors import CubisegError, of_picture, system_fault

MOST_NAMED = 5
"""So many files of a folder that are passed over are named; of the others the number is told."""

_FACTS = {"classes", "width", "height", "backend", "architecture", "confidence", "warnings"}
"""What the JSON beside a label map of ``cubiseg predict`` says."""


def find(images: Sequence[Path]) -> tuple[dict[Path, str], int]:
    """Pictures with their output names, and the number of arguments and files that are none (each complained of).

    Label maps of former runs are not fed back: they are passed over with a warning, and so is what a folder holds
    besides pictures.
    """
    from cubiseg.file_kinds import hint
    from cubiseg.imaging import distinct_stems, find_images

    found: list[Path] = []
    failed = 0
    for path in images:
        try:
            inside = find_images([path])
            label_maps = [p for p in inside if is_former_result(p)]
            if path.is_dir():
                _tell(path, "not PNG, JPEG or WebP by their names", _others(path))
            _tell(path, "label maps that cubiseg predict wrote", [p.name for p in label_maps])
            if len(label_maps) == len(inside):
                raise CubisegError(f"{path}: only label maps of former runs; name the pictures")
        except (CubisegError, OSError) as error:
            complain(system_fault(path, error) if isinstance(error, OSError) else error)
            failed += 1
            continue
        for picture in inside:
            if picture in label_maps:
                continue
            if what := hint(picture):
                complain(CubisegError(f"{picture}: {what}"))
                failed += 1
            else:
                found.append(picture)
    return distinct_stems(found), failed


def check_out(out: Path) -> None:
    """Stop before any work where the output folder cannot be: a part of its path is too long, or may not be searched.

    Raises:
        CubisegError: it cannot.
    """
    try:
        for part in out.parts:
            if len(part.encode("utf-8", "surrogateescape")) > 255:
                raise CubisegError(f"{out}: has a part of over 255 bytes; choose a shorter name")
        out.exists()
    except OSError as error:
        raise system_fault(out, error) from error


def is_former_result(label_file: Path) -> bool:
    """Whether a file is a label map that ``cubiseg predict`` wrote: its facts lie in a JSON beside it."""
    from cubiseg.imaging import opened

    if label_file.suffix.lower() != ".png":
        return False
    facts = read_facts(label_file.with_suffix(".json"))
    if facts is None:
        return False
    try:
        with opened(label_file) as (image, _):
            return image.size == (facts["width"], facts["height"])
    except CubisegError:
        return False


def check_targets(label_file: Path, facts_file: Path, overwrite: bool) -> None:
    """Stop where results would replace what somebody else made, or changed since it was written.

    What a former run wrote is known by the hash of the label map in its facts.

    Raises:
        CubisegError: they would, and ``overwrite`` does not allow it.
    """
    if overwrite:
        return
    remedy = "choose another -o folder, or --overwrite replaces it"
    facts = read_facts(facts_file)
    if facts_file.exists() and facts is None:
        raise CubisegError(f"{facts_file}: is no former result and is not replaced; {remedy}")
    if not label_file.exists():
        return
    if facts is None or not is_former_result(label_file):
        raise CubisegError(f"{label_file}: is no former result and is not replaced; {remedy}")
    if facts.get("label_sha256") != hashlib.sha256(label_file.read_bytes()).hexdigest():
        raise CubisegError(f"{label_file}: was changed since it was written and is not replaced; {remedy}")


def read_facts(facts_file: Path) -> dict[str, object] | None:
    """The facts that ``cubiseg predict`` wrote; None where the file is missing or somebody else's."""
    try:
        if not facts_file.is_file() or facts_file.stat().st_size > 2**20:
            return None
        facts = json.loads(facts_file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return facts if isinstance(facts, dict) and facts.keys() >= _FACTS else None


def _others(folder: Path) -> list[str]:
    """What a folder holds besides pictures, hidden files and what cubiseg itself wrote."""
    from cubiseg.imaging import SUFFIXES

    names = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or (path.suffix.lower() in SUFFIXES and path.is_file()):
            continue
        if path.is_dir() and (path / "manifest.json").is_file():
            continue
        if path.suffix == ".json" and is_former_result(path.with_suffix(".png")):
            continue
        names.append(f"{path.name}/ (a folder in it)" if path.is_dir() else path.name)
    return names


def _tell(where: Path, why: str, names: Sequence[str]) -> None:
    """Warn of files that are passed over: the first by name, then how many more."""
    if names:
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        warn(f"{where}: {len(names)} passed over, {why}: {', '.join(names[:MOST_NAMED])}{more}")


def named(path: Path, error: Exception) -> Exception:
    """Name the picture in an error that is not ours to explain, and keep its traceback for -v."""
    told = of_picture(path, error) or RuntimeError(f"{path}: {type(error).__name__}: {error}")
    if told is not error:
        told.__cause__ = error
    return told
