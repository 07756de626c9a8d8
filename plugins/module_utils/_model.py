# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The model of all clusters of an inventory: typed inside, plain data at the edges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._plain import plain

UNKNOWN_ID = -1


@dataclass(frozen=True)
class Node:
    """One host that runs Kafka."""

    name: str
    cluster: str
    node_id: int
    rack: str | None
    roles: list[str]
    role: str
    address: str
    client_port: int | None
    controller_port: int | None
    jmx_exporter_port: int
    node_exporter_port: int
    log_dirs: list[str]
    metadata_log_dir: str
    app_log_dir: str
    heap: str
    heap_bytes: int
    properties: dict[str, str]
    log_levels: dict[str, str]
    log_file_size: int
    log_file_count: int
    log_filesystem_share: float = 0.5
    maintenance: bool = False
    jmx_exporter_profile: str = "small"
    mtail_port: int | None = None

    @property
    def is_broker(self) -> bool:
        """Tell whether it holds partitions."""
        return "broker" in self.roles

    @property
    def is_controller(self) -> bool:
        """Tell whether it votes."""
        return "controller" in self.roles


@dataclass(frozen=True)
class Cluster:
    """The nodes that share a kafka_cluster_name, and what must be the same on all of them."""

    name: str
    version: str
    security: str
    replication_factor: int
    min_insync_replicas: int
    quorum_sizes: list[int]
    placement_policy: str
    controllers: list[str]
    brokers: list[str]
    nodes: list[str]
    controller_bootstrap: list[str]
    bootstrap: list[str]
    kafka_exporter_port: int


@dataclass(frozen=True)
class MonitoringNode:
    """One host that runs Prometheus, Alertmanager and Grafana, or the files of those that are there already."""

    name: str
    address: str
    node_exporter_port: int
    prometheus_port: int
    grafana_port: int
    alertmanager_port: int
    alertmanager_cluster_port: int
    prometheus_install: bool
    alertmanager_install: bool


@dataclass(frozen=True)
class Model:
    """Everything that is derived from an inventory starts here."""

    clusters: dict[str, Cluster]
    nodes: dict[str, Node]
    monitoring: list[str]
    monitoring_nodes: dict[str, MonitoringNode]
    alertmanagers: list[str]
    """Addresses of the Alertmanagers that get alerts and silences; they share both among themselves."""

    def nodes_of(self, cluster: str) -> list[Node]:
        """Return a cluster's nodes, controllers first."""
        return [self.nodes[name] for name in self.clusters[cluster].nodes]

    def controllers_of(self, cluster: str) -> list[Node]:
        """Return a cluster's controllers by id."""
        return [self.nodes[name] for name in self.clusters[cluster].controllers]

    def brokers_of(self, cluster: str) -> list[Node]:
        """Return a cluster's brokers by id."""
        return [self.nodes[name] for name in self.clusters[cluster].brokers]


def _made(kind: Any, data: Mapping[str, Any]) -> Any:
    known = {field.name for field in fields(kind)}
    return kind(**{key: value for key, value in data.items() if key in known})


def from_plain(data: Any) -> Model:
    """Return the model from the plain data that to_plain made."""
    model = plain(data)
    return Model(
        clusters={name: _made(Cluster, one) for name, one in model["clusters"].items()},
        nodes={name: _made(Node, one) for name, one in model["nodes"].items()},
        monitoring=model["monitoring"],
        monitoring_nodes={name: _made(MonitoringNode, one) for name, one in model["monitoring_nodes"].items()},
        alertmanagers=model.get("alertmanagers", []),
    )


def to_plain(model: Model) -> dict[str, Any]:
    """Return the model as plain dicts and lists."""
    return asdict(model)


def host_port(address: str, port: int | None) -> str:
    """Return address:port, with the brackets that an IPv6 address needs."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
