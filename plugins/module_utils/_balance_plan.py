# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The plan that restores the balance: elections and reorders first, which cost nothing; then as few bytes as will do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ansible_collections.kraftops.kafka.plugins.module_utils._balance import Layout, Placed, Wishes
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_disks import Directories, Resident
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_leaders import even_leaders
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_level import even_out
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_repair import drain, refactor, spread
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_work import Bench


class Move(NamedTuple):
    """A partition that gets other replicas, or the same in another order; bytes are those of one replica."""

    topic: str
    number: int
    before: tuple[int, ...]
    after: tuple[int, ...]
    bytes: int = 0
    directories: Mapping[int, str] = {}
    """The directory for new replicas on brokers that have several."""

    @property
    def name(self) -> str:
        """The name that Kafka gives the partition's directory."""
        return f"{self.topic}-{self.number}"

    @property
    def adding(self) -> tuple[int, ...]:
        """Return the brokers that have to copy the partition."""
        return tuple(broker for broker in self.after if broker not in self.before)

    @property
    def copied(self) -> int:
        """Return how many bytes go over the network."""
        return self.bytes * len(self.adding)


class DiskMove(NamedTuple):
    """A replica that goes to another directory of the same broker."""

    topic: str
    number: int
    broker: int
    source: str
    target: str
    bytes: int


@dataclass(frozen=True)
class Plan:
    """What to do, in this order; and what no plan can do."""

    elections: tuple[Placed, ...] = ()
    """Partitions that are not led by their preferred leader and need nothing else."""
    reorders: tuple[Move, ...] = ()
    moves: tuple[Move, ...] = ()
    disk_moves: tuple[DiskMove, ...] = ()
    undrained: tuple[str, ...] = ()
    unspread: tuple[str, ...] = ()
    factorless: tuple[str, ...] = ()

    @property
    def copied(self) -> int:
        """Return how many bytes go over the network."""
        return sum(move.copied for move in self.moves)

    @property
    def shifted(self) -> int:
        """Return how many bytes go from disk to disk inside brokers."""
        return sum(move.bytes for move in self.disk_moves)

    @property
    def empty(self) -> bool:
        """Return whether nothing needs to be done."""
        return not (self.elections or self.reorders or self.moves or self.disk_moves)


def plan(layout: Layout, wishes: Wishes) -> Plan:
    """Return the plan for a cluster as it is; the same for the same cluster, in whatever order it is given."""
    bench = Bench(layout, wishes)
    undrained, factorless, unspread = drain(bench), refactor(bench), spread(bench)
    even_out(bench)
    even_leaders(bench)
    directories, disk_moves = _directories(bench)
    reorders: list[Move] = []
    moves: list[Move] = []
    for number, placed in enumerate(bench.partitions):
        after = tuple(bench.ids[broker] for broker in bench.replicas[number])
        if after == placed.replicas:
            continue
        move = Move(placed.topic, placed.number, placed.replicas, after, placed.bytes, directories.get(number, {}))
        (moves if set(after) != set(placed.replicas) else reorders).append(move)
    return Plan(
        _elections(bench, {(one.topic, one.number) for one in [*reorders, *moves]}),
        tuple(sorted(reorders, key=lambda one: (one.topic, one.number))),
        tuple(_in_order(layout, wishes, moves)),
        tuple(disk_moves),
        tuple(sorted(undrained)),
        tuple(sorted(unspread)),
        tuple(sorted(factorless)),
    )


def _elections(bench: Bench, moved: set[tuple[str, int]]) -> tuple[Placed, ...]:
    return tuple(
        placed
        for placed in sorted(bench.partitions)
        if placed.leader >= 0
        and placed.replicas[0] != placed.leader
        and (placed.topic, placed.number) not in moved
        and not bench.wishes.leaves(placed.topic)
        and placed.replicas[0] in bench.layout.brokers
        and bench.layout.brokers[placed.replicas[0]].serves
    )


def _in_order(layout: Layout, wishes: Wishes, moves: list[Move]) -> list[Move]:
    """Return moves in the order in which they are made: rack repairs and small ones first, so that much is safe soon."""
    bench = Bench(layout._replace(partitions=()), wishes)
    racks = {node: one.rack for node, one in layout.brokers.items()}

    def key(move: Move) -> tuple[bool, int, str, int]:
        crowded = bench.rule.faults([racks.get(node, "") for node in move.before], len(move.before)) > 0
        return not crowded, move.bytes, move.topic, move.number

    return sorted(moves, key=key)


def _directories(bench: Bench) -> tuple[dict[int, dict[int, str]], list[DiskMove]]:
    """Return the directories for new replicas, by partition and broker, and what changes its directory."""
    chosen: dict[int, dict[int, str]] = {}
    shifted = []
    for broker, node in enumerate(bench.ids):
        disks = bench.layout.brokers[node].disks if bench.takes[broker] else {}
        if len(disks) < 2:
            continue
        residents = [_resident(bench, number, broker) for number in bench.held[broker]]
        places = Directories(disks, [one for one in residents if one.directory])
        places.settle([one for one in residents if not one.directory])
        places.even_out(bench.wishes.tolerance, bench.wishes.ignored_bytes)
        for number, path in sorted(places.chosen.items()):
            placed = bench.partitions[number]
            source = placed.directories.get(node, "")
            if broker not in bench.original[number]:
                chosen.setdefault(number, {})[node] = path
            elif source and source != path:
                shifted.append(DiskMove(placed.topic, placed.number, node, source, path, placed.bytes))
    return chosen, shifted


def _resident(bench: Bench, number: int, broker: int) -> Resident:
    directory = bench.partitions[number].directories.get(bench.ids[broker], "")
    here = broker in bench.original[number]
    return Resident(number, bench.sizes[number], directory if here else "", bench.stays[number])


def applied(layout: Layout, made: Plan) -> Layout:
    """Return the cluster as the plan leaves it: every preferred leader leads."""
    changed = {(one.topic, one.number): one for one in [*made.reorders, *made.moves]}
    shifted = {(one.topic, one.number, one.broker): one.target for one in made.disk_moves}
    return layout._replace(partitions=tuple(_applied(one, changed, shifted) for one in layout.partitions))


def _applied(placed: Placed, changed: Mapping[tuple[str, int], Move], shifted: Mapping[Any, str]) -> Placed:
    move = changed.get((placed.topic, placed.number))
    replicas = move.after if move else placed.replicas
    fresh = dict(move.directories) if move else {}
    directories = {node: path for node, path in {**placed.directories, **fresh}.items() if node in replicas}
    directories = {node: shifted.get((placed.topic, placed.number, node), path) for node, path in directories.items()}
    leader = replicas[0] if placed.leader >= 0 else placed.leader
    return placed._replace(replicas=replicas, leader=leader, directories=directories)


def named(partitions: Iterable[str], limit: int = 6) -> str:
    """Return some names of partitions, and how many more there are."""
    several = list(partitions)
    shown = ", ".join(several[:limit])
    return f"{shown} and {len(several) - limit} more" if len(several) > limit else shown
