"""The face and all that is painted into it: shadows, blush, lid creases."""

import numpy as np
import skia

from cubiseg.portraits import colour as col
from cubiseg.portraits.character import Character
from cubiseg.portraits.ears import paint_ears
from cubiseg.portraits.eyes import Eye
from cubiseg.portraits.hair import HairArt
from cubiseg.portraits.head import Head
from cubiseg.portraits.marks import paint_blush, paint_marks, paint_tears
from cubiseg.portraits.paint import Board, blob, path, spline
from cubiseg.portraits.scene import Scene
from cubiseg.portraits.skin import skin_ink, skin_shade
from cubiseg.portraits.tables import xy

__all__ = ["paint_ears", "paint_face", "skin_ink", "skin_shade"]


def paint_face(board: Board, who: Character, head: Head, scene: Scene, hair: HairArt, eyes: list[Eye]) -> None:
    """The whole face, complete under eyes and fringe."""
    scale, style = head.scale, who.style
    outline = blob(head.project(head.contour()), 120)
    ink = skin_ink(who)
    board.outline(outline, who.skin, ink, style.line * scale)
    side = -1.0 if scene.light > 0 else 1.0
    if style.shading == "soft":
        _soft_form(board, who, head, side)
    if style.shading != "flat":
        _SHADES[who.manner.shade](board, who, head, side, outline)
    paint_marks(board, who, head)
    paint_blush(board, who, head, scene)
    _hair_shadow(board, who, head, hair, side)
    paint_tears(board, who, head, scene, ink)
    for eye in eyes:
        eye.paint_crease(board, ink, style.line * scale)
    board.stroke(outline, ink, style.line * scale * 0.7, atop=True)


def _soft_form(board: Board, who: Character, head: Head, side: float) -> None:
    """The round of sockets, cheeks and chin, as a soft brush gives it."""
    scale, shade, f = head.scale, skin_shade(who), who.face
    depth = 0.14 + 0.16 * who.maturity
    for s in (-1, 1):
        board.spot(head.on_face(np.array([[s * who.eyes.x, -0.3]]))[0], 0.45 * scale, shade, depth)
        board.spot(head.on_face(np.array([[s * 0.95, 0.55 * f.chin]]))[0], 0.5 * scale, shade, 0.8 * depth)
    board.spot(head.on_face(np.array([[0.0, f.chin * 1.02]]))[0], 0.35 * scale, shade, depth)
    lips = head.on_face(np.array([[0.0, (f.mouth + 0.14) * f.chin]]))[0]
    board.spot(lips, 0.13 * scale, shade, 0.5 * depth)
    warm = col.mix(who.skin, (1.0, 0.55, 0.45), 0.4)
    board.spot(head.on_face(np.array([[0.0, f.nose * f.chin]]), 0.12)[0], 0.22 * scale, warm, 0.5)


def _blur(who: Character, head: Head) -> float:
    return 0.05 * head.scale if who.style.shading == "soft" else 0.0


def _none(board: Board, who: Character, head: Head, side: float, outline: skia.Path) -> None:
    pass


def _edge(board: Board, who: Character, head: Head, side: float, outline: skia.Path) -> None:
    """A rim of shadow along jaw and chin, on the side away from the light."""
    inner = skia.Path(outline)
    shift = head.scale * (0.03 + 0.05 * who.rng("edge").random())
    inner.offset(float(-side * shift), float(-0.7 * shift))
    with board.clipped(inner, outside=True):
        low = head.project(np.array([[0, -0.1, 0.5]]))[0][1]
        with board.clipped(skia.Path.Rect(skia.Rect(0, low, board.size, board.size))):
            board.fill(outline, skin_shade(who), 0.85, atop=True)


def _side(board: Board, who: Character, head: Head, side: float, outline: skia.Path) -> None:
    """One side of the face in shadow."""
    f = who.face
    v = np.array([-0.6, 0.0, 0.35 * f.chin, f.jaw_height * f.chin, 0.85 * f.chin, f.chin * 1.05])
    u = side * np.array([1.0, 0.95, 0.92, f.jaw_width * 0.9, f.chin_width + 0.2, 0.1])
    inner = head.on_face(np.column_stack([u, v]))
    outer = head.on_face(np.column_stack([side * np.array([0.2, 1.4, 1.5]), [f.chin * 1.3, f.chin, -0.6]]))
    shape = path(np.concatenate([spline(inner, 24), outer]))
    board.fill(shape, skin_shade(who), 0.8, atop=True, blur=_blur(who, head))


def _plane(board: Board, who: Character, head: Head, side: float, outline: skia.Path) -> None:
    """The planes of a bony face: under the brow beside the nose, and the hollow of the cheek."""
    f, shade = who.face, skin_shade(who)
    e = who.eyes
    gap = e.x - 0.5 * e.width
    socket = np.array([(0.06, -0.3), (gap + 0.12, -0.5 * e.height - 0.1), (gap + 0.02, 0.0), (0.1, 0.25), (0.03, 0.05)])
    blur = 0.4 * _blur(who, head)
    board.fill(blob(head.on_face(socket * (side, 1), 0.05)), shade, 0.6, atop=True, blur=blur)
    xs = (1.02, 0.78, 0.5, 0.2, 0.6, 1.2)
    cheek = xy(xs, (0.12, 0.42 * f.chin, 0.78 * f.chin, 0.98 * f.chin, 1.1 * f.chin, 0.7 * f.chin))
    board.fill(blob(head.on_face(cheek * (side, 1))), shade, 0.7, atop=True, blur=_blur(who, head))


_SHADES = {"none": _none, "edge": _edge, "side": _side, "plane": _plane}


def _hair_shadow(board: Board, who: Character, head: Head, hair: HairArt, side: float) -> None:
    if who.style.shading == "flat" and who.style.contrast < 0.6:
        return
    drop = head.scale * (0.05 + 0.09 * who.style.contrast)
    soft = who.style.shading == "soft"
    with board.moved(0.35 * side * drop, drop):
        for shape in hair.shadow_shapes():
            board.fill(shape, skin_shade(who), 1.0, atop=True, blur=0.02 * head.scale if soft else 0.0)
