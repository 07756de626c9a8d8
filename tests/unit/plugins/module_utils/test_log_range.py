"""What a host's logs say within a range of time: rolled and packed parts, and never more than was asked for."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _log_range
from ansible_collections.kraftops.kafka.plugins.module_utils._log_events import seconds, written
from ansible_collections.kraftops.kafka.plugins.module_utils._log_range import Range, read_range

NOON = 1_795_780_800.0
LOGS = ["server.log", "controller.log"]
MOST = 10_000_000


def stamp(time: float, offset: str = "Z") -> str:
    """Return a time as a log has it."""
    hours = 0 if offset == "Z" else int(offset[:3])
    return written(time + hours * 3600)[:-1].replace(".", ",") + offset


def lines(first: float, count: int, step: float = 1.0, offset: str = "Z") -> str:
    """Return events, every tenth with a stack trace."""
    made = []
    for number in range(count):
        time = stamp(first + number * step, offset)
        made.append(f"[{time}] INFO number {number} {'x' * 80} (kafka.server.X)\n")
        if number % 10 == 9:
            made.append("java.io.IOException: x\n\tat a.b(C.java)\n")
    return "".join(made)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three hours up to noon in three parts of one log, the oldest packed; another log with another offset."""
    parts = {"server.log.2.gz": 3, "server.log.1": 2, "server.log": 1}
    for name, hours in parts.items():
        content = lines(NOON - hours * 3600, 3600).encode()
        (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        os.utime(tmp_path / name, (NOON - hours * 3600 + 3600,) * 2)
    (tmp_path / "controller.log").write_text(lines(NOON - 3600, 360, 10, "+02:00"))
    os.utime(tmp_path / "controller.log", (NOON, NOON))
    for other in ("gc.log", "server.log.bak", "xserver.log"):
        (tmp_path / other).write_text("not to be read\n")
    return tmp_path


def times(text: str) -> list[float]:
    """Return the times of the events in a text."""
    found = (seconds(line[1:].partition("]")[0]) for line in text.splitlines() if line.startswith("["))
    return [one for one in found if one is not None]


def test_the_last_minutes(folder: Path) -> None:
    found = read_range(str(folder), LOGS, Range(NOON - 900, float("inf")), MOST)
    assert [name for name, _text in found.texts] == ["controller.log", "server.log"]
    texts = dict(found.texts)
    assert times(texts["server.log"]) == [NOON - 900 + second for second in range(900)]
    assert times(texts["controller.log"]) == [NOON - 900 + 10 * number for number in range(90)]
    assert texts["server.log"].count("\tat a.b(C.java)\n") == 90
    assert (found.cut, found.unreadable) == (None, [])


def test_a_range_over_three_parts(folder: Path) -> None:
    found = read_range(str(folder), LOGS, Range(NOON - 7300, NOON - 3500), MOST)
    assert [name for name, _text in found.texts] == ["controller.log", "server.log.2.gz", "server.log.1", "server.log"]
    all_times = [time for name, text in found.texts if name.startswith("server") for time in times(text)]
    assert all_times == [NOON - 7300 + second for second in range(3801)]


def test_nothing_in_the_range(folder: Path) -> None:
    assert read_range(str(folder), LOGS, Range(NOON + 60, float("inf")), MOST).texts == []
    assert read_range(str(folder), LOGS, Range(NOON - 90000, NOON - 80000), MOST).texts == []


@pytest.mark.parametrize("most", [200_000, 20_000])
def test_too_much_is_cut_at_one_time_in_all_files(folder: Path, most: int) -> None:
    found = read_range(str(folder), LOGS, Range(NOON - 10800, float("inf")), most)
    size = sum(len(text) for _name, text in found.texts)
    assert most * 0.8 < size <= most
    assert found.cut is not None
    for name, text in found.texts:
        first, step = times(text)[0], 10 if name == "controller.log" else 1
        assert found.cut <= first <= found.cut + step
        assert times(text)[-1] == NOON - step


def test_bad_lines_are_kept(tmp_path: Path) -> None:
    bad = "begun elsewhere\n"
    (tmp_path / "server.log").write_text(f"{bad}{lines(NOON, 3)}[2026-99-99T00:00:00,000Z] ERROR odd\nlast")
    ((_name, text),) = read_range(str(tmp_path), LOGS, Range(NOON, NOON + 60), MOST).texts
    assert text.startswith(bad)
    assert text.endswith("[2026-99-99T00:00:00,000Z] ERROR odd\nlast")
    assert bad not in read_range(str(tmp_path), LOGS, Range(NOON + 1, NOON + 60), MOST).texts[0][1]


def test_of_a_log_without_times_the_end_is_taken(tmp_path: Path) -> None:
    (tmp_path / "server.log").write_text("[2026-11-27 12:00:00,000] INFO no offset (x)\n" * 5000)
    found = read_range(str(tmp_path), LOGS, Range(NOON, float("inf")), MOST)
    assert found.unreadable == ["server.log"]
    assert 0 < len(found.texts[0][1]) <= _log_range.UNREADABLE


def test_empty_logs(tmp_path: Path) -> None:
    (tmp_path / "server.log").write_text("")
    assert read_range(str(tmp_path), LOGS, Range(0, float("inf")), MOST).texts == []


def test_no_directory(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="gone"):
        read_range(str(tmp_path / "gone"), LOGS, Range(0, float("inf")), MOST)


def test_a_large_log_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "server.log"
    path.write_text(lines(NOON - 200_000, 200_000))
    read = [0]

    class Counting:
        """A handle that counts what is read."""

        def __init__(self, handle: Any) -> None:
            self.handle = handle

        def __enter__(self) -> Any:
            return self

        def __exit__(self, *_why: Any) -> None:
            self.handle.close()

        def __getattr__(self, name: str) -> Any:
            return getattr(self.handle, name)

        def readline(self, most: int) -> bytes:
            line: bytes = self.handle.readline(most)
            read[0] += len(line)
            return line

    really = open
    monkeypatch.setattr(_log_range, "open", lambda *words: Counting(really(*words)), raising=False)
    found = read_range(str(tmp_path), LOGS, Range(NOON - 60, float("inf")), MOST)
    assert len(times(found.texts[0][1])) == 60
    assert read[0] < path.stat().st_size / 100


def test_a_roll_while_files_are_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was rolled between the listing and the opening is neither lost nor taken twice."""
    (tmp_path / "server.log.1").write_text(lines(NOON - 200, 100))
    (tmp_path / "server.log").write_text(lines(NOON - 100, 100))
    listing = _log_range._names
    rolled: list[bool] = []

    def names(directory: str, logs: list[str]) -> list[str]:
        found = listing(directory, logs)
        if not rolled:
            rolled.append(True)
            os.rename(tmp_path / "server.log.1", tmp_path / "server.log.2")
            os.rename(tmp_path / "server.log", tmp_path / "server.log.1")
            (tmp_path / "server.log").write_text(lines(NOON, 5))
        return found

    monkeypatch.setattr(_log_range, "_names", names)
    found = read_range(str(tmp_path), LOGS, Range(NOON - 200, float("inf")), MOST)
    assert [time for _name, text in found.texts for time in times(text)] == [
        NOON - 200 + second for second in range(205)
    ]
