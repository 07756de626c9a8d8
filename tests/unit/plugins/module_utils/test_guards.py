"""What would destroy data is refused until confirmed, and what clears eligible leaders says so."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.plugins.planned import DAY, LIVE, WEEK, base, lines
from tests.unit.plugins.running_kafka import node


def test_destroying_data_is_refused_until_confirmed() -> None:
    one = node(
        was={"log.retention.hours": "168"},
        desired={"log.retention.hours": "24"},
        beyond={"log.retention.ms": {"bytes": 1 << 30, "of": 2 << 30, "own": []}},
    )
    beyond = "of 2 GiB in log segments, all replicas together, by the times of their files about 1 GiB lie beyond that"
    told = f"messages would be kept 1 day instead of 7 days; {beyond}"
    rest = "said as log.retention.hours = 24, set live as log.retention.ms"
    asked = "refused unless kafka_confirm_data_loss=log.retention.ms is given"
    what = ("log.retention.ms", WEEK, DAY)
    assert lines(one) == [(*what, "destroys-data dynamic-cluster set refused", f"{told}; {asked}; {rest}")]
    assert lines(one, confirm="num.io.threads log.retention.bytes") == lines(one)
    done = "confirmed with kafka_confirm_data_loss"
    for key in ("log.retention.hours", "log.retention.ms"):
        assert lines(one, confirm=key) == [(*what, "destroys-data dynamic-cluster set", f"{told}; {done}; {rest}")]


DESTROYING: list[tuple[str, dict[str, Any], str]] = [
    (
        "min ISR",
        node(was={"min.insync.replicas": "2"}, desired={"min.insync.replicas": "1"}),
        "destroys-data dynamic-cluster set refused",
    ),
    (
        "min ISR, on a controller",
        node("controller", was={"min.insync.replicas": "2"}, desired={"min.insync.replicas": "1"}),
        "destroys-data dynamic-cluster set refused",
    ),
    (
        "unclean election",
        node(desired={"unclean.leader.election.enable": "true"}),
        "destroys-data dynamic-cluster set refused",
    ),
    (
        "delete beside compact",
        node(was={"log.cleanup.policy": "compact"}, desired={"log.cleanup.policy": "compact, delete"}),
        "destroys-data dynamic-cluster set refused",
    ),
    ("local retention", node(desired={"log.local.retention.ms": DAY}), "destroys-data dynamic-cluster set refused"),
    (
        "a shadow with more",
        node(was={"log.retention.ms": DAY}, own={"log.retention.ms": WEEK}),
        "destroys-data dynamic-broker delete refused",
    ),
    ("stopped", node(desired={"log.retention.ms": DAY}, live=None, running=False), "destroys-data none refused"),
    ("silent", node(desired={"log.retention.bytes": "1024"}, live=None), "destroys-data dynamic-cluster set refused"),
    (
        "back to a shorter default",
        node(was={"log.retention.ms": "-1"}, desired={"log.retention.ms": "-"}),
        "destroys-data dynamic-cluster set refused",
    ),
]


@pytest.mark.parametrize(("title", "one", "expected"), DESTROYING, ids=[row[0] for row in DESTROYING])
def test_ways_to_destroy_data(title: str, one: dict[str, Any], expected: str) -> None:
    assert [kind for _what, _old, _new, kind, _reason in lines(one) if kind.startswith("destroys")] == [expected]


def test_eligible_leaders() -> None:
    more = node(was={"min.insync.replicas": "1"}, desired={"min.insync.replicas": "2"})
    note = f"{LIVE}; the change clears the eligible leader replicas (ELR) of all partitions"
    assert lines(more, elr=True) == [("min.insync.replicas", "1", "2", "dynamic-cluster set", note)]
    assert lines(more) == [("min.insync.replicas", "1", "2", "dynamic-cluster set", LIVE)]
    assert lines(node(cluster={"min.insync.replicas": "1"}), elr=True) == []
    gone = node(file=base(min_insync_replicas="2"), cluster={"min.insync.replicas": "2"})
    assert lines(gone, elr=True, confirm="min.insync.replicas")[0][3] == "destroys-data dynamic-cluster set"
    other = node(was={"min.insync.replicas": "3"}, host="broker-2")
    refused = "a node cannot have a value of its own while eligible leader replicas (ELR) are on"
    assert lines(more, other, elr=True) == [("min.insync.replicas", "1", "2", "forbidden none set refused", refused)]


def test_what_a_node_loses_and_what_all_lose() -> None:
    lost = {"log.retention.ms": {"bytes": 1024, "of": 2048, "own": []}}
    one = node(was={"log.retention.ms": DAY}, own={"log.retention.ms": WEEK}, beyond=lost)
    assert "1 KiB lie beyond that; refused" in lines(one)[0][4]
    wide = node(desired={"log.retention.ms": DAY}, beyond=lost)
    others = [node(host="broker-2", desired={"log.retention.ms": DAY}, beyond=lost), node("controller")]
    away = {"host": "broker-3", "role": "broker", "version": "4.3.1", "desired": base(log_retention_ms=DAY)}
    told = "of 4 KiB in log segments, all replicas together, by the times of their files about 2 KiB lie beyond that"
    assert f"; {told}; refused" in lines(wide, *others)[0][4]
    assert f"; {told}, not counting broker-3; refused" in lines(wide, *others, elsewhere=[away])[0][4]
