"""The parts of a Grafana dashboard, as plain data. Classic JSON only: file provisioning refuses the newer schema."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

SCHEMA_VERSION = 42
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}


@dataclass(frozen=True)
class Query:
    """One PromQL expression; a legend names its series."""

    expr: str
    legend: str = ""
    instant: bool = False


@dataclass(frozen=True)
class Panel:
    """One panel: what it shows and how wide it is (of 24)."""

    title: str
    description: str
    queries: tuple[Query, ...]
    kind: str = "timeseries"
    unit: str = "short"
    width: int = 12
    height: int = 8
    steps: tuple[tuple[str, float], ...] = ()
    text: str = "value"


@dataclass(frozen=True)
class Variable:
    """A choice at the top of the dashboard."""

    name: str
    label: str
    query: str
    many: bool = False


@dataclass(frozen=True)
class Dashboard:
    """A dashboard: its rows of panels, top to bottom."""

    uid: str
    title: str
    description: str
    variables: tuple[Variable, ...]
    rows: tuple[tuple[Panel, ...], ...]
    tags: tuple[str, ...] = field(default=("kafka", "kraftops"))


def _target(number: int, query: Query) -> dict[str, Any]:
    """Return a query in Grafana's words."""
    return {
        "datasource": DATASOURCE,
        "editorMode": "code",
        "expr": query.expr,
        "instant": query.instant,
        "legendFormat": query.legend or "__auto",
        "range": not query.instant,
        "refId": chr(ord("A") + number),
    }


def _options(panel: Panel) -> dict[str, Any]:
    """Return the options of a kind of panel."""
    if panel.kind == "timeseries":
        legend = {"calcs": ["lastNotNull", "max"], "displayMode": "table", "placement": "bottom", "showLegend": True}
        return {"legend": legend, "tooltip": {"mode": "multi", "sort": "desc"}}
    reduce = {"calcs": ["lastNotNull"], "fields": "", "values": False}
    if panel.kind == "bargauge":
        return {"displayMode": "basic", "orientation": "horizontal", "reduceOptions": reduce, "showUnfilled": True}
    return {
        "colorMode": "background",
        "graphMode": "none",
        "justifyMode": "center",
        "reduceOptions": reduce,
        "textMode": panel.text,
    }


def _defaults(panel: Panel) -> dict[str, Any]:
    """Return unit, thresholds and drawing of a panel."""
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    steps += [{"color": color, "value": value} for color, value in panel.steps]
    defaults: dict[str, Any] = {"unit": panel.unit, "min": 0, "thresholds": {"mode": "absolute", "steps": steps}}
    if panel.kind == "timeseries":
        defaults["custom"] = {
            "drawStyle": "line",
            "fillOpacity": 10,
            "lineWidth": 1,
            "showPoints": "never",
            "spanNulls": False,
        }
    return defaults


def _panel(number: int, panel: Panel, x: int, y: int) -> dict[str, Any]:
    """Return a panel in Grafana's words, at its place."""
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": DATASOURCE,
        "gridPos": {"h": panel.height, "w": panel.width, "x": x, "y": y},
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": _options(panel),
        "targets": [_target(index, query) for index, query in enumerate(panel.queries)],
    }


def _layout(rows: tuple[tuple[Panel, ...], ...]) -> list[dict[str, Any]]:
    """Place the panels of each row from left to right."""
    placed: list[dict[str, Any]] = []
    y = 0
    for row in rows:
        x = 0
        for panel in row:
            placed.append(_panel(len(placed) + 1, panel, x, y))
            x += panel.width
        y += max(panel.height for panel in row)
    return placed


def _variable(variable: Variable) -> dict[str, Any]:
    """Return a variable that is filled by a query."""
    built: dict[str, Any] = {
        "name": variable.name,
        "label": variable.label,
        "type": "query",
        "datasource": DATASOURCE,
        "query": {"query": variable.query, "refId": "StandardVariableQuery"},
        "definition": variable.query,
        "refresh": 2,
        "sort": 1,
        "multi": variable.many,
        "includeAll": variable.many,
    }
    if variable.many:
        built["allValue"] = ".*"
        built["current"] = {"text": ["All"], "value": ["$__all"]}
    return built


def build(dashboard: Dashboard) -> dict[str, Any]:
    """Return the dashboard as Grafana reads it from a file."""
    datasource = {
        "name": "datasource",
        "label": "Data source",
        "type": "datasource",
        "query": "prometheus",
        "current": {"text": "Kafka Prometheus", "value": "kraftops-prometheus"},
    }
    return {
        "uid": dashboard.uid,
        "title": dashboard.title,
        "description": dashboard.description,
        "tags": list(dashboard.tags),
        "schemaVersion": SCHEMA_VERSION,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-1h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": [datasource, *(_variable(variable) for variable in dashboard.variables)]},
        "panels": _layout(dashboard.rows),
    }
