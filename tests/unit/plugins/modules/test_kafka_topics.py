"""Keeping topics as declared: what is asked, done and told; nothing is done after a single no."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Optional

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _topic_changes
from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError, Registration
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_moves import Stored
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_resources import NewTopic, TopicEntry
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_topics import Metadata
from ansible_collections.kraftops.kafka.plugins.module_utils._snapshot import Partition
from ansible_collections.kraftops.kafka.plugins.modules import kafka_topics

Run = Callable[..., dict[str, Any]]
DEFAULTS = {"retention.ms": "604800000", "cleanup.policy": "delete", "min.insync.replicas": "2", "segment.ms": "5"}


class Cluster:
    """Three brokers; stands in for the connections to them."""

    def __init__(self) -> None:
        self.topics: dict[str, int] = {"orders": 2}
        self.own: dict[str, dict[str, str]] = {"orders": {"retention.ms": "604800000"}}
        self.refused: dict[str, str] = {}
        self.log: list[str] = []
        self.requests = 0
        self.leaderless = False

    def __call__(self, address: str) -> Cluster:
        self.address = address
        return self

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_arguments: Any) -> None:
        """Close nothing."""

    def close(self) -> None:
        """Close nothing."""

    def cluster(self) -> None:
        if self.address.startswith("dead"):
            raise AdminError(f"{self.address} cannot be asked: refused")

    def metadata(self) -> Metadata:
        self.requests += 1
        leader = -1 if self.leaderless else 11
        parts = tuple(
            Partition(name, n, leader, (11, 12, 13), (11, 12, 13))
            for name, several in self.topics.items()
            for n in range(several)
        )
        return Metadata("x", {node: Registration(node, f"b-{node}", 9092, None) for node in (11, 12, 13)}, parts)

    def topic_configs(self, topics: Iterable[str]) -> dict[str, dict[str, TopicEntry]]:
        self.requests += 1
        return {
            name: {
                key: TopicEntry(self.own[name].get(key, value), key in self.own[name])
                for key, value in {**DEFAULTS, **self.own[name]}.items()
            }
            for name in topics
        }

    def stored(self, _wanted: Any = None) -> list[Stored]:
        return [Stored("/d", -1, -1, {("orders", 0): 1 << 20, ("orders", 1): 2 << 20}, {})]

    def _do(self, what: str, names: Iterable[str], validate_only: bool) -> dict[str, str]:
        several = sorted(names)
        if several and not validate_only:
            self.log.append(f"{what} {','.join(several)}")
        return {name: self.refused[name] for name in several if name in self.refused}

    def create(self, topics: Iterable[NewTopic], validate_only: bool = False) -> dict[str, str]:
        wanted = {one.name: one for one in topics}
        if not validate_only:
            self.topics.update({name: one.partitions for name, one in wanted.items()})
            self.own.update({name: dict(one.configs) for name, one in wanted.items()})
        return self._do("create", wanted, validate_only)

    def grow(self, counts: Mapping[str, int], validate_only: bool = False) -> dict[str, str]:
        if not validate_only:
            self.topics.update(counts)
        return self._do("grow", counts, validate_only)

    def alter(
        self, _kind: int, changes: Mapping[str, Mapping[str, Optional[str]]], validate_only: bool = False
    ) -> dict[str, str]:
        for name, values in changes.items() if not validate_only else ():
            merged = {**self.own[name], **values}
            self.own[name] = {key: value for key, value in merged.items() if value is not None}
        return self._do("alter", changes, validate_only)

    def delete(self, topics: Iterable[str]) -> dict[str, str]:
        names = list(topics)
        for name in names:
            self.topics.pop(name)
        return self._do("delete", names, False)


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    made = Cluster()
    monkeypatch.setattr(kafka_topics, "ResourcesNode", made)
    monkeypatch.setattr(_topic_changes, "MovesNode", made)
    monkeypatch.setattr(_topic_changes, "POLL_SECONDS", 0.01)
    values = {"default.replication.factor": "3", "num.partitions": "1", "min.insync.replicas": "2"}
    monkeypatch.setattr(
        _topic_changes, "live_configs", lambda *_some: {key: {"value": value} for key, value in values.items()}
    )
    return made


@pytest.fixture
def topics(cluster: Cluster, run_module: Run) -> Run:
    def run(*given: dict[str, Any], check: bool = False, **arguments: Any) -> dict[str, Any]:
        return run_module(
            kafka_topics.main, {"bootstrap": ["b-11:9092"], "topics": list(given), "timeout": 0, **arguments}, check
        )

    return run


NEW = {"name": "new", "partitions": 3, "config": {"compression.type": "zstd"}}
CHANGED = {"name": "orders", "partitions": 4, "config": {"segment.ms": 9, "retention.ms": 604800000}}


def test_everything_and_then_nothing(topics: Run, cluster: Cluster) -> None:
    result = topics(NEW, CHANGED)
    assert cluster.log == ["create new", "grow orders", "alter orders"]
    assert (result["changed"], result["created"], result["deleted"]) == (True, ["new"], [])
    assert result["grown"] == {"orders": {"from": 2, "to": 4}}
    assert result["configured"] == {"orders": {"segment.ms": {"from": None, "to": "9"}}}
    assert result["diff"]["before"] == "orders: partitions=2\n"
    assert result["diff"]["after"] == (
        "new: partitions=3\nnew: replication_factor=default\nnew: compression.type=zstd\n"
        "orders: partitions=4\norders: segment.ms=9\n"
    )
    again = topics(NEW, CHANGED)
    assert (again["changed"], again["lines"]) == (False, [])


def test_check_mode_changes_nothing(topics: Run, cluster: Cluster) -> None:
    result = topics(NEW, CHANGED, check=True)
    assert result["changed"] is True
    assert cluster.log == []


def test_two_requests_when_nothing_changes(topics: Run, cluster: Cluster) -> None:
    assert topics({"name": "orders"})["lines"] == ["orders: set and not declared, left alone: retention.ms=604800000"]
    assert cluster.requests == 2


def test_all_problems_at_once_and_nothing_done(topics: Run, cluster: Cluster) -> None:
    cluster.refused = {"odd": "Unknown topic config name: no.such"}
    result = topics(
        {"name": "odd", "config": {"no.such": 1}},
        {"name": "orders", "partitions": 1, "config": {"retention.ms": 1000}},
        NEW,
    )
    assert [problem.split(":")[0] for problem in result["problems"]] == ["orders", "orders", "odd"]
    assert "the topic holds 3 MiB" in result["problems"][1]
    assert result["problems"][2] == "odd: Kafka refuses it: Unknown topic config name: no.such"
    assert result["msg"].startswith("nothing was changed, 3 problem(s): orders: has 2 partitions, 1 are declared")
    assert cluster.log == []


def test_deletion(topics: Run, cluster: Cluster) -> None:
    gone = {"name": "orders", "state": "absent"}
    assert "would be deleted with 3 MiB of messages" in topics(gone)["msg"]
    result = topics(gone, allow_delete=True)
    assert (result["deleted"], cluster.log) == (["orders"], ["delete orders"])
    assert result["lines"] == ["orders: deleted with 3 MiB of messages"]
    assert topics(gone, allow_delete=True)["changed"] is False


def test_confirmed(topics: Run, cluster: Cluster) -> None:
    result = topics({"name": "orders", "config": {"retention.ms": 1000}}, confirm_data_loss=["orders"])
    assert result["configured"] == {"orders": {"retention.ms": {"from": "604800000", "to": "1000"}}}
    assert cluster.own["orders"]["retention.ms"] == "1000"


def test_another_replication_factor_is_told(topics: Run) -> None:
    result = topics(
        {"name": "orders", "replication_factor": 1, "config": {"min.insync.replicas": 1}}, confirm_data_loss=["orders"]
    )
    assert result["factors"] == {"orders": {"from": 3, "to": 1}}
    assert "orders: has 3 replicas, 1 are declared; playbooks/balance.yml plans how to get there" in result["lines"]


def test_a_late_no(topics: Run, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "delete", lambda _topics: {"orders": "not now"})
    result = topics({"name": "orders", "state": "absent"}, allow_delete=True)
    assert result["msg"] == "orders was not deleted: not now"


def test_no_leaders(topics: Run, cluster: Cluster) -> None:
    cluster.leaderless = True
    assert topics(NEW)["msg"] == "new has no leaders after 0 s"


def test_nobody_answers(topics: Run) -> None:
    result = topics(NEW, bootstrap=["dead-1:1", "dead-2:1"])
    assert result["msg"] == "no broker answers: dead-1:1 cannot be asked: refused; dead-2:1 cannot be asked: refused"
    assert topics({"name": "orders"}, bootstrap=["dead-1:1", "b-12:9092"])["changed"] is False


def test_a_value_that_is_none(topics: Run) -> None:
    result = topics({"name": "new", "config": {"x": {"a": 1}}})
    assert result["msg"] == "new, x: must be a text, number, truth value or list"


def test_many_undeclared_are_counted(topics: Run, cluster: Cluster) -> None:
    names = [f"t{n:02}" for n in range(12)]
    cluster.topics.update(dict.fromkeys(names, 1))
    cluster.own.update({name: {"segment.ms": "1"} for name in names})
    assert topics(*({"name": name} for name in names))["lines"][-1] == (
        "... and 2 more topics with configs that are not declared"
    )
