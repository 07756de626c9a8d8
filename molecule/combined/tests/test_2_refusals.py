"""Disks that are not what the manifest says are refused before anything is changed, by host, directory and id."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.lab.combined import DATA, MANIFEST, METADATA, NODES, Installed, Outcome, manifest, meta, on


def state() -> list[str]:
    """Return what a refused run must leave alone: configuration, units and data of every node."""
    script = "find /etc/kafka /etc/systemd/system /opt/kafka -type f -printf '%p %T@ %s\\n' | sort | md5sum"
    return [on(node, script) for node in NODES]


@contextmanager
def stopped(node: str) -> Iterator[None]:
    """Stop Kafka on a node for as long as its disks are not right."""
    on(node, "systemctl stop kafka")
    yield
    on(node, "systemctl start kafka")


def refused(installed: Installed, *arguments: str) -> Outcome:
    """Run, and expect a refusal that changed nothing."""
    before = state()
    outcome = installed.run("kafka", *arguments)
    assert outcome.code != 0
    assert "Nothing was changed." in outcome.words
    assert "changed=0" in outcome.output and "changed=1" not in outcome.output
    assert state() == before
    return outcome


@pytest.mark.parametrize(
    ("key", "value", "what"),
    [
        ("cluster.id", "AAAAAAAAAAAAAAAAAAAAAA", "is a disk of another cluster: expected cluster id"),
        ("node.id", "7", "is a disk of another node: expected node.id 2, found 7"),
    ],
)
def test_a_foreign_disk(installed: Installed, key: str, value: str, what: str) -> None:
    """A disk that was swapped with one of another cluster or node."""
    file = f"{DATA}/meta.properties"
    with stopped("node-2"):
        on("node-2", f"cp -p {file} /root/meta; sed -i 's/^{key}=.*/{key}={value}/' {file}")
        outcome = refused(installed)
        on("node-2", f"cp -p /root/meta {file}")
    assert f"node-2: kafka_log_dirs = {DATA}: {what}" in outcome.words
    assert value in outcome.words


def test_a_lost_mount(installed: Installed) -> None:
    """The disk is not mounted: below it lies an empty directory, and Kafka would fill the root file system."""
    with stopped("node-1"):
        on("node-1", f"umount {DATA}")
        outcome = refused(installed)
        on("node-1", f"mount --bind /srv/disk {DATA}")
    assert f"node-1: kafka_log_dirs = {DATA}: was formatted once and is now empty (not mounted?)" in outcome.words
    assert f"-e kafka_accept_new_disk=node-1:{DATA}" in outcome.words


def test_a_formatted_disk_where_none_was_expected(installed: Installed) -> None:
    """A node without a manifest holds a formatted disk."""
    with stopped("node-2"):
        on("node-2", f"mv {MANIFEST} /root/manifest.json")
        outcome = refused(installed)
        on("node-2", f"mv /root/manifest.json {MANIFEST}")
    assert f"node-2: kafka_log_dirs = {DATA}: is formatted already" in outcome.words


def test_a_controller_wiped_with_its_manifest(installed: Installed) -> None:
    """The same voter with an empty log could lose committed metadata."""
    with stopped("node-3"):
        on(
            "node-3",
            f"mkdir /root/aside; mv {METADATA} {MANIFEST} /root/aside; mkdir /srv/aside; mv /srv/disk/* /srv/aside",
        )
        outcome = refused(installed)
        on(
            "node-3",
            f"mv /root/aside/metadata {METADATA}; mv /root/aside/manifest.json {MANIFEST}; mv /srv/aside/* /srv/disk",
        )
        on("node-3", "rmdir /root/aside /srv/aside")
    assert f"node-3: kafka_metadata_log_dir = {METADATA}: is a blank controller" in outcome.words


def test_two_cluster_ids(installed: Installed) -> None:
    """A node that was made by another first start."""
    other = manifest("node-2")["cluster_id"][::-1]
    files = f"{MANIFEST} {METADATA}/meta.properties {DATA}/meta.properties"
    with stopped("node-2"):
        on("node-2", f"mkdir /root/aside; for f in {files}; do cp -p --parents $f /root/aside; done")
        on("node-2", f"sed -i 's/{manifest('node-2')['cluster_id']}/{other}/' {files}")
        outcome = refused(installed)
        on("node-2", "cp -rp /root/aside/* /; rm -r /root/aside")
    assert "kafka_cluster_name = small: its nodes belong to 2 clusters" in outcome.words
    assert f"{other} on node-2" in outcome.words


def test_the_cluster_is_whole_again(installed: Installed) -> None:
    """Once the disks are right, the next run has nothing to do."""
    outcome = installed.run("kafka")
    assert outcome.code == 0
    assert len({meta(node, METADATA)["cluster.id"] for node in NODES}) == 1


def test_a_replaced_data_disk_is_formatted_once_confirmed(installed: Installed) -> None:
    """A broker's disk comes back empty; its replicas return by replication."""
    old = meta("node-1", DATA)["directory.id"]
    on(
        "node-1",
        f"systemctl stop kafka; umount {DATA}; rm -rf /srv/disk; mkdir /srv/disk; mount --bind /srv/disk {DATA}",
    )
    outcome = installed.run("kafka", f"--extra-vars=kafka_accept_new_disk=node-1:{DATA}")
    assert outcome.code == 0
    assert meta("node-1", DATA)["directory.id"] != old
    assert manifest("node-1")["directories"][DATA]["directory_id"] == meta("node-1", DATA)["directory.id"]
    assert installed.run("kafka").output.count("changed=0 ") == len(NODES)
