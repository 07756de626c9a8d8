"""One Kafka node, asked over its own protocol from here: what AdminNode can, and what only tests want to know."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminNode

TOPIC = 2  # ConfigResource.Type
TRANSACTION = 1  # CoordinatorType


def library() -> str:
    """kafka-python's wheel among the staged artifacts; Python imports from it as it is."""
    return str(next(Path(os.environ["KRAFTOPS_ARTIFACTS"]).glob("**/kafka_python-*.whl")))


class Wire(AdminNode):
    """An AdminNode with topics."""

    def __init__(self, address: str) -> None:
        """Use the library of the staged artifacts."""
        super().__init__(address, library())

    def __enter__(self) -> Wire:
        """Return the node itself."""
        return self

    def create_topic(self, name: str, partitions: int, replicas: int = -1) -> None:
        """Create a topic, with the cluster's own replication factor unless it is given."""
        from kafka.protocol.admin import CreateTopicsRequest

        topics: list[Any] = [(name, partitions, replicas, [], [])]
        answer = self._ask(CreateTopicsRequest(topics=topics, timeout_ms=10000, validate_only=False))
        self._check(answer.topics[0].error_code, answer.topics[0].error_message)

    def delete_topic(self, name: str) -> None:
        """Delete a topic."""
        from kafka.protocol.admin import DeleteTopicsRequest

        request = DeleteTopicsRequest(timeout_ms=10000)
        request.topic_names = [name]
        request.topics = [DeleteTopicsRequest.DeleteTopicState(name=name)]
        answer = self._ask(request)
        self._check(answer.responses[0].error_code, answer.responses[0].error_message)

    def delete_records(self, name: str, partition: int, before: int) -> bool:
        """Delete the messages of a partition before an offset; tell whether this node leads it and did so."""
        from kafka.protocol.admin import DeleteRecordsRequest

        request = DeleteRecordsRequest(topics=[(name, [(partition, before)])], timeout_ms=10000)
        return bool(self._ask(request).topics[0].partitions[0].error_code == 0)

    def replicas(self) -> dict[str, list[list[int]]]:
        """For each topic the replicas of each partition."""
        from kafka.protocol.metadata import MetadataRequest

        answer = self._ask(MetadataRequest(topics=None, allow_auto_topic_creation=False))
        return {topic.name: [part.replica_nodes for part in topic.partitions] for topic in answer.topics}

    def topic_configs(self, name: str) -> dict[str, str]:
        """The effective configuration of a topic, whichever level it comes from."""
        from kafka.protocol.admin import DescribeConfigsRequest

        result = self._ask(DescribeConfigsRequest(resources=[(TOPIC, name, None)])).results[0]
        self._check(result.error_code, result.error_message)
        return {item.name: item.value for item in result.configs}

    def find_transaction_coordinator(self, name: str) -> Any:
        """Ask who coordinates a transaction; the first question makes Kafka create the topic behind it."""
        from kafka.protocol.metadata import FindCoordinatorRequest

        return self._ask(FindCoordinatorRequest(key=name, key_type=TRANSACTION, coordinator_keys=[name]))
