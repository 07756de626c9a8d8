"""The action puts the control node's times around the host's."""

from __future__ import annotations

import importlib
import time
from typing import Any

import pytest
from ansible.plugins.action import ActionBase


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that runs the action; the module's result is given."""
    action = importlib.import_module("ansible_collections.kraftops.kafka.plugins.action.node_report")

    def run(answer: dict[str, Any]) -> dict[str, Any]:
        def execute(_self: Any, module_name: str, task_vars: Any) -> dict[str, Any]:
            assert (module_name, task_vars) == ("kraftops.kafka.node_report", {"a": 1})
            time.sleep(0.02)
            if "report" in answer:
                answer["report"]["clock"]["time"] = time.time()
            return answer

        monkeypatch.setattr(ActionBase, "run", lambda *_arguments: {})
        monkeypatch.setattr(action.ActionModule, "_execute_module", execute)
        result: dict[str, Any] = object.__new__(action.ActionModule).run(task_vars={"a": 1})
        return result

    return run


def test_times_bracket_the_host_s(call: Any) -> None:
    before = time.time()
    result = call({"changed": False, "report": {"clock": {"synchronized": True}}})
    clock = result["report"]["clock"]
    assert before <= clock["asked"] < clock["time"] <= clock["answered"] <= time.time()
    assert clock["synchronized"] is True


def test_a_failure_is_handed_on(call: Any) -> None:
    assert call({"failed": True, "msg": "broken"}) == {"failed": True, "msg": "broken"}
