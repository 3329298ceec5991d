"""Names of layers: which ones importers and file systems take, and how others become such without losing their meaning.

>>> plain_fault("hair"), plain_fault("CON")
('', 'reserved on Windows')
>>> [ascii_name(name) for name in ("前髪", "目_開き", "眼鏡", "Левый глаз", "왼쪽 눈썹", "雪だるま", "arm.L")]
['front_hair', 'eye_open', 'glasses', 'L_eye', 'L_eyebrow', 'Xuedaruma', 'arm_L']
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources

from cubiseg.file_names import is_reserved

MAX_LENGTH = 255
"""Characters that Photoshop takes in a layer's name."""

_FIXED_LENGTH = 60
_SCRIPTS = {
    "Han": "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff",
    "kana": "\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff",
    "Hangul": "\uac00-\ud7a3",
    "Cyrillic": "\u0400-\u04ff",
}


def plain_fault(name: str) -> str:
    """Why a name is not taken everywhere, in a few words; "" where it is.

    Exported textures and folders are named by layers, so what no file system takes is a fault too.
    """
    if not name.strip():
        return "it is empty"
    if not name.isascii():
        return "it holds letters beyond ASCII"
    odd = sorted(set(re.sub(r"[A-Za-z0-9 _-]", "", name)))
    if odd:
        return f"it holds {' '.join(c if c.isprintable() else ascii(c)[1:-1] for c in odd[:8])}"
    if name != name.strip():
        return "it begins or ends with a space"
    if len(name) > MAX_LENGTH:
        return f"it is {len(name)} characters long, at most {MAX_LENGTH} are taken"
    return "reserved on Windows" if is_reserved(name) else ""


def ascii_name(name: str) -> str:
    """A name in letters, digits, space, - and _; "" if nothing is left of it.

    Usual names of parts in Japanese, Chinese, Korean and Russian are translated, the longest first; the rest is spelt
    in Latin letters.
    """
    pieces = [meaning or _spelt(text) for text, meaning in translated(name)]
    made = "_".join(piece for piece in pieces if piece)
    made = re.sub(r"[^A-Za-z0-9 _-]+", "_", made)
    made = re.sub(r" *_[ _]*", "_", made)
    made = re.sub(r" +", " ", made).strip("_ -")[:_FIXED_LENGTH].strip("_ -")
    return f"{made}_layer" if is_reserved(made) else made


def translated(name: str) -> Iterator[tuple[str, str]]:
    """A name from its beginning to its end: usual names of parts with what they are in English, and what lies between.

    Returns:
        Pairs of text and meaning; the meaning is "" for text that is no usual name.

    >>> list(translated("右目_開き 2"))
    [('右', 'R'), ('目', 'eye'), ('_', ''), ('開き', 'open'), (' 2', '')]
    """
    text = unicodedata.normalize("NFKC", name[: 2 * MAX_LENGTH])
    matches = list(_pattern().finditer(text))
    covered = {place for match in matches for place in range(*match.span())}
    rest, place = "", 0
    for match in matches:
        rest, place = rest + text[place : match.start()], match.end()
        word = match[0]
        if len(word) == 1 and _is_part_of_another_word(text, match.start(), covered):
            rest += word
            continue
        if rest:
            yield rest, ""
        yield word, _words()[word.lower()]
        rest = ""
    if rest + text[place:]:
        yield rest + text[place:], ""


def _spelt(text: str) -> str:
    from anyascii import anyascii

    return anyascii(text).replace("'", "")  # soft signs and the like


@cache
def _words() -> dict[str, str]:
    """All languages' words; where two share one, the earlier language's meaning."""
    import yaml

    text = (resources.files("cubiseg.psd_files") / "part_names.yaml").read_text(encoding="utf-8")
    words: dict[str, str] = {}
    for language in yaml.safe_load(text).values():
        for word, meaning in language.items():
            words.setdefault(unicodedata.normalize("NFKC", word), meaning)
    return words


@cache
def _pattern() -> re.Pattern[str]:
    """Any word, the longest first; Cyrillic ones whole, since short ones lie within others."""
    letter = f"[{_SCRIPTS['Cyrillic']}]"
    either = []
    for word in sorted(_words(), key=len, reverse=True):
        whole = re.match(letter, word) is not None
        either.append(f"(?<!{letter}){re.escape(word)}(?!{letter})" if whole else re.escape(word))
    return re.compile("|".join(either), re.IGNORECASE)


def _is_part_of_another_word(text: str, place: int, covered: set[int]) -> bool:
    """Whether a word of one character stands beside one of its script that no word covers.

    目 is an eye, but the first letter of 目次 is not.
    """
    script = next((letters for letters in _SCRIPTS.values() if re.match(f"[{letters}]", text[place])), "")
    beside = [other for other in (place - 1, place + 1) if 0 <= other < len(text) and other not in covered]
    return bool(script) and any(re.match(f"[{script}]", text[other]) for other in beside)


def renamed(paths: Sequence[tuple[str, ...]], groups: Sequence[bool]) -> list[str]:
    """New names for layers and groups: each is plain, and no two layers' differ by case alone.

    A plain name stays where no other layer has it. Where layers of one name lie in different groups, the groups tell
    them apart; elsewhere the first of them that is plain keeps it, and numbers do.

    Args:
        paths: for each layer and group its name, after those of the groups around it, outermost first.
        groups: which of them are groups, whose names may be equal.

    Returns:
        The names in the same order.

    >>> renamed([("L", "eye"), ("R", "eye"), ("hair",), ("Hair",)], [False] * 4)
    ['L_eye', 'R_eye', 'hair', 'Hair_2']
    """
    names = [path[-1] if not plain_fault(path[-1]) else ascii_name(path[-1]) for path in paths]
    names = [name or ("folder" if group else "layer") for name, group in zip(names, groups, strict=True)]
    alike: defaultdict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(names):
        if not groups[place]:
            alike[name.lower()].append(place)
    for places in alike.values():
        kept = [place for place in places if names[place] == paths[place][-1]]
        apart = _apart([paths[place] for place in places], [names[place] for place in places])
        for place, name in zip(places, apart, strict=True):
            names[place] = names[place] if kept == [place] else name
    return _counted(names, paths, groups)


def _apart(paths: list[tuple[str, ...]], names: list[str]) -> list[str]:
    """Names of alike layers with those of the groups around them, as few groups as tell the most of them apart."""
    around = [[made for group in path[:-1] if (made := ascii_name(group))] for path in paths]
    best, most = names, 1
    for depth in range(1, max(map(len, around), default=0) + 1):
        longer = ["_".join([*within[-depth:], name]) for within, name in zip(around, names, strict=True)]
        count = len({name.lower() for name in longer})
        if count > most and max(map(len, longer)) <= MAX_LENGTH - 10:
            best, most = longer, count
    return best


def _counted(names: list[str], paths: Sequence[tuple[str, ...]], groups: Sequence[bool]) -> list[str]:
    """The names with numbers where they are taken; layers that keep their name come first."""
    taken: set[str] = set()
    made = list(names)
    layers = [place for place in range(len(names)) if not groups[place]]
    late = []
    for place in layers:
        if names[place] == paths[place][-1] and names[place].lower() not in taken:
            taken.add(names[place].lower())
        else:
            late.append(place)
    last: dict[str, int] = {}
    for place in late:
        name = names[place].lower()
        number = last.get(name, 1)
        while made[place].lower() in taken:
            number += 1
            made[place] = f"{names[place]}_{number}"
        last[name] = number
        taken.add(made[place].lower())
    return made


def decoded(pascal: str) -> str:
    """The name in a layer's record, read as Mac Roman, as what its bytes more likely are: UTF-8, Shift-JIS, or that.

    Programs without Unicode names write the letters of the machine's language.

    >>> decoded("前髪".encode("shift_jis").decode("mac_roman")), decoded("Café")
    ('前髪', 'Café')
    """
    if pascal.isascii():
        return pascal
    try:
        raw = pascal.encode("mac_roman")
    except UnicodeEncodeError:
        return pascal
    for encoding in ("utf-8", "cp932"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        unlikely = any(unicodedata.category(c) == "Cn" for c in text)
        if not unlikely and (encoding == "utf-8" or _looks_japanese(text)):
            return text
    return pascal


def _looks_japanese(text: str) -> bool:
    """Whether a text is Japanese: accented words read as Shift-JIS have single signs glued to small Latin letters."""
    japanese = "\u3000-\u30ff\u3400-\u9fff\uff00-\uff9f"
    foreign = [c for c in text if not c.isascii()]
    if not all(re.match(f"[{japanese}]", c) for c in foreign):
        return False
    halves = sum("\uff61" <= c <= "\uff9f" for c in foreign)
    glued = re.search(f"[a-z][{japanese}]|[{japanese}][a-z]", text)
    letters = sum("\u3041" <= c <= "\u9fff" for c in foreign)
    return glued is None and (letters > 0 or halves > 1)
