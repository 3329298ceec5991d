"""What lies behind the character: a kind of scene, its colours and how sharply it is seen."""

from collections.abc import Sequence

import cv2
import numpy as np

from cubiseg.portraits import colour as col
from cubiseg.portraits.axes import Axis, Mix, axis
from cubiseg.portraits.backgrounds import BACKGROUNDS
from cubiseg.portraits.backgrounds.stage import Image, Stage
from cubiseg.portraits.rng import Rng, chance, uniform

BACKGROUND = Axis("background", "what lies behind", {name: weight for name, (_, weight, _) in BACKGROUNDS.items()})
COLOURS = axis("""background colours: how the background's colours are changed:
    own 60, vivid 9, pastel 8, dark 5, grey 4, tinted 6, hair 4, skin 3.5, clothes 3.5""")
FOCUS = axis("focus: how sharp the background is: sharp 5, soft 2.3, blurred 3.2, far blurred 1")
AXES = (BACKGROUND, COLOURS, FOCUS)


def _recoloured(img: Image, rng: Rng, kind: str, own: Sequence[col.Colour]) -> Image:
    """``own``: hair, skin and cloth of the character, for a background that its colours do not give away."""
    amount, turn = uniform(rng, 0.4, 1.0), col.hsv(rng.random(), uniform(rng, 0.2, 0.8), uniform(rng, 0.5, 1.0))
    which = int(rng.integers(2, len(own)))
    if kind == "own":
        return img
    grey = np.array([(0.299, 0.587, 0.114)] * 3, np.float32)
    m: np.ndarray = np.eye(3, dtype=np.float32)
    add: np.ndarray = np.zeros(3, np.float32)
    if kind == "vivid":
        m = m + np.float32(0.5 * amount) * (m - grey)
    elif kind == "grey":
        m = m + np.float32(amount) * (grey - m)
    elif kind == "pastel":
        m, add = m * np.float32(1 - 0.6 * amount), add + np.float32(0.6 * amount)
    elif kind == "dark":
        m = m * np.float32(1 - 0.75 * amount)
    elif kind == "tinted":
        m = np.array(turn, np.float32)[:, None] * (m + np.float32(amount) * (grey - m))
    else:  # the target's colour, the picture's light and dark about it
        target = np.array({"hair": own[0], "skin": own[1]}.get(kind, own[which]), np.float32)
        m = np.float32(0.5) * grey + np.float32(0.25 * (1.4 - amount)) * (m - grey)
        mean = np.array(cv2.mean(img)[:3], np.float32) / 255
        add = target - m @ mean
    return cv2.transform(img, np.column_stack([m, add * 255]).astype(np.float32))


_WHOLE = {
    "white": 9,
    "off-white": 4.5,
    "plain": 3.4,
    "gradient": 2.8,
    "sprite": 4,
    "radial": 1.8,
    "circle": 2,
    "frame": 2,
    "photo": 1.4,
    "park": 1.5,
    "sea": 1.5,
    "palms": 2.2,
    "street": 1.8,
    "facade": 1.6,
    "skyline": 1.6,
    "room": 1.3,
    "foliage": 1.4,
    "hall": 1.2,
    "hills": 1.3,
    "bokeh": 1.4,
    "plaza": 2.0,
    "floor": 1.5,
    "trunks": 1.2,
}
"""Factors on the backgrounds of whole figures: most are shown on paper white, on a plain ground or cut out, many of the
others before busy, bright scenery."""
_PALE = {"white": 2.0, "off-white": 1.7}
"""Factors for pale clothes or hair: white on white is common, and hard."""


def _kinds(own: Sequence[col.Colour], whole: bool) -> dict[str, float]:
    """Weights of the backgrounds of a figure of these colours, of which the feet are seen (``whole``) or not."""
    pale = any(col.luma(c) > 0.85 for k, c in enumerate(own) if k != 1)
    factors = [_WHOLE if whole else {}, _PALE if pale else {}]
    return {k: w * float(np.prod([f.get(k, 1.0) for f in factors])) for k, w in BACKGROUND.weights().items()}


def paint_background(
    size: int,
    rng: Rng,
    mix: Mix,
    own: Sequence[col.Colour],
    tilt: float = 0.0,
    look: Rng | None = None,
    *,
    whole: bool = False,
) -> np.ndarray:
    """(size, size, 4) uint8, opaque.

    Args:
        rng: stream of what is painted.
        own: the character's colours: hair, skin, then clothes (at least one).
        tilt: lean of the camera in radians; places lean with it.
        look: stream of colours and focus.
        whole: whether the figure's feet are seen: plain grounds are then more frequent.
    """
    look = rng if look is None else look
    kind = mix.pick(rng, BACKGROUND, weights=_kinds(own, whole))
    paint, _, family = BACKGROUNDS[kind]
    img = paint(Stage(size, rng))
    if tilt and family == "place":
        turn = cv2.getRotationMatrix2D((size / 2, size / 2), -float(np.degrees(tilt)), 1.0 + 0.6 * abs(tilt))
        img = cv2.warpAffine(img, turn, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    img = _recoloured(img, look, mix.pick(look, COLOURS), own)
    focus = mix.pick(look, FOCUS)
    sigma = {
        "sharp": 0.0,
        "soft": uniform(look, 0.001, 0.004),
        "blurred": uniform(look, 0.004, 0.014),
        "far blurred": uniform(look, 0.014, 0.04),
    }[focus]
    if family == "place" or chance(look, 0.25):
        img = _blurred(img, sigma * size)
    out = np.full((size, size, 4), 255, np.uint8)
    out[..., :3] = img
    return out


def _blurred(img: Image, sigma: float) -> Image:
    """A Gaussian blur, wide ones at a quarter of the size."""
    if sigma < 0.3:
        return img
    if sigma < 6:
        return cv2.GaussianBlur(img, (0, 0), sigma)
    n = img.shape[0]
    small = cv2.GaussianBlur(cv2.resize(img, (n // 4, n // 4), interpolation=cv2.INTER_AREA), (0, 0), sigma / 4)
    return cv2.resize(small, (n, n), interpolation=cv2.INTER_CUBIC)
