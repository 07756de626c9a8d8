# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One directory of a node, as its manifest recorded it and as it was found: is it the same, and is it Kafka's to fill?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._problems import Problem

Manifest = dict[str, Any]

ACCEPT = "kafka_accept_new_disk"


@dataclass(frozen=True)
class Disk:
    """One of a node's directories: as its manifest recorded it and as it was found."""

    host: str
    node_id: int
    variable: str
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
    def is_taken_over(self) -> bool:
        """Whether the operator accepted a formatted directory that the manifest does not know: its cluster has lived before."""
        return bool(self.meta and self.accepted and not self.record)

    @property
    def was_formatted(self) -> bool:
        """Whether the manifest says that it has been formatted."""
        return bool(self.record and self.record["formatted"])

    def problem(self, why: str, fix: str) -> Problem:
        """Return a problem with this directory."""
        return Problem(self.host, self.variable, self.path, why, fix)

    def accept_hint(self, then: str) -> str:
        """Return how to confirm that the directory is meant to be as it is."""
        return f"If it is meant to be so: -e {ACCEPT}={self.host}:{self.path} ({then})"


def check_formatted(disk: Disk, manifest: Optional[Manifest]) -> list[Problem]:
    """Check a formatted directory against the node and its manifest."""
    meta = disk.meta or {}
    problems = []
    if manifest and meta["cluster_id"] != manifest["cluster_id"]:
        why = f"is a disk of another cluster: expected cluster id {manifest['cluster_id']}, found {meta['cluster_id']}"
        problems.append(disk.problem(why, "Mount the right disk, or empty this one if its data is not needed"))
    if meta["node_id"] != disk.node_id:
        why = f"is a disk of another node: expected node.id {disk.node_id}, found {meta['node_id']}"
        problems.append(disk.problem(why, "Mount the right disk, or correct kafka_node_id"))
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
        return [disk.problem(why, "Name an empty directory, or move the files away")]
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
