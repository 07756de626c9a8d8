"""The complete server.properties, and every property that is refused."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.filter.server_properties import FilterModule, server_properties
from ansible_collections.kraftops.kafka.plugins.module_utils._property_rules import JMX_REPORTER, RESERVED

COMMON = {
    "controller.listener.names": "CONTROLLER",
    "controller.quorum.auto.join.enable": "false",
    "controller.quorum.bootstrap.servers": "controller-1:9093,controller-2:9093,controller-3:9093",
    "default.replication.factor": "3",
    "listener.security.protocol.map": "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "metadata.log.dir": "/var/lib/kafka/metadata",
    "min.insync.replicas": "2",
    "offsets.topic.replication.factor": "3",
    "share.coordinator.state.topic.min.isr": "2",
    "share.coordinator.state.topic.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
    "transaction.state.log.replication.factor": "3",
}
CONTROLLER = {
    **COMMON,
    "advertised.listeners": "CONTROLLER://controller-1:9093",
    "listeners": "CONTROLLER://:9093",
    "log.dirs": "/var/lib/kafka/metadata",
    "node.id": "1",
    "process.roles": "controller",
}
BROKER = {
    **COMMON,
    "advertised.listeners": "CLIENT://broker-1:9092",
    "broker.rack": "a",
    "inter.broker.listener.name": "CLIENT",
    "listeners": "CLIENT://:9092",
    "log.dirs": "/var/lib/kafka/data",
    "node.id": "11",
    "process.roles": "broker",
}


@pytest.mark.parametrize(("host", "expected"), [("controller-1", CONTROLLER), ("broker-1", BROKER)])
def test_complete(inventory: Any, host: str, expected: dict[str, str]) -> None:
    found = server_properties(inventory.model(), host)
    assert found == {"properties": expected, "problems": [], "warnings": []}
    assert list(found["properties"]) == sorted(expected)


def test_large_profile(inventory: Any) -> None:
    """Brokers make no beans of partitions; what the inventory says of them wins."""
    inventory.set("all", jmx_exporter_profile="large").set("broker-2", kafka_properties={"metrics.jmx.exclude": "none"})
    found = {
        host: server_properties(inventory.model(), host)["properties"].get("metrics.jmx.exclude")
        for host in ("controller-1", "broker-1", "broker-2")
    }
    excluded = found["broker-1"] or ""
    assert (found["controller-1"], found["broker-2"]) == (None, "none")
    for bean, is_excluded in (
        ("kafka.log:type=Log,name=Size,topic=t,partition=0", True),
        ("kafka.cluster:type=Partition,name=UnderReplicated,topic=t,partition=0", True),
        ("kafka.server:type=FetcherLagMetrics,name=ConsumerLag,clientId=x,topic=t,partition=0", True),
        ("kafka.log:type=LogManager,name=OfflineLogDirectoryCount", False),
        ("kafka.server:type=BrokerTopicMetrics,name=BytesInPerSec,topic=t", False),
    ):
        assert bool(re.fullmatch(excluded, bean)) == is_excluded, bean


def test_combined(inventory: Any) -> None:
    inventory.groups["kafka_brokers"].append("controller-1")
    properties = server_properties(inventory.model(), "controller-1")["properties"]
    assert properties["process.roles"] == "broker,controller"
    assert properties["log.dirs"] == "/var/lib/kafka/data"
    assert properties["listeners"] == "CLIENT://:9092,CONTROLLER://:9093"
    assert "controller.quorum.voters" not in properties


# version -> keys that are not in its file
VERSIONS = [
    ("3.9.2", {"controller.quorum.auto.join.enable", "share.coordinator.state.topic.min.isr"}),
    ("4.0.2", {"controller.quorum.auto.join.enable"}),
    ("4.1.2", {"controller.quorum.auto.join.enable"}),
    ("4.2.1", set()),
]


@pytest.mark.parametrize(("version", "absent"), VERSIONS)
def test_versions(inventory: Any, version: str, absent: set[str]) -> None:
    properties = server_properties(inventory.set("all", kafka_version=version).model(), "broker-1")["properties"]
    assert absent & set(properties) == set()
    present = {"controller.quorum.auto.join.enable", "share.coordinator.state.topic.min.isr"} - absent
    assert present <= set(properties)


def test_user_properties_by_role(inventory: Any) -> None:
    inventory.set("all", kafka_properties={"log.retention.ms": 1000, "a": True, "b": False})
    inventory.set("brokers", kafka_broker_properties={"log.retention.ms": 2000})
    inventory.set("all", kafka_controller_properties={"b": "c"})
    model = inventory.model()
    broker = server_properties(model, "broker-2")["properties"]
    controller = server_properties(model, "controller-2")["properties"]
    assert (broker["log.retention.ms"], broker["a"], broker["b"]) == ("2000", "true", "false")
    assert (controller["log.retention.ms"], controller["a"], controller["b"]) == ("1000", "true", "c")


@pytest.mark.parametrize("key", ["num.partitions", "broker.session.timeout.ms", "broker.heartbeat.interval.ms"])
def test_what_one_role_says_both_get(inventory: Any, key: str) -> None:
    model = inventory.set("brokers", kafka_broker_properties={key: 4000}).model()
    assert server_properties(model, "controller-1")["properties"][key] == "4000"


def test_shared_key_told_twice(inventory: Any) -> None:
    inventory.set("brokers", kafka_broker_properties={"num.partitions": 3})
    inventory.set("broker-2", kafka_broker_properties={"num.partitions": 4})
    assert inventory.problems() == [
        "num.partitions: not the same on all nodes of cluster orders: 3 on broker-1, broker-3; 4 on broker-2. "
        "Set it in kafka_properties, once for the whole cluster."
    ]


def test_heartbeat(inventory: Any) -> None:
    inventory.set("all", kafka_properties={"broker.session.timeout.ms": 3000})
    assert inventory.warnings() == [
        "orders: broker.heartbeat.interval.ms = 2000: more than half of the session time-out of 3000 ms, so one lost "
        "heartbeat fences a broker. Raise broker.session.timeout.ms or lower the interval."
    ]


OWNED = "a key that the collection owns"
ILLEGAL = "an illegal value: Kafka would not start"
ZOOKEEPER = "a ZooKeeper key. Remove it: the cluster runs in KRaft mode"
REMOVED = "removed in Kafka 4.0"
WRITTEN = "neither text nor number. Write the value as it should stand in the properties file"
GROUPS = "Put hosts into the groups kafka_controllers and kafka_brokers instead"
REPORTER = "without the JmxReporter no metric reaches the exporter"
# version, key, value, as it is shown, the rest of the message
REFUSED: list[tuple[str, str, Any, str, str]] = [
    *(("4.3.1", key, "x", "x", f"{OWNED}. {fix}") for key, fix in RESERVED.items()),
    ("3.9.2", "controller.quorum.voters", "1@a:1", "1@a:1", f"{OWNED}. {GROUPS}"),
    ("4.3.1", "controller.quorum.bootstrap.servers", "a:1", "a:1", f"{OWNED}. {GROUPS}"),
    ("4.3.1", "zookeeper.connect", "a:1", "a:1", ZOOKEEPER),
    ("3.9.2", "zookeeper.connect", "a:1", "a:1", ZOOKEEPER),
    ("3.9.2", "control.plane.listener.name", "A", "A", ZOOKEEPER),
    (
        "4.0.2",
        "inter.broker.protocol.version",
        "3.9",
        "3.9",
        f"{REMOVED}. Remove it: the metadata version of the cluster took its place",
    ),
    ("4.0.2", "log.message.format.version", "3.0", "3.0", f"{REMOVED}. Remove it: there is one format"),
    (
        "4.3.1",
        "log.message.timestamp.difference.max.ms",
        1,
        "1",
        f"{REMOVED}. Use log.message.timestamp.before.max.ms and log.message.timestamp.after.max.ms",
    ),
    (
        "4.3.1",
        "log.message.downconversion.enable",
        True,
        "true",
        f"{REMOVED}. Remove it: old clients are no longer served",
    ),
    ("4.3.1", "controlled.shutdown.max.retries", 1, "1", f"{REMOVED}. Remove it"),
    ("4.3.1", "controlled.shutdown.retry.backoff.ms", 1, "1", f"{REMOVED}. Remove it"),
    ("4.3.1", "delegation.token.master.key", "s3cret", "(hidden)", f"{REMOVED}. Use delegation.token.secret.key"),
    ("4.3.1", "offsets.commit.required.acks", 1, "1", f"{REMOVED}. Remove it"),
    (
        "4.3.1",
        "auto.include.jmx.reporter",
        True,
        "true",
        f"{REMOVED}. Remove it, and name the JmxReporter in metric.reporters when that is set",
    ),
    ("4.3.1", "leader.imbalance.per.broker.percentage", 1, "1", f"{REMOVED}. Remove it"),
    (
        "4.3.1",
        "eligible.leader.replicas.enable",
        True,
        "true",
        f"{REMOVED}. Remove it: it is a feature of the cluster now",
    ),
    ("4.0.2", "log.segment.bytes", 1000, "1000", f"{ILLEGAL}. Use 1048576 or more"),
    ("4.3.1", "log.segment.bytes", "1MB", "1MB", "not a whole number. Kafka would not start: write digits only"),
    ("4.2.1", "num.replica.fetchers", 0, "0", f"{ILLEGAL}. Use 1 or more"),
    ("4.0.2", "remote.log.manager.copier.thread.pool.size", -1, "-1", f"{ILLEGAL}. Use 1 or more"),
    ("3.9.2", "num.partitions", 0, "0", f"{ILLEGAL}. Use 1 or more"),
    ("4.3.1", "metric.reporters", "a.B", "a.B", f"{REPORTER}. Add {JMX_REPORTER} to the list"),
    ("4.3.1", "a.b", None, "", WRITTEN),
    ("4.3.1", "a.b", {"c": 1}, "{'c': 1}", WRITTEN),
    (
        "4.3.1",
        "a.b",
        "x\ny",
        "x y",
        "a value of several lines or with special characters. Use one line of ASCII characters",
    ),
    ("4.3.1", "a b", "x", "x", "not a property name. Use Kafka's own name, such as log.retention.ms"),
]


@pytest.mark.parametrize("name", ["kafka_properties", "kafka_broker_properties"])
@pytest.mark.parametrize("row", REFUSED)
def test_refused(inventory: Any, name: str, row: tuple[str, str, Any, str, str]) -> None:
    version, key, value, shown, expected = row
    inventory.set("all", kafka_version=version).set("broker-1", **{name: {key: value}})
    said = f" = {shown}" if shown else ""
    assert inventory.problems() == [f"broker-1: {name}[{key}]{said}: {expected}."]
    assert inventory.model()["nodes"]["broker-1"]["properties"] == {}


ACCEPTED: list[tuple[str, str, Any]] = [
    ("3.9.2", "inter.broker.protocol.version", "3.9"),
    ("3.9.2", "log.segment.bytes", 1000),
    ("4.1.2", "num.replica.fetchers", 0),
    ("3.9.2", "metric.reporters", "a.B"),
    ("4.3.1", "metric.reporters", ["a.B", JMX_REPORTER]),
    ("4.3.1", "controller.quorum.fetch.timeout.ms", 3000),
    ("4.3.1", "log.retention.hours", 48),
    ("4.3.1", "listener.name.client.max.connections", 10),
]


@pytest.mark.parametrize(("version", "key", "value"), ACCEPTED)
def test_accepted(inventory: Any, version: str, key: str, value: Any) -> None:
    inventory.set("all", kafka_version=version).set("broker-1", kafka_properties={key: value})
    assert inventory.problems() == []
    assert key in inventory.model()["nodes"]["broker-1"]["properties"]


def test_unknown_host(inventory: Any) -> None:
    found = server_properties(inventory.model(), "nobody")
    assert found["properties"] == {}
    assert [one["why"] for one in found["problems"]] == ["not a Kafka host of this inventory"]


def test_plugin() -> None:
    assert FilterModule().filters() == {"server_properties": server_properties}
