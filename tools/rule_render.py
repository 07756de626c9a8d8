"""Render templates/rules as the role does, for an inventory made for tests."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "templates" / "rules"
ROLE = ROOT / "roles" / "prometheus"
sys.path.insert(0, str(ROOT / ".collections"))

from ansible_collections.kraftops.kafka.plugins.filter.prometheus_rules import prometheus_rules
from ansible_collections.kraftops.kafka.plugins.filter.topology import topology

# Cluster a: three controllers and three brokers. Cluster b: one combined node of 3.9.
CLUSTERS = {
    "a": [
        ("c1", 1, "controller"),
        ("c2", 2, "controller"),
        ("c3", 3, "controller"),
        ("b1", 11, "broker"),
        ("b2", 12, "broker"),
        ("b3", 13, "broker"),
    ],
    "b": [("n1", 1, "combined")],
}


def model() -> dict[str, Any]:
    """Return the model of both clusters, as the inventory would give it."""
    members = [(name, *one) for name, nodes in CLUSTERS.items() for one in nodes]
    groups = {
        "kafka": [name for _cluster, name, _id, _role in members],
        "kafka_controllers": [name for _cluster, name, _id, role in members if role != "broker"],
        "kafka_brokers": [name for _cluster, name, _id, role in members if role != "controller"],
        "monitoring": [],
    }
    hostvars = {
        name: {"inventory_hostname": name, "kafka_cluster_name": cluster, "kafka_node_id": node_id}
        for cluster, name, node_id, _role in members
    }
    found: dict[str, Any] = topology(groups, hostvars, all_defaults())["model"]
    return found


def all_defaults() -> dict[str, Any]:
    """Return the defaults of all roles in one dict."""
    paths = sorted((ROOT / "roles").glob("*/defaults/main.yml"))
    parts = [yaml.safe_load(path.read_text(encoding="utf-8")) or {} for path in paths]
    return {key: value for part in parts for key, value in part.items()}


def sources() -> dict[str, str]:
    """Return the text of every source."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(RULES.glob("*.yml"))}


def defaults() -> dict[str, Any]:
    """Return the defaults of the role."""
    data: dict[str, Any] = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8"))
    return data


def settings(**changes: Any) -> dict[str, Any]:
    """Return the settings as shipped, in the full profile, so that every alert is there."""
    given = {
        "profile": "full",
        "thresholds": {},
        "time_scale": 1,
        "watched_topics": "orders|payments",
        "runbook_url": defaults()["prometheus_runbook_url"],
        "dashboard_url": "http://grafana:3000",
        "scrape_interval": defaults()["prometheus_scrape_interval"],
        "scrape_timeout": defaults()["prometheus_scrape_timeout"],
    }
    return {**given, **changes}


def render(files: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    """Return what the filter makes of the sources."""
    return prometheus_rules(files or sources(), model(), settings(**changes))


def rules(rendered: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every rendered rule, with the name of its file as `file`."""
    return [
        {**rule, "file": name}
        for name, text in rendered["files"].items()
        for group in yaml.safe_load(text)["groups"]
        for rule in group["rules"]
    ]


def declared() -> dict[str, dict[str, Any]]:
    """Return every alert of the sources by its name, with the name of its file as `file`."""
    return {
        rule["alert"]: {**rule, "file": name}
        for name, text in sources().items()
        for group in yaml.safe_load(text)["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }


def thresholds() -> dict[str, dict[str, Any]]:
    """Return every threshold, with the name of its file as `file`."""
    found = {}
    for name, text in sources().items():
        for key, entry in (yaml.safe_load(text).get("thresholds") or {}).items():
            found[key] = {**entry, "file": name}
    return found
