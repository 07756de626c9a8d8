# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Errors of all hosts in groups: those of one logger whose messages differ only in numbers and ids are one thing that goes wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._log_events import LOGGER, START, Event, written

ERRORS = ("FATAL", "ERROR")
# So many different groups are kept apart; what comes after them is counted together.
MOST = 1000
LONGEST_EXAMPLE = 300
UUID = re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b")
# Kafka's own ids, 16 bytes in base64; and addresses of objects.
ID = re.compile(r"(?<![\w-])(?=[\w-]*\d)[\w-]{22}(?![\w-])|@[0-9a-f]{5,16}\b|\b0x[0-9a-fA-F]+\b")
NUMBER = re.compile(r"\d+")
EXCEPTION = re.compile(r"^((?:[\w$]+\.)+[\w$]*(?:Exception|Error|Throwable)[\w$]*)", re.MULTILINE)
OTHERS = ("ERROR", "", "errors of other kinds", "")
Key = tuple[str, str, str, str]


@dataclass
class Group:
    """Errors that are alike."""

    level: str
    logger: str
    example: str
    fatal: bool = False
    count: int = 0
    first: float = 0.0
    last: float = 0.0
    hosts: dict[str, int] = field(default_factory=dict)


def masked(message: str) -> str:
    """Return a message without what differs from one time to the next."""
    return NUMBER.sub("N", ID.sub("ID", UUID.sub("ID", message)))


def message_of(event: Event) -> str:
    """Return the first line of an event without time, level and logger."""
    return LOGGER.sub("", START.sub("", event.text.split("\n", 1)[0]))


def exception_of(event: Event) -> str:
    """Return the class of the exception whose stack trace follows, or nothing."""
    found = EXCEPTION.search(event.text.partition("\n")[2])
    return found.group(1) if found else ""


class Groups:
    """Collects errors, event by event."""

    def __init__(self) -> None:
        """Start without any."""
        self._found: dict[Key, Group] = {}

    def add(self, host: str, event: Event) -> None:
        """Count an event if it is an error."""
        if event.level not in ERRORS:
            return
        key: Key = (event.level, event.logger, masked(message_of(event)), exception_of(event))
        if key not in self._found and len(self._found) >= MOST:
            key = OTHERS
        group = self._found.setdefault(
            key, Group(key[0], key[1], _example(event), event.fatal, first=event.time, last=event.time)
        )
        group.count += 1
        group.first, group.last = min(group.first, event.time), max(group.last, event.time)
        group.hosts[host] = group.hosts.get(host, 0) + 1

    def sorted(self) -> list[Group]:
        """Return the groups: fatal ones first, then the most frequent."""
        return sorted(self._found.values(), key=lambda one: (not one.fatal, -one.count, one.first))


def _example(event: Event) -> str:
    """Return one event in a line: its message and the exception, both as they were written."""
    exception: Optional[str] = exception_of(event)
    line = next((one for one in event.text.split("\n")[1:] if exception and one.startswith(exception)), "")
    text = message_of(event) + (f" / {line}" if line else "")
    return text if len(text) <= LONGEST_EXAMPLE else f"{text[:LONGEST_EXAMPLE]} …"


def in_words(group: Group) -> str:
    """Return one group in a line."""
    hosts = ", ".join(f"{host} ({count})" if len(group.hosts) > 1 else host for host, count in group.hosts.items())
    span = written(group.first) if group.count == 1 else f"{written(group.first)} to {written(group.last)}"
    level = f"{group.level}, FATAL for the node," if group.fatal else group.level
    return f"{group.count} x {level} {group.logger or '(no logger)'} on {hosts}, {span}: {group.example}"


def plain(group: Group) -> dict[str, Any]:
    """Return a group as plain data."""
    return {**vars(group), "first": written(group.first), "last": written(group.last)}
