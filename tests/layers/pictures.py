"""Random small pictures with label maps, for properties that hold for all of them."""

import cv2
import numpy as np
from hypothesis import strategies as st

from cubiseg import taxonomy
from cubiseg.imaging import Picture
from cubiseg.layers.check import Check
from cubiseg.layers.lint import Finding


@st.composite
def labelled_pictures(draw: st.DrawFn) -> tuple[Picture, np.ndarray]:
    """Patchy label maps (classes, or classes and parts, sometimes 255) under noise; opaque, or with soft alpha."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    height, width = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    patch = draw(st.sampled_from([1, 4, 9]))
    ids = draw(st.sampled_from([taxonomy.ID, taxonomy.PART_ID]))
    coarse = rng.choice(np.array(list(ids.values()), np.uint8), (height // patch + 1, width // patch + 1))
    coarse[rng.random(coarse.shape) < 0.1] = 255
    label = coarse.repeat(patch, 0).repeat(patch, 1)[:height, :width]
    rgb = rng.integers(0, 256, (height, width, 3), np.uint8)
    kind = draw(st.sampled_from(["opaque", "cut-out", "soft"]))
    if kind == "opaque":
        return Picture(rgb), label
    if kind == "cut-out":
        return Picture(rgb, np.where(rng.random((height, width)) < 0.5, 255, 0).astype(np.uint8)), label
    return Picture(rgb, rng.choice(np.array([0, 1, 60, 254, 255], np.uint8), (height, width))), label


def blotches(seed: int, size: tuple[int, int] = (150, 130), cut_out: bool = False) -> tuple[Picture, np.ndarray]:
    """A disc of blotches of all classes with speckles, each class of one colour, smoothed as drawings are.

    Around it is background; or nothing, where it is cut out, with a smooth outline.
    """
    rng = np.random.default_rng(seed)
    fields = [cv2.GaussianBlur(rng.normal(size=size).astype(np.float32), (0, 0), sigma) for sigma in (5, 14)]
    parts = np.clip((7 + 8 * sum(field / field.std() for field in fields) / 4).astype(int), 0, 11).astype(np.uint8)
    speckled = rng.random(size) < 0.02
    parts[speckled] = rng.integers(0, 12, int(speckled.sum()))
    rows, columns = np.ogrid[: size[0], : size[1]]
    away = np.hypot(rows - size[0] / 2, columns - size[1] / 2) - 0.42 * min(size)
    label = np.where(away < 0, np.where(parts == 0, 1, parts), 0).astype(np.uint8)
    colours = rng.integers(0, 256, (12, 3)).astype(np.float32)
    rgb = np.clip(cv2.GaussianBlur(colours[label], (0, 0), 0.6) + rng.normal(0, 2, (*size, 3)), 0, 255)
    alpha = np.rint(255 * np.clip(0.5 - away, 0, 1)).astype(np.uint8)
    return Picture(np.rint(rgb).astype(np.uint8), alpha if cut_out else None), label


def faults(check: Check, picture: Picture) -> list[Finding]:
    """Findings in a PSD of noise but those that noise brings: an odd width, and parts that are made of specks."""
    odd = picture.size[1] % 2 == 1
    return [f for f in check.findings if f.code != "L018" and not (odd and f.code == "L019")]
