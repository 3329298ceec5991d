"""Letterbox bars: plain strips along the sides of a picture, which are no part of the drawing.

Danbooru's portraits, screenshots and video frames have them, black or white, at one to four sides. A network that has
seen none calls them clothes or an accessory, so they are cut off before it looks.
"""

import cv2
import numpy as np

from cubiseg.boxes import Box

PLAIN = 24
"""Largest difference, in levels, of a bar's pixels from its colour: the noise of JPEG."""
FILLED = 0.97
"""Share of a bar's row that has its colour: a few pixels may be a logo's, or ringing."""
STRAIGHT = 0.45
"""Share of the row behind a bar that may have its colour too: a bar ends in a straight line, plain ground does not."""
LEAST, MOST = 0.01, 0.45
"""Width of a bar as a share of the picture's side."""
BLEND = 4
"""Rows, in pixels, over which a bar may fade into the drawing: scaling blurs its edge."""
BLOCK = 16
"""Rows that are looked at together: most pictures end in the first ones."""


def content_box(rgb: np.ndarray) -> Box:
    """The picture without its bars.

    Args:
        rgb: (H, W, 3) uint8, sRGB.

    Returns:
        The whole picture where it has none.
    """
    top, bottom, left, right = 0, rgb.shape[0], 0, rgb.shape[1]
    # Bars at the sides may be of another colour than those above and below, which only then fill their rows.
    for _ in range(2):
        inside = rgb[:, left:right]
        top, bottom = _ends(inside[top:bottom], top, bottom)
        inside = rgb[top:bottom].swapaxes(0, 1)
        left, right = _ends(inside[left:right], left, right)
    return Box(left, top, right, bottom)


def _ends(rows: np.ndarray, first: int, last: int) -> tuple[int, int]:
    """``first`` and ``last`` moved past the bars at the start and the end of some rows, (N, M, 3) uint8."""
    start, end = _bar(rows), _bar(rows[::-1])
    return (first + start, last - end) if start + end < len(rows) else (first, last)


def _bar(rows: np.ndarray) -> int:
    """Number of rows at the start that are a bar, with those in which it fades out."""
    most = int(MOST * len(rows))
    colour = np.median(rows[0], axis=0).astype(np.int16)
    count = 0
    while count < most:
        block = _alike(rows[count : min(count + BLOCK, most)], colour) >= FILLED
        count += len(block) if block.all() else int(np.argmin(block))
        if not block.all():
            break
    if not LEAST * len(rows) <= count < most:
        return 0
    behind = _alike(rows[count : count + BLEND], colour)
    sharp = behind <= STRAIGHT
    return count + int(np.argmax(sharp)) if sharp.any() else 0


def _alike(rows: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """Share of each row's pixels that have a colour: (N,) float64."""
    least, most = (tuple(np.clip(colour + away, 0, 255).tolist()) for away in (-PLAIN, PLAIN))
    alike: np.ndarray = cv2.inRange(np.ascontiguousarray(rows), least, most).mean(axis=1) / 255
    return alike
