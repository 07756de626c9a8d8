"""What is wrong with a dashboard, in words: strict rules of our own, because Grafana takes nearly anything and shows it empty."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

from tools.dashboards.queries import LABEL_VALUES, VARIABLE, panels

KINDS = {"timeseries", "stat", "table", "bargauge", "state-timeline"}
UNITS = {"none", "short", "percentunit", "s", "ms", "bytes", "Bps", "cps", "cpm", "reqps", "iops"}
# Signs of a newer schema or of an export, which file provisioning refuses or does not resolve.
FOREIGN = ("id", "elements", "layout", "spec", "metadata", "__inputs", "__requires")
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
BUILT_IN = {"datasource", "__rate_interval", "__interval", "__range", "__url_time_range"}
WORDS = {"and", "or", "unless", "bool", "offset", "inf", "nan"}
# Prometheus and Alertmanager serve all clusters: their own numbers have no label `cluster`.
WITHOUT_CLUSTER = re.compile(r'prometheus_.*|alertmanager_.*|.*\{[^}]*(job="prometheus"|cluster="")[^}]*\}')
SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)(\{[^{}]*\})?(\s*\()?")
LEAST_WORDS = 5

Dashboard = Mapping[str, Any]


def _bare(expr: str) -> str:
    """Take off what only looks like a metric: lists of labels, windows, offsets."""
    bare = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", expr)
    bare = re.sub(r"\[[^\]]*\]", " ", bare)
    return re.sub(r"\boffset\s+\w+", " ", bare)


def selectors(expr: str) -> Iterator[tuple[str, str]]:
    """Go through the metrics of an expression, each with its braces."""
    for name, braces, call in SELECTOR.findall(_bare(expr)):
        if not call and name not in WORDS and not (not braces and re.fullmatch(r"e\d*", name)):
            yield name, braces


def _shape(board: Dashboard) -> Iterator[str]:
    """Check the dashboard itself."""
    for key in FOREIGN:
        if key in board:
            yield f"has {key!r}, which file provisioning does not take"
    if board["schemaVersion"] > 42:
        yield f"schemaVersion {board['schemaVersion']} is above 42"
    if not board.get("description"):
        yield "has no description"
    ids = Counter(panel["id"] for panel in board["panels"])
    yield from (f"id {number} belongs to {count} panels" for number, count in ids.items() if count > 1)
    titles = Counter(panel["title"] for panel in panels(board))
    yield from (f"{count} panels are called {title!r}" for title, count in titles.items() if count > 1)


def _variables(board: Dashboard) -> Iterator[str]:
    """Check the choices at the top: the data source, then the cluster, then the rest, all of them used."""
    listed = board["templating"]["list"]
    if [one["name"] for one in listed[:2]] != ["datasource", "cluster"]:
        yield "the first variables are not datasource and cluster"
    used = set(_used(board))
    for one in _filled(board):
        if one.get("datasource") != SOURCE:
            yield f"${one['name']} does not ask ${{datasource}}"
        if not LABEL_VALUES.fullmatch(one["definition"]):
            yield f"${one['name']} is not filled by label_values(…)"
        if one["name"] != "cluster" and 'cluster="$cluster"' not in one["definition"]:
            yield f"${one['name']} does not depend on the cluster"
        if one.get("includeAll") and one.get("allValue") != ".+":
            yield f"${one['name']}: all of them also means none: allValue is {one.get('allValue')}, not .+"
        if one["name"] not in used:
            yield f"${one['name']} is not used"
    known = {one["name"] for one in listed} | BUILT_IN
    yield from (f"${name} is not defined" for name in sorted(used - known))


def _filled(board: Dashboard) -> list[Mapping[str, Any]]:
    """Return the variables that a query fills."""
    return [one for one in board["templating"]["list"] if one["type"] == "query"]


def _used(board: Dashboard) -> Iterator[str]:
    """Go through the names of the variables that queries use."""
    texts = [target["expr"] for panel in panels(board) for target in panel["targets"]]
    texts += [one["definition"] for one in _filled(board)]
    return (first or second for text in texts for first, second in VARIABLE.findall(text))


def _places(board: Dashboard) -> Iterator[str]:
    """Check that panels lie in the grid and not on one another."""
    taken: dict[tuple[int, int], str] = {}
    for panel in board["panels"]:
        place, title = panel["gridPos"], panel["title"]
        if place["x"] < 0 or place["w"] < 1 or place["h"] < 1 or place["x"] + place["w"] > 24:
            yield f"{title}: does not lie in the 24 columns"
        cells = [(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])]
        under = {taken[cell] for cell in cells if cell in taken}
        yield from (f"{title}: lies on {other}" for other in sorted(under))
        taken.update(dict.fromkeys(cells, title))


def _panel(panel: Mapping[str, Any]) -> Iterator[str]:
    """Check what people see of a panel."""
    if panel["type"] not in KINDS:
        yield f"type {panel['type']} is not one of {', '.join(sorted(KINDS))}"
    description = panel.get("description", "")
    if len(description.split()) < LEAST_WORDS or not description.endswith("."):
        yield "its description does not say in a sentence what is normal and what to do"
    if panel["fieldConfig"]["defaults"].get("unit") not in UNITS:
        yield f"unit {panel['fieldConfig']['defaults'].get('unit')} is not one of {', '.join(sorted(UNITS))}"
    if panel.get("datasource") != SOURCE:
        yield "does not ask ${datasource}"
    if not panel["targets"]:
        yield "asks nothing"
    refs = [target.get("refId") for target in panel["targets"]]
    if not all(refs) or len(set(refs)) < len(refs):
        yield f"its refIds are {refs}"


def _target(target: Mapping[str, Any], metrics: Set[str]) -> Iterator[str]:
    """Check one query."""
    expr = target["expr"]
    if target.get("datasource") != SOURCE:
        yield f"query {target.get('refId')} does not ask ${{datasource}}"
    if bool(target.get("instant")) == bool(target.get("range")):
        yield f"query {target.get('refId')} is not either of a moment or of a span"
    if re.search(r"\bvector\s*\(", expr):
        yield f"makes a number where there is none: {expr}"
    if re.search(r"\brate\([^()]*\[\d", expr):
        yield f"has a window of its own instead of $__rate_interval: {expr}"
    found = list(selectors(expr))
    if not found:
        yield f"names no metric: {expr}"
    for name, braces in found:
        if name not in metrics:
            yield f"nothing gives {name}"
        if 'cluster="$cluster"' not in braces and not WITHOUT_CLUSTER.fullmatch(name + braces):
            yield f"{name} is not limited to $cluster"


def _links(board: Dashboard, uids: Set[str], tags: Set[str]) -> Iterator[str]:
    """Check that links lead somewhere, and keep the cluster and the time."""
    for link in board.get("links", []):
        if link["type"] != "dashboards" or not set(link["tags"]) <= tags:
            yield f"link {link['title']!r} finds no dashboard"
        if not (link.get("includeVars") and link.get("keepTime")):
            yield f"link {link['title']!r} forgets variables or time"
    if not board.get("links"):
        yield "has no links to the other dashboards"
    for panel in panels(board):
        legends = " ".join(target.get("legendFormat", "") for target in panel["targets"])
        lines = panel["fieldConfig"]["defaults"].get("links", [])
        for link in lines:
            labels = re.findall(r"\$\{__field\.labels\.(\w+)\}", link["url"] + link["title"])
            yield from (
                f"{panel['title']}: link {link['title']!r} names {label}, which its legend does not"
                for label in labels
                if f"{{{{{label}}}}}" not in legends
            )
        for link in [*panel.get("links", []), *lines]:
            uid = re.match(r"/d/([\w-]+)\?", link["url"])
            if not uid or uid[1] not in uids:
                yield f"{panel['title']}: link {link['url']} leads nowhere"
            if "${cluster:queryparam}" not in link["url"] or "${__url_time_range}" not in link["url"]:
                yield f"{panel['title']}: link {link['url']} forgets the cluster or the time"


def _all_of(board: Dashboard, metrics: Set[str]) -> Iterator[str]:
    """Check everything that needs no other dashboard."""
    rules: Iterable[Callable[[Dashboard], Iterator[str]]] = (_shape, _variables, _places)
    for rule in rules:
        yield from rule(board)
    for panel in panels(board):
        for problem in _panel(panel):
            yield f"{panel['title']}: {problem}"
        for target in panel["targets"]:
            for problem in _target(target, metrics):
                yield f"{panel['title']}: {problem}"
    for one in _filled(board):
        selector = LABEL_VALUES.fullmatch(one["definition"])
        unknown = [name for name, _braces in selectors(selector[1] if selector else "") if name not in metrics]
        yield from (f"${one['name']}: nothing gives {name}" for name in unknown)


def problems(boards: Sequence[Dashboard], metrics: Set[str]) -> list[str]:
    """Check all dashboards together; `metrics` are the names that something gives."""
    uids, titles = Counter(board["uid"] for board in boards), Counter(board["title"] for board in boards)
    found = [f"{count} dashboards have the uid {uid}" for uid, count in uids.items() if count > 1]
    found += [f"{count} dashboards are called {title!r}" for title, count in titles.items() if count > 1]
    tags = set.intersection(*(set(board["tags"]) for board in boards))
    for board in boards:
        lines = [*_all_of(board, metrics), *_links(board, set(uids), tags)]
        found += [f"{board['uid']}: {line}" for line in dict.fromkeys(lines)]
    return found
