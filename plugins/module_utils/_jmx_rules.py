# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Checks JMX exporter rules the way the agent will: known keys, known types, patterns that compile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

TOP = frozenset(
    (
        "attrNameSnakeCase",
        "autoExcludeObjectNameAttributes",
        "blacklistObjectNames",
        "excludeJvmMetrics",
        "excludeObjectNameAttributes",
        "excludeObjectNames",
        "httpServer",
        "includeObjectNameAttributes",
        "includeObjectNames",
        "inferCounterTypeFromName",
        "lowercaseOutputLabelNames",
        "lowercaseOutputName",
        "metricCustomizers",
        "openTelemetry",
        "rules",
        "startDelaySeconds",
        "whitelistObjectNames",
    )
)
RULE = frozenset(
    (
        "attrNameSnakeCase",
        "cache",
        "help",
        "labels",
        "name",
        "pattern",
        "type",
        "value",
        "valueFactor",
    )
)
TYPES = frozenset(("GAUGE", "COUNTER", "UNTYPED"))
OBJECT_NAME = re.compile(r"^[^:]+:.*[=*].*$")


def errors(document: dict[str, Any]) -> list[str]:
    """Return every fault of a parsed rules file in words."""
    found = [f"{key}: not a key of the exporter" for key in sorted(set(document) - TOP)]
    for key in ("includeObjectNames", "excludeObjectNames"):
        found += _names(key, document.get(key, []))
    rules = document.get("rules", [])
    if not isinstance(rules, list):
        return [*found, "rules: not a list"]
    for number, rule in enumerate(rules, 1):
        found += [f"rule {number}: {fault}" for fault in _rule(rule)]
    return found


def _names(key: str, names: Any) -> list[str]:
    """Check a list of object names."""
    if not isinstance(names, list):
        return [f"{key}: not a list"]
    return [f"{key}: {name} is no object name" for name in names if not OBJECT_NAME.match(str(name))]


def _rule(rule: Any) -> Iterator[str]:
    """Check one rule."""
    if not isinstance(rule, dict):
        yield "not a dictionary"
        return
    for key in sorted(set(rule) - RULE):
        yield f"{key} is not a key of a rule"
    if rule.get("type", "UNTYPED") not in TYPES:
        yield f"type {rule['type']} is not one of {', '.join(sorted(TYPES))}"
    if "name" in rule and "pattern" not in rule:
        yield "has a name and no pattern"
    if "labels" in rule and "name" not in rule:
        yield "has labels and no name"
    yield from _pattern(str(rule.get("pattern", "")), rule)


def _pattern(pattern: str, rule: dict[str, Any]) -> Iterator[str]:
    """Check that a pattern compiles and has every group that the rule refers to."""
    try:
        groups = re.compile(pattern).groups
    except re.error as error:
        yield f"pattern {pattern}: {error}"
        return
    used = " ".join(str(rule.get(key, "")) for key in ("name", "value", "help", "labels"))
    for number in sorted({int(digits) for digits in re.findall(r"\$(\d)", used)}):
        if number > groups:
            yield f"refers to ${number}, but the pattern has {groups} groups"
