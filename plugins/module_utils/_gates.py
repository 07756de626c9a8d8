# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""May these nodes be taken away? Arithmetic on snapshots; nothing here asks anybody.

A gate counts what the restart takes away, and nothing else: a target that is fenced, out of the ISR or behind the quorum
serves nobody now. Nodes that are down, unreachable or in maintenance count as away already. Targets are a set, so that a
whole rack can be asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import QuorumView
from ansible_collections.kraftops.kafka.plugins.module_utils._snapshot import (
    CAUGHT_UP_MS,
    Partition,
    Snapshot,
    behind_ms,
    ids,
    is_caught_up,
)


@dataclass(frozen=True)
class Finding:
    """A reason to say no, or a note beside a yes."""

    code: str
    text: str


@dataclass(frozen=True)
class Verdict:
    """What a gate says. It is open without reasons."""

    reasons: tuple[Finding, ...] = ()
    notes: tuple[Finding, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether the gate is open."""
        return not self.reasons

    def __add__(self, other: Verdict) -> Verdict:
        """Join two gates: both must be open."""
        return Verdict(self.reasons + other.reasons, self.notes + other.notes)


@dataclass(frozen=True)
class Target:
    """A node that is to be restarted, or was."""

    node_id: int
    is_broker: bool = True
    is_controller: bool = False
    recovering: bool = False
    """Whether its process is known to be reading its logs after an unclean stop."""
    new_process: Optional[bool] = None
    """Whether its process is another one than before the restart; None when nobody has looked."""


@dataclass(frozen=True)
class Behind:
    """How far a node is behind at one moment. Records are None when unknown."""

    partitions: int = 0
    records: Optional[int] = None
    voter_records: Optional[int] = None
    epoch: int = -1

    @property
    def is_behind(self) -> bool:
        """Whether the node is out of an ISR, or a voter that does not keep up."""
        return self.partitions > 0 or self.voter_records is not None

    def shrinks(self, earlier: Optional[Behind]) -> bool:
        """Return whether the node has come nearer since an earlier moment. Offsets of two epochs are not compared."""
        if earlier is None:
            return False
        if self.partitions != earlier.partitions:
            return self.partitions < earlier.partitions
        same_epoch = self.epoch == earlier.epoch
        return is_less(self.records, earlier.records) or (
            same_epoch and is_less(self.voter_records, earlier.voter_records)
        )

    def words(self) -> str:
        """Return it as text."""
        parts = [f"out of {self.partitions} ISRs"] if self.partitions else []
        parts += [f"{self.records} records behind"] if self.records is not None else []
        parts += [f"{self.voter_records} records behind the active controller"] if self.voter_records else []
        return ", ".join(parts)


@dataclass(frozen=True)
class Question:
    """What is asked of a gate."""

    targets: tuple[Target, ...] = ()
    unavailable: frozenset[int] = frozenset()
    """Nodes that are down, unreachable or in maintenance."""
    strict: bool = False
    refuse_unsafe: bool = False
    caught_up_ms: int = CAUGHT_UP_MS
    now: dict[int, Behind] = field(default_factory=dict)
    earlier: dict[int, Behind] = field(default_factory=dict)

    @property
    def ids(self) -> frozenset[int]:
        """The ids of the targets."""
        return frozenset(one.node_id for one in self.targets)


def is_less(now: Optional[int], earlier: Optional[int]) -> bool:
    """Return whether a number is known to have become less."""
    return now is not None and earlier is not None and now < earlier


def named(targets: Iterable[int]) -> str:
    """Return targets as the end of a sentence."""
    several = sorted(targets)
    return f"target {several[0]} is in it" if len(several) == 1 else f"targets {ids(several)} are in it"


def before(snapshot: Snapshot, question: Question) -> Verdict:
    """Return whether the targets may be taken away together."""
    return (
        partitions_gate(snapshot, question)
        + elsewhere_gate(snapshot, question)
        + quorum_gate(snapshot, question)
        + progress_gate(question)
    )


def partitions_gate(snapshot: Snapshot, question: Question) -> Verdict:
    """Every partition that a target serves must keep its minimum of in-sync replicas without it."""
    serving = question.ids & snapshot.unfenced
    left = snapshot.unfenced - snapshot.silent - question.ids - question.unavailable
    reasons: list[Finding] = []
    unsafe: dict[str, list[Partition]] = {}
    for one in snapshot.partitions:
        taken = [node for node in one.isr if node in serving]
        if not taken:
            continue
        minimum = snapshot.minimum(one)
        if len(one.replicas) <= minimum:
            unsafe.setdefault(one.topic, []).append(one)
        elif sum(node in left for node in one.isr) < minimum:
            reasons.append(below_minimum(one, minimum, taken, set(one.isr) - left - set(taken)))
    found = tuple(
        unsafe_topic(several, left, snapshot.minimum(several[0])) for _topic, several in sorted(unsafe.items())
    )
    if question.refuse_unsafe:
        return Verdict((*reasons, *found))
    return Verdict(tuple(reasons), found)


def below_minimum(one: Partition, minimum: int, taken: list[int], down: set[int]) -> Finding:
    """Return the reason that a partition gives."""
    others = f" ({ids(down)} counted as down)" if down else ""
    return Finding(
        "below_min_isr", f"partition {one.name}: ISR {ids(one.isr)} of min {minimum}, {named(taken)}{others}"
    )


def unsafe_topic(several: list[Partition], left: frozenset[int], minimum: int) -> Finding:
    """Return what a topic says that cannot do without a replica, whatever is done.

    Without a spare replica the restart stops acks=all writes; without any other in-sync one it stops everything.
    """
    replicas, topic = len(several[0].replicas), several[0].topic
    design = "1 replica" if replicas == 1 else f"{replicas} replicas of min ISR {minimum}"
    away = [one for one in several if not left.intersection(one.isr)]
    read_only = [one for one in several if left.intersection(one.isr)]
    parts = []
    if away:
        why = "" if replicas == 1 else ", because no other replica is in sync"
        parts.append(f"partitions {_numbers(away)} are away during the restart, to readers too{why}")
    if read_only:
        parts.append(f"partitions {_numbers(read_only)} take no acks=all writes during the restart")
    return Finding("unsafe_topic", f"topic {topic}: {design}, {'; '.join(parts)}")


def _numbers(several: list[Partition]) -> str:
    return ids(one.number for one in several[:10]) + (",..." if len(several) > 10 else "")


def elsewhere_gate(snapshot: Snapshot, question: Question) -> Verdict:
    """Trouble that the restart does not add to is noted, and refused when the gate is strict."""
    targets, found = question.ids, []
    weak = [one for one in snapshot.partitions if any(n not in one.isr and n not in targets for n in one.replicas)]
    if weak:
        text = f"{len(weak)} partitions are under-replicated, such as {weak[0].name}: ISR {ids(weak[0].isr)}"
        found.append(Finding("under_replicated", f"{text} of replicas {ids(weak[0].replicas)}"))
    if snapshot.reassigning:
        topic, number = min(snapshot.reassigning)
        found.append(
            Finding("reassignment", f"{len(snapshot.reassigning)} partitions are being moved, such as {topic}-{number}")
        )
    lost = {"broker_fenced": set(snapshot.brokers) - snapshot.unfenced, "broker_silent": set(snapshot.silent)}
    words = {"broker_fenced": "fenced brokers", "broker_silent": "brokers that do not follow the active controller"}
    found += [
        Finding(code, f"{words[code]}: {ids(those - targets)}") for code, those in lost.items() if those - targets
    ]
    return Verdict(tuple(found)) if question.strict else Verdict((), tuple(found))


def quorum_gate(snapshot: Snapshot, question: Question) -> Verdict:
    """The voters that keep up, without the targets, must still be a majority of all voters, the dead included."""
    quorum, targets = snapshot.quorum, question.ids
    if quorum is None or not targets & set(quorum.voters):
        return Verdict()
    if quorum.leader_id not in quorum.voters:
        return Verdict((Finding("no_leader", "the quorum has no leader"),))
    good = {one.node_id for one in quorum.voters.values() if is_caught_up(quorum, one, question.caught_up_ms)}
    taken, left, total = good & targets, good - targets - question.unavailable, len(quorum.voters)
    late = tuple(behind_voters(quorum, set(quorum.voters) - targets - left, question))
    if not taken:
        return Verdict(late if question.strict else (), () if question.strict else late)
    majority = total // 2 + 1 if total >= 3 else total - 1
    needed = len(set(quorum.voters) - targets) if question.strict else majority
    if len(left) < needed:
        text = f"voters {ids(quorum.voters)}: without {ids(taken)} only {ids(left)} keep up, {needed} are needed"
        return Verdict((Finding("quorum", text), *late))
    if total < 3:
        text = f"the quorum has {total} voter{'s' * (total > 1)} and does not work during the restart"
        return Verdict((), (Finding("small_quorum", text),))
    return Verdict((), late)


def behind_voters(quorum: QuorumView, several: Iterable[int], question: Question) -> Iterator[Finding]:
    """Return a finding for each voter that a gate did not count."""
    for node_id in sorted(several):
        if node_id in question.unavailable:
            yield Finding("voter_behind", f"voter {node_id} counted as down")
            continue
        late = behind_ms(quorum, quorum.voters[node_id])
        words = "has not been seen by the leader" if late is None else f"is {late} ms behind the leader"
        yield Finding("voter_behind", f"voter {node_id} {words}")


def progress_gate(question: Question) -> Verdict:
    """A target that is coming back by itself is not disturbed."""
    reasons = []
    for one in question.targets:
        behind = question.now.get(one.node_id, Behind())
        if one.recovering:
            reasons.append(Finding("recovering", f"node {one.node_id} is recovering its logs"))
        elif behind.is_behind and behind.shrinks(question.earlier.get(one.node_id)):
            reasons.append(Finding("catching_up", f"node {one.node_id} is catching up: {behind.words()}"))
    return Verdict(tuple(reasons))
