"""Pictures with one fault each, and without: generated ones, so that it is known which is which."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.face_pictures import backdrop, from_behind, headless
from cubiseg.portraits import Shares, draw
from cubiseg.samples import Flag
from cubiseg.workers import run_all

SIDE, SEED = 384, 77
PLAIN = {
    "distractor": "none",
    "caption": "none",
    "watermark": "none",
    "colouring": "full",
    "grade": "none",
    "camera effect": "none",
    "focus": "sharp",
    "storage": "none",
    "placement": "centre",
}
"""Kinds, by axis, of a portrait without any fault."""
WORDS = ("night", "nobody", "knew", "what", "come", "next", "please", "do", "not", "repost", "artist", "chapter", "two")


@dataclass(frozen=True)
class Case:
    """A picture of which it is known whether it has a fault.

    Attributes:
        name: unlike every other's.
        flag: which fault it is about.
        faulty: whether it has it.
        rgb: (H, W, 3) uint8.
        of: name of the picture that it is a copy of; "" where it is none.
    """

    name: str
    flag: Flag
    faulty: bool
    rgb: np.ndarray
    of: str = ""


def cases(count: int = 48) -> list[Case]:
    """All cases, in a fixed order.

    Args:
        count: portraits without a fault, two of a character; as many pictures with each fault are made.
    """
    clean = run_all(_drawn, range(count), "portraits")
    found = [
        Case(f"clean/{i:03}", flag, False, _jpeg(rgb, 60 + i % 36)) for flag in ALONE for i, rgb in enumerate(clean)
    ]
    rng = np.random.default_rng(SEED)
    for flag, spoil in _SPOILED.items():
        found += [Case(f"{flag}/{i:03}", flag, True, spoil(rgb, rng)) for i, rgb in enumerate(clean)]
    for i, rgb in enumerate(clean):
        found.append(Case(f"original/{i:03}", Flag.NEAR_DUPLICATE, False, rgb))
        found.append(Case(f"copy/{i:03}", Flag.NEAR_DUPLICATE, True, _copy(rgb, i, rng), f"original/{i:03}"))
    for i in range(count):
        people = _side_by_side(clean, i, rng)
        found.append(Case(f"{Flag.SEVERAL_PEOPLE}/{i:03}", Flag.SEVERAL_PEOPLE, True, people))
    for paint in (backdrop, from_behind, headless):
        pictures = run_all(partial(_faceless, paint), range(count // 3), "pictures without a face")
        name = f"{Flag.NO_FACE}/{paint.__name__}"
        found += [Case(f"{name}-{i:03}", Flag.NO_FACE, True, _jpeg(rgb, 85)) for i, rgb in enumerate(pictures)]
    return found


def _shares(kinds: dict[str, str]) -> Shares:
    from cubiseg.portraits.axes import Mix
    from cubiseg.portraits.catalogue import AXES

    mix = Mix()
    for axis, kind in {**PLAIN, **kinds}.items():
        mix = mix.only(AXES[axis], kind)
    return mix.factors


def _drawn(index: int) -> np.ndarray:
    crop = ("close-up", "portrait", "portrait", "upper body")[index // 2 % 4]
    return draw(SEED, index, SIDE, 2, _shares({"crop": crop})).image


def _written(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """With one to three lines of letters of 11 to 30 px: in a bubble, outlined, or half clear as a watermark."""
    image = Image.fromarray(rgb)
    draw = ImageDraw.Draw(image, "RGBA")
    font = ImageFont.load_default(int(rng.integers(11, 30)))
    text = "\n".join(" ".join(rng.choice(WORDS, rng.integers(2, 4))) for _ in range(rng.integers(1, 4)))
    _, _, width, height = draw.multiline_textbbox((0, 0), text, font=font)
    x = int(rng.uniform(4, max(5, SIDE - width - 6)))
    y = int(rng.uniform(4, 60)) if rng.random() < 0.5 else int(SIDE - height - rng.uniform(6, 60))
    kind = rng.integers(3)
    if kind == 0:
        draw.rounded_rectangle((x - 8, y - 6, x + width + 8, y + height + 8), 8, fill=(255, 255, 255, 255))
        draw.multiline_text((x, y), text, fill=(0, 0, 0, 255), font=font)
    elif kind == 1:
        draw.multiline_text((x, y), text, (255, 255, 255, 255), font, stroke_width=2, stroke_fill=(20, 20, 20, 255))
    else:
        draw.multiline_text((x, y), text, fill=(255, 255, 255, 150), font=font)
    return _jpeg(np.asarray(image.convert("RGB")), int(rng.integers(60, 96)))


def _side_by_side(clean: list[np.ndarray], index: int, rng: np.random.Generator) -> np.ndarray:
    """Two characters, or three, of one size or one of them smaller."""
    others = [clean[(index + 8 * k) % len(clean)] for k in range(2 + index % 5 // 4)]
    pieces = []
    for number, rgb in enumerate(others):
        scale = rng.uniform(0.6, 1.0) if number else 1.0
        small = cv2.resize(rgb[:, SIDE // 8 : -SIDE // 8], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        above = SIDE - small.shape[0]
        pieces.append(cv2.copyMakeBorder(small, above, 0, 0, 0, cv2.BORDER_REPLICATE))
    return _jpeg(np.hstack(pieces), int(rng.integers(60, 96)))


def _faceless(paint: Callable[[int, int], np.ndarray], index: int) -> np.ndarray:
    return np.ascontiguousarray(paint(SEED, index))


def _jpeg(rgb: np.ndarray, quality: int) -> np.ndarray:
    """The picture as a JPEG file of that quality shows it."""
    _, code = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.cvtColor(cv2.imdecode(code, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def _barred(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """With black, now and then white bars of 3 to 25 % at one to three sides."""
    out = rgb.copy()
    colour = 255 if rng.random() < 0.2 else 0
    for side in rng.permutation(4)[: rng.integers(1, 4)]:
        width = int(rng.uniform(0.03, 0.25) * SIDE)
        view = np.rot90(out, side)
        view[:width] = colour
    return _jpeg(out, int(rng.integers(60, 96)))


def _greyed(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """In greys, some on paper that is not quite white."""
    grey = cv2.cvtColor(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    paper = np.array([1, 1, 1] if rng.random() < 0.7 else [1, 0.99, 0.96])
    return _jpeg((grey * paper).astype(np.uint8), int(rng.integers(60, 96)))


def _shrunk(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return cv2.resize(rgb, (int(rng.integers(80, 250)),) * 2, interpolation=cv2.INTER_AREA)


def _blurred(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Blurred by 2 to 5 px, or enlarged from a quarter to a half of its size."""
    if rng.random() < 0.5:
        return cv2.GaussianBlur(rgb, (0, 0), rng.uniform(2, 5))
    small = cv2.resize(rgb, None, fx=(f := rng.uniform(0.2, 0.4)), fy=f, interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)


_SPOILED: dict[Flag, Callable[[np.ndarray, np.random.Generator], np.ndarray]] = {
    Flag.BARS: _barred,
    Flag.GREYSCALE: _greyed,
    Flag.TEXT: _written,
    Flag.SMALL: _shrunk,
    Flag.BLURRED: _blurred,
}
ALONE = (*_SPOILED, Flag.NO_FACE, Flag.SEVERAL_PEOPLE)
"""Flags that one picture alone decides."""


def _copy(rgb: np.ndarray, index: int, rng: np.random.Generator) -> np.ndarray:
    """What becomes of a drawing on its way through the web: scaled, cut by 1 to 3 %, mirrored, brightened, signed."""
    out = rgb
    if index % 4 == 1:
        out = np.ascontiguousarray(out[:, ::-1])
    if index % 4 == 2:
        cut = int(rng.uniform(0.01, 0.03) * SIDE)
        out = np.ascontiguousarray(out[cut:, : SIDE - cut])
    if index % 4 == 3:
        out = np.clip(out * rng.uniform(0.85, 1.15) + rng.uniform(-12, 12), 0, 255).astype(np.uint8)
        cv2.putText(out, "@artist", (20, SIDE - 20), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (255, 255, 255), 2, cv2.LINE_AA)
    scale = rng.uniform(0.4, 1.6)
    out = cv2.resize(out, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    return _jpeg(out, int(rng.integers(40, 96)))
