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

from ansible_collections.kraftops.kafka.plugins.module_utils._problems import Problem

Report = dict[str, Any]
Manifest = dict[str, Any]

ACCEPT = "kafka_accept_new_disk"


@dataclass(frozen=True)
class Disk:
    """One of a node's directories: as its manifest recorded it and as it was found."""

    host: str
    node_id: int
    found: dict[str, Any]
    record: Optional[dict[str, Any]]
    accepted: bool

    @property
    def path(self) -> str:
        """The directory."""
        return str(self.found["path"])

    @property
    def meta(self) -> Optional[dict[str, Any]]:
        """What its meta.properties says, None when it is not formatted."""
        meta: Optional[dict[str, Any]] = self.found["meta"]
        return meta

    @property
    def was_formatted(self) -> bool:
        """Whether the manifest says that it has been formatted."""
        return bool(self.record and self.record["formatted"])

    def problem(self, why: str, fix: str) -> Problem:
        """Return a problem with this directory."""
        return Problem(self.host, "kafka_log_dirs", self.path, why, fix)

    def accept_hint(self, then: str) -> str:
        """Return how to confirm that the directory is meant to be as it is."""
        return f"If it is meant to be so: -e {ACCEPT}={self.host}:{self.path} ({then})."


@dataclass(frozen=True)
class Member:
    """One node of the cluster as it answered; `report` is None for a silent one."""

    node: dict[str, Any]
    report: Optional[Report]
    disks: list[Disk] = field(default_factory=list)

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
        """Whether Kafka has ever been started here, or runs now."""
        return bool(self.report and (self.report["kafka_active"] or (self.manifest or {}).get("started")))

    @property
    def cluster_ids(self) -> set[str]:
        """The cluster ids on this node: of its manifest, and of directories that were accepted without one."""
        ids = {self.manifest["cluster_id"]} if self.manifest else set()
        return ids | {
            disk.meta["cluster_id"] for disk in self.disks if disk.meta and (disk.accepted or not self.manifest)
        }


def directories_of(node: dict[str, Any]) -> list[str]:
    """Return a node's directories, the metadata log's first."""
    return [node["metadata_log_dir"], *node["log_dirs"]]


def member(node: dict[str, Any], report: Optional[Report], accepted: frozenset[str]) -> Member:
    """Join what the model, the node and the operator say."""
    if report is None:
        return Member(node, None)
    records = (report["manifest"] or {}).get("directories", {})
    found = {item["path"]: item for item in report["directories"]}
    name = node["name"]
    disks = [
        Disk(name, node["node_id"], found[path], records.get(path), f"{name}:{path}" in accepted)
        for path in directories_of(node)
    ]
    return Member(node, report, disks)


def check_formatted(disk: Disk, manifest: Optional[Manifest]) -> list[Problem]:
    """Check a formatted directory against the node and its manifest."""
    meta = disk.meta or {}
    problems = []
    if manifest and meta["cluster_id"] != manifest["cluster_id"]:
        why = f"is a disk of another cluster: expected cluster id {manifest['cluster_id']}, found {meta['cluster_id']}"
        problems.append(disk.problem(why, "Mount the right disk, or empty this one if its data is not needed."))
    if meta["node_id"] != disk.node_id:
        why = f"is a disk of another node: expected node.id {disk.node_id}, found {meta['node_id']}"
        problems.append(disk.problem(why, "Mount the right disk, or correct kafka_node_id."))
    if problems or disk.accepted:
        return problems
    if disk.record is None:
        why = f"is formatted already (cluster id {meta['cluster_id']}), and this node has no record of it"
        return [disk.problem(why, disk.accept_hint("its data is taken over"))]
    expected = disk.record.get("directory_id", "")
    if expected and meta["directory_id"] != expected:
        why = f"is not the directory that was formatted here: expected directory id {expected}, found {meta['directory_id']}"
        return [disk.problem(why, disk.accept_hint("its data is taken over"))]
    return check_mount(disk, "its data is taken over")


def check_unformatted(disk: Disk) -> list[Problem]:
    """Check a directory without meta.properties: empty as it should be, or emptied since it was formatted."""
    if disk.accepted:
        return []
    if disk.was_formatted:
        where = f"it was on {disk.record['mountpoint']} ({disk.record['fstype']})" if disk.record else ""
        now = f"is on {disk.found['mountpoint']} ({disk.found['fstype']})"
        why = f"was formatted once and is now empty (not mounted?): {where}, and now {now}"
        return [disk.problem(why, "Mount the disk. " + disk.accept_hint("it is formatted anew"))]
    if disk.found["entries"] and disk.record is None:
        why = f"is not formatted, and holds {disk.found['entries']} files that are not Kafka's"
        return [disk.problem(why, "Name an empty directory, or move the files away.")]
    return []


def check_mount(disk: Disk, then: str) -> list[Problem]:
    """Check that a recorded directory still lies on the file system that it was formatted on."""
    record = disk.record or {}
    if not disk.was_formatted:
        return []
    moved = record["mountpoint"] != disk.found["mountpoint"]
    swapped = bool(record["uuid"] and disk.found["uuid"]) and record["uuid"] != disk.found["uuid"]
    if not moved and not swapped:
        return []
    expected = " ".join(filter(None, [record["mountpoint"], record["uuid"]]))
    found = " ".join(filter(None, [disk.found["mountpoint"], disk.found["uuid"]]))
    why = f"is on another file system than it was formatted on: expected {expected}, found {found}"
    return [disk.problem(why, "Mount the right disk. " + disk.accept_hint(then))]


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
    fix = "Give the hosts of the other cluster their own kafka_cluster_name, or take them out of this inventory."
    return [Problem("", "kafka_cluster_name", name, f"its nodes belong to {len(places)} clusters: {listed}", fix)]


def check_silent(name: str, members: list[Member], state: str) -> list[Problem]:
    """While nothing has started, nobody may be left out: a silent node could hold another identity."""
    silent = [item.name for item in members if item.report is None]
    if not silent:
        return []
    why = f"{state}, and these nodes did not answer: {', '.join(silent)}"
    return [
        Problem(
            "", "kafka_cluster_name", name, why, "A first start needs every node. Make them reachable and run again."
        )
    ]


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
            "then make it a voter with kafka-metadata-quorum (remove-controller, add-controller)."
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
        "and Kafka's directories on every node of this cluster (nothing has started yet)."
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
    if item.report is None or item.report["kafka_active"] or all(disk.meta for disk in item.disks):
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
    problems = check_disks(members) + check_one_cluster(name, members)
    cluster_id, voters, first_start = "", "", False
    known = sorted(set().union(*(item.cluster_ids for item in members)))
    written_down = any(item.manifest for item in members)
    if not known:
        problems += check_silent(name, members, "the cluster does not exist yet")
        cluster_id, voters, first_start = new_cluster_id(members), initial_controllers(members), True
    elif written_down and not any(item.started for item in members) and not taken_over(members):
        problems += check_silent(name, members, "its first start was interrupted")
        voters, found = recorded_voters(members)
        problems += found
        cluster_id, first_start = known[0], True
    else:
        problems += check_blank_controllers(members)
        cluster_id = known[0]
        voters = next((item.manifest["initial_controllers"] for item in members if item.manifest), "")
    nodes = {item.name: plan(item, cluster_id, voters, first_start) for item in members if item.report is not None}
    return Decision(cluster_id, problems, nodes)


def taken_over(members: list[Member]) -> bool:
    """Tell whether the operator accepted formatted disks that no manifest knows: their cluster has lived before."""
    return any(disk.meta and disk.accepted and not disk.record for item in members for disk in item.disks)


def new_cluster_id(members: list[Member]) -> str:
    """Return the fresh id that the first node of the cluster proposed."""
    return next((str(item.report["proposal"]["cluster_id"]) for item in members if item.report), "")


def plan(item: Member, cluster_id: str, voters: str, first_start: bool) -> dict[str, Any]:
    """Return what is to be done to a node: its manifest, how to format, and which directories that fills."""
    mode = format_mode(item, first_start)
    return {
        "cluster_id": cluster_id,
        "format": mode,
        "directories": [disk.path for disk in item.disks if not disk.meta] if mode != "none" else [],
        "manifest": planned_manifest(item, cluster_id, voters),
        "started": item.started,
    }
