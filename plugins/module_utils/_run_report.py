# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lines of the report at the end of a run, from the results that its tasks registered."""

from __future__ import annotations

from typing import Any

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
