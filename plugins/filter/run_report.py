# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter: what a run did, what it left undone, and what it noticed."""

from __future__ import annotations

DOCUMENTATION = r"""
name: run_report
short_description: What a run did, what it left undone, and what it noticed
version_added: 0.1.0
author: The kraftops.kafka maintainers (@kraftops)
description:
  - Collects from the results of the run what was changed on each node, why, and how long each part of its turn took.
  - In check mode the same, of what would be done. Names the nodes that did not answer, and those that the inventory lacks.
positional: hostvars, hosts
options:
  _input: {description: The cluster model., type: dict, required: true}
  hostvars: {description: The variables of all hosts., type: dict, required: true}
  hosts: {description: The nodes that took part in the run., type: list, elements: str, required: true}
  check: {description: Whether this is check mode., type: bool, default: false}
  finished: {description: Whether the run has come to its end., type: bool, default: false}
"""

EXAMPLES = r"""
- name: Show what was not done
  ansible.builtin.debug:
    msg: "{{ (__kafka_model | kraftops.kafka.run_report(hostvars, groups['kafka_answered'])).undone }}"
"""

RETURN = r"""
_value:
  description:
    - C(undone), lines for which the run ends with an error; C(notes), lines that are only worth knowing.
    - C(lines), what became of the nodes on which something was done or waits, by host; C(document), all of it for machines.
  type: dict
"""

from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils import _change_report as reports
from ansible_collections.kraftops.kafka.plugins.module_utils._plain import plain
from ansible_collections.kraftops.kafka.plugins.module_utils._run_report import (
    alone_lines,
    pending_lines,
    silent_lines,
    stopped_lines,
    unknown_lines,
)

FORMAT = 1
PUT_OFF = "kafka_roll_deferred"  # a group of the play that comes after the other controllers
QUIET = (reports.UNCHANGED, reports.OUTSIDE)


class Run:
    """What the hosts' variables say about the run so far."""

    def __init__(self, model: dict[str, Any], hostvars: Any, check: bool) -> None:
        """Read the results of every node, and the decisions, which are the same on all hosts."""
        self.model, self.check = model, check
        self.results = {
            host: {
                name: plain(hostvars[host].get(f"__kafka_{name}") or {}, templated=False) for name in reports.REGISTERED
            }
            for host in model["nodes"]
        }
        self.plan, self.turns, preflight = (self._fact(hostvars, name) for name in ("plan", "turns", "preflight"))
        self.left_alone: dict[str, str] = preflight.get("left_alone", {})
        # A group, because the second turn of such a node forgets what the first one registered.
        self.put_off = [host for host in model["nodes"] if PUT_OFF in (hostvars[host].get("group_names") or ())]

    def _fact(self, hostvars: Any, name: str) -> dict[str, Any]:
        found = (hostvars[host].get(f"__kafka_{name}") for host in self.model["nodes"])
        return dict(plain(next((one for one in found if one), {})))

    def cluster(self, name: str) -> dict[str, Any]:
        """Return the report of one cluster."""
        hosts = self.model["clusters"][name]["nodes"]
        plan = self.plan.get("clusters", {}).get(name, {})
        why = {item["host"]: item["reasons"] for item in plan.get("restart", [])}
        nodes = {host: self._node(host, why.get(host, [])) for host in hosts}
        return {
            "planned": [item["host"] for item in plan.get("restart", [])],
            "refused": plan.get("refused", False),
            "restarted": [host for host in self._order(nodes) if nodes[host]["result"] == reports.RESTARTED],
            "pending": [host for host in self.turns.get("pending", []) if host in hosts],
            "live": reports.live_changes(self.results[host] for host in hosts),
            "nodes": nodes,
        }

    def _node(self, host: str, why: list[str]) -> dict[str, Any]:
        found = reports.node_report(self.results[host], why, self.left_alone.get(host, ""), self._waiting(host))
        found["deferred"] = host in self.put_off
        return reports.foreseen(found) if self.check else found

    def _waiting(self, host: str) -> str:
        if host in self.turns.get("pending", []):
            return reports.PENDING
        return reports.NOT_REACHED if host in (*self.turns.get("first", []), *self.turns.get("last", [])) else ""

    def _order(self, nodes: dict[str, Any]) -> list[str]:
        """Return a cluster's nodes in the order of their turns."""
        first = self.turns.get("first", [])
        put_off = [host for host in first if host in self.put_off]
        order = [host for host in first if host not in put_off] + put_off + self.turns.get("last", [])
        return [host for host in order if host in nodes]


def run_report(model: Any, hostvars: Any, hosts: Any, check: Any = False, finished: Any = False) -> dict[str, Any]:
    """Collect the report; see DOCUMENTATION."""
    model, took_part = plain(model), [str(host) for host in plain(hosts)]
    run = Run(model, hostvars, bool(check))
    clusters = {name: run.cluster(name) for name in model["clusters"]}
    nodes = {host: node for one in clusters.values() for host, node in one["nodes"].items()}
    ready = {host: reports.seen(run.results[host]) for host in took_part}
    asked = {host: run.results[host]["report"] for host in model["nodes"] if host not in run.left_alone}
    stopped = [] if check else stopped_lines(nodes, asked, run.plan.get("restart", []))
    found = {
        "undone": silent_lines(asked) + stopped,
        "notes": unknown_lines(model, ready) + alone_lines(run.left_alone) + pending_lines(run.turns),
    }
    document = {"format": FORMAT, "check_mode": bool(check), "finished": bool(finished), "clusters": clusters, **found}
    said = {
        host: reports.in_words(host, node, bool(check)) for host, node in nodes.items() if node["result"] not in QUIET
    }
    return {**found, "lines": said, "document": document}


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"run_report": run_report}
