"""What a panel shows at this moment: its series with their names, or the rows of its table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.dashboards import queries
from tools.dashboards.queries import Choices, Source

LABEL = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass(frozen=True)
class Series:
    """One line: its name, the query it comes from (A, B, …), moments and values."""

    name: str
    ref: str
    times: Sequence[float]
    values: Sequence[float]

    @property
    def last(self) -> float:
        """The newest value."""
        return self.values[-1]

    def with_gaps(self, step: float) -> tuple[list[float], list[float]]:
        """Return moments and values, with nothing (NaN) where values are missing, so that no line is drawn there."""
        times, values = list(self.times[:1]), list(self.values[:1])
        for at, value in zip(self.times[1:], self.values[1:]):
            if at - times[-1] > 1.5 * step:
                times.append(times[-1] + step)
                values.append(float("nan"))
            times.append(at)
            values.append(value)
        return times, values


@dataclass(frozen=True)
class Span:
    """From when until when, and how many points a line may have."""

    start: float
    end: float
    points: int = 240

    @property
    def step(self) -> float:
        """Seconds from one point to the next: at least a scrape."""
        return max(15.0, (self.end - self.start) / self.points)


def legend(target: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    """Name a series as its query says."""
    pattern = target.get("legendFormat") or "__auto"
    if pattern == "__auto":
        return ", ".join(f"{name}={value}" for name, value in labels.items() if name != "__name__") or "value"
    return LABEL.sub(lambda found: labels.get(found[1], ""), pattern)


def series(panel: Mapping[str, Any], source: Source, choices: Choices, span: Span) -> list[Series]:
    """Ask for all the lines of a panel."""
    found = []
    for target, expr in zip(panel["targets"], queries.expressions(panel, source, choices, span.step)):
        instant = queries.is_instant(panel)
        results = source.instant(expr) if instant else source.range(expr, span.start, span.end, span.step)
        for item in results:
            points = [item["value"]] if instant else item["values"]
            times, values = [float(at) for at, _value in points], [float(value) for _at, value in points]
            found.append(Series(legend(target, item["metric"]), target["refId"], times, values))
    return found


@dataclass(frozen=True)
class Table:
    """A table: headings, and rows of words or (value, query)."""

    headings: Sequence[str]
    rows: Sequence[Sequence[Any]]


def table(panel: Mapping[str, Any], source: Source, choices: Choices) -> Table:
    """Merge the queries of a table by their labels, as its transformations say."""
    names = next(one["options"]["renameByName"] for one in panel["transformations"] if one["id"] == "organize")
    labels = [name for name in names if not name.startswith("Value")]
    rows: dict[tuple[str, ...], dict[str, float]] = {}
    for target, expr in zip(panel["targets"], queries.expressions(panel, source, choices)):
        for item in source.instant(expr):
            key = tuple(item["metric"].get(label, "") for label in labels)
            rows.setdefault(key, {})[target["refId"]] = float(item["value"][1])
    refs = [target["refId"] for target in panel["targets"]]
    ordered = sorted(rows.items(), key=lambda row: -row[1].get(refs[0], float("-inf")))
    cells = [[*key, *((values[ref], ref) if ref in values else None for ref in refs)] for key, values in ordered]
    return Table(list(names.values()), cells)
