# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Are these nodes back after their restart? Arithmetic on snapshots; nothing here asks anybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import QuorumView
from ansible_collections.kraftops.kafka.plugins.module_utils._gates import Behind, Finding, Question, Target, Verdict
from ansible_collections.kraftops.kafka.plugins.module_utils._snapshot import Snapshot, behind_ms, ids, is_caught_up


def behind(snapshot: Snapshot, target: Target, question: Question, records: Optional[int] = None) -> Behind:
    """Return how far a node is behind; `records` is its lag in partitions, which only the node itself knows."""
    partitions = len(snapshot.missing(target.node_id))
    quorum = snapshot.quorum
    if quorum is None or target.node_id not in quorum.voters or quorum.leader_id not in quorum.voters:
        return Behind(partitions, records)
    late = not is_caught_up(quorum, quorum.voters[target.node_id], question.caught_up_ms)
    return Behind(partitions, records, quorum.lag(target.node_id) if late else None, quorum.leader_epoch)


def after(snapshot: Snapshot, question: Question, earlier: Optional[QuorumView] = None) -> Verdict:
    """Return whether every target is back. `earlier` is a view from after the old process ended."""
    reasons: list[Finding] = []
    for target in question.targets:
        if target.new_process is False:
            reasons.append(
                Finding("old_process", f"node {target.node_id} still runs the process of before the restart")
            )
        if target.is_broker:
            reasons += broker_back(snapshot, target.node_id)
        if target.is_controller:
            reasons += controller_back(snapshot.quorum, earlier, target.node_id, question)
    return Verdict(tuple(reasons))


def broker_back(snapshot: Snapshot, node_id: int) -> Iterator[Finding]:
    """Return what a broker still lacks: to be unfenced, and to be in every ISR that it belongs to."""
    if node_id not in snapshot.unfenced:
        yield Finding("fenced", f"broker {node_id} is fenced; unfenced are {ids(snapshot.unfenced)}")
    for one in snapshot.missing(node_id):
        yield Finding("not_in_isr", f"partition {one.name}: target {node_id} is not back in ISR {ids(one.isr)}")


def controller_back(
    quorum: Optional[QuorumView], earlier: Optional[QuorumView], node_id: int, question: Question
) -> Iterator[Finding]:
    """Return what a controller still lacks. All voters are listed, dead or alive, so being listed proves nothing."""
    if quorum is None or quorum.leader_id not in quorum.voters:
        yield Finding("no_leader", "the quorum has no leader")
        return
    replica = quorum.voters.get(node_id) or quorum.observers.get(node_id)
    if replica is None:
        yield Finding("not_fetching", f"controller {node_id} does not fetch from leader {quorum.leader_id}")
    elif not is_caught_up(quorum, replica, question.caught_up_ms):
        late = behind_ms(quorum, replica)
        words = "has not been seen by" if late is None else f"is {late} ms behind"
        yield Finding("voter_behind", f"controller {node_id} {words} leader {quorum.leader_id}")
    elif node_id != quorum.leader_id and not fetched_since(quorum, earlier, node_id):
        yield Finding("not_fetching", f"controller {node_id} has not been seen fetching since its restart")


def fetched_since(quorum: QuorumView, earlier: Optional[QuorumView], node_id: int) -> bool:
    """Return whether a replica fetched after an earlier view; the times of two leaders are not compared."""
    if earlier is None or (earlier.leader_id, earlier.leader_epoch) != (quorum.leader_id, quorum.leader_epoch):
        return False
    old = earlier.voters.get(node_id) or earlier.observers.get(node_id)
    new = quorum.voters.get(node_id) or quorum.observers[node_id]
    return new.last_fetch_ms > (old.last_fetch_ms if old else -1)
