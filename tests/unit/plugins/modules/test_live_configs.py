"""The module live_configs: which of a node's properties it returns, and what it says of a node that is silent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError
from ansible_collections.kraftops.kafka.plugins.modules import live_configs
from tests.unit.plugins.running_kafka import describe

Run = Callable[..., dict[str, Any]]
STARTED = {"num.io.threads": "8", "log.retention.hours": "96"}
DYNAMIC = {"background.threads": "12"}
# keys that are asked for, names that are returned
ASKED: list[tuple[list[str], list[str]]] = [
    ([], ["background.threads", "max.connections"]),
    (["num.io.threads"], ["background.threads", "max.connections", "num.io.threads"]),
    (
        ["log.retention.hours"],
        ["background.threads", "log.retention.bytes", "log.retention.hours", "log.retention.ms", "max.connections"],
    ),
    (
        ["log.retention.ms"],
        ["background.threads", "log.retention.bytes", "log.retention.hours", "log.retention.ms", "max.connections"],
    ),
    (["no.such.key"], ["background.threads", "max.connections"]),
]


class Admin:
    """Stands in for the call over the wire."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []
        self.answer = describe(STARTED, cluster=DYNAMIC, own={"max.connections": "9"})
        self.error = ""

    def __call__(self, address: str, node_id: int) -> Any:
        self.asked.append((address, node_id))
        if self.error:
            raise AdminError(self.error)
        return self.answer


@pytest.fixture
def admin(monkeypatch: pytest.MonkeyPatch) -> Admin:
    made = Admin()
    monkeypatch.setattr(live_configs, "live_configs", made)
    return made


@pytest.fixture
def run(run_module: Run) -> Run:
    def call(**arguments: Any) -> dict[str, Any]:
        return run_module(live_configs.main, {"address": "b-11:9092", "node_id": 11, **arguments}, check=True)

    return call


@pytest.mark.parametrize(("keys", "names"), ASKED)
def test_what_is_asked_for_and_what_is_dynamic(admin: Admin, run: Run, keys: list[str], names: list[str]) -> None:
    result = run(keys=keys)
    assert (result["changed"], result["why"], sorted(result["configs"])) == (False, "", names)
    assert admin.asked == [("b-11:9092", 11)]


def test_an_entry_is_returned_whole(admin: Admin, run: Run) -> None:
    assert run(keys=["num.io.threads"])["configs"]["num.io.threads"] == admin.answer["num.io.threads"]


def test_a_silent_node_is_no_failure(admin: Admin, run: Run) -> None:
    admin.error = "b-11:9092 cannot be asked: closed"
    result = run(keys=["num.io.threads"])
    assert not result.get("failed")
    assert (result["changed"], result["configs"]) == (False, None)
    assert result["why"] == "b-11:9092 cannot be asked: closed"
