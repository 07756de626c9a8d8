"""The plan of a whole cluster: what is said once, what restarts and when, what is sent to the admin API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Optional

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._change_plan import with_everything
from ansible_collections.kraftops.kafka.plugins.module_utils._plan_input import node_state
from tests.unit.plugins.planned import change_plan
from tests.unit.plugins.running_kafka import describe, node

RECORDED = json.loads((Path(__file__).parents[3] / "fixtures/configs/describe-configs.json").read_text())
NOTHING: dict[str, Any] = {
    "cluster": "orders",
    "changed": False,
    "refused": False,
    "counts": {
        "none": 0,
        "dynamic-cluster": 0,
        "dynamic-broker": 0,
        "restart": 0,
        "forbidden": 0,
        "destroys-data": 0,
    },
    "differences": [],
    "restart": [],
    "dynamic": [],
    "held": {
        "controller-1": [],
        "controller-2": [],
        "controller-3": [],
        "broker-1": [],
        "broker-2": [],
        "broker-3": [],
    },
    "lines": ["orders: nothing differs, nothing will be done."],
}


def fleet(
    desired: Optional[dict[str, str]] = None, was: Optional[dict[str, str]] = None, **facts: Any
) -> list[dict[str, Any]]:
    """Return three controllers and three brokers in racks a, b and c."""
    nodes = []
    for role, first in (("controller", 1), ("broker", 11)):
        for number, rack in enumerate("abc"):
            own = {**(was or {}), "node.id": str(first + number)}
            one = node(role, desired, was=own, host=f"{role}-{number + 1}", rack=rack, **facts)
            nodes.append(one)
    return nodes


def test_nothing_to_do() -> None:
    plan = change_plan(fleet(was={"num.partitions": "3", "log.retention.hours": "72"}), "orders", active="controller-1")
    assert plan == NOTHING
    assert json.loads(json.dumps(plan)) == plan


def test_a_live_change_is_said_once_and_written_everywhere() -> None:
    plan = change_plan(fleet({"log.retention.ms": "864000000"}), "orders")
    assert plan["differences"][0] == {
        "host": "orders",
        "hosts": ["broker-1", "broker-2", "broker-3"],
        "what": "log.retention.ms",
        "from": "604800000",
        "to": "864000000",
        "class": "dynamic-cluster",
        "apply": "dynamic-cluster",
        "operation": "set",
        "refused": False,
        "foreign": False,
        "reason": "taken live by every node that uses it, and written to the file",
        "bytes_beyond": None,
    }
    assert [(one["host"], one["class"]) for one in plan["differences"][1:]] == [
        ("controller-1", "none"),
        ("controller-2", "none"),
        ("controller-3", "none"),
    ]
    assert plan["dynamic"] == [
        {"scope": "cluster", "key": "log.retention.ms", "operation": "set", "value": "864000000"}
    ]
    assert (plan["changed"], plan["restart"]) == (True, [])
    assert not any(plan["held"].values())
    assert plan["lines"][0] == (
        "orders: log.retention.ms: 604800000 → 864000000 [dynamic-cluster] "
        "taken live by every node that uses it, and written to the file."
    )
    assert plan["lines"][-1] == "orders: no node restarts."


def test_a_file_alone_is_a_change() -> None:
    plan = change_plan(fleet({"num.io.threads": "8"}))
    assert {one["class"] for one in plan["differences"]} == {"none"}
    assert (plan["changed"], plan["dynamic"], plan["restart"]) == (True, [], [])


def test_what_waits_for_the_turn() -> None:
    was = {"num.partitions": "3"}
    assert change_plan(fleet({"num.partitions": "-"}, was))["held"]["broker-1"] == ["num.partitions"]
    nodes = fleet({"num.partitions": "4"}, was, file=None)
    assert change_plan(nodes)["held"]["broker-1"] == ["num.partitions"]


def test_all_restart_that_run_and_may_be_touched() -> None:
    nodes = fleet()
    nodes[3]["left_alone"] = "masked"
    nodes[4].update(running=False, live=None)
    nodes[5].update(desired={**nodes[5]["desired"], "num.partitions": "3"})
    states = [node_state(one) for one in nodes]
    plan = change_plan(nodes)
    everything = with_everything(plan, states, "controller-2")
    asked = ["all nodes were asked to restart"]
    assert [(one["host"], one["reasons"]) for one in everything["restart"]] == [
        ("broker-2", ["process: it does not run: it is started"]),
        ("controller-1", asked),
        ("controller-3", asked),
        ("controller-2", asked),
        ("broker-3", ["num.partitions: Kafka reads it only when it starts"]),
    ]
    assert everything["changed"] is True
    assert everything["lines"][-1].startswith("orders: 5 of its nodes restart, one at a time: broker-2 (unhealthy")
    nobody = [node_state({**one, "left_alone": "masked"}) for one in nodes]
    quiet = with_everything(change_plan([{**one, "left_alone": "masked"} for one in nodes]), nobody, None)
    assert (quiet["changed"], quiet["restart"]) == (False, [])


def test_different_old_values_are_named() -> None:
    nodes = fleet({"log.retention.ms": "864000000"})
    nodes[3]["live"] = describe({**nodes[3]["file"], "log.retention.ms": "700000000"})
    plan = change_plan(nodes, "orders")
    assert plan["differences"][0]["from"] == "700000000 on broker-1; 604800000 on broker-2, broker-3"


def test_a_restart_in_order() -> None:
    nodes = fleet({"num.partitions": "3"})
    nodes[4]["healthy"] = False
    plan = change_plan(nodes, "orders", active="controller-1")
    assert plan["counts"]["restart"] == 6
    assert [(one["host"], one["place"]) for one in plan["restart"]] == [
        ("broker-2", "unhealthy: first"),
        ("controller-2", "controller: before the brokers"),
        ("controller-3", "controller: before the brokers"),
        ("controller-1", "active controller: last of the controllers"),
        ("broker-1", "broker, rack a"),
        ("broker-3", "broker, rack c"),
    ]
    assert plan["restart"][0]["reasons"] == ["num.partitions: Kafka reads it only when it starts"]
    assert plan["held"]["broker-1"] == ["num.partitions"]
    assert plan["lines"][0] == "controller-1: num.partitions: 1 → 3 [restart] Kafka reads it only when it starts."
    assert plan["lines"][-1].startswith("orders: 6 of its nodes restart, one at a time: broker-2 (unhealthy: first), ")


def test_only_what_is_still_pending_restarts() -> None:
    nodes = fleet({"num.partitions": "3"})
    for one in nodes[:4]:
        one["file"] = one["loaded"] = one["desired"]
        one["live"] = describe(one["desired"])
    plan = change_plan(nodes, "orders", active="controller-2")
    assert [one["host"] for one in plan["restart"]] == ["broker-2", "broker-3"]


def test_a_stopped_process_comes_first() -> None:
    nodes = fleet({"num.partitions": "3"})
    nodes[5].update(running=False, live=None)
    plan = change_plan(nodes, "orders")
    assert plan["restart"][0]["host"] == "broker-3"
    assert plan["restart"][0]["reasons"][0] == "process: it does not run: it is started"


def test_a_node_that_is_left_alone() -> None:
    nodes = fleet({"num.partitions": "3", "num.io.threads": "12"})
    nodes[3]["left_alone"] = "kafka_maintenance is true"
    plan = change_plan(nodes, "orders")
    assert "broker-1" not in [one["host"] for one in plan["restart"]]
    assert plan["held"]["broker-1"] == []
    wide = next(one for one in plan["differences"] if one["what"] == "num.io.threads")
    assert "broker-1" not in wide["hosts"]
    alone = change_plan([{**nodes[3], "left_alone": "masked"}], "orders")
    assert (alone["changed"], alone["dynamic"], alone["restart"]) == (False, [], [])


def test_nothing_is_done_while_something_is_refused() -> None:
    nodes = fleet({"min.insync.replicas": "1", "num.partitions": "3"}, {"min.insync.replicas": "2"})
    plan = change_plan(nodes, "orders")
    assert (plan["refused"], plan["changed"], plan["counts"]["destroys-data"]) == (True, False, 1)
    assert plan["dynamic"] == []
    assert "[destroys-data, refused] acknowledged messages would be on 1 instead of 2 replicas" in plan["lines"][0]
    assert plan["lines"][-1] == "orders: nothing will be done while anything is refused."
    done = change_plan(nodes, "orders", confirm="min.insync.replicas")
    assert (done["refused"], done["changed"], done["counts"]["destroys-data"]) == (False, True, 1)
    assert done["dynamic"] == [{"scope": "cluster", "key": "min.insync.replicas", "operation": "set", "value": "1"}]


def test_a_pool_is_resized_alike() -> None:
    nodes = fleet({"num.io.threads": "20"})
    nodes[3]["live"] = describe({**nodes[3]["file"], "num.io.threads": "10"})
    plan = change_plan(nodes, "orders")
    reasons = {one["host"]: one["reasons"] for one in plan["restart"]}
    assert plan["dynamic"] == []
    assert len(reasons) == 6
    assert reasons["broker-1"] == ["num.io.threads: another node can resize this pool only with a restart"]
    assert reasons["broker-2"] == ["num.io.threads: Kafka resizes a running pool at most by half or double: from 8"]


def test_steps_never_leave_a_value_in_between() -> None:
    was = {"num.io.threads": "12"}
    nodes = fleet({"log.retention.ms": "864000000"}, was)
    for one in nodes[3:]:
        one["live"] = describe(one["file"], {"num.io.threads": "9"}, {"log.retention.ms": "700000000"})
    nodes[4]["desired"]["num.io.threads"] = "16"
    plan = change_plan(nodes, "orders")
    assert [(one["scope"], one["key"], one["operation"]) for one in plan["dynamic"]] == [
        ("broker-2", "num.io.threads", "set"),
        ("cluster", "log.retention.ms", "set"),
        ("cluster", "num.io.threads", "delete"),
        ("broker-1", "log.retention.ms", "delete"),
        ("broker-2", "log.retention.ms", "delete"),
        ("broker-3", "log.retention.ms", "delete"),
    ]


def test_foreign_values_are_no_change() -> None:
    nodes = fleet()
    for one in nodes:
        one["live"] = describe(one["file"], {"num.io.threads": "9"})
    plan = change_plan(nodes, "orders")
    assert [(one["host"], one["class"], one["foreign"]) for one in plan["differences"]] == [("orders", "none", True)]
    assert (plan["changed"], plan["dynamic"]) == (False, [])
    gone = change_plan(nodes, "orders", foreign="remove")
    assert gone["dynamic"] == [{"scope": "cluster", "key": "num.io.threads", "operation": "delete", "value": ""}]


SECRETS = [
    ("ssl.keystore.password", True),
    ("my.plugin.key", True),
    ("vendor.setting", True),
    ("vendor.setting", False),
    ("listener.name.client.ssl.keystore.password", True),
    ("listener.name.client.plain.sasl.jaas.config", False),
    ("log.cleaner.threads", False),
    ("log.cleaner.threads", True),
]


@pytest.mark.parametrize(("key", "answers"), SECRETS)
@pytest.mark.parametrize("state", ["new", "changed", "gone", "foreign"])
def test_no_secret_is_ever_shown(key: str, answers: bool, state: str) -> None:
    """Whatever it is called, a value that looks like a secret, or of which nobody knows whether it is one, is hidden."""
    planted, older = "planted-passw0rd-1", "planted-passw0rd-2 password=x"
    value = f"password={planted}" if key == "log.cleaner.threads" else planted
    was = {} if state in ("new", "foreign") else {key: older}
    desired = {"new": {key: value}, "changed": {key: value}, "gone": {key: "-"}, "foreign": {}}[state]
    nodes = fleet(desired, was)
    for one in nodes:
        one["live"] = describe(one["file"], None, {key: value} if state == "foreign" else None) if answers else None
        for entry in (one["live"] or {}).values():
            entry["sensitive"] = entry["sensitive"] or key == "vendor.setting"
    plan = change_plan(nodes, "orders", foreign="remove")
    assert "planted" not in json.dumps(plan)
    assert [one["what"] for one in plan["differences"]] or state == "foreign"


def test_secrets_are_compared_with_the_loaded_copy() -> None:
    key = "ssl.keystore.password"
    same = change_plan(fleet(was={key: "a"}), "orders")
    assert same["differences"] == []
    plan = change_plan(fleet({key: "b"}, {key: "a"})[3:4], "orders")
    assert [(one["from"], one["to"], one["class"]) for one in plan["differences"]] == [
        ("digest fdcab3e8", "digest 7b012422", "restart")
    ]
    written = fleet(was={key: "b"})[3:4]
    written[0]["loaded"] = {**written[0]["loaded"], key: "a"}
    assert len(change_plan(written, "orders")["restart"]) == 1


# --- The answers of real nodes ---


def recorded(version: str, **desired: str) -> list[dict[str, Any]]:
    """Return a controller and a broker as they answered, with what their files should say instead."""
    more = {key.replace("_", "."): value for key, value in desired.items()}
    nodes = []
    for role in ("controller", "broker"):
        file, live = RECORDED[version][role]["file"], RECORDED[version][role]["live"]
        found = {"host": f"{role}-1", "role": role, "version": version, "desired": {**file, **more}}
        nodes.append({**found, "file": file, "loaded": file, "live": live})
    return nodes


@pytest.mark.parametrize("version", ["3.9.2", "4.3.1"])
def test_real_nodes_as_they_were_started(version: str) -> None:
    plan = change_plan(recorded(version), "orders", elr=version == "4.3.1")
    assert plan["lines"] == ["orders: nothing differs, nothing will be done."]


@pytest.mark.parametrize("version", ["3.9.2", "4.3.1"])
def test_real_nodes_without_their_loaded_copies(version: str) -> None:
    nodes = [{**node, "loaded": None} for node in recorded(version)]
    plan = change_plan(nodes, "orders", elr=version == "4.3.1")
    assert plan["lines"] == ["orders: nothing differs, nothing will be done."]


@pytest.mark.parametrize("version", ["3.9.2", "4.3.1"])
def test_real_nodes_with_changes(version: str) -> None:
    wanted = {"log_retention_hours": "96", "num_io_threads": "12", "socket_send_buffer_bytes": "4096"}
    plan = change_plan(
        recorded(version, **wanted, log_cleanup_policy="delete,compact"), "orders", active="controller-1"
    )
    told = [(one["host"], one["what"], one["from"], one["to"], one["class"]) for one in plan["differences"]]
    assert told == [
        ("orders", "log.cleanup.policy", "compact,delete", "delete,compact", "dynamic-cluster"),
        ("orders", "log.retention.ms", "259200000", "345600000", "dynamic-cluster"),
        ("orders", "num.io.threads", "8", "12", "dynamic-cluster"),
        ("controller-1", "log.cleanup.policy", "(absent)", "delete,compact", "none"),
        ("controller-1", "log.retention.ms", "259200000", "345600000", "none"),
        ("controller-1", "socket.send.buffer.bytes", "102400", "4096", "restart"),
        ("broker-1", "socket.send.buffer.bytes", "102400", "4096", "restart"),
    ]
    assert [one["host"] for one in plan["restart"]] == ["controller-1", "broker-1"]
    assert "planted" not in json.dumps(plan)
