"""Temporary levels in the file of their host: which count, and what a broken file means."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._temporary_levels import (
    Temporary,
    in_force,
    keep,
    levels,
    load,
    locked,
)

START, EARLIER = "a" * 32, "b" * 32
ENTRIES = {
    "kafka.server": Temporary("DEBUG", 2000.0, START),
    "kafka.network": Temporary("TRACE", 1000.0, START),
    "root": Temporary("WARN", 2000.0, EARLIER),
}

COUNTING = [
    (999.9, START, {"kafka.server", "kafka.network"}),
    (1000.0, START, {"kafka.server"}),
    (2000.0, START, set()),
    (0.0, EARLIER, {"root"}),
    (0.0, "", set()),
]


@pytest.mark.parametrize(("now", "invocation", "expected"), COUNTING)
def test_which_count(now: float, invocation: str, expected: set[str]) -> None:
    assert set(in_force(ENTRIES, now, invocation)) == expected


def test_what_is_kept_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "new" / "log_levels.json"
    keep(ENTRIES, str(path))
    assert load(str(path)) == ENTRIES
    assert levels(load(str(path))) == {"kafka.server": "DEBUG", "kafka.network": "TRACE", "root": "WARN"}
    assert (path.stat().st_mode & 0o777, [one.name for one in path.parent.iterdir()]) == (0o644, [path.name])
    for _time in range(2):
        keep({}, str(path))
        assert (path.exists(), load(str(path))) == (False, {})


BROKEN = [
    "",
    "{",
    "[]",
    "{}",
    '{"levels": []}',
    '{"levels": {"a": 1}}',
    json.dumps({"levels": {"a": {"level": "INFO"}}}),
]


@pytest.mark.parametrize("text", [None, *BROKEN])
def test_a_file_that_is_missing_or_broken_holds_nothing(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "log_levels.json"
    if text is not None:
        path.write_text(text)
    assert load(str(path)) == {}


def test_two_come_together(tmp_path: Path) -> None:
    path, order = str(tmp_path / "log_levels.json"), []

    def second() -> None:
        with locked(path):
            order.append("second")

    thread = threading.Thread(target=second)
    with locked(path):
        thread.start()
        thread.join(0.2)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]
