"""What the dashboards of a live cluster show, asked as Grafana would."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.lab.live import Live
from tools.dashboards import queries
from tools.dashboards.queries import Choices, Source


@dataclass(frozen=True)
class Shown:
    """One panel: the legends of its queries, and the answers, one list of series for each."""

    uid: str
    title: str
    legends: Sequence[str]
    answers: Sequence[Sequence[dict[str, Any]]]

    @property
    def empty(self) -> list[str]:
        """The queries without an answer: the panel's title, and for a panel with several the legend."""
        names = [f"{self.title}: {legend}" if len(self.answers) > 1 else self.title for legend in self.legends]
        return [name for name, answer in zip(names, self.answers) if not answer]

    @property
    def series(self) -> list[dict[str, Any]]:
        """All series together."""
        return [one for answer in self.answers for one in answer]

    def values(self) -> list[float]:
        """The newest value of each series."""
        points = [one["value"] if "value" in one else one["values"][-1] for one in self.series]
        return [float(value) for _at, value in points]

    def moves(self) -> bool:
        """Whether any series of a span has more than one value."""
        return any(len({value for _at, value in one["values"]}) > 1 for one in self.series)


class Boards:
    """All dashboards, with the Prometheus of the monitoring host."""

    def __init__(self, live: Live) -> None:
        """Read the dashboards as they are shipped."""
        self.source = Source(f"http://{live.ips[live.monitors[0]]}:9090")
        self.live = live
        self.all = {board["uid"]: board for board in queries.dashboards()}

    def now(self, uid: str, **wanted: str) -> list[Shown]:
        """All panels of a dashboard at this moment."""
        board = self.all[uid]
        choices = queries.chosen(board, self.source, {name: [value] for name, value in wanted.items()})
        return [self._ask(board, panel, choices, 0) for panel in queries.panels(board)]

    def lately(self, uid: str, seconds: int) -> list[Shown]:
        """All panels of a dashboard over the last seconds, single numbers too."""
        board = self.all[uid]
        choices = queries.chosen(board, self.source)
        return [self._ask(board, panel, choices, seconds) for panel in queries.panels(board)]

    def panel(self, uid: str, title: str, **wanted: str) -> Shown:
        """One panel at this moment."""
        board = self.all[uid]
        panel = next(one for one in queries.panels(board) if one["title"] == title)
        choices = queries.chosen(board, self.source, {name: [value] for name, value in wanted.items()})
        return self._ask(board, panel, choices, 0)

    def above(self, uid: str, title: str, value: float = 0) -> bool:
        """Whether any series of a panel is above a value at this moment."""
        return any(found > value for found in self.panel(uid, title).values())

    def _ask(self, board: dict[str, Any], panel: dict[str, Any], choices: Choices, seconds: int) -> Shown:
        end = time.time()
        answers = [
            self.source.range(expr, end - seconds, end, self.source.scrape_seconds)
            if seconds
            else self.source.instant(expr)
            for expr in queries.expressions(panel, self.source, choices)
        ]
        return Shown(board["uid"], panel["title"], [one["legendFormat"] for one in panel["targets"]], answers)
