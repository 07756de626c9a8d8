# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter: whom the health probe of a cluster may ask, and about whom."""

from __future__ import annotations

DOCUMENTATION = r"""
name: health_questions
short_description: Prepare the options of cluster_health
version_added: 0.1.0
author: The kraftops.kafka maintainers (@kraftops)
description:
  - Returns the nodes of one cluster as M(kraftops.kafka.cluster_health) takes them.
positional: cluster
options:
  _input: {description: The cluster model., type: dict, required: true}
  cluster: {description: The cluster's name., type: str, required: true}
  targets: {description: Names of the nodes in question., type: list, elements: str, default: []}
  unavailable:
    description: Names of nodes that are down, unreachable or in maintenance.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Roll | Wait until broker-2 may be restarted
  kraftops.kafka.cluster_health: "{{ questions | combine({'gate': 'before'}) }}"
  vars:
    questions: "{{ __kafka_model | kraftops.kafka.health_questions('orders', targets=['broker-2']) }}"
"""

RETURN = r"""
_value:
  description: The options C(brokers), C(controllers), C(targets) and C(unavailable).
  type: dict
"""

from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._model import Node, from_plain, host_port
from ansible_collections.kraftops.kafka.plugins.module_utils._plain import plain


def addresses(nodes: list[Node], port: str) -> list[dict[str, Any]]:
    """Return the nodes as cluster_health takes them; `port` names the attribute that has the port."""
    return [{"node_id": one.node_id, "address": host_port(one.address, getattr(one, port))} for one in nodes]


def health_questions(model: Any, cluster: Any, targets: Any = (), unavailable: Any = ()) -> dict[str, Any]:
    """Return the options; see DOCUMENTATION."""
    parsed, name = from_plain(model), str(plain(cluster))
    members = {one.name: one for one in parsed.nodes_of(name)}
    return {
        "brokers": addresses(parsed.brokers_of(name), "client_port"),
        "controllers": addresses(parsed.controllers_of(name), "controller_port"),
        "targets": [
            {"node_id": members[one].node_id, "roles": members[one].roles} for one in plain(targets) if one in members
        ],
        "unavailable": [members[one].node_id for one in plain(unavailable) if one in members],
    }


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"health_questions": health_questions}
