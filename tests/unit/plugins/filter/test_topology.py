"""The model, and what is wrong with groups, templates and variables that do not agree."""

from __future__ import annotations

from typing import Any

import pytest
from jinja2 import StrictUndefined

from ansible_collections.kraftops.kafka.plugins.filter.topology import FilterModule, topology

SIX = "controller-1, controller-2, controller-3 and 3 more"
SERVICE_PORT = "Give each service of a host its own port."


def test_nothing_to_say(inventory: Any) -> None:
    assert (inventory.problems(), inventory.warnings()) == ([], [])


def test_groups(inventory: Any) -> None:
    inventory.groups["kafka"].append("stray")
    inventory.groups["kafka"].remove("broker-3")
    assert inventory.problems() == [
        "stray: groups: in group kafka, but neither in kafka_controllers nor in kafka_brokers. "
        "Put it into one of them, or into both for a combined node.",
        "broker-3: groups: in kafka_controllers or kafka_brokers, but not in group kafka. "
        "Make both groups children of kafka.",
    ]


def test_empty_inventory(defaults: Any) -> None:
    found = topology({"all": []}, {}, defaults)
    assert found["model"] == {
        "clusters": {},
        "nodes": {},
        "monitoring": [],
        "monitoring_nodes": {},
        "alertmanagers": [],
    }
    assert [one["why"] for one in found["problems"]] == ["no host in group kafka"]


def test_missing_default(inventory: Any) -> None:
    found = topology(inventory.groups, inventory.hostvars, {})
    assert {one["why"] for one in found["problems"]} == {"no value and no default"}


def test_unreadable(inventory: Any) -> None:
    class Failing(dict[str, Any]):
        def __getitem__(self, key: str) -> Any:
            if key == "kafka_port":
                raise ValueError("Attempting to decrypt but no vault secrets found: s3cret")
            return super().__getitem__(key)

    inventory.hostvars["broker-1"] = Failing(
        inventory.hostvars["broker-1"],
        kafka_port=1,
        kafka_heap=StrictUndefined(name="wanted"),
        kafka_controller_port="not read on a broker",
        kafka_log_file_size="{{ left_as_it_is }}",
    )
    fix = "Define what it needs, or write the value."
    assert inventory.problems() == [
        f"broker-1: kafka_heap: it refers to wanted, which is undefined. {fix}",
        f"broker-1: kafka_port: encrypted, and no vault password that opens it was given. {fix}",
        f"broker-1: kafka_log_file_size: it refers to something undefined. {fix}",
    ]


def test_secret_is_not_shown(inventory: Any) -> None:
    tagged = type("VaultedValue", (), {})
    secret = type("Tagged", (str,), {"_ansible_tags_mapping": {tagged: 1}})("hunter2")
    inventory.hostvars["broker-2"]["kafka_port"] = secret
    inventory.hostvars["broker-3"]["kafka_properties"] = {"node.id": secret}
    inventory.hostvars["controller-2"]["ansible_host"] = secret
    inventory.hostvars["controller-3"]["kafka_address"] = secret
    inventory.set("controller-1", kafka_properties={"ssl.key.password": ["a", {}]})
    found = inventory.check()
    assert "hunter2" not in str(found["problems"]) + str(found["warnings"]) + str(found["lines"])
    assert [one["value"] for one in found["problems"]] == ["(hidden)"] * 4


def test_misspelt_variable(inventory: Any) -> None:
    inventory.set("all", kafka_replication_facto=2).set("broker-1", kafka_rac="a", kafka_team="x", other_port=1)
    tail = "Rename it, or use another prefix."
    assert inventory.warnings() == [
        f"{SIX}: kafka_replication_facto: nothing reads this variable. Did you mean kafka_replication_factor? {tail}",
        f"broker-1: kafka_rac: nothing reads this variable. Did you mean kafka_rack? {tail}",
    ]


def test_version_to_avoid(inventory: Any) -> None:
    assert inventory.set("all", kafka_version="4.2.0").warnings() == [
        "orders: kafka_version = 4.2.0: rolling upgrades with transactional producers can fail (KAFKA-20322). "
        "Use 4.2.1 or a later version."
    ]


CLUSTERS = {
    "orders": {
        "name": "orders",
        "version": "4.3.1",
        "security": "plaintext",
        "replication_factor": 3,
        "min_insync_replicas": 2,
        "quorum_sizes": [3, 5],
        "placement_policy": "enforce",
        "controllers": ["controller-1", "controller-2", "controller-3"],
        "brokers": ["broker-3", "broker-2", "broker-1"],
        "nodes": ["controller-1", "controller-2", "controller-3", "broker-3", "broker-2", "broker-1"],
        "controller_bootstrap": ["controller-1:9093", "controller-2:9093", "controller-3:9093"],
        "bootstrap": ["10.0.0.3:9092", "[fd00::2]:9092", "10.0.0.1:9092"],
        "kafka_exporter_port": 9308,
    }
}
BROKER = {
    "name": "broker-1",
    "cluster": "orders",
    "node_id": 19,
    "rack": "a",
    "roles": ["broker"],
    "role": "broker",
    "address": "10.0.0.1",
    "client_port": 9092,
    "controller_port": None,
    "jmx_exporter_port": 9404,
    "node_exporter_port": 9100,
    "log_dirs": ["/data1", "/data2"],
    "metadata_log_dir": "/var/lib/kafka/metadata",
    "app_log_dir": "/var/log/kafka",
    "heap": "4G",
    "heap_bytes": 4 << 30,
    "properties": {},
    "log_levels": {},
    "log_file_size": 100 << 20,
    "log_file_count": 10,
    "log_filesystem_share": 0.5,
    "maintenance": False,
    "jmx_exporter_profile": "small",
    "mtail_port": 3903,
}


def test_model(inventory: Any) -> None:
    inventory.set("brokers", kafka_heap="4G", kafka_log_dirs=["/data1", "/data2/"], ansible_host="10.0.0.1")
    for number in (1, 2, 3):
        inventory.set(f"broker-{number}", ansible_host=f"10.0.0.{number}", kafka_node_id=str(20 - number))
    model = inventory.set("broker-2", kafka_address="fd00::2").model()
    assert model["clusters"] == CLUSTERS
    assert model["nodes"]["broker-1"] == BROKER
    assert model["nodes"]["controller-1"]["log_dirs"] == []
    assert model["monitoring_nodes"]["monitor-1"]["prometheus_port"] == 9090


MAINTENANCE = [(True, True), ("yes", True), ("True", True), ("1", True), (False, False), ("off", False), (0, False)]


@pytest.mark.parametrize(("value", "expected"), MAINTENANCE)
def test_maintenance(inventory: Any, value: Any, expected: bool) -> None:
    model = inventory.set("broker-2", kafka_maintenance=value).model()
    assert (model["nodes"]["broker-1"]["maintenance"], model["nodes"]["broker-2"]["maintenance"]) == (False, expected)


@pytest.mark.parametrize("value", ["maybe", "", 2, []])
def test_maintenance_that_is_neither_true_nor_false(inventory: Any, value: Any) -> None:
    line = inventory.set("broker-2", kafka_maintenance=value).problems()[0]
    assert line.startswith("broker-2: kafka_maintenance")
    assert line.endswith(": neither true nor false. Use true or false.")


def test_combined_node(make: Any) -> None:
    inventory = make(brokers=0, monitoring=False)
    inventory.groups["kafka_brokers"] = list(inventory.groups["kafka_controllers"])
    node = inventory.model()["nodes"]["controller-1"]
    assert (node["role"], node["roles"]) == ("combined", ["broker", "controller"])
    assert (node["client_port"], node["controller_port"]) == (9092, 9093)


def test_combined_node_told_two_things(make: Any) -> None:
    inventory = make(brokers=0, monitoring=False)
    inventory.groups["kafka_brokers"] = list(inventory.groups["kafka_controllers"])
    inventory.set(
        "controller-1", kafka_controller_properties={"a": 1, "b": 1}, kafka_broker_properties={"a": 2, "b": 1}
    )
    inventory.set("controller-1", kafka_log_levels_controllers={"x": "INFO"}, kafka_log_levels_brokers={"x": "debug"})
    fix = "Give both roles the same value, or set it for the host."
    assert inventory.problems() == [
        f"controller-1: kafka_controller_properties[a] = 1: a combined node, and for brokers the value is 2. {fix}",
        f"controller-1: kafka_log_levels_controllers[x] = INFO: a combined node, and for brokers the value is DEBUG. {fix}",
    ]


def test_two_clusters(make: Any) -> None:
    inventory = make()
    for number in (1, 2, 3):
        shared = {"kafka_cluster_name": "audit", "kafka_rack": "abc"[number - 1]}
        inventory.add(f"audit-c{number}", "kafka_controllers", **{**shared, "kafka_node_id": number})
        inventory.add(f"audit-b{number}", "kafka_brokers", **{**shared, "kafka_node_id": 10 + number})
    assert inventory.problems() == []
    ports = {name: one["kafka_exporter_port"] for name, one in inventory.model()["clusters"].items()}
    assert ports == {"audit": 9308, "orders": 9309}


def test_merged_levels_and_properties(inventory: Any) -> None:
    inventory.set("all", kafka_log_levels={"kafka.network.RequestChannel$": "trace", "ROOT": "Warn", "x": "INFO"})
    inventory.set("brokers", kafka_log_levels_brokers={"x": "DEBUG", "y": "DEBUG"}, kafka_broker_properties={"b": True})
    inventory.set(
        "broker-1", kafka_log_levels_host={"y": "ERROR"}, kafka_properties={"a": 1.5, "b": "x", "c": ["d", 2]}
    )
    node = inventory.model()["nodes"]["broker-1"]
    levels = {"kafka.network.RequestChannel$": "TRACE", "root": "WARN", "x": "DEBUG", "y": "ERROR"}
    assert node["log_levels"] == levels
    assert node["properties"] == {"a": "1.5", "b": "true", "c": "d,2"}


def test_monitoring_on_a_broker(make: Any) -> None:
    inventory = make(monitoring=False)
    inventory.groups["monitoring"] = ["broker-1"]
    assert inventory.problems() == []
    inventory.set("broker-1", grafana_port=9092)
    assert inventory.problems() == [
        f"broker-1: grafana_port = 9092: already the kafka_port of this host. {SERVICE_PORT}"
    ]


def test_plugin() -> None:
    assert FilterModule().filters() == {"topology": topology}
