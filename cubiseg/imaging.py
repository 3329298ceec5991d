"""Reading and writing pictures and label maps safely.

Pictures are untrusted: their size is bounded before a pixel is decoded, and every fault of a decoder becomes one line
that names the file. Everything is written to a temporary name beside the target and renamed.
"""

import hashlib
import io
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image, ImageCms, ImageOps

from cubiseg import taxonomy
from cubiseg.errors import CubisegError

MIN_SIDE, MAX_SIDE = 64, 8192
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
_FORMATS = ("PNG", "JPEG", "WEBP")


@dataclass(frozen=True)
class Picture:
    """A decoded picture.

    Attributes:
        rgb: (H, W, 3) uint8, sRGB, not multiplied by alpha.
        alpha: (H, W) uint8, 0 clear to 255 opaque, or None where the file has no transparency.
    """

    rgb: np.ndarray
    alpha: np.ndarray | None = None

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
            inside = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file())
            if not inside:
                raise CubisegError(f"{path}: no pictures in this folder; name one with {', '.join(SUFFIXES)} files")
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise CubisegError(f"{path}: no such file; check the path")
    return found


@contextmanager
def _decoding(path: Path) -> Iterator[None]:
    """Turn every fault of a decoder into one line that names the file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except CubisegError:
        raise
    except FileNotFoundError:
        raise CubisegError(f"{path}: no such file; check the path") from None
    except MemoryError:
        raise CubisegError(f"{path}: too large for this machine's memory; scale it down") from None
    except Exception as error:
        # Pillow's decoders raise nearly anything on hostile bytes (OSError, SyntaxError, struct.error, ValueError, …).
        raise CubisegError(f"{path}: cannot be read as PNG, JPEG or WebP ({_brief(error)}); save it again") from error


def _brief(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text[:120]


def _open(path: Path, min_side: int) -> Image.Image:
    image = Image.open(path, formats=_FORMATS)
    width, height = image.size
    if max(width, height) > MAX_SIDE:
        raise CubisegError(f"{path}: {width}x{height} is over {MAX_SIDE} pixels a side; scale it down")
    if min(width, height) < min_side:
        raise CubisegError(f"{path}: {width}x{height} is under {min_side} pixels a side; use a larger picture")
    image.load()
    return image


def _to_8_bit(image: Image.Image) -> Image.Image:
    """16- and 32-bit greyscale to 8 bits; Pillow would clip instead of scale."""
    if image.mode in ("I;16", "I;16L", "I;16B", "I", "F"):
        values = np.asarray(image).astype(np.float64)
        top = 1.0 if image.mode == "F" and values.max(initial=0) <= 1 else 65535.0
        return Image.fromarray(np.clip(values / top * 255 + 0.5, 0, 255).astype(np.uint8))
    return image


def _to_srgb(image: Image.Image) -> Image.Image:
    """Convert by the embedded ICC profile where it is a usable one that is not sRGB already."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "RGBA", "CMYK"):
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return image
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
        return image if converted is None else converted
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image  # a broken profile is no reason to refuse the picture


def read_picture(path: Path, min_side: int = MIN_SIDE) -> Picture:
    """Read PNG (any depth, palette, alpha), JPEG (also greyscale, CMYK) or WebP, upright by its EXIF orientation.

    Args:
        path: the file.
        min_side: smallest side accepted, in pixels.

    Raises:
        CubisegError: missing, unreadable, truncated, or a side outside ``min_side``..8192.
    """
    with _decoding(path):
        image = _open(path, min_side)
        image = ImageOps.exif_transpose(image)
        image = _to_srgb(_to_8_bit(image))
        if image.has_transparency_data:
            rgba = np.asarray(image.convert("RGBA"))
            return Picture(np.ascontiguousarray(rgba[..., :3]), np.ascontiguousarray(rgba[..., 3]))
        return Picture(np.array(image.convert("RGB")))


def read_label(path: Path) -> np.ndarray:
    """Read a label map that holds ids: indexed or greyscale PNG.

    Returns:
        (H, W) uint8, the stored values; they are not checked against the taxonomy.

    Raises:
        CubisegError: missing, unreadable, too large, or a colour picture.
    """
    with _decoding(path):
        image = _open(path, 1)
        if image.mode not in ("P", "L", "1"):
            raise CubisegError(f"{path}: a label map must be indexed or 8-bit greyscale PNG, this is {image.mode}")
        return np.array(image if image.mode == "P" else image.convert("L"))


def write_label(path: Path, label: np.ndarray) -> None:
    """Write a label map as indexed PNG with the taxonomy palette.

    Args:
        path: target, replaced whole.
        label: (H, W) uint8, taxonomy ids or 255.
    """
    image = Image.fromarray(label)
    image.putpalette(taxonomy.palette_bytes())
    with atomic_write(path) as file:
        image.save(file, "PNG", optimize=False, compress_level=9)


def write_png(path: Path, pixels: np.ndarray, compress_level: int = 6) -> None:
    """Write (H, W), (H, W, 3) or (H, W, 4) uint8 pixels as PNG, replaced whole."""
    with atomic_write(path) as file:
        Image.fromarray(pixels).save(file, "PNG", compress_level=compress_level)


def write_webp(path: Path, rgb: np.ndarray, quality: int = 92) -> None:
    """Write (H, W, 3) uint8 as lossy WebP, replaced whole."""
    with atomic_write(path) as file:
        Image.fromarray(rgb).save(file, "WEBP", quality=quality, method=4)


def colourise(label: np.ndarray) -> np.ndarray:
    """Label map to palette colours: (H, W) uint8 ids -> (H, W, 3) uint8."""
    return np.frombuffer(taxonomy.palette_bytes(), np.uint8).reshape(256, 3)[label]


def pixel_hash(rgb: np.ndarray) -> str:
    """SHA-256 of size and decoded RGB, so that it survives another encoding of the same pixels."""
    digest = hashlib.sha256(f"{rgb.shape[0]}x{rgb.shape[1]}:".encode())
    digest.update(np.ascontiguousarray(rgb).data)
    return digest.hexdigest()


@contextmanager
def atomic_write(path: Path, mode: str = "wb") -> Iterator[IO]:
    """Open a temporary file beside ``path`` and rename it over ``path`` when the block ends well.

    Raises:
        CubisegError: the disk is full, or the folder cannot be written.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, mode, **({} if "b" in mode else {"encoding": "utf-8", "newline": "\n"})) as file:
            yield file
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        raise CubisegError(
            f"{path}: cannot be written ({error.strerror or error}); free some space or choose another folder"
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with Unix line ends, replaced whole."""
    with atomic_write(path, "w") as file:
        file.write(text)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def replace_folder(target: Path, fill: Callable[[Path], None]) -> None:
    """Fill a fresh folder beside ``target`` and swap it in, so that a failure leaves no half-written output.

    Args:
        target: folder to replace; its old content is removed only once ``fill`` has succeeded.
        fill: writes the content into the folder that it is given.
    """
    import shutil

    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as scratch:
        fresh = Path(scratch) / "new"
        fresh.mkdir()
        fill(fresh)
        if target.exists():
            target.rename(Path(scratch) / "old")
        fresh.rename(target)
        shutil.rmtree(Path(scratch) / "old", ignore_errors=True)
