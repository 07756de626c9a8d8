# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter: what a run would change on a cluster, and how."""

from __future__ import annotations

DOCUMENTATION = r"""
name: change_plan
short_description: Plan the changes of a running cluster
version_added: 0.1.0
author: The kraftops.kafka maintainers (@kraftops)
description:
  - Compares what each node should have with its files, with what its process was started with and with what it says now.
  - Contacts nobody and changes nothing. Values of secrets appear as digests only.
positional: cluster
options:
  _input:
    description:
      - One dict a node of the cluster, with C(host), C(role) (C(controller), C(broker), C(combined)), C(version) and
        C(desired) (the properties that it should have); the rest may be missing.
      - C(file) and C(loaded) are the properties on its disk and those that its process was started with.
      - C(live) is its answer to DescribeConfigs with synonyms, a dict by name of C(value), C(read_only), C(source),
        C(sensitive) and C(synonyms) (each C(name), C(value), C(source)).
      - C(running), C(healthy), C(rack) and C(left_alone) (why nothing may be done to it) say how it is.
      - C(loaded_version) is the Kafka version that runs; C(cluster_id) and C(found_cluster_id) are the cluster's and its disks'.
      - C(start_files) are dicts of C(what), C(desired), C(disk), C(loaded), each a digest or a version, empty for absent.
      - C(need_daemon_reload) is systemd's NeedDaemonReload.
      - C(replicas) are the numbers of replicas by directory; C(beyond) the bytes beyond new limits by property.
      - C(owned) are properties that an earlier run set through the admin API.
    type: list
    elements: dict
    required: true
  cluster: {description: The name of the cluster., type: str, required: true}
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
  elr: {description: Whether eligible leader replicas are on (KIP-966)., type: bool, default: false}
  active: {description: The host of the active controller., type: str}
"""

EXAMPLES = r"""
- name: Plan | Show what would change
  ansible.builtin.debug:
    msg: "{{ (nodes | kraftops.kafka.change_plan('orders', active='controller-1')).lines }}"
"""

RETURN = r"""
_value:
  description:
    - C(cluster), C(changed), C(refused), C(counts) by class, C(lines) for people, and C(differences), each with C(host),
      C(hosts), C(what), C(from), C(to), C(class), C(apply), C(operation), C(refused), C(foreign) and C(reason).
    - While C(refused) is true, C(changed) is false and C(restart) and C(dynamic) are empty, because nothing may be done.
    - C(restart) lists the nodes that restart, in order, with C(place) and C(reasons).
    - C(dynamic) lists what is sent to the admin API, in order, each with C(scope), C(key), C(operation), C(value).
    - C(held) names by host the properties that are written only at the node's own turn.
  type: dict
"""

from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils import _change_plan
from ansible_collections.kraftops.kafka.plugins.module_utils._plain import plain
from ansible_collections.kraftops.kafka.plugins.module_utils._plan_input import cluster_of, node_state


def keys(value: Any) -> frozenset[str]:
    """Return the confirmed properties, given as a list or, on the command line, as text with commas."""
    items = value.split(",") if isinstance(value, str) else value or []
    return frozenset(item.strip() for item in items if item.strip())


def change_plan(nodes: Any, cluster: Any, **options: Any) -> dict[str, Any]:
    """Plan the changes of one cluster; see DOCUMENTATION."""
    given = plain(options)
    states = [node_state(node) for node in plain(nodes)]
    decided = cluster_of(
        states, keys(given.get("confirm")), bool(given.get("elr")), given.get("foreign", "report") == "remove"
    )
    return _change_plan.change_plan(str(plain(cluster)), states, decided, given.get("active"))


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"change_plan": change_plan}
