"""Simulated answers of the protocols ``polygon`` and ``box``: coarse outlines of the truth, off by a set amount."""

import json

import cv2
import numpy as np

from cubiseg import taxonomy
from cubiseg.annotation.protocols.shapes import UNIT

CORNERS = 0.02
"""How far a polygon may cut corners, in shares of its outline's length."""

LEAST = 12
"""Pixels of the smallest piece that gets a shape."""


def outline(truth: np.ndarray, boxes: bool, jitter: float, rng: np.random.Generator) -> str:
    """An answer of shapes.

    Args:
        truth: (H, W) uint8, taxonomy ids.
        boxes: bounding boxes rather than polygons.
        jitter: how far a coordinate is off, standard deviation in shares of the longer side of its shape.
        rng: all randomness.

    Returns:
        JSON text.
    """
    height, width = truth.shape
    shapes: dict[str, list] = {n: [] for n in taxonomy.LAYER_ORDER if n != "background"}
    for name, found in shapes.items():
        mask = (truth == taxonomy.ID[name]).astype(np.uint8)
        contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        for contour in contours:
            x, y, w, h = cv2.boundingRect(contour)
            if cv2.contourArea(contour) < LEAST:
                continue
            if boxes:
                points = np.array([[x, y], [x + w, y + h]], float)
            else:
                points = cv2.approxPolyDP(contour, CORNERS * cv2.arcLength(contour, True), True)[:, 0].astype(float)
                if len(points) < 3:
                    continue
            points += rng.normal(0, 1, points.shape) * jitter * max(w, h)
            scaled = np.round(points * (UNIT / width, UNIT / height), 1)
            found.append(scaled.ravel().tolist() if boxes else scaled.tolist())
    return json.dumps(shapes, separators=(",", ":"))
