"""What a folder of layers holds that cubiseg did not write, and what was changed in it since.

A manifest says by SHA-256 what each file was like when it was written, itself included. All else is somebody's work.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cubiseg.errors import CubisegError
from cubiseg.layers.manifest import FILES, MANIFEST_FILE, PNG_FOLDER, sealed

MOST_BYTES = 2**24
"""A manifest is smaller than this."""
OF_SYSTEMS = {".DS_Store", "Thumbs.db", "desktop.ini"}
"""What file managers leave in folders; it is nobody's work."""


class Fault(NamedTuple):
    """Why a folder must not be replaced: what is the matter, and whether it is a result of cubiseg at all."""

    what: str
    is_ours: bool = True


def fault(folder: Path) -> Fault | None:
    """The first thing that would be lost if a folder were replaced; None where nothing would.

    Args:
        folder: the output folder of a picture; it may be missing.

    Raises:
        CubisegError: the folder cannot be read.
    """
    inside = _inside(folder)
    if not inside:
        return None
    manifest = _manifest(folder / MANIFEST_FILE)
    if manifest is None and MANIFEST_FILE in inside:
        return Fault(f"{folder / MANIFEST_FILE}: is no manifest of cubiseg, so all that lies beside it is kept", False)
    if manifest is None:
        return Fault(f"{folder / inside[0]}: lies where layers are to be written and is not from cubiseg", False)
    hashes = _hashes(manifest)
    for name in inside:
        if name not in hashes and name != MANIFEST_FILE:
            return Fault(f"{folder / name}: is not from cubiseg and is not deleted")
    if manifest["format"] == 1:
        return Fault(f"{folder}: was written by an older cubiseg without checksums, so changes in it cannot be told")
    for name in inside:
        path = folder / name
        if not _is_as_written(path, hashes[name] if name != MANIFEST_FILE else None):
            return Fault(f"{path}: was changed since cubiseg wrote it and is not replaced")
    return None


def keep_others(folder: Path, fresh: Path) -> None:
    """Carry what cubiseg did not write over into the folder that takes a result's place.

    Args:
        folder: former result; it may be missing.
        fresh: new result; its own files stay.

    Raises:
        OSError: something cannot be copied.
    """
    manifest = _manifest(folder / MANIFEST_FILE)
    if manifest is None:
        return
    ours = {*_hashes(manifest), MANIFEST_FILE, *FILES}
    for name in _inside(folder):
        source, target = folder / name, fresh / name
        if name in ours or os.path.lexists(target) or any((fresh / p).is_file() for p in Path(name).parents):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir() and not source.is_symlink():
            target.mkdir()
            continue
        try:
            os.link(source, target, follow_symlinks=False)
        except (OSError, NotImplementedError):  # not every file system has hard links, nor every system to links
            shutil.copy2(source, target, follow_symlinks=False)


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def _inside(folder: Path) -> list[str]:
    """Files and empty folders below a folder, sorted, as paths from it with slashes."""
    found = []
    try:
        if not folder.is_dir():
            return []
        for place, folders, files in os.walk(folder, onerror=_refuse):
            here = Path(place)
            links = [name for name in folders if (here / name).is_symlink()]
            names = [*files, *links] or ([""] if here != folder and not folders else [])
            found += [(here / name).relative_to(folder).as_posix() for name in names if name not in OF_SYSTEMS]
    except OSError as error:
        raise CubisegError(f"{folder}: cannot be read ({error.strerror}); check its permissions") from error
    return sorted(name for name in found if name != PNG_FOLDER or (folder / name).is_symlink())


def _refuse(error: OSError) -> None:
    raise error


def _manifest(path: Path) -> dict[str, Any] | None:
    """The manifest as it stands there; None where it is missing or not of our form."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > MOST_BYTES:
            return None
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(facts, dict) or not isinstance(facts.get("format"), int) or facts["format"] < 1:
        return None
    layers, hashes = facts.get("layers"), facts.get("files", {})
    known = isinstance(layers, list) and all(isinstance(layer, dict) for layer in layers) and "classes" in facts
    return facts if known and isinstance(hashes, dict) else None


def _hashes(manifest: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256 by file; "" for the files of a manifest of the first form, which knew none."""
    if manifest["format"] != 1:
        return {str(name): str(value) for name, value in manifest.get("files", {}).items()}
    return dict.fromkeys([*FILES, *(str(layer.get("file")) for layer in manifest["layers"])], "")


def _is_as_written(path: Path, wanted: str | None) -> bool:
    """Whether a file has this hash; the manifest (None) carries its own."""
    try:
        if path.is_symlink() or not path.is_file():
            return False
        if wanted is not None:
            return file_hash(path) == wanted
        text = path.read_bytes().decode("utf-8")
        return sealed({**json.loads(text), "seal": ""}) == text
    except (OSError, ValueError):
        return False
