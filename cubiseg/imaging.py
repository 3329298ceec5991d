"""Reading and writing pictures and label maps safely.

Pictures are untrusted: their size is bounded before a pixel is decoded, and every fault of a decoder becomes one line
that names the file. Everything is written to a temporary name beside the target and renamed.
"""

import hashlib
import io
import secrets
import shutil
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

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
            inside = _pictures_in(path)
            if not inside:
                raise CubisegError(f"{path}: no pictures in this folder; name one with {', '.join(SUFFIXES)} files")
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise CubisegError(f"{path}: no such file; check the path")
    return found


def _pictures_in(folder: Path) -> list[Path]:
    """Pictures directly in a folder, sorted; dot files are left out (half-written and system files)."""
    try:
        return sorted(
            p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and not p.name.startswith(".") and p.is_file()
        )
    except OSError as error:
        raise CubisegError(f"{folder}: cannot be listed ({error.strerror}); check its permissions") from error


def distinct_stems(paths: list[Path]) -> dict[Path, str]:
    """Output name of each picture: its stem, or stem and suffix where two pictures share the stem.

    Names are compared without case, as some file systems do. The same file named twice counts once.

    Raises:
        CubisegError: two pictures still share a name, because they have the same name in two folders.
    """
    unique = list({path.resolve(): path for path in paths}.values())
    stems = Counter(path.stem.casefold() for path in unique)
    names: dict[Path, str] = {}
    taken: dict[str, Path] = {}
    for path in unique:
        name = path.stem if stems[path.stem.casefold()] == 1 else path.name.replace(".", "_")
        if (other := taken.setdefault(name.casefold(), path)) is not path:
            raise CubisegError(f"{path}: would be written to the same place as {other}; do them one at a time")
        names[path] = name
    return names


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
    except IsADirectoryError:
        raise CubisegError(f"{path}: is a folder; name a file") from None
    except PermissionError:
        raise CubisegError(f"{path}: may not be read; check its permissions") from None
    except UnidentifiedImageError:
        raise CubisegError(f"{path}: is no PNG, JPEG or WebP picture, or is cut short; save it again") from None
    except Image.DecompressionBombError:
        raise CubisegError(f"{path}: is over {MAX_SIDE} pixels a side; scale it down") from None
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


def _upright(image: Image.Image) -> Image.Image:
    """Apply the EXIF orientation; EXIF that cannot be parsed is no reason to refuse the picture."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:
        return image


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


def _to_srgb(image: Image.Image) -> Image.Image:
    """Convert by the embedded ICC profile where it is a usable one that is not sRGB already."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("P", "RGB", "RGBA", "CMYK"):
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return image
        if image.mode == "P" or "transparency" in image.info:
            image = image.convert("RGBA" if image.has_transparency_data else "RGB")
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
        image = _to_srgb(_to_8_bit(_upright(image)))
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
        if image.format != "PNG":
            raise CubisegError(f"{path}: a label map must be PNG, this is {image.format}; its ids would not survive")
        if image.mode not in ("P", "L", "1"):
            raise CubisegError(
                f"{path}: a label map must be indexed or 8-bit greyscale, this is {image.mode}; save ids"
            )
        return np.array(image if image.mode == "P" else image.convert("L"))


def read_label_or_colours(path: Path) -> np.ndarray:
    """Read a label map that somebody else wrote, whose pixels may be ids or palette colours.

    Greyscale holds ids, also when it was saved as colours. An indexed file holds ids too, unless its own palette is
    made of taxonomy colours in another order, as painting programs write it. Clear pixels of a colour picture count as
    background.

    Returns:
        (H, W) uint8 ids as stored, or (H, W, 3) uint8 colours for :func:`decolourise`; neither is checked.

    Raises:
        CubisegError: missing, unreadable or too large.
    """
    with _decoding(path):
        image = _open(path, 1)
        if image.mode not in ("L", "LA", "P", "PA", "RGB", "RGBA"):
            raise CubisegError(f"{path}: a label map must have 8 bits a channel, this is {image.mode}; save it again")
        if image.mode in ("L", "LA"):
            return np.array(image.getchannel("L"))
        if image.mode == "P":
            table = np.array(image.getpalette("RGB") or (), np.uint8).reshape(-1, 3)
            ours = np.frombuffer(taxonomy.palette_bytes(), np.uint8).reshape(256, 3)
            stored = np.array(image)
            used = np.unique(stored)
            used = used[used < len(table)]
            if np.array_equal(table[used], ours[used]) or decolourise(table[used][None])[1].max(initial=0) > 0:
                return stored
        image = image.convert("RGBA")
        rgb = np.asarray(Image.alpha_composite(Image.new("RGBA", image.size, "black"), image))[..., :3]
        grey = bool((rgb == rgb[..., :1]).all())
        ids = grey and np.isin(rgb[..., 0], (*range(taxonomy.NUM_CLASSES), taxonomy.IGNORE_INDEX)).all()
        return rgb[..., 0].copy() if ids else rgb.copy()


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


def decolourise(rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nearest palette colour of each pixel, the inverse of :func:`colourise`; the ignore colour counts as one.

    Args:
        rgb: (H, W, 3) uint8.

    Returns:
        label: (H, W) uint8, taxonomy ids and 255.
        nearest: (H, W) float32, Euclidean distance in RGB (0 to 442) to the colour of ``label``.
        second: (H, W) float32, distance to the next best colour; close to ``nearest`` where the pixel lies between two.
    """
    pixels = rgb.astype(np.int32)
    label = np.zeros(rgb.shape[:2], np.uint8)
    nearest = np.full(rgb.shape[:2], np.iinfo(np.int32).max, np.int32)
    second = nearest.copy()
    for index, colour in (*enumerate(taxonomy.PALETTE), (taxonomy.IGNORE_INDEX, taxonomy.IGNORE_COLOUR)):
        offset = pixels - np.array(colour, np.int32)
        distance = np.einsum("hwc,hwc->hw", offset, offset)
        np.minimum(second, np.maximum(nearest, distance), out=second)
        label[distance < nearest] = index
        np.minimum(nearest, distance, out=nearest)
    return label, np.sqrt(nearest, dtype=np.float32), np.sqrt(second, dtype=np.float32)


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
    temporary = _beside(path)
    encoding, newline = (None, None) if "b" in mode else ("utf-8", "\n")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open(mode.replace("w", "x"), encoding=encoding, newline=newline) as file:
            yield file
        temporary.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _beside(path: Path) -> Path:
    """A fresh hidden name in the same folder; short, so that a long name stays within the file system's limit."""
    return path.parent / f".cubiseg-{secrets.token_hex(8)}.tmp"


def _unwritable(path: Path, error: OSError) -> CubisegError:
    reason = error.strerror or " ".join(str(error).split())
    return CubisegError(f"{path}: cannot be written ({reason}); free some space or choose another folder")


def copy_file(source: Path, target: Path) -> None:
    """Copy a file byte for byte; the target's folder is made.

    Raises:
        CubisegError: the source is not there, the disk is full, or the folder cannot be written.
    """
    try:
        with source.open("rb") as file, atomic_write(target) as copy:
            shutil.copyfileobj(file, copy, 2**20)
    except FileNotFoundError:
        raise CubisegError(f"{source}: is in the manifest but not there; run the stage that makes it") from None
    except OSError as error:
        raise CubisegError(f"{source}: cannot be read ({error.strerror or error}); check its permissions") from error


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with Unix line ends, replaced whole."""
    with atomic_write(path, "w") as file:
        file.write(text)


def replace_folder(target: Path, fill: Callable[[Path], None]) -> None:
    """Fill a fresh folder beside ``target`` and swap it in, so that a failure leaves no half-written output.

    Args:
        target: folder to replace; its old content is removed only once the new one stands in its place.
        fill: writes the content into the folder that it is given.

    Raises:
        CubisegError: the disk is full, the folder cannot be written, or ``target`` is a file.
    """
    if target.exists() and not target.is_dir():
        raise CubisegError(f"{target}: is a file, a folder is to be written there; choose another folder")
    fresh, old = _beside(target), _beside(target)
    try:
        fresh.mkdir(parents=True)
        fill(fresh)
        if target.exists():
            target.rename(old)
        try:
            fresh.rename(target)
        except OSError:
            if old.exists():
                old.rename(target)
            raise
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)
