"""Whom the health probe may ask, and about whom."""

from __future__ import annotations

from typing import Any

from ansible_collections.kraftops.kafka.plugins.filter.health_questions import FilterModule


def test_health_questions(inventory: Any) -> None:
    inventory.set("broker-2", kafka_address="2001:db8::2", kafka_port=9192)
    questions = FilterModule().filters()["health_questions"](
        inventory.model(), "orders", targets=["broker-2", "controller-1", "stranger"], unavailable=["broker-3", "gone"]
    )
    assert questions == {
        "brokers": [
            {"node_id": 11, "address": "broker-1:9092"},
            {"node_id": 12, "address": "[2001:db8::2]:9192"},
            {"node_id": 13, "address": "broker-3:9092"},
        ],
        "controllers": [
            {"node_id": 1, "address": "controller-1:9093"},
            {"node_id": 2, "address": "controller-2:9093"},
            {"node_id": 3, "address": "controller-3:9093"},
        ],
        "targets": [{"node_id": 12, "roles": ["broker"]}, {"node_id": 1, "roles": ["controller"]}],
        "unavailable": [13],
    }


def test_only_looking(inventory: Any) -> None:
    questions = FilterModule().filters()["health_questions"](inventory.model(), "orders")
    assert (questions["targets"], questions["unavailable"]) == ([], [])
