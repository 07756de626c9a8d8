# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Temporary log levels of a node, kept in a file on its host until they end. Runs on hosts.

The file is the one truth about them: `{"levels": {logger: {"level": "DEBUG", "until": 1763871234, "invocation": "…"}}}`.
A level counts while its end is ahead and the process is the one for which it was set (a restart of Kafka ends it).
Whoever sets a node's levels lays `in_force` over what is declared; whoever finds that they have ended sets what is
declared, and then forgets them with `keep`.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

STATE = "/var/lib/kraftops_kafka/log_levels.json"


@dataclass(frozen=True)
class Temporary:
    """A level with an end, in seconds since 1970, of one start of Kafka."""

    level: str
    until: float
    invocation: str


def load(path: str = STATE) -> dict[str, Temporary]:
    """Return all temporary levels by logger, ended ones too; nothing where the file is missing or no JSON."""
    try:
        with open(path, encoding="utf-8") as stream:
            entries: dict[str, Any] = json.load(stream)["levels"]
            return {str(name): Temporary(**one) for name, one in entries.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def in_force(entries: Mapping[str, Temporary], now: float, invocation: str) -> dict[str, Temporary]:
    """Return those that count for the process that runs."""
    return {name: one for name, one in entries.items() if one.until > now and one.invocation == invocation}


def levels(entries: Mapping[str, Temporary]) -> dict[str, str]:
    """Return {logger: level}."""
    return {name: one.level for name, one in entries.items()}


def keep(entries: Mapping[str, Temporary], path: str = STATE) -> None:
    """Write the temporary levels that remain, in one piece; without any there is no file, and nothing looks at it."""
    if not entries:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        return
    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
    text = json.dumps({"levels": {name: vars(one) for name, one in sorted(entries.items())}}, indent=2)
    with open(path + ".new", "w", encoding="utf-8") as stream:
        stream.write(text + "\n")
        stream.flush()
        os.fchmod(stream.fileno(), 0o644)
        os.fsync(stream.fileno())
    os.replace(path + ".new", path)


@contextlib.contextmanager
def locked(path: str = STATE) -> Iterator[None]:
    """Hold this while reading the file, setting levels and writing the file: a run and a timer may come together."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
