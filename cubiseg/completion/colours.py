"""Colours of a part's hidden pixels that agree with what is seen of it.

Near what is seen they are spanned from there (:mod:`.membrane`), since a drawing goes on as it is beside the edge; far
from it a network knows more of shade and pattern.
"""

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.completion.crops import Crop
from cubiseg.completion.membrane import membrane

PLAIN = frozenset(name for name in taxonomy.PART_ID if taxonomy.class_name(name) == "skin" or name.endswith("_white"))
"""Classes and parts of one tone: a dark line at their edge is ink, and what a network shades far from it is a guess.
The face is none: what covers it casts shadows on it."""
RIM = 0.3
"""Share of a part that must be left without its outermost pixels for these not to be drawn from."""
BINS, RARE = 32, 0.03
"""Steps of a* and of b* in which tones are counted, and the share of a part's pixels of like tone, the next steps'
included, below which these are rare. Lightness does not count: shade that hair casts on a face goes on beneath it."""
FAR = 0.3
"""Distance from what is seen at which a network's colour counts half: share of the square root of the area seen."""


def drawn_from(name: str, seen: np.ndarray, rgb: np.ndarray) -> np.ndarray:
    """Pixels of a part that hidden colours are drawn from.

    Not its rim, which is blended with what lies beside it, and not what has a tone that is rare in it, as a strand that
    the label map gave to the face. Of an iris all: its rim is its outline, which goes on beneath the lid.

    Args:
        name: class or part, or a segment without a name.
        seen: (h, w) bool, pixels of the part.
        rgb: (h, w, 3 or more) uint8, sRGB in the first three channels.

    Returns:
        (h, w) bool; at least one where one is seen.
    """
    if name.endswith("_iris"):
        return seen
    inner = cv2.erode(seen.view(np.uint8), np.ones((3, 3), np.uint8)).view(bool)
    if np.count_nonzero(inner) <= RIM * np.count_nonzero(seen):
        inner = seen
    common = inner & _is_common(rgb, inner)
    return common if common.any() else inner


def _is_common(rgb: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """(h, w) bool, pixels whose tone, give or take, :data:`RARE` of the chosen have: a histogram, projected back.

    Swain and Ballard, "Color indexing", 1991.
    """
    lab: np.ndarray = cv2.cvtColor(np.ascontiguousarray(rgb[..., :3]), cv2.COLOR_RGB2LAB)
    tones, whole = [1, 2], [0, 256, 0, 256]
    counts = cv2.calcHist([lab], tones, chosen.view(np.uint8), [BINS, BINS], whole)
    near = cv2.boxFilter(counts, -1, (3, 3), normalize=False, borderType=cv2.BORDER_CONSTANT)
    common = (near >= RARE * np.count_nonzero(chosen)).astype(np.float32)
    return np.asarray(cv2.calcBackProject([lab], tones, common, whole, 1)).view(bool)


def continued(name: str, values: np.ndarray, known: np.ndarray, size: tuple[int, int] | None = None) -> np.ndarray:
    """Colours of a part, continued to everywhere from those that are known.

    Args:
        name: class or part, or a segment without a name.
        values: (h, w, C) uint8, colours or colours and alpha.
        known: (h, w) bool, pixels that they are drawn from; at least one.
        size: height and width of the result, where it is not to be as large.

    Returns:
        (h, w, C) float32, 0..255.
    """
    return membrane(values, known, without_lines=name in PLAIN, size=size)


def agreeing(
    name: str, rgb: np.ndarray, seen: np.ndarray, visible: np.ndarray, crop: Crop, said: np.ndarray
) -> np.ndarray:
    """What a network says of a part's colours, made to agree with those that are seen.

    Args:
        name: class or part.
        rgb: (h, w, 3) uint8, sRGB, the piece of the picture.
        seen: (h, w) bool, what is seen of the part; at least one pixel.
        visible: (size, size) uint8, how much of each pixel of the square that is, 0..255.
        crop: which piece.
        said: (size, size, 3) float32, colours in the square, 0..255.

    Returns:
        (size, size, 3) float32.
    """
    height, width = crop.inner
    spanned = continued(name, rgb, drawn_from(name, seen, rgb), crop.inner)
    out = said.copy()
    if name in PLAIN:
        out[:height, :width] = spanned
        return out
    there = visible[:height, :width] >= 128
    area = np.count_nonzero(there)
    if area:  # else the part is too small in the square to say anything about what is far from it
        away = cv2.distanceTransform((~there).view(np.uint8), cv2.DIST_L2, 5)
        share = (away / (away + np.float32(FAR * np.sqrt(area))))[..., None]
        out[:height, :width] = spanned + share * (said[:height, :width] - spanned)
    return out
