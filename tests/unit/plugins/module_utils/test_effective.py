"""What properties mean: synonyms, spelling, precedence."""

from __future__ import annotations

from typing import Optional

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _effective as effective
from tests.unit.plugins.running_kafka import describe

DAY = str(24 * effective.HOUR)
MEANINGS = [
    ("log.cleanup.policy", "compact , delete", "compact,delete"),
    ("log.preallocate", "TRUE", "true"),
    ("log.cleaner.min.cleanable.ratio", "0.50", "0.5"),
    ("log.cleaner.io.max.bytes.per.second", "1.7976931348623157E308", "1.7976931348623157e+308"),
    ("remote.log.manager.copy.max.bytes.per.second", "9223372036854775807", "9223372036854775807"),
    ("broker.rack", "1.10", "1.10"),
    ("log.cleaner.min.cleanable.ratio", "half", "half"),
    ("broker.rack", " a ", "a"),
]


@pytest.mark.parametrize(("key", "value", "expected"), MEANINGS)
def test_meaning(key: str, value: str, expected: str) -> None:
    assert effective.meaning(key, value) == expected


STATED: list[tuple[str, dict[str, str], Optional[str]]] = [
    ("log.retention.ms", {"log.retention.hours": "24"}, DAY),
    ("log.retention.ms", {"log.retention.hours": "24", "log.retention.minutes": "1"}, "60000"),
    ("log.retention.ms", {"log.retention.hours": "24", "log.retention.ms": "5"}, "5"),
    ("log.retention.ms", {"log.retention.hours": "-1"}, "-1"),
    ("log.retention.ms", {"log.retention.hours": "${env:HOURS}"}, "${env:HOURS}"),
    ("log.roll.ms", {"log.roll.hours": "1"}, "3600000"),
    ("log.roll.jitter.ms", {"log.roll.jitter.hours": "1"}, "3600000"),
    ("log.flush.interval.ms", {"log.flush.scheduler.interval.ms": "7"}, "7"),
    ("num.partitions", {}, None),
]


@pytest.mark.parametrize(("key", "properties", "expected"), STATED)
def test_what_a_file_states(key: str, properties: dict[str, str], expected: Optional[str]) -> None:
    assert effective.stated(key, properties) == expected


def test_names_of_families() -> None:
    names = ["log.retention.hours", "log.roll.hours", "log.flush.scheduler.interval.ms", "num.partitions"]
    heads = ["log.retention.ms", "log.roll.ms", "log.flush.scheduler.interval.ms", "num.partitions"]
    assert [effective.head_of(name) for name in names] == heads
    assert effective.spelled("log.retention.ms", {"log.retention.hours": "24"}) == "log.retention.hours"


def test_precedence() -> None:
    live = effective.live_properties(
        describe({"log.retention.hours": "24"}, {"log.retention.ms": "6"}, {"log.retention.ms": "5"})
    )
    key = "log.retention.ms"
    assert effective.current(key, live) == "5"
    assert effective.override(key, live, effective.FROM_NODE) == "5"
    assert effective.override(key, live, effective.FROM_CLUSTER) == "6"
    assert effective.static(key, live) == DAY
    assert effective.current("no.such.key", live) is None


def test_defaults() -> None:
    live = effective.live_properties(describe({"num.io.threads": "9"}))
    assert effective.default("num.io.threads", live) == "8"
    assert effective.default("socket.send.buffer.bytes", live) == "102400"
    assert effective.default("log.retention.ms", None) == str(168 * effective.HOUR)
    assert effective.default("log.retention.bytes", None) == "-1"
    assert effective.default("num.io.threads", None) is None
    assert effective.current("log.retention.ms", live) == str(168 * effective.HOUR)
