"""The logs of several hosts become one file in order of time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.modules import log_merge

TRACE = "java.io.IOException: disk 7\n\tat a.B.c(B.java:1)\nCaused by: java.lang.Exception: y\n"
PARTS = {
    "b%2F1/server.log": "[2026-11-27T12:00:00,100Z] INFO one (a.A)\n[2026-11-27T12:00:02,000Z] ERROR id 7 lost (a.B)\n"
    + TRACE,
    "b%2F1/controller.log": "[2026-11-27T12:00:01,000Z] WARN three (a.A)\n",
    "b%2F1/server.log.10": "[2026-11-27T11:00:01,000Z] INFO ten (a.A)\n",
    "b%2F1/server.log.9.gz": "[2026-11-27T11:00:02,000Z] INFO nine (a.A)\n",
    # The same second two hours east, and a little out of order.
    "b2/server.log": "[2026-11-27T14:00:01,500+02:00] ERROR id 8 lost (a.B)\n"
    + TRACE
    + "[2026-11-27T14:00:00,500+02:00] INFO two (a.A)\n",
    "b3/server.log": "garbage\n",
}
FINE: dict[str, Any] = {"cut": None, "unreadable": []}


@pytest.fixture
def merge(tmp_path: Path, run_module: Any) -> Any:
    """Return a function that merges the parts."""
    for name, text in PARTS.items():
        path = tmp_path / "parts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run(**arguments: Any) -> dict[str, Any]:
        given = {"folder": str(tmp_path / "parts"), "dest": str(tmp_path / "all.log"), "since": 1_795_780_800.0}
        given["fetched"] = {"b/1": FINE, "b2": FINE, "b3": FINE}
        result: dict[str, Any] = run_module(log_merge.main, {**given, **arguments})
        return result

    return run


def test_order_and_prefix(merge: Any, tmp_path: Path) -> None:
    result = merge()
    assert (result["changed"], result["dest"]) == (False, str(tmp_path / "all.log"))
    lines = Path(result["dest"]).read_text().splitlines()
    starts = [line for line in lines if "[" in line]
    assert [(line.partition(": ")[0], line.split("] ")[1].split(" (")[0]) for line in starts] == [
        ("b/1", "INFO ten"),
        ("b/1", "INFO nine"),
        ("b/1", "INFO one"),
        ("b2", "INFO two"),
        ("b/1", "WARN three"),
        ("b2", "ERROR id 8 lost"),
        ("b/1", "ERROR id 7 lost"),
    ]
    assert lines[2] == "b3: garbage"
    at = lines.index(starts[-1])
    assert lines[at + 1 :] == [f"b/1: {line}" for line in TRACE.splitlines()]


def test_words(merge: Any, tmp_path: Path) -> None:
    fetched = {
        "b/1": {"cut": 1_795_780_800.0, "unreadable": []},
        "b2": FINE,
        "b3": {"cut": None, "unreadable": ["server.log"]},
    }
    result = merge(fetched=fetched, missing={"b4": "It does not answer."})
    assert result["lines"] == [
        "b/1: 5 events, 1 ERROR, 1 WARN",
        "b2: 2 events, 1 ERROR",
        "b3: 0 events; 1 times lines without a time that can be read",
        "b/1: cut. More was written than kafka_logs_max_bytes allows: only what came from 2026-11-27T12:00:00.000Z on is "
        "here. Ask for a shorter range (kafka_logs_since, kafka_logs_until), or allow more.",
        "b3: no time that can be read in server.log; the end is taken.",
        "b4: MISSING. It does not answer.",
        "2 errors of 1 kinds:",
        "2 x ERROR a.B on b2 (1), b/1 (1), 2026-11-27T12:00:01.500Z to 2026-11-27T12:00:02.000Z: id 8 lost / "
        "java.io.IOException: disk 7",
        f"All events in order of time: {tmp_path}/all.log",
    ]
    ((group),) = result["groups"]
    assert (group["count"], group["hosts"], group["logger"]) == (2, {"b2": 1, "b/1": 1}, "a.B")


def test_a_file_that_cannot_be_written(merge: Any, tmp_path: Path) -> None:
    result = merge(dest=str(tmp_path / "gone" / "all.log"))
    assert result["failed"]
    assert "kafka_logs_file" in result["msg"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["parts"]


def test_no_errors(merge: Any, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    assert merge(folder=str(tmp_path / "none"), fetched={})["lines"][0] == "No errors."
