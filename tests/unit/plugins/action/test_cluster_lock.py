"""The action says who runs, and replaces the lock of a run of this control node that has ended."""

from __future__ import annotations

import importlib
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.kraftops.kafka.plugins.module_utils._run_owner import this_run

HERE = this_run(["site.yml"])
DEAD = {**HERE, "run": "dead", "pid": 2**22 + 1, "start": "1", "since": 0, "age_seconds": 300}
ELSEWHERE = {**DEAD, "run": "elsewhere", "boot": "another"}


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that runs the action against a host with a lock; it returns the result and what was asked."""
    action = importlib.import_module("ansible_collections.kraftops.kafka.plugins.action.cluster_lock")

    def run(found: dict[str, Any] | None, **given: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        asked: list[dict[str, Any]] = []

        def execute(_self: Any, module_name: str, module_args: dict[str, Any], task_vars: Any) -> dict[str, Any]:
            assert (module_name, task_vars) == ("kraftops.kafka.cluster_lock", {"a": 1})
            asked.append(module_args)
            free = found is None or module_args["replace"] in ("*", found["run"])
            return {"refused": None if free else found, "replaced": found if free else None}

        monkeypatch.setattr(ActionBase, "run", lambda *_arguments: {})
        monkeypatch.setattr(action.ActionModule, "_execute_module", execute)
        monkeypatch.setattr(action.context, "CLIARGS", {"args": ("playbooks/site.yml",)})
        one = object.__new__(action.ActionModule)
        one._task = SimpleNamespace(args={"state": "held", "replace": "", **given})
        return one.run(task_vars={"a": 1}), asked

    return run


def test_the_owner_is_filled_in(call: Any) -> None:
    result, asked = call(None)
    assert (asked[0]["owner"]["run"], asked[0]["owner"]["what"]) == (HERE["run"], "site.yml")
    assert result == {"refused": None, "replaced": None}


def test_the_lock_of_a_run_that_has_ended_is_replaced(call: Any) -> None:
    result, asked = call(DEAD)
    assert [one["replace"] for one in asked] == ["", "dead"]
    assert result["refused"] is None
    assert result["text"].endswith(f"process {DEAD['pid']}) since 1970-01-01 00:00:00 UTC, 5 min old")


@pytest.mark.parametrize("other", [ELSEWHERE, {**HERE, "run": "alive", "since": 0, "age_seconds": 1}])
def test_any_other_lock_stands(call: Any, other: dict[str, Any]) -> None:
    result, asked = call(other)
    assert len(asked) == 1
    assert result["refused"] == other
    assert result["text"].startswith(f"{HERE['who']}@{HERE['host']} (site.yml, process ")


def test_it_is_replaced_on_request(call: Any) -> None:
    result, asked = call(ELSEWHERE, replace="*")
    assert len(asked) == 1
    assert (result["refused"], result["replaced"]) == (None, ELSEWHERE)


def test_a_worker_that_has_outlived_its_run_takes_no_lock(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of that lock nobody could tell whose it is, and no other run would replace it."""
    action = importlib.import_module("ansible_collections.kraftops.kafka.plugins.action.cluster_lock")
    monkeypatch.setattr(action, "outlived", lambda: True)
    with pytest.raises(AnsibleActionFail, match="The run has ended meanwhile"):
        call(None)
