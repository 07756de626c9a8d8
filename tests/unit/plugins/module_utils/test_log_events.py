"""Events of Kafka's logs: times with any offset, stack traces whole, lines that are no events kept."""

from __future__ import annotations

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _log_config
from ansible_collections.kraftops.kafka.plugins.module_utils._log_events import (
    Event,
    begins,
    events,
    in_order,
    seconds,
    written,
)

NOON = 1_795_780_800.0
TRACE = [
    "[2026-11-27T12:00:00,250Z] ERROR Failed (kafka.server.X)\n",
    "java.io.IOException: disk\n",
    "\tat a.B.c(B.java:1)\n",
    "\n",
    "Caused by: java.lang.Exception: [2026-11-27] (kafka.server.Z)\n",
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-27T12:00:00,250Z", NOON + 0.25),
        ("2026-11-27T14:00:00,250+02:00", NOON + 0.25),
        ("2026-11-27T14:00+0200", NOON),
        (" 2026-11-27 06:30:00-05:30 ", NOON),
        ("2026-11-27T12:00:00", None),
        ("2026-13-27T12:00:00Z", None),
        ("noon", None),
        ("", None),
    ],
)
def test_times(text: str, expected: float | None) -> None:
    assert seconds(text) == expected


def test_times_are_written_in_utc() -> None:
    assert written(NOON + 0.25) == "2026-11-27T12:00:00.250Z"


@pytest.mark.parametrize("offset", ["Z", "+02:00", "-05:30"])
def test_a_line_of_the_pattern_begins_an_event(offset: str) -> None:
    """The same pattern is given to log4j2 of 4.x and to reload4j of 3.9."""
    assert _log_config.PATTERN == "[%d{yyyy-MM-dd'T'HH:mm:ss,SSSXXX}] %p %m (%c)%n"
    line = f"[2026-11-27T12:00:00,250{offset}] WARN [Broker id=1] x (kafka.server.X)\n"
    assert begins(line) == (seconds(f"2026-11-27T12:00:00,250{offset}"), "WARN")


@pytest.mark.parametrize(
    "line",
    [
        "[2026-11-27 12:00:00,250] WARN no offset (x)",
        "[2026-11-27T12:00:00,250Z] LOUD no level (x)",
        "[2026-11-99T12:00:00,250Z] WARN no day (x)",
        "\tat x",
        "",
    ],
)
def test_other_lines_do_not(line: str) -> None:
    assert begins(line) is None


def test_a_stack_trace_is_one_event() -> None:
    found = list(events([*TRACE, "[2026-11-27T12:00:01,000Z] INFO next (a.B$)\n"], 0))
    assert [one.level for one in found] == ["ERROR", "INFO"]
    assert found[0].text == "".join(TRACE).rstrip("\n")
    assert [one.logger for one in found] == ["kafka.server.X", "a.B$"]


def test_a_message_of_several_lines_has_no_logger() -> None:
    assert Event(0, "INFO", "[2026-11-27T12:00:00,250Z] INFO a\nb (kafka.X)").logger == ""


def test_lines_before_the_first_event_are_kept() -> None:
    found = list(events(["odd\n", "odder\n", *TRACE], 5))
    assert [(one.time, one.level) for one in found] == [(NOON + 0.25, ""), (NOON + 0.25, "ERROR")]
    assert found[0].text == "odd\nodder"
    assert [(one.time, one.text) for one in events(["odd"], 5)] == [(5, "odd")]


def test_order() -> None:
    """A little out of order is put right; where a clock was set back all is kept, and times never fall."""
    found = list(in_order(Event(time, "INFO", "") for time in [10.0, 10.4, 10.2, 20.0]))
    assert [event.time for _key, event in found] == [10.0, 10.2, 10.4, 20.0]
    back = list(in_order(Event(time, "INFO", "") for time in [20.0, 30.0, 10.0, 11.0, 31.0]))
    assert [(key, event.time) for key, event in back] == [(20, 20), (20, 10), (20, 11), (30, 30), (31, 31)]
