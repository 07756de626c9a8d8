# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter: the plan of every cluster in the inventory, from what the run has learnt of its nodes."""

from __future__ import annotations

DOCUMENTATION = r"""
name: cluster_plans
short_description: Plan the changes of all clusters of an inventory
version_added: 0.1.0
author: The kraftops.kafka maintainers (@kraftops)
description:
  - Collects what the tasks of P(kraftops.kafka.kafka#role) learnt of each node, and plans what would be done.
  - Contacts nobody and changes nothing.
positional: hostvars, hosts
options:
  _input: {description: The cluster model., type: dict, required: true}
  hostvars: {description: The variables of all hosts., type: dict, required: true}
  hosts: {description: The nodes that answered., type: list, elements: str, required: true}
  confirm:
    description: Properties that may be changed although that destroys data; a list, or text with commas.
    type: list
    elements: str
    default: []
  foreign:
    description: What to do about dynamic properties that the inventory says nothing about.
    choices: [report, remove]
    type: str
    default: report
  everything: {description: "Restart every node that runs, also without a reason.", type: bool, default: false}
  settle:
    description: Plan only to remove dynamic values that hid what processes had loaded, as far as restarts have made that possible.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Plan | Show what would change
  ansible.builtin.debug:
    msg: "{{ (__kafka_model | kraftops.kafka.cluster_plans(hostvars, groups['kafka_answered'])).lines }}"
"""

RETURN = r"""
_value:
  description:
    - C(clusters), the plan of each by name; C(lines) for people; C(changed) and C(refused) for all of them.
    - C(restart), the hosts that restart, in order; C(dynamic), the options of M(kraftops.kafka.kafka_configs) by cluster.
    - C(interim), by host what its file must wait with until its turn (C(held), properties, and C(kept), their old values), without
      the nodes whose whole file must wait. Nowhere is a secret in plain.
    - C(dynamic_keys), by host the properties of ours that have a dynamic value after the plan; the host keeps the list.
    - C(until_restart), by cluster those of them that left the inventory; they go once every node was restarted.
    - C(waiting), by host what waits for a restart of the process that runs there, also while something is refused.
  type: dict
"""

from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._cluster_plan import plan_of
from ansible_collections.kraftops.kafka.plugins.module_utils._model import from_plain
from ansible_collections.kraftops.kafka.plugins.module_utils._plain import plain
from ansible_collections.kraftops.kafka.plugins.module_utils._plan_facts import choices


def cluster_plans(model: Any, hostvars: Any, hosts: Any, **given: Any) -> dict[str, Any]:
    """Plan every cluster; see DOCUMENTATION."""
    parsed = from_plain(model)
    options = choices(plain(given))
    answered = [str(host) for host in plain(hosts)]
    each = {}
    for name, cluster in parsed.clusters.items():
        members = [host for host in cluster.nodes if host in answered]
        if members:
            each[name] = plan_of(parsed, name, hostvars, members, options)
    plans = {name: one["plan"] for name, one in each.items()}
    return {
        "clusters": plans,
        "lines": [line for plan in plans.values() for line in plan["lines"]],
        "changed": any(plan["changed"] for plan in plans.values()),
        "refused": any(plan["refused"] for plan in plans.values()),
        "restart": [item["host"] for plan in plans.values() for item in plan["restart"]],
        "dynamic": {name: each[name]["dynamic"] if name in each else {} for name in parsed.clusters},
        "dynamic_keys": {host: keys for one in each.values() for host, keys in one["dynamic_keys"].items()},
        "until_restart": {name: one["until_restart"] for name, one in each.items() if one["until_restart"]},
        "waiting": {host: what for one in each.values() for host, what in one["waiting"].items()},
        "interim": {host: found for one in each.values() for host, found in one["interim"].items()},
    }


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"cluster_plans": cluster_plans}
