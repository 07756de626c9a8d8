"""A first start that is killed again and again ends in one healthy cluster with the ids of its first attempt."""

from __future__ import annotations

import subprocess

from tests.lab.combined import DATA, MANIFEST, METADATA, NEW_NODE, NODES, Installed, holds, manifest, meta, on

# What the first attempt wrote down; every later attempt must keep it.
identity: dict[str, str] = {}


def mount_data_disks() -> None:
    """Give every node a data disk of its own, so that it can be lost later."""
    for node in (*NODES, NEW_NODE):
        on(node, f"mkdir -p /srv/disk {DATA}; mountpoint -q {DATA} || mount --bind /srv/disk {DATA}")


def test_a_silent_node_stops_the_first_start_before_anything_is_changed(installed: Installed) -> None:
    """No cluster id is made while one node could hold another."""
    mount_data_disks()
    subprocess.run(["docker", "pause", "kraftops-combined-node-3"], check=True, capture_output=True)
    try:
        outcome = installed.run("kafka")
    finally:
        subprocess.run(["docker", "unpause", "kraftops-combined-node-3"], check=True, capture_output=True)
    assert outcome.code != 0
    assert "the cluster does not exist yet, and these nodes did not answer: node-3" in outcome.words
    assert not any(holds(node, "/etc/kafka") or holds(node, "/opt/kafka") for node in NODES)


def test_killed_with_the_manifest_on_some_nodes(installed: Installed) -> None:
    """The identity is on some nodes and on none of the disks."""
    installed.kill_at("Configure | Write the manifest")
    written = [node for node in NODES if holds(node, MANIFEST)]
    assert 0 < len(written) < len(NODES)
    assert not any(holds(node, f"{METADATA}/meta.properties") for node in NODES)
    first = manifest(written[0])
    identity.update(cluster_id=first["cluster_id"], voters=first["initial_controllers"])


def test_killed_with_one_controller_formatted(installed: Installed) -> None:
    """One disk carries the identity; the others follow it."""
    installed.kill_at("Storage | Format what is blank", "--tags=kafka")
    formatted = [node for node in NODES if holds(node, f"{METADATA}/meta.properties")]
    assert 0 < len(formatted) < len(NODES)
    assert {manifest(node)["cluster_id"] for node in NODES} == {identity["cluster_id"]}


def test_killed_between_formatting_and_the_first_start(installed: Installed) -> None:
    """Everything is formatted, some nodes have noted that they are about to start."""
    installed.kill_at("Service | Mark the first start", "--tags=kafka")
    assert all(holds(node, f"{directory}/meta.properties") for node in NODES for directory in (METADATA, DATA))
    assert {manifest(node)["started"] for node in NODES} == {True, False}


def test_killed_with_one_node_started(installed: Installed) -> None:
    """One voter of three runs and has no quorum."""
    installed.kill_at("Service | Start Kafka", "--tags=kafka")
    running = [node for node in NODES if on(node, "systemctl is-active kafka || true") == "active"]
    assert 0 < len(running) < len(NODES)


def test_killed_while_brokers_are_unfenced(installed: Installed) -> None:
    """Every process has been started and nobody waited for it."""
    process = installed.start("kafka", "--tags=kafka")
    assert process.stdout is not None
    for line in process.stdout:
        if "Service | Wait until the node serves its cluster" in line:
            process.kill()
            break
    process.wait(timeout=60)
    assert {on(node, "systemctl is-active kafka || true") for node in NODES} == {"active"}


def test_completed(installed: Installed) -> None:
    """The last attempt has little left to do, and the cluster is the one that the first attempt began."""
    outcome = installed.run("kafka")
    assert outcome.code == 0
    directories = dict(voter.rsplit(":", 1) for voter in identity["voters"].split(","))
    for number, node in enumerate(NODES, start=1):
        assert meta(node, METADATA)["cluster.id"] == meta(node, DATA)["cluster.id"] == identity["cluster_id"]
        assert meta(node, METADATA)["directory.id"] == directories[f"{number}@{node}:9093"]
        assert manifest(node)["initial_controllers"] == identity["voters"]
        assert manifest(node)["started"] is True


def test_one_healthy_cluster() -> None:
    """Three voters, one leader, three unfenced brokers with their racks, and a message goes through all of them."""
    status = on("node-1", "kafka-metadata-quorum describe --status")
    assert identity["cluster_id"] in status
    assert [f'"id": {number}' in status for number in (1, 2, 3)] == [True, True, True]
    brokers = on("node-2", "kafka-broker-api-versions | grep -o '^node-[0-9]:9092 (id: [0-9]* rack: [a-z]'")
    assert sorted(brokers.splitlines()) == [
        "node-1:9092 (id: 1 rack: a",
        "node-2:9092 (id: 2 rack: b",
        "node-3:9092 (id: 3 rack: c",
    ]
    on("node-1", "kafka-topics --create --topic claim --partitions 6")
    sent = [f"message-{number}" for number in range(60)]
    on("node-2", "seq -f 'message-%g' 0 59 | kcat -P -b node-2:9092 -t claim -X acks=all")
    read = on("node-3", "kcat -C -b node-3:9092 -t claim -e -q")
    assert sorted(read.splitlines()) == sorted(sent)


def test_a_second_run_changes_nothing(installed: Installed) -> None:
    """The same processes, no change."""
    before = [on(node, "systemctl show -p MainPID,ActiveEnterTimestampMonotonic kafka") for node in NODES]
    outcome = installed.run("kafka")
    assert outcome.code == 0
    recap = [line for line in outcome.output.splitlines() if line.startswith(NODES)]
    assert [node for node in NODES if any(line.startswith(node) and "changed=0 " in line for line in recap)] == [*NODES]
    assert before == [on(node, "systemctl show -p MainPID,ActiveEnterTimestampMonotonic kafka") for node in NODES]
