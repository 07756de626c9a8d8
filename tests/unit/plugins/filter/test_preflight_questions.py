"""What a node is asked."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.filter.preflight_questions import FilterModule, preflight_questions

PORTS = [
    ("broker-1", [9092, 9404, 9100, 3903]),
    ("controller-1", [9093, 9404, 9100, 3903]),
    ("node-1", [9092, 9093, 9404, 9100, 3903]),
]


@pytest.mark.parametrize(("name", "ports"), PORTS)
def test_questions(fleet: Any, name: str, ports: list[int]) -> None:
    fleet.add("node-1", 1, "combined", "billing")
    questions = FilterModule().filters()["preflight_questions"](fleet.model, name)
    directories = ["/var/lib/kafka/metadata"] + ["/var/lib/kafka/data"] * (name != "controller-1")
    orders = ["broker-1", "broker-2", "broker-3", "controller-1", "controller-2", "controller-3"]
    names = ["node-1"] if name == "node-1" else orders
    assert questions == {"directories": directories, "log_dir": "/var/log/kafka", "ports": ports, "names": names}


def test_the_answers_fit_the_questions(fleet: Any) -> None:
    for name, report in fleet.reports.items():
        questions = preflight_questions(fleet.model, name)
        assert [item["path"] for item in report["directories"]] == questions["directories"]
        assert sorted(report["names"]) == questions["names"]
