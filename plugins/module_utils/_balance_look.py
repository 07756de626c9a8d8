# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read a cluster for its balance: where everything lies, what is being moved, and which throttles of moves are set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError, Registration, first_answering
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_moves import (
    THROTTLED,
    MovesNode,
    Name,
    Reassignment,
    Stored,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_topics import Metadata
from ansible_collections.kraftops.kafka.plugins.module_utils._balance import Broker, Disk, Layout, Placed


@dataclass
class Found:
    """A cluster at one moment."""

    layout: Layout
    addresses: Mapping[int, str]
    """Of the brokers that serve."""
    moving: Mapping[Name, Reassignment] = field(default_factory=dict)
    shifting: Mapping[tuple[str, int, int], tuple[str, str]] = field(default_factory=dict)
    """Replicas that go to another directory of their broker: (topic, number, broker), and from where to where."""
    throttled: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Topics with throttled replicas: which, by config key."""
    rates: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    """Brokers with a throttle's rate, by config key."""
    silent: Mapping[int, str] = field(default_factory=dict)
    """Brokers that serve and did not show their disks, and why."""
    behind: Mapping[Name, tuple[int, ...]] = field(default_factory=dict)
    """Partitions with the replicas that are not in sync."""

    @property
    def leftover(self) -> bool:
        """Return whether a throttle is set though nothing is being moved."""
        return bool(self.throttled or self.rates) and not self.moving and not self.shifting


def connect(bootstrap: Iterable[str]) -> MovesNode:
    """Return a connection to the first broker that answers; raise AdminError when none does."""
    return first_answering(MovesNode, bootstrap)


def look(bootstrap: Iterable[str], names: Mapping[int, str], whole: bool = True) -> Found:
    """Read everything; brokers go by the names that are given, or by their ids. Not the whole is only who moves and lags."""
    with connect(bootstrap) as node:
        metadata, registered, moving = node.metadata(), node.registered(), node.moving()
        asked = {one.topic for one in metadata.partitions} if whole else set()
        topics = node.topic_configs(asked, list(THROTTLED))
    addresses = {node_id: f"{one.host}:{one.port}" for node_id, one in metadata.brokers.items()}
    disks, rates, silent = _ask_each(addresses if whole else {})
    everyone = {**registered, **metadata.brokers}
    brokers = {
        node_id: _broker(everyone[node_id], names.get(node_id, f"broker {node_id}"), disks.get(node_id))
        for node_id in sorted(everyone)
    }
    # Before 4.0 Kafka does not tell of brokers that do not serve; their replicas do.
    for node_id in {node for one in metadata.partitions for node in one.replicas} - set(brokers):
        brokers[node_id] = Broker(node_id, names.get(node_id, f"broker {node_id}"), "", {}, serves=False)
    return Found(
        Layout(brokers, tuple(_placed(metadata, moving, disks))),
        addresses,
        moving,
        _shifting(disks),
        {
            topic: {key: str(one.value) for key, one in sorted(entries.items()) if one.own and one.value}
            for topic, entries in topics.items()
            if any(one.own and one.value for one in entries.values())
        },
        rates,
        silent,
        _behind(metadata, moving),
    )


def _ask_each(
    addresses: Mapping[int, str],
) -> tuple[dict[int, list[Stored]], dict[int, dict[str, str]], dict[int, str]]:
    """Ask every broker for its disks and throttles; return also who did not answer."""
    disks, rates, silent = {}, {}, {}
    for node_id, address in sorted(addresses.items()):
        try:
            with MovesNode(address) as node:
                disks[node_id] = node.stored()
                found = node.rates(node_id)
        except AdminError as problem:
            silent[node_id] = str(problem)
            continue
        if found:
            rates[node_id] = found
    return disks, rates, silent


def _shifting(disks: Mapping[int, list[Stored]]) -> dict[tuple[str, int, int], tuple[str, str]]:
    found = {}
    for node, several in disks.items():
        here = {name: one.path for one in several for name in one.replicas}
        for one in several:
            found.update({(*name, node): (here.get(name, one.path), one.path) for name in one.coming})
    return found


def _broker(one: Registration, name: str, stored: Optional[list[Stored]]) -> Broker:
    """A broker that does not show its disks is left alone, as one that does not serve."""
    disks = {each.path: Disk(each.total, each.usable) for each in stored or ()}
    return Broker(one.node_id, name, one.rack or "", disks, stored is not None)


def _placed(
    metadata: Metadata, moving: Mapping[Name, Reassignment], disks: Mapping[int, list[Stored]]
) -> Iterable[Placed]:
    """Yield partitions; one that is being moved counts where it will be."""
    sizes: dict[Name, int] = {}
    where: dict[Name, dict[int, str]] = {}
    for node_id, several in disks.items():
        for one in several:
            for name, size in one.replicas.items():
                sizes[name] = max(size, sizes.get(name, 0))
                where.setdefault(name, {}).setdefault(node_id, one.path)
            for name in one.coming:
                where.setdefault(name, {})[node_id] = one.path
    for part in metadata.partitions:
        name = part.topic, part.number
        replicas = moving[name].after if name in moving else part.replicas
        yield Placed(part.topic, part.number, part.leader, replicas, sizes.get(name, 0), where.get(name, {}))


def _behind(metadata: Metadata, moving: Mapping[Name, Reassignment]) -> dict[Name, tuple[int, ...]]:
    """Return the partitions with replicas out of sync; those that are being added have yet to come."""
    found = {}
    for part in metadata.partitions:
        name = part.topic, part.number
        adding = moving[name].adding if name in moving else ()
        missing = tuple(one for one in part.replicas if one not in part.isr and one not in adding)
        if missing:
            found[name] = missing
    return found
