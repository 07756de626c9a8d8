# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Finds what is right on one host and wrong beside another: ids, addresses, ports, directories."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.kraftops.kafka.plugins.module_utils._model import UNKNOWN_ID, Model, Node
from ansible_collections.kraftops.kafka.plugins.module_utils._problems import Findings
from ansible_collections.kraftops.kafka.plugins.module_utils._values import is_loopback

Claim = tuple[str, int]


def find(model: Model, findings: Findings) -> None:
    """Report every conflict between or inside the hosts of the model."""
    for cluster in model.clusters:
        _ids(model.nodes_of(cluster), findings)
        _loopback(model.nodes_of(cluster), findings)
    claims = {host: list(_claims(model, host)) for host in [*model.nodes, *model.monitoring]}
    for host, wanted in claims.items():
        _ports(host, wanted, findings)
    _addresses(model, claims, findings)
    for node in model.nodes.values():
        _directories(node, findings)


def _ids(nodes: list[Node], findings: Findings) -> None:
    owner: dict[int, str] = {}
    for node in nodes:
        if node.node_id != UNKNOWN_ID and node.node_id in owner:
            why = f"already the id of {owner[node.node_id]}"
            findings.problem((node.name, "kafka_node_id"), node.node_id, why, "Give each node its own id")
        owner.setdefault(node.node_id, node.name)


def _loopback(nodes: list[Node], findings: Findings) -> None:
    for node in nodes:
        if len(nodes) > 1 and is_loopback(node.address):
            why = "a loopback address: on the other nodes it means themselves"
            findings.problem(
                (node.name, "kafka_address"), node.address, why, "Use the address that the other hosts use"
            )


def _claims(model: Model, host: str) -> Iterator[Claim]:
    """Yield the ports that a host opens, and the variable that says each."""
    node, monitor = model.nodes.get(host), model.monitoring_nodes.get(host)
    if node:
        yield "node_exporter_port", node.node_exporter_port
        yield "jmx_exporter_port", node.jmx_exporter_port
        wanted = {
            "mtail_port": node.mtail_port,
            "kafka_port": node.client_port,
            "kafka_controller_port": node.controller_port,
        }
        yield from ((variable, port) for variable, port in wanted.items() if port is not None)
    elif monitor:
        yield "node_exporter_port", monitor.node_exporter_port
    if monitor:
        if monitor.prometheus_install:
            yield "prometheus_port", monitor.prometheus_port
        if monitor.alertmanager_install:
            yield "alertmanager_port", monitor.alertmanager_port
            yield "alertmanager_cluster_port", monitor.alertmanager_cluster_port
        yield "grafana_port", monitor.grafana_port
    if monitor and host == model.monitoring[0]:
        for cluster in model.clusters.values():
            yield "kafka_exporter_port", cluster.kafka_exporter_port


def _ports(host: str, claims: list[Claim], findings: Findings) -> None:
    owner: dict[int, str] = {}
    for variable, port in claims:
        if port and port in owner:
            why = f"already the {owner[port]} of this host"
            findings.problem((host, variable), port, why, "Give each service of a host its own port")
        owner.setdefault(port, variable)


def _addresses(model: Model, claims: dict[str, list[Claim]], findings: Findings) -> None:
    """Report a host once when a port of its address is also the port of another host."""
    owner: dict[tuple[str, int], str] = {}
    for host, wanted in claims.items():
        place = model.nodes[host] if host in model.nodes else model.monitoring_nodes[host]
        taken = [(port, owner[place.address, port]) for _purpose, port in wanted if (place.address, port) in owner]
        others = [(port, other) for port, other in taken if port and other != host]
        if others:
            port, other = others[0]
            why = f"port {port} of this address is already in use by {other}"
            findings.problem((host, "kafka_address"), place.address, why, "Give each host its own address")
        for _purpose, port in wanted:
            owner.setdefault((place.address, port), host)


def _directories(node: Node, findings: Findings) -> None:
    wanted = [
        *(("kafka_log_dirs", path) for path in node.log_dirs),
        ("kafka_metadata_log_dir", node.metadata_log_dir),
        ("kafka_app_log_dir", node.app_log_dir),
    ]
    for index, (variable, path) in enumerate(wanted):
        for other_variable, other in wanted[:index]:
            relation = _overlap(path, other)
            if relation and path and other:
                fix = "Give data, metadata and Kafka's own logs a directory each, none inside another"
                findings.problem((node.name, variable), path, f"{relation} {_label(other_variable)}", fix)
                break


def _label(variable: str) -> str:
    return f"one of {variable}" if variable.endswith("_dirs") else variable


def _overlap(path: str, other: str) -> str:
    if path == other:
        return "the same directory as"
    if path.startswith(f"{other}/"):
        return "inside"
    return "around" if other.startswith(f"{path}/") else ""
