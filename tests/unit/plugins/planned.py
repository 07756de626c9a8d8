"""What a plan says about one node, as short rows that tests compare."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

from ansible_collections.kraftops.kafka.plugins.module_utils import _change_plan
from ansible_collections.kraftops.kafka.plugins.module_utils._change_plan import node_differences
from ansible_collections.kraftops.kafka.plugins.module_utils._difference import Difference
from ansible_collections.kraftops.kafka.plugins.module_utils._plan_input import cluster_of, node_state
from tests.unit.plugins.running_kafka import BASE

Row = tuple[str, str, str, str, str]
DAY, WEEK, TEN_DAYS = "86400000", "604800000", "864000000"
LIVE = "taken live by every node that uses it, and written to the file"
START = "Kafka reads it only when it starts"
FILE = "only the file differs: it is written, nothing else is needed"
FOREIGN = "a dynamic value about which neither the inventory nor the files say anything"


def change_plan(
    nodes: Sequence[dict[str, Any]],
    name: str = "orders",
    *,
    active: Optional[str] = None,
    elr: bool = False,
    confirm: str = "",
    foreign: str = "report",
) -> dict[str, Any]:
    """Return the plan of a cluster."""
    states = [node_state(one) for one in nodes]
    decided = cluster_of(states, frozenset(confirm.split()), elr, foreign == "remove")
    return _change_plan.change_plan(name, states, decided, active)


def lines(
    *nodes: dict[str, Any],
    confirm: str = "",
    elr: bool = False,
    remove: bool = False,
    elsewhere: Sequence[dict[str, Any]] = (),
) -> list[Row]:
    """Return what differs on the first node: what, from, to, class and how it is applied, reason."""
    states = [node_state(one) for one in nodes]
    cluster = cluster_of(states, frozenset(confirm.split()), elr, remove, [node_state(one) for one in elsewhere])
    return [(one.what, one.old, one.new, _kind(one), one.reason) for one in node_differences(states[0], cluster)]


def _kind(one: Difference) -> str:
    applied = one.apply if one.apply != one.kind else ""
    words = (one.kind, applied, one.operation, "refused" * one.refused, "foreign" * one.foreign)
    return " ".join(word for word in words if word)


def base(role: str = "broker", **more: str) -> dict[str, str]:
    """Return the properties of a node, dots written as underscores."""
    return {**BASE[role], **{key.replace("_", "."): value for key, value in more.items()}}
