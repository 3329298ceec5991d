"""Random small pictures with label maps, for properties that hold for all of them."""

import numpy as np
from hypothesis import strategies as st

from cubiseg.imaging import Picture


@st.composite
def labelled_pictures(draw: st.DrawFn) -> tuple[Picture, np.ndarray]:
    """Patchy label maps (ids 0..11, sometimes 255) under noise, opaque or with clear, soft and solid alpha."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    height, width = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    patch = draw(st.sampled_from([1, 4, 9]))
    coarse = rng.integers(0, 12, (height // patch + 1, width // patch + 1)).astype(np.uint8)
    coarse[rng.random(coarse.shape) < 0.1] = 255
    label = coarse.repeat(patch, 0).repeat(patch, 1)[:height, :width]
    rgb = rng.integers(0, 256, (height, width, 3), np.uint8)
    kind = draw(st.sampled_from(["opaque", "cut-out", "soft"]))
    if kind == "opaque":
        return Picture(rgb), label
    if kind == "cut-out":
        return Picture(rgb, np.where(rng.random((height, width)) < 0.5, 255, 0).astype(np.uint8)), label
    return Picture(rgb, rng.choice(np.array([0, 1, 60, 254, 255], np.uint8), (height, width))), label
