# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which changes of properties can destroy data within minutes, said with both values in units that people read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._effective import FAMILIES, head_of

CONFIRM = "kafka_confirm_data_loss"
_TIMES = ("log.retention.ms", "log.local.retention.ms")
_SIZES = ("log.retention.bytes", "log.local.retention.bytes")
# The limit of the local copy follows the limit of all copies when it is -2.
_FOLLOWS = {"log.local.retention.ms": "log.retention.ms", "log.local.retention.bytes": "log.retention.bytes"}
_FOLLOW, _FOREVER = -2, -1
_UNITS_OF_TIME = ((86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"), (1000, "second"), (1, "millisecond"))
_UNITS_OF_SIZE = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))

NAMED = 6


@dataclass(frozen=True)
class Beyond:
    """What lies beyond a new limit on brokers' disks: bytes of how many, which topics have their own, who was not counted."""

    bytes: int
    of: int
    own: frozenset[str] = frozenset()
    silent: tuple[str, ...] = ()

    def words(self, key: str) -> str:
        """Return it as a sentence. Times are those of files, sizes are exact."""
        about = "by the times of their files about " if key in _TIMES else ""
        told = f"of {size(self.of)} in log segments, all replicas together, {about}{size(self.bytes)} lie beyond that"
        if not self.bytes:
            told = f"of {size(self.of)} in log segments, all replicas together, nothing lies beyond that yet"
        if self.own:
            told += f" (not those of topics with limits of their own: {_some(sorted(self.own))})"
        return told + (f", not counting {_some(list(self.silent))}" if self.silent else "")


def together(parts: Mapping[str, Optional[Beyond]]) -> Optional[Beyond]:
    """Add up what several brokers said; None when none of them said anything."""
    known = [one for one in parts.values() if one is not None]
    if not known:
        return None
    own = frozenset(topic for one in known for topic in one.own)
    silent = tuple(sorted(host for host, one in parts.items() if one is None))
    return Beyond(sum(one.bytes for one in known), sum(one.of for one in known), own, silent)


def _some(names: list[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


Values = Mapping[str, Optional[str]]


def confirmed(key: str, keys: frozenset[str]) -> bool:
    """Return whether the operator named a property, by any of its synonyms."""
    return any(name in keys for name, _unit in FAMILIES.get(head_of(key), ((key, 1),)))


def duration(milliseconds: int) -> str:
    """Return a time as people say it."""
    if milliseconds < 0:
        return "forever"
    for size, name in _UNITS_OF_TIME:
        if milliseconds >= size:
            return _counted(milliseconds / size, name)
    return "0 milliseconds"


def _counted(number: float, unit: str) -> str:
    text = f"{number:.1f}".rstrip("0").rstrip(".") if number % 1 else f"{number:.0f}"
    return f"{text} {unit}{'' if text == '1' else 's'}"


def size(count: int) -> str:
    """Return a number of bytes as people say it."""
    if count < 0:
        return "without limit"
    for unit, name in _UNITS_OF_SIZE:
        if count >= unit:
            return f"{count / unit:.1f}".removesuffix(".0") + f" {name}"
    return f"{count} bytes"


def _number(value: Optional[str]) -> Optional[int]:
    return int(value) if value is not None and re.fullmatch(r"-?[0-9]+", value) else None


def limit(key: str, values: Values) -> Optional[int]:
    """Return a retention limit as a number, -1 for none; None when it is not known."""
    number = _number(values.get(key))
    if number == _FOLLOW and key in _FOLLOWS:
        number = _number(values.get(_FOLLOWS[key]))
    return number if number is None or number >= 0 else _FOREVER


def danger(key: str, old: Values, new: Values, beyond: Optional[Beyond]) -> str:
    """Return what a change of a property would destroy, in one sentence; nothing when it destroys nothing.

    `old` and `new` are the effective values of all keys that matter; `beyond` is what lies beyond the new limit.
    """
    if key in _TIMES or key in _SIZES:
        return _shorter(key, limit(key, old), limit(key, new), beyond)
    if key == "min.insync.replicas":
        before, after = _number(old.get(key)), _number(new.get(key))
        if before is None or after is None or after >= before:
            return ""
        return f"acknowledged messages would be on {after} instead of {before} replicas and can be lost with {after}"
    if key == "unclean.leader.election.enable" and new.get(key) == "true" and old.get(key) == "false":
        return "a replica that missed acknowledged messages may become leader, and they are lost"
    if key == "log.cleanup.policy" and _adds_delete(old.get(key), new.get(key)):
        return "messages of compacted topics that keep everything today would be deleted by age and size"
    return ""


def _adds_delete(old: Optional[str], new: Optional[str]) -> bool:
    return old is not None and "delete" not in old.split(",") and "delete" in (new or "").split(",")


def _shorter(key: str, old: Optional[int], new: Optional[int], beyond: Optional[Beyond]) -> str:
    if new is None or new == _FOREVER or old is None:
        return ""
    if old != _FOREVER and new >= old:
        return ""
    say = duration if key in _TIMES else size
    where = "on the brokers' own disks " if key in _FOLLOWS else ""
    told = f"messages would be kept {where}{say(new)} instead of {say(old)}"
    if key in _SIZES:
        told = f"a partition would keep {where}{say(new)} instead of {say(old)}"
    return f"{told}; {beyond.words(key)}" if beyond else told
