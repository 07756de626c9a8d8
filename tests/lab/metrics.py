"""What Prometheus and the exporters serve."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from typing import Any

from tests.lab.live import ROOT, Live


def fetch(url: str) -> str:
    """Read one address."""
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 the addresses are ours
        return str(answer.read().decode())


def series(ip: str) -> list[str]:
    """The series that the Java agent of one node serves."""
    return [line for line in fetch(f"http://{ip}:9404/metrics").splitlines() if line and not line.startswith("#")]


class Prometheus:
    """The Prometheus of the monitoring host."""

    def __init__(self, live: Live) -> None:
        """Remember where it is."""
        self.url = f"http://{live.ips[live.monitors[0]]}:9090/api/v1"
        self.cluster = live.cluster

    def api(self, path: str, **parameters: str) -> Any:
        """Ask its API; return the data of the answer."""
        return json.loads(fetch(f"{self.url}/{path}?{urllib.parse.urlencode(parameters)}"))["data"]

    def query(self, expr: str) -> list[dict[str, Any]]:
        """The result of an instant query."""
        result: list[dict[str, Any]] = self.api("query", query=expr)["result"]
        return result

    def number(self, expr: str) -> float:
        """The one number that a query returns; -1 when it returns nothing."""
        result = self.query(expr)
        assert len(result) < 2, f"{expr}: {result}"
        return float(result[0]["value"][1]) if result else -1.0

    def panels(self) -> list[dict[str, Any]]:
        """The panels of the dashboard Kafka overview that show something."""
        dashboard = json.loads((ROOT / "templates/dashboards/kafka-overview.json").read_text())
        return [panel for panel in dashboard["panels"] if panel.get("targets")]

    def panel(self, title: str, topic: str, group: str) -> str:
        """The query of a panel of the dashboard Kafka overview, with the variables filled in."""
        panel = next(panel for panel in self.panels() if panel["title"] == title)
        expr = str(panel["targets"][0]["expr"])
        for name, value in (("cluster", self.cluster), ("topic", topic), ("group", group)):
            expr = expr.replace(f"${name}", value)
        assert "$" not in expr, expr
        return expr
