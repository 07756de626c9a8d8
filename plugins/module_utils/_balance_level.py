# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bring replicas and bytes of every broker near their fair shares, with few bytes moved.

The broker that is farthest off gives or takes first, with the partner that is farthest off the other way. Each step brings
the cluster nearer, so it ends; what no step can better is left, and the measures say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple, Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._balance_work import BYTES, COUNT, EPSILON, MEASURES, Bench

# How many partitions of one broker are looked at, near the wanted size, before the next partner is tried.
LOOKED_AT = 40
SWAPPED = 12
PASSES = 3


class Step(NamedTuple):
    """Replicas that go from one broker to another, and those that come back for them."""

    source: int
    target: int
    there: tuple[int, ...]
    back: tuple[int, ...] = ()


def even_out(bench: Bench) -> None:
    """Take steps until every load is in its band, or no step helps."""
    for _pass in range(PASSES):
        if not _level_once(bench):
            return


def _level_once(bench: Bench) -> bool:
    """Take steps until none is found any more; return whether there was any."""
    stuck: set[tuple[int, int]] = set()
    taken = False
    while True:
        worst = _worst(bench, stuck)
        if worst is None:
            return taken
        step = _find(bench, *worst)
        if step is None:
            stuck.add(worst)
            continue
        for number in step.there:
            bench.put(number, step.source, step.target)
        for number in step.back:
            bench.put(number, step.target, step.source)
        taken = True


def _worst(bench: Bench, stuck: set[tuple[int, int]]) -> Optional[tuple[int, int]]:
    """Return the measure and the broker that is farthest out of its band."""
    options = [
        (-off, measure, broker)
        for measure in MEASURES
        for broker, takes in enumerate(bench.takes)
        if takes and (measure, broker) not in stuck
        for off in [bench.off(measure, broker, bench.load[measure][broker])]
        if off > EPSILON
    ]
    return min(options)[1:] if options else None


def _find(bench: Bench, measure: int, broker: int) -> Optional[Step]:
    """Return a step that brings a broker nearer to its band, and no other farther away in sum."""
    partners = list(_partners(bench, measure, broker))
    for source, target in partners:
        found = _move(bench, source, target)
        if found is not None:
            return found
    exchange = _swap if measure == BYTES else _two_for_one
    for source, target in partners:
        found = exchange(bench, source, target)
        if found is not None:
            return found
    return None


def _partners(bench: Bench, measure: int, broker: int) -> Iterator[tuple[int, int]]:
    """Yield (source, target) with every other broker, the most fitting first."""
    over = bench.direction(measure, broker)
    others = [one for one, takes in enumerate(bench.takes) if takes and one != broker]
    others.sort(key=lambda one: (over * bench.load[measure][one] / bench.share[measure][one], one))
    for one in others:
        yield (broker, one) if over > 0 else (one, broker)


def _need(bench: Bench, measure: int, source: int, target: int) -> float:
    """Return how much should go from one broker to the other: what one has too much, or the other too little."""
    over = bench.load[measure][source] - bench.high[measure][source]
    under = bench.low[measure][target] - bench.load[measure][target]
    return max(over, under, 0.0)


def _size(bench: Bench, source: int, target: int) -> tuple[float, float]:
    """Return the size of replica that suits both measures best, and the largest that does not go too far."""
    pieces, size = _need(bench, COUNT, source, target), _need(bench, BYTES, source, target)
    most = max(
        min(
            bench.high[BYTES][target] - bench.load[BYTES][target],
            bench.load[BYTES][source] - bench.low[BYTES][source],
        ),
        size,
    )
    # Both wrong: sizes that mend both at the same pace. Only the number: the smallest. Only the bytes: the largest.
    return (size / pieces if pieces >= 1 else size), most


def _move(bench: Bench, source: int, target: int) -> Optional[Step]:
    """Return a replica to move; one that is moving anyway costs nothing more, so it is tried first."""
    size, most = _size(bench, source, target)
    for numbers in (bench.guests[source], bench.held[source]):
        for number in bench.near(numbers, size, most, LOOKED_AT):
            helps = bench.gain(source, target, 1, bench.sizes[number]) > EPSILON
            if helps and bench.fits(number, source, target):
                return Step(source, target, (number,))
    return None


def _swap(bench: Bench, source: int, target: int) -> Optional[Step]:
    """Return a larger replica to move for a smaller one, where their numbers are right and only the bytes are not."""
    size = _need(bench, BYTES, source, target)
    if not size:
        return None
    larger = bench.near(bench.held[source], size, bench.sizes[-1], LOOKED_AT)
    for number in (one for one in larger if bench.fits(one, source, target)):
        wanted = max(bench.sizes[number] - size, 0.0)
        for back in islice(bench.near(bench.held[target], wanted, bench.sizes[number], SWAPPED), SWAPPED):
            helps = bench.gain(source, target, 0, bench.sizes[number] - bench.sizes[back]) > EPSILON
            if helps and bench.fits(back, target, source):
                return Step(source, target, (number,), (back,))
    return None


def _two_for_one(bench: Bench, source: int, target: int) -> Optional[Step]:
    """Return two small replicas to move for one as large as both, where the bytes are right and only the number is not."""
    small = islice((one for one in bench.held[source] if bench.fits(one, source, target)), SWAPPED)
    for pair in zip(small, small):
        size = bench.sizes[pair[0]] + bench.sizes[pair[1]]
        for back in bench.near(bench.held[target], size, bench.sizes[-1], SWAPPED):
            helps = bench.gain(source, target, 1, size - bench.sizes[back]) > EPSILON
            if helps and bench.fits(back, target, source):
                return Step(source, target, pair, (back,))
    return None
