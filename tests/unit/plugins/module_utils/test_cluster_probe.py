"""What one broker tells of the whole cluster as metrics."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _cluster_probe as probe
from ansible_collections.kraftops.kafka.plugins.module_utils._cluster_probe import View, cluster_metrics
from ansible_collections.kraftops.kafka.plugins.module_utils._snapshot import Partition

RACKS = {1: "a", 2: "b", 3: "c", 4: "c"}


def part(
    replicas: list[int], isr: list[int] | None = None, leader: int = 0, topic: str = "t", number: int = 0
) -> Partition:
    """Return a partition; in sync and led by its first replica unless said."""
    return Partition(topic, number, leader or replicas[0], tuple(replicas), tuple(replicas if isr is None else isr))


def samples(name: str, view: View) -> dict[tuple[str, ...], float]:
    """Return the samples of one metric by the values of its labels."""
    (gauge,) = [one for one in cluster_metrics(view) if one.name == name]
    return {tuple(labels.values()): value for labels, value in gauge.samples}


@pytest.mark.parametrize(
    ("racks", "replicas", "violated"),
    [
        (RACKS, [1, 2, 3], 0),
        (RACKS, [1, 3, 4], 1),
        (RACKS, [1, 2, 3, 4], 0),  # four replicas, three racks
        (RACKS, [3, 4], 1),
        (RACKS, [3], 0),
        (dict.fromkeys((1, 2, 3)), [1, 2, 3], 0),  # no racks at all
        ({1: "a", 2: "a", 3: "a"}, [1, 2, 3], 0),  # one rack
        ({1: "a", 2: "b", 3: None}, [2, 3], 0),  # one broker without: not known
        (RACKS, [1, 9], 0),  # a broker that is not registered: not known
    ],
)
def test_placement(racks: dict[int, Any], replicas: list[int], violated: int) -> None:
    assert samples("kafka_placement_violated_partitions", View(racks, (part(replicas),))) == {(): violated}


@pytest.mark.parametrize(
    ("replicas", "isr", "least", "broker", "rack"),
    [
        ([1, 2, 3], [1, 2, 3], 2, 0, 0),
        ([1, 2, 3], [1, 2], 2, 1, 1),
        ([1, 2, 3], [1], 2, 1, 1),  # refuses writes already
        ([1, 2, 3], [1, 2], 1, 0, 0),
        ([1, 2, 3, 4], [1, 3, 4], 2, 0, 1),  # without rack c only one is left, and two when whole
        ([1, 2], [1], 2, 0, 0),  # made so: it bears no loss when it is whole either
        ([1], [], 1, 0, 0),
        ([3, 4], [3], 1, 1, 0),  # both in one rack: its loss stops it anyway
    ],
)
def test_risk(replicas: list[int], isr: list[int], least: int, broker: int, rack: int) -> None:
    view = View(RACKS, (part(replicas, isr),), {"t": least})
    assert samples("kafka_partitions_at_risk", view) == {("broker",): broker, ("rack",): rack}


def test_without_racks_no_rack_is_at_risk() -> None:
    view = View(dict.fromkeys((1, 2, 3)), (part([1, 2, 3], [1, 2]),), {"t": 2})
    assert samples("kafka_partitions_at_risk", view) == {("broker",): 1, ("rack",): 0}


def test_only_weakened_topics_are_asked_for_their_minimum() -> None:
    assert probe.weakened([part([1, 2]), part([1, 2], [1], topic="weak")]) == {"weak"}


def test_brokers_and_topics() -> None:
    even = [part([1, 2]), part([2, 3], number=1), part([3, 1], number=2)]
    skewed = [part([1, 2], topic="s", number=number) for number in range(4)]
    lonely = [part([3], topic="one")]
    headless = [Partition("none", 0, -1, (1, 2), ())]
    view = View({1: None, 2: None, 3: None}, (*even, *skewed, *lonely, *headless))
    assert samples("kafka_broker_leaders", view) == {("1",): 5, ("2",): 1, ("3",): 2}
    assert samples("kafka_broker_replicas", view) == {("1",): 7, ("2",): 7, ("3",): 3}
    # Four leaders on one of three brokers, where two would be even.
    assert samples("kafka_topic_leader_skew_ratio", view) == {("s",): 1, ("none",): 0, ("one",): 0, ("t",): 0}
    # One more than the even share counts as even.
    assert samples("kafka_topic_replica_skew_ratio", view) == {("none",): 0, ("one",): 0, ("s",): 0, ("t",): 0}


def test_a_broker_with_nothing_is_counted() -> None:
    view = View({1: None, 2: None}, tuple(part([1], number=number) for number in range(4)))
    assert samples("kafka_broker_leaders", view)["2",] == 0
    assert samples("kafka_topic_leader_skew_ratio", view) == {("t",): 1}


def test_few_topics_become_series() -> None:
    many = tuple(part([1], topic=f"t{number:03}") for number in range(150))
    skewed = tuple(part([2], topic="z", number=number) for number in range(6))
    found = samples("kafka_topic_leader_skew_ratio", View({1: None, 2: None}, many + skewed))
    assert len(found) == probe.MOST_TOPICS
    assert list(found)[:2] == [("z",), ("t000",)]


def test_throttles() -> None:
    rates = {1: {"leader.replication.throttled.rate": "1"}, 2: {"replica.alter.log.dirs.io.max.bytes.per.second": "1"}}
    for view, topics, brokers in (
        (View({1: None}, ()), 0, 0),
        (View({1: None}, (), throttled=frozenset({"a", "b"}), rates=rates), 2, 1),
    ):
        assert samples("kafka_throttled_topics", view) == {(): topics}
        assert samples("kafka_throttled_brokers", view) == {(): brokers}


def test_features() -> None:
    view = View(
        {1: None}, (), finalized={"metadata.version": 29}, supported={"metadata.version": 30, "kraft.version": 1}
    )
    assert samples("kafka_feature_finalized_level", view) == {("kraft.version",): 0, ("metadata.version",): 29}
    assert samples("kafka_feature_supported_level", view) == {("kraft.version",): 1, ("metadata.version",): 30}


@pytest.fixture
def listening() -> Iterator[str]:
    """Return an address that takes connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def test_who_speaks_for_the_cluster(listening: str) -> None:
    assert probe.is_elected([])
    assert probe.is_elected(["127.0.0.1:1"])
    assert not probe.is_elected(["127.0.0.1:1", listening])
