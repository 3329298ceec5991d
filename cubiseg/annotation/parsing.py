"""Reading answers of models that do not keep to the form: prose around the JSON, cut-off ends, other languages."""

import json
import re
from collections.abc import Sequence
from typing import Any

MOST = 2**18
"""Characters of an answer that are read."""

_THOUGHT = re.compile(r"<think>.*?(</think>|\Z)", re.DOTALL)
_RANGE = re.compile(r"\s*(\d{1,5})\s*(?:[-–~～]|to|\.\.)\s*(\d{1,5})\s*")
_NUMBER = re.compile(r"[^\d]{0,8}(\d{1,5})[^\d]{0,8}")


def find_object(text: str) -> dict[str, Any] | None:
    """The JSON object in a text: the largest of those in it, mended where it was cut off or carelessly written.

    Args:
        text: raw answer; more than :data:`MOST` characters are cut.
    """
    text = _THOUGHT.sub("", text[:MOST]).strip()
    try:
        whole = json.loads(text)
        return whole if isinstance(whole, dict) else None
    except (ValueError, RecursionError):
        pass
    start = text.find("{")
    if start < 0:
        return None
    import json_repair

    try:
        # The last number of an answer that was cut off may lack digits.
        mended = json_repair.loads(re.sub(r"\d+$", "", text[start:].rstrip()))
    except (ValueError, RecursionError):
        return None
    found = [o for o in (mended if isinstance(mended, list) else [mended]) if isinstance(o, dict)]
    return max(found, key=len) if found else None


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
