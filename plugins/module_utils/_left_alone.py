# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Nodes that a run leaves alone because somebody wants it so: in maintenance, or with a masked unit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._problems import Problem

MAINTENANCE = "in maintenance"
MASKED = "its unit is masked"
WAY_BACK = {
    MAINTENANCE: ("kafka_maintenance", "true", "Take kafka_maintenance away when it may be changed again"),
    MASKED: (
        "kafka.service",
        "masked",
        "Unmask it (systemctl unmask --runtime kafka.service) when it may be changed again",
    ),
}


def left_alone(nodes: Iterable[Mapping[str, Any]], reports: Mapping[str, Any]) -> dict[str, str]:
    """Return why each node is left alone that is. A masked unit counts also while its process still runs."""
    found = {}
    for node in nodes:
        if node.get("maintenance"):
            found[node["name"]] = MAINTENANCE
        elif (reports.get(node["name"]) or {}).get("kafka_masked"):
            found[node["name"]] = MASKED
    return found


def advice(alone: Mapping[str, str]) -> list[Problem]:
    """Return a warning for each of them."""
    warnings = []
    for host, why in alone.items():
        variable, value, fix = WAY_BACK[why]
        warnings.append(Problem(host, variable, value, "it is left alone, and every gate counts it as down", fix))
    return warnings
