# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who should lead what: the same number for every broker, with few changes. Costs no bytes, only an election each.

A broker with too many leaders hands one to a broker with too few, where needed through others: a shortest path in the
graph of who could take over from whom.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Container, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._balance_shares import (
    leader_shares,
    topic_limit,
    whole_band,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_work import Bench

# How many partitions of one broker that another could lead are looked at in search of one to give in return.
LOOKED_AT = 40
# A step of a way that hands nothing over, and the place that it leads to or from.
NOTHING, ANYWHERE = -1, -1


class Leaders:
    """The preferred leaders, and who could take over what."""

    def __init__(self, bench: Bench) -> None:
        """Look at the first replica of every partition."""
        self.bench = bench
        several = len(bench.ids)
        self.led = [0] * several
        self.topics: Counter[tuple[int, str]] = Counter()
        self.heirs: list[list[dict[int, None]]] = [[{} for _heir in range(several)] for _broker in range(several)]
        held = dict.fromkeys((one for one in range(several) if bench.takes[one]), 0)
        for number, replicas in enumerate(bench.replicas):
            self._enter(number)
            self.led[replicas[0]] += bench.takes[replicas[0]]
            self.topics[replicas[0], bench.partitions[number].topic] += 1
            for broker in replicas:
                if bench.takes[broker]:
                    held[broker] += 1
        self.share = leader_shares(held, float(sum(self.led)))
        self.bands = {one: whole_band(share, bench.wishes.tolerance) for one, share in self.share.items()}

    def _enter(self, number: int) -> None:
        """Note who could take a partition over from its leader."""
        for broker in self._heirs(number):
            self.heirs[self.bench.replicas[number][0]][broker][number] = None

    def _forget(self, number: int) -> None:
        for broker in self._heirs(number):
            del self.heirs[self.bench.replicas[number][0]][broker][number]

    def _heirs(self, number: int) -> list[int]:
        first, *others = self.bench.replicas[number]
        if self.bench.stays[number] or not self.bench.takes[first]:
            return []
        return [broker for broker in others if self.bench.takes[broker]]

    def hand_over(self, number: int, heir: int) -> None:
        """Let another replica be the preferred leader."""
        replicas = self.bench.replicas[number]
        self._forget(number)
        self.led[replicas[0]] -= 1
        self.led[heir] += 1
        topic = self.bench.partitions[number].topic
        self.topics[replicas[0], topic] -= 1
        self.topics[heir, topic] += 1
        at = replicas.index(heir)
        replicas[0], replicas[at] = heir, replicas[0]
        self._enter(number)

    def path(self, starts: list[int], ends: set[int]) -> Optional[list[int]]:
        """Return a shortest chain of brokers along which leaders can be handed over."""
        found = _way(starts, ends, self._all_heirs)
        return [broker for _number, broker in found] if found else None

    def _all_heirs(self, giver: int) -> Iterator[tuple[int, int]]:
        """Yield who could take something over; what it is, `shift` chooses."""
        return ((NOTHING, heir) for heir, numbers in enumerate(self.heirs[giver]) if numbers)

    def shift(self, chain: list[int], most: int) -> None:
        """Hand so many leaders over from each to the next, or as many as there are."""
        pairs = list(zip(chain, chain[1:]))
        several = min([most, *(len(self.heirs[giver][heir]) for giver, heir in pairs)])
        for giver, heir in pairs:
            for number in sorted(self.heirs[giver][heir], key=partial(self._order, giver, heir))[:several]:
                self.hand_over(number, heir)

    def _order(self, giver: int, heir: int, number: int) -> tuple[bool, int, int]:
        """Those that move anyway first, which need no change of their own; then of topics that the giver leads most of."""
        topic = self.bench.partitions[number].topic
        still = set(self.bench.replicas[number]) == self.bench.original[number]
        return still, self.topics[heir, topic] - self.topics[giver, topic], number


def _way(
    starts: Iterable[int], ends: Container[int], steps: Callable[[int], Iterable[tuple[int, int]]]
) -> Optional[list[tuple[int, int]]]:
    """Return a shortest way from one of the starts to one of the ends: each broker after what it takes over, a start nothing.

    `steps` yields what a broker could hand over, and to whom. No start is an end.
    """
    came = {start: (NOTHING, start) for start in starts}
    waiting = deque(came)
    while waiting:
        broker = waiting.popleft()
        for number, heir in steps(broker):
            if heir in came:
                continue
            came[heir] = number, broker
            if heir in ends:
                return _back_from(heir, came)
            waiting.append(heir)
    return None


def _back_from(end: int, came: dict[int, tuple[int, int]]) -> list[tuple[int, int]]:
    way: list[tuple[int, int]] = []
    at = end
    while not way or way[-1][1] != at:
        number, giver = came[at]
        way.append((number, at))
        at = giver
    return way[::-1]


def even_leaders(bench: Bench) -> None:
    """Bring the leaders of every broker near their fair share by reordering replicas."""
    leaders = Leaders(bench)
    for over in (True, False):
        while _hand_one_over(leaders, over):
            pass
    _even_topics(leaders)


def _hand_one_over(leaders: Leaders, over: bool) -> bool:
    """Take from a broker with too many (`over`), or give to one with too few; return whether that was possible."""
    led, share, bands = leaders.led, leaders.share, leaders.bands
    if over:
        starts = [one for one in share if led[one] > bands[one][1]]
        ends = {one for one in share if led[one] + 1 <= share[one]}
        ends = ends or {one for one in share if led[one] + 1 <= bands[one][1]}
    else:
        ends = {one for one in share if led[one] < bands[one][0]}
        starts = [one for one in share if led[one] - 1 >= share[one]]
        starts = starts or [one for one in share if led[one] - 1 >= bands[one][0]]
    starts.sort(key=lambda one: (share[one] - led[one], one))
    chain = leaders.path(starts, ends) if starts and ends else None
    if chain is None:
        return False
    giver, taker = chain[0], chain[-1]
    several = (
        min(led[giver] - bands[giver][1], share[taker] - led[taker])
        if over
        else min(bands[taker][0] - led[taker], led[giver] - share[giver])
    )
    leaders.shift(chain, max(int(several), 1))
    return True


def _even_topics(leaders: Leaders) -> None:
    """Hand over leaders of topics of which one broker leads far too many, though all its leaders together are right."""
    topics: dict[str, list[int]] = {}
    for number, placed in enumerate(leaders.bench.partitions):
        topics.setdefault(placed.topic, []).append(number)
    limits = {topic: topic_limit(len(numbers), len(leaders.share)) for topic, numbers in topics.items()}
    for topic in sorted(topics):
        while _even_topic(leaders, topics[topic], limits):
            pass


def _even_topic(leaders: Leaders, numbers: list[int], limits: dict[str, float]) -> bool:
    """Hand one leader of a topic over; return whether that was needed and possible."""
    topic = leaders.bench.partitions[numbers[0]].topic
    led = {one: leaders.topics[one, topic] for one in leaders.share}
    giver = max(led, key=lambda one: (led[one], -one), default=-1)
    if giver < 0 or led[giver] <= limits[topic]:
        return False
    for heir in sorted((one for one in led if led[one] + 1 < led[giver]), key=lambda one: (led[one], one)):
        there = _way([giver], {heir}, lambda one: _within(leaders, one, numbers))
        back = _way([heir], {giver}, lambda one: _in_return(leaders, one, topic, limits)) if there else None
        if there and back:
            for number, taker in [*there, *back]:
                if number != NOTHING:
                    leaders.hand_over(number, taker)
            return True
    return False


def _within(leaders: Leaders, giver: int, numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Yield what a broker leads of a topic, with who could take it over."""
    for number in numbers:
        if leaders.bench.replicas[number][0] == giver:
            yield from ((number, heir) for heir in leaders.share if number in leaders.heirs[giver][heir])


def _in_return(leaders: Leaders, giver: int, topic: str, limits: dict[str, float]) -> Iterator[tuple[int, int]]:
    """Yield what can be given for a leader of a topic, and to whom; nothing need be given where numbers stay right without.

    ANYWHERE stands between a broker that may lead one more, and one that may lead one less.
    """
    led, bands, bench = leaders.led, leaders.bands, leaders.bench
    if giver == ANYWHERE:
        yield from ((NOTHING, one) for one in leaders.share if led[one] - 1 >= bands[one][0])
        return
    if led[giver] + 1 <= bands[giver][1]:
        yield NOTHING, ANYWHERE
    for heir in leaders.share:
        for number in islice(sorted(leaders.heirs[giver][heir]), LOOKED_AT):
            other = bench.partitions[number].topic
            if other != topic and leaders.topics[heir, other] + 1 <= limits[other]:
                yield number, heir
                break
