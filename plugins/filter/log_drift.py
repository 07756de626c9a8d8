# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter: live log levels against the declared ones."""

from __future__ import annotations

DOCUMENTATION = r"""
name: log_drift
short_description: Live log levels against the declared ones
version_added: 0.1.0
author: The kraftops.kafka maintainers (@kraftops)
description: Puts together what the module M(kraftops.kafka.kafka_log_levels) found on each node in check mode.
positional: hostvars, hosts
options:
  _input: {description: The cluster model., type: dict, required: true}
  hostvars: {description: The variables of all hosts., type: dict, required: true}
  hosts: {description: The nodes that were asked., type: list, elements: str, required: true}
"""

EXAMPLES = r"""
- name: Show who left TRACE on
  ansible.builtin.debug:
    msg: "{{ (__kafka_model | kraftops.kafka.log_drift(hostvars, ansible_play_hosts_all)).lines }}"
"""

RETURN = r"""
_value:
  description: C(lines) for people, and C(nodes), by name what is known of each.
  type: dict
"""

from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils import _log_drift_report, _log_levels_report
from ansible_collections.kraftops.kafka.plugins.module_utils._model import from_plain


def log_drift(model: Any, hostvars: Any, hosts: Any) -> dict[str, Any]:
    """Put the report together; see DOCUMENTATION."""
    results = _log_levels_report.results_of(hostvars, hosts, _log_levels_report.READ)
    return _log_drift_report.describe(from_plain(model), results)


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"log_drift": log_drift}
