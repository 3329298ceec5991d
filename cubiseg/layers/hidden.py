"""Where a part is painted on beneath what covers it, so that parts can move and be scaled without opening a hole.

Far beneath from its main pieces, smoothly; and a few pixels beneath along each of its borders, crumbs included: a
sampler takes four pixels, and where two layers only met, their edges would let through what lies behind.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.completion.colours import continued, drawn_from
from cubiseg.layers.pieces import numbered

_OF_THE_FACE = np.isin(taxonomy.CLASS_OF[taxonomy.STACK], taxonomy.SMALL_PART_IDS)
"""(S + 1,) bool, by place in the stack: what lies wholly on the face."""
LYING_ON: dict[str, tuple[int, ...]] = {
    name: tuple(int(taxonomy.STACK_RANK[taxonomy.PART_ID[other]]) for other in others)
    for name, others in (
        ("face", ("eyewear", "facewear")),
        ("eye_right_white", ("eye_right_iris",)),
        ("eye_left_white", ("eye_left_iris",)),
    )
}
"""By part, places in the stack of what lies on it and may reach beyond it; what is worn on a face also beside it."""
WORN = 0.25
"""Share of what is seen around a mask that is face, above which it is worn on the face."""
_FULL = ("white", "iris", "mouth_inside")
"""Ends of names of parts on the face that are painted on as far as others: what frames them moves, and they show."""
SHORT = 0.3
"""Share of the usual reach for the others: a mean of iris, white and lashes looks worse than the face below."""
CRUMB = 0.02
"""Pieces below this share of a part's area are painted on only along their borders, and are no layers of their own."""
JOINT = 3
"""How far a part goes on beneath what borders it, in pixels."""
FINEST = 1024
"""Longer side, in pixels, at which distances are measured in larger windows, and up to which JOINT holds."""


@dataclass(frozen=True)
class Painting:
    """Where one layer is painted on, in a window.

    Attributes:
        far: (h, w) bool, beneath what covers the part's main pieces.
        near: (h, w) bool, along all of its opaque borders; always opaque.
    """

    far: np.ndarray
    near: np.ndarray


def reach_of(name: str, area: int, extension: float) -> int:
    """How far a part's main pieces are painted on, in pixels.

    Args:
        name: class or part, or a segment without a name.
        area: pixels of the part.
        extension: share of the square root of the area.
    """
    of_face = name in taxonomy.PART_ID and taxonomy.class_name(name) in taxonomy.SMALL_PARTS
    short = of_face and not name.endswith(_FULL)
    return int(np.ceil(extension * np.sqrt(area) * (SHORT if short else 1)))


def joint_of(size: tuple[int, int]) -> int:
    """How far a part goes on beneath what borders it in a picture of ``size`` (height, width), in pixels.

    >>> joint_of((512, 512)), joint_of((4096, 2048))
    (3, 6)
    """
    return round(JOINT * max(1.0, max(size) / FINEST) ** 0.5)


def painting(
    name: str,
    above: np.ndarray,
    veiled: np.ndarray | None,
    own: np.ndarray,
    whole: np.ndarray,
    firm: np.ndarray,
    reach: int | None,
    joint: int,
    told: np.ndarray | None = None,
) -> Painting:
    """Find where a layer is painted on.

    Not next to a pixel where something lower shows: when the covering layer is scaled, its edge would let a line of
    this one through.

    Args:
        name: class or part.
        above: (h, w) uint8, place of the layer that covers the pixel wholly, 0 where none does.
        veiled: (h, w) bool, where one covers it all but wholly; None for nowhere.
        own: (h, w) bool, pixels of the part.
        whole: (h, w) bool, pixels that show nothing lower than the part.
        firm: (h, w) bool, pixels where the part is opaque and the lowest that shows.
        reach: how far its main pieces are painted on, in pixels; None for everywhere.
        joint: how far all its borders are, in pixels.
        told: (h, w) bool, where a model says that the part is; None where there is none to ask: it is looked for within
            ``reach``.
    """
    covered = above > 0
    if reach is None:
        return Painting(covered, np.zeros_like(covered))
    closed = covered | whole if veiled is None else covered | whole | veiled
    covered &= cv2.erode(closed.view(np.uint8), np.ones((3, 3), np.uint8)).view(bool)
    if not covered.any():
        return Painting(covered, covered.copy())
    main = _main_pieces(own)
    far = covered & (_within(main, reach) if told is None else told)
    if told is None and name.endswith("_iris") and main.any():
        far &= _disc(main)
    if name in LYING_ON:
        on_it = np.isin(above, LYING_ON[name])
        if name == "face":
            of_it = _OF_THE_FACE[above]
            on_it = of_it | _worn_on(own | of_it, on_it)
        far |= covered & on_it
    return Painting(_joined(main, far), _along(firm, covered, joint))


def _disc(mask: np.ndarray) -> np.ndarray:
    """The smallest disc around a mask, (h, w) bool: an iris is round, whatever the lids and the fringe cover of it."""
    (x, y), radius = cv2.minEnclosingCircle(cv2.findNonZero(mask.view(np.uint8)))
    rows, columns = np.ogrid[: mask.shape[0], : mask.shape[1]]
    return np.asarray((columns - x) ** 2 + (rows - y) ** 2 <= (radius + 1) ** 2)


def _worn_on(face: np.ndarray, worn: np.ndarray) -> np.ndarray:
    """Pieces of what is worn on a face around which enough of it is seen: not a mask that is pushed aside.

    Args:
        face: (h, w) bool, the face and what lies on it.
        worn: (h, w) bool, glasses and masks.
    """
    if not worn.any():
        return worn
    count, pieces = cv2.connectedComponents(worn.view(np.uint8), connectivity=8)
    around = cv2.dilate(pieces.astype(np.float32), np.ones((3, 3), np.uint8)).astype(np.int32) * ~worn
    rim = np.bincount(around.ravel(), minlength=count)
    return worn & (np.bincount(around[face], minlength=count) > WORN * rim)[pieces]


def _along(firm: np.ndarray, covered: np.ndarray, joint: int) -> np.ndarray:
    """Covered pixels that are reached from a mask by so many steps over covered ones; so none of them is an island."""
    room = (covered | firm).view(np.uint8)
    grown = firm.view(np.uint8)
    for _ in range(joint):
        grown = cv2.dilate(grown, np.ones((3, 3), np.uint8)) & room
    return grown.view(bool) & covered


def _within(mask: np.ndarray, reach: int) -> np.ndarray:
    """Pixels at most ``reach`` pixels from a mask; in large windows to within a few pixels."""
    step = -(-max(mask.shape) // FINEST)
    small = np.ascontiguousarray(mask[::step, ::step])
    if step == 1 or not small.any():
        step, small = 1, mask
    away = cv2.distanceTransform((~small).astype(np.uint8), cv2.DIST_L2, 5)
    near = (away * step <= reach).astype(np.uint8)
    return cv2.resize(near, mask.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0 if step > 1 else near > 0


def _main_pieces(own: np.ndarray) -> np.ndarray:
    """A part without its crumbs: specks of wrong label along an edge are no reason to paint beneath what is there."""
    box = Box.around(own)
    if box is None:
        return own
    numbers, areas = numbered(own[box.window])
    areas[0] = 0
    crumbs = areas < CRUMB * areas.sum()
    crumbs[0] = False
    if not crumbs.any():
        return own
    main = own.copy()
    main[box.window] &= ~crumbs[numbers]
    return main


def _joined(own: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """The part of ``hidden`` that is connected with ``own``: no islands beneath a far strand of hair."""
    if not hidden.any():
        return hidden
    _, components = cv2.connectedComponents((own | hidden).view(np.uint8), connectivity=4)
    touched = np.zeros(int(components.max()) + 1, bool)
    touched[components[own]] = True
    return hidden & touched[components]


def paint(
    name: str, colour: np.ndarray, alpha: np.ndarray, own: np.ndarray, far: np.ndarray, opaque: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Continue a part smoothly to pixels beneath others: as opaque as the part itself is.

    Args:
        name: class or part, or a segment without a name.
        colour: (h, w, 3) uint8, colours of the part; may be changed in place, as may alpha.
        alpha: (h, w) uint8, alpha of the part.
        own: (h, w) bool, pixels of the part; at least one.
        far: (h, w) bool, pixels to paint.
        opaque: (h, w) bool, where the picture is opaque.

    Returns:
        The new colours and alpha.
    """
    solid = own & (alpha == 255)
    sources = drawn_from(name, solid if solid.any() else own, colour)
    if not (own & ~opaque).any():
        _put(colour, continued(name, colour, sources), far)
        return colour, cv2.bitwise_or(alpha, far.view(np.uint8) * np.uint8(255), dst=alpha)
    soft = _soft_sources(own, alpha, opaque)
    both = np.dstack([colour, alpha])
    _put(both, continued(name, both, drawn_from(name, soft, colour) if soft.any() else sources), far)
    return np.ascontiguousarray(both[..., :3]), np.ascontiguousarray(both[..., 3])


def _put(values: np.ndarray, painted: np.ndarray, where: np.ndarray) -> None:
    """Write painted values, 0..255, rounded, in place."""
    cv2.copyTo(cv2.convertScaleAbs(painted), where.view(np.uint8), values)


def _soft_sources(own: np.ndarray, alpha: np.ndarray, opaque: np.ndarray) -> np.ndarray:
    """Where a part that is not opaque throughout, such as a soft shadow, tells its colours and alpha: (h, w) bool.

    What is not opaque beside something opaque may be its smoothed edge and says nothing about the part; nor does a thin
    fringe of opaque pixels along what covers it.

    Args:
        own: (h, w) bool, pixels of the part.
        alpha: (h, w) uint8, alpha of the part.
        opaque: (h, w) bool, where the picture is opaque.
    """
    window = np.ones((7, 7), np.uint8)
    near = cv2.dilate(opaque.view(np.uint8), window).view(bool)
    thick = cv2.morphologyEx((own & (alpha == 255)).view(np.uint8), cv2.MORPH_OPEN, window).view(bool)
    return own & (thick | ~near)
