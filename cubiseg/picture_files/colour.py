"""From the colours that a file means to sRGB.

A file may say what its numbers mean in several ways. The PNG specification (third edition) gives their order: ``cICP``
(code points of ITU-T H.273), an ICC profile, ``sRGB``, then ``gAMA`` and ``cHRM``. What cannot be honoured is told, and
the next one counts. Profiles are compared by what they do to colours, never by their names.
"""

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageCms

XY = tuple[float, float]

D65, C = (0.3127, 0.329), (0.31, 0.316)
PRIMARIES: dict[int, tuple[XY, XY, XY, XY]] = {
    1: ((0.64, 0.33), (0.3, 0.6), (0.15, 0.06), D65),
    4: ((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), C),
    5: ((0.64, 0.33), (0.29, 0.6), (0.15, 0.06), D65),
    6: ((0.63, 0.34), (0.31, 0.595), (0.155, 0.07), D65),
    7: ((0.63, 0.34), (0.31, 0.595), (0.155, 0.07), D65),
    8: ((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), C),
    9: ((0.708, 0.292), (0.17, 0.797), (0.131, 0.046), D65),
    11: ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06), (0.314, 0.351)),
    12: ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06), D65),
    22: ((0.63, 0.34), (0.295, 0.605), (0.155, 0.077), D65),
}
"""Red, green, blue and white of H.273's colour primaries, as chromaticities x and y."""

_VIDEO = (1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081)
_SRGB = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
TRANSFERS: dict[int, tuple[float, ...]] = {
    **dict.fromkeys((1, 6, 11, 12, 14, 15), _VIDEO),
    4: (2.2,),
    5: (2.8,),
    7: (1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4, 0.0912),
    8: (1.0,),
    13: _SRGB,
}
"""H.273's transfer characteristics as ICC's parametric curves from a stored value v (0..1) to light: ``v ** g``, or
with five numbers ``(a v + b) ** g`` from d on and ``c v`` below."""

_NAMES = {16: "PQ (HDR)", 18: "HLG (HDR)"}
_SRGB_GAMMA, _SAME_GAMMA = 0.45455, 0.005
"""What PNG's gAMA says beside sRGB, and how far off it means the same: no value moves by more than a level."""

_ADOBE_RGB = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), D65)
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_D50 = np.array([0.9642, 1.0, 0.8249])
_EXACT = ImageCms.Flags.NOOPTIMIZE
"""Of greys littlecms would sample the curve, in steps that are too coarse for the dark end of a linear one."""
_GREY_MODES = ("1", "L", "LA", "I;16", "I;16L", "I;16B")
_AS_SRGB = "it is passed over, so colours may be off; save the picture as sRGB"


@dataclass(frozen=True)
class Colour:
    """What a file says of its colours, each in its own way.

    Attributes:
        cicp: the four code points of PNG's cICP, or as many as there are.
        icc: an ICC profile; empty where there is one that cannot be unpacked.
        srgb: whether it says that it is sRGB.
        gamma: PNG's gAMA, the exponent from light to stored values: 0.45455 in sRGB. 0 where there is a broken one.
        chromaticities: PNG's cHRM: x and y of white, red, green and blue. Empty where there is a broken one.
        adobe_rgb: whether a camera's mark says that it is Adobe RGB (DCF 2.0, the optional colour space).
    """

    cicp: tuple[int, ...] | None = None
    icc: bytes | None = None
    srgb: bool = False
    gamma: float | None = None
    chromaticities: tuple[float, ...] | None = None
    adobe_rgb: bool = False


class _UnusableError(Exception):
    """Why what a file says of its colours cannot be honoured: what comes before "; it is passed over"."""


Deep = Callable[[], np.ndarray | None]
"""Decodes the colours of a picture as (H, W, 3) uint16; None where that fails."""


def to_srgb(image: Image.Image, colour: Colour, deep: Deep | None = None) -> tuple[Image.Image, list[str]]:
    """Convert a picture to sRGB; one that is sRGB, or that says nothing, comes back as it is.

    Args:
        image: decoded picture of any mode; 16-bit grey is I;16.
        colour: what its file says of its colours.
        deep: for a file with 16-bit colours; 8 bits of a linear profile would leave steps in dark colours.

    Returns:
        The picture, in its mode or as RGB or RGBA; and warnings for the user.
    """
    warnings: list[str] = []
    for attempt in (_cicp, _icc, _srgb, _chunks, _mark):
        try:
            profile = attempt(colour, image.mode in _GREY_MODES)
            if profile is not None:
                return (image if profile == _IS_SRGB else _converted(image, profile, deep)), warnings
        except _UnusableError as reason:
            warnings.append(f"{reason}; {_AS_SRGB}")
    return image, warnings


_IS_SRGB = b"sRGB"


def _cicp(colour: Colour, grey: bool) -> bytes | None:
    if colour.cicp is None:
        return None
    if len(colour.cicp) != 4:
        raise _UnusableError("its colour chunk cICP is malformed")
    primaries, transfer, matrix, full_range = colour.cicp
    points, curve = PRIMARIES.get(primaries), TRANSFERS.get(transfer)
    if points is None or curve is None or matrix != 0 or full_range != 1:
        code = "/".join(map(str, colour.cicp))
        what = _NAMES.get(transfer, "which is not supported here")
        raise _UnusableError(f"its colours are {code} by its chunk cICP, {what}")
    return _grey_profile(curve) if grey else _rgb_profile(points, curve)


def _icc(colour: Colour, grey: bool) -> bytes | None:
    if colour.icc is not None and not colour.icc:
        raise _UnusableError("its colour profile (ICC) cannot be read")
    return colour.icc


def _srgb(colour: Colour, grey: bool) -> bytes | None:
    return _IS_SRGB if colour.srgb else None


def _chunks(colour: Colour, grey: bool) -> bytes | None:
    gamma, points = colour.gamma, colour.chromaticities
    if gamma is None and points is None:
        return None
    if gamma is not None and not 0.1 <= gamma <= 10:
        raise _UnusableError("its colour chunk gAMA makes no sense")
    curve = _SRGB if gamma is None or abs(gamma - _SRGB_GAMMA) <= _SAME_GAMMA else (1 / gamma,)
    if grey:
        return _grey_profile(curve)
    if points is None:
        return _rgb_profile(PRIMARIES[1], curve)
    if len(points) != 8:
        raise _UnusableError("its colour chunk cHRM is malformed")
    white, red, green, blue = zip(points[::2], points[1::2], strict=True)
    try:
        return _rgb_profile((red, green, blue, white), curve)
    except (np.linalg.LinAlgError, ZeroDivisionError, struct.error, OverflowError, ValueError):
        raise _UnusableError("its colour chunk cHRM makes no sense") from None


def _mark(colour: Colour, grey: bool) -> bytes | None:
    return _rgb_profile(_ADOBE_RGB, (563 / 256,)) if colour.adobe_rgb and not grey else None


def _converted(image: Image.Image, profile: bytes, deep: Deep | None) -> Image.Image:
    """The picture by an ICC profile.

    Raises:
        _UnusableError: the profile is broken, or is for other channels than the picture's.
    """
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = source.profile.xcolor_space.strip()
        if space == "GRAY":
            image = _as_grey(image)
        channels = "GRAY" if image.mode in _GREY_MODES else "CMYK" if image.mode == "CMYK" else "RGB"
        # A grey picture with a profile for RGB has equal red, green and blue.
        if space != channels and not (channels == "GRAY" and space == "RGB"):
            raise _UnusableError(f"its colour profile (ICC) is for {space} and the picture is {channels}")
        if space != "CMYK" and _is_srgb(profile):
            return image
        if channels == "GRAY" and deep is None:
            return _grey(image, source, space)
        if deep is not None and (converted := _deep_converted(deep, profile)) is not None:
            if image.has_transparency_data:
                converted.putalpha(image.convert("RGBA").getchannel("A"))
            return converted
        if channels == "GRAY":
            return _grey(image, source, space)
        if image.mode in ("P", "PA") or "transparency" in image.info:
            image = image.convert("RGBA" if image.has_transparency_data else "RGB")
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        converted = ImageCms.profileToProfile(image, source, _target(), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        raise _UnusableError("its colour profile (ICC) is broken") from None
    return image if converted is None else converted


def _target() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _as_grey(image: Image.Image) -> Image.Image:
    """A colour picture that holds nothing but greys as grey, since WebP and programs that write RGB only have no other.

    Any other picture comes back as it is.
    """
    if image.mode not in ("P", "PA", "RGB", "RGBA"):
        return image
    whole = image.convert("RGBA" if image.has_transparency_data else "RGB")
    rgb = np.asarray(whole)[..., :3]
    return whole.convert("LA" if whole.mode == "RGBA" else "L") if (rgb == rgb[..., :1]).all() else image


def _grey(image: Image.Image, source: ImageCms.ImageCmsProfile, space: str) -> Image.Image:
    """A grey picture by a table of all its levels, so that 16 bits count before they become 8."""
    deep = image.mode.startswith("I;16")
    alpha = None
    if not deep and image.has_transparency_data:
        image = image.convert("LA")
        alpha = image.getchannel("A")
    values = np.asarray(image.getchannel("L") if alpha is not None else image if deep else image.convert("L"))
    if deep and "transparency" in image.info:
        alpha = Image.fromarray(np.where(values == image.info["transparency"], 0, 255).astype(np.uint8))
    if deep and space != "GRAY":  # littlecms through Pillow takes 16 bits of grey alone
        values, deep = (values.astype(np.uint32) * 255 + 32767) // 65535, False
    levels = np.arange(2**16 if deep else 2**8, dtype=np.uint16 if deep else np.uint8)[None]
    strip = Image.fromarray(levels)
    strip = strip if space == "GRAY" else strip.convert("RGB")
    table = np.asarray(ImageCms.profileToProfile(strip, source, _target(), outputMode="RGB", flags=_EXACT))[0]
    converted = Image.fromarray(table[values])
    if alpha is not None:
        converted.putalpha(alpha)
    return converted


def _deep_converted(deep: Deep, profile: bytes) -> Image.Image | None:
    """16-bit colours by a profile of curves and a matrix; None for one with tables.

    The curves alone take the values to 8 bits as sRGB has them, which is fine enough for the matrix. littlecms through
    Pillow takes 16 bits of grey alone, so each channel is one.
    """
    tags = _tags(profile)
    grey = profile[16:20] == b"GRAY"
    curves = [tags.get(key) for key in ((b"kTRC",) * 3 if grey else (b"rTRC", b"gTRC", b"bTRC"))]
    colorants = [] if grey else [(key, tags.get(key)) for key in (b"rXYZ", b"gXYZ", b"bXYZ")]
    if b"A2B0" in tags or None in curves or None in [tag for _, tag in colorants] or (values := deep()) is None:
        return None
    levels = Image.fromarray(np.arange(2**16, dtype=np.uint16)[None])
    channels = np.empty(values.shape, np.uint8)
    for i, curve in enumerate(curves):
        source = ImageCms.ImageCmsProfile(io.BytesIO(_profile(b"GRAY", [(b"kTRC", curve or b"")])))
        table = np.asarray(ImageCms.profileToProfile(levels, source, _target(), outputMode="RGB", flags=_EXACT))
        channels[..., i] = table[0, :, 0][values[..., i]]
    image = Image.fromarray(channels)
    if grey:
        return image
    between = [(key, tag or b"") for key, tag in colorants]
    between += [(key, _curve(_SRGB)) for key in (b"rTRC", b"gTRC", b"bTRC")]
    return _converted(image, _profile(b"RGB ", between), None)


def _tags(profile: bytes) -> dict[bytes, bytes]:
    """The tags of an ICC profile by their signatures."""
    count = min(int.from_bytes(profile[128:132], "big"), 100)
    entries = (struct.unpack_from(">4sII", profile, 132 + 12 * i) for i in range(count) if len(profile) >= 144 + 12 * i)
    return {key: profile[start : start + size] for key, start, size in entries}


@lru_cache(maxsize=4)
def _is_srgb(profile: bytes) -> bool:
    """Whether a profile for RGB or grey leaves colours as they are, to one level: a grid of colours and all greys."""
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    greys = np.arange(256, dtype=np.uint8)
    if source.profile.xcolor_space.strip() == "GRAY":
        sent, before = Image.fromarray(greys[None]), greys[None, :, None]
    else:
        steps = np.arange(0, 256, 15, dtype=np.uint8)
        grid = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(1, -1, 3)
        before = np.concatenate([grid, greys[None, :, None].repeat(3, 2)], 1)
        sent = Image.fromarray(before)
    after = np.asarray(ImageCms.profileToProfile(sent, source, _target(), outputMode="RGB", flags=_EXACT))
    return int(np.abs(after.astype(np.int16) - before).max()) <= 1


def _rgb_profile(points: tuple[XY, XY, XY, XY], curve: tuple[float, ...]) -> bytes:
    """An ICC profile of chromaticities (red, green, blue, white) and a curve.

    The colorants are those that give the white at full values, moved to ICC's white D50 by the Bradford transform.
    """
    xyz = np.array([[x / y, 1, (1 - x - y) / y] for x, y in points]).T
    white = xyz[:, 3]
    colorants = xyz[:, :3] * np.linalg.solve(xyz[:, :3], white)
    cones = _BRADFORD @ white
    moved = np.linalg.inv(_BRADFORD) @ np.diag((_BRADFORD @ _D50) / cones) @ _BRADFORD @ colorants
    tags = [(key, _xyz(column)) for key, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), moved.T, strict=True)]
    return _profile(b"RGB ", [*tags, *((key, _curve(curve)) for key in (b"rTRC", b"gTRC", b"bTRC"))])


def _grey_profile(curve: tuple[float, ...]) -> bytes:
    return _profile(b"GRAY", [(b"kTRC", _curve(curve))])


def _profile(space: bytes, tags: list[tuple[bytes, bytes]]) -> bytes:
    """An ICC profile of a screen (ICC.1:2010, version 4) in as few bytes as littlecms takes."""
    tags = [(b"wtpt", _xyz(_D50)), *tags]
    start, table, body = 132 + 12 * len(tags), b"", b""
    for key, data in tags:
        table += struct.pack(">4sII", key, start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(
        ">I4sI4s4s4s6H", start + len(body), b"", 0x04000000, b"mntr", space, b"XYZ ", *(2000, 1, 1, 0, 0, 0)
    )
    head += b"acsp" + bytes(28) + b"".join(map(_fixed, _D50))
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(float(value) * 65536))


def _xyz(values: np.ndarray) -> bytes:
    return b"XYZ " + bytes(4) + b"".join(map(_fixed, values))


def _curve(numbers: tuple[float, ...]) -> bytes:
    return b"para" + bytes(4) + struct.pack(">HH", 3 if len(numbers) == 5 else 0, 0) + b"".join(map(_fixed, numbers))
