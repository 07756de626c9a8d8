"""What a preview writes beside its lines: values with units, names of series, rows of tables."""

from __future__ import annotations

from typing import Any

import pytest

from tools.preview import data, units
from tools.preview.data import Span


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (0, "short", "0"),
        (1234, "short", "1.23k"),
        (-2_500_000, "short", "-2.5M"),
        (1234, "none", "1234"),
        (0.5, "percentunit", "50 %"),
        (0.00123, "percentunit", "0.123 %"),
        (0.00000213, "percentunit", "0.0002 %"),
        (0.000000213, "percentunit", "0 %"),
        (1536, "bytes", "1.5 KiB"),
        (10, "bytes", "10 B"),
        (1536, "Bps", "1.54 kB/s"),
        (10, "Bps", "10 B/s"),
        (61.5, "cps", "61.5/s"),
        (3000, "cpm", "3k/min"),
        (12, "reqps", "12 req/s"),
        (7, "iops", "7 io/s"),
        (0.0042, "s", "4.2 ms"),
        (90, "s", "1.5 min"),
        (7200, "s", "2 h"),
        (250, "ms", "250 ms"),
        (0, "ms", "0 s"),
        (float("nan"), "short", "nan"),
    ],
)
def test_worded(value: float, unit: str, expected: str) -> None:
    assert units.worded(value, unit) == expected


@pytest.mark.parametrize(
    ("limits", "unit", "expected"),
    [
        ((0, 10), "none", [0, 2, 4, 6, 8, 10]),
        ((0, 0.9), "percentunit", [0, 0.2, 0.4, 0.6000000000000001, 0.8]),
        ((0, 3000), "bytes", [0, 512, 1024, 1536, 2048, 2560]),
        ((0, 700), "s", [0, 120, 240, 360, 480, 600]),
        ((-3, 3), "none", [-3, -2, -1, 0, 1, 2, 3]),
    ],
)
def test_ticks(limits: tuple[float, float], unit: str, expected: list[float]) -> None:
    assert units.ticks(limits, unit) == expected


@pytest.mark.parametrize(
    ("pattern", "labels", "expected"),
    [
        ("{{topic}}/{{ partition }}", {"topic": "a", "partition": "3"}, "a/3"),
        ("{{gone}}x", {"topic": "a"}, "x"),
        ("__auto", {"__name__": "up", "job": "kafka"}, "job=kafka"),
        ("__auto", {}, "value"),
    ],
)
def test_legend(pattern: str, labels: dict[str, str], expected: str) -> None:
    assert data.legend({"legendFormat": pattern}, labels) == expected


@pytest.mark.parametrize(("minutes", "expected"), [(5, 15.0), (60, 15.0), (240, 60.0)])
def test_step(minutes: int, expected: float) -> None:
    assert Span(0, minutes * 60).step == expected


def test_no_line_is_drawn_where_values_are_missing() -> None:
    times, values = data.Series("a", "A", [0, 15, 60, 75], [1, 2, 3, 4]).with_gaps(15)
    assert times == [0, 15, 30, 60, 75]
    assert str(values) == "[1, 2, nan, 3, 4]"


class Canned:
    """Two answers of a Prometheus, by the query."""

    def instant(self, expr: str) -> list[dict[str, Any]]:
        """Return the rows of lag, or of the rate."""
        rows: dict[str, list[tuple[str, float]]] = {"lag": [("a", 1), ("b", 5)], "rate": [("b", 2.5)]}
        return [{"metric": {"topic": topic}, "value": [0, str(value)]} for topic, value in rows[expr]]

    @staticmethod
    def rate_interval(_step: float) -> str:
        """Return an interval."""
        return "60s"


def test_a_table_merges_its_queries_by_their_labels() -> None:
    names = {"topic": "Topic", "Value #A": "Lag", "Value #B": "Rate"}
    panel = {
        "targets": [{"expr": "lag", "refId": "A"}, {"expr": "rate", "refId": "B"}],
        "transformations": [{"id": "merge"}, {"id": "organize", "options": {"renameByName": names}}],
    }
    source: Any = Canned()
    table = data.table(panel, source, {})
    assert table.headings == ["Topic", "Lag", "Rate"]
    assert table.rows == [["b", (5.0, "A"), (2.5, "B")], ["a", (1.0, "A"), None]]
