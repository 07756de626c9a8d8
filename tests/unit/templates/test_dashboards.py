"""Dashboards come from their source, are classic JSON, and ask only for metrics that something exports."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
METRICS = ROOT / "tests" / "fixtures" / "metrics"
DASHBOARDS = sorted((ROOT / "templates" / "dashboards").glob("*.json"))
RULES = sorted((ROOT / "templates" / "rules").glob("*.yml"))
REQUIRED = {
    "Message in per second",
    "Message in per minute",
    "Lag by Consumer Group",
    "Message consume per minute",
    "Partitions per topic",
}
UNITS = {"short", "cps", "cpm", "bytes", "Bps", "percentunit", "s", "ms"}
NAME = re.compile(
    r"\b((?:kafka|node|jvm|jmx|process|prometheus)[a-z0-9_]*(?::[a-z0-9_]+)*|up)\b(?=\s*(?:\{|\[|\)|==|>=|or\b|$|,))"
)


def recorded() -> set[str]:
    """Return every name that a recorded exporter served, and every name that a rule makes."""
    names = {"up"}
    for path in METRICS.glob("*.txt"):
        lines = path.read_text(encoding="utf-8").splitlines()
        names |= {re.split(r"[ {]", line, maxsplit=1)[0] for line in lines if line and not line.startswith("#")}
    for path in RULES:
        names |= {rule["record"] for rule in rules(path) if "record" in rule}
    return names


def rules(path: Path) -> list[dict[str, Any]]:
    """Return the rules of a file."""
    text = re.sub(r"\[\[.*?\]\]", "15s", path.read_text(encoding="utf-8"))
    return [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]


def used(expr: str) -> set[str]:
    """Return the metric names of an expression."""
    bare = re.sub(r'"[^"]*"', '""', expr)
    bare = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", "", bare)
    return set(NAME.findall(bare))


@pytest.fixture(params=DASHBOARDS, ids=lambda path: str(path.stem))
def dashboard(request: pytest.FixtureRequest) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(request.param.read_text(encoding="utf-8"))
    return data


def test_the_files_are_what_their_source_makes() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.dashboards", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_overview_has_the_five_graphs() -> None:
    data = json.loads((ROOT / "templates" / "dashboards" / "kafka-overview.json").read_text(encoding="utf-8"))
    assert {panel["title"] for panel in data["panels"]} >= REQUIRED
    assert data["uid"] == "kafka-overview"


def test_classic_json_that_file_provisioning_takes(dashboard: dict[str, Any]) -> None:
    assert not {"id", "elements", "layout", "spec", "metadata", "__inputs"} & set(dashboard)
    assert dashboard["schemaVersion"] <= 42
    assert dashboard["templating"]["list"][0]["current"]["value"] == "kraftops-prometheus"


def test_uids_are_unique() -> None:
    uids = [json.loads(path.read_text(encoding="utf-8"))["uid"] for path in DASHBOARDS]
    assert len(uids) == len(set(uids))


def test_panels(dashboard: dict[str, Any]) -> None:
    taken: set[tuple[int, int]] = set()
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
        assert panel["title"]
        assert panel["description"]
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
        for target in panel["targets"]:
            assert target["refId"]
            assert target["datasource"]["uid"] == "${datasource}"


def test_every_metric_of_a_panel_exists(dashboard: dict[str, Any]) -> None:
    known = recorded()
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            names = used(target["expr"])
            assert names, target["expr"]
            assert names <= known, panel["title"]
    for variable in dashboard["templating"]["list"][1:]:
        assert used(variable["definition"]) <= known


@pytest.mark.parametrize("path", RULES, ids=lambda path: str(path.stem))
def test_every_metric_of_a_rule_exists(path: Path) -> None:
    known = recorded()
    for rule in rules(path):
        names = used(rule["expr"])
        assert names, rule
        assert names <= known, rule
