# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Moving replicas: where they lie and how large they are, reassignments (KIP-455), directories (KIP-113), throttles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_resources import ResourcesNode
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_topics import BROKER, Metadata

Name = tuple[str, int]
# DescribeConfigsResponse.ConfigSource: set dynamically on one broker.
ON_BROKER = 2
LEADER_RATE, FOLLOWER_RATE = "leader.replication.throttled.rate", "follower.replication.throttled.rate"
DISK_RATE = "replica.alter.log.dirs.io.max.bytes.per.second"
RATES = (LEADER_RATE, FOLLOWER_RATE, DISK_RATE)
LEADER_REPLICAS, FOLLOWER_REPLICAS = "leader.replication.throttled.replicas", "follower.replication.throttled.replicas"
THROTTLED = (LEADER_REPLICAS, FOLLOWER_REPLICAS)
# A broker remembers the directory for a replica that it has yet to get, and says so with this error.
REPLICA_NOT_AVAILABLE = 9


class Reassignment(NamedTuple):
    """A partition that is being moved."""

    replicas: tuple[int, ...]
    adding: tuple[int, ...]
    removing: tuple[int, ...]

    @property
    def before(self) -> tuple[int, ...]:
        """Return the replicas to which it goes back when it is cancelled."""
        return tuple(one for one in self.replicas if one not in self.adding)

    @property
    def after(self) -> tuple[int, ...]:
        """Return the replicas that it will have."""
        return tuple(one for one in self.replicas if one not in self.removing)


class Stored(NamedTuple):
    """A directory of the broker that was asked, with the bytes of every replica in it."""

    path: str
    total: int
    usable: int
    replicas: dict[Name, int]
    coming: dict[Name, int]
    """Replicas that are on their way to this directory from another one of the same broker."""


class MovesNode(ResourcesNode):
    """A connection to one broker that moves replicas."""

    def moving(self) -> dict[Name, Reassignment]:
        """Return all partitions that are being moved."""
        from kafka.protocol.admin import ListPartitionReassignmentsRequest

        answer = self._ask(ListPartitionReassignmentsRequest(timeout_ms=self.timeout_ms, topics=None))
        self._check(answer.error_code, answer.error_message)
        return {
            (topic.name, item.partition_index): Reassignment(
                tuple(item.replicas), tuple(item.adding_replicas), tuple(item.removing_replicas)
            )
            for topic in answer.topics
            for item in topic.partitions
        }

    def stored(self, wanted: Optional[Iterable[Name]] = None) -> list[Stored]:
        """Return what lies on the disks of this very broker, all of it or some partitions."""
        from kafka.protocol.admin import DescribeLogDirsRequest

        topics = None if wanted is None else list(_by_topic(wanted).items())
        answer = self._ask(DescribeLogDirsRequest(topics=topics))
        self._check(answer.error_code or 0, None)
        found = []
        for one in answer.results:
            here: tuple[dict[Name, int], dict[Name, int]] = ({}, {})
            for topic in one.topics:
                for item in topic.partitions:
                    here[bool(item.is_future_key)][topic.name, item.partition_index] = item.partition_size
            if not one.error_code:
                found.append(Stored(one.log_dir, one.total_bytes, one.usable_bytes, *here))
        return found

    def reassign(self, wanted: Mapping[Name, Optional[Iterable[int]]]) -> dict[Name, str]:
        """Move partitions, or put those back that are given no replicas; return what was refused."""
        from kafka.errors import for_code
        from kafka.protocol.admin import AlterPartitionReassignmentsRequest

        topics: dict[str, list[tuple[int, Optional[list[int]]]]] = {}
        for (topic, number), replicas in sorted(wanted.items(), key=lambda item: item[0]):
            topics.setdefault(topic, []).append((number, None if replicas is None else list(replicas)))
        answer = self._ask(AlterPartitionReassignmentsRequest(timeout_ms=self.timeout_ms, topics=list(topics.items())))
        self._check(answer.error_code, answer.error_message)
        return {
            (topic.name, item.partition_index): item.error_message or for_code(item.error_code).__name__
            for topic in answer.responses
            for item in topic.partitions
            if item.error_code
        }

    def choose_directories(self, wanted: Mapping[str, Iterable[Name]]) -> dict[Name, str]:
        """Say in which directory of this very broker replicas are to lie, those that are there and those that will come."""
        from kafka.errors import for_code
        from kafka.protocol.admin import AlterReplicaLogDirsRequest

        directories = [(path, list(_by_topic(names).items())) for path, names in sorted(wanted.items())]
        answer = self._ask(AlterReplicaLogDirsRequest(dirs=directories))
        return {
            (topic.topic_name, item.partition_index): for_code(item.error_code).__name__
            for topic in answer.results
            for item in topic.partitions
            if item.error_code not in (0, REPLICA_NOT_AVAILABLE)
        }

    def rates(self, node_id: int) -> dict[str, str]:
        """Return the throttles of moves that are set on this very broker."""
        from kafka.protocol.admin import DescribeConfigsRequest

        answer = self._ask(DescribeConfigsRequest(resources=[(BROKER, str(node_id), list(RATES))]))
        result = answer.results[0]
        self._check(result.error_code, result.error_message)
        return {item.name: item.value for item in result.configs if item.config_source == ON_BROKER and item.value}


def throttles(node: MovesNode, metadata: Metadata) -> tuple[frozenset[str], dict[int, dict[str, str]]]:
    """Return the topics with throttled replicas, and the rates on brokers; of a broker that does not answer nothing is known."""
    configs = node.topic_configs({one.topic for one in metadata.partitions}, list(THROTTLED))
    topics = {name for name, keys in configs.items() if any(one.own and one.value for one in keys.values())}
    rates = {}
    for broker, one in metadata.brokers.items():
        try:
            with MovesNode(f"{one.host}:{one.port}") as own:
                found = own.rates(broker)
        except AdminError:
            continue
        if found:
            rates[broker] = found
    return frozenset(topics), rates


def _by_topic(names: Iterable[Name]) -> dict[str, list[int]]:
    topics: dict[str, list[int]] = {}
    for topic, number in names:
        topics.setdefault(topic, []).append(number)
    return topics
