"""Arms: how they are held, and the tubes that skin and sleeves are painted as.

An arm is shoulder, elbow and wrist in px. An arm that is raised before the head is painted in two parts: the upper one
below the hair with the body, the lower one on top of everything (``gestures.py``).
"""

from dataclasses import dataclass

import numpy as np
import skia

from cubiseg.portraits.axes import axis
from cubiseg.portraits.body import Torso
from cubiseg.portraits.colour import Colour
from cubiseg.portraits.face import skin_ink, skin_shade
from cubiseg.portraits.hands import POSES, Hand
from cubiseg.portraits.paint import Board, normals, path, spline
from cubiseg.portraits.rng import chance, pick, uniform
from cubiseg.portraits.scene import Scene
from cubiseg.portraits.tables import Point

ARMS = axis("""arms: how the arms are held, unless a hand is raised:
    hanging 6, slightly apart 3.5, apart 2.5, behind 1.5, akimbo 1.2, one akimbo 0.8, folded 0.8, joined 1.2,
    spread 0.8, raised 0.4, one raised 0.8, behind head 0.4""")
AXES = (ARMS,)

_KNOTS = (0.0, 0.12, 0.32, 0.5, 0.62, 0.85, 1.0)
_WIDTHS = (1.0, 1.04, 0.9, 0.76, 0.8, 0.62, 0.52)


@dataclass
class Limb:
    """One arm. ``side``: 1 the picture's right; ``joints``: (3, 2) px; ``hand``: pose of the hand; ``aim``: where it
    points; ``hidden``: it is not seen. The lower arm is ``raised`` on top of the picture, in ``front`` of the clothes
    or ``behind`` the body.
    """

    side: int
    joints: np.ndarray
    width: float
    hand: str = "relaxed"
    aim: float = np.pi / 2
    size: float = 0.0
    thumb: int = 1
    raised: bool = False
    hidden: bool = False
    front: bool = False
    behind: bool = False

    @property
    def arm(self) -> str:
        """Name of its skin's part."""
        return "arm_left" if self.side > 0 else "arm_right"

    @property
    def sleeve(self) -> str:
        """Name of its sleeve's part."""
        return "sleeve_left" if self.side > 0 else "sleeve_right"

    def line(self, n: int = 48) -> np.ndarray:
        """(n, 2) px from shoulder to wrist, rounded at the elbow unless it is sharp."""
        s, e, w = self.joints
        if self.sharp:
            return np.vstack(
                [s + np.linspace(0, 1, n // 2)[:, None] * (e - s), e + np.linspace(0, 1, n // 2)[:, None] * (w - e)]
            )
        bow = 0.06 * self.width * self.side
        return spline(np.array([s, s + 0.55 * (e - s) + (bow, 0), e, e + 0.5 * (w - e), w]), n)

    @property
    def sharp(self) -> bool:
        """Whether the elbow bends so far that the lower arm lies over the upper one."""
        s, e, w = self.joints
        a, b = e - s, w - e
        return bool(a @ b < 0.35 * np.hypot(*a) * np.hypot(*b))

    def half(self, n: int = 48) -> np.ndarray:
        """(n,) px half width of the bare arm."""
        return self.width * np.interp(np.linspace(0, 1, n), _KNOTS, _WIDTHS)


def tube(
    board: Board,
    limb: Limb,
    grow: np.ndarray | float,
    colour: Colour,
    ink: Colour,
    line_px: float,
    *,
    part: str = "all",
    start: float = 0.0,
    end: float = 1.0,
    hem: bool = False,
) -> list[skia.Path]:
    """Paint a tube around an arm and return its shapes.

    Args:
        limb: the arm.
        grow: px added to the half width, one number or 48.
        part: "all", "upper" or "lower" arm.
        start, end: the stretch of the arm that is covered, 0 shoulder to 1 wrist.
        hem: whether the end is an edge of cloth.
    """
    n = 48
    line, half = limb.line(n), limb.half(n) + grow
    spans = {
        "all": [(0, n)] if not limb.sharp else [(0, n // 2 + 1), (n // 2, n)],
        "upper": [(0, n // 2 + 1)],
        "lower": [(n // 2, n)],
    }[part]
    shapes = []
    for i, j in spans:
        if limb.sharp and j == n // 2 + 1:
            j = n // 2
        a, b = max(i, int(start * (n - 1))), min(j, int(end * (n - 1)) + 1)
        if b - a < 3:
            continue
        shapes.append(
            _piece(
                board,
                limb,
                line[a:b],
                half[a:b],
                colour,
                ink,
                line_px,
                root=a == 0,
                elbow=a == i and i > 0,
                hem=hem and (b < j or j == n),
                top=a > i,
            )
        )
    return shapes


def _piece(
    board: Board,
    limb: Limb,
    line: np.ndarray,
    half: np.ndarray,
    colour: Colour,
    ink: Colour,
    line_px: float,
    *,
    root: bool,
    elbow: bool,
    hem: bool,
    top: bool,
) -> skia.Path:
    off = normals(line) * half[:, None] * limb.side
    inner, outer = line + off, line - off
    d = (line[1] - line[0]) / max(float(np.hypot(*(line[1] - line[0]))), 1e-6)
    # the shoulder's top lies no higher than the cloth of the trunk
    rise = min(0.9, 0.9 - 0.65 * (1 - limb.width / max(half[0], 1e-6))) if root else 0.75
    a = np.linspace(0, np.pi, 14)[:, None]
    dome = line[0] + np.cos(a) * off[0] - np.sin(a) * half[0] * d * rise
    tip = (line[-1] - line[-2]) / max(float(np.hypot(*(line[-1] - line[-2]))), 1e-6) * half[-1] * 0.22
    bend = np.linspace(-1, 1, 7)[1:-1, None]
    end = line[-1] + bend * off[-1] + (1 - bend**2) * tip  # outer to inner
    capped = root or elbow
    shape = path(np.vstack([dome if capped else line[:0], outer, end, inner[::-1]]))
    board.fill(shape, colour)
    if root:  # the shoulder's line starts on top; the armpit's below
        board.ink(np.vstack([dome[7:-1], outer]), ink, line_px, start=0.3, end=0.9, belly=0.3)
        hanging = d[1] > 0.8  # along the trunk, else free of it
        cut = 2 if not hanging else max(2, int(0.42 * len(line))) if len(line) > 20 else max(1, int(0.5 * len(line)))
        board.ink(inner[cut:], ink, line_px, start=0.1, end=0.9, belly=0.4)
    else:
        board.stroke(path(np.vstack([inner[::-1], dome[1:-1], outer]) if elbow else outer, closed=False), ink, line_px)
        if not elbow:
            board.stroke(path(inner, closed=False), ink, line_px)
    if hem:
        board.stroke(path(np.vstack([outer[-1:], end, inner[-1:]]), closed=False), ink, line_px)
    if top:
        board.stroke(path(np.vstack([outer[:1], inner[:1]]), closed=False), ink, line_px)
    return shape


def paint_skin(board: Board, torso: Torso, limb: Limb, part: str, light: float) -> None:
    """The bare arm and, at its lower end, the hand."""
    who = torso.who
    line_px, blur = who.style.line * torso.head.scale, 0.0 if who.style.shading == "cel" else 0.3 * limb.width
    with board.on(limb.arm):
        if part != "upper" and limb.hand and not limb.hidden:
            Hand(who, limb.joints[2], limb.aim, limb.size, limb.thumb).paint(board, POSES[limb.hand], line_px)
        for shape in tube(board, limb, 0.0, who.skin, skin_ink(who), line_px, part=part):
            if who.style.shading != "flat":
                _shade(board, limb, shape, skin_shade(who), light, blur)


def _shade(board: Board, limb: Limb, shape: skia.Path, shade: Colour, light: float, blur: float) -> None:
    """A dark stripe along the side away from the light."""
    line, half = limb.line(), limb.half()
    s = -1 if light > 0 else 1
    off = normals(line) * half[:, None]
    dark = -off if s > 0 else off  # the normals of a hanging arm point left
    wave = (0.35 + 0.12 * np.sin(np.linspace(0, 7, len(line))))[:, None]
    with board.clipped(shape):
        board.fill(path(np.vstack([line + 1.4 * dark, (line + wave * dark)[::-1]])), shade, 0.75, atop=True, blur=blur)


def hang(torso: Torso, side: int, out: float, bend: float) -> Limb:
    """An arm that hangs: ``out`` how far the elbow stands off, ``bend`` how far the wrist comes in."""
    s, u = torso.shoulder, torso.long
    x, y = s - torso.arm, torso.top + 0.95 * torso.arm
    body = np.array(
        [
            (side * x, y),
            (side * (x + 0.1 * s + out * s), y + 1.5 * u),
            (side * (x + 0.12 * s + (out - bend) * s), y + 2.85 * u),
        ]
    )
    px = torso.px(body)
    d = px[2] - px[1]
    width = torso.arm * torso.head.scale
    return Limb(side, px, width, aim=float(np.arctan2(d[1], d[0])), size=hand_size(torso), thumb=side)


def hand_size(torso: Torso) -> float:
    """px from the wrist to the middle finger's tip."""
    return (0.24 + 0.56 * torso.shoulder) * torso.head.scale


def limb_to(
    torso: Torso, side: int, elbow: Point, wrist: np.ndarray, hand: str, aim: float, thumb: int, z: float = 0.0
) -> Limb:
    """An arm whose elbow is given in shoulder units beside and below the shoulder, whose wrist in px."""
    s, u = torso.shoulder, torso.long
    x, y = s - torso.arm, torso.top + 0.95 * torso.arm
    body = torso.px(np.array([(side * x, y)])), torso.px(np.array([(side * (x + elbow[0] * s), y + elbow[1] * u)]), z)
    joints = np.vstack([body[0], body[1], np.asarray(wrist, float)[None]])
    return Limb(side, joints, torso.arm * torso.head.scale, hand, aim, hand_size(torso), thumb)


def lifted(torso: Torso, side: int, upper: float, lower: float, hand: str) -> Limb:
    """An arm away from the body: angles of upper and lower arm above the horizontal line, in radians, outwards 0."""
    s, u = torso.shoulder, torso.long
    joint = np.array([s - torso.arm, torso.top + 0.95 * torso.arm])
    elbow = joint + 1.45 * u * np.array([np.cos(upper), -np.sin(upper)])
    wrist = elbow + 1.35 * u * np.array([np.cos(lower), -np.sin(lower)])
    px = torso.px(np.array([joint, elbow, wrist]) * (side, 1))
    d = px[2] - px[1]
    width = torso.arm * torso.head.scale
    return Limb(side, px, width, hand, float(np.arctan2(d[1], d[0])), hand_size(torso), -side)


def arms(torso: Torso, view: Scene, raised: list[Limb]) -> list[Limb]:
    """Both arms, in painting order: those raised by a gesture, the others as the picture's axis says."""
    rng = view.rng("arms")
    kind = view.mix.pick(rng, ARMS)
    u, s = torso.long, torso.shoulder
    taken = {limb.side for limb in raised}
    free = [side for side in (-1, 1) if side not in taken]
    out, bend = uniform(rng, 0.0, 0.16), uniform(rng, 0.0, 0.22)
    first = 1 if chance(rng, 0.5) else -1
    if raised and kind in ("folded", "joined"):
        kind = "hanging"
    hand = pick(rng, {"open": 2, "spread": 1, "relaxed": 1, "fist": 0.5, "peace": 0.3, "point": 0.3})
    rests = chance(rng, 0.7) and all(leg.near for leg in torso.legs)  # a sitting figure's hands lie on the thighs
    limbs = []
    for side in free:
        if kind in ("hanging", "slightly apart", "apart") and rests:
            leg = next(leg for leg in torso.legs if leg.side == side)
            wrist = torso.px(leg.at(0.36)[0] - (0, 0.5 * u), 0.2)[0]
            aim = np.pi / 2 + side * uniform(rng, -0.1, 0.6)
            limb = limb_to(torso, side, (0.25 + out, 1.45), wrist, "relaxed", aim, -side)
            limb.front = True
        elif kind == "apart":
            limb = hang(torso, side, out + 0.22, -0.12)
        elif kind == "slightly apart":  # a narrow gap from the armpit or the waist down
            limb = hang(torso, side, 0.5 * out + 0.07, 0.3 * bend - 0.06)
        elif kind == "behind":
            limb_to_wrist = torso.px(np.array([(side * 0.2 * s, torso.hip_y - 0.4 * u)]))[0]
            limb = limb_to(torso, side, (0.28 + out, 1.35), limb_to_wrist, "", 0, 1)
            limb.hidden = limb.behind = True
        elif kind == "akimbo" or (kind == "one akimbo" and side == first):
            wrist = torso.px(np.array([(side * (torso.waist + 0.22 * s), torso.waist_y + 0.35 * u)]), 0.2)[0]
            limb = limb_to(torso, side, (0.55 + out, 1.25), wrist, "relaxed", np.pi / 2 + side * 0.75, -side)
        elif kind == "folded":
            over = side == first
            y = torso.bust_y + (0.34 if over else 0.5) * u
            wrist = torso.px(np.array([(-side * (0.36 if over else 0.5) * s, y)]), 0.4)[0]
            limb = limb_to(torso, side, (0.12, 1.35), wrist, "flat" if over else "", np.pi / 2 + side * 1.2, -side, 0.2)
            limb.hidden, limb.front = not over, True
        elif kind == "joined":
            wrist = torso.px(np.array([(side * 0.2 * s, torso.hip_y + 0.1 * u)]), 0.5)[0]
            limb = limb_to(torso, side, (0.12 + out, 1.5), wrist, "relaxed", np.pi / 2 + side * 0.5, -side, 0.1)
            limb.front = True
        elif kind == "spread":
            limb = lifted(torso, side, uniform(rng, -0.6, 0.3), uniform(rng, -0.5, 0.6), hand)
        elif kind == "raised" or (kind == "one raised" and side == first):
            limb = lifted(torso, side, uniform(rng, 0.55, 1.2), uniform(rng, 1.1, 1.8), hand)
        elif kind == "behind head":
            nape = torso.head.project(np.array([(side * uniform(rng, 0.3, 0.7), uniform(rng, -0.3, 0.4), -0.9)]))[0]
            limb = lifted(torso, side, uniform(rng, 0.45, 0.9), 2.6, "")
            limb.joints[2] = nape
            limb.hidden = limb.behind = True
        else:
            limb = hang(torso, side, out, bend)
        limbs.append(limb)
    limbs.sort(key=lambda limb: limb.side == first)
    return limbs
