# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""In which order nodes are restarted, one at a time.

Unhealthy nodes come first: what is broken already must not wait for, or be broken further by, the healthy ones. In each
of the two halves the controllers precede the brokers and the active controller is the last of them, so that it moves at
most once; brokers go rack by rack, so that only one rack is ever degraded. A combined node counts as a controller.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Optional


@dataclass(frozen=True)
class RollNode:
    """What the order depends on."""

    name: str
    role: str
    node_id: int
    rack: Optional[str] = None
    healthy: bool = True


def sick(summary: Mapping[str, Any]) -> frozenset[int]:
    """Return the ids of nodes that run and are not well: fenced, out of an ISR, behind the quorum. `summary` is the probe's."""
    brokers, quorum = summary.get("brokers") or [], summary.get("quorum") or {}
    found = {one["node_id"] for one in brokers if one["fenced"] or one["out_of_isr"]}
    found |= {one["node_id"] for one in quorum.get("voters") or [] if not one["caught_up"]}
    return frozenset(found)


def roll_order(nodes: Iterable[RollNode], active: Optional[str] = None) -> list[str]:
    """Return the names in the order of their turns; `active` is the active controller now, None when there is none."""

    def turn(node: RollNode) -> tuple[bool, bool, bool, str, int]:
        is_broker = node.role == "broker"
        return node.healthy, is_broker, node.name == active and not is_broker, node.rack or "", node.node_id

    return [node.name for node in sorted(nodes, key=turn)]


def why_then(node: RollNode, active: Optional[str]) -> str:
    """Return in words why a node has its place."""
    if not node.healthy:
        return "unhealthy: first"
    if node.role != "broker":
        return "active controller: last of the controllers" if node.name == active else "controller: before the brokers"
    return f"broker, rack {node.rack}" if node.rack else "broker"
