# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A cluster as its balance sees it: brokers, disks, where each partition lies; and what is wished. Data only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import NamedTuple

MIB = 1 << 20
# Smaller differences in bytes are not worth a move.
IGNORED_BYTES = 256 * MIB
# What a disk keeps free whatever moves to it.
FREE_SHARE = 0.10


class Disk(NamedTuple):
    """A data directory; bytes of its file system, -1 where the broker does not tell."""

    total: int = -1
    usable: int = -1

    @property
    def room(self) -> float:
        """Return how many bytes may come without eating into what stays free."""
        return float("inf") if self.total < 0 else max(self.usable - FREE_SHARE * self.total, 0.0)


class Broker(NamedTuple):
    """A registered broker, under the name that people know; its rack is "" where it has none."""

    node_id: int
    name: str
    rack: str
    disks: Mapping[str, Disk] = {}
    serves: bool = True


class Placed(NamedTuple):
    """A partition: its leader (-1 for none), its replicas, the preferred leader first, and what one of them weighs."""

    topic: str
    number: int
    leader: int
    replicas: tuple[int, ...]
    bytes: int = 0
    directories: Mapping[int, str] = {}
    """In which directory each broker keeps its replica; only known ones."""

    @property
    def name(self) -> str:
        """The name that Kafka gives its directory."""
        return f"{self.topic}-{self.number}"


class Layout(NamedTuple):
    """All brokers by id, and all partitions."""

    brokers: Mapping[int, Broker]
    partitions: tuple[Placed, ...]

    def name(self, node_id: int) -> str:
        """Return what people call a broker."""
        known = self.brokers.get(node_id)
        return known.name if known else f"broker {node_id}"


@dataclass(frozen=True)
class Wishes:
    """What the balance should be, and what it must leave alone."""

    tolerance: float = 0.10
    """How far a broker may be from its fair share."""
    drain: frozenset[int] = frozenset()
    """Brokers that are to hold nothing."""
    exclude_brokers: frozenset[int] = frozenset()
    """Brokers that give nothing and take nothing."""
    exclude_topics: tuple[str, ...] = ()
    """Topics that stay as they are; names, or patterns with `*`."""
    factors: Mapping[str, int] = field(default_factory=dict)
    """Wanted replication factors of topics, where they differ from what is."""
    ignored_bytes: int = IGNORED_BYTES

    def leaves(self, topic: str) -> bool:
        """Return whether a topic is to stay as it is."""
        return any(fnmatchcase(topic, pattern) for pattern in self.exclude_topics)


class RackRule:
    """How the replicas of one partition spread over racks: over as many as can be, and no rack has more than it must.

    Brokers without a rack are one rack more, as Kafka itself has it.
    """

    def __init__(self, brokers: Mapping[str, int]) -> None:
        """Know how many brokers each rack has for replicas."""
        self.brokers = dict(sorted(brokers.items()))
        self._limits: dict[int, int] = {}

    def limit(self, factor: int) -> int:
        """Return how many replicas of one partition a rack may have: the least with which all find a place."""
        if factor not in self._limits:
            most = max(self.brokers.values(), default=0)
            fits = (c for c in range(1, most) if sum(min(n, c) for n in self.brokers.values()) >= factor)
            self._limits[factor] = next(fits, max(most, 1))
        return self._limits[factor]

    def racks(self, factor: int) -> int:
        """Return over how many racks a partition can spread."""
        return min(factor, len(self.brokers))

    def faults(self, racks: Iterable[str], factor: int) -> int:
        """Return by how many replicas a partition, given the rack of each, is off the rule."""
        counts = Counter(racks)
        limit = self.limit(factor)
        crowded = sum(max(count - limit, 0) for count in counts.values())
        return max(crowded, self.racks(factor) - len(counts))


def rack_rule(layout: Layout, wishes: Wishes) -> RackRule:
    """Return the rule for the brokers that remain."""
    return RackRule(Counter(one.rack for one in layout.brokers.values() if one.node_id not in wishes.drain))


def crowded_racks(layout: Layout, placed: Placed, rule: RackRule) -> dict[str, int]:
    """Return the racks that hold more replicas of a partition than need be, with how many; none when it is well spread."""
    racks = [layout.brokers[one].rack if one in layout.brokers else "" for one in placed.replicas]
    factor = len(racks)
    if not rule.faults(racks, factor):
        return {}
    # Where the limit is kept and a rack is left out all the same, two in one rack are one too many.
    over = rule.limit(factor) if any(count > rule.limit(factor) for count in Counter(racks).values()) else 1
    return {rack: count for rack, count in sorted(Counter(racks).items()) if count > over}
