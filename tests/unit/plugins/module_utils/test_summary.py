"""A snapshot in numbers."""

from __future__ import annotations

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _summary
from ansible_collections.kraftops.kafka.plugins.module_utils._gates import Finding, Verdict
from tests.unit.plugins.module_utils.views import partition, quorum, snapshot


def test_brokers() -> None:
    view = snapshot(partition("11,12,13"), partition("11,13", replicas="12,11,13"), fenced=(12,))
    assert _summary.brokers(view)[1] == {
        "node_id": 12,
        "address": "b-12:9092",
        "rack": "a",
        "fenced": True,
        "replicas": 2,
        "out_of_isr": 1,
        "leaders": 0,
        "preferred": 1,
    }
    assert [(one["leaders"], one["preferred"]) for one in _summary.brokers(view)] == [(2, 1), (0, 1), (0, 0)]


def test_quorum() -> None:
    found = _summary.quorum(quorum({2: 3000, 3: None}, lag=40))
    assert (found["leader_id"], found["leader_epoch"], found["high_watermark"]) == (1, 7, 5000)
    assert found["voters"] == [
        {"node_id": 1, "lag": 0, "behind_ms": 0, "caught_up": True},
        {"node_id": 2, "lag": 40, "behind_ms": 3000, "caught_up": False},
        {"node_id": 3, "lag": 5000, "behind_ms": None, "caught_up": False},
    ]
    assert _summary.quorum(quorum(leader=-1))["voters"][0]["lag"] is None


# ISR, replicas, min ISR, leader, the dangers
KINDS = [
    ("11,12,13", "11,12,13", 2, 11, []),
    ("11,12", "11,12,13", 2, 11, ["under_replicated", "at_min_isr"]),
    ("11", "11,12,13", 2, 11, ["under_replicated", "under_min_isr"]),
    ("", "11,12,13", 2, -1, ["under_replicated", "offline"]),
    ("11", "11", 1, 11, []),
    ("11,12", "11,12", 2, 11, []),
    ("11", "11,12", 2, 11, ["under_replicated", "under_min_isr"]),
    ("11", "11", 2, 11, ["under_min_isr"]),
]


@pytest.mark.parametrize(("isr", "replicas", "minimum", "leader", "expected"), KINDS)
def test_kinds(isr: str, replicas: str, minimum: int, leader: int, expected: list[str]) -> None:
    assert _summary.kinds(partition(isr, replicas=replicas, leader=leader), minimum) == expected


def test_partitions_at_risk_are_named_the_worst_first() -> None:
    several = [
        partition("11,12"),
        partition("11", "weak"),
        partition("", "lost", leader=-1),
        partition("11,12,13", "fine"),
    ]
    assert _summary.partitions(snapshot(*several, reassigning={("fine", 3): ()})) == {
        "topics": 4,
        "partitions": 4,
        "offline": 1,
        "under_min_isr": 1,
        "at_min_isr": 1,
        "under_replicated": 3,
        "reassigning": 1,
        "at_risk": [
            "lost-3: no leader, ISR none of replicas 11,12,13",
            "weak-3: under min ISR 2, ISR 11 of replicas 11,12,13",
            "orders-3: at min ISR 2, ISR 11,12 of replicas 11,12,13",
        ],
        "at_risk_count": 3,
    }


def test_twenty_thousand_partitions_fit_on_a_screen() -> None:
    view = snapshot(*(partition("11,12")._replace(number=number) for number in range(20000)))
    found = _summary.partitions(view)
    assert (len(found["at_risk"]), found["at_risk_count"]) == (20, 20000)


def test_a_verdict() -> None:
    reasons = (*(Finding("a", f"{number}") for number in range(22)), Finding("b", "one"))
    found = _summary.verdict(Verdict(reasons, (Finding("c", "note"),)))
    assert (found["allowed"], found["reason_counts"]) == (False, {"a": 22, "b": 1})
    assert [one["text"] for one in found["reasons"]][19:] == ["19", "and 2 more of this kind", "one"]
    assert found["notes"] == [{"code": "c", "text": "note"}]
    assert _summary.verdict(Verdict())["allowed"]


def test_a_summary_without_a_broker() -> None:
    view = snapshot()
    assert _summary.summary(view)["quorum"]["leader_id"] == 1
    assert _summary.summary(snapshot(quorum=None))["quorum"] is None
