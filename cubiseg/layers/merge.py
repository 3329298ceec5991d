"""What becomes one layer: parts that a profile calls by one name, and which side of the character a piece is on."""

from collections import defaultdict

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.label_maps import nearest_class
from cubiseg.layers.profiles import Profile

SIDE = 1024
"""Longer side, in pixels, at which sides are told; larger maps are looked at in steps."""


def merged(label: np.ndarray, profile: Profile) -> tuple[np.ndarray, dict[str, tuple[str, ...]]]:
    """Let parts that a profile calls by one name be one part: the one of them that lies highest in the stack.

    Args:
        label: (H, W) uint8, ids of classes and parts.
        profile: profile whose names count.

    Returns:
        The label map, ``label`` itself where nothing is merged; and by name of each class or part in it, the names of
        all that it holds, bottom to top.
    """
    told = _names_in(label)
    by_side: defaultdict[str, set[str]] = defaultdict(set)
    for part, sides in profile.sided.items():
        if part in told:
            pieces = label == taxonomy.PART_ID[part]
            label = _on_sides(label, pieces, *sides)
            for side in sides:
                if (label[pieces] == taxonomy.PART_ID[side]).any():
                    by_side[side].add(part)
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for name in _names_in(label):
        alike[profile.names[name]].append(name)
    holds, table = {}, np.arange(256, dtype=np.uint8)
    for names in alike.values():
        table[[taxonomy.PART_ID[name] for name in names]] = taxonomy.PART_ID[names[-1]]
        held = {name for name in names if name in told}.union(*(by_side[name] for name in names))
        holds[names[-1]] = tuple(name for name in taxonomy.STACK_ORDER if name in held)
    return (label if len(holds) == sum(map(len, alike.values())) else cv2.LUT(label, table)), holds


def _names_in(label: np.ndarray) -> list[str]:
    """Names of the classes and parts that occur in a label map, bottom to top."""
    there = set(np.flatnonzero(cv2.calcHist([label], [0], None, [256], [0, 256])).tolist())
    return [name for name in taxonomy.STACK_ORDER if taxonomy.PART_ID[name] in there]


def _on_sides(label: np.ndarray, mask: np.ndarray, left: str, right: str) -> np.ndarray:
    """Give each piece of a part that has no side to the nearest arm's, or where there is none, to the half it lies in.

    Args:
        label: (H, W) uint8, ids of classes and parts.
        mask: (H, W) bool, pixels of the part; at least one.
        left, right: names of the parts that its pieces on the character's left and right become.
    """
    step = -(-max(label.shape) // SIDE)
    small = np.ascontiguousarray(label[::step, ::step])
    by_side = [[taxonomy.PART_ID[name] for name in (f"arm_{side}", f"sleeve_{side}")] for side in ("left", "right")]
    is_left, is_right = (np.isin(small, ids) for ids in by_side)
    if is_left.any() or is_right.any():
        is_left = nearest_class(is_left.view(np.uint8), is_left | is_right) > 0
    else:  # the character's left is on the picture's right
        figure = np.flatnonzero((small != taxonomy.ID["background"]).any(axis=0))
        is_left = np.broadcast_to(np.arange(small.shape[1]) > figure.mean(), small.shape)
    votes = cv2.resize(is_left.astype(np.uint8), label.shape[::-1], interpolation=cv2.INTER_NEAREST)
    count, pieces = cv2.connectedComponents(mask.view(np.uint8), connectivity=8)
    share = np.bincount(pieces[mask], votes[mask], count) / np.maximum(np.bincount(pieces[mask], minlength=count), 1)
    ids = np.where(share > 0.5, taxonomy.PART_ID[left], taxonomy.PART_ID[right]).astype(np.uint8)
    return np.where(mask, ids[pieces], label)
