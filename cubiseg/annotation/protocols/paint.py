"""Protocol ``paint``: the answer is a picture that paints each class in its palette colour, as base64 PNG in JSON."""

import base64
import binascii
import io
import json

import numpy as np
from PIL import Image

from cubiseg import imaging
from cubiseg.annotation.codebook import Codebook
from cubiseg.annotation.protocols.base import OneQuestion, describe_classes
from cubiseg.annotation.protocols.errors import Errors
from cubiseg.answers.requests import Malformed
from cubiseg.picture_files import scan

KEY = "label_map"
MIN_SIDE = 16
MAX_TEXT = 64 * 2**20
"""Characters; a longer answer is none."""


class Paint(OneQuestion):
    """See the module."""

    name = "paint"
    version = 1
    suffix = ".png"

    def prompt(self, codebook: Codebook) -> str:
        """The question: classes with colours and rules, and the form of the answer."""
        lines = [
            "Paint a label map of this anime illustration: every pixel in the flat colour of its class, hard edges, "
            "same framing as the picture.",
            *describe_classes(codebook, colours=True),
        ]
        lines.append(f'Answer with JSON only: {{"{KEY}": "<the label map as PNG, base64>"}}')
        return "\n".join(lines)

    def answer_from_label(self, label: np.ndarray, errors: Errors) -> str:
        """The label map, painted."""
        return json.dumps({KEY: base64.b64encode(errors.in_painting(label)).decode("ascii")})

    def read(self, text: str) -> bytes:
        """The PNG as received, once it has proved to be a whole picture of sane size."""
        if len(text) > MAX_TEXT:
            raise Malformed("too long")
        try:
            answer = json.loads(text)
        except (ValueError, RecursionError):
            raise Malformed("not JSON") from None
        if not isinstance(answer, dict) or not isinstance(answer.get(KEY), str):
            raise Malformed(f"no {KEY}")
        try:
            png = base64.b64decode(answer[KEY], validate=True)
        except (binascii.Error, ValueError):
            raise Malformed("not base64") from None
        try:
            contents = scan(io.BytesIO(png))
            if contents.broken_pixels:
                raise Malformed("a damaged PNG")
            with Image.open(contents.kept, formats=("PNG",)) as image:  # without its texts, which may have any size
                if not MIN_SIDE <= min(image.size) <= max(image.size) <= imaging.MAX_SIDE:
                    raise Malformed(f"{image.width}x{image.height} pixels")
                image.load()
        except Malformed:
            raise
        except Exception:  # Pillow's decoders raise nearly anything on hostile bytes
            raise Malformed("not a whole PNG") from None
        return png
