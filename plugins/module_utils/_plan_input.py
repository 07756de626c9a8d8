# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a change plan is made from: one record a node, and what is true of the whole cluster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._effective import (
    LiveProperties,
    Properties,
    default,
    head_of,
    live_properties,
    stated,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._roll_order import RollNode
from ansible_collections.kraftops.kafka.plugins.module_utils._update_modes import cluster_wide, ignored_by


@dataclass(frozen=True)
class StartFile:
    """Something besides the properties that a process is started with, by its digest or version, never by its content.

    `desired` is empty for something that should not be there; `disk` and `loaded` are None when they are not known.
    """

    what: str
    desired: str
    disk: Optional[str] = None
    loaded: Optional[str] = None


@dataclass(frozen=True)
class NodeState:
    """One node: what it should have, what lies on its disk, what its process was started with, what it says now."""

    host: str
    role: str
    version: str
    desired: Properties
    file: Optional[Properties] = None
    loaded: Optional[Properties] = None
    live: Optional[LiveProperties] = None
    running: bool = True
    loaded_version: Optional[str] = None
    start_files: tuple[StartFile, ...] = ()
    need_daemon_reload: bool = False
    cluster_id: str = ""
    found_cluster_id: str = ""
    replicas: Mapping[str, int] = field(default_factory=dict)
    beyond: Mapping[str, int] = field(default_factory=dict)
    owned: frozenset[str] = frozenset()
    left_alone: str = ""
    rack: Optional[str] = None
    healthy: bool = True

    @property
    def roll_node(self) -> RollNode:
        """What the order of restarts depends on; a stopped process is not healthy."""
        node_id = self.desired.get("node.id", "0")
        healthy = self.healthy and self.running
        return RollNode(self.host, self.role, int(node_id) if node_id.isdecimal() else 0, self.rack, healthy)

    @property
    def known_version(self) -> str:
        """The version whose rules count: the one that runs."""
        return self.loaded_version or self.version

    @property
    def is_new(self) -> bool:
        """Whether Kafka was never configured here."""
        return self.file is None and self.loaded is None and self.live is None

    @property
    def before(self) -> Properties:
        """The properties that the process was started with, or would be today."""
        return self.loaded if self.loaded is not None else self.file or {}

    def spoken_of(self) -> list[str]:
        """Return the properties that are this collection's business on the node, a family by its head."""
        stated_somewhere = {*self.desired, *(self.file or {}), *(self.loaded or {})}
        return sorted({head_of(key) for key in stated_somewhere} | self.owned)

    def file_differs(self, key: str, members: Iterable[str]) -> bool:
        """Return whether the file says something else than it should, in any spelling of a property."""
        on_disk = self.file or {}
        return any(on_disk.get(name) != self.desired.get(name) for name in {key, *members})


@dataclass(frozen=True)
class Cluster:
    """What is decided for all nodes together."""

    confirmed: frozenset[str] = frozenset()
    elr: bool = False
    remove_foreign: bool = False
    divergent: frozenset[str] = frozenset()
    managed: frozenset[str] = frozenset()


def cluster_of(nodes: list[NodeState], confirmed: frozenset[str], elr: bool, remove_foreign: bool) -> Cluster:
    """Return what is decided together: which keys are not the same everywhere, and which the inventory speaks about."""
    managed = frozenset(key for node in nodes for key in node.spoken_of())
    return Cluster(confirmed, elr, remove_foreign, _divergent(nodes, managed), managed)


def _divergent(nodes: list[NodeState], managed: frozenset[str]) -> frozenset[str]:
    """Return the cluster-wide keys that the nodes which use them should not all have alike."""
    found = set()
    for key in managed:
        known = next((value for node in nodes if (value := default(key, node.live)) is not None), None)
        wanted = {
            stated(key, node.desired) or known
            for node in nodes
            if key in cluster_wide(node.known_version) and not ignored_by(key, node.role, node.known_version)
        }
        if len(wanted) > 1:
            found.add(key)
    return frozenset(found)


def node_state(data: Mapping[str, Any]) -> NodeState:
    """Read a node from plain data; see the documentation of the filter change_plan."""
    live = data.get("live")
    return NodeState(
        host=str(data["host"]),
        role=str(data["role"]),
        version=str(data["version"]),
        desired=data["desired"],
        file=data.get("file"),
        loaded=data.get("loaded"),
        live=None if live is None else live_properties(live),
        running=bool(data.get("running", True)),
        loaded_version=data.get("loaded_version"),
        start_files=tuple(StartFile(**item) for item in data.get("start_files") or ()),
        need_daemon_reload=bool(data.get("need_daemon_reload", False)),
        cluster_id=str(data.get("cluster_id") or ""),
        found_cluster_id=str(data.get("found_cluster_id") or ""),
        replicas=data.get("replicas") or {},
        beyond=data.get("beyond") or {},
        owned=frozenset(head_of(key) for key in data.get("owned") or ()),
        left_alone=str(data.get("left_alone") or ""),
        rack=data.get("rack"),
        healthy=bool(data.get("healthy", True)),
    )
