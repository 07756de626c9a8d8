# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a host's Kafka logs say within a range of time: found by bisection, so that a large log is never read whole."""

from __future__ import annotations

import contextlib
import gzip
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Optional, cast

from ansible_collections.kraftops.kafka.plugins.module_utils._log_events import SLACK, begins

# Bytes below which lines are read one by one, and the longest line that is read at once.
NEAR, LONGEST = 8192, 1 << 20
# Of a log in which no line has a time that can be read, so much of its end is taken.
UNREADABLE = 64 << 10
TRIES, HALVINGS = 5, 30


@dataclass
class Part:
    """One file: its name, an open handle, and which bytes of it are wanted."""

    name: str
    handle: BinaryIO
    start: int = 0
    end: int = 0
    timed: bool = True


@dataclass(frozen=True)
class Range:
    """Seconds since 1970, both included."""

    since: float
    until: float


@dataclass(frozen=True)
class Found:
    """Text by file, oldest file first, and from when on it is whole where it had to be cut."""

    texts: list[tuple[str, str]]
    cut: Optional[float]
    unreadable: list[str]


def read_range(directory: str, logs: list[str], wanted: Range, most: int) -> Found:
    """Return the events of the range, at most about `most` bytes of them: the newest. OSError where there is no such directory."""
    with contextlib.ExitStack() as stack:
        parts = _opened(directory, logs, wanted, stack)
        for part in parts:
            if part.name.endswith(".gz"):
                _unpack(part, wanted, stack.enter_context(tempfile.TemporaryFile()))
            _locate(part, wanted)
        cut = _fit(parts, wanted, most)
        inside = Range(wanted.since if cut is None else cut, wanted.until)
        texts = [(part.name, "".join(_lines(part, inside))) for part in parts]
    return Found([one for one in texts if one[1]], cut, [part.name for part in parts if not part.timed])


def _opened(directory: str, logs: list[str], wanted: Range, stack: contextlib.ExitStack) -> list[Part]:
    """Open the logs and their rolled parts that may hold the range. A roll meanwhile renames all of them: then begin again."""
    for _attempt in range(TRIES):
        with contextlib.ExitStack() as opened:
            parts, seen = [], set()
            for name in _names(directory, logs):
                with contextlib.suppress(FileNotFoundError):
                    handle = opened.enter_context(open(os.path.join(directory, name), "rb"))
                    state = os.fstat(handle.fileno())
                    seen.add((name, state.st_ino))
                    if state.st_mtime >= wanted.since - SLACK:
                        parts.append(Part(name, handle, end=state.st_size))
            if seen == _now(directory, logs):
                stack.push(opened.pop_all())
                return parts
    raise OSError(f"the logs in {directory} are rolled too fast to be read")


def _names(directory: str, logs: list[str]) -> list[str]:
    """Return the files of the logs, each log's oldest part first (server.log.2, server.log.1.gz, server.log)."""
    one_of = re.compile(rf"({'|'.join(re.escape(log) for log in logs)})(?:\.(\d+))?(\.gz)?")
    found = ((one_of.fullmatch(name), name) for name in os.listdir(directory))
    keyed = [(match.group(1), -int(match.group(2) or 0), name) for match, name in found if match]
    return [name for _log, _number, name in sorted(keyed)]


def _now(directory: str, logs: list[str]) -> set[tuple[str, int]]:
    found = set()
    for name in _names(directory, logs):
        with contextlib.suppress(FileNotFoundError):
            found.add((name, os.stat(os.path.join(directory, name)).st_ino))
    return found


def _unpack(part: Part, wanted: Range, plain: Any) -> None:
    """Put the events of the range out of a packed part into a file, and read that in its place."""
    with gzip.open(part.handle, "rb") as packed:
        for line in _lines(Part(part.name, cast(BinaryIO, packed), end=1 << 62), wanted):
            plain.write(line.encode())
    part.handle, part.end = plain, plain.tell()


def _event_at(part: Part, offset: int) -> Optional[tuple[int, float]]:
    """Return where the first event that begins at or behind an offset begins, and its time."""
    part.handle.seek(max(offset - 1, 0))
    if offset:
        part.handle.readline(LONGEST)  # the rest of a line
    while True:
        place = part.handle.tell()
        line = part.handle.readline(LONGEST)
        if not line or place >= part.end:
            return None
        start = begins(line[:60].decode("ascii", "replace"))
        if start:
            return place, start[0]


def _first(part: Part, time: float) -> int:
    """Return where the first event at or after a time begins, or the end."""
    low, high = part.start, part.end
    while high - low > NEAR:
        middle = (low + high) // 2
        event = _event_at(part, middle)
        if event is None or event[1] >= time:
            high = middle
        else:
            low = event[0] + 1
    event = _event_at(part, low)
    while event and event[1] < time:
        event = _event_at(part, event[0] + 1)
    return event[0] if event else part.end


def _locate(part: Part, wanted: Range) -> None:
    """Find the bytes of the range, and a little around it."""
    if _event_at(part, 0) is None:
        part.timed = part.end == 0
        part.start = max(0, part.end - UNREADABLE)
        return
    before = _event_at(part, 0)
    # Lines before the first event belong to it.
    first = _first(part, wanted.since - SLACK)
    part.end = _first(part, wanted.until + SLACK)
    part.start = 0 if before and first == before[0] else first


def _fit(parts: list[Part], wanted: Range, most: int) -> Optional[float]:
    """Take off the oldest of all files alike until the rest fits; return from which time on that is, or None."""

    def bytes_from(time: float) -> int:
        return sum(part.end - (_first(part, time) if part.timed else part.start) for part in parts)

    if sum(part.end - part.start for part in parts) <= most:
        return None
    newest = max((_newest(part) for part in parts if part.timed and part.end), default=wanted.since)
    low, high = wanted.since, min(wanted.until, newest + SLACK)
    for _halving in range(HALVINGS):
        middle = (low + high) / 2
        if bytes_from(middle) <= most:
            high = middle
        else:
            low = middle
    for part in parts:
        if part.timed:
            part.start = _first(part, high)
    return high


def _newest(part: Part) -> float:
    """Return a time that no event of a file is after: when it was last written to."""
    return os.fstat(part.handle.fileno()).st_mtime


def _lines(part: Part, wanted: Range) -> Iterator[str]:
    """Yield the lines of the events in the range; what begins no event belongs to the one before, at the start to the one after."""
    part.handle.seek(part.start)
    held: list[str] = []
    inside: Optional[bool] = None
    place = part.start
    while place < part.end:
        line = part.handle.readline(LONGEST)
        if not line:
            break
        place += len(line)
        text = line.decode("utf-8", "replace")
        start = begins(text)
        if start:
            inside = wanted.since <= start[0] <= wanted.until
            yield from held if inside else ()
            held = []
        if inside:
            yield text
        elif inside is None:
            held.append(text)
    if inside is None:
        yield from held


def plain(found: Found) -> dict[str, Any]:
    """Return it as plain data."""
    return {"texts": [list(one) for one in found.texts], "cut": found.cut, "unreadable": found.unreadable}
