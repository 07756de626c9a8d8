# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Prometheus scrapes, with the labels that make every series join: instance is always the inventory name."""

from __future__ import annotations

from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._model import Model, Node, host_port

Target = dict[str, Any]
MONITORING = "monitoring"


def scrape_targets(model: Model) -> dict[str, list[Target]]:
    """Return the targets of each job, in the form of Prometheus' file_sd."""
    nodes = [node for cluster in model.clusters for node in model.nodes_of(cluster)]
    monitors = [model.monitoring_nodes[name] for name in model.monitoring]
    apart = [one for one in monitors if one.name not in model.nodes]
    return {
        "kafka": [_target(node.address, node.jmx_exporter_port, _node_labels(node)) for node in nodes],
        "node": [
            *(_target(node.address, node.node_exporter_port, _node_labels(node)) for node in nodes),
            *(_target(one.address, one.node_exporter_port, _labels(one.name)) for one in apart),
        ],
        "mtail": [_target(node.address, node.mtail_port, _node_labels(node)) for node in nodes if node.mtail_port],
        "kafka_exporter": [
            _target(one.address, cluster.kafka_exporter_port, {"instance": one.name, "cluster": cluster.name})
            for one in monitors[:1]
            for cluster in model.clusters.values()
        ],
        "prometheus": [
            _target(one.address, one.prometheus_port, _labels(one.name)) for one in monitors if one.prometheus_install
        ],
        "alertmanager": [
            _target(one.address, one.alertmanager_port, _labels(one.name))
            for one in monitors
            if one.alertmanager_install
        ],
        "grafana": [_target(one.address, one.grafana_port, _labels(one.name)) for one in monitors],
    }


def _target(address: str, port: int, labels: dict[str, str]) -> Target:
    return {"targets": [host_port(address, port)], "labels": labels}


def _labels(name: str) -> dict[str, str]:
    return {"instance": name, "role": MONITORING}


def _node_labels(node: Node) -> dict[str, str]:
    labels = {"instance": node.name, "cluster": node.cluster, "role": node.role, "node_id": str(node.node_id)}
    return {**labels, "rack": node.rack} if node.rack else labels
