# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The steps of an execution: begin a batch under throttles, watch it, take the throttles away, put everything back.

Each step is short and finds all that it needs in the cluster itself, so a run that is killed leaves nothing behind that the
next one does not see. Throttles are set before the first byte moves, and hold for the moving replicas alone.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_moves import (
    DISK_RATE,
    FOLLOWER_RATE,
    FOLLOWER_REPLICAS,
    LEADER_RATE,
    LEADER_REPLICAS,
    MovesNode,
    Name,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_topics import BROKER, TOPIC
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_plan import DiskMove, Move
from ansible_collections.kraftops.kafka.plugins.module_utils._data_loss import size
from ansible_collections.kraftops.kafka.plugins.module_utils._snapshot import Partition

RATE_SECONDS = 5.0
POLL_SECONDS = 0.5
NAMED = 5
# What Kafka says of a partition whose move has just ended.
ENDED = re.compile(r"no.?reassignment|in.?progress", re.IGNORECASE)


class Batch(NamedTuple):
    """What is done at the same time."""

    elections: tuple[Name, ...] = ()
    moves: tuple[Move, ...] = ()
    disk_moves: tuple[DiskMove, ...] = ()

    @property
    def names(self) -> set[Name]:
        """Return the partitions of the batch."""
        shifted = {(one.topic, one.number) for one in self.disk_moves}
        return {(one.topic, one.number) for one in self.moves} | shifted | set(self.elections)

    @property
    def brokers(self) -> set[int]:
        """Return the brokers that give or take."""
        moved = {broker for move in self.moves for broker in (*move.before, *move.after)}
        return moved | {one.broker for one in self.disk_moves}

    @property
    def copied(self) -> int:
        """Return how many bytes are copied, over the network and between disks."""
        return sum(move.copied for move in self.moves) + sum(move.bytes for move in self.disk_moves)


class Crew:
    """One broker for what any may do, and each broker for what only it may do."""

    def __init__(self, node: MovesNode, addresses: Mapping[int, str], names: Mapping[int, str]) -> None:
        """Know where everybody is, and under which name."""
        self.node, self.addresses, self.names = node, addresses, names

    def name(self, node_id: int) -> str:
        """Return what people call a broker."""
        return self.names.get(node_id, f"broker {node_id}")

    def stored(self, wanted: Iterable[Name], brokers: Iterable[int]) -> dict[tuple[str, int, int], int]:
        """Return the bytes of replicas, by topic, number and broker; those of a broker that does not answer are left out."""
        found: dict[tuple[str, int, int], int] = {}
        for broker in sorted(set(brokers) & set(self.addresses)):
            try:
                with MovesNode(self.addresses[broker]) as node:
                    directories = node.stored(wanted)
            except AdminError:
                continue
            for one in directories:
                found.update({(*name, broker): count for name, count in one.replicas.items()})
        return found

    def coming(self, wanted: Iterable[DiskMove]) -> dict[tuple[str, int, int], int]:
        """Return the bytes that have reached their new directory, of replicas that are still on their way."""
        found: dict[tuple[str, int, int], int] = {}
        for broker in sorted({one.broker for one in wanted}):
            with MovesNode(self.addresses[broker]) as node:
                for one in node.stored({(each.topic, each.number) for each in wanted if each.broker == broker}):
                    found.update({(*name, broker): count for name, count in one.coming.items()})
        return found

    def set_rates(self, brokers: Mapping[int, Mapping[str, Optional[str]]]) -> list[str]:
        """Set or remove the throttles' rates, each on its broker; return what went wrong."""
        problems = []
        for broker, values in sorted(brokers.items()):
            try:
                with MovesNode(self.addresses[broker]) as node:
                    refused = node.alter(BROKER, {str(broker): values})
            except (AdminError, KeyError) as problem:
                refused = {str(broker): str(problem) if isinstance(problem, AdminError) else "it does not serve"}
            problems += [f"{self.name(broker)}: {why}" for why in refused.values()]
        return problems


def rates_of(crew: Crew, batch: Batch, leaders: Mapping[Name, int]) -> dict[Name, float]:
    """Measure how many bytes a second come into the moving partitions."""
    wanted = {(move.topic, move.number) for move in batch.moves if move.adding}
    brokers = {leaders[name] for name in wanted if name in leaders}
    if not wanted:
        return {}
    before, started = crew.stored(wanted, brokers), time.monotonic()
    time.sleep(RATE_SECONDS)
    after, seconds = crew.stored(wanted, brokers), time.monotonic() - started
    return {
        name: max(after.get((*name, leaders[name]), 0) - before.get((*name, leaders[name]), 0), 0) / seconds
        for name in wanted
        if name in leaders
    }


def too_slow(
    batch: Batch, rates: Mapping[Name, float], leaders: Mapping[Name, int], throttle: int
) -> Optional[tuple[int, float]]:
    """Return a broker at which a throttle would never end, with the bytes a second that come in there meanwhile."""
    needs: dict[tuple[int, str], float] = defaultdict(float)
    for move in batch.moves:
        name = move.topic, move.number
        for broker in move.adding:
            needs[broker, FOLLOWER_RATE] += rates.get(name, 0.0)
        needs[leaders.get(name, -1), LEADER_RATE] += rates.get(name, 0.0) * len(move.adding)
    worst = max(needs.items(), key=lambda item: (item[1], item[0]), default=((-1, ""), 0.0))
    return (worst[0][0], worst[1]) if worst[1] >= throttle else None


def refusal(crew: Crew, batch: Batch, throttle: int) -> str:
    """Return why a throttle would never end; nothing when it will."""
    leaders = {(one.topic, one.number): one.leader for one in crew.node.metadata().partitions}
    found = too_slow(batch, rates_of(crew, batch, leaders), leaders, throttle)
    if found is None:
        return ""
    broker, needed = found
    return (
        f"a throttle of {size(throttle)} a second would never end: {size(int(needed))} a second come into the moving "
        f"partitions of {crew.name(broker)} meanwhile. Raise kafka_balance_throttle above that, to twice as much or more, "
        "or exclude the topic"
    )


def throttled_replicas(batch: Batch) -> dict[str, dict[str, Optional[str]]]:
    """Return, for each topic, the replicas that copy and those that are copied from, as Kafka writes them."""
    told: dict[str, dict[str, list[str]]] = {}
    for move in sorted(batch.moves):
        if move.adding:
            keys = told.setdefault(move.topic, {LEADER_REPLICAS: [], FOLLOWER_REPLICAS: []})
            keys[LEADER_REPLICAS] += [f"{move.number}:{broker}" for broker in move.before]
            keys[FOLLOWER_REPLICAS] += [f"{move.number}:{broker}" for broker in move.adding]
    return {topic: {key: ",".join(values) for key, values in keys.items()} for topic, keys in told.items()}


def throttled_brokers(crew: Crew, batch: Batch, throttle: int) -> dict[int, dict[str, Optional[str]]]:
    """Return the rates that each broker of a batch gets."""
    found: dict[int, dict[str, Optional[str]]] = {}
    for move in batch.moves:
        for broker in {*move.before, *move.after} if move.adding else ():
            found.setdefault(broker, {}).update({LEADER_RATE: str(throttle), FOLLOWER_RATE: str(throttle)})
    for one in batch.disk_moves:
        found.setdefault(one.broker, {})[DISK_RATE] = str(throttle)
    return {broker: rates for broker, rates in found.items() if broker in crew.addresses}


def begin(crew: Crew, batch: Batch, throttle: int) -> list[str]:
    """Set the throttles, choose the directories, and move; return what was refused."""
    problems = crew.set_rates(throttled_brokers(crew, batch, throttle))
    refused = crew.node.alter(TOPIC, throttled_replicas(batch))
    problems += [f"{topic}: {why}" for topic, why in refused.items()]
    if problems:
        return [f"the throttle cannot be set: {one}" for one in problems]
    problems = _choose_directories(crew, batch)
    if batch.moves:
        told = crew.node.reassign({(move.topic, move.number): move.after for move in batch.moves})
        problems += [f"{name[0]}-{name[1]}: {why}" for name, why in told.items()]
    return problems + _elect(crew, batch)


def _elect(crew: Crew, batch: Batch) -> list[str]:
    """Give the partitions to their preferred leaders, those too that have just got another one."""
    reordered = {(move.topic, move.number) for move in batch.moves if not move.adding}
    wanted = [Partition(*name, -1, (), ()) for name in sorted({*batch.elections, *reordered})]
    return [f"{name}: {why}" for name, why in crew.node.elect_preferred(wanted).items()]


def _choose_directories(crew: Crew, batch: Batch) -> list[str]:
    wanted: dict[int, dict[str, list[Name]]] = {}
    for move in batch.moves:
        for broker, path in move.directories.items():
            wanted.setdefault(broker, {}).setdefault(path, []).append((move.topic, move.number))
    for one in batch.disk_moves:
        wanted.setdefault(one.broker, {}).setdefault(one.target, []).append((one.topic, one.number))
    problems = []
    for broker, paths in sorted(wanted.items()):
        with MovesNode(crew.addresses[broker]) as node:
            told = node.choose_directories(paths)
        problems += [f"{name[0]}-{name[1]} on {crew.name(broker)}: {why}" for name, why in told.items()]
    return problems


def watch(crew: Crew, batch: Batch, seconds: float) -> dict[str, Any]:
    """Wait for a while, or until the batch is done; return how far it is."""
    deadline = time.monotonic() + seconds
    while True:
        moving = crew.node.moving()
        coming = crew.coming(batch.disk_moves)
        left = [move for move in batch.moves if (move.topic, move.number) in moving]
        shifting = [one for one in batch.disk_moves if (one.topic, one.number, one.broker) in coming]
        if not (left or shifting) or time.monotonic() >= deadline:
            break
        time.sleep(POLL_SECONDS)
    wanted = {(move.topic, move.number) for move in left}
    there = crew.stored(wanted, {broker for move in left for broker in move.adding}) if left else {}
    parts = [
        (move.bytes, there.get((move.topic, move.number, broker), 0)) for move in left for broker in move.adding
    ] + [(one.bytes, coming[one.topic, one.number, one.broker]) for one in shifting]
    return {
        "left": len(left) + len(shifting),
        "copied": batch.copied - sum(max(whole - part, 0) for whole, part in parts),
        "came": sum(part for _whole, part in parts),
    }


def clear(crew: Crew, topics: Mapping[str, Iterable[str]], brokers: Mapping[int, Iterable[str]]) -> list[str]:
    """Take throttles away, the given keys of topics and of brokers; return what went wrong. A topic that is gone has none."""
    there = {one.topic for one in crew.node.metadata().partitions}
    gone: dict[str, dict[str, Optional[str]]] = {
        topic: dict.fromkeys(keys) for topic, keys in topics.items() if topic in there
    }
    refused = crew.node.alter(TOPIC, gone)
    problems = [f"{topic}: {why}" for topic, why in refused.items()]
    return problems + crew.set_rates({broker: dict.fromkeys(keys) for broker, keys in brokers.items()})


def cancel(crew: Crew, names: Iterable[Name]) -> list[str]:
    """Put partitions back that are being moved; return what was refused. One that has just ended needs nothing."""
    wanted: dict[Name, Optional[Iterable[int]]] = dict.fromkeys(names)
    told = crew.node.reassign(wanted) if wanted else {}
    return [f"{name[0]}-{name[1]}: {why}" for name, why in told.items() if not ENDED.search(why)]


def shift_back(crew: Crew, shifting: Mapping[tuple[str, int, int], tuple[str, str]]) -> list[str]:
    """Let replicas stay in the directories that they were about to leave."""
    moves = (DiskMove(*name, target, source, 0) for name, (source, target) in sorted(shifting.items()))
    return _choose_directories(crew, Batch(disk_moves=tuple(moves)))
