"""The filter run_report: which results it collects from which hosts."""

from __future__ import annotations

from typing import Any

from ansible_collections.kraftops.kafka.plugins.filter.run_report import FilterModule


def test_run_report(fleet: Any) -> None:
    hostvars: dict[str, dict[str, Any]] = {name: {"__kafka_report": {"report": {}}} for name in fleet.model["nodes"]}
    hostvars["broker-1"]["__kafka_ready"] = {"brokers": [11, 19], "voters": []}
    hostvars["broker-3"] = {"__kafka_report": {"unreachable": True}}
    hostvars["controller-3"] = {}
    report = FilterModule().filters()["run_report"](fleet.model, hostvars, ["broker-1", "controller-1"])
    assert report == {
        "undone": ["broker-3: did not answer and was left alone"],
        "notes": ["cluster orders: broker 19 is live and not in the inventory; it was not touched"],
    }


def test_nothing_to_report(running: Any) -> None:
    hostvars: dict[str, dict[str, Any]] = {name: {"__kafka_report": {"report": {}}} for name in running.model["nodes"]}
    report = FilterModule().filters()["run_report"](running.model, hostvars, list(hostvars))
    assert report == {"undone": [], "notes": []}
