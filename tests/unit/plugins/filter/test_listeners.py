"""Listeners of every kind of node."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.filter.listeners import FilterModule, listeners
from ansible_collections.kraftops.kafka.plugins.module_utils._problems import line

BOTH = {"protocol_map": "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT", "controller_listener_names": "CONTROLLER"}
TABLE = [
    (
        "controller-1",
        {
            "listeners": "CONTROLLER://:9093",
            "advertised_listeners": "CONTROLLER://controller-1:9093",
            "inter_broker_listener_name": "",
        },
    ),
    (
        "broker-1",
        {
            "listeners": "CLIENT://:9192",
            "advertised_listeners": "CLIENT://[fd00::1]:9192",
            "inter_broker_listener_name": "CLIENT",
        },
    ),
    (
        "controller-2",
        {
            "listeners": "CLIENT://:9092,CONTROLLER://:9093",
            "advertised_listeners": "CLIENT://controller-2:9092,CONTROLLER://controller-2:9093",
            "inter_broker_listener_name": "CLIENT",
        },
    ),
]


@pytest.mark.parametrize(("host", "expected"), TABLE)
def test_listeners(inventory: Any, host: str, expected: dict[str, str]) -> None:
    inventory.groups["kafka_brokers"].append("controller-2")
    inventory.set("broker-1", kafka_address="fd00::1", kafka_port=9192)
    found = listeners(inventory.model(), host)
    assert found == {**BOTH, **expected, "problems": [], "warnings": []}


def test_unknown_host(inventory: Any) -> None:
    found = listeners(inventory.model(), "monitor-1")
    assert found["listeners"] == ""
    assert [line(one) for one in found["problems"]] == [
        "monitor-1: groups: not a Kafka host of this inventory. Use a host of the group kafka."
    ]


def test_plugin() -> None:
    assert FilterModule().filters() == {"listeners": listeners}
