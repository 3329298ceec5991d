"""Which part each drawable of a model is of: by name, by the user's table, by place and, for lids, by colour.

It is told once, in the model's neutral pose, and holds in every other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.psd_files.meaning import Meaning, NameKind, sided
from cubiseg.sources.live2d.drawing import DrawnMesh, Window
from cubiseg.sources.live2d.rig import Blending, Drawable
from cubiseg.sources.part_table import PartTable
from cubiseg.sources.sides import PlacedLayer, are_swapped, middle_of, told, whole_number
from cubiseg.sources.stack import UNKNOWN, Blend, SeenAs, Stack

DIALECT = "live2d"
"""Arms and bodies of models are parts that hold skin and cloth."""
LID = 3.0
"""CIE76 distance in Lab, of medians, under which a drawable of an eye or mouth is a patch of skin: a lid, a jaw."""
LINE = 14.0
"""The same, from which a pixel of such a patch is a line on it: of the lashes, of the lips."""
_IN_THE_FACE = ("eye", "eye_white", "eye_lashes", "mouth", "lips", "mouth_inside", "nose")
_OPAQUE = 128


@dataclass(frozen=True)
class MeshRole:
    """What a drawable is.

    Attributes:
        number: id of its class or part, ``UNKNOWN``, or None for light and shade that belong to what lies beneath.
        points: (n,) bool, of which of its points the triangles begin there; None for all.
        skin: (3,) the face's colour in Lab, where the drawable is a patch of skin with a line on it; else None.
    """

    number: int | None
    points: np.ndarray | None = None
    skin: np.ndarray | None = None


@dataclass(frozen=True)
class Roles:
    """What the drawables of a model are.

    Attributes:
        by_id: roles of a drawable by its path; one that is left out has none.
        open: paths that nobody told, of drawables that may show.
        swapped: whether the names' left is the viewer's.
    """

    by_id: Mapping[tuple[str, ...], tuple[MeshRole, ...]]
    open: tuple[tuple[str, ...], ...]
    swapped: bool


def assign(drawables: Sequence[Drawable], drawn: Sequence[DrawnMesh], window: Window, table: PartTable) -> Roles:
    """Tell what the drawables of a model are.

    Args:
        drawables: all of them, in the neutral pose.
        drawn: those that are seen then.
        window: what they were drawn in.
        table: what the user says.
    """
    meanings = [table.meaning(drawable.path, DIALECT) for drawable in drawables]
    placed = [PlacedLayer(meanings[d.number], d.box, d.rgba[..., 3]) for d in drawn]
    swapped, middle = are_swapped(placed), middle_of(placed)
    if middle is not None:
        middle = window.box.left + middle * window.box.width / window.size[1]
    skin = _skin(drawn, meanings)
    patches = {d.number for d in drawn if meanings[d.number].base in _IN_THE_FACE and _is_patch(d, skin)}
    by_id: dict[tuple[str, ...], tuple[MeshRole, ...]] = {}
    unknown = []
    for number, (drawable, meaning) in enumerate(zip(drawables, meanings, strict=True)):
        if meaning.kind is NameKind.NOT_DRAWN:
            continue
        own = table.says(drawable.path)
        roles = _roles(drawable, told(meaning, swapped), middle)
        if number in patches and not own:
            roles = tuple(replace(role, skin=skin) for role in roles)
        by_id[drawable.path] = roles
        if any(role.number == UNKNOWN for role in roles) and not own:
            unknown.append(drawable.path)
    return Roles(by_id, tuple(unknown), swapped)


def _roles(drawable: Drawable, meaning: Meaning, middle: float | None) -> tuple[MeshRole, ...]:
    if meaning.kind is NameKind.BENEATH:
        return (MeshRole(None),)
    if meaning.kind is not NameKind.PART:
        return (MeshRole(UNKNOWN),)
    number = whole_number(meaning)
    if number is not None:
        return (MeshRole(number),)
    if middle is None:
        return (MeshRole(UNKNOWN),)
    left = drawable.points[:, 0] > middle
    wanted = ((side, left == (side == "left")) for side in ("left", "right"))
    return tuple(MeshRole(taxonomy.PART_ID[str(sided(meaning.base, side))], at) for side, at in wanted if at.any())


def _skin(drawn: Sequence[DrawnMesh], meanings: Sequence[Meaning]) -> np.ndarray | None:
    """Colour of the face: that of its largest drawable, in Lab."""
    faces = [d for d in drawn if meanings[d.number].kind is NameKind.PART and meanings[d.number].base == "face"]
    return tone(max(faces, key=lambda d: np.count_nonzero(d.rgba[..., 3])).rgba) if faces else None


def _is_patch(d: DrawnMesh, skin: np.ndarray | None) -> bool:
    own = tone(d.rgba)
    return own is not None and skin is not None and float(np.linalg.norm(own - skin)) < LID


def tone(rgba: np.ndarray) -> np.ndarray | None:
    """Median colour of what is opaque, in Lab (L 0..100); None where nothing is."""
    some = rgba[..., :3][rgba[..., 3] >= _OPAQUE]
    if not len(some):
        return None
    return np.asarray(np.median(_lab(some[None])[0], axis=0))


def _lab(rgb: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.cvtColor((rgb / np.float32(255)).astype(np.float32), cv2.COLOR_RGB2LAB))


@dataclass(frozen=True)
class RigCast:
    """A posed model whose drawables are each of one part.

    Attributes:
        drawables: those of the model, then pieces of those that are of two sides.
        order: numbers of what shows, bottom to top.
        roles: of each that shows.
    """

    drawables: list[Drawable]
    order: list[int]
    roles: dict[int, MeshRole]


def cast(drawables: Sequence[Drawable], order: Sequence[int], roles: Roles) -> RigCast:
    """Give the drawables of a pose their roles; those that are left out do not show."""
    everything, shown = list(drawables), []
    played: dict[int, MeshRole] = {}
    for number in order:
        drawable = drawables[number]
        for role in roles.by_id.get(drawable.path, ()):
            place = number
            if role.points is not None:
                place = len(everything)
                own = role.points[drawable.triangles[:, 0]]
                everything.append(replace(drawable, triangles=drawable.triangles[own]))
            shown.append(place)
            played[place] = role
    return RigCast(everything, shown, played)


def stacked(cast_: RigCast, drawn: Sequence[DrawnMesh], size: tuple[int, int]) -> Stack:
    """What was drawn of a cast, as complete layers of parts."""
    stack = Stack(size)
    for d in drawn:
        role, light = cast_.roles[d.number], _LIGHT[cast_.drawables[d.number].blending]
        if role.skin is None:
            stack.lay(role.number, d.box, d.rgba, *light)
            continue
        line = np.linalg.norm(_lab(d.rgba[..., :3]) - role.skin, axis=2) >= LINE
        stack.lay(taxonomy.ID["face"], d.box, d.rgba * ~line[..., None], *light)
        stack.lay(role.number, d.box, d.rgba * line[..., None], *light)
    return stack


def _add(below: np.ndarray, above: np.ndarray) -> np.ndarray:
    return np.minimum(below + above, 1)


_LIGHT: dict[Blending, tuple[SeenAs, Blend | None]] = {
    Blending.NORMAL: (SeenAs.PLAIN, None),
    Blending.ADD: (SeenAs.LIGHTER, _add),
    Blending.MULTIPLY: (SeenAs.DARKER, np.multiply),
}
