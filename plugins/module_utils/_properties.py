# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The complete server.properties of a node as a dict."""

from __future__ import annotations

from ansible_collections.kraftops.kafka.plugins.module_utils._listeners import listeners
from ansible_collections.kraftops.kafka.plugins.module_utils._model import Cluster, Model, Node
from ansible_collections.kraftops.kafka.plugins.module_utils._problems import Findings, names
from ansible_collections.kraftops.kafka.plugins.module_utils._versions import minor_of

# One role reads them and the other decides by them, or the value of the active controller counts:
# when any node says one, all nodes of the cluster get it.
SHARED = ("num.partitions", "broker.session.timeout.ms", "broker.heartbeat.interval.ms")
DEFAULT_SESSION, DEFAULT_HEARTBEAT = 9000, 2000
# Eleven beans for each partition that nothing reads. A bean that is not there costs no scrape anything (KIP-544).
PARTITION_BEANS = "kafka[.](cluster:type=Partition|log:type=Log|server:type=FetcherLagMetrics),.*"


def complete(model: Model, host: str) -> tuple[dict[str, str], Findings]:
    """Return a node's properties, sorted by key, and what does not fit together in them."""
    findings = Findings()
    node = model.nodes[host]
    cluster = model.clusters[node.cluster]
    merged = {
        **node.properties,
        **shared(model, cluster, findings),
        **_identity(node),
        **_network(model, node),
        **_replication(cluster),
    }
    if node.is_broker and node.jmx_exporter_profile == "large":
        merged.setdefault("metrics.jmx.exclude", PARTITION_BEANS)
    if minor_of(cluster.version) >= (4, 2):
        merged["controller.quorum.auto.join.enable"] = "false"
    return dict(sorted(merged.items())), findings


def _identity(node: Node) -> dict[str, str]:
    owned = {
        "node.id": str(node.node_id),
        "process.roles": ",".join(node.roles),
        "log.dirs": ",".join(node.log_dirs or [node.metadata_log_dir]),
        "metadata.log.dir": node.metadata_log_dir,
    }
    if node.is_broker and node.rack:
        owned["broker.rack"] = node.rack
    return owned


def _network(model: Model, node: Node) -> dict[str, str]:
    computed = listeners(model, node.name)
    owned = {
        "listeners": computed["listeners"],
        "advertised.listeners": computed["advertised_listeners"],
        "listener.security.protocol.map": computed["protocol_map"],
        "controller.listener.names": computed["controller_listener_names"],
        "controller.quorum.bootstrap.servers": ",".join(model.clusters[node.cluster].controller_bootstrap),
    }
    if computed["inter_broker_listener_name"]:
        owned["inter.broker.listener.name"] = computed["inter_broker_listener_name"]
    return owned


def _replication(cluster: Cluster) -> dict[str, str]:
    """Both roles' files carry them: with ELR the active controller's value is the cluster's."""
    factor, min_isr = str(cluster.replication_factor), str(cluster.min_insync_replicas)
    owned = {
        "default.replication.factor": factor,
        "min.insync.replicas": min_isr,
        "offsets.topic.replication.factor": factor,
        "transaction.state.log.replication.factor": factor,
        "transaction.state.log.min.isr": min_isr,
    }
    if minor_of(cluster.version) >= (4, 0):
        owned["share.coordinator.state.topic.replication.factor"] = factor
        owned["share.coordinator.state.topic.min.isr"] = min_isr
    return owned


def shared(model: Model, cluster: Cluster, findings: Findings) -> dict[str, str]:
    """Return the properties that all nodes of a cluster get because one of them says them."""
    found: dict[str, str] = {}
    for key in SHARED:
        said: dict[str, list[str]] = {}
        for node in model.nodes_of(cluster.name):
            if key in node.properties:
                said.setdefault(node.properties[key], []).append(node.name)
        if len(said) > 1:
            told = "; ".join(f"{value} on {names(hosts)}" for value, hosts in said.items())
            why = f"not the same on all nodes of cluster {cluster.name}: {told}"
            findings.problem(("", key), None, why, "Set it in kafka_properties, once for the whole cluster")
        if said:
            found[key] = next(iter(said))
    _check_heartbeat(cluster, found, findings)
    return found


def _check_heartbeat(cluster: Cluster, found: dict[str, str], findings: Findings) -> None:
    try:
        session = int(found.get("broker.session.timeout.ms", DEFAULT_SESSION))
        heartbeat = int(found.get("broker.heartbeat.interval.ms", DEFAULT_HEARTBEAT))
    except ValueError:
        return
    if heartbeat * 2 > session:
        why = f"more than half of the session time-out of {session} ms, so one lost heartbeat fences a broker"
        where = (cluster.name, "broker.heartbeat.interval.ms")
        findings.warning(where, str(heartbeat), why, "Raise broker.session.timeout.ms or lower the interval")
