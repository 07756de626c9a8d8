"""The lines at the end of a run."""

from __future__ import annotations

from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._run_report import silent_lines, unknown_lines


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
