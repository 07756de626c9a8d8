"""The cluster, as Kafka itself and an independent client see it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import CONTROLLERS
from tests.lab.live import Live, wait_for
from tests.lab.loggers import configured
from tests.lab.wire import Wire

INTERNAL = ("__consumer_offsets", "__transaction_state")
TOPIC = f"claims-{int(time.time())}"  # new each time: a run that was broken off leaves nothing in the way
GROUP = f"{TOPIC}-group"
MESSAGES = 300


@pytest.fixture(scope="module")
def wire(live: Live) -> Iterator[Wire]:
    """A broker; it has the topic of these tests, made by the command line tool without saying more than its name."""
    with Wire(live.brokers[0].address) as wire:
        live.run(live.brokers[0].name, f"kafka-topics --create --topic {TOPIC}")
        yield wire
        wire.delete_topic(TOPIC)


def test_the_quorum_has_three_voters_and_one_leader(live: Live, wire: Wire) -> None:
    quorum = wire.quorum()
    ids = {node.node_id for node in live.controllers}
    assert set(quorum.voters) == ids
    assert max(quorum.lag(node_id) for node_id in ids) < 20
    leaders = set()
    for node in live.controllers:
        with Wire(node.address) as controller:
            leaders.add(controller.cluster(CONTROLLERS).controller_id)
    assert leaders == {quorum.leader_id}


def test_every_broker_serves_and_knows_its_rack(live: Live, wire: Wire) -> None:
    """DescribeCluster leaves out brokers that are fenced."""
    racks = {node.node_id: node.rack for node in wire.cluster().nodes.values()}
    assert racks == {node.node_id: node.rack for node in live.brokers}


def test_what_is_written_through_any_broker_is_read_through_every_one(live: Live, wire: Wire) -> None:
    """kcat, acks=all; each broker in turn is the only address that the client is given."""
    assert wire.replicas()[TOPIC]
    monitor = live.monitors[0]
    sent = set()
    for node in live.brokers:
        ids = [f"{node.name}-{number}" for number in range(MESSAGES)]
        source = f"seq -f '{node.name}-%.0f' 0 {MESSAGES - 1}"
        live.run(monitor, f"{source} | kcat -P -b {node.name}:9092 -t {TOPIC} -X acks=all")
        sent.update(ids)
    for node in live.brokers:
        read = live.run(monitor, f"timeout 30 kcat -C -q -b {node.name}:9092 -t {TOPIC} -o beginning -e").splitlines()
        assert len(read) == len(sent), node.name
        assert set(read) == sent, node.name


def test_topics_have_three_replicas_on_three_racks_and_need_two_in_sync(live: Live, wire: Wire) -> None:
    """A topic made without arguments, and Kafka's internal ones; the question makes Kafka create the one for transactions."""
    wire.find_transaction_coordinator("claims")
    topics = wait_for("internal topics", 30, lambda: _complete(wire.replicas()))
    racks = {node.node_id: node.rack for node in live.brokers}
    for topic in (TOPIC, *INTERNAL):
        for replicas in topics[topic]:
            assert sorted(racks[node_id] for node_id in replicas) == sorted(racks.values()), topic
        assert wire.topic_configs(topic)["min.insync.replicas"] == "2", topic


def test_the_log_levels_of_the_file_are_those_of_the_process(live: Live) -> None:
    files = live.everywhere("cat /etc/kafka/log4j2.yaml", live.nodes)
    for name, node in live.nodes.items():
        wanted = configured(files[name])
        assert len(wanted) > 20, name
        with Wire(node.address) as wire:
            effective = wire.log_levels(node.node_id)
        assert {logger: effective.get(logger) for logger in wanted} == wanted, name


def test_the_command_line_tools_know_where_their_cluster_is(live: Live, wire: Wire) -> None:
    """On brokers and controllers; nothing but the question is said. Two rounds: each is a JVM on one of two cores."""
    assert wire.replicas()[TOPIC]
    broker, controller = live.brokers[0], live.controllers[0]
    kcat = f"kcat -b {live.bootstrap}"
    joined = f"timeout 60 {kcat} -q -X auto.offset.reset=earliest -c 1 -G {GROUP} {TOPIC}"
    live.run(live.monitors[0], f"echo one | {kcat} -P -t {TOPIC} && {joined}")
    loggers = "kafka-configs --describe --entity-type broker-loggers --entity-name {}"
    first = live.at_once(
        {
            broker.name: "kafka-topics --list",
            live.brokers[1].name: "kafka-consumer-groups --list",
            controller.name: "kafka-metadata-quorum describe --status",
        }
    )
    second = live.at_once(
        {
            broker.name: loggers.format(broker.node_id),
            live.brokers[1].name: "kafka-metadata-quorum describe --status",
            controller.name: loggers.format(controller.node_id),
        }
    )
    assert TOPIC in first[broker.name].split()
    assert GROUP in first[live.brokers[1].name].split()
    for text in (first[controller.name], second[live.brokers[1].name]):
        assert re.search(rf"^LeaderId: +{wire.quorum().leader_id}$", text, re.MULTILINE), text
    for name in (broker.name, controller.name):
        assert "org.apache.kafka.raft=INFO" in second[name], name


def _complete(topics: dict[str, list[list[int]]]) -> dict[str, list[list[int]]]:
    """The topics once all of them are there; new ones may have no partitions for a moment."""
    return topics if all(topics.get(topic) for topic in (TOPIC, *INTERNAL)) else {}
