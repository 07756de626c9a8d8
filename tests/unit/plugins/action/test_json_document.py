"""The action json_document: a whole file or none, and words where it cannot be written."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.plugins.action import ActionBase


@pytest.fixture
def write(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that runs the action."""
    action = importlib.import_module("ansible_collections.kraftops.kafka.plugins.action.json_document")
    monkeypatch.setattr(ActionBase, "run", lambda *_arguments: {})

    def run(path: Path, content: dict[str, Any]) -> dict[str, Any]:
        one = object.__new__(action.ActionModule)
        one._task = SimpleNamespace(args={"path": str(path), "content": content})
        result: dict[str, Any] = one.run()
        return result

    return run


def test_a_document_is_replaced(write: Any, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    documents: list[dict[str, Any]] = [{"turns": ["broker-1"], "to": "10 → 20"}, {"turns": []}]
    for content in documents:
        assert write(path, content) == {"changed": False}
        assert json.loads(path.read_text()) == content
    assert (list(tmp_path.iterdir()), path.stat().st_mode & 0o777) == ([path], 0o644)


@pytest.mark.parametrize(
    ("name", "why"), [("none/plan.json", "No such file or directory"), ("taken", "Is a directory")]
)
def test_a_file_that_cannot_be_written_is_named(write: Any, tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "taken").mkdir()
    path = tmp_path / name
    message = f"{path} cannot be written on the control node: {why}"
    assert write(path, {}) == {"failed": True, "msg": message}
    assert [item.name for item in tmp_path.iterdir()] == ["taken"]
