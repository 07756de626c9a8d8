# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Builds the model of all clusters from the groups and variables of an inventory."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils import _conflicts as conflicts
from ansible_collections.kraftops.kafka.plugins.module_utils._inventory import (
    ELSEWHERE,
    READERS,
    HostReader,
    warn_misspelt,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._model import (
    UNKNOWN_ID,
    Cluster,
    Model,
    MonitoringNode,
    Node,
    host_port,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._plain import plain
from ansible_collections.kraftops.kafka.plugins.module_utils._problems import Findings, names
from ansible_collections.kraftops.kafka.plugins.module_utils._values import heap_bytes
from ansible_collections.kraftops.kafka.plugins.module_utils._versions import AVOID

# What all nodes of a cluster must agree on.
CLUSTER_WIDE = (
    "kafka_version",
    "kafka_security",
    "kafka_replication_factor",
    "kafka_min_insync_replicas",
    "kafka_quorum_sizes",
    "kafka_placement_policy",
)
GROUPS = ("kafka", "kafka_controllers", "kafka_brokers", "monitoring")
Readers = dict[str, HostReader]


def build(groups: Any, hostvars: Mapping[str, Any], defaults: Any) -> tuple[Model, Findings]:
    """Return the model, as good as it can be had, and all that is wrong with it."""
    findings = Findings()
    members = {name: [str(host) for host in plain(groups.get(name) or [])] for name in GROUPS}
    _check_groups(members, findings)
    known = {str(name): value for name, value in plain(defaults).items() if name in READERS}
    hosts = [*members["kafka_controllers"], *members["kafka_brokers"], *members["monitoring"]]
    readers = {host: HostReader(host, hostvars[host], known, findings) for host in dict.fromkeys(hosts)}
    warn_misspelt(readers, {*READERS, *ELSEWHERE, *(str(name) for name in defaults)}, findings)
    nodes = _nodes(readers, members, findings)
    monitoring = {host: _monitoring_node(readers[host]) for host in sorted(members["monitoring"])}
    clusters = _clusters(nodes, readers, members, findings)
    model = Model(clusters, nodes, sorted(monitoring), monitoring, _alertmanagers(readers, monitoring))
    conflicts.find(model, findings)
    return model, findings


def _check_groups(members: dict[str, list[str]], findings: Findings) -> None:
    here, below = set(members["kafka"]), {*members["kafka_controllers"], *members["kafka_brokers"]}
    if not here and not below:
        fix = "Put hosts into kafka_controllers and kafka_brokers, both children of kafka"
        findings.problem(("", "groups"), None, "no host in group kafka", fix)
    for host in members["kafka"]:
        if host not in below:
            why = "in group kafka, but neither in kafka_controllers nor in kafka_brokers"
            findings.problem((host, "groups"), None, why, "Put it into one of them, or into both for a combined node")
    for host in dict.fromkeys([*members["kafka_controllers"], *members["kafka_brokers"]]):
        if host not in here:
            why = "in kafka_controllers or kafka_brokers, but not in group kafka"
            findings.problem((host, "groups"), None, why, "Make both groups children of kafka")


def _nodes(readers: Readers, members: dict[str, list[str]], findings: Findings) -> dict[str, Node]:
    roles: dict[str, list[str]] = {}
    for role, group in (("broker", "kafka_brokers"), ("controller", "kafka_controllers")):
        for host in members[group]:
            roles.setdefault(host, []).append(role)
    ordered = [*members["kafka_controllers"], *members["kafka_brokers"]]
    nodes = {host: _node(readers[host], roles[host]) for host in dict.fromkeys(ordered)}
    named = {node.cluster for node in nodes.values() if node.cluster}
    # A node without a name is counted where it can only belong, so that the quorum is not judged without it.
    only = named.pop() if len(named) == 1 else ""
    return {host: _in_cluster(node, only) for host, node in nodes.items()}


def _in_cluster(node: Node, only: str) -> Node:
    return node if node.cluster or not only else Node(**{**vars(node), "cluster": only})


def _node(reader: HostReader, roles: list[str]) -> Node:
    broker, controller = "broker" in roles, "controller" in roles
    heap = reader.get("kafka_heap")
    metadata_log_dir, rack = reader.get("kafka_metadata_log_dir"), reader.get("kafka_rack")
    return Node(
        name=reader.host,
        cluster=reader.get("kafka_cluster_name"),
        node_id=reader.get("kafka_node_id"),
        rack=rack,
        roles=roles,
        role="combined" if broker and controller else roles[0],
        address=reader.address(),
        client_port=reader.get("kafka_port") if broker else None,
        controller_port=reader.get("kafka_controller_port") if controller else None,
        jmx_exporter_port=reader.get("jmx_exporter_port"),
        node_exporter_port=reader.get("node_exporter_port"),
        log_dirs=reader.get("kafka_log_dirs") if broker else [],
        metadata_log_dir=metadata_log_dir,
        app_log_dir=reader.get("kafka_app_log_dir"),
        heap=heap,
        heap_bytes=heap_bytes(heap),
        properties=_properties(reader, roles),
        log_levels=_log_levels(reader, roles),
        log_file_size=reader.get("kafka_log_file_size"),
        log_file_count=reader.get("kafka_log_file_count"),
        log_filesystem_share=reader.get("kafka_log_filesystem_share"),
        maintenance=reader.get("kafka_maintenance"),
        jmx_exporter_profile=reader.get("jmx_exporter_profile"),
        mtail_port=reader.get("mtail_port") if reader.get("mtail_enabled") else None,
    )


def _properties(reader: HostReader, roles: list[str]) -> dict[str, str]:
    version = reader.get("kafka_version")
    merged = reader.properties("kafka_properties", version)
    for_role = {role: reader.properties(f"kafka_{role}_properties", version) for role in roles}
    _check_both(reader, for_role, "properties")
    for one in for_role.values():
        merged.update(one)
    return merged


def _log_levels(reader: HostReader, roles: list[str]) -> dict[str, str]:
    merged = reader.levels("kafka_log_levels")
    for_role = {role: reader.levels(f"kafka_log_levels_{role}s") for role in roles}
    _check_both(reader, for_role, "log_levels")
    for one in for_role.values():
        merged.update(one)
    return {**merged, **reader.levels("kafka_log_levels_host")}


def _check_both(reader: HostReader, for_role: dict[str, dict[str, str]], what: str) -> None:
    """On a combined node both roles' dicts apply, so they must not disagree."""
    if len(for_role) < 2:
        return
    broker, controller = for_role["broker"], for_role["controller"]
    for key in sorted(broker.keys() & controller.keys()):
        if broker[key] != controller[key]:
            name = {"properties": "kafka_controller_properties", "log_levels": "kafka_log_levels_controllers"}[what]
            reader.disagree(f"{name}[{key}]", controller[key], broker[key])


def _monitoring_node(reader: HostReader) -> MonitoringNode:
    names_of = [field.name for field in fields(MonitoringNode) if field.name not in ("name", "address")]
    return MonitoringNode(reader.host, reader.address(), **{name: reader.get(name) for name in names_of})


def _alertmanagers(readers: Readers, monitoring: dict[str, MonitoringNode]) -> list[str]:
    """Return the addresses of those that the inventory names, else of the ones that are installed."""
    named = [url for reader in readers.values() for url in reader.get("alertmanager_urls")]
    installed = [one for one in monitoring.values() if one.alertmanager_install]
    own = [f"http://{host_port(one.address, one.alertmanager_port)}" for one in installed]
    return list(dict.fromkeys(named or own))


def _clusters(
    nodes: dict[str, Node], readers: Readers, members: dict[str, list[str]], findings: Findings
) -> dict[str, Cluster]:
    monitors = sorted(members["monitoring"])
    asked = readers[monitors[0]] if monitors else next(iter(readers.values()), None)
    first_port = asked.get("kafka_exporter_port") if asked else 0
    clusters = {}
    for index, name in enumerate(sorted({node.cluster for node in nodes.values()})):
        inside = sorted((node for node in nodes.values() if node.cluster == name), key=_by_id)
        clusters[name] = _cluster(inside, readers, first_port + index, findings)
    return clusters


def _by_id(node: Node) -> tuple[bool, int, str]:
    return node.node_id == UNKNOWN_ID, node.node_id, node.name


def _cluster(inside: list[Node], readers: Readers, exporter_port: int, findings: Findings) -> Cluster:
    name = inside[0].cluster
    common = {variable: _agreed(variable, inside, readers, findings) for variable in CLUSTER_WIDE}
    if common["kafka_version"] in AVOID:
        why, fix = AVOID[common["kafka_version"]]
        findings.warning((name, "kafka_version"), common["kafka_version"], why, fix)
    controllers = [node for node in inside if node.is_controller]
    brokers = [node for node in inside if node.is_broker]
    return Cluster(
        name=name,
        version=common["kafka_version"],
        security=common["kafka_security"],
        replication_factor=common["kafka_replication_factor"],
        min_insync_replicas=common["kafka_min_insync_replicas"],
        quorum_sizes=common["kafka_quorum_sizes"],
        placement_policy=common["kafka_placement_policy"],
        controllers=[node.name for node in controllers],
        brokers=[node.name for node in brokers],
        nodes=[node.name for node in [*controllers, *(one for one in brokers if not one.is_controller)]],
        controller_bootstrap=[host_port(node.address, node.controller_port) for node in controllers],
        bootstrap=[host_port(node.address, node.client_port) for node in brokers],
        kafka_exporter_port=exporter_port,
    )


def _agreed(variable: str, inside: list[Node], readers: Readers, findings: Findings) -> Any:
    """Return what most nodes say; report when they do not all say the same."""
    said: dict[str, list[str]] = {}
    for node in inside:
        said.setdefault(json.dumps(readers[node.name].get(variable)), []).append(node.name)
    if len(said) > 1:
        told = "; ".join(f"{json.loads(value)} on {names(hosts)}" for value, hosts in said.items())
        why = f"not the same on all nodes of cluster {inside[0].cluster}: {told}"
        findings.problem(("", variable), None, why, "Set it once for the whole cluster")
    votes = Counter({value: len(hosts) for value, hosts in said.items()})
    return json.loads(votes.most_common(1)[0][0])
