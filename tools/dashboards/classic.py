"""From plain data to the classic JSON that Grafana's file provisioning takes, with the types of Grafana's own SDK."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

from grafana_foundation_sdk.builders import bargauge, common, prometheus, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders import dashboard as build_dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common as common_model
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models import prometheus as prometheus_model

from tools.dashboards.panels import BELOW, Dashboard, Panel, Query, Row, Steps, Variable

SOURCE = common_model.DataSourceRef(type_val="prometheus", uid="${datasource}")
TAGS = ["kafka", "kraftops"]
# Not `.*`, which would also find the series without the label: brokers keep one for all topics together.
ALL = ".+"
KEEP = "${cluster:queryparam}&${__url_time_range}"
# From a line of a node to what its logs say at that time; the role grafana adds the way to where they can be searched.
NODE = "${__field.labels.instance}"
NODE_LOGS = {"title": f"Log events of {NODE}", "url": f"/d/kafka-logs?{KEEP}&var-host={NODE}", "targetBlank": False}


def _target(number: int, query: Query, panel: Panel) -> prometheus.Dataquery:
    """Return one query."""
    built = prometheus.Dataquery().expr(query.expr).ref_id(chr(ord("A") + number)).datasource(SOURCE)
    built = built.editor_mode(prometheus_model.QueryEditorMode.CODE).legend_format(query.legend or "__auto")
    if panel.kind == "table":
        built = built.format(prometheus_model.PromQueryFormat.TABLE)
    return built.instant() if panel.instant else built.range()


def _thresholds(steps: Steps) -> build_dashboard.ThresholdsConfig:
    """Return the colours by value."""
    listed = [] if steps[:1] and steps[0][1] == BELOW else [model.Threshold(None, "green")]
    listed += [model.Threshold(None if value == BELOW else value, color) for color, value in steps]
    return build_dashboard.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(listed)


def _reduce() -> common.ReduceDataOptions:
    """Return how a series becomes one value."""
    return common.ReduceDataOptions().calcs(["lastNotNull"]).values(False).fields("")


def _timeseries(panel: Panel) -> timeseries.Panel:
    """Draw lines; a wide panel has a legend with numbers."""
    legend = common.VizLegendOptions().show_legend(True).placement(common_model.LegendPlacement.BOTTOM)
    if panel.width >= 12:
        legend = legend.display_mode(common_model.LegendDisplayMode.TABLE).calcs(["lastNotNull", "max"])
    else:
        legend = legend.display_mode(common_model.LegendDisplayMode.LIST).calcs([])
    tooltip = common.VizTooltipOptions().mode(common_model.TooltipDisplayMode.MULTI)
    built = timeseries.Panel().legend(legend).tooltip(tooltip.sort(common_model.SortOrder.DESCENDING))
    built = built.fill_opacity(30 if panel.stack else 10).line_width(1).span_nulls(False)
    built = built.show_points(common_model.VisibilityMode.NEVER).thresholds(_thresholds(panel.steps))
    if panel.stack:
        built = built.stacking(common.StackingConfig().mode(common_model.StackingMode.NORMAL).group("A"))
    if panel.steps:
        dashed = common_model.GraphThresholdsStyleMode.DASHED
        built = built.thresholds_style(common.GraphThresholdsStyleConfig().mode(dashed))
    return built


def _stat(panel: Panel) -> stat.Panel:
    """Show one value, or the names of the series."""
    built = stat.Panel().reduce_options(_reduce()).text_mode(common_model.BigValueTextMode(panel.text))
    built = built.graph_mode(common_model.BigValueGraphMode.NONE).justify_mode(common_model.BigValueJustifyMode.CENTER)
    return built.color_mode(common_model.BigValueColorMode.BACKGROUND).thresholds(_thresholds(panel.steps))


def _bargauge(panel: Panel) -> bargauge.Panel:
    """Show bars, one a series."""
    built = bargauge.Panel().reduce_options(_reduce()).orientation(common_model.VizOrientation.HORIZONTAL)
    return built.display_mode(common_model.BarGaugeDisplayMode.BASIC).thresholds(_thresholds(panel.steps))


def _statetimeline(panel: Panel) -> statetimeline.Panel:
    """Show words over time."""
    legend = common.VizLegendOptions().show_legend(True).placement(common_model.LegendPlacement.BOTTOM)
    legend = legend.display_mode(common_model.LegendDisplayMode.LIST)
    words = {value: model.ValueMappingResult(text=text, color=color) for value, (text, color) in panel.states.items()}
    return statetimeline.Panel().legend(legend).mappings([model.ValueMap(options=words)]).fill_opacity(70)


def _table(panel: Panel) -> table.Panel:
    """Merge the queries by their labels; the names of labels and values become headings."""
    values = {f"Value #{chr(ord('A') + at)}": query.legend for at, query in enumerate(panel.queries)}
    if len(panel.queries) == 1:
        values = {"Value": panel.queries[0].legend}  # the name that Grafana gives where there is one query only
    names = {**dict(panel.labels), **values}
    organize = {
        "excludeByName": {"Time": True},
        "indexByName": {name: at for at, name in enumerate(names)},
        "renameByName": names,
    }
    built = table.Panel().with_transformation(model.DataTransformerConfig(id_val="merge", options={}))
    built = built.with_transformation(model.DataTransformerConfig(id_val="organize", options=organize))
    built = built.sort_by([common.TableSortByFieldState().display_name(panel.queries[0].legend).desc(True)])
    for query in panel.queries:
        built = built.override_by_name(query.legend, _column(query))
    return built


def _column(query: Query) -> list[model.DynamicConfigValue]:
    """Return what makes a column of a table special."""
    found = [model.DynamicConfigValue("unit", query.unit)] if query.unit else []
    if query.steps:
        found.append(model.DynamicConfigValue("thresholds", _thresholds(query.steps).build()))
        found.append(model.DynamicConfigValue("custom.cellOptions", {"type": "color-text"}))
    return found


KINDS = {
    "timeseries": _timeseries,
    "stat": _stat,
    "bargauge": _bargauge,
    "state-timeline": _statetimeline,
    "table": _table,
}


def _panel(number: int, panel: Panel) -> Any:
    """Return a panel."""
    built: Any = KINDS[panel.kind](panel)
    built = built.id(number).title(panel.title).description(panel.description).datasource(SOURCE).unit(panel.unit)
    built = built.targets([_target(at, query, panel) for at, query in enumerate(panel.queries)])
    if panel.minimum is not None:
        built = built.min(panel.minimum)
    if panel.maximum is not None:
        built = built.max(panel.maximum)
    if panel.decimals is not None:
        built = built.decimals(panel.decimals)
    if panel.details:
        link = build_dashboard.DashboardLink("Details").url(f"/d/{panel.details}?{KEEP}")
        built = built.links([link.type(model.DashboardLinkType.LINK)])
    return built


def _widths(panels: tuple[Panel, ...]) -> Iterator[tuple[Panel, int]]:
    """Go through the panels of a row with their widths: numbers that stand side by side share the whole width."""
    for is_number, group in itertools.groupby(panels, key=lambda panel: panel.kind == "stat"):
        run = list(group)
        for at, panel in enumerate(run):
            yield panel, 24 * (at + 1) // len(run) - 24 * at // len(run) if is_number else panel.width


def _place(rows: tuple[Row, ...]) -> list[Any]:
    """Place the headings, and below each its panels from left to right, in as many lines as they need."""
    placed: list[Any] = []
    y = 0
    for row in rows:
        heading = build_dashboard.Row(row.title).id(len(placed) + 1).grid_pos(model.GridPos(h=1, w=24, x=0, y=y))
        placed.append(heading)
        y, x, tallest = y + 1, 0, 0
        for panel, width in _widths(row.panels):
            if x + width > 24:
                y, x, tallest = y + tallest, 0, 0
            place = model.GridPos(h=panel.height, w=width, x=x, y=y)
            placed.append(_panel(len(placed) + 1, panel).grid_pos(place))
            x, tallest = x + width, max(tallest, panel.height)
        y += tallest
    return placed


def _variable(variable: Variable) -> build_dashboard.QueryVariable:
    """Return a choice that is filled by a query."""
    built = build_dashboard.QueryVariable(variable.name).label(variable.label).datasource(SOURCE)
    built = built.query({"query": variable.query, "refId": "StandardVariableQuery"}).definition(variable.query)
    built = built.refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED).sort(model.VariableSort.ALPHABETICAL_ASC)
    if variable.many:
        built = built.multi(True).include_all(True).all_value(ALL)
        built = built.current(model.VariableOption(text=["All"], value=["$__all"]))
    return built


def _source() -> build_dashboard.DatasourceVariable:
    """Return the choice of the data source; the one that the role grafana makes comes first."""
    chosen = model.VariableOption(text="Kafka Prometheus", value="kraftops-prometheus")
    return build_dashboard.DatasourceVariable("datasource").label("Data source").type("prometheus").current(chosen)


def _links() -> build_dashboard.DashboardLink:
    """Return the way to all dashboards of the collection, with the same cluster and time."""
    link = build_dashboard.DashboardLink("Kafka").type(model.DashboardLinkType.DASHBOARDS).tags(TAGS)
    return link.as_dropdown(False).include_vars(True).keep_time(True)


def _panels(dashboard: Dashboard) -> Iterator[dict[str, Any]]:
    """Go through the panels as JSON; lines that have the name of a node in their legend lead to its logs."""
    for one in _place(dashboard.rows):
        data: dict[str, Any] = json.loads(json.dumps(one.build(), cls=JSONEncoder))
        by_node = any("{{instance}}" in target.get("legendFormat", "") for target in data.get("targets", []))
        if dashboard.node_logs and data["type"] == "timeseries" and by_node:
            data["fieldConfig"]["defaults"]["links"] = [dict(NODE_LOGS)]
        yield data


def build(dashboard: Dashboard) -> dict[str, Any]:
    """Return the dashboard as Grafana reads it from a file."""
    built = build_dashboard.Dashboard(dashboard.title).uid(dashboard.uid).description(dashboard.description)
    built = built.tags(TAGS).readonly().refresh("30s").time("now-1h", "now").timezone("browser")
    built = built.tooltip(model.DashboardCursorSync.CROSSHAIR).links([_links()]).with_variable(_source())
    for variable in dashboard.variables:
        built = built.with_variable(_variable(variable))
    data: dict[str, Any] = json.loads(json.dumps(built.build(), cls=JSONEncoder))
    data["panels"] = list(_panels(dashboard))
    return data
