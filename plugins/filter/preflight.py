# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter: what the hosts reported, held against the model."""

from __future__ import annotations

DOCUMENTATION = r"""
name: preflight
short_description: Check what the Kafka hosts reported against the cluster model
version_added: 0.1.0
author: The kraftops.kafka maintainers (@kraftops)
description:
  - Decides from live reports whether a run may change anything, and what each node may do with its disks.
  - Contacts nobody and changes nothing; the reports come from M(kraftops.kafka.node_report).
positional: hostvars
options:
  _input: {description: The cluster model., type: dict, required: true}
  hostvars:
    description: The variables of all hosts; C(__kafka_report) of each is what M(kraftops.kafka.node_report) returned there.
    type: dict
    required: true
  others:
    description: Results of the same module for nodes outside the run's limit, with the node's name in C(item).
    type: list
    elements: dict
    default: []
  accept_new_disk:
    description: Directories, each as C(host:/directory), that the operator has confirmed to be new or replaced.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Preflight | Check the reports
  ansible.builtin.debug:
    msg: "{{ (__kafka_model | kraftops.kafka.preflight(hostvars)).lines }}"
"""

RETURN = r"""
_value:
  description:
    - C(problems), C(warnings), C(lines) (both as text) and C(nodes), the decision for each node that answered.
    - C(left_alone), why each node is left alone that is in maintenance or whose unit is masked; it counts as silent.
  type: dict
"""

from dataclasses import asdict, replace
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils import _identity
from ansible_collections.kraftops.kafka.plugins.module_utils._left_alone import advice, left_alone
from ansible_collections.kraftops.kafka.plugins.module_utils._model import from_plain
from ansible_collections.kraftops.kafka.plugins.module_utils._plain import plain
from ansible_collections.kraftops.kafka.plugins.module_utils._preflight import check_cluster
from ansible_collections.kraftops.kafka.plugins.module_utils._preflight_logs import check_logs
from ansible_collections.kraftops.kafka.plugins.module_utils._problems import Problem, line, merged


def gather(model: dict[str, Any], hostvars: Any, others: list[dict[str, Any]]) -> dict[str, Any]:
    """Return {node: report} of the nodes that answered."""
    reports = {item["item"]: item["report"] for item in others if "report" in item}
    for name in model["nodes"]:
        answer = plain(hostvars[name].get("__kafka_report") or {}, templated=False)
        if "report" in answer:
            reports[name] = answer["report"]
    return reports


def confirmed(value: Any) -> frozenset[str]:
    """Return the confirmed directories, given as a list or, on the command line, as text with commas."""
    items = value.split(",") if isinstance(value, str) else value
    return frozenset(item.strip().rstrip("/") for item in items)


def preflight(model: Any, hostvars: Any, others: Any = None, accept_new_disk: Any = None) -> dict[str, Any]:
    """Check every cluster of the model; see DOCUMENTATION."""
    model = plain(model)
    others = plain(others or [])
    reports, outside = gather(model, hostvars, others), {item["item"] for item in others}
    accepted = confirmed(plain(accept_new_disk or []))
    alone = left_alone(model["nodes"].values(), reports)
    reports = {name: report for name, report in reports.items() if name not in alone}
    problems = check_logs(from_plain(model), reports)
    warnings: list[Problem] = []
    decisions: dict[str, Any] = {}
    warnings += advice(alone)
    for cluster in model["clusters"].values():
        nodes = [model["nodes"][name] for name in cluster["nodes"]]
        found, warned = check_cluster(cluster, [node for node in nodes if node["name"] not in alone], reports)
        members = [
            replace(
                _identity.member(node, reports.get(node["name"]), accepted, node["name"] not in outside),
                left_alone=alone.get(node["name"], ""),
            )
            for node in nodes
        ]
        decision = _identity.decide(cluster["name"], members)
        problems += found + decision.problems
        warnings += warned
        decisions.update(decision.nodes)
    result = {
        "problems": merged([asdict(one) for one in problems]),
        "warnings": merged([asdict(one) for one in warnings]),
    }
    lines = {key: [line(one) for one in findings] for key, findings in result.items()}
    return {**result, "lines": lines, "nodes": decisions, "left_alone": alone}


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"preflight": preflight}
