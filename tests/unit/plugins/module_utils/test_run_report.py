"""The lines at the end of a run."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._run_report import held_lines, silent_lines, unknown_lines

HELD: list[tuple[list[str], str]] = [
    (["-num.io.threads=8", "+num.io.threads=16"], "-num.io.threads=8; +num.io.threads=16"),
    (["-", "+# why", "+ "], "+# why"),
    (["-"], "white space only"),
    ([], "white space only"),
    (
        ["-ssl.keystore.password=old", "+ssl.keystore.password=new=er"],
        "-ssl.keystore.password=(hidden); +ssl.keystore.password=(hidden)",
    ),
    (["+-Dtoken=x"], "+-Dtoken=(hidden)"),
]


@pytest.mark.parametrize(("lines", "change"), HELD)
def test_held(lines: list[str], change: str) -> None:
    files: dict[str, dict[str, Any]] = {"b": {"held": [{"path": "/etc/x", "lines": lines}]}, "a": {}, "c": {"held": []}}
    assert held_lines(files) == [f"b: /etc/x needs a restart of Kafka and was not written: {change}"]


def test_held_is_sorted_by_host() -> None:
    item = {"held": [{"path": "/x", "lines": ["+1"]}]}
    assert [line[0] for line in held_lines({"b": item, "a": item})] == ["a", "b"]


def test_silent() -> None:
    reports: dict[str, dict[str, Any]] = {"c": {"unreachable": True}, "b": {"report": {}}, "a": {"msg": "?"}, "d": {}}
    assert silent_lines(reports) == ["a: did not answer and was left alone", "c: did not answer and was left alone"]


def test_unknown(fleet: Any) -> None:
    fleet.add("other-1", 1, "combined", "billing")
    views: dict[str, Any] = {
        "controller-1": {"voters": [1, 2, 3, 4], "brokers": []},
        "broker-1": {"voters": [1, 2, 3, 4], "brokers": [11, 12, 13, 15, 14]},
        "broker-2": {},
        "other-1": {"voters": [1], "brokers": [1]},
    }
    assert unknown_lines(fleet.model, views) == [
        "cluster orders: broker 14 is live and not in the inventory; it was not touched",
        "cluster orders: broker 15 is live and not in the inventory; it was not touched",
        "cluster orders: voter 4 is live and not in the inventory; it was not touched",
    ]
