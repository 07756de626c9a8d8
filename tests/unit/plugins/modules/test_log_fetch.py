"""The module packs what it found; the action unpacks it on the control node."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from ansible_collections.kraftops.kafka.plugins.modules import log_fetch

ACTION = importlib.import_module("ansible_collections.kraftops.kafka.plugins.action.log_fetch")
LINES = "[2026-11-27T12:00:00,100Z] INFO früh (a.A)\n[2026-11-27T12:00:02,000Z] ERROR late (a.B)\r\n\tat x\n"


def test_what_is_fetched_arrives(tmp_path: Path, run_module: Any) -> None:
    (tmp_path / "server.log").write_text(LINES, newline="")
    given = {"directory": str(tmp_path), "logs": ["server.log"], "since": 1_795_780_800.0, "dest": "/unused"}
    result = run_module(log_fetch.main, given)
    assert (result["changed"], result["files"], result["cut"]) == (False, ["server.log"], None)
    assert result["bytes"] == len(LINES.encode())
    ACTION.write(tmp_path / "here", result["data"])
    assert (tmp_path / "here" / "server.log").read_bytes() == LINES.encode()
    late = run_module(log_fetch.main, {**given, "since": 1_795_780_801.0, "until": 1_795_780_803.0})
    assert late["bytes"] == len(LINES.split("\n", 1)[1])


def test_no_logs(tmp_path: Path, run_module: Any) -> None:
    result = run_module(log_fetch.main, {"directory": "/gone", "logs": ["server.log"], "since": 0, "dest": "/unused"})
    assert result["failed"]
    assert "Kafka's logs cannot be read" in result["msg"] and "/gone" in result["msg"]
