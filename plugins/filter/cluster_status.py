# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter: the clusters on one screen."""

from __future__ import annotations

DOCUMENTATION = r"""
name: cluster_status
short_description: Show clusters on one screen
version_added: 0.1.0
author: The kraftops.kafka maintainers (@kraftops)
description:
  - Joins the model, what M(kraftops.kafka.node_status) read on each node, and what M(kraftops.kafka.cluster_health) saw.
  - Contacts nobody.
positional: hostvars, hosts
options:
  _input: {description: The cluster model., type: dict, required: true}
  hostvars:
    description:
      - The variables of all hosts; C(__kafka_status_node), C(__kafka_status_cluster) and C(__kafka_status_waiting) of each are read.
    type: dict
    required: true
  hosts: {description: The hosts that were asked., type: list, elements: str, required: true}
  disk_bound: {description: Disks fuller than this share are named., type: float, default: 0.85}
"""

EXAMPLES = r"""
- name: Status | Show
  ansible.builtin.debug:
    msg: "{{ (__kafka_model | kraftops.kafka.cluster_status(hostvars, ansible_play_hosts_all)).lines }}"
"""

RETURN = r"""
_value:
  description: C(lines), the screen, and C(silent), the names of the hosts that did not answer.
  type: dict
"""

from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils import _log_config, _status
from ansible_collections.kraftops.kafka.plugins.module_utils._model import Model, from_plain
from ansible_collections.kraftops.kafka.plugins.module_utils._plain import plain


def seen(model: Model, name: str, facts: dict[str, dict[str, Any]], bound: float) -> _status.Seen:
    """Collect what is known of one cluster; `facts` are those of the hosts that were asked."""
    nodes = model.nodes_of(name)
    asked = {one.name: facts[one.name] for one in nodes if one.name in facts}
    health = [one["health"] for one in asked.values() if one["health"] and "skipped" not in one["health"]]
    return _status.Seen(
        cluster=model.clusters[name],
        nodes=nodes,
        health=health[0] if health else {},
        statuses={host: one["node"]["status"] for host, one in asked.items() if "status" in one["node"]},
        silent=frozenset(host for host, one in asked.items() if "status" not in one["node"]),
        pending={host: one["waiting"][host] for host, one in asked.items() if host in one["waiting"]},
        log_bounds={one.name: _log_config.log_config(model, one.name)["bytes"] for one in nodes},
        disk_bound=bound,
    )


def cluster_status(model: Any, hostvars: Any, hosts: Any, disk_bound: Any = _status.DISK_BOUND) -> dict[str, list[str]]:
    """Return the screen; see DOCUMENTATION."""
    parsed = from_plain(model)
    keys = {
        "node": "__kafka_status_node",
        "health": "__kafka_status_cluster",
        "waiting": "__kafka_status_waiting",
    }
    facts = {
        str(host): {name: plain(hostvars[host].get(key) or {}, templated=False) for name, key in keys.items()}
        for host in plain(hosts)
    }
    clusters = [seen(parsed, name, facts, float(disk_bound)) for name in sorted(parsed.clusters)]
    return {
        "lines": [line for one in clusters for line in _status.lines(one)],
        "silent": sorted(host for one in clusters for host in one.silent),
    }


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"cluster_status": cluster_status}
