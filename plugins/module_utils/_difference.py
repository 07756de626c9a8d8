# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One line of a change plan, and how its values are shown without ever showing a secret."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any, Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._effective import LiveProperties
from ansible_collections.kraftops.kafka.plugins.module_utils._problems import HIDDEN, SECRET_NAME

NONE, DYNAMIC_CLUSTER, DYNAMIC_NODE = "none", "dynamic-cluster", "dynamic-broker"
RESTART, FORBIDDEN, DESTROYS_DATA = "restart", "forbidden", "destroys-data"
CLASSES = (NONE, DYNAMIC_CLUSTER, DYNAMIC_NODE, RESTART, FORBIDDEN, DESTROYS_DATA)
SET, DELETE = "set", "delete"
ABSENT = "(absent)"
SECRET_VALUE = re.compile(r"passw(or)?d|secret|credential|token", re.IGNORECASE)
SHOWN_DIGITS = 8

# How the names of Kafka's own properties begin (ConfigDef of 3.9.2 and 4.3.1). A key of a plugin may hold anything.
_WORDS = """
add advertised alter authorizer auto background broker client compression config connection connections control
controlled controller cordoned create default delegation delete early eligible fetch follower group initial inter
internal kafka leader listener listeners log max message metadata metric metrics min node num offset offsets
principal process producer queued quota remote replica replication request sasl security server share socket ssl
telemetry transaction transactional unclean unstable
"""
_KAFKA_WORDS = frozenset(_WORDS.split())


@dataclass(frozen=True)
class Difference:
    """One difference. `apply` is how it is brought about: the class itself, or the one under `destroys-data`.

    `operation` says what is sent to the admin API for the two dynamic ways. `hosts` are all that a line is about: for a
    `wide` one, which concerns the whole cluster and is said once, `host` is the name of the cluster. `beyond` are the bytes
    that a shorter retention would delete, None when it is another change or nobody knows.
    """

    host: str
    what: str
    old: str
    new: str
    kind: str
    reason: str
    apply: str = NONE
    refused: bool = False
    foreign: bool = False
    operation: str = ""
    thread_pool: bool = False
    wide: bool = False
    left_alone: bool = False
    hosts: tuple[str, ...] = ()
    beyond: Optional[int] = None

    def plain(self) -> dict[str, Any]:
        """Return it as the JSON plan holds it."""
        return {
            "host": self.host,
            "hosts": list(self.hosts or (self.host,)),
            "what": self.what,
            "from": self.old,
            "to": self.new,
            "class": self.kind,
            "apply": self.apply,
            "operation": self.operation,
            "refused": self.refused,
            "foreign": self.foreign,
            "reason": self.reason,
            "bytes_beyond": self.beyond,
        }


def is_secret(key: str, values: tuple[Optional[str], ...], live: Optional[LiveProperties]) -> bool:
    """Return whether a property's values must never be shown: by its name, by Kafka's word, or because nobody knows."""
    if SECRET_NAME.search(key) or any(value and SECRET_VALUE.search(value) for value in values):
        return True
    entry = (live or {}).get(key)
    if entry is not None:
        return entry.sensitive
    return key.split(".", maxsplit=1)[0] not in _KAFKA_WORDS


def digest(key: str, value: str) -> str:
    """Return what stands for a secret: equal for equal values of one key."""
    return "digest " + hashlib.sha256(f"{key}\0{value}".encode()).hexdigest()[:SHOWN_DIGITS]


def shown(key: str, value: Optional[str], secret: bool) -> str:
    """Return a value as the plan shows it."""
    if value is None:
        return ABSENT
    if secret and not value:
        return HIDDEN
    return digest(key, value) if secret else value


def in_words(one: dict[str, Any]) -> str:
    """Return a difference as one line for people."""
    change = one["from"] if one["from"] == one["to"] else f"{one['from']} → {one['to']}"
    refused = ", refused" if one["refused"] else ""
    return f"{one['host']}: {one['what']}: {change} [{one['class']}{refused}] {one['reason']}."
