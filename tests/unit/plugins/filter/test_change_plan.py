"""The filter change_plan: its name, its options, and the answers of real nodes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.filter.change_plan import FilterModule, change_plan, keys

RECORDED = json.loads((Path(__file__).parents[3] / "fixtures/configs/describe-configs.json").read_text())
CONFIRMED: list[tuple[Any, set[str]]] = [
    (None, set()),
    ([], set()),
    ("", set()),
    ("a.b, c", {"a.b", "c"}),
    (["a.b"], {"a.b"}),
]


def test_it_is_found_by_its_name() -> None:
    assert FilterModule().filters() == {"change_plan": change_plan}


@pytest.mark.parametrize(("given", "expected"), CONFIRMED)
def test_confirmed_keys(given: Any, expected: set[str]) -> None:
    assert keys(given) == expected


def recorded(version: str, **desired: str) -> list[dict[str, Any]]:
    """Return a controller and a broker as they answered, with what their files should say instead."""
    more = {key.replace("_", "."): value for key, value in desired.items()}
    nodes = []
    for role in ("controller", "broker"):
        file, live = RECORDED[version][role]["file"], RECORDED[version][role]["live"]
        found = {"host": f"{role}-1", "role": role, "version": version, "desired": {**file, **more}}
        nodes.append({**found, "file": file, "loaded": file, "live": live})
    return nodes


@pytest.mark.parametrize("version", ["3.9.2", "4.3.1"])
def test_real_nodes_as_they_were_started(version: str) -> None:
    plan = change_plan(recorded(version), "orders", elr=version == "4.3.1")
    assert plan["lines"] == ["orders: nothing differs, nothing will be done."]


@pytest.mark.parametrize("version", ["3.9.2", "4.3.1"])
def test_real_nodes_without_their_loaded_copies(version: str) -> None:
    nodes = [{**node, "loaded": None} for node in recorded(version)]
    plan = change_plan(nodes, "orders", elr=version == "4.3.1")
    assert plan["lines"] == ["orders: nothing differs, nothing will be done."]


@pytest.mark.parametrize("version", ["3.9.2", "4.3.1"])
def test_real_nodes_with_changes(version: str) -> None:
    wanted = {"log_retention_hours": "96", "num_io_threads": "12", "socket_send_buffer_bytes": "4096"}
    plan = change_plan(
        recorded(version, **wanted, log_cleanup_policy="delete,compact"), "orders", active="controller-1"
    )
    told = [(one["host"], one["what"], one["from"], one["to"], one["class"]) for one in plan["differences"]]
    assert told == [
        ("orders", "log.cleanup.policy", "compact,delete", "delete,compact", "dynamic-cluster"),
        ("orders", "log.retention.ms", "259200000", "345600000", "dynamic-cluster"),
        ("orders", "num.io.threads", "8", "12", "dynamic-cluster"),
        ("controller-1", "log.cleanup.policy", "(absent)", "delete,compact", "none"),
        ("controller-1", "log.retention.ms", "259200000", "345600000", "none"),
        ("controller-1", "socket.send.buffer.bytes", "102400", "4096", "restart"),
        ("broker-1", "socket.send.buffer.bytes", "102400", "4096", "restart"),
    ]
    assert [one["host"] for one in plan["restart"]] == ["controller-1", "broker-1"]
    assert "planted" not in json.dumps(plan)
