# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which cluster the disks belong to, and what each node may do about its own: start, resume, join, or nothing.

The rules keep a cluster's identity and its committed metadata (KIP-853, KIP-858):

- a new cluster id is made only when every node answered in this run and every node is blank;
- the first controllers, with random directory ids, are written down on every node before any of them is formatted;
- once anything has started, a blank controller is never formatted as the voter that it was: it would vote with an empty log;
- a directory that was formatted once and is now empty or on another file system is not Kafka's to fill.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._disks import (
    ACCEPT,
    Disk,
    Manifest,
    check_formatted,
    check_unformatted,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._problems import Problem

Report = dict[str, Any]


@dataclass(frozen=True)
class Member:
    """One node of the cluster as it answered; `in_run` is false outside the limit.

    `report` is None for a silent one, and for one that is left alone for the reason that `left_alone` gives.
    """

    node: dict[str, Any]
    report: Optional[Report]
    disks: list[Disk] = field(default_factory=list)
    in_run: bool = True
    left_alone: str = ""

    @property
    def name(self) -> str:
        """The inventory name."""
        return str(self.node["name"])

    @property
    def manifest(self) -> Optional[Manifest]:
        """What this node wrote down about itself, None when nothing."""
        manifest: Optional[Manifest] = self.report["manifest"] if self.report else None
        return manifest

    @property
    def is_controller(self) -> bool:
        """Whether the node votes."""
        return "controller" in self.node["roles"]

    @property
    def metadata_disk(self) -> Disk:
        """The directory of the metadata log."""
        return self.disks[0]

    @property
    def started(self) -> bool:
        """Whether Kafka has ever been started here: it runs now, or the manifest says so, or its disks were taken over."""
        marked = bool(self.manifest and self.manifest["started"])
        return self.is_active or marked or any(disk.is_taken_over for disk in self.disks)

    @property
    def is_active(self) -> bool:
        """Whether kafka.service has a process."""
        return bool(self.report and self.report["kafka_active"])

    @property
    def cluster_ids(self) -> set[str]:
        """The cluster ids on this node: its manifest's, which its directories are held against; without one, theirs."""
        if self.manifest:
            return {self.manifest["cluster_id"]}
        return {disk.meta["cluster_id"] for disk in self.disks if disk.meta}


def directories_of(node: dict[str, Any]) -> list[str]:
    """Return a node's directories, the metadata log's first."""
    return [node["metadata_log_dir"], *node["log_dirs"]]


def member(node: dict[str, Any], report: Optional[Report], accepted: frozenset[str], in_run: bool = True) -> Member:
    """Join what the model, the node and the operator say."""
    if report is None:
        return Member(node, None, in_run=in_run)
    records = (report["manifest"] or {}).get("directories", {})
    found = {item["path"]: item for item in report["directories"]}
    name = node["name"]
    disks = [
        Disk(name, node["node_id"], variable, found[path], records.get(path), f"{name}:{path}" in accepted)
        for path in directories_of(node)
        for variable in ["kafka_metadata_log_dir" if path == node["metadata_log_dir"] else "kafka_log_dirs"]
    ]
    return Member(node, report, disks, in_run)


def check_disks(members: list[Member]) -> list[Problem]:
    """Check every directory of every node that answered."""
    problems = []
    for item in members:
        for disk in item.disks:
            problems += check_formatted(disk, item.manifest) if disk.meta else check_unformatted(disk)
    return problems


def check_one_cluster(name: str, members: list[Member]) -> list[Problem]:
    """Check that all nodes that know a cluster id know the same one."""
    places: dict[str, list[str]] = {}
    for item in members:
        for cluster_id in item.cluster_ids:
            places.setdefault(cluster_id, []).append(item.name)
    if len(places) < 2:
        return []
    listed = "; ".join(f"{cluster_id} on {', '.join(hosts)}" for cluster_id, hosts in sorted(places.items()))
    fix = "Give the hosts of the other cluster their own kafka_cluster_name, or take them out of this inventory"
    return [Problem("", "kafka_cluster_name", name, f"its nodes belong to {len(places)} clusters: {listed}", fix)]


def check_complete(name: str, members: list[Member], state: str) -> list[Problem]:
    """While nothing has started, nobody may be left out: a silent node could hold another identity.

    A node outside the limit would neither record the identity nor be formatted, and be refused once the others started.
    """
    silent = [item.name for item in members if item.report is None and not item.left_alone]
    alone = [f"{item.name} ({item.left_alone})" for item in members if item.left_alone]
    outside = [item.name for item in members if not item.in_run]
    problems = []
    if silent:
        why = f"{state}, and these nodes did not answer: {', '.join(silent)}"
        fix = "A first start needs every node. Make them reachable and run again"
        problems.append(Problem("", "kafka_cluster_name", name, why, fix))
    if alone:
        why = f"{state}, and these nodes are left alone: {', '.join(alone)}"
        fix = "A first start needs every node. Run again when they may be started"
        problems.append(Problem("", "kafka_cluster_name", name, why, fix))
    if outside:
        why = f"{state}, and these nodes are outside the limit of this run: {', '.join(outside)}"
        fix = "A first start needs every node. Run again without --limit"
        problems.append(Problem("", "kafka_cluster_name", name, why, fix))
    return problems


def check_strangers(members: list[Member]) -> list[Problem]:
    """Refuse a node on which a kafka.service runs that this collection did not set up: it has other directories."""
    fix = "Stop and remove that Kafka, or take the host out of this inventory"
    why = (
        "runs already and was not set up by this collection (no manifest), and Kafka's directories are not formatted: "
    )
    problems = []
    for item in members:
        blank = [disk.path for disk in item.disks if not disk.meta]
        if item.is_active and not item.manifest and blank:
            problems.append(Problem(item.name, "kafka.service", "", why + ", ".join(blank), fix))
    return problems


def check_lost(name: str, members: list[Member], cluster_id: str) -> list[Problem]:
    """Refuse to go on where no controller has the cluster's metadata any more: observers would wait for voters for ever."""
    controllers = [item for item in members if item.is_controller]
    if not controllers or any(item.report is None or item.metadata_disk.meta for item in controllers):
        return []
    blank = ", ".join(item.name for item in controllers)
    why = f"cluster {cluster_id} is known on its nodes, and all of its controllers are blank: {blank}"
    fix = (
        "Mount or restore the controllers' disks. Only if that cluster is given up with all its data: stop Kafka, "
        "remove /etc/kafka/manifest.json and empty Kafka's directories on every node, and run again"
    )
    return [Problem("", "kafka_cluster_name", name, why, fix)]


def check_blank_controllers(members: list[Member]) -> list[Problem]:
    """In a cluster that has started, refuse controllers without a metadata log."""
    problems = []
    for item in members:
        if item.report is None or not item.is_controller or item.metadata_disk.meta or item.metadata_disk.accepted:
            continue
        if item.metadata_disk.was_formatted:
            continue  # an emptied disk has its own message
        why = "is a blank controller, and the cluster has started without it: as a voter with an empty log it could lose committed metadata"
        fix = (
            "If it replaces a lost controller or is a new one, let it join as an observer: "
            f"-e {ACCEPT}={item.name}:{item.metadata_disk.path}, "
            "then make it a voter with kafka-metadata-quorum (remove-controller, add-controller)"
        )
        problems.append(Problem(item.name, "kafka_metadata_log_dir", item.metadata_disk.path, why, fix))
    return problems


def initial_controllers(members: list[Member]) -> str:
    """Return the first voters as `kafka-storage format --initial-controllers` takes them, with fresh directory ids."""
    voters = sorted((item for item in members if item.is_controller), key=lambda item: int(item.node["node_id"]))
    return ",".join(voter(item.node) + ":" + item.report["proposal"]["directory_id"] for item in voters if item.report)


def voter(node: dict[str, Any]) -> str:
    """Return `id@host:port` of a controller."""
    return f"{node['node_id']}@{node['address']}:{node['controller_port']}"


def recorded_voters(members: list[Member]) -> tuple[str, list[Problem]]:
    """Return the first voters that an interrupted first run wrote down, checked against today's inventory."""
    recorded = sorted({item.manifest["initial_controllers"] for item in members if item.manifest})
    name = str(members[0].node["cluster"])
    fix = (
        "Put the inventory back as it was and run again, or remove /etc/kafka/manifest.json "
        "and Kafka's directories on every node of this cluster (nothing has started yet)"
    )
    if len(recorded) != 1:
        why = "the nodes wrote down different first controllers: " + " and ".join(recorded)
        return "", [Problem("", "kafka_cluster_name", name, why, fix)]
    expected = {item.rsplit(":", 1)[0] for item in recorded[0].split(",")}
    found = {voter(item.node) for item in members if item.is_controller}
    if expected != found:
        why = (
            f"the interrupted first run wrote down the controllers {', '.join(sorted(expected))}, "
            f"the inventory has {', '.join(sorted(found))}"
        )
        return "", [Problem("", "kafka_controllers", name, why, fix)]
    return recorded[0], []


def format_mode(item: Member, first_start: bool) -> str:
    """Return how `kafka-storage format` must be called on a node: none, initial, observer or broker."""
    if item.report is None or item.is_active or all(disk.meta for disk in item.disks):
        return "none"
    if not item.is_controller:
        return "broker"
    return "initial" if first_start else "observer"


def planned_record(disk: Disk) -> dict[str, Any]:
    """Return what the manifest says of a directory: unchanged once formatted, unless the operator accepted a change."""
    if disk.record and disk.was_formatted and not disk.accepted:
        return disk.record
    return {
        "mountpoint": disk.found["mountpoint"],
        "uuid": disk.found["uuid"],
        "fstype": disk.found["fstype"],
        "formatted": bool(disk.meta),
        "directory_id": disk.meta["directory_id"] if disk.meta else "",
    }


def planned_manifest(item: Member, cluster_id: str, voters: str) -> Manifest:
    """Return the manifest that a node must hold before anything else is done to it."""
    old = item.manifest or {}
    return {
        "cluster_id": cluster_id,
        "cluster_name": item.node["cluster"],
        "node_id": item.node["node_id"],
        "initial_controllers": old.get("initial_controllers", voters),
        "started": item.started,
        "directories": {**old.get("directories", {}), **{disk.path: planned_record(disk) for disk in item.disks}},
    }


@dataclass(frozen=True)
class Decision:
    """What the cluster is and what each node that answered may do."""

    cluster_id: str
    problems: list[Problem]
    nodes: dict[str, dict[str, Any]]


def decide(name: str, members: list[Member]) -> Decision:
    """Decide for one cluster. With problems nothing may be done to any of its nodes."""
    problems = check_disks(members) + check_strangers(members) + check_one_cluster(name, members)
    cluster_id, voters, first_start = "", "", False
    known = sorted(set().union(*(item.cluster_ids for item in members)))
    written_down = any(item.manifest for item in members)
    if not known:
        problems += check_complete(name, members, "the cluster does not exist yet")
        cluster_id, voters, first_start = new_cluster_id(members), initial_controllers(members), True
    elif written_down and not any(item.started for item in members):
        problems += check_complete(name, members, "its first start was interrupted")
        voters, found = recorded_voters(members)
        problems += found
        cluster_id, first_start = known[0], True
    else:
        cluster_id = known[0]
        problems += check_lost(name, members, cluster_id) or check_blank_controllers(members)
        voters = next((item.manifest["initial_controllers"] for item in members if item.manifest), "")
    nodes = {item.name: plan(item, cluster_id, voters, first_start) for item in members if item.report is not None}
    return Decision(cluster_id, problems, nodes)


def new_cluster_id(members: list[Member]) -> str:
    """Return the fresh id that the first node of the cluster proposed."""
    return next((str(item.report["proposal"]["cluster_id"]) for item in members if item.report), "")


def added_directories(item: Member) -> dict[str, Any]:
    """Return the blank directories that a running node gains, and how to format them while it is stopped for that."""
    blank = [disk.path for disk in item.disks if not disk.meta]
    if not blank or not item.report or not item.report["kafka_active"]:
        return {"format": "none", "directories": []}
    return {"format": "observer" if item.is_controller else "broker", "directories": blank}


def plan(item: Member, cluster_id: str, voters: str, first_start: bool) -> dict[str, Any]:
    """Return what is to be done to a node: its manifest, how to format, and which directories that fills."""
    mode = format_mode(item, first_start)
    return {
        "cluster_id": cluster_id,
        "format": mode,
        "directories": [disk.path for disk in item.disks if not disk.meta] if mode != "none" else [],
        "added": added_directories(item),
        "manifest": planned_manifest(item, cluster_id, voters),
        "started": item.started,
    }
