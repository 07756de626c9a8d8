# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a cluster looked like at one moment: brokers, partitions and the metadata quorum. Data only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import QuorumView, Registration, Replica

# controller.quorum.fetch.timeout.ms: a voter that did not fetch for so long asks for an election.
CAUGHT_UP_MS = 2000
# Brokers fetch the metadata log all the time too. One that has stopped is fenced only after broker.session.timeout.ms, 9 s.
FRESH_MS = 5000


class Partition(NamedTuple):
    """One partition; the leader is -1 where there is none."""

    topic: str
    number: int
    leader: int
    replicas: tuple[int, ...]
    isr: tuple[int, ...]

    @property
    def name(self) -> str:
        """The name that Kafka gives its directory."""
        return f"{self.topic}-{self.number}"


@dataclass(frozen=True)
class Snapshot:
    """One node's view of the cluster. Without a broker to ask there are no brokers and partitions, only the quorum."""

    asked: str
    cluster_id: str = ""
    brokers: dict[int, Registration] = field(default_factory=dict)
    """Registered brokers; those that are fenced are known from Kafka 4.0 on."""
    unfenced: frozenset[int] = frozenset()
    partitions: tuple[Partition, ...] = ()
    min_isr: dict[str, int] = field(default_factory=dict)
    """The effective min.insync.replicas of every topic."""
    reassigning: dict[tuple[str, int], tuple[int, ...]] = field(default_factory=dict)
    """The replicas that are being added, for each partition that is being moved."""
    quorum: Optional[QuorumView] = None

    def minimum(self, partition: Partition) -> int:
        """Return the effective min.insync.replicas of a partition."""
        return self.min_isr.get(partition.topic, 1)

    @property
    def silent(self) -> frozenset[int]:
        """Return the unfenced brokers that do not follow the active controller: stopped, cut off, or overloaded."""
        if self.quorum is None or self.quorum.leader_id not in self.quorum.voters:
            return frozenset()
        rows = {**self.quorum.observers, **self.quorum.voters}
        following = {one.node_id for one in rows.values() if is_caught_up(self.quorum, one, FRESH_MS)}
        return self.unfenced - following

    def missing(self, node_id: int) -> list[Partition]:
        """Return the partitions to whose ISR a broker belongs and in which it is not; an added replica has yet to join."""
        return [
            one
            for one in self.partitions
            if node_id in one.replicas
            and node_id not in one.isr
            and node_id not in self.reassigning.get((one.topic, one.number), ())
        ]


def behind_ms(quorum: QuorumView, replica: Replica) -> Optional[int]:
    """Return how long ago a replica was level with the leader, both as the leader's clock says; None when unknown."""
    leader = quorum.voters.get(quorum.leader_id)
    if replica.node_id == quorum.leader_id:
        return 0
    if leader is None or leader.last_caught_up_ms < 0 or replica.last_caught_up_ms < 0:
        return None
    return max(leader.last_caught_up_ms - replica.last_caught_up_ms, 0)


def is_caught_up(quorum: QuorumView, replica: Replica, limit_ms: int = CAUGHT_UP_MS) -> bool:
    """Return whether a replica keeps up with the leader. All voters are listed, so only their times tell who lives."""
    behind = behind_ms(quorum, replica)
    return behind is not None and behind < limit_ms


def ids(numbers: Iterable[int]) -> str:
    """Return node ids as text, `none` for no id."""
    return ",".join(str(number) for number in sorted(numbers)) or "none"
