"""What a dashboard consists of, in plain data. `classic` turns it into Grafana's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Steps = tuple[tuple[str, float], ...]  # (colour, from this value on); below the first one it is green
BELOW = float("-inf")  # as the first step: the colour of everything below the second one
States = Mapping[str, tuple[str, str]]  # value: (word, colour)

CLUSTER = 'cluster="$cluster"'
RATE = "$__rate_interval"
PLAIN: Steps = (("text", BELOW),)  # no verdict
BAD: Steps = (("red", 1.0),)
WARN: Steps = (("orange", 1.0),)


def low(red: float, orange: float) -> Steps:
    """Colour what is bad when it is low."""
    return (("red", BELOW), ("orange", red), ("green", orange))


def high(orange: float, red: float) -> Steps:
    """Colour what is bad when it is high."""
    return (("orange", orange), ("red", red))


@dataclass(frozen=True)
class Query:
    """One PromQL expression; `legend` names its series, or the column of a table."""

    expr: str
    legend: str = ""
    unit: str = ""  # of a table's column
    steps: Steps = ()  # colours of a table's column


@dataclass(frozen=True)
class Panel:
    """One panel: what it shows and how much room it takes (of 24 columns)."""

    title: str
    description: str
    queries: tuple[Query, ...]
    kind: str = "timeseries"
    unit: str = "short"
    width: int = 12
    height: int = 8
    steps: Steps = ()
    decimals: int | None = None
    stack: bool = False
    minimum: float | None = 0
    maximum: float | None = None
    text: str = "value"  # of a stat: value, name, value_and_name
    states: States = field(default_factory=dict)
    labels: tuple[tuple[str, str], ...] = ()  # of a table: (label, heading)
    details: str = ""  # uid of the dashboard that says more

    @property
    def instant(self) -> bool:
        """Whether it shows one moment only."""
        return self.kind in ("stat", "table", "bargauge")


@dataclass(frozen=True)
class Row:
    """A heading and the panels below it, placed from left to right."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True)
class Variable:
    """A choice at the top of the dashboard, filled by a query."""

    name: str
    label: str
    query: str
    many: bool = False


@dataclass(frozen=True)
class Dashboard:
    """A dashboard: its choices and its rows, top to bottom."""

    uid: str
    title: str
    description: str
    rows: tuple[Row, ...]
    variables: tuple[Variable, ...] = ()
    node_logs: bool = False  # its lines by node lead to that node's logs


def graph(title: str, description: str, *queries: Query, unit: str = "short", width: int = 12) -> Panel:
    """Draw lines over time."""
    return Panel(title, description, queries, unit=unit, width=width)


def number(title: str, description: str, expr: str, unit: str = "none", steps: Steps = ()) -> Panel:
    """Show one number, coloured by its thresholds."""
    return Panel(title, description, (Query(expr),), kind="stat", unit=unit, width=4, height=4, steps=steps)


def table(title: str, description: str, labels: tuple[tuple[str, str], ...], *queries: Query) -> Panel:
    """Show one line for each set of labels, one column for each query."""
    return Panel(title, description, queries, kind="table", width=24, labels=labels)


def choice(name: str, label: str, query: str) -> Variable:
    """Let people choose some of the values, all of them at first."""
    return Variable(name, label, query, many=True)


CLUSTERS = Variable("cluster", "Cluster", 'label_values(up{job="kafka"}, cluster)')
TOPICS = choice("topic", "Topic", f"label_values(kafka:topic:partitions{{{CLUSTER}}}, topic)")
GROUPS = choice("group", "Consumer group", f"label_values(kafka:group_topic:lag{{{CLUSTER}}}, consumergroup)")
BROKERS = choice("broker", "Broker", f'label_values(up{{job="kafka", {CLUSTER}, role=~"broker|combined"}}, instance)')
HOSTS = choice("host", "Host", f'label_values(up{{job="node", {CLUSTER}}}, instance)')
