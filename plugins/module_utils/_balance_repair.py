# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What must move, whatever the loads: off drained brokers, to the wanted replication factor, out of crowded racks."""

from __future__ import annotations

from typing import Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._balance_work import Bench


def _after(bench: Bench, number: int, source: Optional[int], target: int) -> list[int]:
    kept = [broker for broker in bench.replicas[number] if broker != source]
    return [*kept, target]


def best_target(bench: Bench, number: int, source: Optional[int]) -> Optional[int]:
    """Return the broker that should take a replica: the best rack spread, then the emptiest."""
    held = bench.replicas[number]
    options = [
        (bench.faults(number, _after(bench, number, source, target)), bench.fullness(target), target)
        for target, takes in enumerate(bench.takes)
        if takes and target not in held and bench.has_room(number, target)
    ]
    return min(options)[2] if options else None


def drain(bench: Bench) -> list[str]:
    """Move everything off the drained brokers, the largest first; return the partitions for which there is no place."""
    left = []
    for source in [broker for broker, drained in enumerate(bench.drained) if drained]:
        for number in reversed(bench.held[source][:]):
            target = None if bench.stays[number] else best_target(bench, number, source)
            if target is None:
                left.append(bench.partitions[number].name)
            else:
                bench.put(number, source, target)
    return left


def refactor(bench: Bench) -> list[str]:
    """Give partitions the wanted number of replicas; return those for which there is no place."""
    left = []
    for number, placed in enumerate(bench.partitions):
        wanted = bench.wishes.factors.get(placed.topic, len(placed.replicas))
        while len(bench.replicas[number]) > wanted:
            bench.remove(number, worst_replica(bench, number))
        while len(bench.replicas[number]) < wanted:
            target = best_target(bench, number, None)
            if target is None:
                left.append(placed.name)
                break
            bench.add(number, target)
    return left


def worst_replica(bench: Bench, number: int) -> int:
    """Return the replica that is missed least: it crowds a rack, else its broker is the fullest. Never the first one."""
    replicas = bench.replicas[number]
    options = [
        (bench.faults(number, [one for one in replicas if one != broker]), -bench.fullness(broker), broker)
        for broker in replicas[1:]
    ]
    return min(options)[2]


def spread(bench: Bench) -> list[str]:
    """Restore the rack spread; return the partitions for which that is not possible."""
    left = []
    for number in reversed(range(len(bench.partitions))):
        faults = bench.faults(number, bench.replicas[number])
        while faults and not bench.stays[number]:
            found = _out_of_the_crowd(bench, number, faults)
            if found is None:
                left.append(bench.partitions[number].name)
                break
            bench.put(number, *found)
            faults = bench.faults(number, bench.replicas[number])
    return left


def _out_of_the_crowd(bench: Bench, number: int, faults: int) -> Optional[tuple[int, int]]:
    """Return which replica of a partition should go where, so that its racks are less crowded."""
    replicas = bench.replicas[number]
    racks = [bench.rack[broker] for broker in replicas]
    options = []
    for source in replicas:
        if not bench.takes[source] or racks.count(bench.rack[source]) == 1:
            continue
        target = best_target(bench, number, source)
        if target is not None:
            left = bench.faults(number, _after(bench, number, source, target))
            options.append((left, -bench.fullness(source), source, target))
    if not options or min(options)[0] >= faults:
        return None
    return min(options)[2:]
