"""The face, the ears and all that is painted into the face: shadows, blush, lid creases."""

import numpy as np

from cubiseg.sources.synthetic import colour as col
from cubiseg.sources.synthetic.character import Character
from cubiseg.sources.synthetic.eyes import Eye
from cubiseg.sources.synthetic.hair import HairArt
from cubiseg.sources.synthetic.head import Head
from cubiseg.sources.synthetic.paint import Board, blob, path, spline
from cubiseg.sources.synthetic.scene import Scene


def skin_shade(who: Character) -> col.Colour:
    """The shadow on this character's skin: warmer, redder."""
    return col.shade(who.skin, 0.22 + 0.4 * who.style.contrast, towards=0.97)


def skin_ink(who: Character) -> col.Colour:
    """The line colour of skin."""
    return col.ink(col.mix(who.skin, (0.55, 0.2, 0.15), 0.35), who.style.ink)


def paint_ears(board: Board, who: Character, head: Head) -> None:
    """Both ears; the face, painted later, covers what it hides."""
    f, ink, line = who.face, skin_ink(who), who.style.line * head.scale
    for side in (-1, 1):
        h = 0.33 * f.ear
        shape = np.array([(0.9, -0.12), (1.08, -h * 0.75), (1.19 + 0.1 * f.elf, -h * 0.7 - 0.15 * f.elf),
                          (1.18 + 0.75 * f.elf, 0.02 - 0.55 * f.elf), (1.14, 0.26 + 0.15 * h), (1.0, 0.48),
                          (0.9, 0.4)])  # fmt: skip
        z = np.full((len(shape), 1), -0.08)
        outer = blob(head.project(np.hstack([shape * (side, 1), z])))
        board.outline(outer, who.skin, ink, line)
        inner = np.array([(1.0, -0.05, -0.05), (1.1, -h * 0.45, -0.05), (1.12, 0.05, -0.05), (1.05, 0.24, -0.05)])
        curve = spline(head.project(inner * (side, 1, 1)), 16)
        board.fill(path(curve), skin_shade(who), 0.6, atop=True)
        board.ink(curve, ink, line * 0.8, 0.8, atop=True)


def paint_face(board: Board, who: Character, head: Head, scene: Scene, hair: HairArt, eyes: list[Eye]) -> None:
    """The whole face, complete under eyes and fringe."""
    scale, style = head.scale, who.style
    outline = blob(head.project(head.contour()), 96)
    shade, ink = skin_shade(who), skin_ink(who)
    board.outline(outline, who.skin, ink, style.line * scale)
    side = -1.0 if scene.light > 0 else 1.0
    if style.shading != "flat":
        _side_shadow(board, who, head, side)
    _blush(board, who, head, scene)
    if style.shading == "soft":
        for s in (-1, 1):
            board.spot(head.on_face(np.array([[s * who.eyes.x, -0.28]]))[0], 0.5 * scale, shade, 0.22)
        board.spot(head.on_face(np.array([[0.0, who.face.chin * 1.02]]))[0], 0.4 * scale, shade, 0.25)
    _hair_shadow(board, who, head, hair, side)
    for eye in eyes:
        eye.paint_crease(board, ink, style.line * scale)
    board.stroke(outline, ink, style.line * scale * 0.7, atop=True)


def _side_shadow(board: Board, who: Character, head: Head, side: float) -> None:
    f = who.face
    v = np.array([-0.6, 0.0, 0.35 * f.chin, f.jaw_height * f.chin, 0.85 * f.chin, f.chin * 1.05])
    u = side * np.array([1.0, 0.93, 0.9, f.jaw_width * 0.86, f.chin_width + 0.22, 0.12])
    inner = head.on_face(np.column_stack([u, v]))
    outer = head.on_face(np.column_stack([side * np.array([0.2, 1.4, 1.5]), [f.chin * 1.3, f.chin, -0.6]]))
    blur = 0.05 * head.scale if who.style.shading == "soft" else 0.0
    board.fill(path(np.concatenate([spline(inner, 24), outer])), skin_shade(who), 0.8, atop=True, blur=blur)


def _hair_shadow(board: Board, who: Character, head: Head, hair: HairArt, side: float) -> None:
    if who.style.shading == "flat" and who.style.contrast < 0.6:
        return
    drop = head.scale * (0.05 + 0.09 * who.style.contrast)
    board.canvas.save()
    board.canvas.translate(0.35 * side * drop, drop)
    soft = who.style.shading == "soft"
    for shape in hair.shadow_shapes():
        board.fill(shape, skin_shade(who), 1.0, atop=True, blur=0.02 * head.scale if soft else 0.0)
    board.canvas.restore()


def _blush(board: Board, who: Character, head: Head, scene: Scene) -> None:
    amount = scene.expression.blush
    if amount <= 0:
        return
    tint = col.mix(who.skin, (0.98, 0.35, 0.33), 0.75)
    y = who.eyes.height * 0.5 + 0.16
    for s in (-1, 1):
        c = head.on_face(np.array([[s * who.eyes.x * 1.08, y]]))[0]
        board.spot(c, 0.38 * head.scale, tint, 0.65 * amount)
        if amount > 0.75:
            for k in (-1, 0, 1):
                x = s * who.eyes.x * 1.08 + 0.11 * k
                stroke = head.on_face(np.array([(x + 0.04, y - 0.07), (x, y), (x - 0.04, y + 0.07)]))
                board.ink(stroke, col.shade(tint, 0.3), 0.025 * head.scale, 0.7, atop=True)
