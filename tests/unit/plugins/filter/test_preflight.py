"""The filter preflight: where its reports come from, what it returns, how disks are confirmed."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.filter.preflight import FilterModule, confirmed, gather, preflight


def test_it_is_found_by_its_name() -> None:
    assert FilterModule().filters() == {"preflight": preflight}


def test_shape_of_the_result(fleet: Any) -> None:
    fleet.reports["broker-1"]["os"]["id"] = "other"
    result = fleet.preflight()
    assert sorted(result) == ["lines", "nodes", "problems", "warnings"]
    assert result["problems"] == [
        {
            "host": "broker-1",
            "variable": "operating system",
            "value": "Debian GNU/Linux 13 (trixie)",
            "why": "only Debian 12 and 13 are supported",
            "fix": "Use a supported host; other systems are not tested and would fail half-way",
        }
    ]
    assert sorted(result["nodes"]) == sorted(fleet.model["nodes"])
    assert sorted(result["nodes"]["broker-1"]) == [
        "added",
        "cluster_id",
        "directories",
        "format",
        "manifest",
        "started",
    ]


CONFIRMED: list[tuple[Any, set[str]]] = [
    ([], set()),
    ("", {""}),
    ("a:/x", {"a:/x"}),
    ("a:/x, b:/y/", {"a:/x", "b:/y"}),
    (["a:/x", " b:/y/ "], {"a:/x", "b:/y"}),
]


@pytest.mark.parametrize(("value", "expected"), CONFIRMED)
def test_confirmed(value: Any, expected: set[str]) -> None:
    assert confirmed(value) == expected


def test_reports_come_from_the_run_and_from_the_others() -> None:
    model: dict[str, Any] = {"nodes": {"a": {}, "b": {}, "c": {}, "d": {}}}
    hostvars = {
        "a": {"__kafka_report": {"report": 1}},
        "b": {"__kafka_report": {"unreachable": True}},
        "c": {},
        "d": {},
    }
    others = [{"item": "c", "report": 3}, {"item": "d", "unreachable": True}]
    assert gather(model, hostvars, others) == {"a": 1, "c": 3}


@pytest.mark.parametrize("others", [None, []])
def test_without_others_and_confirmations(running: Any, others: Any) -> None:
    hostvars = {name: {"__kafka_report": {"report": report}} for name, report in running.reports.items()}
    result = preflight(running.model, hostvars, others)
    assert result["problems"] == []
    assert {item["format"] for item in result["nodes"].values()} == {"none"}
