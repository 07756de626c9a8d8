# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter: what a change of log levels came to."""

from __future__ import annotations

DOCUMENTATION = r"""
name: log_levels_report
short_description: What a change of log levels came to
version_added: 0.1.0
author: The kraftops.kafka maintainers (@kraftops)
description: Puts into words what the tasks of M(kraftops.kafka.kafka_log_levels) registered on the nodes of a run.
positional: hostvars, hosts, wish, check
options:
  _input: {description: The cluster model., type: dict, required: true}
  hostvars: {description: The variables of all hosts., type: dict, required: true}
  hosts: {description: The nodes of the run., type: list, elements: str, required: true}
  wish:
    description: What the run is asked for, C(log_levels) of the filter P(kraftops.kafka.inventory_check#filter).
    type: dict
    required: true
  check: {description: Whether the run only looks., type: bool, default: false}
"""

EXAMPLES = r"""
- name: Stop when a node refuses
  ansible.builtin.fail:
    msg: "{{ (__kafka_model | kraftops.kafka.log_levels_report(hostvars, ansible_play_hosts_all, __kafka_check.log_levels)).stopped }}"
"""

RETURN = r"""
_value:
  description: C(objections), lines that keep a run from starting; C(stopped), why it stops at a step, else empty; C(skipped), lines about
    the nodes that could not be asked; C(notes), these and what else is worth knowing; C(lines), all that is to be told at the end;
    C(reached), the nodes whose hosts answered.
  type: dict
"""

from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils import _log_levels_report as report
from ansible_collections.kraftops.kafka.plugins.module_utils._model import from_plain
from ansible_collections.kraftops.kafka.plugins.module_utils._plain import plain


def log_levels_report(model: Any, hostvars: Any, hosts: Any, wish: Any, check: bool = False) -> dict[str, Any]:
    """Put the results into words; see DOCUMENTATION."""
    typed, asked = from_plain(model), plain(wish)
    read = report.results_of(hostvars, hosts, report.READ)
    done = report.results_of(hostvars, hosts, report.VERIFIED, report.SET)
    results = {name: result or read[name] for name, result in done.items()}
    return {
        "objections": report.objections(typed, read, asked),
        "stopped": report.stopped(done),
        "skipped": report.skipped(results, asked),
        "lines": report.ending(typed, results, asked, read, bool(check)),
        "notes": [*report.skipped(results, asked), *report.notes(typed, results)],
        "reached": [name for name, result in read.items() if "answered" in result],
    }


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"log_levels_report": log_levels_report}
