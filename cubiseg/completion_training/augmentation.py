"""Changes to a crop that make the network ready for other hands than the generator's."""

from collections.abc import Sequence

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.completion.truth import beneath
from cubiseg.completion_training.data import LABEL, MAY_HIDE, RGB, TRUTH, VISIBLE
from cubiseg.completion_training.params import CropAugmentation

_PAIRS = {p.name: p.pair for p in taxonomy.PARTS if p.pair} | {c.name: c.pair for c in taxonomy.CLASSES if c.pair}
_RAGGED = 2.5
"""Pixels of the square by which borders of labels move at most, but for one in three."""


def augmented(
    crop: np.ndarray, name: str, other: tuple[np.ndarray, str], params: CropAugmentation, rng: np.random.Generator
) -> tuple[np.ndarray, str]:
    """A crop as it might have been.

    Args:
        crop: (10, size, size) uint8, as ``data.Crops.load`` gives it.
        name: its part.
        other: another crop and its part, which may be laid over.
        params: chances.
        rng: all randomness.

    Returns:
        A new crop, and its part: the one of the other side where it was mirrored.
    """
    crop = crop.copy()
    if rng.random() < params.occlude:
        _occlude(crop, name, *other, rng)
    if rng.random() < 0.5:
        crop, name = _mirrored(crop, name)
    if rng.random() < params.ragged:
        _ragged(crop, name, rng)
    both = crop[[0, 1, 2, 6, 7, 8]].astype(np.float32) / 255
    both = _recoloured(both, rng)
    if rng.random() < params.shade:
        both *= _field(crop.shape[1:], rng, 0.3)
    both = np.rint(np.clip(both, 0, 1) * 255).astype(np.uint8)
    crop[RGB], crop[TRUTH] = both[:3], both[3:]
    if rng.random() < params.degrade:
        crop[RGB] = _degraded(np.ascontiguousarray(crop[RGB].transpose(1, 2, 0)), rng).transpose(2, 0, 1)
    return crop, name


def _mirrored(crop: np.ndarray, name: str) -> tuple[np.ndarray, str]:
    """Left to right, with the character's sides swapped; the picture still fills the square from its left."""
    inside = np.flatnonzero((crop[LABEL] != taxonomy.IGNORE_INDEX).any(0))
    width = int(inside[-1]) + 1 if len(inside) else crop.shape[2]
    out = crop.copy()
    out[..., :width] = crop[..., :width][..., ::-1]
    out[LABEL, :, :width] = taxonomy.flip_label(crop[LABEL, :, :width])
    return out, _PAIRS.get(name) or name


def _masks(crop: np.ndarray, name: str, where: np.ndarray) -> None:
    """What is seen and what may hide follow a changed label map, in place."""
    crop[VISIBLE][where] = 255 * (crop[LABEL] == taxonomy.PART_ID[name])[where]
    crop[MAY_HIDE][where] = 255 * (beneath(name, crop[LABEL]) & (crop[LABEL] != taxonomy.IGNORE_INDEX))[where]


def _ragged(crop: np.ndarray, name: str, rng: np.random.Generator) -> None:
    """Move borders of labels to and fro; the picture and the truth stay."""
    size = crop.shape[1]
    strength = _RAGGED * rng.random() * (2 if rng.random() < 1 / 3 else 1)
    cells = int(rng.integers(6, 28))
    moves = [cv2.resize(rng.normal(0, 1, (cells, cells)).astype(np.float32), (size, size)) for _ in range(2)]
    rows, columns = np.mgrid[:size, :size].astype(np.float32)
    label = crop[LABEL].copy()
    outside = label == taxonomy.IGNORE_INDEX
    moved = cv2.remap(
        *(label, columns + strength * moves[0], rows + strength * moves[1]),
        cv2.INTER_NEAREST,
        None,
        cv2.BORDER_REPLICATE,
    )
    crop[LABEL] = np.where(outside | (moved == taxonomy.IGNORE_INDEX), label, moved)
    _masks(crop, name, crop[LABEL] != label)


def _occlude(crop: np.ndarray, name: str, other: np.ndarray, other_name: str, rng: np.random.Generator) -> None:
    """Lay what is seen of another part over this one, if the stack has it above; in place."""
    if taxonomy.STACK_RANK[taxonomy.PART_ID[other_name]] <= taxonomy.STACK_RANK[taxonomy.PART_ID[name]]:
        return
    size = crop.shape[1]
    scale, (x, y) = float(rng.uniform(0.4, 1.0)), rng.uniform(-0.3, 0.7, 2) * size
    turn = np.array([[scale, 0, x], [0, scale, y]], np.float32)
    seen = np.ascontiguousarray(other[VISIBLE])
    mask = cv2.warpAffine(seen, turn, (size, size), flags=cv2.INTER_AREA) >= 128
    mask &= crop[LABEL] != taxonomy.IGNORE_INDEX
    left = (crop[VISIBLE] >= 128) & ~mask
    if np.count_nonzero(left) < 0.3 * np.count_nonzero(crop[VISIBLE] >= 128):
        return  # too little would be left to tell the rest by
    colours = cv2.warpAffine(np.ascontiguousarray(other[RGB].transpose(1, 2, 0)), turn, (size, size))
    crop[RGB][:, mask] = colours.transpose(2, 0, 1)[:, mask]
    crop[LABEL][mask] = taxonomy.PART_ID[other_name]
    _masks(crop, name, mask)


def _recoloured(colours: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Other hues, contrast and brightness, the same for picture and truth: (6, h, w) float32."""
    mixing = np.eye(3, dtype=np.float32)
    if rng.random() < 0.3:
        mixing = mixing[rng.permutation(3)]
    mixing = mixing + rng.normal(0, 0.08, (3, 3)).astype(np.float32)
    gain, lift = float(rng.uniform(0.75, 1.2)), float(rng.uniform(-0.1, 0.1))
    pair = colours.reshape(2, 3, -1)
    return np.asarray(((mixing @ pair) * gain + lift).reshape(colours.shape))


def _field(shape: Sequence[int], rng: np.random.Generator, strength: float) -> np.ndarray:
    """(h, w) float32 around 1 that changes slowly."""
    coarse = rng.uniform(-1, 1, (3, 3)).astype(np.float32)
    return np.asarray(
        1 + strength * rng.random() * cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    )


def _degraded(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Out of focus, compressed or noisy: (h, w, 3) uint8."""
    kind = rng.random()
    if kind < 0.4:
        return np.asarray(cv2.GaussianBlur(rgb, (0, 0), float(rng.uniform(0.3, 1.2))))
    if kind < 0.8:
        quality = int(rng.integers(30, 90))
        return np.asarray(
            cv2.imdecode(cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)
        )
    noise = rng.normal(0, rng.uniform(1, 8), rgb.shape)
    return np.clip(rgb + noise, 0, 255).astype(np.uint8)
