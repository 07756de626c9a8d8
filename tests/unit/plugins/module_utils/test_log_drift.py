"""Drift of levels as metrics: a bounded number of series, the ones that write most first."""

from __future__ import annotations

from typing import Optional

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _log_drift
from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError
from ansible_collections.kraftops.kafka.plugins.module_utils._host_node import HostNode
from ansible_collections.kraftops.kafka.plugins.module_utils._log_drift import drift_metrics, live_levels
from ansible_collections.kraftops.kafka.plugins.module_utils._temporary_levels import Temporary
from ansible_collections.kraftops.kafka.plugins.module_utils._textfile import render
from tests.unit.plugins.running_loggers import Loggers

DECLARED = {"root": "INFO", "kafka.request.logger": "WARN"}
NODE = HostNode("b-11", 11, "orders", "b-11:9092", "")


def lines(live: Optional[dict[str, str]], temporary: Optional[dict[str, Temporary]] = None) -> list[str]:
    """Return the series."""
    text = render(drift_metrics(live, DECLARED, temporary or {}))
    return [line for line in text.splitlines() if not line.startswith("#")]


def drift(logger: str, declared: str, live: str) -> str:
    return f'kafka_log_level_drift{{logger="{logger}",declared="{declared}",live="{live}"}} 1'


CASES: list[tuple[dict[str, str], list[str]]] = [
    ({"root": "INFO", "kafka.server": "INFO", "kafka.request.logger": "WARN"}, []),
    ({"root": "INFO", "kafka.server": "DEBUG"}, [drift("kafka.server", "INFO", "DEBUG")]),
    ({"root": "INFO", "kafka.request.logger": "INFO"}, [drift("kafka.request.logger", "WARN", "INFO")]),
    # What only inherits is one cause, not many.
    ({"root": "DEBUG", "kafka": "DEBUG", "kafka.server": "DEBUG"}, [drift("root", "INFO", "DEBUG")]),
    (
        {"root": "INFO", "a": "ERROR", "b": "TRACE"},
        [drift("b", "INFO", "TRACE"), drift("a", "INFO", "ERROR")],
    ),
]


@pytest.mark.parametrize(("live", "expected"), CASES)
def test_drift(live: dict[str, str], expected: list[str]) -> None:
    assert lines(live) == [
        "kafka_log_level_check_success 1",
        f"kafka_log_level_drifted_loggers {len(expected)}",
        *expected,
    ]


def test_what_is_temporary_is_no_drift() -> None:
    temporary = {"kafka.server": Temporary("DEBUG", 1763871234, "this")}
    assert lines({"root": "INFO", "kafka.server": "DEBUG"}, temporary) == [
        "kafka_log_level_check_success 1",
        'kafka_log_level_temporary_until_seconds{logger="kafka.server",level="DEBUG"} 1763871234',
        "kafka_log_level_drifted_loggers 0",
    ]
    assert drift("kafka.server", "DEBUG", "INFO") in lines({"root": "INFO", "kafka.server": "INFO"}, temporary)


def test_a_node_that_does_not_answer() -> None:
    assert lines(None) == ["kafka_log_level_check_success 0"]


def test_series_are_bounded_and_the_verbose_come_first() -> None:
    live = {"root": "INFO", **{f"quiet{number:03d}": "ERROR" for number in range(40)}, "z.loud": "DEBUG"}
    found = lines(live)
    assert found[:3] == [
        "kafka_log_level_check_success 1",
        "kafka_log_level_drifted_loggers 41",
        drift("z.loud", "INFO", "DEBUG"),
    ]
    assert len(found) == 2 + 30


def test_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_log_drift, "LoggersNode", lambda _address: Loggers({"root": "INFO", "kafka.server": None}))
    assert live_levels(NODE) == ({"root": "INFO", "kafka.server": "INFO"}, "")


def test_asking_in_vain(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(address: str) -> Loggers:
        raise AdminError(f"{address} cannot be asked: KafkaTimeoutError")

    monkeypatch.setattr(_log_drift, "LoggersNode", silent)
    assert live_levels(NODE) == (None, "b-11:9092 cannot be asked: KafkaTimeoutError")
