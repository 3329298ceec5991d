"""How near a completion comes to the complete layer: area, alpha, colour, structure, and holes that movement opens.

Counts are kept by picture and part, so that they can be pooled by character and two ways compared on the same pictures.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields

import cv2
import numpy as np
from pydantic import Field

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.completion.truth import OPAQUE, CompletePart, CompletePicture
from cubiseg.metrics import Metrics
from cubiseg.scores import PairedDifference, difference, finite, mean_interval

LEAST = 16
"""Truly hidden pixels, of a character's part over its pictures, under which it has no figure."""
MOVES = (0.02, 0.04, 0.08)
"""How far parts are moved, as shares of the head's width."""
DIRECTIONS = ((1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1))
"""Steps of x and y; diagonal moves are as long as the others."""
GMS_C = 170.0
"""Constant of the gradient magnitude similarity, for values 0..255."""
FIGURES = ("hidden_iou", "alpha_error", "amodal_iou", "painted", "psnr", "ssim", "ciede2000", "edges")


@dataclass(frozen=True)
class Painted:
    """A part as some way continues it.

    Attributes:
        box: the piece of the picture that the arrays are of.
        alpha: (h, w) float32, 0..1.
        rgb: (h, w, 3) uint8, sRGB.
    """

    box: Box
    alpha: np.ndarray
    rgb: np.ndarray


@dataclass(frozen=True)
class PartCounts:
    """Sums over the pixels of a part in a picture, or in some.

    Hidden pixels are those where the part truly is and something else is seen; a completion has what it makes at least
    half opaque where something else is seen. Colours are compared where both are.

    Attributes:
        hidden: truly hidden pixels.
        both, either: intersection and union of the true and the painted hidden area.
        whole_both, whole_either: the same of the whole part, with what is seen of it.
        alpha_error: sum of the difference of alpha, 0..1, over ``alpha_pixels``: pixels where something else is seen
            and either alpha is above 0.
        alpha_pixels: their number.
        squared: sum of the squared difference of colour, mean over the channels, in levels.
        ciede: sum of CIEDE2000.
        ssim: sum of SSIM (Wang et al., "Image quality assessment", 2004) of the luma, Gaussian windows.
        gms: sum of the gradient magnitude similarity of the luma (Xue et al., "Gradient magnitude similarity
            deviation", 2014): 1 where lines and flat areas are where they truly are.
    """

    hidden: float = 0
    both: float = 0
    either: float = 0
    whole_both: float = 0
    whole_either: float = 0
    alpha_error: float = 0
    alpha_pixels: float = 0
    squared: float = 0
    ciede: float = 0
    ssim: float = 0
    gms: float = 0

    def __add__(self, other: "PartCounts") -> "PartCounts":
        return PartCounts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def figures(self) -> dict[str, float]:
        """Figures by name (:data:`FIGURES`); NaN where there is nothing to measure.

        ``hidden_iou`` and ``amodal_iou`` 0..1; ``alpha_error`` 0..1; ``painted`` the share of the hidden area that is
        painted; ``psnr`` dB; ``ssim`` -1..1; ``ciede2000`` 0 and up; ``edges`` 0..1, the
        gradient magnitude similarity.
        """

        def share(part: float, of: float) -> float:
            return part / of if of else float("nan")

        error = share(self.squared, self.both)
        return {
            "hidden_iou": share(self.both, self.either),
            "alpha_error": share(self.alpha_error, self.alpha_pixels),
            "amodal_iou": share(self.whole_both, self.whole_either),
            "painted": share(self.both, self.hidden),
            "psnr": float(10 * np.log10(255**2 / max(error, 1e-2))) if error == error else float("nan"),
            "ssim": share(self.ssim, self.both),
            "ciede2000": share(self.ciede, self.both),
            "edges": share(self.gms, self.both),
        }


def compare(truth: CompletePart, painted: Painted | None, size: tuple[int, int]) -> PartCounts:
    """Count how a completion of one part differs from the truth.

    Args:
        truth: the part.
        painted: its completion; None where there is none, not even of what is seen.
        size: height and width of the picture.
    """
    box = truth.box.union(None if painted is None else painted.box).grown(4, size)
    true = _canvas(truth.rgba, truth.box, box)
    seen = _canvas(truth.visible, truth.box, box)
    hidden = _canvas(truth.hidden, truth.box, box)
    if painted is None:
        alpha, rgb = np.zeros(seen.shape, np.float32), np.zeros((*seen.shape, 3), np.uint8)
    else:
        alpha, rgb = _canvas(painted.alpha, painted.box, box), _canvas(painted.rgb, painted.box, box)
    true_alpha = true[..., 3] * np.float32(1 / 255)
    found = (alpha >= 0.5) & ~seen
    there = hidden | seen
    off = np.abs(alpha - true_alpha)
    asked = ~seen & ((alpha > 0) | (true_alpha > 0))
    both = hidden & found
    has = found | (seen & (alpha >= 0.5))
    return PartCounts(
        hidden=int(np.count_nonzero(hidden)),
        both=int(np.count_nonzero(both)),
        either=int(np.count_nonzero(hidden | found)),
        whole_both=int(np.count_nonzero(there & has)),
        whole_either=int(np.count_nonzero(there | has)),
        alpha_error=float(off[asked].sum(dtype=np.float64)),
        alpha_pixels=int(np.count_nonzero(asked)),
        **_colour(true, rgb, both),
    )


def _canvas(array: np.ndarray, box: Box, on: Box) -> np.ndarray:
    """An array of one box within a larger one, zeros around it."""
    out = np.zeros((int(on.height), int(on.width), *array.shape[2:]), array.dtype)
    out[box.moved(-on.left, -on.top).window] = array
    return out


def _colour(true: np.ndarray, rgb: np.ndarray, where: np.ndarray) -> dict[str, float]:
    """Sums of the differences of colour over some pixels; around them, both are as the truth is."""
    if not where.any():
        return {}
    from skimage.color import deltaE_ciede2000, rgb2lab
    from skimage.metrics import structural_similarity

    first, second = true[..., :3][where], rgb[where]
    square = np.square(first.astype(np.float64) - second).mean(axis=1).sum()
    ciede = deltaE_ciede2000(rgb2lab(first[None]), rgb2lab(second[None])).sum()
    around = np.where((true[..., 3] >= OPAQUE)[..., None], true[..., :3], np.uint8(128))
    one = cv2.cvtColor(around, cv2.COLOR_RGB2GRAY)
    around[where] = second
    two = cv2.cvtColor(around, cv2.COLOR_RGB2GRAY)
    pads = (12, 12, 12, 12)  # a window of SSIM must fit
    one, two = (cv2.copyMakeBorder(grey, *pads, cv2.BORDER_REPLICATE) for grey in (one, two))
    _, ssim = structural_similarity(
        one, two, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, full=True
    )
    gms = similar_gradients(one, two)
    inside = np.s_[12:-12, 12:-12]
    return {
        "squared": float(square),
        "ciede": float(ciede),
        "ssim": float(ssim[inside][where].sum()),
        "gms": float(gms[inside][where].sum()),
    }


def similar_gradients(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Gradient magnitude similarity at each pixel of two (h, w) uint8 pictures: (h, w) float32, above 0 to 1."""
    kernel = np.array([(1, 0, -1)] * 3, np.float32) / 3  # Prewitt
    sizes = []
    for grey in (one, two):
        values = grey.astype(np.float32)
        sizes.append(np.hypot(cv2.filter2D(values, -1, kernel), cv2.filter2D(values, -1, kernel.T)))
    return np.asarray((2 * sizes[0] * sizes[1] + GMS_C) / (sizes[0] ** 2 + sizes[1] ** 2 + GMS_C))


@dataclass(frozen=True)
class Opened:
    """Holes that movement opens, as shares of the figure by move ("0.04").

    Attributes:
        clear: all pixels of the figure that become clear.
        torn: those of them that true layers, moved alike, would still cover.
    """

    clear: Mapping[str, float]
    torn: Mapping[str, float]


def holes(parts: Iterable[tuple[Painted, CompletePart | None]], figure: np.ndarray, width: float) -> Opened:
    """Holes that movement opens: pixels of the figure that nothing covers once one part has moved.

    One part at a time is moved, the others stay, by each of :data:`MOVES` times the head's width in each of the eight
    :data:`DIRECTIONS`. A pixel is covered where a part is at least half opaque. Counted are pixels that belonged to the
    figure, that some part covered before, and that none covers now; what lies behind the figure covers nothing. So the
    outer rim that a part leaves behind counts too, and true layers open something as well: ``torn`` leaves that out.

    Args:
        parts: the figure's parts, without the background, each with the same part as it truly is; None where the truth
            has no such part.
        figure: (H, W) bool, where the figure is seen.
        width: of the head, in px.

    Returns:
        Pixels opened, summed over the parts and averaged over the directions, as shares of the figure.
    """
    known = list(parts)
    whole = Box(0, 0, figure.shape[1], figure.shape[0])
    masks = [_canvas(part.alpha >= 0.5, part.box, whole) for part, _ in known]
    truths = [
        np.zeros_like(figure) if true is None else _canvas(true.rgba[..., 3] >= OPAQUE, true.box, whole)
        for _, true in known
    ]
    covers, true_covers = (np.sum(some, axis=0, dtype=np.uint16) for some in (masks, truths))
    area = max(1, int(np.count_nonzero(figure)))
    clear, torn = {}, {}
    for move in MOVES:
        steps = [_step(way, move * width) for way in DIRECTIONS]
        opened = np.zeros(2)
        for mask, true in zip(masks, truths, strict=True):
            alone = figure & mask & (covers == 1)
            box = Box.around(alone)
            if box is not None:
                kept = (true_covers - true)[box.window] > 0
                for step in steps:
                    gone = alone[box.window] & ~_moved(mask, box, step)
                    opened += np.count_nonzero(gone), np.count_nonzero(gone & (kept | _moved(true, box, step)))
        clear[f"{move:.2f}"], torn[f"{move:.2f}"] = (opened / len(DIRECTIONS) / area).tolist()
    return Opened(clear, torn)


def _step(way: tuple[int, int], length: float) -> tuple[int, int]:
    scale = length / float(np.hypot(*way))
    return round(way[0] * scale), round(way[1] * scale)


def _moved(mask: np.ndarray, box: Box, step: tuple[int, int]) -> np.ndarray:
    """What of a mask lies in a box once it has moved by (x, y) px; what comes from beyond the picture is nothing."""
    source = box.moved(-step[0], -step[1])
    inside = Box(
        max(0, source.left), max(0, source.top), min(mask.shape[1], source.right), min(mask.shape[0], source.bottom)
    )
    out = np.zeros((int(box.height), int(box.width)), bool)
    if inside.width > 0 and inside.height > 0:
        out[inside.moved(-source.left, -source.top).window] = mask[inside.window]
    return out


@dataclass(frozen=True)
class PictureCounts:
    """What one way of completing gives on one picture.

    Attributes:
        group: the character.
        parts: counts by part.
        holes: what movement opens.
    """

    group: str
    parts: Mapping[str, PartCounts]
    holes: Opened


def score(picture: CompletePicture, painted: Mapping[str, Painted]) -> PictureCounts:
    """Measure completions of all parts of a picture.

    Args:
        picture: the truth.
        painted: completions by part.
    """
    size = picture.label.shape[:2]
    seen = {name: part for name, part in picture.parts.items() if part.visible.any()}
    counts = {name: compare(part, painted.get(name), size) for name, part in seen.items()}
    shown = [(painted[name], part) for name, part in seen.items() if name in painted]
    return PictureCounts(picture.group, counts, holes(shown, picture.figure, picture.head_width))


class CompletionScores(Metrics):
    """Scores of one way of completing; a figure that does not exist is None.

    Attributes:
        pictures, characters: how many.
        figures: by name, the mean over characters of the mean over their parts.
        intervals: their 95 % intervals over characters.
        iris_iou: amodal IoU of the irises, the mean over characters.
        holes: by move, all pixels of the figure that become clear, the mean over characters.
        torn: by move, those that true layers would still cover.
        parts: by part and figure, the mean over the characters that have it hidden.
        by_character: by character and figure, the mean over the parts.
    """

    pictures: int
    characters: int
    figures: dict[str, float | None]
    intervals: dict[str, tuple[float | None, float | None]] = Field(default_factory=dict)
    iris_iou: float | None
    holes: dict[str, float | None]
    torn: dict[str, float | None]
    parts: dict[str, dict[str, float | None]]
    by_character: dict[str, dict[str, float | None]]


def summary(counts: Sequence[PictureCounts], *, seed: int = 0) -> CompletionScores:
    """Sum up pictures: pooled by character and part, then means over parts, then over characters.

    Args:
        counts: of at least one picture.
        seed: seed of the draws of the intervals.
    """
    pooled = _pooled(counts)
    characters = {group: _means(parts) | {"iris_iou": _iris(parts)} for group, parts in pooled.items()}
    opened = {
        kind: {key: finite(_mean(_by_character(counts, f"{kind} {key}").values())) for key in counts[0].holes.clear}
        for kind in ("holes", "torn")
    }
    names = sorted({name for parts in pooled.values() for name in parts}, key=taxonomy.STACK_ORDER.index)
    by_part = {
        name: {
            key: finite(_mean(parts[name].figures()[key] for parts in pooled.values() if name in parts))
            for key in FIGURES
        }
        for name in names
    }
    intervals = {}
    for key in FIGURES:
        known = np.array([row[key] for row in characters.values() if np.isfinite(row[key])])
        low, high = mean_interval(known, seed=seed) if len(known) > 1 else (float("nan"), float("nan"))
        intervals[key] = finite(low), finite(high)
    return CompletionScores(
        pictures=len(counts),
        characters=len(pooled),
        figures={key: finite(_mean(row[key] for row in characters.values())) for key in FIGURES},
        intervals=intervals,
        iris_iou=finite(_mean(row["iris_iou"] for row in characters.values())),
        holes=opened["holes"],
        torn=opened["torn"],
        parts=by_part,
        by_character={
            group: {key: finite(row[key]) for key in (*FIGURES, "iris_iou")} for group, row in characters.items()
        },
    )


def better(
    ours: Sequence[PictureCounts], theirs: Sequence[PictureCounts], key: str, *, seed: int = 0
) -> PairedDifference:
    """How much higher a figure is one way than another on the same pictures, by character.

    Args:
        ours, theirs: counts of the same characters.
        key: one of :data:`FIGURES`, or "holes 0.04", "torn 0.04"; of errors and holes, lower is better.
        seed: seed of the draws of the interval.

    Raises:
        ValueError: the characters differ.
    """
    one, two = _by_character(ours, key), _by_character(theirs, key)
    if one.keys() != two.keys():
        raise ValueError("the two ways were scored on different characters")
    return difference(np.array([one[group] - two[group] for group in one]), seed=seed)


def _by_character(counts: Sequence[PictureCounts], key: str) -> dict[str, float]:
    if key in FIGURES:
        return {group: _means(parts)[key] for group, parts in _pooled(counts).items()}
    kind, move = key.split()
    opened = [(c.group, (c.holes.torn if kind == "torn" else c.holes.clear)[move]) for c in counts]
    return {group: _mean(share for other, share in opened if other == group) for group, _ in opened}


def _pooled(counts: Sequence[PictureCounts]) -> dict[str, dict[str, PartCounts]]:
    """Counts by character and part, of parts with enough that is hidden; irises always."""
    out: dict[str, dict[str, PartCounts]] = {}
    for one in counts:
        parts = out.setdefault(one.group, {})
        for name, count in one.parts.items():
            parts[name] = parts[name] + count if name in parts else count
    return {
        group: {name: c for name, c in parts.items() if c.hidden >= LEAST or name.endswith("_iris")}
        for group, parts in out.items()
    }


def _means(parts: Mapping[str, PartCounts]) -> dict[str, float]:
    known = [count.figures() for count in parts.values() if count.hidden >= LEAST]
    return {key: _mean(row[key] for row in known) for key in FIGURES}


def _iris(parts: Mapping[str, PartCounts]) -> float:
    return _mean(count.figures()["amodal_iou"] for name, count in parts.items() if name.endswith("_iris"))


def _mean(values: Iterable[float]) -> float:
    """Mean of what is finite; NaN where nothing is."""
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else float("nan")
