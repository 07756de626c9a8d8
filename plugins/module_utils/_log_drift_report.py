# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Live log levels against the declared ones, node by node: as data, and as lines for people."""

from __future__ import annotations

from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils import _log_levels_report as report
from ansible_collections.kraftops.kafka.plugins.module_utils._log_levels import VERBOSE
from ansible_collections.kraftops.kafka.plugins.module_utils._model import Model


def node_report(result: report.Result) -> dict[str, Any]:
    """Return what is known of one node; `left_on` are those of `drift` that nobody declared and that write much."""
    quiet, no = report.silent({"": result}), report.refused({"": result})
    drift = [
        {"logger": one["logger"], "live": one["from"], "declared": one["to"]}
        for one in result.get("changes", [])
        if not one["temporary"]
    ]
    lost = [one["logger"] for one in result.get("changes", []) if one["temporary"]]
    return {
        "answered": bool(result.get("answered")) and not no,
        "why": quiet.get("", "") or no.get("", ""),
        "drift": drift,
        "left_on": [one["logger"] for one in drift if one["live"] in VERBOSE],
        "temporary": [{**one, "in_force": one["logger"] not in lost} for one in result.get("temporary", [])],
        "unlisted": sorted(result.get("unlisted", {})),
        "file_differs": bool(result.get("file_changed")),
        "loaded": result.get("loaded"),
    }


def lines(model: Model, results: report.Results, nodes: dict[str, dict[str, Any]]) -> list[str]:
    """Return the report as text: the count, then what is wrong, each thing once with the nodes that it is true of."""
    fine = [name for name, one in nodes.items() if one["answered"] and not one["drift"]]
    where: dict[str, list[str]] = {}
    for name, one in nodes.items():
        for text in _node_lines(one):
            where.setdefault(text, []).append(name)
    return [
        f"{len(fine)} of {len(nodes)} nodes: every logger has its declared level, temporary ones apart",
        *(f"{', '.join(hosts)}: {text}" for text, hosts in where.items()),
        *report.unlisted_lines(model, results),
    ]


def _node_lines(one: dict[str, Any]) -> list[str]:
    if not one["answered"]:
        return [f"not known, {one['why']}"]
    text = []
    for item in one["drift"]:
        left_on = "; left on, nothing says that it should be" if item["logger"] in one["left_on"] else ""
        text.append(f"{item['logger']} is {item['live']}, declared {item['declared']}{left_on}")
    for item in one["temporary"]:
        lost = "" if item["in_force"] else "; the node has lost it, it is set again within a minute"
        text.append(f"{report.temporary_text(item)}{lost}")
    if one["file_differs"]:
        text.append("its log configuration is not what the inventory gives; log_levels.yml or site.yml writes it")
    elif one["loaded"] is False:
        text.append("the process has not loaded its log configuration")
    return text


def describe(model: Model, results: report.Results) -> dict[str, Any]:
    """Return the whole report."""
    nodes = {name: node_report(result) for name, result in results.items()}
    return {"nodes": nodes, "lines": lines(model, results, nodes)}
