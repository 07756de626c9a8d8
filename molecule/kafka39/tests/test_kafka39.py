"""The oldest supported Kafka (3.9.2, reload4j) on the oldest supported Debian (12, Java 17)."""

from __future__ import annotations

import re

from tests.lab.live import Live, figure, playbook
from tests.lab.loggers import configured
from tests.lab.metrics import series
from tests.lab.wire import Wire

TOPIC = "claims"


def test_kafka_and_java_are_the_ones_that_were_asked_for(live: Live) -> None:
    shown = "ls /opt/kafka; cut -d. -f1 /etc/debian_version; cat /etc/systemd/system/kafka.service"
    for name, text in live.everywhere(shown).items():
        version, debian, *unit = text.splitlines()
        assert (version, debian) == ("kafka-3.9.2", "12"), name
        assert any(line.startswith("ExecStart=/usr/lib/jvm/java-17-") for line in unit), name


def test_every_unit_is_active_and_enabled_and_never_restarted(live: Live) -> None:
    states = live.unit_states("ActiveState,SubState,UnitFileState,NRestarts")
    wanted = {"ActiveState": "active", "SubState": "running", "UnitFileState": "enabled", "NRestarts": "0"}
    assert len(states) == 3 * len(live.nodes) == 6
    assert {unit: state for unit, state in states.items() if state != wanted} == {}


def test_the_controller_leads_and_the_broker_serves(live: Live) -> None:
    (controller,), (broker,) = live.controllers, live.brokers
    with Wire(broker.address) as wire:
        assert set(wire.cluster().nodes) == {broker.node_id}
        quorum = wire.quorum()
    assert set(quorum.voters) == {quorum.leader_id} == {controller.node_id}


def test_what_is_written_is_read(live: Live) -> None:
    (broker,) = live.brokers
    kcat = f"kcat -b {broker.name}:9092 -t {TOPIC}"
    live.run(broker.name, f"kafka-topics --create --if-not-exists --topic {TOPIC} && seq 1 500 | {kcat} -P -X acks=all")
    try:
        read = live.run(broker.name, f"timeout 30 {kcat} -C -q -o beginning -e").split()
        assert sorted(map(int, read)) == list(range(1, 501))
    finally:
        with Wire(broker.address) as wire:
            wire.delete_topic(TOPIC)


def test_the_log_levels_of_the_file_are_those_of_the_process(live: Live) -> None:
    files = live.everywhere("cat /etc/kafka/log4j.properties")
    for name, node in live.nodes.items():
        wanted = configured(files[name])
        assert len(wanted) > 20, name
        with Wire(node.address) as wire:
            effective = wire.log_levels(node.node_id)
        assert {logger: effective.get(logger) for logger in wanted} == wanted, name


def test_the_command_line_tools_know_where_their_cluster_is(live: Live) -> None:
    """In 3.9 some have other classes than in 4.x; the console's producer and kafka-configs are among them."""
    (controller,), (broker,) = live.controllers, live.brokers
    status = "kafka-metadata-quorum describe --status"
    loggers = "kafka-configs --describe --entity-type broker-loggers --entity-name {}"
    rounds = [
        live.at_once({controller.name: status, broker.name: status}),
        live.at_once({node.name: loggers.format(node.node_id) for node in (controller, broker)}),
    ]
    for name in live.nodes:
        assert re.search(rf"^LeaderId: +{controller.node_id}$", rounds[0][name], re.MULTILINE), rounds[0][name]
        assert "org.apache.kafka.raft=INFO" in rounds[1][name], rounds[1][name]
    assert "GROUP" in live.run(broker.name, "kafka-consumer-groups --describe --all-groups; echo no GROUP")
    assert "3.9.2" in live.run(broker.name, "kafka-broker-api-versions --version")


def test_the_java_agent_serves_the_metrics_of_both_roles(live: Live) -> None:
    names = {
        "controller": "kafka_controller_kafkacontroller_activecontrollercount 1.0",
        "broker": "kafka_server_replicamanager_",
    }
    for node in live.nodes.values():
        lines = series(node.ip)
        figure(f"series of a {node.role} of 3.9.2: {len(lines)}")
        assert any(line.startswith(names[node.role]) for line in lines), node.name
        assert not any("_objectname" in line for line in lines), node.name


def test_a_second_run_changes_nothing_and_touches_no_process(live: Live) -> None:
    before = live.processes()
    play = playbook("site.yml")
    assert play.code == 0, play.output
    assert {name: row["changed"] for name, row in play.recap.items()} == dict.fromkeys(live.names, 0), play.output
    assert live.processes() == before
    figure(f"second run of 1 + 1: {play.wall:.0f} s wall, {play.cpu:.0f} s CPU on the control node")
