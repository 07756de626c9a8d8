"""The plan and the report as JSON: runs that write them, and what must hold between them."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab.change import tells_the_secret
from tests.lab.live import Play, playbook

SITE = ("site.yml", "--tags", "kafka")
PLAN = ("playbooks/plan.yml",)
# What the plan's entries for a node and the report's result of that node have to do with each other.
ACTED = ("restarted", "started")


@dataclass(frozen=True)
class Told:
    """One run, and the documents that it wrote; empty where it wrote none."""

    play: Play
    plan: dict[str, Any]
    report: dict[str, Any]

    def nodes(self, cluster: str) -> dict[str, dict[str, Any]]:
        """The report of each node."""
        found: dict[str, dict[str, Any]] = self.report["clusters"][cluster]["nodes"]
        return found

    def results(self, cluster: str) -> dict[str, str]:
        """What became of each node."""
        return {host: node["result"] for host, node in self.nodes(cluster).items()}

    def restarted(self, cluster: str) -> list[str]:
        """The nodes that were restarted at their turn, in order."""
        found: list[str] = self.report["clusters"][cluster]["restarted"]
        return found


def told(*arguments: str, env: dict[str, str] | None = None) -> Told:
    """Run a playbook that writes its documents; nothing of that holds the planted secret."""
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: Path(folder) / f"{name}.json" for name in ("plan", "report")}
        files = [text for name, path in paths.items() for text in ("-e", f"kafka_{name}_file={path}")]
        play = playbook(*arguments, *files, env=env)
        found = {name: json.loads(path.read_text()) if path.exists() else {} for name, path in paths.items()}
    assert not any(tells_the_secret(text) for text in (play.output, json.dumps(found)))
    return Told(play, **found)


def agree(*runs: Told) -> None:
    """All plans are one; and each report says of every node what the plan says of it."""
    assert all(run.plan == runs[0].plan for run in runs), [run.plan for run in runs]
    for run in runs:
        if run.report:
            for cluster, plan in run.plan["clusters"].items():
                _agree(plan, run.report["clusters"][cluster])


def _agree(plan: dict[str, Any], report: dict[str, Any]) -> None:
    """What one cluster's plan announces is what its report tells, and nothing else."""
    nodes = report["nodes"]
    planned = {item["host"]: item["reasons"] for item in plan["restart"]}
    assert report["planned"] == list(planned)
    assert {host for host, node in nodes.items() if node["result"] in ACTED} == set(planned) - set(report["pending"])
    assert {host: nodes[host]["why"] for host in planned} == planned
    if not any(node["deferred"] for node in nodes.values()):
        assert report["restarted"] == [host for host in planned if host in report["restarted"]]
    touched = {host for one in plan["differences"] for host in one["hosts"] if not one["foreign"]}
    if any(one["apply"] == "dynamic-cluster" for one in plan["differences"]):
        touched = set(nodes)  # each writes down that a value of the whole cluster is the collection's own
    if plan["refused"] or not plan["changed"]:
        touched = set()
    assert {host: node["changes"] for host, node in nodes.items() if node["changes"] and host not in touched} == {}
    assert {change["key"] for change in report["live"]} == {step["key"] for step in plan["dynamic"]}
