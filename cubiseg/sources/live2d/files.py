"""Which files a model is made of: its settings in JSON, and what they name.

Settings are untrusted: files that they name must lie in the source's folder, and sizes are bounded.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cubiseg.errors import CubisegError
from cubiseg.imaging import read_picture

SETTINGS = (".model3.json", ".model.json")
"""Ends of the names of settings: of Cubism 3 to 5, and of Cubism 2."""
MAX_JSON, MAX_MODEL = 8 << 20, 128 << 20
"""Bytes of a JSON file and of a model at most."""
MAX_TEXTURES, MAX_EXPRESSIONS = 64, 200


def model_stem(file: str) -> str:
    """Path of a model's settings without what tells that they are some.

    >>> model_stem("a/Haru.model3.json")
    'a/Haru'
    """
    return next((file[: -len(end)] for end in SETTINGS if file.lower().endswith(end)), file)


@dataclass(frozen=True)
class FaceChange:
    """A face that a model's author made.

    Attributes:
        name: what it is called.
        changes: parameter, value, and how it counts: ``add``, ``mult`` or ``set``.
    """

    name: str
    changes: tuple[tuple[str, float, str], ...]


@dataclass(frozen=True)
class ModelFiles:
    """What the settings of a model name.

    Attributes:
        settings: the file of settings.
        version: 2, or 3 for Cubism 3 to 5.
        model: the ``.moc`` or ``.moc3``.
        textures: pictures of its textures.
        expressions: faces.
        poses: groups of parts of which one shows: ids, each with those that show with it.
        names: what parts and drawables are called, by id.
    """

    settings: Path
    version: int
    model: Path
    textures: tuple[Path, ...]
    expressions: tuple[FaceChange, ...]
    poses: tuple[tuple[tuple[str, tuple[str, ...]], ...], ...]
    names: dict[str, str]

    def content(self) -> bytes:
        """The model's bytes.

        Raises:
            CubisegError: it is not there, cannot be read, or is too large.
        """
        return _bytes(self.model, MAX_MODEL)

    def pictures(self) -> list[np.ndarray]:
        """The textures: (h, w, 4) uint8, straight alpha.

        Raises:
            CubisegError: one cannot be read.
        """
        return [read_picture(path, min_side=1).rgba() for path in self.textures]


def read_settings(path: Path, root: Path) -> ModelFiles:
    """Read the settings of a model, and the small files that they name.

    Args:
        path: ``*.model3.json`` or ``*.model.json``.
        root: the source's folder; every file must lie in it.

    Raises:
        CubisegError: something is missing, malformed, too large, or lies elsewhere.
    """
    told = _json(path)
    try:
        made = _cubism3(path, root, told) if path.name.lower().endswith(SETTINGS[0]) else _cubism2(path, root, told)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise CubisegError(
            f"{path}: is no model's settings ({type(error).__name__}: {error}); export it again"
        ) from error
    if not 0 < len(made.textures) <= MAX_TEXTURES:
        raise CubisegError(
            f"{path}: names {len(made.textures)} textures, 1 to {MAX_TEXTURES} are taken; export it again"
        )
    return made


def _cubism3(path: Path, root: Path, told: dict[str, Any]) -> ModelFiles:
    files = told["FileReferences"]
    expressions = files.get("Expressions", [])[:MAX_EXPRESSIONS]
    pose = _json(_within(path, root, files["Pose"])) if files.get("Pose") else {}
    names = _json(_within(path, root, files["DisplayInfo"])) if files.get("DisplayInfo") else {}
    kinds = {"Add": "add", "Multiply": "mult", "Overwrite": "set"}
    return ModelFiles(
        path,
        3,
        _within(path, root, files["Moc"]),
        tuple(_within(path, root, texture) for texture in files["Textures"]),
        tuple(
            FaceChange(
                str(e["Name"]),
                tuple(
                    (str(p["Id"]), float(p["Value"]), kinds.get(p.get("Blend", "Add"), "add"))
                    for p in _json(_within(path, root, e["File"])).get("Parameters", [])
                ),
            )
            for e in expressions
        ),
        tuple(
            tuple((str(part["Id"]), tuple(map(str, part.get("Link") or ()))) for part in group)
            for group in pose.get("Groups", [])
        ),
        {str(part["Id"]): str(part["Name"]) for part in names.get("Parts", []) if part.get("Name")},
    )


def _cubism2(path: Path, root: Path, told: dict[str, Any]) -> ModelFiles:
    pose = _json(_within(path, root, told["pose"])) if told.get("pose") else {}
    return ModelFiles(
        path,
        2,
        _within(path, root, told["model"]),
        tuple(_within(path, root, texture) for texture in told["textures"]),
        tuple(
            FaceChange(str(e["name"]), _changes2(_json(_within(path, root, e["file"]))))
            for e in told.get("expressions", [])[:MAX_EXPRESSIONS]
        ),
        tuple(
            tuple((str(part["id"]), tuple(map(str, part.get("link") or ()))) for part in group["group"])
            for group in pose.get("parts_visible", [])
        ),
        {},
    )


def _changes2(told: dict[str, Any]) -> tuple[tuple[str, float, str], ...]:
    """Changes of an expression of Cubism 2, whose values stand beside the default that they are counted from."""
    changes = []
    for p in told.get("params") or []:
        how, value = str(p.get("calc", "add")), float(p["val"])
        if how == "mult":
            value /= float(p.get("def", 1)) or 1.0
        elif how != "set":
            how, value = "add", value - float(p.get("def", 0))
        changes.append((str(p["id"]), value, how))
    return tuple(changes)


def _within(settings: Path, root: Path, name: str) -> Path:
    """A file that settings name, which must lie in the source's folder."""
    path = settings.parent / str(name)
    if "\0" in str(name) or not path.resolve().is_relative_to(root.resolve()):
        raise CubisegError(
            f"{settings}: names {str(name)[:80]!r}, which lies outside the folder; put it beside the model"
        )
    if not path.is_file():
        raise CubisegError(
            f"{settings}: names {str(name)[:80]!r}, which is not there; copy the model with all its files"
        )
    return path


def _json(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(_bytes(path, MAX_JSON).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise CubisegError(f"{path}: cannot be read as JSON; export it again") from error
    if not isinstance(told, dict):
        raise CubisegError(f"{path}: is no object in JSON; export it again")
    return told


def _bytes(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise CubisegError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    if len(content) > most:
        raise CubisegError(f"{path}: is over {most >> 20} MB; it is no file of a model")
    return content
