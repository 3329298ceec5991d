"""Plain ways to continue the colours of a part beneath others: what a learnt completion has to beat.

A fill takes colours that are known and pixels that are wanted, in one window, and knows nothing of parts: where a part
goes on is another question, so that errors of shape and of colour are told apart.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import cv2
import numpy as np
from scipy import ndimage

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.completion.measures import Painted
from cubiseg.completion.membrane import membrane
from cubiseg.completion.truth import CompletePicture, beneath

Fill = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""``rgb`` (h, w, 3) uint8, ``known`` and ``wanted`` (h, w) bool without a common pixel, at least one of each; gives
(h, w, 3) uint8, whose wanted pixels are painted."""
Shape = Callable[[str], np.ndarray | None]
"""Name of a part to (H, W) bool: where it goes on beneath others; None where it does not."""

RADIUS = 3
"""Pixels around one that OpenCV's ways of inpainting look at."""
MOST_SOLVED = 1500
"""Pixels that the biharmonic equation is solved for; larger areas are solved at a smaller scale, as it is smooth."""
PATCH, MOST_MATCHED, ROUNDS = 7, 1200, 4
"""Side of a patch in px; pixels that patches are matched for, larger areas at a smaller scale; rounds of matching."""
MARGIN = 8
"""Pixels of the picture around a part and what is wanted of it that a fill gets to see."""


def telea(rgb: np.ndarray, known: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Fast marching inward (Telea, "An image inpainting technique based on the fast marching method", 2004; OpenCV)."""
    return _of_opencv(rgb, known, cv2.INPAINT_TELEA)


def navier_stokes(rgb: np.ndarray, known: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Isophotes carried on (Bertalmio et al., "Navier-Stokes, fluid dynamics, and image inpainting", 2001; OpenCV)."""
    return _of_opencv(rgb, known, cv2.INPAINT_NS)


def spanned(rgb: np.ndarray, known: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """A membrane (:mod:`.membrane`): colours as layers have them without a model, but for what it knows of parts."""
    out = rgb.copy()
    cv2.copyTo(cv2.convertScaleAbs(membrane(rgb, known)), wanted.view(np.uint8), out)
    return out


def _of_opencv(rgb: np.ndarray, known: np.ndarray, how: int) -> np.ndarray:
    """All that is not known is painted, or other parts would be a source."""
    return np.asarray(cv2.inpaint(np.ascontiguousarray(rgb), (~known).view(np.uint8), RADIUS, how))


def biharmonic(rgb: np.ndarray, known: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The smoothest surface through what is known (Damelin and Hoang, "On surface completion and image inpainting by
    biharmonic functions", 2018; scikit-image).

    At a scale at which at most :data:`MOST_SOLVED` pixels are unknown.
    """
    from skimage.restoration import inpaint_biharmonic

    small, some, _ = _scaled(rgb, known, wanted, MOST_SOLVED / max(1, int(np.count_nonzero(~known))))
    solved = inpaint_biharmonic(small, ~some, channel_axis=-1)
    return _put(rgb, wanted, np.clip(np.rint(255 * solved), 0, 255).astype(np.uint8))


def mirrored(rgb: np.ndarray, known: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Each pixel mirrored at the nearest known one; where what lies there is not known, the known one nearest to it."""
    nearest = ndimage.distance_transform_edt(~known, return_distances=False, return_indices=True)
    at = np.stack(np.nonzero(wanted))
    beyond = 2 * nearest[:, at[0], at[1]] - at
    beyond = np.clip(beyond, 0, np.array(known.shape)[:, None] - 1)
    source = nearest[:, beyond[0], beyond[1]]
    out = rgb.copy()
    out[wanted] = rgb[source[0], source[1]]
    return out


def patches(rgb: np.ndarray, known: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Copies of known patches that agree with each other where they overlap.

    The nearest patch of each wanted pixel is found, and the patches vote, in turns: Wexler, Shechtman and Irani,
    "Space-time completion of video", 2007. Here matching is exact, at a scale at which at most :data:`MOST_MATCHED`
    pixels are wanted, from where colours are copied at full size by the offsets found (He and Sun, "Statistics of patch
    offsets for image completion", 2012).
    """
    small, some, gap = _scaled(mirrored(rgb, known, wanted), known, wanted, MOST_MATCHED / np.count_nonzero(wanted))
    half = PATCH // 2
    core = cv2.erode(some.view(np.uint8), np.ones((PATCH, PATCH), np.uint8), borderValue=0).view(bool)
    if not core.any() or not gap.any():
        return mirrored(rgb, known, wanted)
    sources = np.stack(np.nonzero(core))
    sources = sources[:, :: -(-sources.shape[1] // 4000)]
    targets = np.stack(np.nonzero(gap))
    picture = cv2.copyMakeBorder(small.astype(np.float32), half, half, half, half, cv2.BORDER_REFLECT)
    told = cv2.copyMakeBorder((some | gap).astype(np.float32), half, half, half, half, cv2.BORDER_CONSTANT)
    weight = _windows(np.repeat(told[..., None], 3, 2), targets)
    bank = _windows(picture, sources)
    for _ in range(ROUNDS):
        asked = _windows(picture, targets)
        # Distances over what of a target's patch is of the part: |a|^2 is the same for all sources and left out.
        cost = weight @ np.square(bank).T - 2 * (weight * asked) @ bank.T
        chosen = sources[:, cost.argmin(axis=1)]
        picture[half:-half, half:-half][gap] = _votes(picture, targets, chosen, gap)
    return _copied(rgb, known, wanted, targets, chosen, gap)


def _windows(picture: np.ndarray, at: np.ndarray) -> np.ndarray:
    """(n, PATCH * PATCH * 3) patches around pixels (2, n) of a picture that has half a patch around it."""
    views = np.lib.stride_tricks.sliding_window_view(picture, (PATCH, PATCH), axis=(0, 1))
    return np.ascontiguousarray(views[at[0], at[1]]).reshape(at.shape[1], -1)


def _votes(picture: np.ndarray, targets: np.ndarray, chosen: np.ndarray, gap: np.ndarray) -> np.ndarray:
    """(n, 3) mean of what the patches of a pixel's neighbours put there."""
    half = PATCH // 2
    total, count = np.zeros((*picture.shape[:2], 3)), np.zeros(picture.shape[:2])
    for y, x in np.ndindex(PATCH, PATCH):
        to, source = (targets[0] + y, targets[1] + x), (chosen[0] + y, chosen[1] + x)
        total[to] += picture[source]  # no target twice
        count[to] += 1
    inner = np.s_[half:-half, half:-half]
    return np.asarray(total[inner][gap] / count[inner][gap][:, None], np.float32)


def _copied(
    rgb: np.ndarray, known: np.ndarray, wanted: np.ndarray, targets: np.ndarray, chosen: np.ndarray, gap: np.ndarray
) -> np.ndarray:
    """Colours at full size by the offsets that were found at a smaller one."""
    scale = np.array(known.shape) / np.array(gap.shape)
    offsets = np.zeros((2, *gap.shape), np.float32)
    offsets[:, targets[0], targets[1]] = (chosen - targets) * scale[:, None]
    near = ndimage.distance_transform_edt(~gap, return_distances=False, return_indices=True)
    at = np.stack(np.nonzero(wanted))
    small = np.minimum((at / scale[:, None]).astype(int), np.array(gap.shape)[:, None] - 1)
    seed = near[:, small[0], small[1]]
    source = np.rint(at + offsets[:, seed[0], seed[1]]).astype(int)
    source = np.clip(source, 0, np.array(known.shape)[:, None] - 1)
    nearest = ndimage.distance_transform_edt(~known, return_distances=False, return_indices=True)
    source = nearest[:, source[0], source[1]]
    out = rgb.copy()
    out[wanted] = rgb[source[0], source[1]]
    return out


def _scaled(
    rgb: np.ndarray, known: np.ndarray, wanted: np.ndarray, share: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A window made smaller, by known colours alone, until that share of its pixels is left; larger shares leave it."""
    scale = min(1.0, float(np.sqrt(share)))
    if scale == 1:
        return rgb.copy(), known, wanted
    size = max(8, round(rgb.shape[1] * scale)), max(8, round(rgb.shape[0] * scale))
    weight = cv2.resize(known.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    sums = cv2.resize(rgb * known[..., None].astype(np.float32), size, interpolation=cv2.INTER_AREA)
    gap = cv2.resize(wanted.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    some = weight >= 0.5 if (weight >= 0.5).any() else weight == weight.max()
    small = np.rint(sums / np.maximum(weight, 1e-6)[..., None])
    rest = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    return np.where(some[..., None], small, rest).astype(np.uint8), some, (gap > 0) & ~some


def _put(rgb: np.ndarray, wanted: np.ndarray, small: np.ndarray) -> np.ndarray:
    out = rgb.copy()
    large = small if small.shape == rgb.shape else cv2.resize(small, rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    out[wanted] = large[wanted]
    return out


FILLS: Mapping[str, Fill] = MappingProxyType(
    {
        "membrane": spanned,
        "telea": telea,
        "navier-stokes": navier_stokes,
        "biharmonic": biharmonic,
        "patches": patches,
        "mirrored": mirrored,
    }
)
"""Fills by name."""


def seen_names(label: np.ndarray) -> tuple[str, ...]:
    """Classes and parts of a label map, without the background, bottom to top."""
    there = np.unique(label)
    names = (taxonomy.PART_NAME[i] for i in there.tolist() if taxonomy.CLASS_OF[i] not in (0, taxonomy.IGNORE_INDEX))
    return tuple(sorted(names, key=taxonomy.STACK_ORDER.index))


def true_shape(picture: CompletePicture, name: str) -> np.ndarray | None:
    """The true shape of a part, as far as something that may lie above it is seen: (H, W) bool; None for nothing."""
    part = picture.parts.get(name)
    if part is None or not part.hidden.any():
        return None
    out = np.zeros(picture.label.shape, bool)
    out[part.box.window] = part.hidden
    return out & beneath(name, picture.label)


def filled(rgb: np.ndarray, label: np.ndarray, shape: Shape, fill: Fill) -> dict[str, Painted]:
    """All parts of a picture continued in some shape with some colour.

    Args:
        rgb: (H, W, 3) uint8, the picture.
        label: (H, W) uint8, ids of classes and parts.
        shape: where parts go on.
        fill: with what colours.

    Returns:
        By name, of the parts that are seen.
    """
    return {name: continued(rgb, label == taxonomy.PART_ID[name], shape(name), fill) for name in seen_names(label)}


def continued(rgb: np.ndarray, seen: np.ndarray, wanted: np.ndarray | None, fill: Fill) -> Painted:
    """One part continued.

    Args:
        rgb: (H, W, 3) uint8, the picture.
        seen: (H, W) bool, where the part is seen; at least one pixel.
        wanted: (H, W) bool, where it goes on, None for nowhere.
        fill: with what colours. It draws on what is seen less its rim, where edges are blended with what lies above.
    """
    there = seen if wanted is None else seen | wanted
    box = Box.around(there)
    assert box is not None  # noqa: S101 - asked of the caller
    box = box.grown(MARGIN, seen.shape[:2])
    at = box.window
    alpha, colours = there[at].astype(np.float32), np.ascontiguousarray(rgb[at])
    if wanted is not None and (gap := wanted[at] & ~seen[at]).any():
        inner = cv2.erode(seen[at].view(np.uint8), np.ones((3, 3), np.uint8)).view(bool)
        known = inner if np.count_nonzero(inner) > 0.3 * np.count_nonzero(seen) else seen[at]
        colours = np.where(gap[..., None], fill(colours, known, gap), colours)
    return Painted(box, alpha, colours)
