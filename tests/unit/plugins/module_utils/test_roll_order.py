"""The order of restarts."""

from __future__ import annotations

from typing import Any, Optional

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._roll_order import RollNode, roll_order, sick, why_then


def nodes(text: str) -> list[RollNode]:
    """Return nodes written as `c1a` or `b11b!`: role, id, rack, and a mark for an unhealthy one."""
    roles = {"c": "controller", "b": "broker", "x": "combined"}
    found = []
    for word in text.split():
        name = word.rstrip("!")
        rack = name[-1] if name[-1].isalpha() else None
        found.append(RollNode(name, roles[name[0]], int(name[1:].rstrip("abc")), rack, not word.endswith("!")))
    return found


ORDERS: list[tuple[str, str, Optional[str], str]] = [
    (
        "controllers, then brokers rack by rack",
        "b13b b11a b12a b14b c3c c1a c2b",
        "c1a",
        "c2b c3c c1a b11a b12a b13b b14b",
    ),
    ("no active controller", "b11a c2b c1a", None, "c1a c2b b11a"),
    ("five controllers", "c1a c2b c3c c4a c5b", "c3c", "c1a c4a c2b c5b c3c"),
    ("an unhealthy broker before everything healthy", "c1a c2b c3c b11a b12b!", "c1a", "b12b! c2b c3c c1a b11a"),
    ("unhealthy controllers before unhealthy brokers", "c1a c2b! c3c b11a! b12b", "c1a", "c2b! b11a! c3c c1a b12b"),
    ("an unhealthy active controller stays the last of its half", "c1a! c2b! c3c", "c1a", "c2b! c1a! c3c"),
    ("combined nodes", "x3c x1a x2b", "x1a", "x2b x3c x1a"),
    ("combined nodes before brokers", "b11a x1c x2b", "x2b", "x1c x2b b11a"),
    ("without racks by id", "b12 b11 c2 c1", "c1", "c2 c1 b11 b12"),
    ("a broker's name as the active controller changes nothing", "b11a b12a", "b11a", "b11a b12a"),
    ("ids are numbers", "b9a b10a b11a", None, "b9a b10a b11a"),
]


@pytest.mark.parametrize(("title", "fleet", "active", "expected"), ORDERS, ids=[row[0] for row in ORDERS])
def test_order(title: str, fleet: str, active: Optional[str], expected: str) -> None:
    assert roll_order(nodes(fleet), active) == expected.replace("!", "").split()


def test_places_in_words() -> None:
    words = [why_then(node, "c1a") for node in nodes("c1a c2b! c3c b11a b12")]
    assert words == [
        "active controller: last of the controllers",
        "unhealthy: first",
        "controller: before the brokers",
        "broker, rack a",
        "broker",
    ]


WELL = {"node_id": 11, "fenced": False, "out_of_isr": 0}
SUMMARIES: list[tuple[dict[str, Any], set[int]]] = [
    ({}, set()),
    ({"brokers": [], "quorum": None}, set()),
    ({"brokers": [WELL]}, set()),
    ({"brokers": [WELL, {**WELL, "node_id": 12, "fenced": True}, {**WELL, "node_id": 13, "out_of_isr": 1}]}, {12, 13}),
    ({"quorum": {"voters": [{"node_id": 1, "caught_up": True}, {"node_id": 2, "caught_up": False}]}}, {2}),
]


@pytest.mark.parametrize(("summary", "expected"), SUMMARIES)
def test_sick(summary: dict[str, Any], expected: set[int]) -> None:
    assert sick(summary) == expected


def test_a_node_is_healthy_unless_somebody_says_otherwise() -> None:
    assert roll_order([RollNode("b", "broker", 11, healthy=False), RollNode("a", "controller", 1)]) == ["b", "a"]
