# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The text of a rule: placeholders filled in, durations stretched or shrunk.

A placeholder is `[[ name ]]` (a number), `[[ percent name ]]` (the same as people read it) or `[[ seconds 5m ]]` (a duration as a
number, scaled like all others, for where PromQL takes no duration).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000, "y": 31_536_000_000}
_ONE = r"\d+(?:ms|[smhdwy])"
DURATION = re.compile(rf"(?:{_ONE})+")
_PART = re.compile(r"(\d+)(ms|[smhdwy])")
_PLACEHOLDER = re.compile(r"\[\[ *(?:(percent|seconds) +)?(\w+) *\]\]")
# A range, a subquery's range and step, an offset; never the brackets of a regular expression, which hold no bare duration.
_RANGE = re.compile(rf"\[((?:{_ONE})+)(:)?((?:{_ONE})+)?\]")
_OFFSET = re.compile(rf"\boffset ((?:{_ONE})+)")


class UnknownNameError(Exception):
    """A placeholder names nothing."""


def milliseconds(duration: str) -> int:
    """Return a duration of Prometheus in milliseconds."""
    if not DURATION.fullmatch(duration):
        raise ValueError(duration)
    return sum(int(number) * UNITS[unit] for number, unit in _PART.findall(duration))


def scaled(duration: str, scale: float) -> str:
    """Return a duration times the scale; as it was written when that is one."""
    if scale == 1:
        return duration
    value = max(1, round(milliseconds(duration) * scale))
    return f"{value // 1000}s" if value % 1000 == 0 else f"{value}ms"


def number(value: float) -> str:
    """Return a number as short as it can be said, never with an exponent."""
    text = f"{float(value):.6f}".rstrip("0")
    return text.rstrip(".")


def expression(text: str, scale: float) -> str:
    """Scale the windows and offsets of a PromQL expression."""

    def window(found: re.Match[str]) -> str:
        step = found.group(3)
        return f"[{scaled(found.group(1), scale)}{found.group(2) or ''}{scaled(step, scale) if step else ''}]"

    text = _RANGE.sub(window, text)
    return _OFFSET.sub(lambda found: f"offset {scaled(found.group(1), scale)}", text)


def placeholders(text: str) -> set[str]:
    """Return the names that a text asks for."""
    return {name for kind, name in _PLACEHOLDER.findall(text) if kind != "seconds"}


def filled(text: str, values: Mapping[str, Any], scale: float) -> str:
    """Replace the placeholders of a text."""

    def put(found: re.Match[str]) -> str:
        kind, name = found.groups()
        if kind == "seconds":
            return number(milliseconds(scaled(name, scale)) / 1000)
        if name not in values:
            raise UnknownNameError(name)
        value = values[name]
        if kind == "percent":
            return f"{number(value * 100)} %"
        return value if isinstance(value, str) else number(value)

    return _PLACEHOLDER.sub(put, text)


def deep(value: Any, change: Callable[[str], str]) -> Any:
    """Change every text inside plain data."""
    if isinstance(value, dict):
        return {key: deep(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [deep(item, change) for item in value]
    return change(value) if isinstance(value, str) else value
