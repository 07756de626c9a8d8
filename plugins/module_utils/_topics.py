# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Topics as they are declared, and as they are. Data, and what can be said of a declaration without a cluster."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._dynamic_configs import text_of

PRESENT, ABSENT = "present", "absent"
LONGEST_NAME = 249
ALLOWED_NAME = re.compile(r"[a-zA-Z0-9._-]+")
MIN_ISR, POLICY = "min.insync.replicas", "cleanup.policy"


@dataclass(frozen=True)
class Declared:
    """A topic of the inventory. What is None is left to the cluster, or as it is."""

    name: str
    partitions: Optional[int] = None
    factor: Optional[int] = None
    configs: Mapping[str, Optional[str]] = field(default_factory=dict)
    state: str = PRESENT


@dataclass(frozen=True)
class Existing:
    """A topic of the cluster: partitions, replicas, bytes of all replicas, and its configs with those set on itself."""

    partitions: int
    factor: int
    configs: Mapping[str, Optional[str]]
    own: frozenset[str]


@dataclass(frozen=True)
class Seen:
    """What the planner must know of the cluster."""

    topics: Mapping[str, Existing]
    """The declared topics that are there."""
    names: frozenset[str]
    """All topics."""
    brokers: int
    factor: int
    """What a new topic gets without a word about it."""
    partitions: int
    min_isr: int
    bytes: Mapping[str, int] = field(default_factory=dict)
    """What lies in topics, counted once and not for each replica."""
    beyond: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """What lies beyond new limits, by topic and key."""


class InputError(Exception):
    """A declaration cannot be understood; the text says which part of it and why."""


def declared(given: Iterable[Mapping[str, Any]]) -> list[Declared]:
    """Return the topics of the inventory."""
    found = []
    for one in given:
        configs = {str(key): _value(one["name"], key, value) for key, value in (one.get("config") or {}).items()}
        found.append(
            Declared(
                str(one["name"]),
                one.get("partitions"),
                one.get("replication_factor"),
                configs,
                one.get("state") or PRESENT,
            )
        )
    return found


def _value(topic: str, key: Any, value: Any) -> Optional[str]:
    try:
        return None if value is None else text_of(value)
    except ValueError as problem:
        raise InputError(f"{topic}, {key}: must be a text, number, truth value or list") from problem


def flat(name: str) -> str:
    """Return a name as metrics have it, where `.` and `_` are the same."""
    return name.replace(".", "_")


def name_problems(topics: list[Declared], names: frozenset[str]) -> list[str]:
    """Return what is wrong with the names: forbidden, given twice, or the same as another one's in metrics."""
    found = []
    for name, several in Counter(one.name for one in topics).items():
        if several > 1:
            found.append(f"{name}: declared {several} times. Declare it once")
        if not ALLOWED_NAME.fullmatch(name) or name in (".", "..") or len(name) > LONGEST_NAME:
            found.append(
                f"{name}: not a name for a topic. Use letters, digits, `.`, `_` and `-`, at most {LONGEST_NAME} of them"
            )
    staying = {one.name for one in topics if one.state == PRESENT}
    leaving = {one.name for one in topics if one.state == ABSENT}
    others: dict[str, list[str]] = {}
    for name in sorted(staying | (names - leaving)):
        others.setdefault(flat(name), []).append(name)
    for same in others.values():
        new = [name for name in same if name in staying and name not in names]
        if len(same) > 1 and new:
            rest = ", ".join(name for name in same if name != new[0])
            found.append(
                f"{new[0]}: metrics cannot tell it from {rest}, `.` and `_` are the same there. Use another name"
            )
    return found
