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
    assert sorted(result) == ["left_alone", "lines", "nodes", "problems", "warnings"]
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


ALONE = [
    (
        "maintenance",
        "in maintenance",
        "broker-2: kafka_maintenance = true: it is left alone, and every gate counts it as down. "
        "Take kafka_maintenance away when it may be changed again.",
    ),
    (
        "masked",
        "its unit is masked",
        "broker-2: kafka.service = masked: it is left alone, and every gate counts it as down. "
        "Unmask it (systemctl unmask --runtime kafka.service) when it may be changed again.",
    ),
]


def leave_alone(fleet: Any, how: str, name: str = "broker-2") -> None:
    """Say in the inventory, or on the host, that a node is to be left alone."""
    if how == "maintenance":
        fleet.model["nodes"][name]["maintenance"] = True
    else:
        fleet.reports[name]["kafka_masked"] = True


@pytest.mark.parametrize(("how", "why", "said"), ALONE)
def test_a_node_that_is_left_alone_is_named_and_nothing_is_decided_for_it(
    running: Any, how: str, why: str, said: str
) -> None:
    leave_alone(running, how)
    running.wipe("broker-2")  # its disks are nobody's business now
    result = running.preflight()
    assert result["left_alone"] == {"broker-2": why}
    assert result["lines"] == {"problems": [], "warnings": [said]}
    assert sorted(result["nodes"]) == sorted(set(running.model["nodes"]) - {"broker-2"})


@pytest.mark.parametrize(("how", "why", "_said"), ALONE)
def test_a_first_start_leaves_nobody_alone(fleet: Any, how: str, why: str, _said: str) -> None:
    leave_alone(fleet, how)
    assert fleet.preflight()["lines"]["problems"] == [
        "kafka_cluster_name = orders: the cluster does not exist yet, and these nodes are left alone: "
        f"broker-2 ({why}). A first start needs every node. Run again when they may be started."
    ]


def test_a_silent_node_in_maintenance_is_no_surprise(running: Any) -> None:
    leave_alone(running, "maintenance")
    running.silent = {"broker-2"}
    assert running.preflight()["lines"]["warnings"] == [ALONE[0][2]]
