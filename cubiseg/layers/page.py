"""``preview.html``: one file that shows the layers in any browser, without a network.

Toggle, solo and slide the layers apart, compare with the input, see where the model was unsure. Pictures are embedded
at a bounded size; nothing is loaded from elsewhere, which a content security policy in the page enforces.
"""

import base64
import html
import io
import json
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

import cv2
import numpy as np
from PIL import Image

from cubiseg import taxonomy
from cubiseg.boxes import Box
from cubiseg.imaging import Picture
from cubiseg.inference import Doubt
from cubiseg.layers.layer import Layer
from cubiseg.layers.manifest import LayerEntry
from cubiseg.layers.order import shown_id
from cubiseg.layers.preview import resize

SIDE = 1024
"""Longer side of the embedded pictures, in pixels; scaling one costs as much as coding it, so usual sizes stay."""
QUALITY = 82
"""WebP quality of the embedded pictures; what is worked with are the PNGs and the PSD."""

TINT = (255, 0, 190)
"""sRGB of what is painted on beneath others; no drawing has much of it."""


def page(
    picture: Picture,
    layers: Sequence[Layer],
    entries: Sequence[LayerEntry],
    confidence: np.ndarray,
    notes: Sequence[str],
    doubts: Sequence[Doubt] = (),
) -> str:
    """Make the page.

    Args:
        picture: picture that was cut.
        layers: layers from bottom to top.
        entries: the manifest's entry of each layer.
        confidence: (H, W) float16 or float32, 0..1.
        notes: a line about the picture, then its warnings.
        doubts: those of the warnings that have a place, which is shown where the pointer rests on the warning.

    Returns:
        HTML.
    """
    # Inside a script element only "<" could end it early.
    data = json.dumps(facts(picture, layers, entries, confidence, notes[1:], doubts)).replace("<", "\\u003c")
    about = notes[0] if notes else ""
    return _template().replace("{{ABOUT}}", html.escape(about)).replace("{{DATA}}", data)


def facts(
    picture: Picture,
    layers: Sequence[Layer],
    entries: Sequence[LayerEntry],
    confidence: np.ndarray,
    warnings: Sequence[str],
    doubts: Sequence[Doubt] = (),
) -> dict[str, Any]:
    """What a page shows of a picture's layers, as plain JSON: their names, places and pictures, bottom to top.

    Args: as for :func:`page`.
    """
    height, width = picture.size
    scale = min(1.0, SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    shown = []
    for layer, entry in zip(layers, entries, strict=True):
        h, w = layer.size
        small = max(1, round(w * scale)), max(1, round(h * scale))
        shown.append(
            {
                "name": entry.name,
                "folder": " / ".join(entry.folders),
                "confidence": entry.confidence,
                "visible": entry.visible,
                "colour": "#{:02x}{:02x}{:02x}".format(*taxonomy.COLOURS[shown_id(layer.name)]),
                # Shares of the picture, so that the page may scale it.
                "box": _share(Box(layer.x, layer.y, layer.x + w, layer.y + h), width, height),
                "image": _webp(resize(layer.rgba, small)),
                "invented": _tint(layer.painted, small),
                "share": entry.invented,
                "fill": entry.fill,
            }
        )
    step = max(1, max(height, width) // (2 * SIDE))
    alpha = None if picture.alpha is None else picture.alpha[::step, ::step]
    places = {doubt.text: _share(doubt.box, width, height) for doubt in doubts if doubt.box is not None}
    return {
        "width": width,
        "height": height,
        "input": _webp(resize(Picture(picture.rgb[::step, ::step], alpha).rgba(), size)),
        "doubt": _webp(_doubt(confidence, picture, (max(1, size[0] // 3), max(1, size[1] // 3)))),
        "layers": shown,
        "warnings": [{"text": text, "box": places.get(text)} for text in warnings],
    }


def _share(box: Box, width: int, height: int) -> list[float]:
    """Left, top, width and height of a box in shares of the picture."""
    return [round(v, 6) for v in (box.left / width, box.top / height, box.width / width, box.height / height)]


@cache
def _template() -> str:
    return (resources.files("cubiseg.layers") / "preview.html").read_text(encoding="utf-8")


def _doubt(confidence: np.ndarray, picture: Picture, size: tuple[int, int]) -> np.ndarray:
    """Red where the model was unsure, clear where it was certain: (h, w, 4) uint8."""
    step = max(1, max(confidence.shape) // (4 * max(size)))
    small = cv2.resize(np.ascontiguousarray(confidence[::step, ::step], np.float32), size, interpolation=cv2.INTER_AREA)
    rgba = np.zeros((size[1], size[0], 4), np.uint8)
    rgba[..., 0], rgba[..., 1] = 230, 30
    rgba[..., 3] = np.clip(255 * 1.4 * (1 - small), 0, 230)
    if picture.alpha is not None:
        rgba[cv2.resize(picture.alpha, size, interpolation=cv2.INTER_NEAREST) == 0] = 0
    return rgba


def _tint(painted: np.ndarray, size: tuple[int, int]) -> str:
    """What is painted on beneath others, plainly tinted and else clear; "" where nothing is."""
    if not painted.any():
        return ""
    small = cv2.resize(painted.view(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    image = Image.fromarray(small)
    image.putpalette([*(0, 0, 0), *TINT])
    file = io.BytesIO()
    image.save(file, "PNG", bits=1, transparency=b"\x00\xb0", compress_level=6)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def _webp(rgba: np.ndarray) -> str:
    file = io.BytesIO()
    Image.fromarray(rgba).save(file, "WEBP", quality=QUALITY, alpha_quality=90, method=0)
    return "data:image/webp;base64," + base64.b64encode(file.getvalue()).decode()
