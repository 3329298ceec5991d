"""What a file is by its first bytes, whatever its name says: for the message about one that cannot be used.

>>> identify(b"%PDF-1.7").what
'a PDF document'
>>> identify(b"who knows") is None
True
"""

from typing import Literal, NamedTuple

from cubiseg.sample_files import SampleFile

HEAD_BYTES = 1024
"""So much of a file is looked at."""

Group = Literal["readable", "picture", "drawing", "archive", "pointer", "other"]


class FileKind(NamedTuple):
    """A kind of file.

    Attributes:
        what: what it is, as it stands after "is": "a ZIP archive", "packed with gzip".
        remedy: how a picture is got out of it that can be read.
        group: readable (PNG, JPEG, WebP), picture (other ones), drawing (documents of painting programs), archive,
            pointer (to a file that was not fetched) or other.
    """

    what: str
    remedy: str
    group: Group = "other"


READABLE: dict[bytes, FileKind] = {
    b"\x89PNG\r\n\x1a\n": FileKind("a PNG picture", "", "readable"),
    b"\xff\xd8\xff": FileKind("a JPEG picture", "", "readable"),
}
KINDS: dict[bytes, FileKind] = {
    b"GIF8": FileKind("a GIF picture", "save it as PNG", "picture"),
    b"8BPS": FileKind("a Photoshop document", "export it as PNG", "drawing"),
    b"%PDF-": FileKind("a PDF document", "export its pictures as PNG"),
    b"%!PS": FileKind("a PostScript document", "export it as PNG", "drawing"),
    b"II*\0": FileKind("a TIFF picture", "save it as PNG", "picture"),
    b"MM\0*": FileKind("a TIFF picture", "save it as PNG", "picture"),
    b"BM": FileKind("a BMP picture", "save it as PNG", "picture"),
    b"\0\0\1\0": FileKind("an icon file", "save it as PNG", "picture"),
    b"qoif": FileKind("a QOI picture", "save it as PNG", "picture"),
    b"\xff\x0a": FileKind("a JPEG XL picture", "save it as PNG", "picture"),
    b"\0\0\0\x0cJXL ": FileKind("a JPEG XL picture", "save it as PNG", "picture"),
    b"\0\0\0\x0cjP  ": FileKind("a JPEG 2000 picture", "save it as PNG", "picture"),
    b"\x76\x2f\x31\x01": FileKind("an OpenEXR picture", "save it as PNG", "picture"),
    b"gimp xcf": FileKind("a GIMP document", "export it as PNG", "drawing"),
    b"CSFCHUNK": FileKind("a Clip Studio Paint document", "export it as PNG", "drawing"),
    b"SQLite format 3\0": FileKind("an SQLite database", "export its pictures as PNG"),
    b"PK\x03\x04": FileKind("a ZIP archive", "unpack it", "archive"),
    b"PK\x05\x06": FileKind("an empty ZIP archive", "put the file itself there"),
    b"Rar!": FileKind("a RAR archive", "unpack it", "archive"),
    b"7z\xbc\xaf\x27\x1c": FileKind("a 7z archive", "unpack it", "archive"),
    b"\x1f\x8b": FileKind("packed with gzip", "unpack it", "archive"),
    b"\x28\xb5\x2f\xfd": FileKind("packed with zstd", "unpack it", "archive"),
    b"\xfd7zXZ\0": FileKind("packed with xz", "unpack it", "archive"),
    b"\x1aE\xdf\xa3": FileKind("a video", "save a frame as PNG"),
    b"\x89HDF": FileKind("an HDF5 file", "export its pictures as PNG"),
    b"\x93NUMPY": FileKind("a NumPy array", "save it as PNG"),
    b"\0\x05\x16\x07": FileKind("a companion file of macOS (AppleDouble), not the file itself", "copy the picture"),
    b"\x7fELF": FileKind("a program", "put the file itself there"),
    b"MZ": FileKind("a program", "put the file itself there"),
}
"""By first bytes; ZIP archives, RIFF, ISO media files and text are looked at more closely."""

_SHORT = 16
"""So few characters of text may be anything."""


def readable_kind(path: SampleFile) -> str | None:
    """``PNG``, ``JPEG`` or ``WebP`` by content; None where it is none of them, or cannot be opened."""
    kind = identify(_head(path) or b"unknown")
    return (
        kind.what.removeprefix("a ").removesuffix(" picture") if kind is not None and kind.group == "readable" else None
    )


def hint(path: SampleFile) -> str | None:
    """What a file is that is no PNG, JPEG or WebP, with a remedy: ``is a ZIP archive; unpack it``.

    None where it is one, where nobody knows, or where it cannot be opened.
    """
    head = _head(path)
    kind = None if head is None else identify(head)
    return None if kind is None or kind.group == "readable" else f"is {kind.what}; {kind.remedy}"


def identify(head: bytes) -> FileKind | None:
    """What a file with these first bytes is; None where its kind is not known here."""
    if not head:
        return FileKind("empty", "fetch it again")
    if not head.strip(b"\0"):
        return FileKind("nothing but zero bytes, as after a copy that was cut off", "fetch it again")
    if head[4:8] == b"ftyp":
        return _iso_media(head[8:12])
    if head[:4] == b"PK\x03\x04" and b"mimetype" in head[26:64]:
        return FileKind("a document of Krita, OpenRaster or an office program", "export it as PNG", "drawing")
    if head[:4] == b"RIFF":
        if head[8:12] == b"WEBP":
            return FileKind("a WebP picture", "", "readable")
        return FileKind("a sound or video file (RIFF)", "put the file itself there")
    found = next((kind for first, kind in {**READABLE, **KINDS}.items() if head.startswith(first)), None)
    return found or _text(head)


def _head(path: SampleFile) -> bytes | None:
    try:
        if not path.is_file():  # a pipe or a device may never answer
            return None
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return None


def _iso_media(brand: bytes) -> FileKind:
    if brand in (b"avif", b"avis"):
        return FileKind("an AVIF picture", "save it as PNG", "picture")
    if brand in (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"):
        return FileKind("a HEIC picture", "save it as PNG", "picture")
    return FileKind("a video", "save a frame as PNG")


def _text(head: bytes) -> FileKind | None:
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
        return FileKind("a Git LFS pointer, not the file itself", "fetch it with `git lfs pull`", "pointer")
    if start.startswith("outs:") and ("md5:" in start or "hash:" in start):
        return FileKind("a DVC pointer, not the file itself", "fetch it with `dvc pull`", "pointer")
    if start.startswith("<svg") or (start.startswith(("<?xml", "<!--", "<!doctype svg")) and "<svg" in start):
        return FileKind("an SVG drawing", "export it as PNG", "drawing")
    if start.startswith("<!doctype html") or (start.startswith("<") and ("<html" in start or "<head" in start)):
        return FileKind("a web page (HTML)", "download the file itself")
    if start.startswith("<?xml"):
        return FileKind("an XML file", "put the file itself there")
    if start[:1] in ("{", "["):
        return FileKind("a JSON file", "put the file itself there")
    if start.startswith("data:image/"):
        return FileKind("a data address of a picture", "decode it")
    return FileKind("a text file", "put the file itself there") if len(start) > _SHORT else None
