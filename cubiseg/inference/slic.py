"""A fallback that needs no weights: superpixels, colour and position.

Superpixels (:func:`cubiseg.superpixels.compact_areas`) are sorted into background, skin, hair and clothes by where they
lie and by their colour relative to the face; eyes, brows, nose and mouth are the dark or saturated blobs inside the
face. It expects one upright character. Its confidence is set low on purpose: this is a first guess to
correct, and each number below is a rule of thumb of the drawing style, in shares of the face's size. A picture without
a face gets segments without names instead (:mod:`cubiseg.inference.segments`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.errors import CubisegError
from cubiseg.graphs import components
from cubiseg.imaging import Picture
from cubiseg.inference.segmentation import Segmentation, Segmenter, finalize, without_bars
from cubiseg.inference.segments import SEGMENTS as UNNAMED
from cubiseg.inference.segments import by_regions
from cubiseg.letterbox import Placement, from_logits
from cubiseg.superpixels import compact_areas

ID = taxonomy.ID
WORKING_SIDE = 640
SEGMENTS, COMPACTNESS = 1400, 8.0
_SCORE = {"background": 2.9, "hair": 2.2, "clothes": 2.2, "face": 2.4, "skin": 1.8}
"""Logit of a superpixel's class, the others being 0: a softmax of 0.35 to 0.62 over 12 classes."""
_PART_SCORE = 1.6


@dataclass(frozen=True)
class _Face:
    """A face found: its filled outline, the box around it, whose bottom is the chin, and the colour of its skin."""

    outline: np.ndarray
    box: Box
    colour: np.ndarray


class Slic:
    """The backend ``slic``.

    Args:
        segments: segments of a picture in which no character is found.
        asked: opens a model that says whether a picture shows a face, better than rules can; gives None where there is
            none.
    """

    name = architecture = "slic"

    def __init__(self, segments: int = UNNAMED, asked: Callable[[], Segmenter | None] = lambda: None) -> None:
        self._segments, self._open = segments, asked
        self._opened: list[Segmenter | None] = []

    def segment(self, picture: Picture) -> Segmentation:
        """Label one picture by rules; one without a face is cut into segments without names."""
        if not self._shows_face(picture):
            return self.unnamed(picture)
        return without_bars(picture, self._segment)

    def unnamed(self, picture: Picture) -> Segmentation:
        """Cut a picture that is known to show no face into segments without names."""
        return without_bars(picture, lambda content: by_regions(content, self._segments, self.name))

    def _shows_face(self, picture: Picture) -> bool:
        """Whether a model finds a face; where there is none, or it fails, that is left to the rules."""
        if not self._opened:
            self._opened.append(self._open())
        (model,) = self._opened
        try:
            return model is None or model.segment(picture).shows_face
        except CubisegError:
            return True

    def _segment(self, picture: Picture) -> Segmentation:
        height, width = picture.size
        scale = min(1.0, WORKING_SIDE / max(height, width))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        rgb = cv2.resize(picture.over(), size, interpolation=cv2.INTER_AREA)
        alpha = None if picture.alpha is None else cv2.resize(picture.alpha, size, interpolation=cv2.INTER_AREA)
        label = label_by_rules(rgb, alpha)
        if not (label == ID["face"]).any():
            return by_regions(picture, self._segments, self.name)
        scores = np.zeros((taxonomy.NUM_CLASSES, *label.shape), np.float32)
        for c in taxonomy.CLASSES:
            scores[c.id][label == c.id] = _SCORE.get(c.name, _PART_SCORE)
        full, confidence = from_logits(scores, Placement((height, width), label.shape, (0, 0)))
        raw = Segmentation(full, confidence, self.name, self.name, cell=1 / scale)
        result = finalize(raw, picture, low_confidence=0)
        warning = "low confidence: slic only guesses by colour and position; check the layers, or use a trained model"
        return replace(result, warnings=(warning, *result.warnings))


def label_by_rules(rgb: np.ndarray, alpha: np.ndarray | None) -> np.ndarray:
    """Label a picture of working size.

    Args:
        rgb: (H, W, 3) uint8, sRGB, composed over white.
        alpha: (H, W) uint8 or None.

    Returns:
        (H, W) uint8, taxonomy ids.
    """
    lab = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    segments = compact_areas(lab, SEGMENTS, COMPACTNESS)
    means = _means(lab, segments)
    if alpha is not None and (alpha < 128).any():
        foreground = alpha >= 128
    else:
        foreground = _trim(~_background(segments, means)[segments], lab)
        foreground = _keep_large(foreground, 0.1)
    label = np.where(foreground, ID["clothes"], ID["background"]).astype(np.uint8)
    smooth = means[segments]
    face = _find_face(smooth, lab, foreground)
    if face is None:
        return label
    skin = foreground & (_distance(smooth, face.colour) < 16) & _skin_like(smooth)
    head = _hair(segments, means, foreground, skin, face)
    # Soft edges of a cut-out look like skin over white: thin lines of it are none.
    skin = cv2.morphologyEx(skin.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0
    label[skin] = ID["skin"]
    label[head & ~skin] = ID["hair"]
    label[(face.outline > 0) & foreground & (skin | ~head)] = ID["face"]
    _paint_parts(label, lab, face)
    return label


def _means(lab: np.ndarray, segments: np.ndarray) -> np.ndarray:
    """Mean Lab of each segment: (S, 3)."""
    flat = segments.ravel()
    count = np.bincount(flat)
    sums = [np.bincount(flat, lab[..., k].ravel(), len(count)) for k in range(3)]
    return (np.stack(sums, 1) / np.maximum(count, 1)[:, None]).astype(np.float32)


def _distance(lab: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """Colour distance with lightness at half weight: shading moves lightness most."""
    return np.sqrt((((lab - colour) * np.array([0.5, 1, 1], np.float32)) ** 2).sum(-1))


def _background(segments: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Which segments are background: regions of slowly changing colour that own a stretch of the upper border."""
    count = len(means)
    pairs = np.concatenate(
        [
            np.stack([segments[:, :-1].ravel(), segments[:, 1:].ravel()], 1),
            np.stack([segments[:-1].ravel(), segments[1:].ravel()], 1),
        ]
    )
    pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    near = np.linalg.norm(means[pairs[:, 0]] - means[pairs[:, 1]], axis=1) < 5
    component = components(count, pairs[near])
    # The lower border is left out: there the character is cut off.
    reach = segments.shape[0] * 2 // 3
    border = np.concatenate([segments[0], segments[:reach, 0], segments[:reach, -1]])
    share = np.bincount(component[border], minlength=component.max() + 1) / len(border)
    return share[component] > 0.04


def _trim(foreground: np.ndarray, lab: np.ndarray) -> np.ndarray:
    """Take flat background off the outer superpixels: what has the colour of the nearest background pixel."""
    inside = foreground.astype(np.uint8)
    background = inside == 0
    if not background.any():
        return foreground
    away, index = cv2.distanceTransformWithLabels(inside, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    colours = np.zeros((int(index.max()) + 1, 3), np.float32)
    colours[index[background]] = cv2.blur(lab, (5, 5))[background]
    same = (np.linalg.norm(lab - colours[index], axis=-1) < 6) & (away < 24)
    _, components = cv2.connectedComponents((background | same).astype(np.uint8), connectivity=4)
    outside = np.isin(components, np.unique(components[background]))
    return foreground & ~outside


def _keep_large(mask: np.ndarray, share: float) -> np.ndarray:
    """Components of at least ``share`` of the largest one."""
    count, components, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    if count < 2:
        return mask
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    return (areas >= share * areas.max())[components] & mask


def _skin_like(lab: np.ndarray) -> np.ndarray:
    """Light, and pale or pink to orange without being vivid."""
    light, a, b = lab[..., 0], lab[..., 1], lab[..., 2]
    chroma, hue = np.hypot(a, b), np.arctan2(b, a)
    pale = (light > 90) & (chroma < 8) & (a > -2)
    return pale | ((light > 62) & (chroma < 38) & (hue > -0.25) & (hue < 1.45))


def _find_face(smooth: np.ndarray, lab: np.ndarray, foreground: np.ndarray) -> _Face | None:
    """The skin region in the upper half of the figure that looks most like a face."""
    rows = np.flatnonzero(foreground.any(axis=1))
    if not len(rows):
        return None
    top, tall = rows[0], len(rows)
    skin = (_skin_like(smooth) & foreground).astype(np.uint8)
    count, components, stats, _ = cv2.connectedComponentsWithStats(skin, connectivity=4)
    best, best_score = None, 0.0
    for index in range(1, count):
        x, y, w, h, area = stats[index]
        if area < 0.002 * np.count_nonzero(foreground) or y > top + 0.5 * tall or w < 12 or h < 12:
            continue
        whole = components[y : y + h, x : x + w] == index
        window = lab[y : y + h, x : x + w]
        # A face may run on into neck, shoulders and chest: try several chins, and let a pair of eyes correct each.
        for chin in sorted({_chin(whole), *(min(h, int(k * w)) for k in (0.5, 0.75, 1.0, 1.3))}):
            found = _face_above(chin, whole, window)
            if found is None:
                continue
            outline, colour, features, apart = found
            ys, xs = np.nonzero(outline)
            face_w, face_h = int(np.ptp(xs)) + 1, int(np.ptp(ys)) + 1
            square = min(face_w, face_h) / max(face_w, face_h)
            score = np.sqrt(len(ys)) * min(features, 0.25) * square * (1 - (y - top) / max(tall, 1)) ** 2
            if apart:
                # Eyes of a face lie 0.3 to 0.6 of its width apart; 0.45 is the middle.
                score *= 4 * max(0.1, 1 - abs(apart / face_w - 0.45) / 0.3)
            if score > best_score:
                full = np.zeros(foreground.shape, np.uint8)
                full[y : y + outline.shape[0], x : x + w] = outline
                box = Box(int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1).moved(x, y)
                best, best_score = _Face(full, box, colour), float(score)
    return best


def _face_above(chin: int, skin: np.ndarray, lab: np.ndarray) -> tuple[np.ndarray, np.ndarray, float, float] | None:
    """A face whose chin is at a row of a skin region, or where its eyes say that the chin is.

    Returns:
        Outline (rows, W) uint8, skin colour, share of dark pixels inside, distance of the eyes in pixels (0: none).
    """
    apart = 0.0
    sides = np.ones(skin.shape[1], bool)
    for again in (False, True):
        inside = skin[:chin] & sides
        points = cv2.findNonZero(inside.astype(np.uint8))
        if points is None or len(points) < 20:
            return None
        outline: np.ndarray = np.zeros(inside.shape, np.uint8)
        cv2.fillConvexPoly(outline, cv2.convexHull(points), 1)
        colour = np.median(lab[:chin][inside], axis=0)
        dark = (outline > 0) & ~inside & (lab[:chin, :, 0] < colour[0] - 12)
        if again:
            break
        eyes = _eye_pair(dark.astype(np.uint8), outline.shape[1], chin, 0)
        if eyes is None:
            break
        (y1, x1), (y2, x2) = (np.argwhere(eye).mean(axis=0) for eye in eyes)
        apart, middle = float(x2 - x1), float(x1 + x2) / 2
        # Drawn faces: the chin is about one eye distance below the eyes, the cheeks one to either side of the nose.
        chin = min(len(skin), round(float(y1 + y2) / 2 + 0.95 * apart))
        sides = np.abs(np.arange(skin.shape[1]) - middle) < 1.15 * apart
    return outline, colour, np.count_nonzero(dark) / int(outline.sum()), apart


def _chin(mask: np.ndarray) -> int:
    """Row at which a face's skin ends or has narrowed most of the way to its neck."""
    first = mask.argmax(axis=1)
    last = mask.shape[1] - mask[:, ::-1].argmax(axis=1)
    widths = np.where(mask.any(axis=1), last - first, 0)
    widest = np.maximum.accumulate(widths)
    # The chin lies 0.55 to 1.5 face widths below the topmost skin; what is wider further down is shoulders.
    rows = np.arange(len(widths))
    face = rows < 1.1 * widest[min(len(widths) - 1, int(0.6 * widths[: len(widths) * 3 // 4 + 1].max()))]
    wide = int(widths[face].max())
    low, high = int(0.55 * wide), min(len(widths), int(1.5 * wide))
    if high - low < 3:
        return min(len(widths), max(high, 1))
    neck = low + int(widths[low:high].argmin())
    limit = widths[neck] + 0.4 * (wide - widths[neck])
    return low + int(np.flatnonzero(widths[low : neck + 1] <= limit)[0]) + 1


def _hair(segments: np.ndarray, means: np.ndarray, foreground: np.ndarray, skin: np.ndarray, face: _Face) -> np.ndarray:
    """Hair by place (around the face, above the chin) and by colour (strands that hang lower, still joined to it)."""
    x0, y0, x1, y1 = face.box
    w, h = int(face.box.width), int(face.box.height)
    yy, xx = np.mgrid[: segments.shape[0], : segments.shape[1]]
    around = foreground & ~skin & (xx > x0 - 0.8 * w) & (xx < x1 + 0.8 * w) & (yy < y1 - 0.12 * h)
    above = foreground & (yy < y0 + 0.15 * h)
    crown = around & (yy < y0 + 0.25 * h)
    if not crown.any():
        return above & ~skin
    # The commonest colours of the crown, so that a headband or a highlight does not open the door to everything.
    ids, sizes = np.unique(segments[crown], return_counts=True)
    colours = means[ids]
    support = [(sizes * (_distance(colours, c) < 12)).sum() / sizes.sum() for c in colours]
    typical = colours[np.asarray(support) > 0.25]
    if not len(typical):
        typical = colours[[int(np.argmax(support))]]
    nearest = np.min([_distance(means, c) for c in typical[:: max(1, len(typical) // 24)]], axis=0)
    alike = (nearest < 9)[segments] & foreground & ~skin & (xx > x0 - 1.5 * w) & (xx < x1 + 1.5 * w)
    together = (around | above | alike).astype(np.uint8)
    _, components = cv2.connectedComponents(together, connectivity=4)
    kept = np.unique(components[crown])
    return np.isin(components, kept[kept > 0])


def _paint_parts(label: np.ndarray, lab: np.ndarray, face: _Face) -> None:
    """Paint eyes, brows, nose and mouth onto ``label`` in place."""
    w, h = int(face.box.width), int(face.box.height)
    crop = face.box.window
    different = (np.linalg.norm(lab[crop] - face.colour, axis=-1) > 20) & (face.outline[crop] > 0)
    eyes: tuple[np.ndarray, np.ndarray] | None = None
    for radius in (0, 1, 2, 3):
        blobs = different.astype(np.uint8)
        if radius:
            # Lashes that touch the fringe join eye and hair; a little erosion parts them.
            blobs = cv2.erode(blobs, np.ones((2 * radius + 1, 2 * radius + 1), np.uint8))
        eyes = _eye_pair(blobs, w, h, radius)
        if eyes is not None:
            break
    if eyes is None:
        return
    taken = np.zeros((h, w), bool)
    view = label[crop]
    # The character's left eye is on the picture's right.
    for mask, side in zip(eyes, ("right", "left"), strict=True):
        view[mask & (face.outline[crop] > 0)] = ID[f"eye_{side}"]
        taken |= mask
    grown = cv2.dilate(taken.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    rows = np.flatnonzero(taken.any(axis=1))
    eye_top, eye_bottom = rows[0], rows[-1]
    centre = float(np.nonzero(taken)[1].mean())
    count, components, stats, centres = cv2.connectedComponentsWithStats(
        (different & ~grown).astype(np.uint8), connectivity=8
    )
    mouth, mouth_area = 0, 0
    for index in range(1, count):
        x, y, bw, bh, area = stats[index]
        cx, cy = centres[index]
        if y <= 1 or x <= 1 or x + bw >= w - 1:
            continue  # joined to the hair around the face
        if cy < eye_top and bw > 1.5 * bh and 0.08 * w < bw < 0.45 * w and bh < 0.15 * h:
            view[components == index] = ID["eyebrow_right" if cx < centre else "eyebrow_left"]
        elif cy > eye_bottom + 0.08 * h and abs(cx - centre) < 0.2 * w and bw < 0.5 * w and area > mouth_area:
            mouth, mouth_area = index, area
    if not mouth:
        return
    view[_filled(components == mouth)] = ID["mouth"]
    for index in range(1, count):
        cx, cy = centres[index]
        between = eye_bottom - 0.15 * h < cy < stats[mouth, cv2.CC_STAT_TOP]
        if index != mouth and between and abs(cx - centre) < 0.12 * w and stats[index, cv2.CC_STAT_AREA] < 0.02 * w * h:
            view[components == index] = ID["nose"]


def _eye_pair(blobs: np.ndarray, w: int, h: int, radius: int) -> tuple[np.ndarray, np.ndarray] | None:
    """The two blobs most like a pair of eyes, as filled outlines: picture's left, picture's right."""
    count, components, stats, centres = cv2.connectedComponentsWithStats(blobs, connectivity=8)
    found = [
        i
        for i in range(1, count)
        if 0.008 * w * h < stats[i, cv2.CC_STAT_AREA] < 0.16 * w * h
        and stats[i, cv2.CC_STAT_WIDTH] < 0.48 * w
        and 0.15 * h < centres[i, 1] < 0.8 * h
        and stats[i, cv2.CC_STAT_HEIGHT] > 0.06 * h
        and 0.4 < stats[i, cv2.CC_STAT_WIDTH] / stats[i, cv2.CC_STAT_HEIGHT] < 2.5
        and stats[i, cv2.CC_STAT_AREA] > 0.35 * stats[i, cv2.CC_STAT_WIDTH] * stats[i, cv2.CC_STAT_HEIGHT]
    ]
    best, best_score = None, 0.0
    for a in found:
        for b in found:
            apart = centres[b, 0] - centres[a, 0]
            if not 0.25 * w < apart < 0.75 * w or abs(centres[a, 1] - centres[b, 1]) > 0.15 * h:
                continue
            areas = sorted((stats[a, cv2.CC_STAT_AREA], stats[b, cv2.CC_STAT_AREA]))
            symmetric = 1 - abs((centres[a, 0] + centres[b, 0]) / w - 1)
            score = np.sqrt(areas[0]) * areas[0] / areas[1] * max(symmetric, 0.1)
            if areas[0] > 0.3 * areas[1] and score > best_score:
                best, best_score = (a, b), float(score)
    if best is None:
        return None
    kernel = np.ones((2 * radius + 1, 2 * radius + 1), np.uint8)
    left, right = (_filled(cv2.dilate((components == i).astype(np.uint8), kernel) > 0) for i in best)
    return left, right


def _filled(mask: np.ndarray) -> np.ndarray:
    """The convex hull of a blob: (H, W) bool."""
    points = cv2.findNonZero(mask.astype(np.uint8))
    out = np.zeros(mask.shape, np.uint8)
    if points is not None:
        cv2.fillConvexPoly(out, cv2.convexHull(points), 1)
    return out > 0
