"""All checks together, as lines for people and as plain data."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.kraftops.kafka.plugins.filter.inventory_check import FilterModule, inventory_check


def test_good_inventory_is_explained(inventory: Any) -> None:
    found = inventory.check()
    assert found["lines"] == found["answers"]["orders"]
    assert found["lines"][0] == "orders: tolerates the loss of 1 of 3 controllers (majority 2)."


def test_problems_come_first_and_alone(inventory: Any) -> None:
    inventory.set("broker-2", kafka_node_id=11).set("all", kafka_version="4.2.0")
    assert inventory.check()["lines"] == [
        "1 problem:",
        "broker-2: kafka_node_id = 11: already the id of broker-1. Give each node its own id.",
        "1 warning:",
        "orders: kafka_version = 4.2.0: rolling upgrades with transactional producers can fail (KAFKA-20322). "
        "Use 4.2.1 or a later version.",
    ]


def test_what_several_hosts_share_is_said_once(inventory: Any) -> None:
    inventory.set("brokers", kafka_heap="1").set("controllers", kafka_port="x")
    assert inventory.check()["lines"] == [
        "1 problem:",
        "broker-1, broker-2, broker-3: kafka_heap = 1: not a heap size. Use a number and m or g, such as 512m or 4g.",
    ]


def test_plain_data_without_double_quotes(inventory: Any) -> None:
    inventory.set("broker-1", kafka_heap='a "b" \\ c', kafka_properties={"a": {"b": 1}, "x.password": {"c": "hidden"}})
    found = inventory.check()
    assert json.loads(json.dumps(found)) == found
    assert not any('"' in one or "\\" in one for one in found["lines"])


def test_several_clusters_are_checked_apart(inventory: Any) -> None:
    inventory.set("controllers", kafka_cluster_name="audit")
    assert [f"{one['host']}: {one['why']}" for one in inventory.check()["problems"]] == [
        "orders: no controller",
        "audit: no broker",
    ]


def test_plugin() -> None:
    assert FilterModule().filters() == {"inventory_check": inventory_check}
