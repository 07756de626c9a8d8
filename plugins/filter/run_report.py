# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter: what a run left undone, and what it noticed."""

from __future__ import annotations

DOCUMENTATION = r"""
name: run_report
short_description: What a run left undone, and what it noticed
version_added: 0.1.0
author: The kraftops.kafka maintainers (@kraftops)
description: Collects from the results of the run which nodes did not answer and which are unknown.
positional: hostvars, hosts
options:
  _input: {description: The cluster model., type: dict, required: true}
  hostvars: {description: The variables of all hosts., type: dict, required: true}
  hosts: {description: The nodes that took part in the run., type: list, elements: str, required: true}
"""

EXAMPLES = r"""
- name: Show what was not done
  ansible.builtin.debug:
    msg: "{{ (__kafka_model | kraftops.kafka.run_report(hostvars, ansible_play_hosts_all)).undone }}"
"""

RETURN = r"""
_value:
  description: C(undone), lines for which the run ends with an error, and C(notes), lines that are only worth knowing.
  type: dict
"""

from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._plain import plain
from ansible_collections.kraftops.kafka.plugins.module_utils._run_report import silent_lines, unknown_lines

RESULTS = ("__kafka_ready", "__kafka_report")


def run_report(model: Any, hostvars: Any, hosts: Any) -> dict[str, list[str]]:
    """Collect the report; see DOCUMENTATION."""
    model = plain(model)
    results = {str(name): {key: plain(hostvars[name].get(key) or {}) for key in RESULTS} for name in hosts}
    asked = {name: plain(hostvars[name].get("__kafka_report") or {}) for name in model["nodes"]}
    return {
        "undone": silent_lines(asked),
        "notes": unknown_lines(model, {name: item["__kafka_ready"] for name, item in results.items()}),
    }


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"run_report": run_report}
