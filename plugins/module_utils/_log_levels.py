# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Log levels of one node: what each logger should have, what differs, and what brings it back. Runs on hosts too.

Three maps of {logger: level}, the root logger called `root` as Kafka does:
`own`    what a file or a temporary change says of a logger itself; a logger that is not in it inherits.
`live`   what the node answers: the effective level of every logger that exists there, inherited or not.
`wanted` the effective level that `own` gives to a logger.
log4j2 (4.x) and reload4j (3.9) inherit alike. Kafka cannot tell an own level from an inherited one, so a level is
removed from a logger only where its effective level is wrong.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._loaded_state import LOG_CONFIGS, parse_loggers
from ansible_collections.kraftops.kafka.plugins.module_utils._node_report import read

Levels = Mapping[str, str]

ROOT = "root"
# These fill a disk within hours.
VERBOSE = ("DEBUG", "TRACE")
# The log configuration carries a logger of this name plus a digest of its content: the node that lists it has loaded it.
LOADED_PREFIX = "kraftops.loaded."


@dataclass(frozen=True)
class Change:
    """One logger whose effective level is not the wanted one; `value` is what to set, None to inherit again."""

    logger: str
    before: str
    after: str
    value: Optional[str]


def declared(folder: str) -> dict[str, str]:
    """Return the own levels of the log configuration that lies in a folder (/etc/kafka); empty when there is none.

    This file alone says on a host what is declared there at this moment: every run that changes levels replaces it.
    """
    for name in LOG_CONFIGS:
        path = os.path.join(folder, name)
        if os.path.exists(path):
            return parse_loggers(name, read(path))
    return {}


def parents(logger: str) -> Iterator[str]:
    """Yield the loggers that a logger inherits from, the nearest first, the root last."""
    while "." in logger:
        logger = logger.rpartition(".")[0]
        yield logger
    yield ROOT


def effective(logger: str, own: Levels) -> str:
    """Return a logger's own level, else that of the nearest parent that has one."""
    if logger in own:
        return own[logger]
    return next(own[name] for name in parents(logger) if name in own)


def wrong(live: Levels, own: Levels) -> dict[str, str]:
    """Return {logger: wanted level} of every logger of the node whose effective level is another one."""
    return {
        name: level for name in sorted(live) if not is_marker(name) and (level := effective(name, own)) != live[name]
    }


def changes(live: Levels, own: Levels) -> list[Change]:
    """Return what to set and what to remove, parents first, so that every logger of the node gets its wanted level.

    A logger that is wrong only because it inherits from one that is wrong is left to follow it. Where it does not,
    because it has that level itself, it shows once its parent is right: call again with what the node answers then.
    """
    off = wrong(live, own)
    causes = [name for name in off if name in own or not _follows(name, live, off)]
    return [Change(name, live[name], off[name], own.get(name)) for name in sorted(causes, key=_depth)]


def unlisted(live: Levels, own: Levels) -> list[str]:
    """Return the loggers with a level of their own that do not exist on the node, so that no level can be set."""
    return sorted(name for name in own if name not in live and not is_marker(name))


def near(name: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """Return the existing loggers that are spelt most like a name, or end like it."""
    candidates = sorted(one for one in set(known) if not is_marker(one))
    lowered = {one.lower(): one for one in reversed(candidates)}
    close = [lowered[one] for one in difflib.get_close_matches(name.lower(), lowered, n=limit, cutoff=0.75)]
    last = name.lower().rpartition(".")[2].rstrip("$")
    same_end = [one for one in candidates if one.lower().rpartition(".")[2].rstrip("$") == last]
    return list(dict.fromkeys([*same_end, *close]))[:limit]


def is_marker(logger: str) -> bool:
    """Tell whether a logger only says which log configuration is loaded."""
    return logger.startswith(LOADED_PREFIX)


def _follows(name: str, live: Levels, off: Levels) -> bool:
    """Tell whether a wrong logger may simply have the level of a parent that is wrong too."""
    parent = next((one for one in parents(name) if one in live), ROOT)
    return parent in off and live.get(parent) == live[name]


def _depth(name: str) -> tuple[int, str]:
    return (0 if name == ROOT else 1 + name.count("."), name)


def marker(text: str) -> str:
    """Return the marker that a log configuration carries; empty for one that has none."""
    match = re.search(rf"{re.escape(LOADED_PREFIX)}[0-9a-f]+", text)
    return match.group(0) if match else ""
