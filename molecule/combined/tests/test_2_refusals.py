"""Disks that are not what the manifest says are refused before anything is changed, by host, directory and id."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.lab.combined import DATA, MANIFEST, METADATA, NODES, Installed, Outcome, manifest, meta, on


def state() -> list[str]:
    """Return what a refused run must leave alone: configuration, units and data of every node."""
    script = "find /etc/kafka /etc/systemd/system /opt/kafka -type f -printf '%p %T@ %s\\n' | sort | md5sum"
    return [on(node, script) for node in NODES]


@contextmanager
def stopped(*nodes: str) -> Iterator[None]:
    """Stop Kafka on nodes for as long as their disks are not right."""
    for node in nodes:
        on(node, "systemctl stop kafka")
    yield
    for node in nodes:
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


def edited(node: str, key: str, value: str) -> None:
    """Make the disk one of somebody else."""
    file = f"{DATA}/meta.properties"
    on(node, f"cp -p {file} /root/meta; sed -i 's/^{key}=.*/{key}={value}/' {file}")


def test_a_lost_mount_a_disk_of_another_cluster_and_a_wiped_controller(installed: Installed) -> None:
    """Below a lost mount lies an empty directory; the same voter with an empty log could lose committed metadata."""
    other = "AAAAAAAAAAAAAAAAAAAAAA"
    with stopped(*NODES):
        on("node-1", f"umount {DATA}")
        edited("node-2", "cluster.id", other)
        on(
            "node-3",
            f"mkdir /root/aside; mv {METADATA} {MANIFEST} /root/aside; mkdir /srv/aside; mv /srv/disk/* /srv/aside",
        )
        outcome = refused(installed)
        on("node-1", f"mount --bind /srv/disk {DATA}")
        on("node-2", f"cp -p /root/meta {DATA}/meta.properties")
        back = f"mv /root/aside/metadata {METADATA}; mv /root/aside/manifest.json {MANIFEST}; mv /srv/aside/* /srv/disk"
        on("node-3", f"{back}; rmdir /root/aside /srv/aside")
    assert f"node-1: kafka_log_dirs = {DATA}: was formatted once and is now empty (not mounted?)" in outcome.words
    assert f"-e kafka_accept_new_disk=node-1:{DATA}" in outcome.words
    foreign = "is a disk of another cluster: expected cluster id"
    assert f"node-2: kafka_log_dirs = {DATA}: {foreign}" in outcome.words
    assert other in outcome.words
    assert f"node-3: kafka_metadata_log_dir = {METADATA}: is a blank controller" in outcome.words


def test_a_disk_of_another_node_and_a_formatted_one_where_none_was_expected(installed: Installed) -> None:
    """The second is on a node without a manifest."""
    with stopped("node-1", "node-2"):
        edited("node-1", "node.id", "7")
        on("node-2", f"mv {MANIFEST} /root/manifest.json")
        outcome = refused(installed)
        on("node-1", f"cp -p /root/meta {DATA}/meta.properties")
        on("node-2", f"mv /root/manifest.json {MANIFEST}")
    what = "is a disk of another node: expected node.id 1, found 7"
    assert f"node-1: kafka_log_dirs = {DATA}: {what}" in outcome.words
    assert f"node-2: kafka_log_dirs = {DATA}: is formatted already" in outcome.words


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


def test_a_replaced_data_disk_is_formatted_once_confirmed(installed: Installed) -> None:
    """A broker's disk comes back empty; its replicas return by replication."""
    old = meta("node-1", DATA)["directory.id"]
    on(
        "node-1",
        f"systemctl stop kafka; umount {DATA}; rm -rf /srv/disk; mkdir /srv/disk; mount --bind /srv/disk {DATA}",
    )
    outcome = installed.run("kafka", f"--extra-vars=kafka_accept_new_disk=node-1:{DATA}")
    assert outcome.code == 0
    # The disks of the others are right again, so there is nothing to do on them.
    unchanged = [
        line.split()[0] for line in outcome.output.splitlines() if line.startswith(NODES) and "changed=0 " in line
    ]
    assert unchanged == ["node-2", "node-3"]
    assert len({meta(node, METADATA)["cluster.id"] for node in NODES}) == 1
    assert meta("node-1", DATA)["directory.id"] != old
    assert manifest("node-1")["directories"][DATA]["directory_id"] == meta("node-1", DATA)["directory.id"]
    assert installed.run("kafka").output.count("changed=0 ") == len(NODES)
