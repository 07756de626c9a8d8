"""Dashboards come from their source, and nothing is wrong with them; the checker finds what could be."""

from __future__ import annotations

import copy
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools.dashboards import check, metrics, queries
from tools.dashboards.may_be_empty import MAY_BE_EMPTY, NOT_ON_3_9, NOT_ON_LARGE, STEADY

ROOT = Path(__file__).resolve().parents[3]
BOARDS = queries.dashboards()
Board = dict[str, Any]
REQUIRED = {
    "Message in per second",
    "Message in per minute",
    "Lag by Consumer Group",
    "Message consume per minute",
    "Partitions per topic",
}
UIDS = {
    "kafka-overview",
    "kafka-consumers",
    "kafka-topics",
    "kafka-brokers",
    "kafka-kraft",
    "kafka-balance",
    "kafka-hosts",
    "kafka-monitoring",
    "kafka-logs",
}


def board(uid: str) -> Board:
    """A copy of one dashboard, to be spoilt."""
    return copy.deepcopy(next(one for one in BOARDS if one["uid"] == uid))


def first(spoilt: Board) -> Board:
    """Its first panel."""
    return next(queries.panels(spoilt))


def test_the_files_are_what_their_source_makes() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.dashboards", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_all_dashboards_are_there_and_right() -> None:
    assert {one["uid"] for one in BOARDS} == UIDS
    assert check.problems(BOARDS, metrics.known()) == []


def test_the_overview_has_the_five_graphs() -> None:
    assert {panel["title"] for panel in queries.panels(board("kafka-overview"))} >= REQUIRED


def test_exceptions_name_panels_that_exist() -> None:
    titles = {(one["uid"], panel["title"]) for one in BOARDS for panel in queries.panels(one)}
    columns = {
        (one["uid"], f"{panel['title']}: {target['legendFormat']}")
        for one in BOARDS
        for panel in queries.panels(one)
        for target in panel["targets"]
    }
    assert set(MAY_BE_EMPTY) <= titles | columns
    assert set(STEADY) <= titles


def naming(names: set[str]) -> dict[tuple[str, str], str]:
    """The panels that name one of some metrics, with their descriptions."""
    return {
        (one["uid"], panel["title"]): panel["description"]
        for one in BOARDS
        for panel in queries.panels(one)
        if any(name in names for target in panel["targets"] for name, _braces in check.selectors(target["expr"]))
    }


def test_what_3_9_lacks_is_listed_and_said() -> None:
    names = {
        version: {name for path in metrics.RECORDED.glob(f"jmx-*-{version}.txt") for name in metrics.recorded(path)}
        for version in ("3.9.2", "4.3.1")
    }
    found = naming(names["4.3.1"] - names["3.9.2"])
    assert set(found) == NOT_ON_3_9
    assert [place for place, words in found.items() if "from Kafka 4" not in words] == []


def test_what_the_large_profile_lacks_is_listed() -> None:
    found = naming({"kafka_log_log_size", "kafka:broker:log_bytes", "kafka:topic:log_bytes"})
    assert set(found) == NOT_ON_LARGE


def _set(key: str, value: Any) -> Callable[[Board], None]:
    """Return what sets something of the first panel."""
    return lambda spoilt: first(spoilt).__setitem__(key, value)


def _expr(expr: str) -> Callable[[Board], None]:
    """Return what sets the first query."""
    return lambda spoilt: first(spoilt)["targets"][0].__setitem__("expr", expr)


def _variable(at: int, key: str, value: Any) -> Callable[[Board], None]:
    """Return what sets something of a variable."""
    return lambda spoilt: spoilt["templating"]["list"][at].__setitem__(key, value)


UP = 'up{cluster="$cluster"}'
SPOILT: list[tuple[str, Callable[[Board], None], str]] = [
    ("id", lambda one: one.__setitem__("id", 7), "has 'id', which file provisioning does not take"),
    ("new schema", lambda one: one.__setitem__("elements", {}), "has 'elements', which file provisioning"),
    ("schema", lambda one: one.__setitem__("schemaVersion", 43), "schemaVersion 43 is above 42"),
    ("description", lambda one: one.__setitem__("description", ""), "has no description"),
    ("panel ids", _set("id", 3), "id 3 belongs to 2 panels"),
    ("panel titles", _set("title", "Controllers"), "2 panels are called 'Controllers'"),
    (
        "order of variables",
        lambda one: one["templating"]["list"].reverse(),
        "the first variables are not datasource and cluster",
    ),
    (
        "source of a variable",
        _variable(1, "datasource", {"type": "prometheus", "uid": "abc"}),
        "$cluster does not ask ${datasource}",
    ),
    ("kind of a variable", _variable(1, "definition", "a, b"), "$cluster is not filled by label_values(…)"),
    (
        "variable of another cluster",
        _variable(2, "definition", "label_values(kafka:topic:partitions, topic)"),
        "$topic does not depend on the cluster",
    ),
    (
        "variable of nothing",
        _variable(2, "definition", 'label_values(kafka_gone{cluster="$cluster"}, topic)'),
        "$topic: nothing gives kafka_gone",
    ),
    ("all", _variable(2, "allValue", ".*"), "$topic: all of them also means none: allValue is .*, not .+"),
    ("unused variable", _variable(2, "name", "other"), "$other is not used"),
    ("unknown variable", _variable(2, "name", "other"), "$topic is not defined"),
    ("outside", _set("gridPos", {"x": 20, "y": 1, "w": 6, "h": 4}), "Brokers: does not lie in the 24 columns"),
    ("overlap", _set("gridPos", {"x": 0, "y": 1, "w": 7, "h": 4}), "Controllers: lies on Brokers"),
    ("kind", _set("type", "graph"), "Brokers: type graph is not one of bargauge, stat"),
    ("no description", _set("description", "Brokers."), "Brokers: its description does not say in a sentence"),
    ("unit", lambda one: first(one)["fieldConfig"]["defaults"].pop("unit"), "Brokers: unit None is not one of"),
    ("source", _set("datasource", {"type": "prometheus", "uid": "abc"}), "Brokers: does not ask ${datasource}"),
    ("no query", _set("targets", []), "Brokers: asks nothing"),
    ("refIds", lambda one: first(one)["targets"][1].__setitem__("refId", "A"), "Brokers: its refIds are ['A', 'A']"),
    (
        "source of a query",
        lambda one: first(one)["targets"][0].pop("datasource"),
        "Brokers: query A does not ask ${datasource}",
    ),
    (
        "moment and span",
        lambda one: first(one)["targets"][0].__setitem__("range", True),
        "Brokers: query A is not either of a moment or of a span",
    ),
    ("made up", _expr(f"{UP} or vector(0)"), "Brokers: makes a number where there is none"),
    ("window", _expr(f"rate({UP}[5m])"), "Brokers: has a window of its own instead of $__rate_interval"),
    ("no metric", _expr("1 + 1"), "Brokers: names no metric: 1 + 1"),
    ("unknown metric", _expr('sum(kafka_gone{cluster="$cluster"})'), "Brokers: nothing gives kafka_gone"),
    ("all clusters", _expr(f"{UP} and on (instance) up"), "Brokers: up is not limited to $cluster"),
    ("no links", lambda one: one.__setitem__("links", []), "has no links to the other dashboards"),
    ("link", lambda one: one["links"][0].__setitem__("tags", ["x"]), "link 'Kafka' finds no dashboard"),
    ("forgetful", lambda one: one["links"][0].__setitem__("keepTime", False), "link 'Kafka' forgets variables or time"),
    ("dead link", _set("links", [{"url": "/d/gone?x"}]), "Brokers: link /d/gone?x leads nowhere"),
    (
        "label of a line",
        lambda one: first(one)["fieldConfig"]["defaults"].__setitem__(
            "links", [{"title": "x", "url": "/d/kafka-logs?var-host=${__field.labels.rack}"}]
        ),
        "Brokers: link 'x' names rack, which its legend does not",
    ),
    (
        "link of a line",
        lambda one: first(one)["fieldConfig"]["defaults"].__setitem__("links", [{"title": "x", "url": "/d/gone?x"}]),
        "Brokers: link /d/gone?x leads nowhere",
    ),
    ("link's cluster", _set("links", [{"url": "/d/kafka-kraft?x"}]), "forgets the cluster or the time"),
]


@pytest.mark.parametrize(("spoil", "expected"), [case[1:] for case in SPOILT], ids=[case[0] for case in SPOILT])
def test_what_the_checker_finds(spoil: Callable[[Board], None], expected: str) -> None:
    spoilt = board("kafka-overview")
    spoil(spoilt)
    others = [one for one in BOARDS if one["uid"] != "kafka-overview"]
    found = check.problems([spoilt, *others], metrics.known())
    assert [line for line in found if line.startswith("kafka-overview: ") and expected in line], found


def test_dashboards_have_their_own_uid_and_title() -> None:
    found = check.problems([*BOARDS, board("kafka-logs")], metrics.known())
    assert found == ["2 dashboards have the uid kafka-logs", "2 dashboards are called 'Kafka logs'"]


@pytest.mark.parametrize("uid", ["kafka-overview", "kafka-brokers", "kafka-kraft", "kafka-logs"])
def test_lines_of_a_node_lead_to_its_logs(uid: str) -> None:
    """Every graph with a line for each node; what else there is has no node to lead to."""
    found = {panel["title"]: panel["fieldConfig"]["defaults"].get("links", []) for panel in queries.panels(board(uid))}
    by_node = {
        panel["title"]
        for panel in queries.panels(board(uid))
        if panel["type"] == "timeseries" and any("{{instance}}" in one["legendFormat"] for one in panel["targets"])
    }
    assert by_node
    assert {title for title, links in found.items() if links} == by_node
    assert {link["url"] for links in found.values() for link in links} == {
        "/d/kafka-logs?${cluster:queryparam}&${__url_time_range}&var-host=${__field.labels.instance}"
    }


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ("sum by (topic) (rate(a_total{x='1'}[5m] offset 1h)) * 60", ["a_total"]),
        ("kafka:a:b / on (cluster) group_left (x) (b > bool 0) or c", ["kafka:a:b", "b", "c"]),
        ("time() - max(d) and 1e9 < inf", ["d"]),
    ],
)
def test_metrics_of_an_expression(expr: str, expected: list[str]) -> None:
    assert [name for name, _braces in check.selectors(expr)] == expected


@pytest.mark.parametrize("path", sorted(metrics.RULES.glob("*.yml")), ids=lambda path: str(path.stem))
def test_every_metric_of_a_rule_exists(path: Path) -> None:
    names = set(re.findall(r"\b((?:kafka|node|jvm|jmx|process)_\w+)\s*[{\[]", path.read_text(encoding="utf-8")))
    assert names <= metrics.known()


def test_alerts_lead_to_dashboards_that_exist() -> None:
    for path in metrics.RULES.glob("*.yml"):
        named = set(re.findall(r"^ *dashboard: *(\S+)", path.read_text(encoding="utf-8"), re.MULTILINE))
        assert named <= UIDS, path.name
