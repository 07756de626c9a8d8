# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lines of the report at the end of a run, from the results that its tasks registered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._change_report import STARTED

Results = dict[str, dict[str, Any]]


def silent_lines(reports: Results) -> list[str]:
    """Return a line for every node that was asked and did not answer."""
    silent = sorted(name for name, result in reports.items() if result and "report" not in result)
    return [f"{name}: did not answer and was left alone" for name in silent]


def unknown_lines(model: dict[str, Any], views: Results) -> list[str]:
    """Return a line for every node that a cluster has and the inventory has not; `views` is what node_ready returned."""
    lines = []
    for cluster in model["clusters"].values():
        members = [model["nodes"][name] for name in cluster["nodes"]]
        known = {node["node_id"] for node in members}
        seen = [views[node["name"]] for node in members if node["name"] in views]
        for kind, key in (("broker", "brokers"), ("voter", "voters")):
            strange = {node_id for view in seen for node_id in view.get(key, [])} - known
            lines += [
                f"cluster {cluster['name']}: {kind} {node_id} is live and not in the inventory; it was not touched"
                for node_id in sorted(strange)
            ]
    return lines


def stopped_lines(nodes: Results, reports: Results, planned: Iterable[str]) -> list[str]:
    """Return a line for every node that did not run, should, and was not started: this playbook does not start nodes."""
    stopped = [
        host
        for host in planned
        if "report" in reports.get(host, {})
        and not reports[host]["report"]["kafka_active"]
        and nodes[host]["result"] != STARTED
    ]
    return [f"{host}: does not run and was not started; site.yml starts it" for host in stopped]


def alone_lines(left_alone: dict[str, str]) -> list[str]:
    """Return a line for every node that was left alone because somebody wants it so."""
    return [f"{host}: {why}, was left alone and counted as down" for host, why in left_alone.items()]


def pending_lines(turns: dict[str, Any]) -> list[str]:
    """Return a line that names the nodes that wait for another run."""
    pending = turns.get("pending", [])
    return [f"pending, because of kafka_roll_max_nodes: {', '.join(pending)}"] if pending else []
