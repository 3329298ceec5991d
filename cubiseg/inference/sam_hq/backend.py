"""The backend ``sam-hq``."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import cv2
import numpy as np

from cubiseg.errors import CubisegError
from cubiseg.imaging import Picture
from cubiseg.inference.sam_hq.finding import find_masks, fitted
from cubiseg.inference.sam_hq.masks import Masks, smallest_on_top, to_segments
from cubiseg.inference.sam_hq.naming import named_by_votes
from cubiseg.inference.sam_hq.network import MaskNetwork
from cubiseg.inference.sam_hq.prompts import grid_points, region_points
from cubiseg.inference.segmentation import Segmentation, Segmenter, without_bars
from cubiseg.inference.segments import MOST, unnamed
from cubiseg.regions.unnamed import at_edges, by_area, unnamed_segments

GRID = 16
"""Points along each side of the grid; what it misses, the points inside our own regions find."""


class SamHq:
    """SAM-HQ, with names from the model in a picture with a face, without in others.

    Args:
        network: SAM.
        segments: segments of a picture without a face.
        namer: opens the model that votes for names; gives None where there is none, and then no mask has a name.
    """

    name = "sam-hq"

    def __init__(self, network: MaskNetwork, segments: int, namer: Callable[[], Segmenter | None]) -> None:
        self._network, self._segments, self._namer = network, segments, namer
        self._opened: list[Segmenter | None] = []
        self.architecture = network.name

    def segment(self, picture: Picture) -> Segmentation:
        """Cut a picture along masks, and name them where the model finds a face.

        Raises:
            CubisegError: the network fails, or finds no mask.
        """
        if not self._opened:
            self._opened.append(self._namer())
        (namer,) = self._opened
        if namer is None:
            told = "no model is here to name masks, so they have no names; `cubiseg doctor` says how to get one"
            result = self.unnamed(picture)
            return replace(result, warnings=(*result.warnings, told))
        return without_bars(picture, partial(self._named, namer))

    def _named(self, namer: Segmenter, picture: Picture) -> Segmentation:
        voted = namer.segment(picture)
        if not voted.shows_face:
            return self._unnamed(picture)
        rgb = picture.over()
        small = fitted(rgb, self._network.side)
        regions = smallest_on_top(self._masks(small).packed, (small.shape[0], small.shape[1]))
        if small is not rgb:
            regions = cv2.resize(regions, rgb.shape[1::-1], interpolation=cv2.INTER_NEAREST)
            regions = at_edges(rgb, regions, rgb.shape[0] / small.shape[0])
        result = named_by_votes(regions, voted)
        if picture.alpha is not None:
            clear = picture.alpha == 0
            parts = None if result.parts is None else np.where(clear, 0, result.parts)
            result = replace(result, label=np.where(clear, 0, result.label), parts=parts)
        return replace(result, backend=self.name, architecture=f"{self._network.name} + {voted.architecture}")

    def unnamed(self, picture: Picture) -> Segmentation:
        """Cut a picture that is known to show no face into segments without names.

        Raises:
            CubisegError: the network fails, or finds no mask.
        """
        return without_bars(picture, self._unnamed)

    def _unnamed(self, picture: Picture) -> Segmentation:
        rgb = picture.over()
        small = fitted(rgb, self._network.side)
        shape = small.shape[0], small.shape[1]
        masks = self._masks(small)
        found = len(masks.ratings)
        segments = to_segments(masks, shape, self._segments)
        if not segments.any():
            raise CubisegError(f"sam-hq: its {found} masks are specks; name another backend, such as slic")
        if small is not rgb:
            segments = cv2.resize(segments, rgb.shape[1::-1], interpolation=cv2.INTER_NEAREST)
            segments = at_edges(rgb, segments, rgb.shape[0] / shape[0])
        if picture.alpha is not None:
            segments = by_area(np.where(picture.alpha > 0, segments, 0).astype(np.uint16))
        count = int(segments.max())
        confidence = np.where(segments > 0, np.float32(masks.ratings.mean()), np.float32(1))
        warnings = []
        if found > count:
            warnings.append(f"of {found} masks the {count} that show most are kept (--segments N, at most {MOST})")
        return unnamed(picture, segments, np.clip(confidence, 0, 1), self.name, self.architecture, warnings)

    def _masks(self, rgb: np.ndarray) -> Masks:
        points = np.concatenate([grid_points(GRID), region_points(unnamed_segments(rgb, MOST))])
        masks = find_masks(self._network, rgb, points)
        if not len(masks.ratings):
            raise CubisegError("sam-hq: found no mask in the picture; check its weights, or name another backend")
        return masks
