# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a broker knows of topics, partitions, brokers and disks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError, AdminNode, Registration
from ansible_collections.kraftops.kafka.plugins.module_utils._snapshot import Partition

# ConfigResource.Type
TOPIC, BROKER = 2, 4
# DescribeConfigsResponse.ConfigSource: set on the topic itself.
OF_TOPIC = 1
# {topic: {key: (effective value, whether it is the topic's own)}}
TopicSettings = dict[str, dict[str, tuple[str, bool]]]
MIN_ISR = "min.insync.replicas"
BATCH = 1000
PREFERRED = 0
# Kafka's error codes
UNKNOWN_TOPIC, ELECTION_NOT_NEEDED = 3, 84
# ListOffsets as no consumer and no follower: any replica answers, with the end of its own log (ReplicaManager.fetchOffset).
DEBUGGING_REPLICA, LATEST = -2, -1


class Metadata(NamedTuple):
    """One answer of Metadata; `brokers` are the unfenced ones."""

    cluster_id: str
    brokers: dict[int, Registration]
    partitions: tuple[Partition, ...]


@dataclass(frozen=True)
class LogDir:
    """A data directory of the broker that was asked; bytes of its file system, -1 when unknown."""

    path: str
    total_bytes: int
    usable_bytes: int
    error: str


class BrokerNode(AdminNode):
    """One broker, one connection."""

    def metadata(self) -> Metadata:
        """Read all brokers and partitions in one answer, so that they belong to the same moment."""
        from kafka.protocol.metadata import MetadataRequest

        answer = self._ask(MetadataRequest(topics=None, allow_auto_topic_creation=False))
        brokers = {item.node_id: Registration(item.node_id, item.host, item.port, item.rack) for item in answer.brokers}
        return Metadata(answer.cluster_id, brokers, partitions(answer))

    def registered(self) -> dict[int, Registration]:
        """Return the registered brokers: with those that are fenced from Kafka 4.0 on, without them before."""
        from kafka.protocol.admin import DescribeClusterRequest

        answer = self._ask(DescribeClusterRequest(include_fenced_brokers=True))
        self._check(answer.error_code, answer.error_message)
        return {
            item.broker_id: Registration(item.broker_id, item.host, item.port, item.rack) for item in answer.brokers
        }

    def min_isr(self, topics: Iterable[str]) -> dict[str, int]:
        """Return the effective min.insync.replicas of topics; one that has just been deleted is left out."""
        from kafka.protocol.admin import DescribeConfigsRequest

        names, found = sorted(set(topics)), {}
        for start in range(0, len(names), BATCH):
            resources = [(TOPIC, name, [MIN_ISR]) for name in names[start : start + BATCH]]
            for result in self._ask(DescribeConfigsRequest(resources=resources)).results:
                if result.error_code != UNKNOWN_TOPIC:
                    self._check(result.error_code, result.error_message)
                    found[result.resource_name] = int(result.configs[0].value)
        return found

    def topic_settings(self, topics: Iterable[str], keys: Iterable[str]) -> TopicSettings:
        """Return the effective values of topics, and whether each is the topic's own; a deleted topic is left out."""
        from kafka.protocol.admin import DescribeConfigsRequest

        names, wanted, found = sorted(set(topics)), list(keys), {}
        for start in range(0, len(names), BATCH):
            resources = [(TOPIC, name, wanted) for name in names[start : start + BATCH]]
            for result in self._ask(DescribeConfigsRequest(resources=resources)).results:
                if result.error_code != UNKNOWN_TOPIC:
                    self._check(result.error_code, result.error_message)
                    found[result.resource_name] = {
                        item.name: (item.value or "", item.config_source == OF_TOPIC) for item in result.configs
                    }
        return found

    def reassignments(self) -> dict[tuple[str, int], tuple[int, ...]]:
        """Return the partitions that are being moved, with the replicas that are being added."""
        from kafka.protocol.admin import ListPartitionReassignmentsRequest

        answer = self._ask(ListPartitionReassignmentsRequest(timeout_ms=self.timeout_ms, topics=None))
        self._check(answer.error_code, answer.error_message)
        return {
            (topic.name, item.partition_index): tuple(item.adding_replicas)
            for topic in answer.topics
            for item in topic.partitions
        }

    def log_dirs(self) -> list[LogDir]:
        """Return the data directories of this very broker, without what is in them."""
        from kafka.errors import for_code
        from kafka.protocol.admin import DescribeLogDirsRequest

        answer = self._ask(DescribeLogDirsRequest(topics=[]))
        self._check(answer.error_code or 0, None)
        return [
            LogDir(
                item.log_dir,
                item.total_bytes,
                item.usable_bytes,
                for_code(item.error_code).__name__ if item.error_code else "",
            )
            for item in answer.results
        ]

    def replicas(self) -> dict[str, int]:
        """Return how many replicas lie in each data directory of this very broker; a broken one is left out."""
        from kafka.protocol.admin import DescribeLogDirsRequest

        answer = self._ask(DescribeLogDirsRequest(topics=None))
        self._check(answer.error_code or 0, None)
        return {
            item.log_dir: sum(len(topic.partitions) for topic in item.topics)
            for item in answer.results
            if not item.error_code
        }

    def log_ends(self, wanted: Iterable[Partition]) -> dict[str, int]:
        """Return where the logs of partitions end on this very broker, by name; those that it does not hold are left out."""
        from kafka.protocol.consumer import ListOffsetsRequest

        topics: dict[str, list[tuple[int, int, int]]] = {}
        for one in wanted:
            topics.setdefault(one.topic, []).append((one.number, -1, LATEST))
        answer = self._ask(
            ListOffsetsRequest(replica_id=DEBUGGING_REPLICA, isolation_level=0, topics=list(topics.items()))
        )
        return {
            f"{topic.name}-{item.partition_index}": item.offset
            for topic in answer.topics
            for item in topic.partitions
            if not item.error_code
        }

    def elect_preferred(self, wanted: Iterable[Partition], timeout_ms: int = 30000) -> dict[str, str]:
        """Give partitions back to their preferred leaders; return what went wrong, by partition. No need is no fault."""
        from kafka.errors import for_code
        from kafka.protocol.admin import ElectLeadersRequest

        topics: dict[str, list[int]] = {}
        for one in wanted:
            topics.setdefault(one.topic, []).append(one.number)
        if not topics:
            return {}
        answer = self._ask(
            ElectLeadersRequest(election_type=PREFERRED, topic_partitions=list(topics.items()), timeout_ms=timeout_ms)
        )
        self._check(answer.error_code, None)
        return {
            f"{topic.topic}-{item.partition_id}": item.error_message or for_code(item.error_code).__name__
            for topic in answer.replica_election_results
            for item in topic.partition_result
            if item.error_code not in (0, ELECTION_NOT_NEEDED)
        }

    def _versions(self, highest: int) -> Any:
        """Ask what the broker supports, in at most this version of the answer."""
        from kafka.protocol.metadata import ApiVersionsRequest

        answer = self._ask(
            ApiVersionsRequest(client_software_name="kraftops.kafka", client_software_version="1", max_version=highest)
        )
        self._check(answer.error_code, None)
        return answer

    def features(self) -> dict[str, int]:
        """Return the finalized features of the cluster, such as metadata.version and kraft.version, with their levels."""
        answer = self._versions(3)
        return {item.name: item.max_version_level for item in answer.finalized_features or []}

    def supported_features(self) -> dict[str, int]:
        """Return the highest level of each feature that this very broker supports; before version 4 some are left out."""
        answer = self._versions(4)
        return {item.name: item.max_version for item in answer.supported_features or []}


def partitions(answer: Any) -> tuple[Partition, ...]:
    """Translate the topics of a Metadata answer; those that are being deleted have an error and are left out."""
    return tuple(
        Partition(topic.name, item.partition_index, item.leader_id, tuple(item.replica_nodes), tuple(item.isr_nodes))
        for topic in answer.topics
        if not topic.error_code
        for item in topic.partitions
    )


def lag(target: BrokerNode, reference: BrokerNode, wanted: list[Partition]) -> Optional[int]:
    """Return by how many records a broker is behind another one in partitions of both; None when it does not answer."""
    some = wanted[:BATCH]
    try:
        own, other = target.log_ends(some), reference.log_ends(some)
    except AdminError:
        return None
    return sum(max(other[name] - end, 0) for name, end in own.items() if name in other)
