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
PATHS = {"metadata_log_dir": "/var/lib/kafka/metadata", "app_log_dir": "/var/log/kafka", "heap": "1g"}
NUMBERS = {"heap_bytes": 1 << 30, "log_file_size": 1, "log_file_count": 1}
PORTS = {"client_port": 9092, "controller_port": 9093, "jmx_exporter_port": 9404, "node_exporter_port": 9100}


def node(cluster: str, name: str, node_id: int, role: str) -> dict[str, Any]:
    """Return one node of the model."""
    roles = ["broker", "controller"] if role == "combined" else [role]
    own = {"name": name, "cluster": cluster, "node_id": node_id, "rack": None, "roles": roles, "role": role}
    lists = {"log_dirs": ["/data"], "properties": {}, "log_levels": {}}
    return {**own, "address": name, **PATHS, **NUMBERS, **PORTS, **lists}


def cluster(name: str) -> dict[str, Any]:
    """Return one cluster of the model."""
    nodes = CLUSTERS[name]
    return {
        "name": name,
        "version": "4.3.1",
        "security": "plaintext",
        "replication_factor": 3,
        "min_insync_replicas": 2,
        "quorum_sizes": [1, 3],
        "placement_policy": "enforce",
        "controllers": [one for one, _id, role in nodes if role != "broker"],
        "brokers": [one for one, _id, role in nodes if role != "controller"],
        "nodes": [one for one, _id, _role in nodes],
        "controller_bootstrap": [],
        "bootstrap": [],
        "kafka_exporter_port": 9308,
    }


def model() -> dict[str, Any]:
    """Return the model of both clusters."""
    nodes = {one[0]: node(name, *one) for name, members in CLUSTERS.items() for one in members}
    return {
        "clusters": {name: cluster(name) for name in CLUSTERS},
        "nodes": nodes,
        "monitoring": [],
        "monitoring_nodes": {},
        "alertmanagers": [],
    }


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
