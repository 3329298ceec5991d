"""Pictures that are copies of one another, scaled, encoded again, touched up or mirrored: by perceptual hashes.

All pairs of n hashes within a few bits are found without looking at all n² of them: bits are dealt out to b blocks, b
being two more than the bits that may differ, so that hashes that near are equal in two blocks at least. For each two of
the blocks, hashes are sorted by what they have there, and only those that are equal in it are compared (Manku, Jain and
Das Sarma, "Detecting near-duplicates for web crawling", WWW 2007).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np

from cubiseg.graphs import components

THUMBNAIL = 12
"""Pixels along a side of what a picture looks like from afar."""
ALIKE = 0.95
"""Correlation of two thumbnails from which pictures of like hash are copies."""
MOST_LOOKS = 64
"""So many looks of one hash are told apart; more are those of hostile or of hardly any pictures, and are no copies."""
_AT_ONCE = 2**18
"""Pairs of looks that are held at once, and those of one more pair of hashes: hostile hashes can have 10 GB of them."""


def perceptual_hash(rgb: np.ndarray) -> int:
    """64-bit hash that hardly changes under scaling and re-encoding.

    Sign of the lowest 8x8 coefficients of the discrete cosine transform of the grey picture at 32x32 about their median
    (Zauner, "Implementation and benchmarking of perceptual image hash functions", 2010).

    Args:
        rgb: (H, W, 3) uint8.
    """
    grey = cv2.resize(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), (32, 32), interpolation=cv2.INTER_AREA)
    low = cv2.dct(grey.astype(np.float32))[:8, :8].ravel()
    bits = low > np.median(low[1:])
    return int(np.packbits(bits).view(">u8")[0])


def near_pairs(values: np.ndarray, bits: int) -> np.ndarray:
    """Pairs of hashes that differ in at most so many bits.

    Args:
        values: (n,) uint64, each once.
        bits: 0 to 20. Time grows with it: blocks become short, and more hashes are equal in two of them.

    Returns:
        (m, 2) int64, indices; a pair may come several times.
    """
    blocks = bits + 2
    masks = [np.uint64(sum(1 << bit for bit in range(block, 64, blocks))) for block in range(blocks)]
    found = [np.empty((0, 2), np.int64)]
    for one, other in combinations(masks, 2):
        keys = values & (one | other)
        order = np.argsort(keys, kind="stable")
        keys, sorted_values = keys[order], values[order]
        # Runs of one key: each hash is compared to its successor, then to the next one, while the run lasts.
        first, away = np.arange(len(values) - 1), 1
        while len(first := first[first < len(values) - away]):
            first = first[keys[first] == keys[first + away]]
            near = first[np.bitwise_count(sorted_values[first] ^ sorted_values[first + away]) <= bits]
            found.append(np.stack([order[near], order[near + away]], axis=1))
            away += 1
    return np.concatenate(found)


def thumbnail(rgb: np.ndarray) -> np.ndarray:
    """What a picture looks like from afar, however bright and rich in contrast: (n,) int8 about 0.

    Args:
        rgb: (H, W, 3) uint8.
    """
    small = cv2.resize(rgb, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA).astype(np.float32)
    standard = (small - small.mean()) / max(1.0, float(small.std()))
    return np.clip(np.rint(32 * standard), -127, 127).astype(np.int8).ravel()


def _alike(thumbnails: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Whether pairs of pictures look alike from afar: (m,) bool. From n on, an index is that of a mirror image."""
    parts = np.array_split(pairs, 1 + len(pairs) // 2**14)
    return np.concatenate([_alike_at_once(thumbnails, part) for part in parts])


def _alike_at_once(thumbnails: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    count = len(thumbnails)
    one, other = (_seen(thumbnails, pairs[:, side] % count, pairs[:, side] >= count) for side in (0, 1))
    product, lengths = (one * other).sum(axis=1), np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    # Plain pictures have no look: they are alike by their hashes.
    return (product >= ALIKE * lengths) | (lengths == 0)


def _seen(thumbnails: np.ndarray, which: np.ndarray, flipped: np.ndarray) -> np.ndarray:
    pixels = thumbnails[which].reshape(-1, THUMBNAIL, THUMBNAIL, 3)
    pixels[flipped] = pixels[flipped, :, ::-1]
    return pixels.reshape(len(which), thumbnails.shape[1]).astype(np.float32)


@dataclass(frozen=True)
class Print:
    """By what a picture is known again.

    Attributes:
        bits: perceptual hash.
        mirrored: that of its mirror image.
        thumbnail: (n,) int8, what it looks like from afar.
    """

    bits: int
    mirrored: int
    thumbnail: np.ndarray

    @classmethod
    def of(cls, rgb: np.ndarray) -> "Print":
        """That of a picture, (H, W, 3) uint8."""
        return cls(perceptual_hash(rgb), perceptual_hash(rgb[:, ::-1]), thumbnail(rgb))


def copies(prints: Sequence[Print], bits: int) -> np.ndarray:
    """Pairs of pictures of which one is a copy of the other, perhaps mirrored.

    Hashes alone do not tell: among the 45,000,000,000 pairs of 300,000 faces some are near by chance. So what they look
    like from afar must be alike too. A drawing in other colours has the hash and not the look: it is no copy, but one
    more picture to learn from.

    Args:
        prints: of all pictures.
        bits: most bits in which two hashes of one drawing differ, 0 to 20.

    Returns:
        (m, 2) int64, indices; enough pairs to join all copies, not each pair of them.
    """
    count = len(prints)
    if not count:
        return np.empty((0, 2), np.int64)
    hashes = np.array([p.bits for p in prints] + [p.mirrored for p in prints], np.uint64)
    values, of = np.unique(hashes, return_inverse=True)
    looks = np.stack([p.thumbnail for p in prints])
    links, leaders = _by_look(looks, of)
    near = np.unique(np.sort(near_pairs(values, bits), axis=1), axis=0)
    pairs = np.concatenate([links, _across(looks, near, of, leaders)]) % count
    return np.unique(np.sort(pairs, axis=1), axis=0)


def _by_look(looks: np.ndarray, of: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pictures of one hash by their looks, which differ where a drawing was painted in other colours.

    Args:
        looks: thumbnails of the pictures.
        of: (2n,) int64, which hash each picture has, and then which one its mirror image has.

    Returns:
        (m, 2) int64, each picture with the first that looks like it, and those first ones.
    """
    links, leaders = [np.empty((0, 2), np.int64)], []
    rest = np.arange(len(of))
    for _ in range(MOST_LOOKS):
        _, first, which = np.unique(of[rest], return_index=True, return_inverse=True)
        leaders.append(rest[first])
        pairs = np.stack([rest, rest[first][which]], axis=1)
        pairs = pairs[pairs[:, 0] != pairs[:, 1]]
        alike = _alike(looks, pairs)
        links.append(pairs[alike])
        rest = pairs[~alike, 0]
        if not len(rest):
            break
    return np.concatenate(links), np.concatenate(leaders)


def _across(looks: np.ndarray, near: np.ndarray, of: np.ndarray, leaders: np.ndarray) -> np.ndarray:
    """Pairs of leaders that look alike, (m, 2) int64, one of each hash of a near pair."""
    leaders = leaders[np.argsort(of[leaders], kind="stable")]
    number = np.bincount(of[leaders])
    total = np.cumsum(number[near[:, 0]] * number[near[:, 1]])
    found = [np.empty((0, 2), np.int64)]
    for part in np.split(near, np.flatnonzero(np.diff(total // _AT_ONCE)) + 1):
        pairs = _each_with_each(part, number, leaders)
        found.append(pairs[_alike(looks, pairs)])
    return np.concatenate(found)


def _each_with_each(near: np.ndarray, number: np.ndarray, leaders: np.ndarray) -> np.ndarray:
    """Pairs of leaders, (m, 2) int64, from pairs of hashes: each of one hash with each of the other.

    Args:
        near: (k, 2) int64, pairs of hashes.
        number: how many leaders each hash has.
        leaders: those of the first hash, then those of the next.
    """
    begin = np.cumsum(number) - number
    one, other = near.T
    combined = number[one] * number[other]
    place = np.arange(combined.sum()) - np.repeat(np.cumsum(combined) - combined, combined)
    one, other = np.repeat(one, combined), np.repeat(other, combined)
    return np.stack(
        [leaders[begin[one] + place // number[other]], leaders[begin[other] + place % number[other]]], axis=1
    )


def clusters(count: int, links: np.ndarray) -> list[int]:
    """What links join, directly or not.

    Args:
        count: how many pictures there are.
        links: (m, 2) int64, pairs of pictures by index.

    Returns:
        For each picture, the smallest index of its cluster.
    """
    _, first, which = np.unique(components(count, links), return_index=True, return_inverse=True)
    return first[which].tolist()
