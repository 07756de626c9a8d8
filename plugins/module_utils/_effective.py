# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a property means once synonyms, spelling and precedence are taken into account.

`log.retention.hours` in a file, `log.retention.ms` as a dynamic property and Kafka's default are three ways to say one
thing; a plan compares what they mean. Only the `.ms` form is dynamic, so it stands for the family.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

Properties = Mapping[str, str]
# DescribeConfigsResponse.ConfigSource
FROM_NODE, FROM_CLUSTER, FROM_FILE, FROM_KAFKA = 2, 3, 4, 5
MINUTE, HOUR = 60_000, 3_600_000

# DynamicBrokerConfig.brokerConfigSynonyms, nearest first, with what one unit is in the first key's unit.
FAMILIES: dict[str, tuple[tuple[str, int], ...]] = {
    "log.retention.ms": (("log.retention.ms", 1), ("log.retention.minutes", MINUTE), ("log.retention.hours", HOUR)),
    "log.roll.ms": (("log.roll.ms", 1), ("log.roll.hours", HOUR)),
    "log.roll.jitter.ms": (("log.roll.jitter.ms", 1), ("log.roll.jitter.hours", HOUR)),
    "log.flush.interval.ms": (("log.flush.interval.ms", 1), ("log.flush.scheduler.interval.ms", 1)),
}
# Kafka's own defaults of the families (same in 3.9.2 and 4.3.1).
FAMILY_DEFAULTS = {
    "log.retention.ms": str(168 * HOUR),
    "log.roll.ms": str(168 * HOUR),
    "log.roll.jitter.ms": "0",
    "log.flush.interval.ms": str(2**63 - 1),
}
# The defaults that decide whether data is lost, for a node that does not answer (same in 3.9.2 and 4.3.1).
OTHER_DEFAULTS = {
    "log.retention.bytes": "-1",
    "log.local.retention.ms": "-2",
    "log.local.retention.bytes": "-2",
    "log.cleanup.policy": "delete",
    "min.insync.replicas": "1",
    "unclean.leader.election.enable": "false",
}
# The scheduler's interval is a setting of its own as well, and not a dynamic one.
_HEAD_OF = {
    key: head
    for head, members in FAMILIES.items()
    for key, _unit in members
    if key != "log.flush.scheduler.interval.ms"
}
_DOUBLE = re.compile(r".*\.(ratio|factor|jitter)|log\.cleaner\.io\.max\.bytes\.per\.second")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?")
_BOOLEAN = ("true", "false")


@dataclass(frozen=True)
class Live:
    """What a running node says about one property."""

    value: Optional[str]
    read_only: bool
    source: int
    sensitive: bool
    synonyms: tuple[tuple[str, Optional[str], int], ...] = ()

    def override(self, key: str, source: int) -> Optional[str]:
        """Return the dynamic value set at one level, None when nothing is set there; a secret one is empty."""
        for name, value, origin in self.synonyms:
            if name == key and origin == source:
                return value or ""
        return None


LiveProperties = Mapping[str, Live]


def live_properties(entries: Mapping[str, Any]) -> dict[str, Live]:
    """Read the entries of DescribeConfigs, asked with synonyms."""
    return {
        name: Live(
            entry["value"],
            bool(entry["read_only"]),
            int(entry["source"]),
            bool(entry.get("sensitive", False)),
            tuple((item["name"], item["value"], int(item["source"])) for item in entry.get("synonyms") or ()),
        )
        for name, entry in entries.items()
    }


def head_of(key: str) -> str:
    """Return the key that stands for a key's family: itself when it has none."""
    return _HEAD_OF.get(key, key)


def meaning(key: str, value: str) -> str:
    """Return a value in one spelling: no blanks around commas, booleans in lower case, fractions as Kafka prints them."""
    text = re.sub(r"\s*,\s*", ",", value.strip())
    if text.lower() in _BOOLEAN:
        return text.lower()
    if _DOUBLE.fullmatch(key) and _NUMBER.fullmatch(text):
        return repr(float(text))
    return text


def stated(key: str, properties: Properties) -> Optional[str]:
    """Return what a file says about a property, in the unit of its family; None when it says nothing."""
    for name, unit in FAMILIES.get(key, ((key, 1),)):
        if name in properties:
            return _scaled(meaning(name, properties[name]), unit)
    return None


def _scaled(value: str, unit: int) -> str:
    """Return a number in another unit; every negative time means forever."""
    if unit == 1 or not re.fullmatch(r"-?[0-9]+", value):
        return value
    return str(int(value) * unit) if int(value) >= 0 else "-1"


def spelled(key: str, properties: Properties) -> str:
    """Return the name under which a file states a property."""
    return next((name for name, _unit in FAMILIES.get(key, ()) if name in properties), key)


def default(key: str, live: Optional[LiveProperties]) -> Optional[str]:
    """Return Kafka's default, as the running node tells it; None when nobody knows it."""
    if key in FAMILIES:
        return FAMILY_DEFAULTS[key]
    entry = (live or {}).get(key)
    if entry is not None:
        for name, value, origin in entry.synonyms:
            if origin == FROM_KAFKA and name == key and value is not None:
                return meaning(key, value)
        if entry.source == FROM_KAFKA and entry.value is not None:
            return meaning(key, entry.value)
    return OTHER_DEFAULTS.get(key)


def current(key: str, live: LiveProperties) -> Optional[str]:
    """Return the value by which a running node works; None when it does not tell.

    Kafka shows no value under `log.retention.ms` while only `log.retention.hours` is set, and the default under
    `log.retention.hours` as soon as `log.retention.ms` is.
    """
    for name, unit in FAMILIES.get(key, ((key, 1),)):
        entry = live.get(name)
        if entry is not None and entry.value is not None:
            return _scaled(meaning(name, entry.value), unit)
    return None


def override(key: str, live: LiveProperties, source: int) -> Optional[str]:
    """Return the dynamic value of a property at one level (FROM_NODE, FROM_CLUSTER); None when there is none."""
    entry = live.get(key)
    value = entry.override(key, source) if entry else None
    return None if value is None else meaning(key, value)


def static(key: str, live: LiveProperties) -> Optional[str]:
    """Return what the running node falls back to without dynamic properties: what its file said, else the default."""
    for name, unit in FAMILIES.get(key, ((key, 1),)):
        entry = live.get(name)
        value = entry.override(name, FROM_FILE) if entry else None
        if value is not None:
            return _scaled(meaning(name, value), unit)
    return default(key, live)
