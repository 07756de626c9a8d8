"""Changing dynamic configs: every server is asked first, the order of the changes, reading back, and every refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Optional

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _admin_configs, _config_changes
from ansible_collections.kraftops.kafka.plugins.module_utils._admin import (
    BROKERS,
    AdminError,
    ClusterView,
    Registration,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_configs import CLUSTER, RefusedError
from ansible_collections.kraftops.kafka.plugins.modules import kafka_configs

Run = Callable[..., dict[str, Any]]
THREADS, RETENTION, PASSWORD = "num.io.threads", "log.retention.ms", "listener.name.client.ssl.keystore.password"
TYPES = {THREADS: "int", RETENTION: "long", "log.dirs": "string", "log.segment.bytes": "int", PASSWORD: "password"}
DEFAULTS = {THREADS: "8", RETENTION: "604800000", "log.dirs": "/data", "log.segment.bytes": "1000"}


class Cluster:
    """Brokers 11 and 12, controllers 1 and 2 (active); stands in for ConfigsNode."""

    def __init__(self) -> None:
        self.nodes = {f"b-{node}:9092": node for node in (11, 12)} | {f"c-{node}:9093": node for node in (1, 2)}
        self.stored: dict[str, dict[str, str]] = {CLUSTER: {}}
        self.dead: set[str] = set()
        self.deaf: set[int] = set()
        self.log: list[tuple[str, str, list[tuple[str, Optional[str]]]]] = []
        self.questions: list[tuple[str, str, list[str]]] = []
        self.per_controller = True
        self.leader = 2
        self.late_no = False

    def __call__(self, address: str) -> Node:
        return Node(self, address)

    def properties(self, node: int) -> Any:
        own, wide = self.stored.get(str(node), {}), self.stored[CLUSTER]
        found = {}
        for key in sorted({*DEFAULTS, *own, *wide}):
            said = [(own.get(key), 2), (wide.get(key), 3), (DEFAULTS.get(key), 5)]
            known = [(value, source) for value, source in said if value is not None]
            lived_by = DEFAULTS.get(key) if node in self.deaf else known[0][0]
            hidden = "password" in key
            found[key] = {
                "value": None if hidden else lived_by,
                "read_only": False,
                "source": known[0][1],
                "sensitive": hidden,
                "type": TYPES.get(key, "unknown"),
                "synonyms": [
                    {"name": key, "value": None if hidden else value, "source": source} for value, source in known
                ],
            }
        return found


class Node:
    """One connection."""

    def __init__(self, cluster: Cluster, address: str) -> None:
        self.all, self.address = cluster, address

    def __enter__(self) -> Node:
        if self.address in self.all.dead or self.address not in self.all.nodes:
            raise AdminError(f"{self.address} cannot be asked: refused")
        return self

    def __exit__(self, *_arguments: Any) -> None:
        """Close nothing."""

    def cluster(self, endpoint: int) -> ClusterView:
        letter, port = ("b", 9092) if endpoint == BROKERS else ("c", 9093)
        mine = [node for address, node in self.all.nodes.items() if address.startswith(letter)]
        return ClusterView(
            "x", self.all.leader, {node: Registration(node, f"{letter}-{node}", port, None) for node in mine}
        )

    def configs(self, name: str, _keys: Optional[Iterable[str]] = None) -> Any:
        if name != CLUSTER:
            return self.all.properties(self.all.nodes[self.address])
        wide = self.all.properties(0)
        return {key: wide[key] | {"synonyms": wide[key]["synonyms"][:1]} for key in self.all.stored[CLUSTER]}

    def alter(self, name: str, operations: Iterable[tuple[str, Optional[str]]], validate_only: bool) -> None:
        given = list(operations)
        if validate_only:
            self.all.questions.append((self.address, name, [key for key, _value in given]))
        for key, value in given:
            self._judge(name, key, value)
        if self.all.late_no and not validate_only:
            raise RefusedError(self.address, "not now", 41)
        if not validate_only:
            self.all.log.append((self.address, name, given))
            values = self.all.stored.setdefault(name, {})
            for key, value in given:
                values.pop(key, None)
                if value is not None:
                    values[key] = value

    def _judge(self, name: str, key: str, value: Optional[str]) -> None:
        if self.address.startswith("c-"):
            if not self.all.per_controller:
                raise RefusedError(self.address, "No node with id 1 found.", 102)
            return
        if key == "log.dirs":
            raise RefusedError(self.address, f"Cannot update these configs dynamically: [{key}]", 42)
        if key in (THREADS, RETENTION) and value and not value.isdigit():
            raise RefusedError(self.address, f"Invalid value {value} for configuration {key}: Not a number", 42)


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    made = Cluster()
    monkeypatch.setattr(_config_changes, "ConfigsNode", made)
    monkeypatch.setattr(_admin_configs, "ConfigsNode", made)
    monkeypatch.setattr(_config_changes, "POLL_SECONDS", 0.01)
    return made


@pytest.fixture
def configs(cluster: Cluster, run_module: Run) -> Run:
    def run(check: bool = False, **arguments: Any) -> dict[str, Any]:
        return run_module(kafka_configs.main, {"bootstrap": ["b-11:9092"], "timeout": 0, **arguments}, check)

    return run


def changed(resource: str, key: str, before: Optional[str], after: Optional[str]) -> dict[str, Optional[str]]:
    return {"resource": resource, "key": key, "from": before, "to": after}


def test_a_cluster_wide_value(configs: Run, cluster: Cluster) -> None:
    result = configs(cluster={RETENTION: 864000000, THREADS: 8})
    assert result["changed"] is True
    assert result["changes"] == [changed("cluster", RETENTION, None, "864000000")]
    assert result["diff"]["after"] == "cluster: log.retention.ms=864000000\n"
    assert cluster.log == [("b-11:9092", "", [(RETENTION, "864000000")])]
    assert cluster.questions == [("b-11:9092", "", [RETENTION]), ("b-12:9092", "", [RETENTION])]
    assert (result["foreign"], result["silent"]) == ([], {})
    assert configs(cluster={RETENTION: 864000000, THREADS: 8})["changed"] is False


def test_check_mode_asks_and_changes_nothing(configs: Run, cluster: Cluster) -> None:
    result = configs(check=True, cluster={RETENTION: 864000000})
    assert result["changes"] == [changed("cluster", RETENTION, None, "864000000")]
    assert len(cluster.questions) == 2
    assert cluster.log == []


def test_an_override_is_removed_after_the_clusters_value_is_there(configs: Run, cluster: Cluster) -> None:
    cluster.stored = {CLUSTER: {THREADS: "9"}, "11": {RETENTION: "1"}, "12": {}}
    result = configs(cluster={RETENTION: 5}, brokers={12: {THREADS: 12}}, managed=[THREADS])
    assert [(name, values) for _address, name, values in cluster.log] == [
        ("12", [(THREADS, "12")]),
        ("", [(RETENTION, "5")]),
        ("", [(THREADS, None)]),
        ("11", [(RETENTION, None)]),
    ]
    assert cluster.log[0][0] == "b-12:9092"
    assert changed("broker 11", RETENTION, "1", None) in result["changes"]


def test_foreign_values_are_reported_or_removed(configs: Run, cluster: Cluster) -> None:
    cluster.stored = {CLUSTER: {"log.segment.bytes": "5"}, "12": {THREADS: "9"}}
    found = [
        {"resource": "cluster", "key": "log.segment.bytes", "value": "5"},
        {"resource": "broker 12", "key": THREADS, "value": "9"},
    ]
    assert configs()["foreign"] == found
    assert "12" in cluster.stored
    assert configs(foreign_overrides="remove")["foreign"] == found
    assert cluster.stored == {CLUSTER: {}, "12": {}}
    assert configs(foreign_overrides="remove")["changed"] is False


def test_refusals_are_listed_by_key_and_nothing_is_changed(configs: Run, cluster: Cluster) -> None:
    result = configs(
        cluster={RETENTION: "abc", "log.dirs": "/x", THREADS: 9},
        brokers={11: {"log.dirs": "/y"}, 12: {"log.nonsense": 1}},
    )
    assert result["refused"] == [
        "broker 12: log.nonsense=1 would have no effect: this version of Kafka has no such key",
        "broker 11, broker 12: cluster-wide log.dirs=/x is refused: Cannot update these configs dynamically: [log.dirs]",
        "broker 11, broker 12: cluster-wide log.retention.ms=abc is refused: "
        "Invalid value abc for configuration log.retention.ms: Not a number",
        "broker 11: log.dirs=/y is refused: Cannot update these configs dynamically: [log.dirs]",
    ]
    assert result["msg"].startswith("nothing was changed: broker 12: log.nonsense=1 would")
    assert cluster.log == []


def test_a_single_controller(configs: Run, cluster: Cluster) -> None:
    controllers = {"1": {"address": "c-1:9093", "values": {THREADS: 10}}}
    result = configs(controllers=controllers)
    assert result["changes"] == [changed("controller 1", THREADS, None, "10")]
    assert cluster.log == [("c-2:9093", "1", [(THREADS, "10")])]
    assert configs(controllers=controllers)["changed"] is False


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("abc", "it must be a whole number"),
        (17, "a thread pool may at most double or halve in one step, and it has 8 now"),
    ],
)
def test_what_a_controller_would_take_and_not_apply(configs: Run, cluster: Cluster, value: Any, why: str) -> None:
    result = configs(controllers={"1": {"address": "c-1:9093", "values": {THREADS: value}}})
    assert result["refused"] == [f"controller 1: num.io.threads={value} would have no effect: {why}"]
    watched = configs(cluster={THREADS: value}, controllers={"1": {"address": "c-1:9093"}})
    assert watched["refused"] == [f"controller 1: cluster-wide num.io.threads={value} would have no effect: {why}"]
    assert cluster.log == []


def test_a_single_controller_of_an_older_version(configs: Run, cluster: Cluster) -> None:
    cluster.per_controller = False
    result = configs(controllers={"1": {"address": "c-1:9093", "values": {THREADS: 10}}})
    assert result["refused"] == [
        "controller 1: num.io.threads=10 is refused: single controllers have dynamic values from Kafka 4.3 on, in a "
        "dynamic quorum; before, the file and a restart are the way. It said: No node with id 1 found."
    ]


def test_no_active_controller(configs: Run, cluster: Cluster) -> None:
    cluster.leader = -1
    result = configs(controllers={"1": {"address": "c-1:9093", "values": {THREADS: 10}}})
    assert result["msg"] == "no controller takes changes: c-1:9093 knows of no active controller"


def test_a_secret_is_never_shown(configs: Run, cluster: Cluster) -> None:
    secrets = {11: {PASSWORD: "planted"}}
    result = configs(secrets=secrets)
    assert result["changes"][0]["to"].startswith("digest ")
    assert cluster.stored["11"] == {PASSWORD: "planted"}
    assert configs(secrets=secrets)["changed"] is False
    sent_again = configs(secrets=secrets, resend=[PASSWORD])
    assert sent_again["changes"][0]["from"] == "(not shown by Kafka)"
    refused = configs(secrets={11: {THREADS: "planted"}})
    assert "is refused: Invalid value digest " in refused["msg"]
    for one in (result, sent_again, refused):
        assert "planted" not in str(one)


def test_silent_brokers_are_left_out(configs: Run, cluster: Cluster) -> None:
    cluster.dead.add("b-12:9092")
    result = configs(cluster={RETENTION: 5}, brokers={13: {THREADS: 9}})
    assert result["silent"] == {"12": "b-12:9092 cannot be asked: refused", "13": "it does not serve"}
    assert [address for address, _name, _keys in cluster.questions] == ["b-11:9092"]


def test_the_next_address_is_tried(configs: Run, cluster: Cluster) -> None:
    assert configs(bootstrap=["nobody:1", "b-12:9092"])["changed"] is False
    result = configs(bootstrap=["nobody:1", "no-one:2"])
    assert result["msg"] == ("no broker answers: nobody:1 cannot be asked: refused; no-one:2 cannot be asked: refused")


def test_a_node_that_stores_and_does_not_apply(configs: Run, cluster: Cluster) -> None:
    cluster.deaf = {12}
    result = configs(cluster={THREADS: 9})
    assert result["msg"] == "stored, but after 0 s: broker 12 still lives by num.io.threads=8"
    assert result["changes"] == [changed("cluster", THREADS, None, "9")]


def test_a_no_after_a_yes(configs: Run, cluster: Cluster) -> None:
    cluster.late_no = True
    assert configs(cluster={THREADS: 9})["msg"] == "broker 11: cluster-wide num.io.threads=9 is refused: not now"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"cluster": {RETENTION: None}},
            "cluster, log.retention.ms: this is no value; to remove what is set, leave the key out and name it in managed",
        ),
        ({"brokers": {"b-11": {}}}, "brokers: a node id is a number, and this is none: b-11"),
        ({"brokers": {"11": "x"}}, "brokers, 11 must be a dictionary of keys and values"),
        ({"controllers": {"1": {"values": {}}}}, "controllers, 1: address is missing"),
        (
            {"brokers": {"1": {}}, "controllers": {"1": {"address": "c-1:9093"}}},
            "node 1 is given as a broker and as a controller; a combined node is a broker here",
        ),
    ],
)
def test_input_that_is_not_understood(configs: Run, arguments: dict[str, Any], message: str) -> None:
    assert configs(**arguments)["msg"] == message


def test_many_nodes_are_not_all_named() -> None:
    several = [f"broker {number}" for number in range(11, 19)]
    assert (
        _config_changes._names(several) == "broker 11, broker 12, broker 13, broker 14, broker 15, broker 16 and 2 more"
    )
