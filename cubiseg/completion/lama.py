"""LaMa, where the user has it: an ONNX export that paints a hole in a picture from what is around it.

Suvorov et al., "Resolution-robust Large Mask Inpainting with Fourier Convolutions", WACV 2022. Public exports take
``image`` (1, 3, 512, 512) float32, RGB, 0..1, and ``mask`` (1, 1, 512, 512) float32, 1 in the hole, and give one
picture (1, 3, 512, 512), in 0..255 or in 0..1. The file comes from elsewhere and is not to be trusted.
"""

from pathlib import Path

import cv2
import numpy as np

from cubiseg.errors import CubisegError, brief
from cubiseg.inference.onnx_session import open_session

SIDE = 512
"""Pixels of a side of what LaMa sees."""
INPUTS = {"image": 3, "mask": 1}
"""Channels by name of input."""
USUAL = f"a LaMa export takes image (1, 3, {SIDE}, {SIDE}) and mask (1, 1, {SIDE}, {SIDE}) and gives one picture"
_REMEDY = "name an ONNX export of LaMa with --fill-model FILE.onnx"


class Lama:
    """A LaMa export that is ready to run.

    Args:
        path: ONNX file.

    Raises:
        CubisegError: the file is unreadable, broken, unsafe, or of another interface.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._session = open_session(path, _REMEDY)
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        fits = [i.name for i in inputs] == list(INPUTS) and len(outputs) == 1
        if not fits or not all(_fits(i, INPUTS[i.name]) for i in inputs) or not _fits(outputs[0], 3):
            takes, gives = (", ".join(f"{one.name} {one.shape}" for one in some)[:120] for some in (inputs, outputs))
            raise CubisegError(f"{path}: takes {takes!a} and gives {gives!a}; {USUAL}")

    def paint(self, rgb: np.ndarray, hole: np.ndarray) -> np.ndarray:
        """Paint a hole from what is around it; a window of more than 512 pixels a side is painted coarser than it is.

        Args:
            rgb: (h, w, 3) uint8, sRGB; what lies in the hole is not looked at.
            hole: (h, w) bool, not everywhere.

        Returns:
            (h, w, 3) uint8; outside the hole nearly the same.

        Raises:
            CubisegError: the network fails, or gives no finite picture of the agreed shape.
        """
        height, width = hole.shape
        scale = min(1.0, SIDE / max(height, width))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        known = cv2.resize((~hole).astype(np.float32), size, interpolation=cv2.INTER_AREA)
        sums = cv2.resize(rgb * ~hole[..., None] / np.float32(255), size, interpolation=cv2.INTER_AREA)
        # A pixel that is partly hole has the mean of its known part, and counts as hole where there are enough others.
        seen = known > 0.5 if (known > 0.5).any() else known > 0
        picture = np.where(seen[..., None], sums / np.maximum(known, 1e-6)[..., None], np.float32(0))
        frame = (0, SIDE - size[1], 0, SIDE - size[0], cv2.BORDER_REFLECT)
        picture, outside = cv2.copyMakeBorder(picture, *frame), cv2.copyMakeBorder(seen.view(np.uint8), *frame)
        painted = self._run(picture, outside)[: size[1], : size[0]]
        return np.asarray(cv2.resize(painted, (width, height), interpolation=cv2.INTER_LINEAR))

    def _run(self, picture: np.ndarray, known: np.ndarray) -> np.ndarray:
        """One square: (512, 512, 3) float32, 0..1, and (512, 512) uint8, 0 in the hole -> (512, 512, 3) uint8."""
        image = np.ascontiguousarray(picture.transpose(2, 0, 1)[None], np.float32)
        mask = (known == 0).astype(np.float32)[None, None]
        try:
            given = self._session.run(None, {"image": image, "mask": mask})[0]
        except Exception as error:  # the runtime's own classes, and MemoryError
            raise CubisegError(f"{self.path}: the network failed ({brief(error, 160)}); {USUAL}") from error
        if not isinstance(given, np.ndarray) or given.shape != image.shape or not np.isfinite(given).all():
            raise CubisegError(f"{self.path}: gives no finite picture of {SIDE} pixels a side; {USUAL}")
        out = given[0].transpose(1, 2, 0).astype(np.float32)
        inside = known > 0
        off = [float(np.abs(out[inside] * scale - 255 * picture[inside]).mean()) for scale in (1, 255)]
        # Exports differ in the range of what they give; outside the hole it is what they were given. Where both ranges
        # fit, all is black, and nothing is made brighter.
        return np.rint(np.clip(out * (255 if off[1] < off[0] else 1), 0, 255)).astype(np.uint8)


def _fits(tensor: object, channels: int) -> bool:
    """Whether a tensor is (1, channels, 512, 512) float32; a side without a number takes any."""
    wanted = (1, channels, SIDE, SIDE)
    shape = getattr(tensor, "shape", None) or []
    same = len(shape) == 4 and all(a == b for a, b in zip(shape, wanted, strict=True) if isinstance(a, int))
    return same and getattr(tensor, "type", "") == "tensor(float)"
