"""Draw a dashboard: its panels in their grid, with real series. No imitation of Grafana beyond that."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

from tools.dashboards import queries
from tools.dashboards.may_be_empty import MAY_BE_EMPTY
from tools.dashboards.queries import Choices, QueryError, Source
from tools.preview import data
from tools.preview.data import Series, Span
from tools.preview.units import ticks, worded

mpl.use("agg")
mpl.rcParams.update(
    {"font.size": 7, "axes.spines.top": False, "axes.spines.right": False, "font.family": "DejaVu Sans"}
)

COLUMN, LINE, MARGIN, DPI = 60, 38, 8, 100  # pixels
COLORS = {"green": "#56a64b", "red": "#e02f44", "orange": "#ff9830", "blue": "#3274d9", "purple": "#8f3bb8"}
PALE, TEXT = "#f2f3f5", "#222222"
MOST_NAMES = 8
Asked = tuple[Source, Choices, Span]


class Canvas:
    """A picture measured in the columns and lines of Grafana's grid."""

    def __init__(self, dashboard: Mapping[str, Any]) -> None:
        """Make room for all panels and a heading."""
        self.lines = 2 + max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in dashboard["panels"])
        self.size = (24 * COLUMN, self.lines * LINE)
        self.figure = Figure(figsize=(self.size[0] / DPI, self.size[1] / DPI), dpi=DPI, facecolor=PALE)

    def text(self, x: float, line: float, words: str, **style: Any) -> None:
        """Write at a place of the grid."""
        self.figure.text(x / self.size[0], 1 - line * LINE / self.size[1], words, va="center", color=TEXT, **style)

    def axes(self, place: Mapping[str, int], inside: tuple[int, int, int, int] = (0, 0, 0, 0)) -> Axes:
        """Return axes for a panel, less what `inside` takes off (left, top, right, bottom)."""
        left, top, right, bottom = inside
        x = place["x"] * COLUMN + MARGIN / 2 + left
        y = (place["y"] + 2) * LINE + MARGIN / 2 + top
        width = place["w"] * COLUMN - MARGIN - left - right
        height = place["h"] * LINE - MARGIN - top - bottom
        whole = self.size
        rect = (x / whole[0], 1 - (y + height) / whole[1], width / whole[0], height / whole[1])
        return self.figure.add_axes(rect)


def color_of(value: float, steps: Sequence[Mapping[str, Any]]) -> str:
    """Return the colour that a value has by the thresholds of its panel."""
    found = "text"
    for step in steps:
        if step["value"] is None or value >= step["value"]:
            found = step["color"]
    return COLORS.get(found, "#d8d9dd")


def _timeseries(axes: Axes, panel: Mapping[str, Any], lines: Sequence[Series], span: Span) -> None:
    """Draw lines, or stacked areas, with the dashed lines of the thresholds."""
    defaults = panel["fieldConfig"]["defaults"]
    shown = sorted(lines, key=lambda one: -max(one.values))
    if defaults.get("custom", {}).get("stacking"):
        times = sorted({at for one in lines for at in one.times})
        values = [[dict(zip(one.times, one.values)).get(at, 0.0) for at in times] for one in lines]
        axes.stackplot(times, values, labels=[one.name for one in lines], alpha=0.7)
    else:
        for one in shown:
            axes.plot(
                *one.with_gaps(span.step),
                linewidth=1.1,
                marker=".",  # a value alone between two gaps makes no line
                markersize=1.5,
                label=f"{one.name}: {worded(one.last, defaults['unit'])}",
            )
    axes.set_xlim(span.start, span.end)
    if not any(value for one in lines for value in one.values):
        axes.set_ylim(0, 1)  # nothing but zeros: no axis of hundredths
    if defaults.get("min") is not None:
        axes.set_ylim(bottom=defaults["min"])
    if defaults.get("max") is not None:
        axes.set_ylim(top=defaults["max"] * 1.02)
    top = axes.get_ylim()[1]
    for step in defaults["thresholds"]["steps"]:
        if "thresholdsStyle" in defaults.get("custom", {}) and step["value"] is not None and step["value"] <= top * 1.2:
            axes.axhline(step["value"], color=COLORS.get(step["color"], "#999999"), linestyle="--", linewidth=0.8)
    axes.yaxis.set_major_locator(FixedLocator(ticks(axes.get_ylim(), defaults["unit"])))
    axes.yaxis.set_major_formatter(lambda value, _place: worded(value, defaults["unit"]))
    _clock(axes)
    axes.grid(color="#e4e5e9", linewidth=0.5)
    handles, names = axes.get_legend_handles_labels()
    if len(names) > MOST_NAMES:
        handles, names = handles[:MOST_NAMES], [*names[: MOST_NAMES - 1], f"… {len(names) - MOST_NAMES + 1} more"]
    axes.legend(handles, names, fontsize=6, loc="upper left", bbox_to_anchor=(0, -0.14), ncol=2, frameon=False)


def _clock(axes: Axes) -> None:
    """Write times of the day below."""
    axes.xaxis.set_major_formatter(
        lambda value, _place: datetime.fromtimestamp(value, tz=timezone.utc).strftime("%H:%M")
    )


def _states(axes: Axes, panel: Mapping[str, Any], lines: Sequence[Series], span: Span) -> None:
    """Draw a bar for each series, coloured by what it means."""
    words = panel["fieldConfig"]["defaults"]["mappings"][0]["options"]
    longest = 0
    for row, one in enumerate(lines):
        for at, value in zip(one.times, one.values):
            color = COLORS.get(words.get(f"{value:g}", {}).get("color", ""), "#d8d9dd")
            axes.broken_barh([(at, span.step)], (row - 0.4, 0.8), facecolors=color)
        text = words.get(f"{one.last:g}", {}).get("text", f"{one.last:g}")
        axes.text(span.end + span.step, row, f" {text}", va="center", fontsize=6)
        longest = max(longest, len(text))
    axes.set_yticks(range(len(lines)), [one.name for one in lines])
    axes.set_xlim(span.start, span.end + (span.end - span.start) * (0.03 + 0.0075 * longest))
    axes.invert_yaxis()
    _clock(axes)


def _stat(axes: Axes, panel: Mapping[str, Any], lines: Sequence[Series], _span: Span) -> None:
    """Show values side by side on the colour of their thresholds."""
    defaults = panel["fieldConfig"]["defaults"]
    mode = panel["options"]["textMode"]
    for at, one in enumerate(lines):
        color = color_of(one.last, defaults["thresholds"]["steps"])
        axes.axvspan(at / len(lines), (at + 1) / len(lines), color=color, linewidth=0)
        text = one.name if mode == "name" else worded(one.last, defaults["unit"])
        axes.text((at + 0.5) / len(lines), 0.5, text, ha="center", va="center", fontsize=15, fontweight="bold")
        if mode == "value_and_name":
            axes.text((at + 0.5) / len(lines), 0.12, one.name, ha="center", va="center", fontsize=7)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.axis("off")


def _bars(axes: Axes, panel: Mapping[str, Any], lines: Sequence[Series], _span: Span) -> None:
    """Draw a bar for each series."""
    shown = sorted(lines, key=lambda one: one.last)
    axes.barh([one.name for one in shown], [one.last for one in shown], color="#7eb6e8", height=0.6)
    for row, one in enumerate(shown):
        axes.text(one.last, row, f" {worded(one.last, panel['fieldConfig']['defaults']['unit'])}", va="center")
    axes.xaxis.set_visible(False)


KINDS = {"timeseries": _timeseries, "stat": _stat, "bargauge": _bars, "state-timeline": _states}
ROOM = {
    "timeseries": (62, 26, 14, 96),
    "stat": (4, 24, 4, 4),
    "bargauge": (110, 26, 40, 8),
    "state-timeline": (76, 26, 6, 20),
}


def _table(axes: Axes, panel: Mapping[str, Any], shown: data.Table) -> None:
    """Write as many rows as there is room for."""
    room = max(1, (panel["gridPos"]["h"] * LINE - 60) // 19)
    units = {target["refId"]: target["legendFormat"] for target in panel["targets"]}
    special = {
        one["matcher"]["options"]: {part["id"]: part["value"] for part in one["properties"]}
        for one in panel["fieldConfig"]["overrides"]
    }
    texts, colors = [], []
    for row in shown.rows[:room]:
        texts.append([_cell(cell, units, special) for cell in row])
        colors.append([_shade(cell, units, special) for cell in row])
    built = axes.table(texts, colLabels=list(shown.headings), cellColours=colors, loc="upper center", cellLoc="left")
    built.auto_set_font_size(False)
    built.set_fontsize(7)
    for cell in built.get_celld().values():
        cell.set(edgecolor="#e4e5e9", height=19 / max(40, panel["gridPos"]["h"] * LINE - 40))
    if len(shown.rows) > room:
        axes.text(1, 0, f"… {len(shown.rows) - room} more", ha="right", va="bottom", fontsize=6)
    axes.axis("off")


def _cell(cell: Any, units: Mapping[str, str], special: Mapping[str, Any]) -> str:
    """Write one cell of a table."""
    if not isinstance(cell, tuple):
        return cell or ""
    value, ref = cell
    return worded(value, special.get(units[ref], {}).get("unit", "short"))


def _shade(cell: Any, units: Mapping[str, str], special: Mapping[str, Any]) -> str:
    """Colour one cell of a table, where its column has thresholds."""
    if not isinstance(cell, tuple) or "thresholds" not in special.get(units[cell[1]], {}):
        return "white"
    return color_of(cell[0], special[units[cell[1]]]["thresholds"]["steps"]) + "55"


def _frame(canvas: Canvas, panel: Mapping[str, Any]) -> Axes:
    """Draw the frame of a panel and its title."""
    place = panel["gridPos"]
    back = canvas.axes(place)
    back.set(xticks=[], yticks=[], facecolor="white")
    back.spines[:].set_color("#d5d6da")
    canvas.text(place["x"] * COLUMN + 14, place["y"] + 2 + 0.42, panel["title"], fontsize=8, fontweight="bold")
    return back


def _panel(canvas: Canvas, panel: Mapping[str, Any], shown: Asked, excuse: str) -> bool:
    """Draw one panel; tell whether it has data. If it has none, `excuse` says why that may be."""
    source, choices, span = shown
    place, back = panel["gridPos"], _frame(canvas, panel)
    if panel["type"] == "table":
        rows = data.table(panel, source, choices)
        if rows.rows:
            _table(canvas.axes(place, (10, 30, 10, 6)), panel, rows)
        filled = bool(rows.rows)
    else:
        lines = data.series(panel, source, choices, span)
        if lines:
            KINDS[panel["type"]](canvas.axes(place, ROOM[panel["type"]]), panel, lines, span)
        filled = bool(lines)
    if not filled:
        back.text(0.5, 0.45, "no data", ha="center", va="center", fontsize=13, color="#8a8d93" if excuse else "#e02f44")
        reason = textwrap.fill(excuse, panel["gridPos"]["w"] * 9)
        back.text(0.5, 0.32, reason, ha="center", va="top", fontsize=7, color="#8a8d93")
    return filled


def dashboard(built: Mapping[str, Any], source: Source, span: Span, target: Path) -> list[str]:
    """Draw one dashboard into a file; return the titles of the panels without data."""
    choices = queries.chosen(built, source)
    canvas = Canvas(built)
    chosen = "   ".join(f"{name}: {value}" for name, value in choices.items())
    canvas.text(14, 0.6, built["title"], fontsize=14, fontweight="bold")
    canvas.text(14, 1.4, f"{built['description']}   [{chosen}]", fontsize=8)
    empty = []
    for panel in built["panels"]:
        if panel["type"] == "row":
            canvas.text(10, panel["gridPos"]["y"] + 2.5, panel["title"], fontsize=10, fontweight="bold")
            continue
        try:
            excuse = MAY_BE_EMPTY.get((built["uid"], panel["title"]), "")
            filled = _panel(canvas, panel, (source, choices, span), excuse)
        except QueryError as error:
            raise QueryError(f"{built['uid']}, {panel['title']}: {error}") from error
        if not filled:
            empty.append(f"{panel['title']} ({excuse or 'NO REASON IS KNOWN'})")
    canvas.figure.savefig(target, dpi=DPI)
    return empty
