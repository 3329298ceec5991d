"""What happens to a picture after it was drawn: colour casts, blur, compression, rarely grain."""

import cv2
import numpy as np

from cubiseg.sources.synthetic.colour import Colour
from cubiseg.sources.synthetic.rng import chance, uniform


def develop(image: np.ndarray, rng: np.random.Generator, tint: Colour) -> np.ndarray:
    """Photographic post effects.

    Args:
        image: (H, W, 3) uint8, sRGB.
        rng: the picture's stream; most pictures pass with few or no effects.
        tint: factor a channel, the colour of the light.

    Returns:
        (H, W, 3) uint8, sRGB, a new array; nothing moves by more than a blur's width.
    """
    out = image
    gain, bias, gamma = np.array(tint), 0.0, 1.0
    if chance(rng, 0.4):
        gain = gain * uniform(rng, 0.85, 1.08)
        bias = uniform(rng, -8, 16)
        gamma = uniform(rng, 0.85, 1.2)
    if np.any(gain != 1) or bias or gamma != 1:
        ramp = np.linspace(0, 1, 256)[:, None] ** gamma * 255 * gain + bias
        table = np.rint(np.clip(ramp, 0, 255)).astype(np.uint8)[None]
        out = cv2.LUT(out, table)
    if chance(rng, 0.2):
        out = cv2.GaussianBlur(out, (0, 0), uniform(rng, 0.4, 1.1) * image.shape[0] / 512)
    if chance(rng, 0.12):
        h, w = out.shape[:2]
        k = uniform(rng, 0.45, 0.8)
        small = cv2.resize(out, (max(1, round(w * k)), max(1, round(h * k))), interpolation=cv2.INTER_AREA)
        out = cv2.resize(small, (w, h), interpolation=cv2.INTER_CUBIC)
    if chance(rng, 0.3):
        ok, data = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 92))])
        if ok:
            out = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))
    if chance(rng, 0.03):
        noise = rng.normal(0, uniform(rng, 1.5, 4), out.shape[:2]).astype(np.float32)
        out = np.rint(np.clip(out + noise[..., None], 0, 255)).astype(np.uint8)
    return out.copy()
