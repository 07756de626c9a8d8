"""Who gave his logs, and why the others did not."""

from __future__ import annotations

from ansible_collections.kraftops.kafka.plugins.filter.fetched_logs import FilterModule, fetched_logs

GOOD = {"bytes": 5, "files": ["server.log"], "cut": None, "unreadable": []}


def test_everybody_is_named() -> None:
    hostvars = {
        "b1": {"__kafka_logs_fetched": {**GOOD, "changed": False, "failed": False}},
        "b2": {"__kafka_logs_fetched": {"unreachable": True, "msg": "ssh"}},
        "b3": {"__kafka_logs_fetched": {"failed": False, "msg": "Kafka's logs cannot be read: x"}},
        "b4": {},
    }
    assert fetched_logs(hostvars, ["b1", "b2", "b3", "b4"]) == {
        "fetched": {"b1": GOOD},
        "missing": {"b2": "It does not answer.", "b3": "Kafka's logs cannot be read: x", "b4": "It was not asked."},
    }


def test_plugin() -> None:
    assert FilterModule().filters() == {"fetched_logs": fetched_logs}
