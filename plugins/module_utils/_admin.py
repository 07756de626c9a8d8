# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A connection to one Kafka node, broker or controller, through kafka-python's wire classes.

kafka-python's public admin client cannot talk to controllers (it needs the Metadata API, which they do not serve), so
this opens its connection manager without the bootstrap step and sends requests to the one address that it was given.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Optional, TypeVar

LIBRARY = "/opt/kafka_python/kafka_python-3.0.12"
BOOTSTRAP_NODE = "bootstrap-0"
# DescribeClusterRequest.EndpointType (KIP-919)
BROKERS, CONTROLLERS = 1, 2
# ConfigResource.Type (KIP-412)
BROKER_LOGGER = 8
METADATA_TOPIC = "__cluster_metadata"
# kafka-python closes the connection at a longer answer, by default at 1 MB: that is the metadata of 20,000 partitions.
LONGEST_ANSWER = 100_000_000

Node = TypeVar("Node", bound="AdminNode")


class AdminError(Exception):
    """A node could not be asked, or answered with an error; the text says which node and what it said."""


@dataclass(frozen=True)
class Registration:
    """A node as the cluster knows it."""

    node_id: int
    host: str
    port: int
    rack: Optional[str]


@dataclass(frozen=True)
class ClusterView:
    """One answer of DescribeCluster: brokers that serve, or controllers; `controller_id` is real only from controllers."""

    cluster_id: str
    controller_id: int
    nodes: dict[int, Registration]


@dataclass(frozen=True)
class Replica:
    """A replica of the metadata log; offsets and times (ms) are -1 when the leader does not know them."""

    node_id: int
    directory_id: str
    log_end_offset: int
    last_fetch_ms: int
    last_caught_up_ms: int


@dataclass(frozen=True)
class QuorumView:
    """One answer of DescribeQuorum. All voters are listed, dead or alive."""

    leader_id: int
    leader_epoch: int
    high_watermark: int
    voters: dict[int, Replica]
    observers: dict[int, Replica]

    def lag(self, node_id: int) -> int:
        """Return how many records a voter is behind the leader; all of them while its end is unknown."""
        leader = self.voters[self.leader_id].log_end_offset
        return leader - max(self.voters[node_id].log_end_offset, 0)


class AdminNode:
    """One node, one connection. Use as a context manager."""

    def __init__(self, address: str, library: str = LIBRARY, timeout_ms: int = 10000) -> None:
        """Prepare the connection; the first request opens it."""
        if library not in sys.path:
            sys.path.insert(0, library)
        from kafka.net.manager import KafkaConnectionManager
        from kafka.net.selector import NetworkSelector

        self.address = address
        self.timeout_ms = timeout_ms
        self._selector = NetworkSelector()
        self._manager = KafkaConnectionManager(
            self._selector,
            bootstrap_servers=[address],
            request_timeout_ms=timeout_ms,
            socket_connection_setup_timeout_ms=timeout_ms,
            receive_message_max_bytes=LONGEST_ANSWER,
            client_id="kraftops.kafka",
        )

    def __enter__(self: Node) -> Node:
        """Return the node itself."""
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], problem: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._manager.close()
        self._selector.close()

    def _ask(self, request: Any) -> Any:
        """Send one request and return its response; raise AdminError when there is none."""
        try:
            return self._manager.run(self._manager.send, request, BOOTSTRAP_NODE)
        except Exception as problem:
            raise AdminError(
                f"{self.address} cannot be asked: {type(problem).__name__} {problem}".rstrip()
            ) from problem

    def _check(self, code: int, message: Optional[str]) -> None:
        """Raise AdminError for a response's error code."""
        if code:
            from kafka.errors import for_code

            raise AdminError(f"{self.address} answered: {message or for_code(code).__name__} (error {code})")

    def cluster(self, endpoint: int = BROKERS) -> ClusterView:
        """Ask who is in the cluster. Brokers that are fenced are left out by Kafka itself."""
        from kafka.protocol.admin import DescribeClusterRequest

        answer = self._ask(DescribeClusterRequest(endpoint_type=endpoint))
        self._check(answer.error_code, answer.error_message)
        nodes = {
            item.broker_id: Registration(item.broker_id, item.host, item.port, item.rack) for item in answer.brokers
        }
        return ClusterView(answer.cluster_id, answer.controller_id, nodes)

    def quorum(self) -> QuorumView:
        """Ask about the metadata quorum; of controllers only the leader answers, any broker forwards it."""
        from kafka.protocol.admin import DescribeQuorumRequest

        answer = self._ask(DescribeQuorumRequest(topics=[(METADATA_TOPIC, [(0,)])]))
        self._check(answer.error_code, answer.error_message)
        partition = answer.topics[0].partitions[0]
        self._check(partition.error_code, partition.error_message)
        return QuorumView(
            partition.leader_id,
            partition.leader_epoch,
            partition.high_watermark,
            {item.replica_id: _replica(item) for item in partition.current_voters},
            {item.replica_id: _replica(item) for item in partition.observers},
        )

    def log_levels(self, node_id: int) -> dict[str, str]:
        """Return the effective level of every logger of this very node (KIP-412)."""
        from kafka.protocol.admin import DescribeConfigsRequest

        answer = self._ask(DescribeConfigsRequest(resources=[(BROKER_LOGGER, str(node_id), None)]))
        result = answer.results[0]
        self._check(result.error_code, result.error_message)
        return {item.name: item.value for item in result.configs}


def _replica(item: Any) -> Replica:
    """Translate one replica of DescribeQuorum."""
    return Replica(
        item.replica_id,
        str(item.replica_directory_id),
        item.log_end_offset,
        item.last_fetch_timestamp,
        item.last_caught_up_timestamp,
    )


def first_answering(kind: type[Node], bootstrap: Iterable[str]) -> Node:
    """Return a connection to the first broker that answers; raise AdminError when none does."""
    problems = []
    for address in bootstrap:
        node = kind(address)
        try:
            node.cluster()
            return node
        except AdminError as problem:
            problems.append(str(problem))
            node.close()
    raise AdminError("no broker answers: " + "; ".join(problems))
