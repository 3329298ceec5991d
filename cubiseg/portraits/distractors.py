"""What could be taken for the character and is not: posters, bystanders, toys, shadows. All of it is background."""

from collections.abc import Sequence

import cv2
import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.axes import Mix, axis
from cubiseg.portraits.company import Company, lay
from cubiseg.portraits.paint import Board, blob, path, ribbon, spline
from cubiseg.portraits.rng import Rng, chance, pick, uniform
from cubiseg.portraits.scene import Pose
from cubiseg.portraits.shadows import stands

DISTRACTOR = axis("""distractor: what else is in the picture:
    none 88, poster 2.2, person 2, crowd 0.8, plush 2, silhouette 0.8,
    companion 2.6, sheet 1.2, inset 0.8, alike 2.4""")
HALO = axis("halo: what surrounds the figure: none 85, shadow 8, sticker 4, glow 3")
AXES = (DISTRACTOR, HALO)


def _paste(img: np.ndarray, picture: np.ndarray, corners: np.ndarray) -> None:
    """Lay a premultiplied (h, w, 4) float32 picture into four corners (px, from its top left, clockwise)."""
    h, w = picture.shape[:2]
    n = img.shape[0]
    m = cv2.getPerspectiveTransform(np.array([(0, 0), (w, 0), (w, h), (0, h)], np.float32), corners.astype(np.float32))
    laid = cv2.warpPerspective(picture, m, (n, n), flags=cv2.INTER_LINEAR)
    out = laid[..., :3] + img[..., :3] * (1 - laid[..., 3:] * np.float32(1 / 255))
    img[..., :3] = np.clip(out + 0.5, 0, 255).astype(np.uint8)


def _square(x: float, y: float, w: float, h: float, turn: float = 0.0) -> np.ndarray:
    c = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]) * (w, h)
    r = np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))])
    return c @ r + (x, y)


def _poster(img: np.ndarray, rng: Rng, company: Company, pose: Pose) -> None:
    """A poster, a card, a screen or a phone that shows a face."""
    n = img.shape[0]
    card, _ = company.small(rng)
    back = np.array(col.hsv(rng.random(), uniform(rng, 0, 0.7), uniform(rng, 0.3, 1.0))) * 255
    card[..., :3] += (1 - card[..., 3:] / 255) * back
    card[..., 3] = 255
    k = card.shape[0]
    b = max(2, round(k * uniform(rng, 0.02, 0.09)))
    edge = pick(rng, {(250.0, 250.0, 248.0): 3, (30.0, 30.0, 34.0): 3, (110.0, 70.0, 40.0): 2})
    card = cv2.copyMakeBorder(
        card[: round(k * uniform(rng, 0.7, 1.0))], b, b, b, b, cv2.BORDER_CONSTANT, value=(*edge, 255)
    )
    w = n * uniform(rng, 0.14, 0.36)
    side = 1 if pose.x < n / 2 else -1
    x = pose.x + side * (1.0 * pose.scale + w * uniform(rng, 0.2, 0.9))
    corners = _square(x, n * uniform(rng, 0.1, 0.7), w, w * card.shape[0] / card.shape[1], rng.normal(0, 0.12))
    corners += rng.normal(0, 0.03 * w, (4, 2))
    _paste(img, card, corners)


def _person(img: np.ndarray, rng: Rng, company: Company, pose: Pose, kind: str) -> None:
    """Somebody smaller or further back: one at the side, a crowd, a flat silhouette."""
    n = img.shape[0]
    figure, own = company.small(rng)
    base = figure.shape[0]
    for k in range(int(rng.integers(2, 5)) if kind == "crowd" else 1):
        ratio = uniform(rng, 0.25, 0.62) if kind != "crowd" else uniform(rng, 0.2, 0.45)
        w = base * ratio * pose.scale / own.scale
        side = (1 if pose.x < n / 2 else -1) * (-1 if k % 2 else 1)
        x = pose.x + side * pose.scale * uniform(rng, 0.9, 2.6)
        turned = figure[:, ::-1].copy() if chance(rng, 0.5) else figure.copy()
        if k:  # the same sitter in other colours
            turned[..., :3] = turned[..., list(rng.permutation(3))]
        light = uniform(rng, 0.45, 1.0)
        haze = np.array(col.hsv(rng.random(), uniform(rng, 0, 0.5), uniform(rng, 0.2, 1.0))) * 255
        amount = 1.0 if kind == "silhouette" else uniform(rng, 0.0, 0.5)
        turned[..., :3] = turned[..., :3] * (1 - amount) * light + turned[..., 3:] / 255 * haze * amount
        if chance(rng, 0.5):
            turned = cv2.GaussianBlur(turned, (0, 0), base * uniform(rng, 0.004, 0.02))
        foot = max(n + 0.0, pose.y + 2.5 * pose.scale)
        _paste(img, turned, _square(x, foot - 0.5 * w + 0.08 * w, w, w))


def _plush(img: np.ndarray, rng: Rng, pose: Pose) -> None:
    """A toy or a mascot: a round head with ears and dots for eyes on a round body."""
    n = img.shape[0]
    r = pose.scale * uniform(rng, 0.3, 0.75)
    side = 1 if pose.x < n / 2 else -1
    c = np.array([pose.x + side * pose.scale * uniform(rng, 1.2, 2.6), n * uniform(rng, 0.4, 1.0) - r])
    board = Board(n)
    fur = col.hsv(rng.random(), uniform(rng, 0, 0.7), uniform(rng, 0.4, 1.0))
    if chance(rng, 0.4):
        fur = col.hsv(uniform(rng, 0.03, 0.1), uniform(rng, 0.1, 0.5), uniform(rng, 0.7, 1.0))
    ink, line = col.ink(fur, uniform(rng, 0.2, 1.0)), pose.scale * uniform(rng, 0.0, 0.03)
    a = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    disc = np.stack([np.cos(a), np.sin(a)], 1)

    def part(x: float, y: float, w: float, h: float, colour: col.Colour, edge: float = line) -> None:
        board.outline(blob(c + r * (np.array([x, y]) + disc * (w, h))), colour, ink, edge)

    ears = pick(rng, {"round": 2, "tall": 2, "pointed": 2, "none": 1})
    for s in (-1, 1):
        if ears == "pointed":
            tip = np.array([(0.35, -0.7), (0.75, -1.45), (0.95, -0.4)]) * (s, 1)
            board.outline(path(spline(c + r * tip, 24, closed=True)), fur, ink, line)
        elif ears != "none":
            tall = 0.3 if ears == "round" else 0.75
            part(0.65 * s, -0.75 - 0.4 * (tall > 0.5), 0.3, tall, fur)
            part(0.65 * s, -0.75 - 0.4 * (tall > 0.5), 0.16, 0.6 * tall, col.light(fur, 0.5), 0.0)
        part(0.75 * s, 1.35, 0.3, 0.45, fur)
    part(0, 1.6, 0.8, 0.9, fur)
    part(0, 1.65, 0.5, 0.6, col.light(fur, 0.6), 0.0)
    part(0, 0, 1.05, uniform(rng, 0.8, 1.0), fur)
    if chance(rng, 0.5):
        part(0, 0.3, 0.42, 0.32, col.light(fur, 0.7), 0.0)
    size, gap = uniform(rng, 0.07, 0.2), uniform(rng, 0.3, 0.5)
    for s in (-1, 1):
        part(gap * s, 0.0, size, size * uniform(rng, 1.0, 1.5), (0.1, 0.07, 0.08), 0.0)
        part(gap * s - 0.3 * size, -0.35 * size, 0.3 * size, 0.3 * size, col.WHITE, 0.0)
        if chance(rng, 0.5):
            board.spot(c + r * np.array([1.35 * gap * s, 0.3]), 0.25 * r, (1.0, 0.5, 0.5), 0.6)
    part(0, 0.2, 0.08, 0.06, (0.25, 0.1, 0.1), 0.0)
    smile = np.array([(-0.16, 0.32), (-0.08, 0.4), (0.0, 0.32), (0.08, 0.4), (0.16, 0.32)])
    board.ink(spline(c + r * smile, 16), ink, max(line, 0.04 * r))
    rgba = board.rgba()
    alpha = rgba[..., 3:] * np.float32(1 / 255)
    img[..., :3] = np.rint(img[..., :3] * (1 - alpha) + rgba[..., :3] * alpha).astype(np.uint8)


def _companions(img: np.ndarray, rng: Rng, company: Company, pose: Pose) -> None:
    """One or two others who stand beside the character and partly behind it."""
    first = 1 if pose.x < img.shape[0] / 2 else -1
    for side in (first, -first)[: 1 + chance(rng, 0.3)]:
        lay(img, company.beside(rng, side))


def _sheet(img: np.ndarray, rng: Rng, company: Company, pose: Pose) -> None:
    """A character sheet: the same character again, small and in other poses, around the large one."""
    n, crop = img.shape[0], 2 if chance(rng, 0.4) else -1
    figures = [company.small(rng, same=True, crop=crop)[0] for _ in range(int(rng.integers(1, 3)))]
    side = 1 if pose.x < n / 2 else -1
    w, y = n * uniform(rng, 0.2, 0.34), n * uniform(rng, 0.0, 0.1)
    for k in range(int(rng.integers(2, 6))):
        figure = figures[k % len(figures)]
        x = pose.x + (side if k < 3 else -side) * (1.6 * pose.scale + w * uniform(rng, 0.3, 0.8))
        turned = figure[:, ::-1].copy() if chance(rng, 0.5) else figure
        _paste(img, turned, _square(x, y + (0.5 + k % 3) * w, w, w))


def _inset(img: np.ndarray, rng: Rng, company: Company, pose: Pose) -> None:
    """The same head once more, close up, in a frame or cut out beside the figure."""
    n = img.shape[0]
    head, _ = company.small(rng, same=True, crop=1)
    k = head.shape[0]
    if chance(rng, 0.7):
        window: np.ndarray = np.zeros((k, k), np.uint8)
        cv2.circle(window, (k // 2, k // 2), k // 2 - 4, 255, -1, cv2.LINE_AA) if chance(rng, 0.6) else window.fill(255)
        rim = cv2.erode(cv2.copyMakeBorder(window, 1, 1, 1, 1, cv2.BORDER_CONSTANT), np.ones((7, 7)))[1:-1, 1:-1]
        back = np.array(col.hsv(rng.random(), uniform(rng, 0, 0.6), uniform(rng, 0.5, 1.0)), np.float32) * 255
        edge = np.array(col.WHITE if chance(rng, 0.6) else (0.1, 0.1, 0.12), np.float32) * 255
        filled: np.ndarray = head[..., :3] + (1 - head[..., 3:] / 255) * back
        filled = edge + (filled - edge) * (rim[..., None] / np.float32(255))
        head = np.dstack([filled * (window[..., None] / 255), window]).astype(np.float32)
    w, side = n * uniform(rng, 0.25, 0.5), 1 if pose.x < n / 2 else -1
    x = pose.x + side * (1.3 * pose.scale + w * uniform(rng, 0.35, 0.7))
    _paste(img, head, _square(x, n * uniform(rng, 0.15, 0.85), w, w))


def _alike(img: np.ndarray, rng: Rng, pose: Pose, own: Sequence[col.Colour]) -> None:
    """Drapes, cushions and ribbons right behind the figure, in the colours of its clothes, skin or hair."""
    n = img.shape[0]
    board, kind = Board(n), pick(rng, {"drapes": 2.0, "cushions": 2.0, "ribbons": 1.5, "slabs": 1.5})
    line, dark = max(0.0, uniform(rng, -0.5, 2.5)) * n / 512, uniform(rng, 0.2, 1.0)
    for _ in range(int(rng.integers(1, 5))):
        c = own[int(rng.integers(len(own)))]
        c = col.mix(c, col.shade(c, 1.0), uniform(rng, 0, 0.6)) if chance(rng, 0.6) else c
        ink = col.ink(c, dark)
        at = np.array([pose.x, pose.y]) + pose.scale * np.array([rng.normal(0, 2.2), uniform(rng, -2, 8)])
        r = pose.scale * uniform(rng, 0.6, 2.2)
        if kind == "drapes":
            x = np.array([at[0] - r, at[0] + r * uniform(rng, 0.5, 1.5)])
            sway = uniform(rng, -0.5, 0.5) * r
            cloth = np.array([(x[0], -2), (x[1], -2), (x[1] + sway, 0.5 * n), (x[1], n + 2), (x[0], n + 2)])
            board.outline(path(cloth), c, ink, line)
            for u in np.linspace(0.1, 0.9, int(rng.integers(3, 7))):
                fold = spline(
                    np.array([(x[0] + u * (x[1] - x[0]), 0), (x[0] + u * (x[1] - x[0]) + u * sway, 0.5 * n)]), 8
                )
                board.ink(fold, col.shade(c, 0.8), 0.12 * r, 0.7)
        elif kind == "cushions":
            a = np.linspace(0, 2 * np.pi, 9)[:-1] + rng.random()
            soft = np.stack([np.cos(a), uniform(rng, 0.4, 0.9) * np.sin(a)], 1) * (1 + rng.normal(0, 0.12, 8))[:, None]
            shape = blob(at + r * soft)
            board.outline(shape, c, ink, line)
            with board.clipped(shape):
                board.fill(blob(at + r * soft * 0.9 + (0, 0.45 * r)), col.shade(c, 0.6), 0.8, blur=0.08 * r)
        elif kind == "ribbons":
            way = at + np.cumsum(rng.normal(0, 1.3, (5, 2)), axis=0) * pose.scale
            board.outline(path(ribbon(spline(way, 40), uniform(rng, 0.2, 0.7) * pose.scale)), c, ink, line)
        else:
            board.outline(path(_square(at[0], at[1], r, r * uniform(rng, 0.6, 4), rng.normal(0, 0.2))), c, ink, line)
    rgba = board.rgba().astype(np.float32)
    rgba[..., :3] *= rgba[..., 3:] / 255
    lay(img, rgba)


def add_distractor(
    img: np.ndarray, rng: Rng, mix: Mix, company: Company, pose: Pose, own: Sequence[col.Colour]
) -> None:
    """Draw what the axis picks into the (n, n, 4) background, in place; ``own``: the character's colours."""
    kind = mix.pick(rng, DISTRACTOR)
    if kind in ("companion", "sheet", "inset") and not 0.15 < pose.x / img.shape[0] < 0.85:
        return  # of a figure that the edge cuts and a whole one, nobody could tell which is meant
    if kind == "poster":
        _poster(img, rng, company, pose)
    elif kind == "plush":
        _plush(img, rng, pose)
    elif kind == "companion":
        _companions(img, rng, company, pose)
    elif kind == "sheet":
        _sheet(img, rng, company, pose)
    elif kind == "inset":
        _inset(img, rng, company, pose)
    elif kind == "alike":
        _alike(img, rng, pose, own)
    elif kind != "none":
        _person(img, rng, company, pose, kind)


def add_halo(img: np.ndarray, rng: Rng, mix: Mix, shape: np.ndarray, scale: float) -> None:
    """A cast shadow, a sticker's white edge or a glow around the (n, n) uint8 silhouette, in place."""
    usual = HALO.weights()
    kind = mix.pick(rng, HALO, weights={**usual, "sticker": usual["sticker"] * (2.5 if stands(shape) else 1.0)})
    if kind == "none":
        return
    n = shape.shape[0]
    if kind == "shadow":
        d = scale * uniform(rng, 0.05, 0.6)
        move = np.array([(1, 0, d * uniform(rng, -1, 1)), (0, 1, d * uniform(rng, 0.0, 0.6))], np.float32)
        mask = cv2.warpAffine(shape, move, (n, n), borderMode=cv2.BORDER_REPLICATE)
        soft = scale * (uniform(rng, 0.02, 0.25) if chance(rng, 0.7) else 0.0)
        mask = cv2.GaussianBlur(mask, (0, 0), soft) if soft > 0.3 else mask
        c, strength = col.hsv(uniform(rng, 0.5, 0.9), 0.5, uniform(rng, 0.0, 0.35)), uniform(rng, 0.2, 0.8)
    else:
        k = max(1, round(scale * uniform(rng, 0.03, 0.12)))
        ball = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * k + 1, 2 * k + 1))
        mask = cv2.dilate(shape, ball)
        if kind == "glow":
            mask = cv2.GaussianBlur(mask, (0, 0), scale * uniform(rng, 0.05, 0.25))
        c = col.WHITE if chance(rng, 0.7) else col.hsv(rng.random(), uniform(rng, 0.1, 0.7), 1.0)
        strength = 1.0 if kind == "sticker" else uniform(rng, 0.5, 1.0)
    m = mask.astype(np.float32) * np.float32(strength / 255)
    rgb = np.ascontiguousarray(img[..., :3])
    img[..., :3] = cv2.blendLinear(np.full_like(rgb, np.rint(np.array(c) * 255)), rgb, m, 1 - m)
