# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rule files of Prometheus from the sources in templates/rules.

A source is a rule file with a few keys more: `thresholds` at its top; in an alert `profile`, `severity`, `since`, `dashboard`,
`summary` and `description` instead of labels and annotations; `each: cluster | node` in a rule that stands for one of each in the
inventory, so that what should be there is known also when nothing reports. A file without them is taken as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from ansible_collections.kraftops.kafka.plugins.module_utils import _rule_text as text
from ansible_collections.kraftops.kafka.plugins.module_utils._model import Model, Node
from ansible_collections.kraftops.kafka.plugins.module_utils._problems import Findings
from ansible_collections.kraftops.kafka.plugins.module_utils._rule_settings import Settings

CORE, FULL = "core", "full"
# Several times as fast where PyYAML has it; written is always by the other, so that files are the same everywhere.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
OURS = ("profile", "severity", "since", "dashboard", "summary", "description", "each", "needs")


@dataclass(frozen=True)
class Source:
    """One file of the rules folder."""

    name: str
    thresholds: dict[str, dict[str, Any]]
    groups: list[dict[str, Any]]


def parse(sources: Mapping[str, str]) -> list[Source]:
    """Read the sources; a file that is no YAML raises yaml.YAMLError."""
    parsed = []
    for name, content in sorted(sources.items()):
        data = yaml.load(content, Loader=LOADER) or {}  # noqa: S506 it is a safe one
        parsed.append(Source(name, data.get("thresholds") or {}, data.get("groups") or []))
    return parsed


def thresholds(sources: list[Source]) -> dict[str, dict[str, Any]]:
    """Return every threshold of all sources: default, unit, says."""
    return {key: entry for source in sources for key, entry in source.thresholds.items()}


def rule_files(sources: list[Source], model: Model, settings: Settings, findings: Findings) -> dict[str, str]:
    """Return the text of each rule file; files that are left without a rule are left out."""
    files = {}
    for source in sources:
        groups = []
        for group in source.groups:
            rules = [made for rule in group.get("rules", []) for made in _made(source, rule, model, settings, findings)]
            if rules:
                groups.append({**_scaled_group(group, settings.scale), "rules": rules})
        if groups:
            files[source.name] = yaml.safe_dump({"groups": groups}, sort_keys=False, width=140, allow_unicode=True)
    return files


def _scaled_group(group: Mapping[str, Any], scale: float) -> dict[str, Any]:
    """Return a group's own keys; its interval is a duration too."""
    own = {key: value for key, value in group.items() if key != "rules"}
    return {**own, "interval": text.scaled(own["interval"], scale)} if "interval" in own else own


def _made(
    source: Source, rule: dict[str, Any], model: Model, settings: Settings, findings: Findings
) -> Iterator[dict[str, Any]]:
    """Yield what a rule of a source becomes: none when the profile or a setting leaves it out, several for `each`."""
    if rule.get("profile", CORE) == FULL and settings.profile != FULL:
        return
    if rule.get("needs") and not settings.values.get(rule["needs"]):
        return
    try:
        for labels, values in _each(rule.get("each", ""), model):
            yield _one(rule, labels, {**settings.values, **values}, settings)
    except text.UnknownNameError as name:
        where = ("", f"{source.name}: {rule.get('alert') or rule.get('record')}")
        findings.problem(where, None, f"[[ {name} ]] is no threshold", "Declare it under `thresholds` of a rule file")


def _each(kind: str, model: Model) -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
    """Yield labels and values of every cluster or node; of nothing, once, for an ordinary rule."""
    if not kind:
        yield {}, {}
    for name, cluster in model.clusters.items():
        if kind == "cluster":
            counts = {"controllers": len(cluster.controllers), "brokers": len(cluster.brokers)}
            yield {"cluster": name}, counts
        if kind == "node":
            for node in model.nodes_of(name):
                yield _node_labels(node), {}


def _node_labels(node: Node) -> dict[str, str]:
    """Return the labels that the node's targets carry."""
    labels = {"cluster": node.cluster, "instance": node.name, "role": node.role, "node_id": str(node.node_id)}
    return {**labels, "rack": node.rack} if node.rack else labels


def _one(
    rule: Mapping[str, Any], labels: Mapping[str, str], values: Mapping[str, Any], settings: Settings
) -> dict[str, Any]:
    """Return one rule as Prometheus takes it."""
    made = {key: value for key, value in rule.items() if key not in OURS}
    made = text.deep(made, lambda one: text.filled(one, values, settings.scale))
    made["expr"] = text.expression(made["expr"], settings.scale)
    for key in ("for", "keep_firing_for"):
        if key in made:
            made[key] = text.scaled(made[key], settings.scale)
    severity = {"severity": rule["severity"]} if "severity" in rule else {}
    joined = {**labels, **severity, **made.pop("labels", {})}
    notes = {**_annotations(rule, values, settings), **made.pop("annotations", {})}
    return {**made, **({"labels": joined} if joined else {}), **({"annotations": notes} if notes else {})}


def _annotations(rule: Mapping[str, Any], values: Mapping[str, Any], settings: Settings) -> dict[str, str]:
    """Return what an alert says, where its runbook page is, and which dashboard shows it."""
    if "summary" not in rule:
        return {}
    notes = {key: text.filled(rule[key], values, settings.scale).strip() for key in ("summary", "description")}
    notes["runbook_url"] = f"{settings.runbook_url.rstrip('/')}/{rule['alert']}.md"
    if settings.dashboard_url:
        base = settings.dashboard_url.rstrip("/")
        notes["dashboard"] = f"{base}/d/{rule['dashboard']}?var-cluster={{{{ $labels.cluster }}}}"
    return notes
