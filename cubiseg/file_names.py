"""Names of files and folders: which ones Windows refuses, and which ones some system takes for one.

>>> refused_by_windows("CON.png"), refused_by_windows("a:b"), refused_by_windows("art.png")
('reserved on Windows', 'it holds :', '')
>>> same_file("Art") == same_file("art. "), same_file("e\\u0301") == same_file("\\xe9")
(True, True)
"""

import os
import re
import unicodedata

ON_WINDOWS = os.name == "nt"

_RESERVED = re.compile(r"(con|prn|aux|nul|(com|lpt)[0-9\u00b9\u00b2\u00b3]) *(\..*)?", re.IGNORECASE)
"""Devices, with any suffix: https://learn.microsoft.com/windows/win32/fileio/naming-a-file."""


def is_reserved(name: str) -> bool:
    """Whether Windows takes a name for a device."""
    return _RESERVED.fullmatch(name) is not None


def refused_by_windows(name: str) -> str:
    """Why Windows makes no file of this name, or one of another name, in a few words; "" where it does."""
    odd = sorted(set(re.findall(r'[<>:"/\\|?*\x00-\x1f]', name)))
    if odd:
        return f"it holds {' '.join(c if c.isprintable() else ascii(c)[1:-1] for c in odd)}"
    if name != name.rstrip(" ."):
        return "it ends with a space or a dot"
    return "reserved on Windows" if is_reserved(name) else ""


def same_file(name: str) -> str:
    """Equal for names that some system takes for one file.

    Windows and macOS do not tell case, macOS composes letters in its own way, and Windows drops what a name ends with.
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).rstrip(" .")
