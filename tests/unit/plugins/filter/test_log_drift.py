"""The report of live levels against the declared ones, as data and as text."""

from __future__ import annotations

from typing import Any

from ansible_collections.kraftops.kafka.plugins.filter.log_drift import FilterModule, log_drift

HOSTS = ["controller-1", "broker-1", "broker-2"]
GOOD: dict[str, Any] = {
    "answered": True,
    "why": "",
    "version": "4.3.1",
    "loaded": True,
    "changes": [],
    "unlisted": {},
    "temporary": [],
    "file_changed": False,
}
NODE = {
    "answered": True,
    "why": "",
    "drift": [],
    "left_on": [],
    "temporary": [],
    "unlisted": [],
    "file_differs": False,
    "loaded": True,
}
FINE = "nodes: every logger has its declared level, temporary ones apart"


def change(logger: str, live: str, wanted: str, temporary: bool = False) -> dict[str, Any]:
    return {"logger": logger, "from": live, "to": wanted, "temporary": temporary}


def report(inventory: Any, **results: dict[str, Any]) -> dict[str, Any]:
    """Return the report; results by host, `broker_1` stands for broker-1."""
    said = {name.replace("_", "-"): result for name, result in results.items()}
    hostvars = {name: {"__kafka_levels_read": said.get(name, GOOD)} for name in HOSTS}
    return log_drift(inventory.model(), hostvars, HOSTS)


def test_nothing_differs(inventory: Any) -> None:
    assert report(inventory) == {"lines": [f"3 of 3 {FINE}"], "nodes": dict.fromkeys(HOSTS, NODE)}


def test_drift_and_who_left_trace_on(inventory: Any) -> None:
    trace, error = change("kafka.server", "TRACE", "INFO"), change("kafka.network", "ERROR", "INFO")
    found = report(inventory, broker_1={**GOOD, "changes": [trace, error]}, broker_2={**GOOD, "changes": [trace]})
    assert found["lines"] == [
        f"1 of 3 {FINE}",
        "broker-1, broker-2: kafka.server is TRACE, declared INFO; left on, nothing says that it should be",
        "broker-1: kafka.network is ERROR, declared INFO",
    ]
    assert found["nodes"]["broker-1"] == {
        **NODE,
        "drift": [
            {"logger": "kafka.server", "live": "TRACE", "declared": "INFO"},
            {"logger": "kafka.network", "live": "ERROR", "declared": "INFO"},
        ],
        "left_on": ["kafka.server"],
    }


def test_temporary_levels_are_no_drift_but_a_lost_one_is_told(inventory: Any) -> None:
    levels = [
        {"logger": "kafka.server", "level": "DEBUG", "remaining_seconds": 61},
        {"logger": "kafka.log", "level": "TRACE", "remaining_seconds": 5},
    ]
    lost = change("kafka.log", "INFO", "TRACE", temporary=True)
    found = report(inventory, broker_1={**GOOD, "temporary": levels, "changes": [lost]})
    assert found["lines"] == [
        f"3 of 3 {FINE}",
        "broker-1: kafka.server DEBUG, temporary, 1 min 1 s left",
        "broker-1: kafka.log TRACE, temporary, 5 s left; the node has lost it, it is set again within a minute",
    ]
    assert [one["in_force"] for one in found["nodes"]["broker-1"]["temporary"]] == [True, False]
    assert (found["nodes"]["broker-1"]["drift"], found["nodes"]["broker-1"]["left_on"]) == ([], [])


def test_nodes_that_say_nothing(inventory: Any) -> None:
    found = report(
        inventory,
        controller_1={**GOOD, "answered": False, "why": "controller-1:9093 cannot be asked: KafkaConnectionError"},
        broker_1={"unreachable": True, "msg": "ssh"},
        broker_2={**GOOD, "why": "Cluster authorization failed."},
    )
    assert found["lines"] == [
        f"0 of 3 {FINE}",
        "controller-1: not known, controller-1:9093 cannot be asked: KafkaConnectionError",
        "broker-1: not known, its host does not answer",
        "broker-2: not known, Cluster authorization failed.",
    ]
    assert [one["answered"] for one in found["nodes"].values()] == [False, False, False]


def test_files_that_are_not_written_or_not_loaded(inventory: Any) -> None:
    found = report(
        inventory,
        broker_1={**GOOD, "file_changed": True, "loaded": False, "unlisted": {"c.D": []}},
        broker_2={**GOOD, "loaded": False, "unlisted": {"a.B": []}},
    )
    assert found["lines"] == [
        f"3 of 3 {FINE}",
        "broker-1: its log configuration is not what the inventory gives; log_levels.yml or site.yml writes it",
        "broker-2: the process has not loaded its log configuration",
        "broker-2: a.B pending restart, the running process has no such logger",
        "broker-1: c.D is not there yet, it comes with the file",
    ]


def test_plugin() -> None:
    assert FilterModule().filters() == {"log_drift": log_drift}
