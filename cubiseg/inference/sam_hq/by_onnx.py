"""SAM as two ONNX files, an encoder and a decoder of the usual interface: SAM, MobileSAM, SAM-HQ.

The decoder is what the authors' ``export_onnx_model.py`` writes: it takes ``image_embeddings``, ``point_coords``,
``point_labels``, ``mask_input``, ``has_mask_input`` and ``orig_im_size``, SAM-HQ's ``interm_embeddings`` too, and gives
``masks``, ``iou_predictions`` and ``low_res_masks``. The encoder takes one picture, (1, 3, S, S) normalised or, with
that inside, (H, W, 3) as it is, and gives what the decoder takes. Both are untrusted, as any model file is.
"""

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from cubiseg.errors import CubisegError, brief
from cubiseg.inference.onnx_session import open_session
from cubiseg.inference.sam_hq.sizes import SIDE, checked_side, seen_size

MEAN, DEVIATION = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
"""Of SAM's pictures, levels of 255."""
STRIDE = 16
"""Pixels of the square, along a side, in a pixel of the embedding."""
EMBEDDINGS, EARLY = "image_embeddings", "interm_embeddings"
RANKS = {
    EMBEDDINGS: 4,
    "point_coords": 3,
    "point_labels": 2,
    "mask_input": 4,
    "has_mask_input": 1,
    "orig_im_size": 1,
}
GIVEN = ("iou_predictions", "low_res_masks")
_BOTH = "name an encoder and a decoder: --sam-hq encoder.onnx,decoder.onnx"


class OnnxPair:
    """An encoder and a decoder.

    Args:
        encoder: ONNX file.
        decoder: ONNX file.

    Raises:
        CubisegError: a file is unreadable, broken, unsafe, or not of the usual interface.
    """

    name = "sam-onnx"
    at_once = 1
    """The usual interface takes the points of one mask."""

    def __init__(self, encoder: Path, decoder: Path) -> None:
        self._encoder, self._decoder = (open_session(path, _BOTH) for path in (encoder, decoder))
        self._files = encoder, decoder
        shapes = {i.name: i.shape for i in self._decoder.get_inputs()}
        _check_decoder(decoder, shapes, [o.name for o in self._decoder.get_outputs()])
        self._takes_early = EARLY in shapes
        (self._picture, *others), outputs = self._encoder.get_inputs(), [o.name for o in self._encoder.get_outputs()]
        self._flat = len(self._picture.shape) == 3
        wanted = [EMBEDDINGS, *([EARLY] if self._takes_early else [])]
        self._gives = outputs if len(outputs) == len(wanted) == 1 else wanted
        fits = self._flat or (len(self._picture.shape) == 4 and self._picture.shape[1] == 3)
        if others or not fits or not set(self._gives) <= set(outputs):
            raise CubisegError(
                f"{encoder}: takes {self._picture.name} {self._picture.shape} and gives {', '.join(outputs)}; a SAM"
                f" encoder takes one picture and gives {', '.join(wanted)}: name it first, then its decoder"
            )
        side = self._picture.shape[-1] if not self._flat else None
        cells = shapes[EMBEDDINGS][-1]
        told = side if isinstance(side, int) else STRIDE * cells if isinstance(cells, int) else SIDE
        self.side = checked_side(told, encoder)

    def embed(self, rgb: np.ndarray) -> dict[str, np.ndarray]:
        """What the decoder takes of a picture, by name."""
        seen = cv2.resize(rgb, self._seen(rgb), interpolation=cv2.INTER_LINEAR).astype(np.float32)
        if not self._flat:
            square = np.zeros((self.side, self.side, 3), np.float32)
            square[: seen.shape[0], : seen.shape[1]] = (seen - np.array(MEAN, np.float32)) / np.array(
                DEVIATION, np.float32
            )
            seen = np.ascontiguousarray(square.transpose(2, 0, 1)[None])
        found = self._run(0, self._encoder, self._gives, {self._picture.name: seen})
        return dict(zip([EMBEDDINGS, EARLY][: len(found)], found, strict=True))

    def _seen(self, rgb: np.ndarray) -> tuple[int, int]:
        height, width = seen_size((rgb.shape[0], rgb.shape[1]), self.side)
        return width, height

    def masks(self, embedding: Any, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """All masks of each point; see :class:`cubiseg.inference.sam_hq.network.MaskNetwork`."""
        quarter = 4 * embedding[EMBEDDINGS].shape[-1]
        logits, ratings = [], []
        for point in points:
            feed = {
                **embedding,
                # A point without a box is followed by one that counts for nothing.
                "point_coords": np.array([[point, (0, 0)]], np.float32),
                "point_labels": np.array([[1, -1]], np.float32),
                "mask_input": np.zeros((1, 1, quarter, quarter), np.float32),
                "has_mask_input": np.zeros(1, np.float32),
                "orig_im_size": np.array([self.side, self.side], np.float32),
            }
            rated, low = self._run(1, self._decoder, GIVEN, feed)
            if low.ndim != 4 or rated.shape != low.shape[:2] or low.shape[2:] != (quarter, quarter):
                raise CubisegError(
                    f"{self._files[1]}: gives masks {low.shape} and ratings {rated.shape}, not a rating for each mask"
                    f" of {quarter}x{quarter}; export it again"
                )
            logits.append(low[0])
            ratings.append(rated[0])
        return np.concatenate(logits).astype(np.float32), np.concatenate(ratings).astype(np.float32)

    def _run(self, which: int, session: Any, wanted: Any, feed: dict[str, np.ndarray]) -> list[np.ndarray]:
        try:
            return session.run(list(wanted), feed)
        except Exception as error:  # onnxruntime raises its own unrelated classes
            raise CubisegError(
                f"{self._files[which]}: the network failed ({brief(error, 160)}); encoder and decoder may not belong"
                " together"
            ) from error


def _check_decoder(path: Path, shapes: dict[str, list[Any]], gives: list[str]) -> None:
    wrong = [name for name, rank in RANKS.items() if name not in shapes or len(shapes[name]) != rank]
    wrong += [name for name in shapes if name not in RANKS and name != EARLY]
    wrong += [name for name in GIVEN if name not in gives]
    if wrong:
        raise CubisegError(
            f"{path}: is no decoder of SAM's usual interface ({', '.join(wrong[:4])} missing or of another shape); name"
            " the encoder first, then the decoder"
        )
