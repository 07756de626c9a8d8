# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How each of Kafka's properties can be changed: live for the whole cluster, live for one node, or with a restart.

How the tables were got. The jars of 3.9.2 and 4.3.1 were asked by reflection for `DynamicBrokerConfig`'s
`ALL_DYNAMIC_CONFIGS`, `PER_BROKER_CONFIGS` and `CLUSTER_LEVEL_LISTENER_CONFIGS` (3.9: `kafka.server`, 4.3:
`org.apache.kafka.server.config`); 4.0.2, 4.1.2 and 4.2.1 were read from the same sets in their sources. What Kafka
accepts is more than what it applies, so the sets were cut down:

- keys of listeners (`listeners`, `ssl.*`, `sasl.*`, `principal.builder.class` …) without a prefix are accepted and stored,
  but an existing listener keeps its own; the ten of `DYNAMIC_SECURITY_CONFIGS` are even refused without a prefix;
- `config.providers` (4.2) resolves references in dynamic values only, the file's are resolved at start;
- a dedicated controller applies those of `DynamicBrokerConfig.addReconfigurables(ControllerServer)` and of the socket
  server, and reads two more from the metadata log. `num.network.threads` is among them: measured on 3.9.2 and 4.3.1.

Whatever is in no table needs a restart.
"""

from __future__ import annotations

import re
from typing import Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._versions import minor_of

CLUSTER, NODE = "cluster", "node"
LISTENER_KEY = re.compile(r"listener\.name\.[^.]*\.(.*)")

_SINCE_3_9 = """
background.threads compression.gzip.level compression.lz4.level compression.type compression.zstd.level
log.cleaner.backoff.ms log.cleaner.dedupe.buffer.size log.cleaner.delete.retention.ms
log.cleaner.io.buffer.load.factor log.cleaner.io.buffer.size log.cleaner.io.max.bytes.per.second
log.cleaner.max.compaction.lag.ms log.cleaner.min.cleanable.ratio log.cleaner.min.compaction.lag.ms
log.cleaner.threads log.cleanup.policy log.flush.interval.messages log.flush.interval.ms log.index.interval.bytes
log.index.size.max.bytes log.local.retention.bytes log.local.retention.ms log.message.timestamp.after.max.ms
log.message.timestamp.before.max.ms log.message.timestamp.type log.preallocate log.retention.bytes log.retention.ms
log.roll.jitter.ms log.roll.ms log.segment.bytes log.segment.delete.delay.ms max.connection.creation.rate
max.connections max.connections.per.ip max.connections.per.ip.overrides message.max.bytes metric.reporters
min.insync.replicas num.io.threads num.network.threads num.recovery.threads.per.data.dir num.replica.fetchers
producer.id.expiration.ms remote.fetch.max.wait.ms remote.log.index.file.cache.total.size.bytes
remote.log.manager.copy.max.bytes.per.second remote.log.manager.fetch.max.bytes.per.second
transaction.partition.verification.enable unclean.leader.election.enable
"""
_UNTIL_3_9 = "log.message.downconversion.enable log.message.timestamp.difference.max.ms"
_SINCE_4_0 = """
remote.list.offsets.request.timeout.ms remote.log.manager.copier.thread.pool.size
remote.log.manager.expiration.thread.pool.size remote.log.reader.threads
"""
_SINCE_4_2 = "remote.log.manager.follower.thread.pool.size"
_SINCE_4_3 = """
follower.fetch.last.tiered.offset.enable group.consumer.assignment.interval.ms
group.coordinator.cached.buffer.max.bytes group.share.assignment.interval.ms group.streams.assignment.interval.ms
share.coordinator.cached.buffer.max.bytes
"""
# (first minor version, first minor version without them, keys)
_CLUSTER_WIDE = (
    ((3, 9), None, frozenset(_SINCE_3_9.split())),
    ((3, 9), (4, 0), frozenset(_UNTIL_3_9.split())),
    ((4, 0), None, frozenset(_SINCE_4_0.split())),
    ((4, 2), None, frozenset(_SINCE_4_2.split())),
    ((4, 3), None, frozenset(_SINCE_4_3.split())),
)
_PER_NODE = {"cordoned.log.dirs": (4, 3)}

# Not for managing: reassignments and log moves set and remove them while they last (KIP-73, KIP-113).
THROTTLES = frozenset(
    (
        "leader.replication.throttled.rate",
        "follower.replication.throttled.rate",
        "replica.alter.log.dirs.io.max.bytes.per.second",
    )
)

# What a dedicated controller applies live: its request handlers (ControllerDynamicThreadPool), its socket server
# (SocketServer, DataPlaneAcceptor), its metric reporters, and what the active one looks up in the metadata log when it
# elects leaders (ConfigurationControlManager.getTopicConfig).
ON_CONTROLLERS = frozenset(
    (
        "num.io.threads",
        "num.network.threads",
        "max.connections",
        "max.connections.per.ip",
        "max.connections.per.ip.overrides",
        "max.connection.creation.rate",
        "metric.reporters",
        "min.insync.replicas",
        "unclean.leader.election.enable",
    )
)
# Before 4.3 a controller's own dynamic properties are refused: its id is not a registered broker's (KAFKA-18928).
NODE_SCOPE_ON_CONTROLLERS = (4, 3)

# With `listener.name.<name>.` in front: SslConfigs.RECONFIGURABLE_CONFIGS, SocketServer.LISTENER_RECONFIGURABLE_CONFIGS,
# DataPlaneAcceptor.ListenerReconfigurableConfigs. Everything else of an existing listener needs a restart.
_LISTENER_SECURITY = """
ssl.key.password ssl.keystore.certificate.chain ssl.keystore.key ssl.keystore.location ssl.keystore.password
ssl.keystore.type ssl.truststore.certificates ssl.truststore.location ssl.truststore.password ssl.truststore.type
"""
LISTENER_LIVE = frozenset(
    (*_LISTENER_SECURITY.split(), "max.connections", "max.connection.creation.rate", "num.network.threads")
)

# DynamicThreadPool, DataPlaneAcceptor, LogCleaner and DynamicRemoteLogConfig refuse less than half of what runs, and more than double.
THREAD_POOLS = frozenset(
    (
        "background.threads",
        "log.cleaner.threads",
        "num.io.threads",
        "num.network.threads",
        "num.recovery.threads.per.data.dir",
        "num.replica.fetchers",
        "remote.log.manager.copier.thread.pool.size",
        "remote.log.manager.expiration.thread.pool.size",
        "remote.log.manager.follower.thread.pool.size",
        "remote.log.reader.threads",
    )
)

# A change makes the controller forget which replicas are eligible leaders (KIP-966). While that feature is on, the
# cluster's value cannot be removed, and a node's own is refused.
CLEARS_ELR = frozenset(("min.insync.replicas",))


def cluster_wide(version: str) -> frozenset[str]:
    """Return the keys that a broker of this version applies live and that may be set for the whole cluster."""
    minor = minor_of(version)
    found: set[str] = set()
    for first, end, keys in _CLUSTER_WIDE:
        if minor >= first and (end is None or minor < end):
            found |= keys
    return frozenset(found)


def scope(key: str, version: str) -> Optional[str]:
    """Return the widest scope at which a broker of this version takes a key live, None when it needs a restart."""
    if key in cluster_wide(version):
        return CLUSTER
    if key in _PER_NODE and minor_of(version) >= _PER_NODE[key]:
        return NODE
    match = LISTENER_KEY.fullmatch(key)
    return NODE if match and match.group(1) in LISTENER_LIVE else None


def ignored_by(key: str, role: str, version: str) -> bool:
    """Return whether a dedicated controller has no use for a key: it may stand in its file and changes nothing there."""
    if role != "controller" or key in ON_CONTROLLERS or LISTENER_KEY.fullmatch(key):
        return False
    return scope(key, version) is not None


def node_scope_works(role: str, version: str) -> bool:
    """Return whether a node can have dynamic properties of its own."""
    return role != "controller" or minor_of(version) >= NODE_SCOPE_ON_CONTROLLERS


def is_thread_pool(key: str) -> bool:
    """Return whether a key is the size of a thread pool, also of one listener's."""
    match = LISTENER_KEY.fullmatch(key)
    return (match.group(1) if match else key) in THREAD_POOLS


def beyond_one_step(old: int, new: int) -> bool:
    """Return whether Kafka would refuse to resize a thread pool from old to new while it runs."""
    return new < old // 2 or new > old * 2
