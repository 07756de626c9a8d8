# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which dynamic values differ from what they should be. Pure: what is live comes in, changes come out.

Precedence in Kafka: per-node dynamic value, cluster-wide dynamic value, file, default. A dynamic value hides the file
for ever, so one is stored only where a node would not live by the wanted value without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._difference import digest, is_secret
from ansible_collections.kraftops.kafka.plugins.module_utils._effective import (
    FROM_CLUSTER,
    FROM_NODE,
    LiveProperties,
    current,
    meaning,
    override,
    static,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._update_modes import beyond_one_step, is_thread_pool

Values = Mapping[str, str]

# Set while partitions are being moved, and removed by whoever moves them.
THROTTLES = re.compile(
    r"(leader|follower)\.replication\.throttled\.(rate|replicas)|replica\.alter\.log\.dirs\.io\.max\.bytes\.per\.second"
)
# With ELR (4.0 and later) Kafka itself keeps this one as a cluster-wide dynamic value, and refuses to remove it.
KAFKAS_OWN = "min.insync.replicas"
PREFIXED = "listener.name."
NOT_SHOWN = "(not shown by Kafka)"


@dataclass(frozen=True)
class Wanted:
    """What should be. `nodes` holds per-node values by id; managed keys have no dynamic value but the wanted ones."""

    cluster: Values = field(default_factory=dict)
    nodes: Mapping[int, Values] = field(default_factory=dict)
    managed: frozenset[str] = frozenset()
    # Sent again even when nothing seems to differ: secrets, and key stores whose file has changed in place.
    resend: frozenset[str] = frozenset()
    secret: frozenset[str] = frozenset()
    remove_foreign: bool = False

    @property
    def owned(self) -> frozenset[str]:
        """Keys whose dynamic values are ours on every node."""
        return self.managed | frozenset(self.cluster)


@dataclass(frozen=True)
class Seen:
    """What is: the stored cluster-wide values, and the properties of every node that answered."""

    stored: LiveProperties
    nodes: Mapping[int, LiveProperties]


@dataclass(frozen=True)
class Change:
    """One dynamic value to set, or to remove when `after` is None; `node` is None for a cluster-wide one."""

    node: Optional[int]
    key: str
    before: Optional[str]
    after: Optional[str]
    sensitive: bool = False

    def as_plain(self, resource: str) -> dict[str, Optional[str]]:
        """Return what is reported; a secret value is replaced by its digest."""
        return {"resource": resource, "key": self.key, "from": self._shown(self.before), "to": self._shown(self.after)}

    def _shown(self, value: Optional[str]) -> Optional[str]:
        return digest(self.key, value) if self.sensitive and value not in (None, NOT_SHOWN) else value


def text_of(value: Any) -> str:
    """Return a value as Kafka writes it; raise ValueError for what cannot be one."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(text_of(item) for item in value)
    if value is None or isinstance(value, dict):
        raise ValueError("this is no value; to remove what is set, leave the key out and name it in managed")
    return str(value).strip()


def changes(wanted: Wanted, seen: Seen) -> list[Change]:
    """Return everything that differs: cluster-wide first, then by node."""
    found = [*_cluster_changes(wanted, seen)]
    stored = {key: override(key, seen.stored, FROM_CLUSTER) for key in seen.stored}
    stored.update({change.key: change.after for change in found})
    for node in sorted(seen.nodes):
        found += _node_changes(wanted, seen, node, stored)
    return found + (foreign(wanted, seen) if wanted.remove_foreign else [])


def foreign(wanted: Wanted, seen: Seen) -> list[Change]:
    """Return the removal of every dynamic value that somebody else has set; throttles of a running move are theirs."""
    found = []
    for key in sorted(set(seen.stored) - wanted.owned - {KAFKAS_OWN}):
        found.append(_change(wanted, None, key, seen.stored, None))
    for node in sorted(seen.nodes):
        live = seen.nodes[node]
        others = set(live) - wanted.owned - set(wanted.nodes.get(node, {}))
        for key in sorted(key for key in others if override(key, live, FROM_NODE) is not None):
            found.append(_change(wanted, node, key, live, None))
    return [change for change in found if not THROTTLES.fullmatch(change.key)]


def _change(wanted: Wanted, node: Optional[int], key: str, live: LiveProperties, after: Optional[str]) -> Change:
    entry = live.get(key)
    before = override(key, live, FROM_CLUSTER if node is None else FROM_NODE)
    secret = key in wanted.secret or is_secret(key, (before, after), live) or bool(entry and entry.sensitive)
    return Change(node, key, NOT_SHOWN if before == "" and secret else before, after, secret)


def _cluster_changes(wanted: Wanted, seen: Seen) -> Iterator[Change]:
    for key, value in sorted(wanted.cluster.items()):
        stored = override(key, seen.stored, FROM_CLUSTER)
        if stored is not None:
            differs = not _agrees(key, stored, value, seen.stored)
        else:
            differs = any(static(key, live) != meaning(key, value) for live in seen.nodes.values())
        if differs or key in wanted.resend:
            yield _change(wanted, None, key, seen.stored, value)
    for key in sorted((wanted.managed - set(wanted.cluster)) & set(seen.stored)):
        yield _change(wanted, None, key, seen.stored, None)


def _node_changes(wanted: Wanted, seen: Seen, node: int, stored: Mapping[str, Optional[str]]) -> Iterator[Change]:
    live, mine = seen.nodes[node], wanted.nodes.get(node, {})
    for key, value in sorted(mine.items()):
        now = override(key, live, FROM_NODE)
        if now is None:
            now = stored.get(key) or static(key, live)
        if key in wanted.resend or not _agrees(key, now, value, live):
            yield _change(wanted, node, key, live, value)
    for key in sorted(wanted.owned - set(mine)):
        if override(key, live, FROM_NODE) is not None:
            yield _change(wanted, node, key, live, None)


def _agrees(key: str, now: Optional[str], value: str, live: LiveProperties) -> bool:
    """Tell whether a value is as wanted. A secret that is set cannot be compared: it is sent again only when told."""
    entry = live.get(key)
    if now == "" and entry is not None and entry.sensitive:
        return True
    return now is not None and meaning(key, now) == meaning(key, value)


def unapplied(key: str, live: LiveProperties) -> bool:
    """Tell whether a node does not live by the value that is stored for it: one that it cannot apply is stored anyway."""
    entry = live.get(key)
    if entry is None or entry.value is None or not entry.synonyms or entry.synonyms[0][0] != key:
        return False
    first = entry.synonyms[0][1]
    return first is not None and meaning(key, first) != meaning(key, entry.value)


def objection(key: str, value: str, live: LiveProperties, kind: str) -> str:
    """Return why a node would not live by a value, as far as that can be told without asking; empty for nothing.

    Brokers are asked. Controllers store whatever they are given, and one value that they cannot apply keeps all others
    of the same resource from being applied.
    """
    if key not in live:
        return "" if key.startswith(PREFIXED) else "this version of Kafka has no such key"
    if kind in ("int", "short", "long") and not re.fullmatch(r"[+-]?[0-9]+", value):
        return "it must be a whole number"
    if kind == "boolean" and value.lower() not in ("true", "false"):
        return "it must be true or false"
    now = current(key, live)
    if is_thread_pool(key) and now and beyond_one_step(int(now), int(value)):
        return f"a thread pool may at most double or halve in one step, and it has {now} now"
    return ""
