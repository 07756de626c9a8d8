# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fair shares of brokers. Where racks differ in size, rack spread decides first: brokers of a small rack hold more."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ansible_collections.kraftops.kafka.plugins.module_utils._balance import Layout, RackRule, Wishes, rack_rule

HALVINGS = 60
TINY = 1e-6
# As the alert KafkaTopicLeaderSkew has it.
TOPIC_SHARE = 1.5


class Shares(NamedTuple):
    """What each broker that takes part should have: replicas, bytes, leaders."""

    replicas: dict[int, float]
    bytes: dict[int, float]
    leaders: dict[int, float]


def taking_part(layout: Layout, wishes: Wishes) -> list[int]:
    """Return the brokers that give and take: those that serve, and are neither drained nor excluded."""
    return [
        node
        for node, one in sorted(layout.brokers.items())
        if one.serves and node not in wishes.drain and node not in wishes.exclude_brokers
    ]


def level(
    total: float, low: Mapping[str, float], high: Mapping[str, float], weight: Mapping[str, float]
) -> dict[str, float]:
    """Share a total by weight, none below its low and none above its high."""
    bottom, top = 0.0, max([total, *high.values()]) / max(min(weight.values()), 1e-9) + 1
    for _step in range(HALVINGS):
        middle = (bottom + top) / 2
        if sum(min(max(middle * weight[one], low[one]), high[one]) for one in weight) < total:
            bottom = middle
        else:
            top = middle
    return {one: min(max(top * weight[one], low[one]), high[one]) for one in weight}


def rack_parts(rule: RackRule, factor: int) -> dict[str, float]:
    """Return how many replicas of one partition each rack has on the average of a balanced cluster."""
    limit = rule.limit(factor)
    high = {rack: float(min(limit, count)) for rack, count in rule.brokers.items()}
    everywhere = len(rule.brokers) <= factor
    low = {
        rack: max(float(everywhere), factor - sum(high[other] for other in high if other != rack), 0.0) for rack in high
    }
    return level(float(factor), low, high, {rack: float(count) for rack, count in rule.brokers.items()})


def _shared(layout: Layout, wishes: Wishes, weights: Iterable[int]) -> dict[int, float]:
    """Return the share of each broker that takes part, of partitions that weigh so much each."""
    rule, taking = rack_rule(layout, wishes), taking_part(layout, wishes)
    by_factor: dict[int, float] = defaultdict(float)
    apart: dict[str, float] = defaultdict(float)
    for placed, weight in zip(layout.partitions, weights):
        by_factor[wishes.factors.get(placed.topic, len(placed.replicas))] += weight
        for node in placed.replicas:
            if node in layout.brokers and node not in taking and node not in wishes.drain:
                apart[layout.brokers[node].rack] += weight
    racks: dict[str, float] = defaultdict(float)
    for factor, sum_of in sorted(by_factor.items()):  # a sum of fractions depends on their order
        for rack, part in rack_parts(rule, factor).items():
            racks[rack] += part * sum_of
    several = Counter(layout.brokers[node].rack for node in taking)
    return {
        node: max(racks[rack] - apart[rack], 0.0) / several[rack]
        for node in taking
        for rack in [layout.brokers[node].rack]
    }


def leader_shares(held: Mapping[int, int], total: float) -> dict[int, float]:
    """Return how many partitions each broker should lead: the same number, but none more than it holds."""
    if not held:
        return {}
    names = {str(node): node for node in held}
    high = {name: float(held[node]) for name, node in names.items()}
    shared = level(min(total, sum(high.values())), dict.fromkeys(high, 0.0), high, dict.fromkeys(high, 1.0))
    return {names[name]: value for name, value in shared.items()}


def shares(layout: Layout, wishes: Wishes) -> Shares:
    """Return all fair shares."""
    taking = set(taking_part(layout, wishes))
    replicas = _shared(layout, wishes, [1] * len(layout.partitions))
    led = sum(placed.leader in taking or placed.leader in wishes.drain for placed in layout.partitions)
    sizes = [placed.bytes for placed in layout.partitions]
    # A balanced broker holds its share of replicas, and can lead no more than these.
    held = {node: int(value + 1) for node, value in replicas.items()}
    return Shares(replicas, _shared(layout, wishes, sizes), leader_shares(held, float(led)))


def topic_limit(partitions: int, brokers: int) -> float:
    """Return how many partitions of one topic a broker may lead: half more than the even share, but at least one more."""
    even = math.ceil(partitions / max(brokers, 1))
    return max(even * TOPIC_SHARE, even + 1)


def band(share: float, tolerance: float, slack: float = 0.0) -> tuple[float, float]:
    """Return what is near enough to a share: within the tolerance, or the slack."""
    return share - max(share * tolerance, slack), share + max(share * tolerance, slack)


def whole_band(share: float, tolerance: float) -> tuple[float, float]:
    """Return what is near enough to a share of whole things: at least the numbers next to it."""
    low, high = band(share, tolerance)
    return min(low, math.floor(share + TINY)), max(high, math.ceil(share - TINY))
