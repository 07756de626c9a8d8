# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter: the hosts on which the clusters of a run are locked."""

from __future__ import annotations

DOCUMENTATION = r"""
name: lock_hosts
short_description: Name the hosts on which the clusters of a run are locked
version_added: 0.1.0
author: The kraftops.kafka maintainers (@kraftops)
description:
  - The controllers of each cluster that has a node in the run, as far as they answer, also those outside the limit of the run.
  - Two runs with different limits, or from different control nodes, meet there. Where no controller answers, every node that does.
positional: answered, hosts
options:
  _input: {description: The cluster model., type: dict, required: true}
  answered: {description: All nodes that answer., type: list, elements: str, required: true}
  hosts: {description: The nodes that the run may change., type: list, elements: str, required: true}
"""

EXAMPLES = r"""
- name: Lock | Name the hosts
  ansible.builtin.debug:
    msg: "{{ __kafka_model | kraftops.kafka.lock_hosts(__kafka_preflight.nodes, groups['kafka_answered']) }}"
"""

RETURN = r"""
_value:
  description: Names of hosts, in the same order for every run.
  type: list
  elements: str
"""

from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._plain import plain


def lock_hosts(model: Any, answered: Any, hosts: Any) -> list[str]:
    """Return the hosts; see DOCUMENTATION."""
    clusters = plain(model)["clusters"]
    heard, changed = {str(host) for host in plain(answered)}, {str(host) for host in plain(hosts)}
    found: list[str] = []
    for name in sorted(clusters):
        cluster = clusters[name]
        if changed & set(cluster["nodes"]):
            controllers = [host for host in cluster["controllers"] if host in heard]
            found += controllers or [host for host in cluster["nodes"] if host in heard]
    return found


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"lock_hosts": lock_hosts}
