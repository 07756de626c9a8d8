"""Ask what a dashboard asks: its variables filled in as Grafana fills them, its queries sent to a Prometheus."""

from __future__ import annotations

import http.client
import json
import re
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "templates" / "dashboards"
LABEL_VALUES = re.compile(r"label_values\((.+),\s*(\w+)\)")
VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?::\w+)?\})")
EVERYTHING = "$__all"
Choices = Mapping[str, str]


class QueryError(Exception):
    """Prometheus does not answer, or refuses a query."""


@dataclass(frozen=True)
class Source:
    """A Prometheus, and how often it scrapes (the field `timeInterval` of Grafana's data source)."""

    url: str
    scrape_seconds: int = 15

    def ask(self, path: str, **parameters: str) -> Any:
        """Return the data of one answer of its API."""
        place = urllib.parse.urlsplit(self.url)
        connection = http.client.HTTPConnection(place.hostname or "", place.port or 80, timeout=30)
        body = urllib.parse.urlencode(parameters)
        try:
            connection.request("GET", f"{place.path.rstrip('/')}/api/v1/{path}?{body}")
            answer = json.loads(connection.getresponse().read())
        except (OSError, ValueError) as error:
            raise QueryError(f"{self.url}: {error}") from error
        finally:
            connection.close()
        if answer["status"] != "success":
            raise QueryError(f"{answer.get('error')} in {parameters}")
        return answer["data"]

    def instant(self, expr: str) -> list[dict[str, Any]]:
        """Return the series of one moment, now."""
        return list(self.ask("query", query=expr)["result"])

    def range(self, expr: str, start: float, end: float, step: float) -> list[dict[str, Any]]:
        """Return the series of a span of time."""
        return list(self.ask("query_range", query=expr, start=f"{start}", end=f"{end}", step=f"{step}")["result"])

    def label_values(self, selector: str, label: str) -> list[str]:
        """Return the values of a label among some series."""
        return [str(value) for value in self.ask(f"label/{label}/values", **{"match[]": selector})]

    def rate_interval(self, step: float) -> str:
        """Return what Grafana puts for $__rate_interval: four scrapes, or a step and one more scrape."""
        return f"{int(max(4 * self.scrape_seconds, step + self.scrape_seconds))}s"


def dashboards(folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Read all dashboards."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]


def panels(dashboard: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Go through the panels that ask for something; headings do not."""
    return (panel for panel in dashboard["panels"] if panel["type"] != "row")


def is_instant(panel: Mapping[str, Any]) -> bool:
    """Whether a panel shows one moment."""
    return bool(panel["targets"][0].get("instant"))


def fill(text: str, choices: Choices) -> str:
    """Put values for the variables of a query; one that has no value is a fault of the dashboard."""

    def value(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if name not in choices:
            raise QueryError(f"${name} has no value in: {text}")
        return choices[name]

    return VARIABLE.sub(value, text)


def written(variable: Mapping[str, Any], values: Sequence[str]) -> str:
    """Write chosen values as Grafana does for Prometheus: escaped, several as alternatives."""
    if list(values) == [EVERYTHING]:
        return str(variable["allValue"])
    if not variable.get("multi"):
        return values[0].replace("\\", "\\\\").replace('"', '\\"')
    escaped = [re.sub(r"[\\^$.*+?()[\]{}|]", r"\\\\\g<0>", value) for value in values]
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"


def chosen(dashboard: Mapping[str, Any], source: Source, wanted: Mapping[str, Sequence[str]] | None = None) -> Choices:
    """Choose what Grafana shows at first, the variables in their order: the first cluster, all of the rest."""
    choices: dict[str, str] = {}
    for variable in dashboard["templating"]["list"]:
        name = variable["name"]
        if variable["type"] != "query":
            continue
        values = list((wanted or {}).get(name, ()))
        if not values and variable.get("includeAll"):
            values = [EVERYTHING]
        if not values:
            values = offered(variable, source, choices)[:1]
        if not values:
            raise QueryError(f"{dashboard['uid']}: there is nothing to choose for ${name}: {variable['definition']}")
        choices[name] = written(variable, values)
    return choices


def offered(variable: Mapping[str, Any], source: Source, choices: Choices) -> list[str]:
    """Return what a variable offers."""
    found = LABEL_VALUES.fullmatch(fill(variable["definition"], choices))
    if not found:
        raise QueryError(f"${variable['name']} is not filled by label_values(…): {variable['definition']}")
    return sorted(source.label_values(found[1], found[2]))


def expressions(panel: Mapping[str, Any], source: Source, choices: Choices, step: float = 15) -> Iterator[str]:
    """Go through the queries of a panel, ready to be sent."""
    moments = {"__rate_interval": source.rate_interval(step), "__interval": f"{int(step)}s", "__range": "3600s"}
    return (fill(target["expr"], {**choices, **moments}) for target in panel["targets"])
