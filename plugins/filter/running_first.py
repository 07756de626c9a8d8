# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter: hosts whose Kafka runs, before the others."""

from __future__ import annotations

DOCUMENTATION = r"""
name: running_first
short_description: Put hosts whose Kafka runs before the others
version_added: 0.1.0
author: The kraftops.kafka maintainers (@kraftops)
description:
  - Reads what M(kraftops.kafka.loaded_state) has said of each host, registered as C(__kafka_loaded). A host that has not been
    asked counts as one whose Kafka does not run.
  - Otherwise hosts stay in the order in which they are given, as groups do.
positional: hostvars
options:
  _input: {description: Names of hosts., type: list, elements: str, required: true}
  hostvars: {description: The variables of all hosts by name., type: dict, required: true}
"""

EXAMPLES = r"""
- name: Plan | Name the node that is asked about the whole cluster
  ansible.builtin.debug:
    msg: "{{ groups['kafka_answered'] | kraftops.kafka.running_first(hostvars) | first }}"
"""

RETURN = r"""
_value:
  description: The same hosts.
  type: list
  elements: str
"""

from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._plain import plain


def running_first(hosts: Any, hostvars: Any) -> list[str]:
    """Return the hosts; see DOCUMENTATION."""
    return sorted((str(host) for host in plain(hosts)), key=lambda host: not _runs(hostvars.get(host) or {}))


def _runs(variables: Any) -> bool:
    loaded = variables.get("__kafka_loaded") or {}
    return bool((loaded.get("state") or {}).get("running"))


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"running_first": running_first}
