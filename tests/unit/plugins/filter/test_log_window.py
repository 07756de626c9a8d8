"""The range of time that logs are asked for."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.filter.log_window import FIX, FilterModule, log_window

NOON = 1_795_780_800.0
ASKED = {"minutes": 15, "since": "", "until": ""}


@pytest.mark.parametrize(
    ("asked", "since", "until"),
    [
        ({}, NOON - 900, None),
        ({"minutes": "30"}, NOON - 1800, None),
        ({"since": "2026-11-27T11:00:00,500Z"}, NOON - 3599.5, None),
        ({"until": "2026-11-27T12:00+02:00"}, NOON - 8100, NOON - 7200),
        ({"since": "2026-11-27T10:00Z", "until": "2026-11-27T11:00Z", "minutes": 5}, NOON - 7200, NOON - 3600),
    ],
)
def test_ranges(asked: dict[str, Any], since: float, until: float | None) -> None:
    found = log_window({**ASKED, **asked}, NOON)
    assert (found["since"], found["until"], found["problems"]) == (since, until, [])


def test_in_words() -> None:
    assert log_window(ASKED, NOON)["text"] == "2026-11-27T11:45:00.000Z to now"


@pytest.mark.parametrize(
    ("asked", "problems"),
    [
        ({"since": "17:00"}, [f"kafka_logs_since = 17:00: no time with an offset. {FIX}."]),
        ({"minutes": 0}, ["kafka_logs_minutes = 0: less than a minute. Write 1 or more."]),
        (
            {"since": "2026-11-27T13:00Z"},
            [
                "kafka_logs_since = 2026-11-27T13:00Z: the range would end at 2026-11-27T12:00:00.000Z, before it begins. "
                "Write a time before that."
            ],
        ),
        (
            {"since": "x", "until": "y"},
            [
                f"kafka_logs_since = x: no time with an offset. {FIX}.",
                f"kafka_logs_until = y: no time with an offset. {FIX}.",
            ],
        ),
    ],
)
def test_problems(asked: dict[str, Any], problems: list[str]) -> None:
    assert log_window({**ASKED, **asked}, NOON)["problems"] == problems


def test_plugin() -> None:
    assert FilterModule().filters() == {"log_window": log_window}
