"""Which part a layer holds, by its name and by those of the groups around it.

Names in any of the languages of ``part_names.yaml``, and the taxonomy's own in English, Japanese and Chinese, become
English words; ``part_words.yaml`` says which words tell which part. What is not certain stays open: a wrong label
is worse than none.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from cubiseg import taxonomy
from cubiseg.older_python import StrEnum
from cubiseg.psd_files.names import translated


class NameKind(StrEnum):
    """What a name tells.

    ``PART``: a class or part, perhaps without its side. ``BENEATH``: light or shade, which belongs to what it falls on.
    ``UNCLEAR``: a thing that may be of several parts. ``NOT_DRAWN``: no part of the drawing. ``UNKNOWN``: nothing.
    """

    PART = "part"
    BENEATH = "beneath"
    UNCLEAR = "unclear"
    NOT_DRAWN = "not_drawn"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Meaning:
    """What a layer's name means.

    Attributes:
        kind: what it tells.
        base: class or part without its side, as ``eye_iris``; "" where it tells none.
        side: ``left``, ``right``, or "" where the name has none or the part has no sides.
    """

    kind: NameKind
    base: str = ""
    side: str = ""

    @property
    def name(self) -> str | None:
        """The class or part; None where none is told, or its side is not."""
        return sided(self.base, self.side) if self.kind is NameKind.PART else None


_SIDES = {"l": "left", "left": "left", "r": "right", "right": "right"}


def without_side(name: str) -> str:
    """A class or part without its side.

    >>> without_side("eye_left_iris"), without_side("hair_front")
    ('eye_iris', 'hair_front')
    """
    return "_".join(word for word in name.split("_") if word not in ("left", "right"))


BASES: frozenset[str] = frozenset(map(without_side, taxonomy.PART_ID))
"""Classes and parts without their sides."""
_SIDED: dict[tuple[str, str], str] = {
    (without_side(name), side): name
    for name in taxonomy.PART_ID
    for side in ("left", "right")
    if side in name.split("_")
}


def has_sides(base: str) -> bool:
    """Whether a class or part, without its side, is there on both sides."""
    return (base, "left") in _SIDED


def sided(base: str, side: str) -> str | None:
    """The class or part; None where it has sides and none is told.

    >>> sided("eye_iris", "left"), sided("nose", ""), sided("ear", "")
    ('eye_left_iris', 'nose', None)
    """
    return _SIDED.get((base, side)) if has_sides(base) else base


def meaning_of(path: Sequence[str], dialect: str = "") -> Meaning:
    """What a layer holds, by its name and those of the groups around it.

    Args:
        path: names from the outermost group to the layer.
        dialect: the program whose words they are (:func:`dialect_of`), "" for any.

    >>> meaning_of(("顔", "左目", "まつ毛")).name, meaning_of(("Body", "ribbon")).kind.value
    ('eye_left_lashes', 'unclear')
    """
    names = [_words_of(name) for name in reversed(path[-_MOST_GROUPS:])]
    if not names:
        return Meaning(NameKind.UNKNOWN)
    own, *groups = map(frozenset, names)
    if any((rule := _best(words)) is not None and rule.found.kind is NameKind.NOT_DRAWN for words in groups):
        return Meaning(NameKind.NOT_DRAWN)
    named = _own_name(path[-1])
    rule = _found(_Rule(own, 0, named) if named else _best(own), own, groups)
    if rule is None:
        return Meaning(NameKind.UNKNOWN)
    found = rule.found
    if found.kind is NameKind.PART and _without_sides(rule.words) in _rules().mixed.get(dialect, ()):
        return Meaning(NameKind.UNCLEAR)
    if found.kind is not NameKind.PART:
        return found
    return Meaning(NameKind.PART, found.base, found.side or (side_of(path) if has_sides(found.base) else ""))


def side_of(path: Sequence[str]) -> str:
    """The side that a name tells, else that of the innermost group that tells one; "" where none does.

    >>> side_of(("Eye L", "white")), side_of(("右腕", "線")), side_of(("hair",))
    ('left', 'right', '')
    """
    words = (word for name in reversed(path[-_MOST_GROUPS:]) for word in _words_of(name))
    return next((_SIDES[word] for word in words if word in _SIDES), "")


def dialect_of(names: Iterable[str]) -> str:
    """The program whose words a document's names are, "" where none is known."""
    told = [frozenset(_words_of(name)) for name in names]
    dialects = _rules().told_by.items()
    return next((dialect for dialect, signs in dialects if any(sign <= words for sign in signs for words in told)), "")


_MOST_GROUPS = 16
"""Groups around a layer that are looked at; hostile ones may be thousands."""


@dataclass(frozen=True)
class _Rule:
    words: frozenset[str]
    place: int
    found: Meaning


@dataclass(frozen=True)
class _Rules:
    """``part_words.yaml``: rules from the most words to the fewest, all words, and what dialects mix."""

    rules: tuple[_Rule, ...]
    vocabulary: frozenset[str]
    told_by: dict[str, tuple[frozenset[str], ...]]
    mixed: dict[str, frozenset[frozenset[str]]]


@cache
def _rules() -> _Rules:
    import yaml

    table: dict[str, Any] = yaml.safe_load(
        (resources.files("cubiseg.psd_files") / "part_words.yaml").read_text(encoding="utf-8")
    )
    told = [(name, Meaning(NameKind.PART, base)) for base, names in table["parts"].items() for name in names]
    for kind in (NameKind.NOT_DRAWN, NameKind.BENEATH, NameKind.UNCLEAR):
        told += [(name, Meaning(kind)) for name in table[kind.value]]
    rules = [_Rule(frozenset(name.split()), place, meaning) for place, (name, meaning) in enumerate(told)]
    rules.sort(key=lambda rule: (-len(rule.words), rule.place))
    vocabulary = frozenset(word for rule in rules for word in rule.words) | frozenset(table["neutral"])
    dialects = table["dialects"].items()
    return _Rules(
        tuple(rules),
        vocabulary,
        {name: tuple(frozenset(sign.split()) for sign in dialect["told_by"]) for name, dialect in dialects},
        {name: frozenset(frozenset(thing.split()) for thing in dialect["mixed"]) for name, dialect in dialects},
    )


@cache
def _taxonomy_s_names() -> dict[str, Meaning]:
    """Meanings by the taxonomy's own names, English, Japanese and Chinese, and those of its layers."""
    names = {name: name for name in taxonomy.PART_ID}
    names |= {c.layer.lower(): c.name for c in taxonomy.CLASSES}
    names |= {word: part.name for part in taxonomy.PARTS for word in (part.ja, part.zh)}
    meanings = {}
    for written, name in names.items():
        side = next((word for word in name.split("_") if word in ("left", "right")), "")
        text = unicodedata.normalize("NFKC", written)
        meanings[text] = Meaning(NameKind.PART, without_side(name), side)
        meanings.setdefault(re.sub("^[左右]", "", text), Meaning(NameKind.PART, without_side(name)))
    return meanings


def _own_name(name: str) -> Meaning | None:
    """The meaning of a name that is the taxonomy's own, perhaps with a number."""
    text = unicodedata.normalize("NFKC", name[:256]).strip().lower()
    return _taxonomy_s_names().get(text) or _taxonomy_s_names().get(re.sub(r"[\s_.-]*\d+$", "", text))


@cache
def _words_of(name: str) -> tuple[str, ...]:
    """The English words of a name, lower case and singular; letters of no known word are left out."""
    words: list[str] = []
    for text, meaning in translated(name):
        for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", meaning.replace("_", " ") or _latin(text)):
            words += _taken_apart(_singular(word.lower()))
    return tuple(words)


def _latin(text: str) -> str:
    """What is written in Latin letters, without accents, and spaces for the rest."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.sub(r"[^A-Za-z]", " ", plain)


def _singular(word: str) -> str:
    """
    >>> [_singular(w) for w in ("eyes", "lashes", "iris", "glasses", "irides", "dress")]
    ['eye', 'lash', 'iris', 'glass', 'iride', 'dress']
    """
    if word.endswith(("shes", "sses")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "is", "us")) else word


def _taken_apart(word: str) -> list[str]:
    """A word, or the known words that it is written together from: backhair, eyel, facebase."""
    known = _rules().vocabulary
    if word in known or len(word) < 4 or len(word) > 40:
        return [word]
    for cut in range(len(word) - 1, 2, -1):
        first, rest = word[:cut], word[cut:]
        if first in known and (rest in known or rest in ("l", "r")):
            return [first, rest]
        if _singular(first) in known and rest in known:
            return [_singular(first), rest]
    return [word]


def _best(words: frozenset[str], kinds: Iterable[NameKind] = tuple(NameKind)) -> _Rule | None:
    return next((rule for rule in _rules().rules if rule.words <= words and rule.found.kind in kinds), None)


def _without_sides(words: frozenset[str]) -> frozenset[str]:
    return words - set(_SIDES)


def _found(rule: _Rule | None, words: frozenset[str], groups: Iterable[frozenset[str]]) -> _Rule | None:
    """What a name tells together with those of the groups around it, from the innermost outward.

    A group tells what its layer does not, and more of what its layer tells in part: a class's part, or what two words
    mean of which each has one.
    """
    own = words
    for above in groups:
        words = words | above
        more = _best(words, (NameKind.PART,))
        if more is not None and _says_more(rule, more, own):
            rule = more
    return rule


def _says_more(rule: _Rule | None, more: _Rule, own: frozenset[str]) -> bool:
    """Whether a name with its groups tells more than it did."""
    if rule is None or rule.found.kind is NameKind.BENEATH:
        return True
    joint = len(more.words) > 1 and bool(more.words & own) and not more.words <= own
    if rule.found.kind is not NameKind.PART:
        return joint and rule.found.kind is NameKind.UNCLEAR
    same = _class_of(rule.found.base) == _class_of(more.found.base) and not _is_whole(rule.found)
    return same or (joint and rule.words <= more.words)


def _is_whole(found: Meaning) -> bool:
    """Whether a meaning can be told no further: a part, or a class without parts."""
    return found.kind is NameKind.PART and found.base not in _DIVIDED


def _class_of(base: str) -> str:
    """
    >>> _class_of("eye_iris"), _class_of("hair_front")
    ('eye', 'hair')
    """
    name = base if base in taxonomy.PART_ID else _SIDED[base, "left"]
    return without_side(taxonomy.class_name(name))


_DIVIDED = frozenset(without_side(name) for name, parts in taxonomy.PARTS_OF.items() if parts)
