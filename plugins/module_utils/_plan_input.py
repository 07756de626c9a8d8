# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a change plan is made from: one record a node, and what is true of the whole cluster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._data_loss import Beyond, together
from ansible_collections.kraftops.kafka.plugins.module_utils._effective import (
    LiveProperties,
    Properties,
    default,
    head_of,
    live_properties,
    stated,
    static,
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
    beyond: Mapping[str, Beyond] = field(default_factory=dict)
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


Nodes = Sequence[NodeState]


@dataclass(frozen=True)
class Cluster:
    """What is decided for all nodes together.

    Some node would leave its wanted value, or may, if a `needed` key lost its dynamic value for the whole cluster.
    `whole` says that every node of the cluster was looked at.
    """

    confirmed: frozenset[str] = frozenset()
    elr: bool = False
    remove_foreign: bool = False
    divergent: frozenset[str] = frozenset()
    managed: frozenset[str] = frozenset()
    needed: frozenset[str] = frozenset()
    whole: bool = True
    beyond: Mapping[str, Beyond] = field(default_factory=dict)


def cluster_of(
    nodes: list[NodeState], confirmed: frozenset[str], elr: bool, remove_foreign: bool, elsewhere: Nodes = ()
) -> Cluster:
    """Return what is decided together: which keys are not the same everywhere, and which the inventory speaks about.

    `elsewhere` are the cluster's nodes of which nobody knows more than what they should have: silent, or outside a run.
    """
    every = [*nodes, *elsewhere]
    managed = frozenset(key for node in every for key in node.spoken_of())
    known = {key: _known_default(key, nodes) for key in managed}
    divergent = frozenset(key for key in managed if len({_want(key, one, known) for one in _users(key, every)}) > 1)
    needed = frozenset(
        key for key in managed if any(fallback(key, one) != _want(key, one, known) for one in _users(key, every))
    )
    return Cluster(confirmed, elr, remove_foreign, divergent, managed, needed, not elsewhere, _beyond(every))


def _beyond(nodes: Nodes) -> dict[str, Beyond]:
    """Return by property what all brokers together would lose."""
    brokers = [node for node in nodes if node.role != "controller"]
    added = {
        key: together({node.host: node.beyond.get(key) for node in brokers}) for node in brokers for key in node.beyond
    }
    return {key: one for key, one in added.items() if one is not None}


def _known_default(key: str, nodes: Nodes) -> Optional[str]:
    return next((value for node in nodes if (value := default(key, node.live)) is not None), None)


def _users(key: str, nodes: Nodes) -> list[NodeState]:
    """Return the nodes that live by a value for the whole cluster."""
    return [
        node
        for node in nodes
        if key in cluster_wide(node.known_version) and not ignored_by(key, node.role, node.known_version)
    ]


def _want(key: str, node: NodeState, known: Mapping[str, Optional[str]]) -> Optional[str]:
    said = stated(key, node.desired)
    return said if said is not None else known[key]


def fallback(key: str, node: NodeState) -> Optional[str]:
    """Return what a node would live by without dynamic values: as it was started, or will be; None when nobody knows."""
    if node.live is not None:
        return static(key, node.live)
    if node.running or node.file is None:
        return None
    said = stated(key, node.file)
    return said if said is not None else default(key, None)


def node_state(data: Mapping[str, Any]) -> NodeState:
    """Read a node from plain data; see planner_input."""
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
        beyond={
            key: Beyond(int(one["bytes"]), int(one["of"]), frozenset(one["own"]))
            for key, one in (data.get("beyond") or {}).items()
        },
        owned=frozenset(head_of(key) for key in data.get("owned") or ()),
        left_alone=str(data.get("left_alone") or ""),
        rack=data.get("rack"),
        healthy=bool(data.get("healthy", True)),
    )
