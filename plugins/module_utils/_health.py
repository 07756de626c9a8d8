# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Taking snapshots of a cluster through a node that is not in question, over one connection that is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Optional

from ansible_collections.kraftops.kafka.plugins.module_utils import _gates, _gates_after
from ansible_collections.kraftops.kafka.plugins.module_utils._admin import (
    CONTROLLERS,
    LIBRARY,
    AdminError,
    AdminNode,
    QuorumView,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_topics import BrokerNode, lag
from ansible_collections.kraftops.kafka.plugins.module_utils._gates import Behind, Question, Verdict
from ansible_collections.kraftops.kafka.plugins.module_utils._gates_after import behind
from ansible_collections.kraftops.kafka.plugins.module_utils._snapshot import FRESH_MS, Snapshot, is_caught_up

BEFORE, AFTER = "before", "after"


class NoViewError(Exception):
    """Nobody who may be asked gave an answer that can be relied on."""


@dataclass(frozen=True)
class Peers:
    """Who can be asked: addresses (host:port) by node id, and how."""

    brokers: Mapping[int, str]
    controllers: Mapping[int, str]
    timeout_ms: int = 10000
    library: str = LIBRARY


@dataclass(frozen=True)
class Sample:
    """A snapshot, and how far each target is behind in it."""

    snapshot: Snapshot
    behind: dict[int, Behind]


class Probe:
    """Looks at one cluster for one question, as often as it is told to. Use as a context manager."""

    def __init__(self, peers: Peers, question: Question) -> None:
        """Remember who can be asked; nobody is asked yet."""
        self.peers, self.question = peers, question
        self.broker: Optional[BrokerNode] = None
        self.asked = -1

    def __enter__(self) -> Probe:
        """Return the probe itself."""
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], problem: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the connection; the next sample looks for somebody to ask again."""
        if self.broker:
            self.broker.__exit__(None, None, None)
        self.broker = None

    def order(self, addresses: Mapping[int, str]) -> list[int]:
        """Return whom to ask, in order: never a target, unless there is nobody else; those counted as down last."""
        others = sorted(addresses.keys() - self.question.ids, key=lambda one: (one in self.question.unavailable, one))
        return others or sorted(addresses)

    def sample(self) -> Sample:
        """Look once."""
        targets = self.question.targets
        with_brokers = not targets or any(one.is_broker for one in targets)
        snapshot = self._through_brokers() if with_brokers else self._through_controllers()
        return Sample(snapshot, {one.node_id: self._behind(snapshot, one) for one in targets})

    def judge(self, gate: str, now: Sample, earlier: Optional[Sample]) -> Verdict:
        """Say what a gate thinks of a sample, and of an earlier one."""
        question = replace(self.question, now=now.behind, earlier=earlier.behind if earlier else {})
        if gate == BEFORE:
            return _gates.before(now.snapshot, question)
        return _gates_after.after(now.snapshot, question, earlier.snapshot.quorum if earlier else None)

    def needs_another(self, gate: str, now: Sample) -> bool:
        """Return whether a gate can only be answered by comparing two samples."""
        if gate == AFTER:
            return any(one.is_controller for one in self.question.targets)
        return gate == BEFORE and any(one.is_behind for one in now.behind.values())

    def _through_brokers(self) -> Snapshot:
        """Ask the broker that answered before, or the first one that answers and is up to date."""
        if self.broker:
            try:
                return read(self.broker, self.asked)
            except (AdminError, NoViewError):
                self.close()
        failures = []
        for node_id in self.order(self.peers.brokers):
            self.broker = BrokerNode(self.peers.brokers[node_id], self.peers.library, self.peers.timeout_ms)
            self.asked = node_id
            try:
                return read(self.broker, node_id)
            except (AdminError, NoViewError) as problem:
                failures.append(str(problem))
                self.close()
        raise NoViewError("; ".join(failures) or "there is no broker to ask")

    def _through_controllers(self) -> Snapshot:
        """Ask a controller who leads, and the leader for the quorum."""
        failures = []
        for node_id in self.order(self.peers.controllers):
            address = self.peers.controllers[node_id]
            try:
                return read_quorum(address, self.peers)
            except (AdminError, NoViewError) as problem:
                failures.append(str(problem))
        raise NoViewError("; ".join(failures) or "there is no controller to ask")

    def _behind(self, snapshot: Snapshot, target: _gates.Target) -> Behind:
        """Return how far a target is behind. Only it knows how far its own logs are, so that is asked of itself."""
        missing = snapshot.missing(target.node_id)
        address = self.peers.brokers.get(target.node_id)
        records = None
        if missing and address and self.broker and target.node_id in snapshot.unfenced:
            with BrokerNode(address, self.peers.library, self.peers.timeout_ms) as own:
                records = lag(own, self.broker, missing)
        return behind(snapshot, target, self.question, records)


def read(broker: BrokerNode, node_id: int) -> Snapshot:
    """Read everything from a broker, after making sure that it follows the active controller."""
    quorum = broker.quorum()
    check_fresh(quorum, node_id, broker.address)
    metadata = broker.metadata()
    return Snapshot(
        asked=broker.address,
        cluster_id=metadata.cluster_id,
        brokers={**broker.registered(), **metadata.brokers},
        unfenced=frozenset(metadata.brokers),
        partitions=metadata.partitions,
        min_isr=broker.min_isr(one.topic for one in metadata.partitions),
        reassigning=broker.reassignments(),
        quorum=quorum,
    )


def check_fresh(quorum: QuorumView, node_id: int, address: str) -> None:
    """Raise NoViewError for a broker that answers from an old copy of the metadata, having lost the controllers."""
    replica = quorum.observers.get(node_id) or quorum.voters.get(node_id)
    if replica is None or not is_caught_up(quorum, replica, FRESH_MS):
        raise NoViewError(f"{address} does not follow the active controller {quorum.leader_id}")


def read_quorum(address: str, peers: Peers) -> Snapshot:
    """Ask any controller who leads, and the leader itself for the quorum: only it knows."""
    with AdminNode(address, peers.library, peers.timeout_ms) as node:
        view = node.cluster(CONTROLLERS)
    leader = view.nodes.get(view.controller_id)
    if leader is None:
        raise NoViewError(f"{address} knows no active controller")
    with AdminNode(f"{leader.host}:{leader.port}", peers.library, peers.timeout_ms) as node:
        return Snapshot(asked=address, cluster_id=view.cluster_id, quorum=node.quorum())
