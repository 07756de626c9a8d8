# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Events in Kafka's own logs: `[time] LEVEL message (logger)`, and every line up to the next such line.

The time has an offset from UTC, as the patterns of `_log_config` write it on 4.x and 3.9; a time without one is not guessed at.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Optional

TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,6}))?(Z|[+-]\d\d:?\d\d)")
START = re.compile(r"\[([\d-]{10}T[\d:]{8},\d{3}(?:Z|[+-]\d\d:\d\d))\] (FATAL|ERROR|WARN|INFO|DEBUG|TRACE) ")
# Kafka itself has no level FATAL (its `fatal` is ERROR with a marker): with these words it says that it ends, or cannot start.
FATAL = re.compile(
    r"\] (FATAL |ERROR (\[[^\]]*\] )?(Exiting Kafka due to fatal|Encountered fatal fault|Fatal error during|Received a fatal error"
    r"|Shutdown broker because|Halting ))"
)
LOGGER = re.compile(r" \(([\w.$]+)\)$")
# Threads write a little later than they take the time: events of one file are in order but for this many seconds.
SLACK = 2.0


@dataclass(frozen=True)
class Event:
    """One event: seconds since 1970, level (empty for lines that begin no event), and its lines without the last line end."""

    time: float
    level: str
    text: str

    @property
    def fatal(self) -> bool:
        """Tell whether Kafka says that it ends itself, or cannot start."""
        return bool(FATAL.search(self.text.split("\n", 1)[0]))

    @property
    def logger(self) -> str:
        """Return its logger, or nothing where the first line does not end with one."""
        found = LOGGER.search(self.text.split("\n", 1)[0])
        return found.group(1) if found else ""


def seconds(text: str) -> Optional[float]:
    """Return a time with an offset, such as 2026-11-27T17:28:42,123+02:00, in seconds since 1970; None for anything else."""
    found = TIME.fullmatch(text.strip())
    if not found:
        return None
    day, clock, fraction, zone = found.groups()
    clock += ":00" if len(clock) == 5 else ""
    offset = "+00:00" if zone == "Z" else f"{zone[:3]}:{zone[-2:]}"
    try:
        return datetime.fromisoformat(f"{day}T{clock}.{(fraction or '0').ljust(6, '0')}{offset}").timestamp()
    except ValueError:
        return None


def written(time: float) -> str:
    """Return seconds since 1970 as people read them, in UTC."""
    return datetime.fromtimestamp(time, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def begins(line: str) -> Optional[tuple[float, str]]:
    """Return time and level of a line that begins an event."""
    found = START.match(line)
    time = seconds(found.group(1)) if found else None
    return None if found is None or time is None else (time, found.group(2))


def events(lines: Iterable[str], before: float) -> Iterator[Event]:
    """Put lines together; those before the first event stay together too, at the time of that event, or `before` where none comes."""
    held: list[str] = []
    time, level, known = before, "", False
    for line in lines:
        start = begins(line)
        if start:
            if held:
                yield Event(time if known else start[0], level, "\n".join(held))
            held, known = [], True
            time, level = start
        held.append(line.rstrip("\r\n"))
    if held:
        yield Event(time, level, "\n".join(held))


def in_order(found: Iterable[Event]) -> Iterator[tuple[float, Event]]:
    """Yield the events of one file with times that never fall: those that are out of order by little are put right, where a clock
    was set back the order of the file counts.
    """
    waiting: list[tuple[float, int, Event]] = []
    newest = last = float("-inf")
    for number, event in enumerate(found):
        heapq.heappush(waiting, (event.time, number, event))
        newest = max(newest, event.time)
        while waiting[0][0] < newest - SLACK:
            time, _number, first = heapq.heappop(waiting)
            last = max(last, time)
            yield last, first
    while waiting:
        time, _number, first = heapq.heappop(waiting)
        last = max(last, time)
        yield last, first
