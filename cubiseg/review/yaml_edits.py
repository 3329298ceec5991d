"""Changes of single values in a YAML file that people keep: comments, order and all other bytes stay.

An edit is checked by reading the result: where it says anything but what was meant, nothing is changed.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from cubiseg.errors import CubisegError, brief


def set_values(text: str, changes: Mapping[tuple[str, ...], Any]) -> str:
    """Give keys other values.

    Args:
        text: YAML of nested mappings in block style.
        changes: new values by the path of keys; a mapping or list is written on one line.

    Returns:
        The text with the lines of these keys changed.

    Raises:
        CubisegError: a key is not there on a line of its own, or the text is no YAML.

    >>> set_values("a:\\n  # how much\\n  b: 1  # px\\n", {("a", "b"): 2})
    'a:\\n  # how much\\n  b: 2  # px\\n'
    """
    lines = text.splitlines(keepends=True)
    wanted = _read(text)
    for path, value in changes.items():
        number = _line_of(lines, path)
        match = re.fullmatch(
            r"(\s*[^\s:#]+:)(?: +(?:\[[^\]]*\]|\{.*\}|\"[^\"]*\"|[^\s#]+))?( +#.*)?(\n?)", lines[number]
        )
        if match is None:
            raise _not_there(path)
        lines[number] = f"{match[1]} {_flow(value)}{match[2] or ''}{match[3]}"
        inner = wanted
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value
    return _checked("".join(lines), wanted, next(iter(changes), ()))


def append_items(text: str, key: str, items: Sequence[str]) -> str:
    """Add lines to the end of a list under a top-level key.

    Raises:
        CubisegError: there is no such list in block style, or the text is no YAML.

    >>> append_items("a:\\n  - one\\nb: 2\\n", "a", ["two: too"])
    "a:\\n  - one\\n  - 'two: too'\\nb: 2\\n"
    """
    lines = text.splitlines(keepends=True)
    wanted = _read(text)
    start = _line_of(lines, (key,))
    last = start
    for number in range(start + 1, len(lines)):
        if re.match(r"\s+-\s", lines[number]) or (last > start and re.match(r"\s{3,}\S", lines[number])):
            last = number
        elif lines[number].strip() and not lines[number].lstrip().startswith("#"):
            break
    if last == start or not isinstance(wanted[key], list):
        raise _not_there((key,))
    indent = re.match(r"\s*", lines[start + 1])
    fresh = [f"{indent[0] if indent else '  '}- {_flow(item)}\n" for item in items]
    wanted[key] = [*wanted[key], *items]
    return _checked("".join(lines[: last + 1] + fresh + lines[last + 1 :]), wanted, (key,))


def _line_of(lines: Sequence[str], path: tuple[str, ...]) -> int:
    """Number of the line that a key stands on."""
    start, end = 0, len(lines)
    for depth, key in enumerate(path):
        indent = "" if depth == 0 else r" +"
        found = [n for n in range(start, end) if re.match(rf"{indent}{re.escape(key)}:(\s|$)", lines[n])]
        if not found:
            raise _not_there(path)
        width = len(lines[found[0]]) - len(lines[found[0]].lstrip())
        inner = range(found[0] + 1, end)
        outside = (n for n in inner if (s := lines[n].strip()) and s[0] != "#" and _indent(lines[n]) <= width)
        start, end = found[0] + 1, next(outside, end)
    return found[0]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _flow(value: Any) -> str:
    """A value as YAML on one line."""
    if isinstance(value, float) and value.is_integer():
        value = int(value) if abs(value) >= 10 else value
    return (
        yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=10**6, allow_unicode=True)
        .removesuffix("...\n")
        .strip()
    )


def _checked(text: str, wanted: Any, path: tuple[str, ...]) -> str:
    try:
        is_meant = yaml.safe_load(text) == wanted
    except yaml.YAMLError as error:  # as of a list in block style, whose items stand below the changed line
        raise _not_there(path) from error
    if not is_meant:
        raise _not_there(path)
    return text


def _read(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise CubisegError(f"is no YAML ({brief(error)}); correct it") from error


def _not_there(path: tuple[str, ...]) -> CubisegError:
    return CubisegError(f"has no plain line for {'.'.join(path)}; change it by hand")
