"""Rule files from sources: what the profile and the inventory make of them, and every mistake said."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ansible_collections.kraftops.kafka.plugins.filter.prometheus_rules import prometheus_rules
from ansible_collections.kraftops.kafka.plugins.module_utils import _rule_text as text
from tools import rule_render

SOURCE = """
thresholds:
  lag: {default: 100, unit: messages, says: lag}
  free: {default: 0.2, unit: ratio, says: free room}
groups:
  - name: own
    interval: 1m
    rules:
      - {record: expected, each: cluster, expr: 'vector([[ controllers ]])'}
      - {record: node, each: node, expr: vector(1)}
      - {record: rate, expr: 'delta(x{y=~"[0-9]+"}[5m]) / [[ seconds 5m ]] + max_over_time(z[1h:30s]) offset 1d'}
      - alert: Core
        profile: core
        severity: warning
        since: "3.9"
        dashboard: kafka-overview
        expr: lag > [[ lag ]]
        for: 10m
        keep_firing_for: 5m
        labels: {team: kafka}
        annotations: {note: mine}
        summary: "{{ $labels.topic }}"
        description: more than [[ lag ]], [[ percent free ]].
      - {alert: Full, profile: full, severity: info, since: "3.9", dashboard: d, expr: y, summary: s, description: d.}
      - {alert: Watched, needs: watched_topics, expr: 'x{topic=~"[[ watched_topics ]]"}'}
"""


def made(source: str = SOURCE, **changes: Any) -> dict[str, Any]:
    """Return what the filter makes of a source, in the core profile."""
    return rule_render.render({"own.yml": source}, **{"profile": "core", "watched_topics": "", **changes})


def rules(**changes: Any) -> dict[str, dict[str, Any]]:
    """Return the rules by their names; the last of equal ones."""
    return {rule.get("alert") or rule["record"]: rule for rule in rule_render.rules(made(**changes))}


def test_an_alert() -> None:
    alert = rules()["Core"]
    del alert["file"]
    assert alert == {
        "alert": "Core",
        "expr": "lag > 100",
        "for": "10m",
        "keep_firing_for": "5m",
        "labels": {"severity": "warning", "team": "kafka"},
        "annotations": {
            "summary": "{{ $labels.topic }}",
            "description": "more than 100, 20 %.",
            "runbook_url": "https://github.com/kraftops/kraftops.kafka/blob/main/docs/runbooks/Core.md",
            "dashboard": "http://grafana:3000/d/kafka-overview?var-cluster={{ $labels.cluster }}",
            "note": "mine",
        },
    }


def test_the_profile_and_what_is_watched_choose() -> None:
    assert "Full" not in rules()
    assert "Full" in rules(profile="full")
    assert "Watched" not in rules()
    assert rules(watched_topics=r'a\.b"c')["Watched"]["expr"] == r'x{topic=~"a\\.b\"c"}'


def test_without_grafana_there_is_no_link_to_it() -> None:
    assert "dashboard" not in rules(dashboard_url="")["Core"]["annotations"]


def test_one_rule_for_each_cluster_and_node() -> None:
    found = rule_render.rules(made())
    assert [(one["labels"], one["expr"]) for one in found if one.get("record") == "expected"] == [
        ({"cluster": "a"}, "vector(3)"),
        ({"cluster": "b"}, "vector(1)"),
    ]
    nodes = [one["labels"] for one in found if one.get("record") == "node"]
    assert nodes[0] == {"cluster": "a", "instance": "c1", "role": "controller", "node_id": "1"}
    assert len(nodes) == 7


def test_a_node_with_a_rack_has_it_as_its_targets_have() -> None:
    model = rule_render.model()
    model["nodes"]["c1"]["rack"] = "r1"
    found = prometheus_rules({"own.yml": SOURCE}, model, rule_render.settings())
    assert [one["labels"].get("rack") for one in rule_render.rules(found) if one.get("record") == "node"][:2] == [
        "r1",
        None,
    ]


def test_thresholds_of_the_inventory() -> None:
    assert rules(thresholds={"lag": 5})["Core"]["expr"] == "lag > 5"
    assert rules(thresholds={"free": 0.125})["Core"]["annotations"]["description"] == "more than 100, 12.5 %."


@pytest.mark.parametrize(
    ("scale", "expr", "hold", "interval"),
    [
        (1, 'delta(x{y=~"[0-9]+"}[5m]) / 300 + max_over_time(z[1h:30s]) offset 1d', "10m", "1m"),
        ("0.1", 'delta(x{y=~"[0-9]+"}[30s]) / 30 + max_over_time(z[360s:3s]) offset 8640s', "60s", "6s"),
        (2, 'delta(x{y=~"[0-9]+"}[600s]) / 600 + max_over_time(z[7200s:60s]) offset 172800s', "1200s", "120s"),
    ],
)
def test_every_duration_is_scaled(scale: Any, expr: str, hold: str, interval: str) -> None:
    result = made(time_scale=scale)
    found = {rule.get("alert") or rule["record"]: rule for rule in rule_render.rules(result)}
    assert found["rate"]["expr"] == expr
    assert found["Core"]["for"] == hold
    assert yaml.safe_load(result["files"]["own.yml"])["groups"][0]["interval"] == interval


@pytest.mark.parametrize(
    ("scale", "expected"), [(1, ("15s", "10s")), (0.1, ("1500ms", "1s")), (0.02, ("1s", "1s")), (4, ("60s", "40s"))]
)
def test_scrapes_keep_pace(scale: float, expected: tuple[str, str]) -> None:
    found = made(time_scale=scale)
    assert (found["scrape_interval"], found["scrape_timeout"]) == expected


def test_rules_of_somebody_else_stay_as_they_are() -> None:
    plain = {"groups": [{"name": "mine", "rules": [{"alert": "A", "expr": "up == 0", "labels": {"severity": "page"}}]}]}
    assert yaml.safe_load(made(yaml.safe_dump(plain))["files"]["own.yml"]) == plain


def test_a_file_without_rules_is_not_written() -> None:
    source = "groups: [{name: g, rules: [{alert: A, profile: full, expr: up}]}]"
    assert made(source)["files"] == {}
    assert made("")["files"] == {}


UNKNOWN = "no alert has such a threshold."
LISTED = "docs/alerts.md lists all with unit and default."


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"thresholds": {"lagg": 3}},
            f"prometheus_alert_thresholds[lagg] = 3: {UNKNOWN} Did you mean lag? {LISTED}",
        ),
        ({"thresholds": {"zzz": 3}}, f"prometheus_alert_thresholds[zzz] = 3: {UNKNOWN} {LISTED}"),
        (
            {"thresholds": {"lag": "many"}},
            "prometheus_alert_thresholds[lag] = many: is no number above 0. Give a number (messages).",
        ),
        (
            {"thresholds": {"lag": True}},
            "prometheus_alert_thresholds[lag] = true: is no number above 0. Give a number (messages).",
        ),
        (
            {"thresholds": {"lag": 0}},
            "prometheus_alert_thresholds[lag] = 0: is no number above 0. Give a number (messages).",
        ),
        (
            {"thresholds": {"free": 20}},
            "prometheus_alert_thresholds[free] = 20: is a share, so it is at most 1. Say 0.2 for 20 %.",
        ),
        ({"thresholds": [1]}, "prometheus_alert_thresholds = [1]: is no dict. Write it as `name: number`."),
        ({"profile": "all"}, "prometheus_alert_profile = all: is no profile. Use one of core, full."),
        (
            {"time_scale": 0},
            "prometheus_time_scale = 0: is no scale. Use a number from 0.02 to 10; 1 is the shipped pace.",
        ),
        (
            {"time_scale": "slow"},
            "prometheus_time_scale = slow: is no scale. Use a number from 0.02 to 10; 1 is the shipped pace.",
        ),
        (
            {"watched_topics": "("},
            "prometheus_watched_topics = (: is no regular expression: "
            "missing ), unterminated subpattern at position 0. Correct it.",
        ),
        (
            {"scrape_interval": "often"},
            "prometheus_scrape_interval = often: is no duration. Write it like 15s or 1m.",
        ),
        (
            {"scrape_timeout": "1m"},
            "prometheus_scrape_timeout = 1m: is above the interval. Lower it to the interval or less.",
        ),
    ],
)
def test_mistakes(changes: dict[str, Any], expected: str) -> None:
    assert made(**changes)["lines"] == [expected]


def test_all_mistakes_at_once() -> None:
    found = made(thresholds={"lag": -1, "other": 1}, profile="x", time_scale=True)
    assert [one["variable"] for one in found["problems"]] == [
        "prometheus_alert_thresholds[lag]",
        "prometheus_alert_thresholds[other]",
        "prometheus_alert_profile",
        "prometheus_time_scale",
    ]


def test_a_name_that_no_file_declares() -> None:
    found = made("groups: [{name: g, rules: [{alert: A, expr: 'up > [[ nothing ]]'}]}]")
    assert found["lines"] == [
        "own.yml: A: [[ nothing ]] is no threshold. Declare it under `thresholds` of a rule file."
    ]


@pytest.mark.parametrize(
    ("duration", "scale", "expected"),
    [("1h30m", 1, "1h30m"), ("1h30m", 0.5, "2700s"), ("15s", 0.1, "1500ms"), ("1ms", 0.1, "1ms")],
)
def test_durations(duration: str, scale: float, expected: str) -> None:
    assert text.scaled(duration, scale) == expected


def test_no_duration() -> None:
    with pytest.raises(ValueError, match="soon"):
        text.milliseconds("soon")
