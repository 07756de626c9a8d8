# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter: of which hosts the logs were fetched."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fetched_logs
short_description: Of which hosts the logs were fetched, and why not of the others
version_added: 0.1.0
author: The kraftops.kafka maintainers (@kraftops)
description: Puts together what the module M(kraftops.kafka.log_fetch) registered as C(__kafka_logs_fetched) on each host.
options:
  _input: {description: The variables of all hosts., type: dict, required: true}
  hosts: {description: The hosts that were asked., type: list, elements: str, required: true}
positional: hosts
"""

EXAMPLES = r"""
- name: Show who is missing
  ansible.builtin.debug:
    msg: "{{ (hostvars | kraftops.kafka.fetched_logs(ansible_play_hosts_all)).missing }}"
"""

RETURN = r"""
_value:
  description: C(fetched), the result by host, and C(missing), the reason by host.
  type: dict
"""

from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._plain import plain

KEY = "__kafka_logs_fetched"


def fetched_logs(hostvars: Any, hosts: Any) -> dict[str, dict[str, Any]]:
    """Sort the results; see DOCUMENTATION."""
    fetched, missing = {}, {}
    for name in (str(host) for host in hosts):
        result = plain(hostvars[name].get(KEY) or {})
        if "files" in result:
            fetched[name] = {key: result[key] for key in ("bytes", "files", "cut", "unreadable")}
        elif result.get("unreachable"):
            missing[name] = "It does not answer."
        else:
            missing[name] = str(result.get("msg") or "It was not asked.")
    return {"fetched": fetched, "missing": missing}


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"fetched_logs": fetched_logs}
