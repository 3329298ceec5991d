"""Reading answers of models that do not keep to the form: prose around the JSON, cut-off ends, other languages."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

MOST = 2**18
"""Characters of an answer that are read."""

DEEPEST = 4
"""How deep an object may lie in wrappers such as ``{"result": [{…}]}``."""

_TAGS = r"(?:think(?:ing)?|thoughts?|reason(?:ing)?|reflection|scratchpad|analysis)"
_THOUGHT = re.compile(rf"[<\[◁](?P<tag>{_TAGS})[>\]▷].*?([<\[◁]/(?P=tag)[>\]▷]|\Z)", re.DOTALL | re.IGNORECASE)
_THOUGHT_ENDS = re.compile(rf"[<\[◁]/{_TAGS}[>\]▷]|<\|channel\|>final<\|message\|>", re.IGNORECASE)
_RANGE = re.compile(r"\s*(\d{1,5})\s*(?:[-–~～]|to|\.\.)\s*(\d{1,5})\s*")
_NUMBER = re.compile(r"[^\d]{0,8}(\d{1,5})[^\d]{0,8}")


def find_object(text: str, fits: Callable[[Mapping[str, Any]], int] = len) -> dict[str, Any] | None:
    """The JSON object in a text: the one that fits best, mended where it was cut off or carelessly written.

    What a model thought aloud is passed over, also where only the end of its thoughts is marked; of objects that fit
    alike the last counts, as drafts come first. Objects in lists and under keys are looked into.

    Args:
        text: raw answer; more than :data:`MOST` characters are cut.
        fits: says how well an object fits; the default is its number of keys.
    """
    text = _without_thoughts(text[:MOST])
    found = [o for value in _values(text) for o in _objects(value)]
    return max(reversed(found), key=fits) if found else None


def _without_thoughts(text: str) -> str:
    return _THOUGHT_ENDS.split(_THOUGHT.sub("", text))[-1].strip("\ufeff \t\r\n")


def _values(text: str) -> list[Any]:
    """The JSON values in a text; only where it is none as a whole, it is mended."""
    try:
        return [json.loads(text)]
    except (ValueError, RecursionError):
        pass
    start = text.find("{")
    if start < 0:
        return []
    import json_repair

    try:
        # The last number of an answer that was cut off may lack digits.
        mended = json_repair.loads(re.sub(r"\d+$", "", text[start:].rstrip()))
    except (ValueError, RecursionError):
        return []
    return mended if isinstance(mended, list) else [mended]


def _objects(value: Any, depth: int = DEEPEST) -> Iterator[dict[str, Any]]:
    """All objects in a JSON value, those within after the one around them."""
    if isinstance(value, str) and depth and value.lstrip()[:1] == "{":
        try:  # JSON that was written as a text once more
            value = json.loads(value)
        except (ValueError, RecursionError):
            return
    if isinstance(value, dict):
        yield value
    if depth and isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _objects(inner, depth - 1)


def numbers_in(value: Any, most: int, depth: int = 3) -> list[int]:
    """Whole numbers of a list as models write it: 3, "3", "#3", "3-7", [3, 7].

    Args:
        value: any part of a JSON answer.
        most: longest range that is spelt out.
        depth: how deep lists in lists are read.
    """
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, int):
        return [value]
    if isinstance(value, float):
        return [int(value)] if value.is_integer() and abs(value) < 2**31 else []
    if isinstance(value, str):
        found: list[int] = []
        for part in re.split(r"[,;、，]", value):
            if span := _RANGE.fullmatch(part):
                first, last = int(span[1]), int(span[2])
                found += range(first, last + 1) if first <= last < first + most else []
            elif one := _NUMBER.fullmatch(part):
                found.append(int(one[1]))
        return found
    if isinstance(value, Sequence) and depth > 0:
        return [n for item in value for n in numbers_in(item, most, depth - 1)]
    return []


def plain_word(text: str) -> str:
    """A key as it is compared: lower case, underscores for spaces and hyphens."""
    return re.sub(r"[\s-]+", "_", text.strip().lower())
