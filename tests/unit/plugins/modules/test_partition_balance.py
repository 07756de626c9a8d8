"""The module on the host: report, options, and each step against a cluster that records what is asked of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Optional

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _balance_look, _balance_steps
from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError, Registration
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_moves import Name, Reassignment, Stored
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_resources import TopicEntry
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_topics import Metadata
from ansible_collections.kraftops.kafka.plugins.module_utils._snapshot import Partition
from ansible_collections.kraftops.kafka.plugins.modules import partition_balance

Run = Callable[..., dict[str, Any]]
GIB = 1 << 30
NODES = {11: "a", 12: "b", 13: "c", 14: "a"}
NAMES = {str(node): f"broker-{node - 10}" for node in NODES}


class Cluster:
    """Four brokers, the fourth is new; stands in for MovesNode."""

    def __init__(self) -> None:
        rows = [(11, 12, 13), (12, 13, 11), (13, 11, 12)] * 4
        self.partitions: dict[Name, tuple[int, ...]] = {("orders", n): row for n, row in enumerate(rows)}
        self.isr: dict[Name, tuple[int, ...]] = {}
        self.under_way: dict[Name, Reassignment] = {}
        self.topic_values: dict[str, dict[str, Optional[str]]] = {}
        self.broker_values: dict[str, dict[str, Optional[str]]] = {}
        self.size = GIB
        self.grows = 0
        self.log: list[str] = []
        self.silent: set[str] = set()
        self.gone: set[int] = set()

    def __call__(self, address: str) -> Node:
        return Node(self, address)


class Node:
    """One connection."""

    def __init__(self, cluster: Cluster, address: str) -> None:
        self.all, self.address, self.timeout_ms = cluster, address, 1000

    def __enter__(self) -> Node:
        if self.address in self.all.silent:
            raise AdminError(f"{self.address} cannot be asked: refused")
        return self

    def __exit__(self, *_arguments: Any) -> None:
        """Close nothing."""

    def close(self) -> None:
        """Close nothing."""

    def cluster(self) -> None:
        """Answer."""

    def registered(self) -> dict[int, Registration]:
        return {node: Registration(node, f"b-{node}", 9092, rack) for node, rack in NODES.items()}

    def metadata(self) -> Metadata:
        parts = tuple(
            Partition(*name, row[0], row, self.all.isr.get(name, row)) for name, row in self.all.partitions.items()
        )
        serving = {node: one for node, one in self.registered().items() if node not in self.all.gone}
        return Metadata("x", serving, parts)

    def moving(self) -> dict[Name, Reassignment]:
        return self.all.under_way

    def topic_configs(self, topics: Iterable[str], _keys: list[str]) -> dict[str, dict[str, TopicEntry]]:
        return {
            name: {key: TopicEntry(value, True) for key, value in self.all.topic_values.get(name, {}).items()}
            for name in topics
        }

    def stored(self, _wanted: Any = None) -> list[Stored]:
        self.all.size += self.all.grows
        mine = int(self.address[2:4])
        return [
            Stored("/d", -1, -1, {name: self.all.size for name, row in self.all.partitions.items() if mine in row}, {})
        ]

    def rates(self, node_id: int) -> dict[str, Optional[str]]:
        return self.all.broker_values.get(str(node_id), {})

    def alter(self, kind: int, changes: Mapping[str, Mapping[str, Optional[str]]]) -> dict[str, str]:
        where = self.all.topic_values if kind == 2 else self.all.broker_values
        for name, values in changes.items():
            self.all.log.append(f"alter {name}")
            merged = {**where.get(name, {}), **values}
            where[name] = {key: value for key, value in merged.items() if value is not None}
        return {}

    def reassign(self, wanted: Mapping[Name, Optional[Iterable[int]]]) -> dict[Name, str]:
        self.all.log.append(f"reassign {sorted(wanted)}")
        for name, after in wanted.items():
            self.all.under_way.pop(name, None)
            if after is not None:
                self.all.partitions[name] = tuple(after)
        return {}

    def elect_preferred(self, wanted: Iterable[Partition]) -> dict[str, str]:
        self.all.log.append(f"elect {[one.name for one in wanted]}")
        return {}


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    made = Cluster()
    monkeypatch.setattr(_balance_look, "MovesNode", made)
    monkeypatch.setattr(_balance_steps, "MovesNode", made)
    monkeypatch.setattr(_balance_steps, "RATE_SECONDS", 0.01)
    return made


@pytest.fixture
def balance(cluster: Cluster, run_module: Run) -> Run:
    def run(check: bool = False, **arguments: Any) -> dict[str, Any]:
        return run_module(partition_balance.main, {"bootstrap": ["b-11:9092"], "names": NAMES, **arguments}, check)

    return run


MOVE = {"topic": "orders", "number": 0, "before": [11, 12, 13], "after": [14, 12, 13], "bytes": GIB, "directories": {}}
WORK = {"moves": [MOVE]}
RATES = {"leader.replication.throttled.rate": "50000000", "follower.replication.throttled.rate": "50000000"}


def test_report(balance: Run) -> None:
    result = balance()
    assert (result["changed"], result["planned"], balance(execute=True)["changed"]) == (False, True, True)
    assert "broker-4 holds 0 % of replicas (fair share 17 %)" in result["uneven"]
    assert "the plan:" in result["lines"]
    assert {tuple(move["after"]) != tuple(move["before"]) for move in result["plan"]["moves"]} == {True}
    assert result["measures"]["planned"]["worst"]["replicas"] < result["measures"]["now"]["worst"]["replicas"]
    assert result["plan"]["bytes"] == len(result["plan"]["moves"]) * GIB


def test_even(balance: Run, cluster: Cluster) -> None:
    cluster.partitions = {("orders", n): (11 + n, *({11, 12, 13} - {11 + n})) for n in range(3)}
    result = balance(exclude_brokers=["broker-4"])
    assert (result["changed"], result["lines"]) == (False, ["the cluster is even", "nothing to do"])


def test_a_drain_and_a_replication_factor(balance: Run, cluster: Cluster) -> None:
    result = balance(drain=["broker-1"])
    assert all(11 not in move["after"] for move in result["plan"]["moves"])
    assert len(result["plan"]["moves"]) == 12
    assert balance(drain=["13"], topics=[{"name": "orders", "replication_factor": 4}])["impossible"] == [
        "orders-0, orders-1, orders-10, orders-11, orders-2 and 7 more: cannot have the wanted replication factor: "
        "too few brokers"
    ]


def test_begin_sets_throttles_before_it_moves(balance: Run, cluster: Cluster) -> None:
    result = balance(step="begin", work=WORK)
    assert (result["refused"], result["problems"]) == ("", [])
    assert cluster.log == [
        *(f"alter {n}" for n in (11, 12, 13, 14)),
        "alter orders",
        "reassign [('orders', 0)]",
        "elect []",
    ]
    assert cluster.broker_values["14"] == RATES
    assert cluster.topic_values["orders"] == {
        "leader.replication.throttled.replicas": "0:11,0:12,0:13",
        "follower.replication.throttled.replicas": "0:14",
    }
    told = balance(step="watch", work=WORK, wait=0)
    assert (told["left"], told["copied"], told["behind"]) == (0, GIB, [])
    assert "nothing is being moved, so these throttles are left over" in balance()["leftovers"][-1]
    assert balance(step="finish")["problems"] == []
    assert set(map(str, (*cluster.broker_values.values(), *cluster.topic_values.values()))) == {"{}"}
    assert balance()["leftovers"] == []


def test_reorders_and_elections_copy_nothing(balance: Run, cluster: Cluster) -> None:
    work = {"moves": [{**MOVE, "after": [13, 12, 11]}], "elections": [["orders", 3]]}
    assert balance(step="begin", work=work)["problems"] == []
    assert cluster.log == ["reassign [('orders', 0)]", "elect ['orders-0', 'orders-3']"]


def test_what_is_under_way(balance: Run, cluster: Cluster) -> None:
    cluster.under_way = {("orders", 0): Reassignment((14, 11, 12, 13), (14,), (11,))}
    cluster.partitions["orders", 0] = (14, 11, 12, 13)
    result = balance()
    assert result["leftovers"][0] == "orders-0 is being moved to broker-4"
    assert result["under_way"]["moves"] == [MOVE]
    told = balance(step="watch", work=WORK, wait=0)
    assert (told["left"], told["copied"]) == (1, GIB)
    done = balance(step="cancel", work=WORK)
    assert (done["problems"], done["back"]) == ([], 1)
    assert cluster.log == ["reassign [('orders', 0)]"]
    assert balance(step="cancel")["back"] == 0


def test_refused_while_others_are_not_in_sync(balance: Run, cluster: Cluster) -> None:
    cluster.isr["orders", 5] = (13, 11)
    assert balance(step="begin", work=WORK)["refused"] == "1 partitions are not in sync: orders-5"
    assert balance(step="watch", work=WORK, wait=0)["behind"] == ["orders-5"]
    assert balance(step="watch", work=WORK, wait=0, drain=["broker-2"])["behind"] == []


def test_brokers_of_the_batch_that_go_away(balance: Run, cluster: Cluster) -> None:
    assert balance(step="watch", work=WORK, wait=0)["away"] == []
    cluster.gone = {11, 14}
    assert balance(step="watch", work=WORK, wait=0)["away"] == ["broker-1", "broker-4"]
    assert balance(step="watch", work=WORK, wait=0, drain=["broker-1"])["away"] == ["broker-4"]


def test_refused_when_the_cluster_has_changed(balance: Run, cluster: Cluster) -> None:
    cluster.partitions["orders", 0] = (12, 11, 13)
    told = balance(step="begin", work=WORK)["refused"]
    assert told == "orders-0: changed since the plan was made; run it again"
    assert balance(step="begin", work={**WORK, "adopted": True})["refused"] == ""


def test_refused_with_a_throttle_that_would_never_end(balance: Run, cluster: Cluster) -> None:
    cluster.grows = 1 << 20
    told = balance(step="begin", work=WORK, throttle="1kB")["refused"]
    assert told.startswith("a throttle of 1000 bytes a second would never end: ")
    assert told.endswith(
        "come into the moving partitions of broker-4 meanwhile. Raise kafka_balance_throttle above that, to twice as much or "
        "more, or exclude the topic"
    )
    assert cluster.log == []


def test_a_broker_without_an_answer(balance: Run, cluster: Cluster) -> None:
    cluster.silent = {"b-14:9092"}
    result = balance()
    assert result["lines"][0] == (
        "broker-4 does not show its disks and is left alone: b-14:9092 cannot be asked: refused"
    )
    assert result["plan"]["moves"] == []
    told = balance(step="begin", work=WORK)
    assert told["problems"] == ["the throttle cannot be set: broker-4: b-14:9092 cannot be asked: refused"]
    assert "reassign [('orders', 0)]" not in cluster.log


@pytest.mark.parametrize(
    ("text", "expected"),
    [("50MB", 50_000_000), ("1.5 MiB", 1_572_864), ("1000", 1000), ("2g", 2_000_000_000), ("10kB/s", 10_000)],
)
def test_rates(text: str, expected: int) -> None:
    assert partition_balance.rate(text) == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"throttle": "fast"}, "throttle fast: give bytes a second, such as 50MB or 50000000"),
        ({"throttle": "0"}, "throttle 0: give bytes a second, such as 50MB or 50000000"),
        (
            {"drain": ["broker-9"]},
            "kafka_balance_drain: no broker of this cluster: broker-9. There are: broker-1, broker-2, broker-3, broker-4",
        ),
        ({"tolerance": 101}, "tolerance 101: give percent, 0 to 100"),
    ],
)
def test_input_that_is_not_understood(balance: Run, arguments: dict[str, Any], message: str) -> None:
    assert balance(**arguments)["msg"] == message
