# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judges a change of a property once more: what it would destroy, and what it does to eligible leaders."""

from __future__ import annotations

from dataclasses import replace
from typing import Optional

from ansible_collections.kraftops.kafka.plugins.module_utils import _data_loss as data_loss
from ansible_collections.kraftops.kafka.plugins.module_utils import _effective as effective
from ansible_collections.kraftops.kafka.plugins.module_utils._difference import (
    DESTROYS_DATA,
    DYNAMIC_NODE,
    FORBIDDEN,
    NONE,
    SET,
    Difference,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._plan_input import Cluster, NodeState
from ansible_collections.kraftops.kafka.plugins.module_utils._update_modes import CLEARS_ELR

# What a limit that follows another one is followed by.
LIMITS = ("log.retention.ms", "log.retention.bytes")


def guarded(
    node: NodeState, cluster: Cluster, line: Difference, change: tuple[Optional[str], Optional[str]]
) -> Difference:
    """Return the line as it is, or refused, or with a word about eligible leaders."""
    if line.what in CLEARS_ELR and cluster.elr:
        line = _under_elr(line)
    if line.refused:
        return line
    old, new = _values(node, line.what, change)
    lost = (cluster.beyond if line.wide else node.beyond).get(line.what)
    sentence = data_loss.danger(line.what, old, new, lost)
    if not sentence:
        return line
    if data_loss.confirmed(line.what, cluster.confirmed):
        end = f"confirmed with {data_loss.CONFIRM}"
    else:
        end = f"refused unless {data_loss.CONFIRM}={line.what} is given"
    refused = not data_loss.confirmed(line.what, cluster.confirmed)
    return replace(
        line,
        kind=DESTROYS_DATA,
        refused=refused,
        reason=f"{sentence}; {end}; {line.reason}",
        beyond=lost.bytes if lost else None,
    )


def _values(
    node: NodeState, key: str, change: tuple[Optional[str], Optional[str]]
) -> tuple[data_loss.Values, data_loss.Values]:
    """Return the old and the new effective values of a key and of what its limit may follow."""
    old: dict[str, Optional[str]] = {}
    new: dict[str, Optional[str]] = {}
    for name in LIMITS:
        before = None if node.live is None else effective.current(name, node.live)
        fallback = effective.default(name, node.live)
        old[name] = before or effective.stated(name, node.before) or fallback
        new[name] = effective.stated(name, node.desired) or fallback
    return {**old, key: change[0]}, {**new, key: change[1]}


def _under_elr(line: Difference) -> Difference:
    if line.apply == DYNAMIC_NODE and line.operation == SET:
        reason = "a node cannot have a value of its own while eligible leader replicas (ELR) are on"
        return replace(line, kind=FORBIDDEN, refused=True, apply=NONE, reason=reason)
    if line.apply == NONE:
        return line
    return replace(
        line, reason=f"{line.reason}; the change clears the eligible leader replicas (ELR) of all partitions"
    )
