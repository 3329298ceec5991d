"""Reading and writing pictures safely.

Pictures are untrusted: their size is bounded before a pixel is decoded, metadata never refuses one, and every fault of
a decoder becomes one line that names the file. What may have come out wrong is a warning in the picture.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from warnings import catch_warnings, simplefilter

import cv2
import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from cubiseg.errors import CubisegError, brief, system_fault
from cubiseg.file_kinds import hint
from cubiseg.file_names import same_file
from cubiseg.files import atomic_write
from cubiseg.picture_files import Colour, Contents, jpeg, scan, to_srgb
from cubiseg.sample_files import SampleFile

MIN_SIDE, MAX_SIDE = 64, 8192
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
_FORMATS = ("PNG", "JPEG", "WEBP")


@dataclass(frozen=True)
class Picture:
    """A decoded picture.

    Attributes:
        rgb: (H, W, 3) uint8, sRGB, not multiplied by alpha.
        alpha: (H, W) uint8, 0 clear to 255 opaque, or None where the file has no transparency.
        warnings: what may be wrong with it, for the user; one line each, without the file's name.
    """

    rgb: np.ndarray
    alpha: np.ndarray | None = None
    warnings: tuple[str, ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.rgb.shape[0], self.rgb.shape[1]

    def over(self, colour: tuple[int, int, int] = (255, 255, 255)) -> np.ndarray:
        """The picture composed over a plain colour: (H, W, 3) uint8."""
        if self.alpha is None:
            return self.rgb
        a = self.alpha[..., None].astype(np.uint16)
        out = (self.rgb * a + np.array(colour, np.uint16) * (255 - a) + 127) // 255
        return out.astype(np.uint8)

    def rgba(self) -> np.ndarray:
        """(H, W, 4) uint8, straight alpha; 255 where the file has no transparency."""
        alpha = np.full(self.size, 255, np.uint8) if self.alpha is None else self.alpha
        return np.dstack([self.rgb, alpha])


def find_images(paths: list[Path]) -> list[Path]:
    """Files as given, and the pictures (by suffix, sorted, not below) of each folder.

    Raises:
        CubisegError: a path does not exist, or a folder holds no picture.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = pictures_in(path)
            if not inside:
                raise CubisegError(
                    f"{path}: no pictures in this folder; name one with {', '.join(SUFFIXES)} files{_instead(path)}"
                )
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise CubisegError(f"{path}: no such file; check the path")
    return found


def pictures_in(folder: Path) -> list[Path]:
    """Pictures directly in a folder, by suffix, sorted; dot files are left out (half-written and system files).

    Raises:
        CubisegError: it cannot be listed.
    """
    try:
        return sorted(
            p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and not p.name.startswith(".") and p.is_file()
        )
    except OSError as error:
        raise CubisegError(f"{folder}: cannot be listed ({error.strerror}); check its permissions") from error


def _instead(folder: Path) -> str:
    """What a folder without pictures holds: `` (a.psd is a Photoshop document; …)``, the first file of a known kind."""
    files = sorted(p for p in folder.iterdir() if not p.name.startswith("."))
    return next((f" ({p.name} {what})" for p in files if (what := hint(p)) is not None), "")


def distinct_stems(paths: list[Path]) -> dict[Path, str]:
    """Output name of each picture: its stem, or stem and suffix where two pictures share the stem.

    Names are the same where some file system takes them for one. The same file named twice counts once.

    Raises:
        CubisegError: two pictures still share a name, because they have the same name in two folders.
    """
    unique = list({path.resolve(): path for path in paths}.values())
    stems = Counter(same_file(path.stem) for path in unique)
    names: dict[Path, str] = {}
    taken: dict[str, Path] = {}
    for path in unique:
        name = path.stem if stems[same_file(path.stem)] == 1 else path.name.replace(".", "_")
        if (other := taken.setdefault(same_file(name), path)) is not path:
            raise CubisegError(f"{path}: would be written to the same place as {other}; do them one at a time")
        names[path] = name
    return names


@contextmanager
def decoding(path: SampleFile) -> Iterator[None]:
    """Turn every fault of a decoder into one line that names the file."""
    try:
        with catch_warnings():
            simplefilter("ignore")
            yield
    except CubisegError:
        raise
    except FileNotFoundError:
        raise CubisegError(f"{path}: no such file; check the path") from None
    except IsADirectoryError:
        raise CubisegError(f"{path}: is a folder; name a file") from None
    except PermissionError:
        raise CubisegError(f"{path}: may not be read; check its permissions") from None
    except UnidentifiedImageError:
        what = hint(path) or "is no PNG, JPEG or WebP picture, or is cut short; save it again"
        raise CubisegError(f"{path}: {what}") from None
    except Image.DecompressionBombError:
        raise CubisegError(f"{path}: is over {MAX_SIDE} pixels a side; scale it down") from None
    except MemoryError:
        raise CubisegError(f"{path}: too large for this machine's memory; scale it down") from None
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise system_fault(path, error) from error
        # Pillow's decoders raise nearly anything on hostile bytes (OSError, SyntaxError, struct.error, ValueError, …).
        raise CubisegError(f"{path}: cannot be read as PNG, JPEG or WebP ({brief(error)}); save it again") from error


@contextmanager
def opened(path: SampleFile, min_side: int = 1) -> Iterator[tuple[Image.Image, Contents]]:
    """A picture file within bounds, its pixels not yet decoded; every fault is one line that names the file.

    Args:
        path: the file.
        min_side: smallest side accepted, in pixels.

    Yields:
        The picture as Pillow opens it, without the metadata that decides no pixel, and what else the file holds.

    Raises:
        CubisegError: missing, unreadable, or a side outside ``min_side``..8192 pixels.
    """
    with decoding(path):
        if isinstance(path, Path) and path.exists() and not path.is_file() and not path.is_dir():
            raise CubisegError(f"{path}: is no regular file; name a picture")  # a pipe may never answer
        with path.open("rb") as file:
            contents = scan(file)
            with Image.open(contents.kept, formats=_FORMATS) as image:
                width, height = image.size
                if max(width, height) > MAX_SIDE:
                    raise CubisegError(f"{path}: {width}x{height} is over {MAX_SIDE} pixels a side; scale it down")
                if min(width, height) < min_side:
                    raise CubisegError(
                        f"{path}: {width}x{height} is under {min_side} pixels a side; use a larger picture"
                    )
                if (clear := _clear(image)) is not None:
                    image.info["transparency"] = clear
                yield image, contents


def picture_memory(path: SampleFile, bytes_a_pixel: int) -> int:
    """Bytes that work on a picture takes at most, by its size; 0 where it cannot be read, and the work fails soon.

    Args:
        path: picture's file, of which no pixel is decoded.
        bytes_a_pixel: what the work takes for each pixel at most, as measured.
    """
    try:
        with opened(path) as (image, _):
            return image.width * image.height * bytes_a_pixel
    except CubisegError:
        return 0


GREY_SCALES = {"L;2": 85, "L;4": 17}
"""By :func:`raw_mode` of greys of 2 and 4 bits, what Pillow multiplies them with."""


def raw_mode(image: Image.Image) -> str:
    """How the pixels of an opened picture are stored, by Pillow's names; "" where they have been decoded already."""
    tiles = getattr(image, "tile", ())
    return str(tiles[0].args) if tiles else ""


def _clear(image: Image.Image) -> int | tuple[int, ...] | None:
    """The one clear colour (PNG's tRNS) in terms of the decoded pixels, where Pillow leaves it in those of the file."""
    clear, stored = image.info.get("transparency"), raw_mode(image)
    if isinstance(clear, int) and stored in GREY_SCALES:
        return clear * GREY_SCALES[stored]
    return tuple(v >> 8 for v in clear) if isinstance(clear, tuple) and stored == "RGB;16B" else None


def _tag(image: Image.Image, tag: int, directory: int | None = None) -> object:
    """A value of the EXIF data; None where there is none, and where the data cannot be parsed."""
    try:
        exif = image.getexif()
        return exif.get(tag) if directory is None else exif.get_ifd(directory).get(tag)
    except Exception:
        return None


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""By EXIF's orientation, what makes the picture upright."""


def _turn(image: Image.Image) -> Image.Transpose | None:
    turn = _tag(image, ExifTags.Base.Orientation)
    return _TURNS.get(turn) if isinstance(turn, int) else None


def _deep(image: Image.Image, contents: Contents) -> Callable[[], np.ndarray | None] | None:
    """What decodes a PNG of 16-bit colours without loss, (H, W, 3) uint16; Pillow has no mode for them."""
    if raw_mode(image) not in ("RGB;16B", "RGBA;16B", "LA;16B"):
        return None

    def decode() -> np.ndarray | None:
        contents.kept.seek(0)
        pixels = cv2.imdecode(np.frombuffer(contents.kept.read(), np.uint8), cv2.IMREAD_UNCHANGED)
        if pixels is None or pixels.dtype != np.uint16 or pixels.ndim != 3 or pixels.shape[:2] != image.size[::-1]:
            return None
        return pixels[..., 2::-1] if pixels.shape[2] >= 3 else None

    return decode


def _to_8_bit(image: Image.Image) -> Image.Image:
    """16- and 32-bit greyscale to 8 bits; Pillow would clip instead of scale."""
    if image.mode not in ("I;16", "I;16L", "I;16B", "I", "F"):
        return image
    values = np.asarray(image).astype(np.float64)
    top = 1.0 if image.mode == "F" and values.max(initial=0) <= 1 else 65535.0
    grey = Image.fromarray(np.clip(values / top * 255 + 0.5, 0, 255).astype(np.uint8))
    clear = image.info.get("transparency")
    if not isinstance(clear, int):
        return grey
    # PNG's tRNS chunk names one 16-bit grey; at 8 bits its neighbours would be clear with it.
    grey.putalpha(Image.fromarray(np.where(values == clear, 0, 255).astype(np.uint8)))
    return grey


def _colour(image: Image.Image, contents: Contents) -> Colour:
    """What the file says of its colours, by chunks, a profile that the decoder found, or a camera's mark."""
    if image.format == "PNG":
        return contents.colour
    icc = (image.info["icc_profile"] or b"") if "icc_profile" in image.info else None
    space, mark = _tag(image, ExifTags.Base.ColorSpace, ExifTags.IFD.Exif), _tag(image, 1, ExifTags.IFD.Interop)
    adobe_rgb = image.format == "JPEG" and (space == 2 or (space == 0xFFFF and mark == "R03"))
    return Colour(icc=icc, adobe_rgb=adobe_rgb)


def read_picture(path: SampleFile, min_side: int = MIN_SIDE) -> Picture:
    """Read PNG (any depth, palette, alpha), JPEG (also greyscale, CMYK) or WebP, upright and in sRGB.

    Of an animation the first picture is taken. What the file's colours are is told by PNG's chunks or an ICC profile.

    Args:
        path: the file.
        min_side: smallest side accepted, in pixels.

    Raises:
        CubisegError: missing, unreadable, truncated, or a side outside ``min_side``..8192.
    """
    with opened(path, min_side) as (image, contents):
        told = list(contents.warnings)
        if image.format == "WEBP" and (frames := getattr(image, "n_frames", 1)) > 1:
            told.append(f"is an animation of {frames} frames; the first one is taken")
        deep = _deep(image, contents)
        image.load()
        image.info.update(contents.info)
        colour, turn = _colour(image, contents), _turn(image)
        if image.format == "JPEG" and (reason := jpeg.damage(path, image.mode == "CMYK")):
            told.append(f"the file is damaged ({reason}), parts of the picture may be wrong; fetch it again")
        image, doubts = to_srgb(image, colour, deep)
        image, warnings = _to_8_bit(image), (*told, *doubts)
        if turn is not None:
            image = image.transpose(turn)
        if image.has_transparency_data:
            rgba = np.asarray(image.convert("RGBA"))
            return Picture(np.ascontiguousarray(rgba[..., :3]), np.ascontiguousarray(rgba[..., 3]), warnings)
        return Picture(np.array(image.convert("RGB")), warnings=warnings)


def write_png(path: Path, pixels: np.ndarray, compress_level: int = 6) -> None:
    """Write (H, W), (H, W, 3) or (H, W, 4) uint8 pixels as PNG, replaced whole."""
    with atomic_write(path) as file:
        Image.fromarray(pixels).save(file, "PNG", compress_level=compress_level)


def write_webp(path: Path, rgb: np.ndarray, quality: int = 92) -> None:
    """Write (H, W, 3) uint8 as lossy WebP, replaced whole."""
    with atomic_write(path) as file:
        Image.fromarray(rgb).save(file, "WEBP", quality=quality, method=4)


def pixel_hash(rgb: np.ndarray) -> str:
    """SHA-256 of size and decoded RGB, so that it survives another encoding of the same pixels."""
    digest = hashlib.sha256(f"{rgb.shape[0]}x{rgb.shape[1]}:".encode())
    digest.update(np.ascontiguousarray(rgb).data)
    return digest.hexdigest()
