# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The planner's bench: replicas are tried on other brokers here, and their loads are kept up to date.

Brokers and partitions are numbers in here. Partitions are numbered by size, so that a size is found by bisection and the
result never depends on the order in which Kafka answered; those of one size in turn from every topic, so that a broker that is
filled gets a part of each topic, and can lead its part of each.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from itertools import chain

from ansible_collections.kraftops.kafka.plugins.module_utils._balance import Layout, Wishes, rack_rule
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_shares import (
    band,
    shares,
    taking_part,
    whole_band,
)

COUNT, BYTES = 0, 1
MEASURES = (COUNT, BYTES)
EPSILON = 1e-9


class Bench:
    """Where each replica would lie."""

    def __init__(self, layout: Layout, wishes: Wishes) -> None:
        """Start with where each replica lies."""
        self.layout, self.wishes = layout, wishes
        self.rule = rack_rule(layout, wishes)
        self.partitions = sorted(layout.partitions, key=lambda one: (one.bytes, one.number, one.topic))
        self.sizes = [one.bytes for one in self.partitions]
        listed = {node for one in self.partitions for node in one.replicas}
        self.ids = sorted({*layout.brokers, *listed})
        index = {node: number for number, node in enumerate(self.ids)}
        self.rack = [layout.brokers[node].rack if node in layout.brokers else "" for node in self.ids]
        taking = set(taking_part(layout, wishes))
        self.takes = [node in taking for node in self.ids]
        self.drained = [node in wishes.drain for node in self.ids]
        self.stays = [wishes.leaves(one.topic) for one in self.partitions]
        self.replicas = [[index[node] for node in one.replicas] for one in self.partitions]
        self.original = [frozenset(replicas) for replicas in self.replicas]
        self._count()
        self._bands(layout, wishes, index)

    def _count(self) -> None:
        """Count what each broker holds; its guests are the replicas that came here on the bench."""
        self.held: list[list[int]] = [[] for _broker in self.ids]
        self.guests: list[list[int]] = [[] for _broker in self.ids]
        self.load = [[0.0] * len(self.ids), [0.0] * len(self.ids)]
        self.came = [0.0] * len(self.ids)
        for number, replicas in enumerate(self.replicas):
            for broker in replicas:
                self.held[broker].append(number)
                self.load[COUNT][broker] += 1
                self.load[BYTES][broker] += self.sizes[number]

    def _bands(self, layout: Layout, wishes: Wishes, index: dict[int, int]) -> None:
        """Set from where to where each load is near enough to its fair share."""
        fair = shares(layout, wishes)
        self.share = [[0.0] * len(self.ids), [0.0] * len(self.ids)]
        self.low = [[float("-inf")] * len(self.ids), [float("-inf")] * len(self.ids)]
        self.high = [[float("inf")] * len(self.ids), [float("inf")] * len(self.ids)]
        self.room = [0.0] * len(self.ids)
        for node, count in fair.replicas.items():
            at, size = index[node], fair.bytes[node]
            self.share[COUNT][at], self.share[BYTES][at] = max(count, 1.0), max(size, 1.0)
            self.low[COUNT][at], self.high[COUNT][at] = whole_band(count, wishes.tolerance)
            self.low[BYTES][at], self.high[BYTES][at] = band(size, wishes.tolerance, wishes.ignored_bytes)
            disks = layout.brokers[node].disks.values()
            self.room[at] = sum(disk.room for disk in disks) if disks else float("inf")

    def off(self, measure: int, broker: int, load: float) -> float:
        """Return how far a load would be out of its band, as a part of the fair share."""
        over = max(load - self.high[measure][broker], self.low[measure][broker] - load, 0.0)
        return over / self.share[measure][broker] if over else 0.0

    def direction(self, measure: int, broker: int) -> int:
        """Return 1 for a broker that has too much, -1 for one that has too little."""
        load = self.load[measure][broker]
        return (load > self.high[measure][broker]) - (load < self.low[measure][broker])

    def fullness(self, broker: int) -> float:
        """Return how full a broker is beside its fair share, over all measures."""
        return sum(self.load[one][broker] / max(self.share[one][broker], 1.0) for one in MEASURES)

    def gain(self, source: int, target: int, pieces: int, size: float) -> float:
        """Return by how much two brokers come nearer to their bands when so much goes from one to the other."""
        gained = 0.0
        for measure, amount in ((COUNT, float(pieces)), (BYTES, size)):
            mine, other = self.load[measure][source], self.load[measure][target]
            gained += self.off(measure, source, mine) - self.off(measure, source, mine - amount)
            gained += self.off(measure, target, other) - self.off(measure, target, other + amount)
        return gained

    def faults(self, number: int, replicas: Iterable[int]) -> int:
        """Return by how many replicas a partition would be off the rack rule."""
        racks = [self.rack[broker] for broker in replicas]
        return self.rule.faults(racks, len(racks))

    def fits(self, number: int, source: int, target: int) -> bool:
        """Return whether a replica may go from one broker to another without making the rack spread worse."""
        replicas = self.replicas[number]
        if target in replicas or self.stays[number] or not self.has_room(number, target):
            return False
        if self.rack[source] == self.rack[target]:
            return True
        after = [target if broker == source else broker for broker in replicas]
        return self.faults(number, after) <= self.faults(number, replicas)

    def has_room(self, number: int, target: int) -> bool:
        """Return whether the target's disks can take a replica; what leaves them meanwhile does not count."""
        return target in self.original[number] or self.came[target] + self.sizes[number] <= self.room[target]

    def put(self, number: int, source: int, target: int) -> None:
        """Let the target have the source's place among the replicas."""
        replicas = self.replicas[number]
        replicas[replicas.index(source)] = target
        self._leave(number, source)
        self._come(number, target)

    def add(self, number: int, target: int) -> None:
        """Give a partition one replica more."""
        self.replicas[number].append(target)
        self._come(number, target)

    def remove(self, number: int, source: int) -> None:
        """Take a replica away."""
        self.replicas[number].remove(source)
        self._leave(number, source)

    def _leave(self, number: int, broker: int) -> None:
        _drop(self.held[broker], number)
        self.load[COUNT][broker] -= 1
        self.load[BYTES][broker] -= self.sizes[number]
        if broker not in self.original[number]:
            _drop(self.guests[broker], number)
            self.came[broker] -= self.sizes[number]

    def _come(self, number: int, broker: int) -> None:
        insort(self.held[broker], number)
        self.load[COUNT][broker] += 1
        self.load[BYTES][broker] += self.sizes[number]
        if broker not in self.original[number]:
            insort(self.guests[broker], number)
            self.came[broker] += self.sizes[number]

    def near(self, numbers: list[int], size: float, most: float, several: int) -> Iterator[int]:
        """Yield some of the partitions whose size is near a wanted one, smaller ones first, and none above the most."""
        at = bisect_left(numbers, bisect_left(self.sizes, size + EPSILON))
        end = bisect_left(numbers, bisect_left(self.sizes, most + EPSILON))
        at = min(at, end)
        yield from chain(reversed(numbers[max(at - several, 0) : at]), numbers[at : min(at + several, end)])


def _drop(numbers: list[int], number: int) -> None:
    del numbers[bisect_left(numbers, number)]
