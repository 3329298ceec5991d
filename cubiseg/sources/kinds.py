"""What a file is by its first bytes, whatever its name says; for a hint where it cannot be read as a picture.

>>> describe(b"%PDF-1.7")
'is a PDF document; export its pictures as PNG'
>>> describe(b"who knows") is None
True
"""

from pathlib import Path

HEAD_BYTES = 1024
"""So much of a file is looked at."""

_PICTURES = {b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG"}

_OTHERS = {
    b"GIF8": "is a GIF picture; save it as PNG",
    b"8BPS": "is a Photoshop document; export it as PNG",
    b"%PDF-": "is a PDF document; export its pictures as PNG",
    b"%!PS": "is a PostScript document; export it as PNG",
    b"II*\0": "is a TIFF picture; save it as PNG",
    b"MM\0*": "is a TIFF picture; save it as PNG",
    b"BM": "is a BMP picture; save it as PNG",
    b"\0\0\1\0": "is an icon file; save it as PNG",
    b"qoif": "is a QOI picture; save it as PNG",
    b"\xff\x0a": "is a JPEG XL picture; save it as PNG",
    b"\0\0\0\x0cJXL ": "is a JPEG XL picture; save it as PNG",
    b"\0\0\0\x0cjP  ": "is a JPEG 2000 picture; save it as PNG",
    b"\x76\x2f\x31\x01": "is an OpenEXR picture; save it as PNG",
    b"gimp xcf": "is a GIMP document; export it as PNG",
    b"CSFCHUNK": "is a Clip Studio Paint document; export it as PNG",
    b"SQLite format 3\0": "is an SQLite database; export its pictures as PNG",
    b"PK\x03\x04": "is a ZIP archive; unpack it",
    b"PK\x05\x06": "is an empty ZIP archive; put the picture itself there",
    b"Rar!": "is a RAR archive; unpack it",
    b"7z\xbc\xaf\x27\x1c": "is a 7z archive; unpack it",
    b"\x1f\x8b": "is packed with gzip; unpack it",
    b"\x28\xb5\x2f\xfd": "is packed with zstd; unpack it",
    b"\xfd7zXZ\0": "is packed with xz; unpack it",
    b"\x1aE\xdf\xa3": "is a video; save a frame as PNG",
    b"\x89HDF": "is an HDF5 file; export its pictures as PNG",
    b"\x93NUMPY": "is a NumPy array; save it as PNG",
    b"\0\x05\x16\x07": "is a companion file of macOS (AppleDouble), not the picture itself; copy the picture",
    b"\x7fELF": "is a program; put the picture itself there",
    b"MZ": "is a program; put the picture itself there",
}
"""First bytes, and what a file that has them is; ZIP archives, ISO media files and text are looked at more closely."""


def kind_of(path: Path) -> str | None:
    """``PNG``, ``JPEG`` or ``WebP`` by content; None where it is none of them, or cannot be opened."""
    head = _head(path)
    if head is None:
        return None
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WebP"
    return next((name for first, name in _PICTURES.items() if head.startswith(first)), None)


def hint(path: Path) -> str | None:
    """What a file is that is no PNG, JPEG or WebP, with a remedy: ``is a ZIP archive; unpack it``.

    None where it is one, where nobody knows, or where it cannot be opened.
    """
    head = _head(path)
    return None if head is None or kind_of(path) else describe(head)


def describe(head: bytes) -> str | None:
    """What a file with these first bytes is, and what to do; None where its kind is not known here."""
    if not head:
        return "is empty; fetch it again"
    if not head.strip(b"\0"):
        return "holds only zero bytes, as after a copy that was cut off; fetch it again"
    if head[4:8] == b"ftyp":
        return _iso_media(head[8:12])
    if head[:4] == b"PK\x03\x04" and b"mimetype" in head[26:64]:
        return "is a document of Krita, OpenRaster or an office program; export it as PNG"
    if head[:4] == b"RIFF":
        return "is a sound or video file (RIFF); put the picture itself there"
    found = next((what for first, what in _OTHERS.items() if head.startswith(first)), None)
    return found or _text(head)


def _head(path: Path) -> bytes | None:
    try:
        if not path.is_file():  # a pipe or a device may never answer
            return None
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return None


def _iso_media(brand: bytes) -> str:
    if brand in (b"avif", b"avis"):
        return "is an AVIF picture; save it as PNG"
    if brand in (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"):
        return "is a HEIC picture; save it as PNG"
    return "is a video; save a frame as PNG"


def _text(head: bytes) -> str | None:
    """What kind of text it is; None where it is no text."""
    try:
        # The last character may be cut in two.
        text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "ignore" if len(head) == HEAD_BYTES else "strict")
    except UnicodeDecodeError:
        return None
    if any(not c.isprintable() and c not in "\r\n\t\f" for c in text):
        return None
    start = text.lstrip().lower()
    if start.startswith("version https://git-lfs"):
        return "is a Git LFS pointer, not the file itself; fetch it with `git lfs pull`"
    if start.startswith("outs:") and ("md5:" in start or "hash:" in start):
        return "is a DVC pointer, not the file itself; fetch it with `dvc pull`"
    if start.startswith("<svg") or (start.startswith(("<?xml", "<!--", "<!doctype svg")) and "<svg" in start):
        return "is an SVG drawing; export it as PNG"
    if start.startswith("<!doctype html") or (start.startswith("<") and ("<html" in start or "<head" in start)):
        return "is a web page (HTML); download the picture itself"
    if start.startswith("<?xml"):
        return "is an XML file; put the picture itself there"
    if start[:1] in ("{", "["):
        return "is a JSON file; put the picture itself there"
    if start.startswith("data:image/"):
        return "is a data address of a picture; decode it"
    return "is a text file; put the picture itself there" if len(start) > 16 else None
