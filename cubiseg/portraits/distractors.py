"""What could be taken for the character and is not: posters, bystanders, toys, shadows. All of it is background."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.axes import Mix, axis
from cubiseg.portraits.compose import DrawnLayer, restack
from cubiseg.portraits.paint import Board, blob, path, spline
from cubiseg.portraits.rng import Rng, chance, pick, uniform
from cubiseg.portraits.scene import Pose

DISTRACTOR = axis("""distractor: what else is in the picture:
    none 91, poster 2.4, person 2.2, crowd 0.8, plush 2.2, silhouette 0.8""")
HALO = axis("halo: what surrounds the figure: none 86, shadow 8, sticker 3, glow 3")
AXES = (DISTRACTOR, HALO)

OTHER_SIZE = 160
"""px at which another character is drawn: small and quick."""

Other = Callable[[Rng], tuple[Sequence[DrawnLayer], Pose]]
"""Draws another character's layers at ``OTHER_SIZE``, without a background, and tells its pose."""


def flattened(layers: Sequence[DrawnLayer]) -> np.ndarray:
    """(H, W, 4) float32 0..255, premultiplied: the layers in one."""
    left = np.ones(layers[0].rgba.shape[:2], np.float32)
    for layer in layers:
        left *= 1 - layer.rgba[..., 3] * np.float32(1 / 255)
    return np.dstack([restack(layers).astype(np.float32), 255 * (1 - left)])


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


def _poster(img: np.ndarray, rng: Rng, other: Other, pose: Pose) -> None:
    """A poster, a card, a screen or a phone that shows a face."""
    n = img.shape[0]
    layers, _ = other(rng)
    card = flattened(layers)
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


def _person(img: np.ndarray, rng: Rng, other: Other, pose: Pose, kind: str) -> None:
    """Somebody smaller or further back: one at the side, a crowd, a flat silhouette."""
    n = img.shape[0]
    layers, own = other(rng)
    figure = flattened(layers)
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


def add_distractor(img: np.ndarray, rng: Rng, mix: Mix, other: Other, pose: Pose) -> None:
    """Draw what the axis picks into the (n, n, 4) background, in place."""
    kind = mix.pick(rng, DISTRACTOR)
    if kind == "poster":
        _poster(img, rng, other, pose)
    elif kind == "plush":
        _plush(img, rng, pose)
    elif kind != "none":
        _person(img, rng, other, pose, kind)


def add_halo(img: np.ndarray, rng: Rng, mix: Mix, shape: np.ndarray, scale: float) -> None:
    """A cast shadow, a sticker's white edge or a glow around the (n, n) uint8 silhouette, in place."""
    kind = mix.pick(rng, HALO)
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
