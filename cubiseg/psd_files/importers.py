"""Which names of layers the programs know that take a PSD and tell its parts by them.

The names are in ``importers.yaml``, with their sources. All of them look at the names of layers alone, not at those of
the groups around them. Live2D Cubism is among them, and takes any: it makes an ArtMesh of each layer and a Part of each
group, and its manual tells no rule for names ("Import PSDs", 2026-02-24, "About model templates", 2024-09-19).

>>> [IMPORTERS["psd2live"].part_of(name) for name in ("irides-l", "前髪 2", "EyeL")]
['irides', 'front hair', '']
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class Importer:
    """A program that takes PSDs.

    Attributes:
        title: what it is called.
        part_of: the part, as the program calls it, that a layer's name tells it; "" where it tells none.
        takes_hidden: whether it looks at layers that are hidden.
    """

    title: str
    part_of: Callable[[str], str]
    takes_hidden: bool = True


@cache
def _tables() -> dict[str, Any]:
    import yaml

    text = (resources.files("cubiseg.psd_files") / "importers.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().lower()


_CJK = "々぀-ヿ㐀-鿿"
_HANGUL = "가-힣"
_SIDE = "l|r|left|right|左|右|왼쪽|오른쪽|좌|우"
_BRACKETED = rf"[(\[【](?:{_SIDE})[)\]】]"
_SIDE_BEFORE = re.compile(
    rf"(?:左|右|왼쪽|오른쪽)[-_.\s]*|(?:왼|오른)(?=[{_HANGUL}])|(?:{_SIDE})[-_.\s]+|{_BRACKETED}[\s_-]*"
)
_SIDE_AFTER = re.compile(
    rf"(?:[\s_-]*{_BRACKETED}|[\s_-]+(?:{_SIDE})|(?<=[{_CJK}\d])[左右]|(?<=[{_HANGUL}\d])(?:왼쪽|오른쪽)"
    rf"|(?<=[{_CJK}{_HANGUL}])[lr])$"
)
_NUMBER = re.compile(rf"(?:[-_.\s]+|(?<=[{_CJK}{_HANGUL}a-z]))\d+$")
_COPY = re.compile(r"\s*(?:copy|のコピー|(?:的)?副本|복사)\s*\d*$")


def _psd2live(name: str) -> str:
    """A side before or after the name and a number go; then the name counts, or what it begins with."""
    words = _words("psd2live")
    left = _COPY.sub("", _plain(name)).strip()
    before = _SIDE_BEFORE.match(left)
    if before:
        left = left[before.end() :].strip()
    may_go = [_NUMBER] if before else [_SIDE_AFTER, _NUMBER]
    while found := next((rule for rule in may_go if rule.search(left)), None):
        may_go.remove(found)
        left = found.sub("", left).strip()
    if left in words:
        return words[left]
    begun = (word for word in sorted(words, key=len, reverse=True) if left.startswith(word))
    return next((words[word] for word in begun if _goes_on(left, word)), "")


def _goes_on(name: str, word: str) -> bool:
    """Whether psd2live knows a name by the word that it begins with."""
    rest = name[len(word) :]
    return rest[0] in " -_" or (len(word) > 1 and (rest.isdigit() or all(ord(letter) > 127 for letter in name)))


def _anime25d_rig(name: str) -> str:
    """Hyphens, underscores and spaces do not count; a number at the end goes."""
    words = {_joined(word): part for word, part in _words("anime2.5drig").items()}
    left = _joined(_COPY.sub("", _plain(name)))
    return words.get(left) or words.get(left.rstrip("0123456789"), "")


def _joined(name: str) -> str:
    return re.sub(r"[\s_-]+", "", name)


def _see_through(name: str) -> str:
    """Tags as they are written; ``-0`` and on where it split one by depth, ``-l`` and ``-r`` where it did by side."""
    table = _tables()["see-through"]
    sided = re.fullmatch(r"(.+)-[lr]", name)
    tag = re.sub(r"-\d+$", "", sided[1] if sided else name)
    return tag if tag in table["sided" if sided else "tags"] else ""


@cache
def _words(importer: str) -> Mapping[str, str]:
    """The part by each name."""
    return {word: part for part, words in _tables()[importer].items() for word in words}


IMPORTERS: Mapping[str, Importer] = MappingProxyType(
    {
        "cubism": Importer("Live2D Cubism", lambda _name: "ArtMesh"),
        "psd2live": Importer("PSD2Live", _psd2live),
        "anime2.5drig": Importer("Anime2.5DRig", _anime25d_rig, takes_hidden=False),
        "see-through": Importer("See-through", _see_through),
    }
)
"""All of them by the name that users choose them by."""
