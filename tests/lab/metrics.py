"""What Prometheus and the exporters serve."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from typing import Any

from tests.lab.live import Live
from tools.dashboards import queries
from tools.dashboards.may_be_empty import MAY_BE_EMPTY
from tools.dashboards.queries import Source


def fetch(url: str) -> str:
    """Read one address."""
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 the addresses are ours
        return str(answer.read().decode())


def series(ip: str) -> list[str]:
    """The series that the Java agent of one node serves."""
    return [line for line in fetch(f"http://{ip}:9404/metrics").splitlines() if line and not line.startswith("#")]


class Prometheus:
    """The Prometheus of the monitoring host."""

    def __init__(self, live: Live, at: float | None = None) -> None:
        """Remember where it is, and of which moment (s since 1970) queries ask; None is always the present one."""
        self.url = f"http://{live.ips[live.monitors[0]]}:9090/api/v1"
        self.cluster = live.cluster
        self.moment = {} if at is None else {"time": str(at)}

    def api(self, path: str, **parameters: str) -> Any:
        """Ask its API; return the data of the answer."""
        return json.loads(fetch(f"{self.url}/{path}?{urllib.parse.urlencode(parameters)}"))["data"]

    def query(self, expr: str) -> list[dict[str, Any]]:
        """The result of an instant query."""
        result: list[dict[str, Any]] = self.api("query", query=expr, **self.moment)["result"]
        return result

    def number(self, expr: str) -> float:
        """The one number that a query returns; -1 when it returns nothing."""
        result = self.query(expr)
        assert len(result) < 2, f"{expr}: {result}"
        return float(result[0]["value"][1]) if result else -1.0

    def panels(self) -> list[dict[str, Any]]:
        """The panels of the dashboard Kafka overview that must show something."""
        listed = queries.panels(self._overview())
        return [panel for panel in listed if ("kafka-overview", panel["title"]) not in MAY_BE_EMPTY]

    def panel(self, title: str, topic: str, group: str) -> str:
        """The first query of a panel of the dashboard Kafka overview, with the variables filled in."""
        panel = next(panel for panel in queries.panels(self._overview()) if panel["title"] == title)
        choices = {"cluster": self.cluster, "topic": topic, "group": group}
        return next(queries.expressions(panel, Source(self.url), choices))

    @staticmethod
    def _overview() -> dict[str, Any]:
        return next(board for board in queries.dashboards() if board["uid"] == "kafka-overview")
