"""Whom the probe asks, and whose answers it does not believe."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _health
from ansible_collections.kraftops.kafka.plugins.module_utils._admin import (
    AdminError,
    ClusterView,
    QuorumView,
    Registration,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_topics import Metadata
from ansible_collections.kraftops.kafka.plugins.module_utils._gates import Behind, Question, Target
from ansible_collections.kraftops.kafka.plugins.module_utils._health import NoViewError, Peers, Probe
from ansible_collections.kraftops.kafka.plugins.module_utils._snapshot import Partition
from tests.unit.plugins.module_utils.views import BROKERS, partition, quorum

Partitions = tuple[Partition, ...]


class Cluster:
    """Stands in for every connection; addresses are b-11 to b-13 and c-1 to c-3."""

    def __init__(self) -> None:
        self.down: set[str] = set()
        self.view: QuorumView = quorum()
        self.partitions: Partitions = (partition("11,12,13"),)
        self.unfenced = set(BROKERS)
        self.ends: dict[str, dict[str, int]] = {}
        self.opened: list[str] = []
        self.closed = 0

    def connect(self, address: str, library: str, timeout_ms: int) -> Connection:
        assert (library, timeout_ms) == ("/library", 5000)
        self.opened.append(address)
        return Connection(self, address)


class Connection:
    """One connection."""

    def __init__(self, cluster: Cluster, address: str) -> None:
        self.cluster_, self.address = cluster, address

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_arguments: Any) -> None:
        self.cluster_.closed += 1

    def check(self) -> Cluster:
        if self.address in self.cluster_.down:
            raise AdminError(f"{self.address} cannot be asked")
        return self.cluster_

    def quorum(self) -> QuorumView:
        return self.check().view

    def cluster(self, _endpoint: int) -> ClusterView:
        view = self.check().view
        return ClusterView(
            "the-id", view.leader_id, {one: Registration(one, f"c-{one}", 9093, None) for one in (1, 2, 3)}
        )

    def metadata(self) -> Metadata:
        cluster = self.check()
        brokers = {one: Registration(one, f"b-{one}", 9092, None) for one in sorted(cluster.unfenced)}
        return Metadata("the-id", brokers, cluster.partitions)

    def registered(self) -> dict[int, Registration]:
        return {one: Registration(one, f"b-{one}", 9092, None) for one in BROKERS}

    def min_isr(self, topics: Any) -> dict[str, int]:
        return dict.fromkeys(topics, 2)

    def reassignments(self) -> dict[Any, Any]:
        return {}

    def log_ends(self, _wanted: Any) -> dict[str, int]:
        return self.check().ends[self.address]


PEERS = Peers({one: f"b-{one}:9092" for one in BROKERS}, {one: f"c-{one}:9093" for one in (1, 2, 3)}, 5000, "/library")


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    made = Cluster()
    monkeypatch.setattr(_health, "BrokerNode", made.connect)
    monkeypatch.setattr(_health, "AdminNode", made.connect)
    return made


def probe(*targets: Target, unavailable: tuple[int, ...] = (), peers: Peers = PEERS) -> Probe:
    return Probe(peers, Question(targets, frozenset(unavailable)))


# targets, unavailable, the order of asking
ORDER: list[tuple[tuple[Target, ...], tuple[int, ...], list[int]]] = [
    ((), (), [11, 12, 13]),
    ((Target(11),), (), [12, 13]),
    ((Target(11),), (12,), [13, 12]),
    ((Target(11), Target(13)), (), [12]),
    ((Target(11), Target(12), Target(13)), (), [11, 12, 13]),  # there is nobody else
]


@pytest.mark.parametrize(("targets", "unavailable", "expected"), ORDER)
def test_a_target_is_not_asked_about_itself(
    targets: tuple[Target, ...], unavailable: tuple[int, ...], expected: list[int]
) -> None:
    assert probe(*targets, unavailable=unavailable).order(PEERS.brokers) == expected


def test_one_connection_for_all_samples(cluster: Cluster) -> None:
    with probe(Target(11)) as one:
        first = one.sample()
        one.sample()
    assert (cluster.opened, cluster.closed) == (["b-12:9092"], 1)
    assert first.snapshot.asked == "b-12:9092"
    assert (first.snapshot.cluster_id, first.snapshot.min_isr) == ("the-id", {"orders": 2})
    assert first.behind == {11: Behind()}


def test_who_does_not_answer_is_passed_over(cluster: Cluster) -> None:
    cluster.down = {"b-11:9092"}
    with probe() as one:
        assert one.sample().snapshot.asked == "b-12:9092"
        cluster.down = {"b-12:9092"}
        assert one.sample().snapshot.asked == "b-11:9092"
        cluster.down = set(PEERS.brokers.values())
        with pytest.raises(NoViewError) as caught:
            one.sample()
    expected = "b-11:9092 cannot be asked; b-12:9092 cannot be asked; b-13:9092 cannot be asked"
    assert str(caught.value) == expected
    assert cluster.closed == len(cluster.opened)


@pytest.mark.parametrize("late", [5000, None])
def test_a_broker_that_does_not_follow_the_controllers_is_not_believed(cluster: Cluster, late: int | None) -> None:
    cluster.view = quorum({11: late})
    with probe() as one:
        assert one.sample().snapshot.asked == "b-12:9092"
    cluster.view = quorum({11: late, 12: late, 13: late})
    with probe() as one, pytest.raises(NoViewError, match=r"^b-11:9092 does not follow the active controller 1; b-12"):
        one.sample()


def test_the_kept_connection_is_checked_each_time(cluster: Cluster) -> None:
    with probe() as one:
        one.sample()
        cluster.view = quorum({11: 9000})
        assert one.sample().snapshot.asked == "b-12:9092"


CONTROLLER = Target(2, is_broker=False, is_controller=True)


def test_for_controllers_no_broker_is_asked(cluster: Cluster) -> None:
    cluster.down = {"c-1:9093"}
    cluster.view = quorum(leader=3)
    with probe(CONTROLLER) as one:
        sample = one.sample()
    assert cluster.opened == ["c-1:9093", "c-3:9093", "c-3:9093"]
    assert (sample.snapshot.asked, sample.snapshot.partitions) == ("c-3:9093", ())
    assert sample.behind == {2: Behind(epoch=7)}


def test_no_controller_leads(cluster: Cluster) -> None:
    cluster.view = quorum(leader=-1)
    cluster.down = {"c-3:9093"}
    with probe(CONTROLLER) as one, pytest.raises(NoViewError) as caught:
        one.sample()
    assert str(caught.value) == "c-1:9093 knows no active controller; c-3:9093 cannot be asked"


def test_nobody_to_ask(cluster: Cluster) -> None:
    empty = Peers({}, {}, 5000, "/library")
    with probe(peers=empty) as one, pytest.raises(NoViewError, match=r"^there is no broker to ask$"):
        one.sample()
    with probe(CONTROLLER, peers=empty) as one, pytest.raises(NoViewError, match=r"^there is no controller to ask$"):
        one.sample()


# the ends of the logs on node 11, who is asked, and on node 12, the target; the lag
LAGS: list[tuple[dict[str, int], dict[str, int], int]] = [
    ({"orders-3": 100}, {"orders-3": 40}, 60),
    ({"orders-3": 100}, {"orders-3": 140}, 0),
    ({}, {"orders-3": 40}, 0),
]


@pytest.mark.parametrize(("reference", "own", "records"), LAGS)
def test_a_target_out_of_the_isr_says_how_far_its_logs_are(
    cluster: Cluster, reference: dict[str, int], own: dict[str, int], records: int
) -> None:
    cluster.partitions = (partition("11,13"),)
    cluster.ends = {"b-11:9092": reference, "b-12:9092": own}
    with probe(Target(12)) as one:
        assert one.sample().behind == {12: Behind(1, records)}
        cluster.down = {"b-12:9092"}
        assert one.sample().behind == {12: Behind(1, None)}
        cluster.unfenced = {11, 13}
        opened = len(cluster.opened)
        assert one.sample().behind == {12: Behind(1, None)}
        assert len(cluster.opened) == opened  # a fenced broker is not asked


def test_judgements(cluster: Cluster) -> None:
    cluster.partitions = (partition("11,12"),)
    with probe(Target(12), CONTROLLER) as one:
        now = one.sample()
        assert [item.code for item in one.judge("before", now, None).reasons] == ["below_min_isr"]
        assert [item.code for item in one.judge("after", now, None).reasons] == ["not_fetching"]
        assert (one.needs_another("before", now), one.needs_another("after", now)) == (False, True)
        assert not one.needs_another("none", now)
    cluster.partitions = (partition("11,13"),)
    cluster.ends = {"b-11:9092": {}, "b-12:9092": {}}
    with probe(Target(12)) as one:
        now = one.sample()
        earlier = _health.Sample(now.snapshot, {12: Behind(2, 0)})
        assert (one.needs_another("before", now), one.needs_another("after", now)) == (True, False)
        assert [item.code for item in one.judge("before", now, earlier).reasons] == ["catching_up"]
        assert one.judge("before", now, None).allowed
