# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which properties users may not set, because variables own them or because Kafka would refuse or ignore them."""

from __future__ import annotations

import re

from ansible_collections.kraftops.kafka.plugins.module_utils._values import BadValueError
from ansible_collections.kraftops.kafka.plugins.module_utils._versions import minor_of

_LISTENERS = "Set kafka_address, kafka_port or kafka_controller_port instead"
_SECURITY = "Set kafka_security instead"
_REPLICATION = "Set kafka_replication_factor instead"
_MIN_ISR = "Set kafka_min_insync_replicas instead"
_GROUPS = "Put hosts into the groups kafka_controllers and kafka_brokers instead"
RESERVED = {
    "node.id": "Set kafka_node_id instead",
    "broker.id": "Set kafka_node_id instead",
    "process.roles": _GROUPS,
    "listeners": _LISTENERS,
    "advertised.listeners": _LISTENERS,
    "early.start.listeners": _LISTENERS,
    "listener.security.protocol.map": _SECURITY,
    "security.inter.broker.protocol": _SECURITY,
    "controller.listener.names": _LISTENERS,
    "inter.broker.listener.name": _LISTENERS,
    "log.dir": "Set kafka_log_dirs instead",
    "log.dirs": "Set kafka_log_dirs instead",
    "metadata.log.dir": "Set kafka_metadata_log_dir instead",
    "broker.rack": "Set kafka_rack instead",
    "default.replication.factor": _REPLICATION,
    "offsets.topic.replication.factor": _REPLICATION,
    "transaction.state.log.replication.factor": _REPLICATION,
    "share.coordinator.state.topic.replication.factor": _REPLICATION,
    "min.insync.replicas": _MIN_ISR,
    "transaction.state.log.min.isr": _MIN_ISR,
    "share.coordinator.state.topic.min.isr": _MIN_ISR,
    "controller.quorum.auto.join.enable": "Remove it: a controller joins only when the collection adds it",
}
# Time-outs of the quorum may be tuned; who belongs to it may not.
QUORUM_TIMING = re.compile(
    r"controller\.quorum\.(append\.linger|election\.backoff\.max|election\.timeout|fetch\.timeout|request\.timeout|retry\.backoff)\.ms"
)
_ZOOKEEPER = "Remove it: the cluster runs in KRaft mode"
ZOOKEEPER_KEYS = (
    "control.plane.listener.name",
    "broker.id.generation.enable",
    "reserved.broker.max.id",
    "zookeeper.",
    "password.encoder.",
)
REMOVED_IN_4_0 = {
    "inter.broker.protocol.version": "Remove it: the metadata version of the cluster took its place",
    "log.message.format.version": "Remove it: there is one format",
    "log.message.timestamp.difference.max.ms": (
        "Use log.message.timestamp.before.max.ms and log.message.timestamp.after.max.ms"
    ),
    "log.message.downconversion.enable": "Remove it: old clients are no longer served",
    "controlled.shutdown.max.retries": "Remove it",
    "controlled.shutdown.retry.backoff.ms": "Remove it",
    "delegation.token.master.key": "Use delegation.token.secret.key",
    "offsets.commit.required.acks": "Remove it",
    "auto.include.jmx.reporter": "Remove it, and name the JmxReporter in metric.reporters when that is set",
    "leader.imbalance.per.broker.percentage": "Remove it",
    "eligible.leader.replicas.enable": "Remove it: it is a feature of the cluster now",
}
_ALWAYS = (3, 9)
# key -> (since version, smallest legal value, what it says): Kafka does not start with a smaller one.
SMALLEST = {
    "log.segment.bytes": ((4, 0), 1 << 20),
    "num.replica.fetchers": ((4, 2), 1),
    "remote.log.manager.copier.thread.pool.size": ((4, 0), 1),
    "remote.log.manager.expiration.thread.pool.size": ((4, 0), 1),
    "remote.log.manager.thread.pool.size": ((4, 0), 1),
    "num.partitions": (_ALWAYS, 1),
    "num.network.threads": (_ALWAYS, 1),
    "num.io.threads": (_ALWAYS, 1),
    "num.recovery.threads.per.data.dir": (_ALWAYS, 1),
    "message.max.bytes": (_ALWAYS, 0),
    "log.retention.ms": (_ALWAYS, -1),
    "log.retention.bytes": (_ALWAYS, -(2**63)),
    "broker.session.timeout.ms": (_ALWAYS, 1),
    "broker.heartbeat.interval.ms": (_ALWAYS, 1),
}
JMX_REPORTER = "org.apache.kafka.common.metrics.JmxReporter"


def check(key: str, value: str, version: str) -> None:
    """Raise BadValueError for a property that must not be set, or not to this value, in this version."""
    minor = minor_of(version)
    _reserved(key)
    if key.startswith(ZOOKEEPER_KEYS):
        raise BadValueError("a ZooKeeper key", _ZOOKEEPER)
    if key in REMOVED_IN_4_0 and minor >= (4, 0):
        raise BadValueError("removed in Kafka 4.0", REMOVED_IN_4_0[key])
    _smallest(key, value, minor)
    if key == "metric.reporters" and minor >= (4, 0) and JMX_REPORTER not in value.replace(" ", "").split(","):
        raise BadValueError("without the JmxReporter no metric reaches the exporter", f"Add {JMX_REPORTER} to the list")


def _reserved(key: str) -> None:
    if key in RESERVED:
        raise BadValueError("a key that the collection owns", RESERVED[key])
    if key.startswith("controller.quorum.") and not QUORUM_TIMING.fullmatch(key):
        raise BadValueError("a key that the collection owns", _GROUPS)


def _smallest(key: str, value: str, minor: tuple[int, int]) -> None:
    if key not in SMALLEST or minor < SMALLEST[key][0]:
        return
    least = SMALLEST[key][1]
    if not re.fullmatch(r"-?[0-9]+", value):
        raise BadValueError("not a whole number", "Kafka would not start: write digits only")
    if int(value) < least:
        raise BadValueError("an illegal value: Kafka would not start", f"Use {least} or more")
