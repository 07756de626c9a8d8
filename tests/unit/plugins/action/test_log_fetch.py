"""The action takes the text off the result and puts it into a folder named after the host."""

from __future__ import annotations

import base64
import importlib
import json
import zlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.plugins.action import ActionBase

DATA = base64.b64encode(
    zlib.compress(json.dumps([["server.log", "a\n"], ["../controller.log", "b\n"]]).encode())
).decode()


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that runs the action; the module's result is given."""
    action = importlib.import_module("ansible_collections.kraftops.kafka.plugins.action.log_fetch")

    def run(answer: dict[str, Any], dest: str) -> dict[str, Any]:
        monkeypatch.setattr(ActionBase, "run", lambda *_arguments: {})
        monkeypatch.setattr(action.ActionModule, "_execute_module", lambda *_self, **_words: answer)
        made = object.__new__(action.ActionModule)
        made._task = SimpleNamespace(args={"dest": dest})
        result: dict[str, Any] = made.run(task_vars={"inventory_hostname": "b/1"})
        return result

    return run


def test_text_lies_in_the_folder_and_not_in_the_result(call: Any, tmp_path: Path) -> None:
    assert call({"data": DATA, "files": ["server.log"]}, str(tmp_path)) == {"files": ["server.log"]}
    found = {str(path.relative_to(tmp_path)): path.read_text() for path in tmp_path.rglob("*.log")}
    assert found == {"b%2F1/server.log": "a\n", "b%2F1/controller.log": "b\n"}


def test_a_failure_is_handed_on(call: Any, tmp_path: Path) -> None:
    assert call({"failed": True, "msg": "broken"}, str(tmp_path)) == {"failed": True, "msg": "broken"}
    assert list(tmp_path.iterdir()) == []


def test_no_room(call: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = call({"data": DATA, "files": []}, str(tmp_path / "file"))
    assert result["failed"] and "cannot be written on the control node" in result["msg"]
