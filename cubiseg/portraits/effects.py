"""What happens to a picture after it was drawn: the camera, the grading, and how it was stored. Nothing moves."""

import cv2
import numpy as np

from cubiseg.portraits.axes import Mix, axis
from cubiseg.portraits.captions import add_watermark
from cubiseg.portraits.colour import Colour, hsv
from cubiseg.portraits.rng import Rng, chance, uniform

GRADE = axis("""grade: colours after the drawing:
    none 155, levels 18, contrast 5, faded 4, cast 6, overlay 5, posterise 1, grey 0.8, sepia 0.5""")
CAMERA = axis("""camera effect: softness, glow and grain:
    none 340, blur 9, halo 6, bloom 5, vignette 3.5, fringe 2, grain 2, resampled 8""")
STORAGE = axis("storage: how the picture was compressed: none 174, jpeg 32, webp 7, twice 3")
AXES = (GRADE, CAMERA, STORAGE)


def _table(image: np.ndarray, gain: np.ndarray, bias: float, gamma: float) -> np.ndarray:
    ramp = np.linspace(0, 1, 256)[:, None] ** gamma * 255 * gain + bias
    return cv2.LUT(image, np.rint(np.clip(ramp, 0, 255)).astype(np.uint8)[None])


def _mixed(image: np.ndarray, other: np.ndarray, t: float) -> np.ndarray:
    return cv2.addWeighted(other, t, image, 1 - t, 0)


def _overlay(image: np.ndarray, rng: Rng) -> np.ndarray:
    """A faint gradient of one colour over everything."""
    n = 32
    y, x = np.mgrid[0 : 1 : n * 1j, 0 : 1 : n * 1j]
    a = rng.random() * 2 * np.pi
    t = np.clip(0.5 + (x - 0.5) * np.cos(a) + (y - 0.5) * np.sin(a), 0, 1).astype(np.float32)
    m = cv2.resize(t, image.shape[1::-1]) * np.float32(uniform(rng, 0.1, 0.4))
    tint = np.full_like(image, np.rint(np.array(hsv(rng.random(), uniform(rng, 0.1, 0.8), uniform(rng, 0.6, 1))) * 255))
    return cv2.blendLinear(tint, image, m, 1 - m)


def _grade(image: np.ndarray, rng: Rng, kind: str) -> np.ndarray:
    one = np.ones(3)
    if kind == "levels":
        return _table(image, one * uniform(rng, 0.9, 1.1), uniform(rng, -8, 14), uniform(rng, 0.8, 1.2))
    if kind == "contrast":
        k = uniform(rng, 1.1, 1.45)
        return _table(image, one * k, -127 * (k - 1) + uniform(rng, -10, 10), 1.0)
    if kind == "faded":
        k = uniform(rng, 0.55, 0.9)
        return _table(image, one * k, uniform(rng, 0.3, 1.0) * 255 * (1 - k), 1.0)
    if kind == "cast":
        tint = np.array(hsv(rng.random(), uniform(rng, 0.05, 0.3), 1.0))
        return _table(image, tint, 0.0, uniform(rng, 0.9, 1.1))
    if kind == "overlay":
        return _overlay(image, rng)
    if kind == "posterise":
        k = int(rng.integers(6, 20))
        table = np.rint(np.rint(np.arange(256) / 255 * k) / k * 255).astype(np.uint8)
        return cv2.LUT(image, table)
    if kind in ("grey", "sepia"):
        g = cv2.merge([cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)] * 3)
        return g if kind == "grey" else _table(g, np.array([1.0, 0.93, 0.78]), 8.0, 0.95)
    return image


def _camera(image: np.ndarray, rng: Rng, kind: str) -> np.ndarray:
    h, w = image.shape[:2]
    px = h / 512
    if kind == "blur":
        return cv2.GaussianBlur(image, (0, 0), uniform(rng, 0.4, 1.4) * px)
    if kind == "halo":
        soft = cv2.GaussianBlur(image, (0, 0), uniform(rng, 0.8, 2.5) * px)
        k = uniform(rng, 0.3, 1.2)
        return cv2.addWeighted(image, 1 + k, soft, -k, 0)
    if kind == "bloom":
        small = cv2.resize(image, (max(1, w // 4), max(1, h // 4)), interpolation=cv2.INTER_AREA)
        glow = cv2.resize(cv2.GaussianBlur(small, (0, 0), uniform(rng, 1.5, 7) * px), (w, h))
        if chance(rng, 0.5):  # screen: light spills, shadows stay
            glow = 255 - cv2.multiply(255 - image, 255 - glow, scale=1 / 255)
        return _mixed(image, glow, uniform(rng, 0.15, 0.5))
    if kind == "vignette":
        t = np.linspace(-1, 1, 48, dtype=np.float32)
        fall = 1 - np.float32(uniform(rng, 0.1, 0.4)) * np.clip(t[None] ** 2 + t[:, None] ** 2 - 0.4, 0, 2)
        return cv2.multiply(image, cv2.merge([cv2.resize(fall, (w, h))] * 3), dtype=cv2.CV_8U)
    if kind == "fringe":  # red and blue part by up to a px
        out, d = image.copy(), uniform(rng, 0.3, 1.0) * min(px, 1.0)
        for c, s in ((0, 1), (2, -1)):
            move = np.array([(1, 0, s * d), (0, 1, 0)], np.float32)
            out[..., c] = cv2.warpAffine(image[..., c], move, (w, h), borderMode=cv2.BORDER_REPLICATE)
        return out
    if kind == "grain":
        noise = rng.standard_normal((h, w), np.float32) * np.float32(uniform(rng, 1.5, 7))
        return cv2.add(image, cv2.merge([noise] * 3), dtype=cv2.CV_8U)
    if kind == "resampled":
        k = uniform(rng, 0.3, 0.8)
        down = cv2.INTER_AREA if chance(rng, 0.7) else cv2.INTER_LINEAR
        up = (cv2.INTER_CUBIC, cv2.INTER_LINEAR, cv2.INTER_LANCZOS4)[int(rng.integers(3))]
        return cv2.resize(
            cv2.resize(image, (max(1, round(w * k)), max(1, round(h * k))), interpolation=down),
            (w, h),
            interpolation=up,
        )
    return image


def _stored(image: np.ndarray, rng: Rng, suffix: str, low: int = 25) -> np.ndarray:
    quality = int(low + (95 - low) * rng.random() ** 0.7)
    flag = cv2.IMWRITE_JPEG_QUALITY if suffix == ".jpg" else cv2.IMWRITE_WEBP_QUALITY
    options = [flag, quality]
    if suffix == ".jpg" and chance(rng, 0.4):
        options += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    ok, data = cv2.imencode(suffix, image[..., ::-1], options)
    return np.ascontiguousarray(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))[..., ::-1]) if ok else image


def develop(image: np.ndarray, rng: Rng, tint: Colour, mix: Mix) -> np.ndarray:
    """What camera, grading and storage do.

    Args:
        image: (H, W, 3) uint8, sRGB.
        rng: the picture's stream; about one picture in six passes with nothing but a tint.
        tint: factor a channel, the colour of the light.
        mix: shares of the kinds.

    Returns:
        (H, W, 3) uint8, sRGB, a new array; nothing moves by more than a px at 512.
    """
    grade, camera, storage = (mix.pick(rng, axis) for axis in AXES)
    out = _table(image, np.array(tint), 0.0, 1.0) if any(k != 1 for k in tint) else image
    out = _camera(_grade(add_watermark(out, rng, mix), rng, grade), rng, camera)
    if storage == "jpeg":
        out = _stored(out, rng, ".jpg")
    elif storage == "webp":
        out = _stored(out, rng, ".webp", 20)
    elif storage == "twice":
        out = _stored(_stored(out, rng, ".jpg", 50), rng, ".jpg", 40)
    return out.copy()
