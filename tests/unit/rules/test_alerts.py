"""Every alert is complete: cases, a page, words with a number, links that lead somewhere, metrics that exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.kraftops.kafka.plugins.module_utils import _tools
from ansible_collections.kraftops.kafka.plugins.modules import host_metrics
from tools import alert_cases, alert_docs, rule_render
from tools.dashboards import check, metrics

ROOT = Path(__file__).resolve().parents[3]
RUNBOOKS = ROOT / "docs" / "runbooks"
ALERTS = rule_render.declared()
CASES = alert_cases.cases()
RENDERED = rule_render.rules(rule_render.render())
RECORDS = {rule["record"]: rule for rule in RENDERED if "record" in rule}
HEADINGS = ["## Meaning", "## Impact", "## Look at", "## Do"]
SEVERITIES = {"critical", "warning", "info", "none"}
MOST_CORE, MOST_CRITICAL = 35, 12
# Playbooks that pages may name; those that other parts of the collection bring are named already.
PLAYBOOKS = {"plan", "site", "rolling_restart", "status", "log_levels", "log_report", "topics", "balance", "logs"}
COMMANDS = {tool.name for tool in _tools.TOOLS}
OLD = ("jmx-broker-3.9.2", "jmx-controller-3.9.2")
NEW = ("jmx-broker-4.3.1", "jmx-controller-4.3.1")
# Nothing writes it while clusters are plaintext; docs/metrics.md says so.
PREPARED = {"kafka_tls_certificate_expiry_timestamp_seconds"}
EITHER_EXPORTER = ("kafka_exporter-1.9.0", "klag-exporter-0.1.29")


def recorded(*names: str) -> set[str]:
    """Return what the named recordings have."""
    return set().union(*(metrics.recorded(metrics.RECORDED / f"{name}.txt") for name in names))


def known() -> set[str]:
    """Return every metric that something really gives."""
    written = host_metrics.render({}, {"eth0": 10000.0})
    return metrics.known() | PREPARED | set(re.findall(r"^(\w+)\{", written, re.MULTILINE))


def needs(expr: str) -> set[str]:
    """Return the exporters' metrics behind an expression, through the records that it uses."""
    found = set()
    bare = re.sub(r'"[^"]*"', "", re.sub(r"\{[^{}]*\}", "{}", expr))
    for name, _braces in check.selectors(bare):
        found |= needs(RECORDS[name]["expr"]) if name in RECORDS else {name}
    return found


def rendered(alert: str) -> dict[str, Any]:
    """Return an alert as Prometheus gets it."""
    return next(rule for rule in RENDERED if rule.get("alert") == alert)


def test_the_core_is_what_one_person_can_carry() -> None:
    core = [rule for rule in ALERTS.values() if rule["profile"] == "core"]
    assert len(core) <= MOST_CORE
    assert len([rule for rule in core if rule["severity"] == "critical"]) <= MOST_CRITICAL
    names = {rule["alert"] for rule in rule_render.rules(rule_render.render(profile="core")) if "alert" in rule}
    assert names == {rule["alert"] for rule in core}


def test_every_alert_has_cases_and_a_page_and_nothing_else_has() -> None:
    assert set(CASES) == set(ALERTS)
    assert {path.stem for path in RUNBOOKS.glob("*.md")} == set(ALERTS)


@pytest.mark.parametrize("alert", ALERTS)
def test_cases_are_on_both_sides(alert: str) -> None:
    assert alert == "Watchdog" or (CASES[alert].get("fires", [{}]) and CASES[alert]["quiet"])


@pytest.mark.parametrize("alert", ALERTS)
def test_words_and_links(alert: str) -> None:
    rule, notes = ALERTS[alert], rendered(alert)["annotations"]
    assert rule["severity"] in SEVERITIES
    assert rule["profile"] in {"core", "full"}
    assert len(notes["summary"]) <= 120
    assert notes["description"].endswith(".")
    assert re.search(r"\$value|\$labels\.node_id", notes["description"]), "no number"
    assert notes["runbook_url"].endswith(f"/docs/runbooks/{alert}.md")
    assert (ROOT / "templates" / "dashboards" / f"{rule['dashboard']}.json").exists()
    assert notes["dashboard"].startswith(f"http://grafana:3000/d/{rule['dashboard']}?")
    labels = CASES[alert].get("labels", {})
    known = set(labels[0] if isinstance(labels, list) else labels)
    said = set(re.findall(r"\$labels\.(\w+)", notes["summary"] + notes["description"]))
    assert said <= known, "names a label that the alert does not have"


@pytest.mark.parametrize("alert", ALERTS)
def test_page(alert: str) -> None:
    text = (RUNBOOKS / f"{alert}.md").read_text(encoding="utf-8")
    rule, lines = ALERTS[alert], text.splitlines()
    assert lines[0] == f"# {alert}"
    facts = f"profile `{rule['profile']}` · since Kafka {rule['since']} · dashboard `{rule['dashboard']}`"
    assert lines[2] == f"`{rule['severity']}` · {facts}"
    assert [line for line in lines if line.startswith("##")] == HEADINGS
    parts = [part.strip() for part in re.split(r"^## .*$", text, flags=re.MULTILINE)[1:]]
    assert all(len(part) > 10 for part in parts)
    assert set(re.findall(r"kraftops\.kafka\.(\w+)", text)) <= PLAYBOOKS
    assert set(re.findall(r"`(kafka-[\w.-]+) ", text)) <= COMMANDS, "no command on a Kafka host"
    assert set(re.findall(r"\b(Kafka[A-Z]\w+|Prometheus[A-Z]\w+)\b", text)) <= set(ALERTS)


def test_what_others_name_exists() -> None:
    inhibitions = yaml.safe_load((ROOT / "templates" / "alertmanager" / "inhibitions.yml").read_text(encoding="utf-8"))
    named = {one["source"] for one in inhibitions} | {name for one in inhibitions for name in one["hides"]}
    assert named <= set(ALERTS)


def test_the_list_of_alerts_is_what_the_rules_say() -> None:
    assert (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8") == alert_docs.text()


@pytest.mark.parametrize("alert", ALERTS)
def test_metrics_exist_since_the_version_that_is_said(alert: str) -> None:
    """Of what an `or` joins, one side is enough: a fallback for 3.9, or for the other lag exporter."""
    old = known() - (recorded(*NEW) - recorded(*OLD))
    names = needs(rendered(alert)["expr"])
    assert names or alert == "Watchdog"
    assert names <= known()
    if ALERTS[alert]["since"] == "3.9":
        late = {name for name in names - old if not _has_fallback(alert, name, old)}
        assert late == set()
    else:
        assert not names <= old, "an older version has these metrics as well"


def _has_fallback(alert: str, name: str, old: set[str]) -> bool:
    """Whether another side of an `or` in the alert can do without a metric."""
    sides = re.split(r"\bor\b", rendered(alert)["expr"])
    return any(name not in needs(side) and needs(side) <= old for side in sides)


@pytest.mark.parametrize("exporter", EITHER_EXPORTER)
@pytest.mark.parametrize(
    "record",
    [
        "kafka:topic_partition:head",
        "kafka:topic_partition:oldest",
        "kafka:topic:partitions",
        "kafka:group_partition:committed",
        "kafka:group_partition:lag",
    ],
)
def test_either_lag_exporter_is_enough(exporter: str, record: str) -> None:
    sides = re.split(r"\bor\b", RECORDS[record]["expr"])
    assert any(needs(side) <= recorded(exporter) for side in sides)


def test_our_own_metrics_are_explained() -> None:
    text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert {name for name in recorded("textfile") | PREPARED if f"`{name}`" not in text} == set()


def test_every_threshold_is_documented_and_used() -> None:
    text = "".join(rule_render.sources().values())
    for name, entry in rule_render.thresholds().items():
        assert set(entry) == {"default", "unit", "says", "file"}, name
        assert entry["default"] > 0
        assert re.search(rf"\[\[ (percent )?{name} \]\]", text), f"{name} is not used"
