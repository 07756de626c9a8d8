"""The module data_at_risk: bytes beyond limits on a disk, and replicas in directories, as a broker tells of its topics."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError
from ansible_collections.kraftops.kafka.plugins.modules import data_at_risk

Run = Callable[..., dict[str, Any]]
MS, BYTES = "log.retention.ms", "log.retention.bytes"
HOUR = 3_600_000


class Broker:
    """Stands in for the connection: topics follow the broker but for `own` limits and `compacted` ones."""

    own: ClassVar[dict[str, str]] = {}
    compacted: tuple[str, ...] = ()
    silent = ""
    asked: list[str]

    def __init__(self, address: str) -> None:
        assert address == "b-11:9092"
        Broker.asked = []

    def __enter__(self) -> Broker:
        if self.silent:
            raise AdminError(self.silent)
        return self

    def __exit__(self, *_problem: Any) -> None:
        """Close nothing."""

    def replicas(self) -> dict[str, int]:
        Broker.asked.append("replicas")
        return {"/d1": 3, "/d2": 0}

    def topic_settings(self, topics: set[str], keys: list[str]) -> Any:
        assert keys == ["cleanup.policy", "retention.ms", "retention.bytes"]
        Broker.asked += sorted(topics)
        return {
            topic: {
                "cleanup.policy": ("compact" if topic in self.compacted else "compact,delete", False),
                **{key: ("1", self.own.get(topic) == key) for key in keys[1:]},
            }
            for topic in topics - {"dropped"}
        }


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> type[Broker]:
    for name, value in (("own", {}), ("compacted", ()), ("silent", "")):
        monkeypatch.setattr(Broker, name, value)
    monkeypatch.setattr(data_at_risk, "BrokerNode", Broker)
    return Broker


@pytest.fixture
def run(run_module: Run, tmp_path: Path) -> Run:
    """Run it on a disk with two segments a topic, of 100 bytes each: of five hours ago and of now."""
    for topic in ("compacted", "dropped", "orders", "own"):
        folder = tmp_path / f"{topic}-0"
        folder.mkdir()
        for number, hours in ((0, 5), (9, 0)):
            file = folder / f"{number:020d}.log"
            file.write_bytes(b"." * 100)
            then = time.time() - 3600 * hours
            os.utime(file, (then, then))

    def call(**arguments: Any) -> dict[str, Any]:
        given = {"address": "b-11:9092", "directories": [str(tmp_path)], **arguments}
        return run_module(data_at_risk.main, given, check=True)

    return call


def test_bytes_beyond_the_limits(broker: type[Broker], run: Run) -> None:
    broker.own, broker.compacted = {"own": "retention.ms"}, ("compacted",)
    found = run(limits={MS: HOUR, BYTES: 150})
    assert found["beyond"] == {
        MS: {"bytes": 100, "of": 200, "own": ["own"]},
        BYTES: {"bytes": 0, "of": 400, "own": []},
    }
    assert (found["changed"], found["replicas"], found["why"]) == (False, {}, "")
    assert broker.asked == ["compacted", "dropped", "orders", "own"]
    assert run(limits={BYTES: 100})["beyond"] == {BYTES: {"bytes": 200, "of": 400, "own": []}}


def test_replicas(broker: type[Broker], run: Run) -> None:
    found = run(removed=["/d1", "/d2", "/d9"])
    assert (found["replicas"], found["beyond"]) == ({"/d1": 3, "/d2": 0}, {})
    assert broker.asked == ["replicas"]


def test_a_silent_broker_is_no_error(broker: type[Broker], run: Run) -> None:
    broker.silent = "b-11:9092 refused"
    found = run(removed=["/d1"], limits={MS: 1})
    assert (found["replicas"], found["beyond"], found["why"]) == ({}, {}, "b-11:9092 refused")


def test_other_limits_are_refused(broker: type[Broker], run: Run) -> None:
    found = run(limits={"log.roll.ms": 1})
    assert found["msg"] == "limits: log.roll.ms is none of log.retention.ms, log.retention.bytes"
