# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What one broker can tell of the whole cluster and no exporter does: placement, skew, what one more loss would cost."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._admin_moves import FOLLOWER_RATE, LEADER_RATE
from ansible_collections.kraftops.kafka.plugins.module_utils._snapshot import Partition
from ansible_collections.kraftops.kafka.plugins.module_utils._textfile import Gauge

# Of the topics only the most uneven ones become series.
MOST_TOPICS = 100
CONNECT_SECONDS = 1.0


@dataclass(frozen=True)
class View:
    """The cluster at one moment; `racks` knows every registered broker, with None for one without a rack.

    `min_isr` is needed only for topics that have lost a replica from an ISR.
    """

    racks: Mapping[int, Optional[str]]
    partitions: tuple[Partition, ...]
    min_isr: Mapping[str, int] = field(default_factory=dict)
    finalized: Mapping[str, int] = field(default_factory=dict)
    supported: Mapping[str, int] = field(default_factory=dict)
    throttled: frozenset[str] = frozenset()
    """Topics of which replicas are throttled."""
    rates: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    """Throttles of moves that are set on brokers, by config key."""


def is_elected(lower: Iterable[str]) -> bool:
    """Return whether no broker with a lower id takes connections, so that this one speaks for the cluster."""
    return not any(_answers(address) for address in lower)


def _answers(address: str) -> bool:
    host, _colon, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_SECONDS):
            return True
    except OSError:
        return False


def weakened(partitions: Iterable[Partition]) -> set[str]:
    """Return the topics of which a partition has lost a replica from its ISR."""
    return {one.topic for one in partitions if len(one.isr) < len(one.replicas)}


def cluster_metrics(view: View) -> list[Gauge]:
    """Return the metrics of a cluster."""
    return [
        *_features(view),
        _placement(view),
        _risk(view),
        *_per_broker(view),
        *_per_topic(view),
        *_throttles(view),
    ]


def _features(view: View) -> list[Gauge]:
    finalized = Gauge("kafka_feature_finalized_level", "Finalised level of a feature of the cluster.")
    supported = Gauge("kafka_feature_supported_level", "Highest level that the broker with the lowest id supports.")
    for name, level in sorted(view.supported.items()):
        supported.add(level, feature=name)
        finalized.add(view.finalized.get(name, 0), feature=name)
    return [finalized, supported]


def _racks_of(view: View, brokers: Iterable[int]) -> Optional[list[str]]:
    """Return the racks of brokers, one for each; None when one of them is not known or has none."""
    racks = [view.racks.get(broker) for broker in brokers]
    return None if None in racks else [str(rack) for rack in racks]


def _placement(view: View) -> Gauge:
    """Count partitions in fewer racks than they could be in; without racks there is nothing to violate."""
    gauge = Gauge(
        "kafka_placement_violated_partitions", "Partitions whose replicas lie in fewer racks than they could."
    )
    all_racks = {rack for rack in view.racks.values() if rack is not None}
    violated = 0
    for one in view.partitions:
        racks = _racks_of(view, one.replicas)
        violated += racks is not None and len(set(racks)) < min(len(racks), len(all_racks))
    gauge.add(violated)
    return gauge


def _risk(view: View) -> Gauge:
    """Count partitions that would bear a loss if all their replicas were in sync, and now would not.

    So a topic that is made to refuse writes at any loss (min ISR equal to its replicas) does not count for ever.
    """
    gauge = Gauge(
        "kafka_partitions_at_risk", "Partitions that one more loss stops and that it would not if they were whole."
    )
    brokers = racks = 0
    for one in view.partitions:
        if len(one.isr) == len(one.replicas):
            continue
        least = view.min_isr.get(one.topic, 1)
        brokers += len(one.replicas) - 1 >= least > len(one.isr) - 1
        whole, now = _after_a_rack(view, one.replicas), _after_a_rack(view, one.isr)
        racks += whole is not None and now is not None and whole >= least > now
    gauge.add(brokers, loss="broker")
    gauge.add(racks, loss="rack")
    return gauge


def _after_a_rack(view: View, brokers: tuple[int, ...]) -> Optional[int]:
    """Return how many of the brokers are left when the rack with most of them is lost; None without racks."""
    racks = _racks_of(view, brokers)
    if racks is None:
        return None
    return len(racks) - max(Counter(racks).values(), default=0)


def _per_broker(view: View) -> list[Gauge]:
    leaders = Gauge("kafka_broker_leaders", "Partitions that a broker leads.")
    replicas = Gauge("kafka_broker_replicas", "Replicas that belong on a broker.")
    led = Counter(one.leader for one in view.partitions)
    held = Counter(broker for one in view.partitions for broker in one.replicas)
    for broker in sorted(view.racks):
        leaders.add(led[broker], broker_id=str(broker))
        replicas.add(held[broker], broker_id=str(broker))
    return [leaders, replicas]


def _per_topic(view: View) -> list[Gauge]:
    leaders: dict[str, Counter[int]] = {}
    replicas: dict[str, Counter[int]] = {}
    for one in view.partitions:
        leaders.setdefault(one.topic, Counter()).update([one.leader] if one.leader >= 0 else [])
        replicas.setdefault(one.topic, Counter()).update(one.replicas)
    return [
        _skew(
            "kafka_topic_leader_skew_ratio", "Most leaders of a topic on one broker over the even share.", leaders, view
        ),
        _skew(
            "kafka_topic_replica_skew_ratio",
            "Most replicas of a topic on one broker over the even share.",
            replicas,
            view,
        ),
    ]


def _throttles(view: View) -> list[Gauge]:
    topics = Gauge("kafka_throttled_topics", "Topics with replicas whose moves are throttled.")
    topics.add(len(view.throttled))
    brokers = Gauge("kafka_throttled_brokers", "Brokers on which a throttle of moves between brokers is set.")
    brokers.add(sum(bool({LEADER_RATE, FOLLOWER_RATE} & set(keys)) for keys in view.rates.values()))
    return [topics, brokers]


def _skew(name: str, text: str, counts: Mapping[str, Counter[int]], view: View) -> Gauge:
    """Return the skew of the most uneven topics. The even share is rounded up, and one more counts as even: as good as it gets."""
    gauge = Gauge(name, text)
    ratios = {}
    for topic, count in counts.items():
        even = -(-sum(count.values()) // max(len(view.racks), 1))
        most = max(count.values(), default=0)
        ratios[topic] = most / even - 1 if most > even + 1 else 0.0
    for topic in sorted(ratios, key=lambda one: (-ratios[one], one))[:MOST_TOPICS]:
        gauge.add(ratios[topic], topic=topic)
    return gauge
