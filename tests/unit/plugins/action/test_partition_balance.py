"""The execution from the control node: batches in order, throttles that always go, and every reason to stop."""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.plugins.action import ActionBase

MOVE = {"topic": "t", "number": 0, "before": [11], "after": [12], "bytes": 100, "directories": {}}
WATCH: dict[str, Any] = {"left": 1, "copied": 5, "came": 5, "behind": [], "away": [], "network": {}}
NOTHING: dict[str, Any] = {"elections": [], "reorders": [], "moves": [], "disk_moves": []}


class Host:
    """Answers the steps; `plans` are those of one look after the other."""

    def __init__(self) -> None:
        self.plans: list[dict[str, Any]] = []
        self.under_way: dict[str, Any] = {"moves": [], "disk_moves": [], "elections": []}
        self.throttled = False
        self.steps: list[str] = []
        self.said: list[str] = []
        self.works: list[dict[str, Any]] = []
        self.answers: dict[str, dict[str, Any]] = {}

    def answer(self, step: str, work: dict[str, Any]) -> dict[str, Any]:
        self.steps.append(step)
        if step in self.answers:
            return self.answers[step]
        if step == "look":
            planned = self.plans.pop(0) if self.plans else NOTHING
            found = {"under_way": self.under_way, "throttled": self.throttled, "throttle": 10, "impossible": []}
            self.under_way, self.throttled = {"moves": [], "disk_moves": [], "elections": []}, False
            return {
                **found,
                "changed": False,
                "planned": planned != NOTHING,
                "plan": planned,
                "lines": ["the cluster is even"],
            }
        if step == "begin":
            self.works.append(work)
            return {"refused": "", "problems": []}
        if step == "watch":
            return {**WATCH, "left": 0, "copied": 100}
        return {"problems": [], "back": 2}


@pytest.fixture
def host() -> Host:
    return Host()


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, host: Host) -> Callable[..., dict[str, Any]]:
    action = importlib.import_module("ansible_collections.kraftops.kafka.plugins.action.partition_balance")

    def run(check: bool = False, **arguments: Any) -> dict[str, Any]:
        def execute(_self: Any, module_name: str, module_args: dict[str, Any], task_vars: Any) -> dict[str, Any]:
            assert (module_name, task_vars) == ("kraftops.kafka.partition_balance", {})
            return host.answer(module_args["step"], module_args.get("work", {}))

        monkeypatch.setattr(ActionBase, "run", lambda *_arguments: {})
        monkeypatch.setattr(action.ActionModule, "_execute_module", execute)
        made = object.__new__(action.ActionModule)
        made._task = SimpleNamespace(args=arguments, check_mode=check)
        made._display = SimpleNamespace(display=host.said.append)
        result: dict[str, Any] = made.run(task_vars={})
        return result

    return run


def test_a_mere_report_takes_one_look(call: Any, host: Host) -> None:
    host.plans = [{**NOTHING, "moves": [MOVE]}]
    assert call()["planned"] is True
    assert call(check=True, execute=True)["planned"] is False
    assert host.steps == ["look", "look"]


def test_batches(call: Any, host: Host) -> None:
    host.plans = [NOTHING, {**NOTHING, "elections": [["a", 1]], "moves": [MOVE] * 3}]
    result = call(execute="true", batch="2")
    assert host.steps == ["look", "look", *["begin", "watch"], *["begin", "watch", "finish"] * 2, "look", "look"]
    assert result["changed"] is True
    assert host.said[1] == "  batch 2 of 3: 2 of 2 partitions, 100 bytes of 200 bytes"


def test_an_even_cluster(call: Any, host: Host) -> None:
    assert call(execute=True)["changed"] is False
    assert host.steps == ["look", "look", "look"]


def test_what_an_earlier_run_has_left_is_seen_through(call: Any, host: Host) -> None:
    host.under_way = {"elections": [], "moves": [MOVE], "disk_moves": []}
    call(execute=True)
    assert host.steps == ["look", "begin", "watch", "finish", "look", "look"]
    assert host.works[0]["adopted"] is True
    assert host.said[0] == "  going on with what an earlier run has left under way"


def test_throttles_that_are_left_over_go(call: Any, host: Host) -> None:
    host.throttled = True
    call(execute=True)
    assert host.steps == ["look", "finish", "look", "look"]
    assert host.said == ["  taking away the throttles that an earlier run has left"]


def test_cancel(call: Any, host: Host) -> None:
    assert call(cancel=True, execute=True)["changed"] is True
    assert host.steps == ["cancel", "look"]
    assert host.said == ["  2 partitions were being moved and are put back; no throttle is left"]
    host.answers["cancel"] = {"problems": ["broker-2: no"], "back": 0}
    assert call(cancel=True)["msg"] == "broker-2: no"


STOPS: list[tuple[dict[str, dict[str, Any]], str]] = [
    (
        {"watch": {**WATCH, "behind": ["x-1", "x-2"]}},
        "stopped: 2 other partitions fall behind: x-1, x-2",
    ),
    (
        {"watch": {**WATCH, "network": {"broker-1": 0.2, "broker-2": 0.61}}},
        "stopped: broker-2 uses 61.0% of its link, and kafka_balance_network allows 50%",
    ),
    (
        {"watch": {**WATCH, "away": ["broker-4"], "behind": ["x-1"]}},
        "stopped: broker-4 does not serve",
    ),
    ({"watch": {"failed": True, "msg": "no broker answers"}}, "watch: no broker answers"),
    ({"watch": {"unreachable": True}}, "watch: the host does not answer"),
    ({"begin": {"refused": "", "problems": ["t-0: no"]}}, "batch 1 of 1: t-0: no"),
]


@pytest.mark.parametrize(("answers", "reason"), STOPS)
def test_reasons_to_stop(call: Any, host: Host, answers: dict[str, Any], reason: str) -> None:
    host.plans = [NOTHING, {**NOTHING, "moves": [MOVE]}]
    host.answers = answers
    result = call(execute=True)
    end = ". The batch is put back, and its throttles are gone"
    assert (result["failed"], result["changed"], result["msg"]) == (True, True, reason + end)
    assert host.steps[-1] == "cancel"


def test_moves_that_get_no_further(call: Any, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    host.plans = [NOTHING, {**NOTHING, "moves": [MOVE]}]
    host.answers["watch"] = WATCH
    clock = itertools.count(0.0, 100.0)
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    assert call(execute=True)["msg"].startswith("stopped: nothing has come to the replicas that move for 11.7 minutes")


def test_a_beginning_that_fails_half_way_is_put_back(call: Any, host: Host) -> None:
    host.plans = [NOTHING, {**NOTHING, "moves": [MOVE]}]
    host.answers["begin"] = {"failed": True, "msg": "b-11 cannot be asked"}
    assert call(execute=True)["msg"] == (
        "begin: b-11 cannot be asked. The batch is put back, and its throttles are gone"
    )


def test_a_batch_that_is_refused_is_not_put_back(call: Any, host: Host) -> None:
    host.plans = [NOTHING, {**NOTHING, "moves": [MOVE]}]
    host.answers["begin"] = {"refused": "3 partitions are not in sync: a-1", "problems": []}
    result = call(execute=True)
    assert result["msg"] == "batch 1 of 1 was not begun: 3 partitions are not in sync: a-1"
    assert (result["changed"], host.steps[-1]) == (False, "begin")


@pytest.mark.parametrize("planned", [True, False])
def test_what_no_plan_can_do_is_refused_before_anything_moves(call: Any, host: Host, planned: bool) -> None:
    found = {"under_way": host.under_way, "throttled": False, "throttle": 10, "plan": {**NOTHING, "moves": [MOVE]}}
    host.answers["look"] = {**found, "planned": planned, "impossible": ["a-1: cannot leave"]}
    assert call(execute=True)["msg"] == "a-1: cannot leave"
    assert "begin" not in host.steps


def test_throttles_that_stay_are_told(call: Any, host: Host) -> None:
    host.plans = [NOTHING, {**NOTHING, "moves": [MOVE]}]
    host.answers["finish"] = {"problems": ["broker-2: it does not serve"], "back": 0}
    assert call(execute=True)["msg"] == "throttles are left over: broker-2: it does not serve"


def test_a_batch_that_cannot_be_put_back(call: Any, host: Host) -> None:
    host.plans = [NOTHING, {**NOTHING, "moves": [MOVE]}]
    host.answers = {"watch": {**WATCH, "behind": ["x-1"]}, "cancel": {"failed": True, "msg": "gone"}}
    assert call(execute=True)["msg"] == (
        "stopped: 1 other partitions fall behind: x-1. Not everything could be put back, and the report names what is left: "
        "cancel: gone"
    )


def test_a_report_that_fails(call: Any, host: Host) -> None:
    host.answers["look"] = {"failed": True, "msg": "no broker answers"}
    assert call()["msg"] == "look: no broker answers"


def test_a_worker_that_has_outlived_its_run_takes_no_further_step(
    call: Any, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It puts nothing back either: another run may see to the batch by now."""
    action = importlib.import_module("ansible_collections.kraftops.kafka.plugins.action.partition_balance")
    host.plans = [NOTHING, {**NOTHING, "moves": [MOVE]}]
    monkeypatch.setattr(action, "outlived", lambda: "begin" in host.steps)
    assert call(execute=True)["failed"] is True
    assert host.steps == ["look", "look", "begin"]
