# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter plugin: server_properties."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._edge import model_and_host
from ansible_collections.kraftops.kafka.plugins.module_utils._plain import plain
from ansible_collections.kraftops.kafka.plugins.module_utils._plan_facts import before_its_turn
from ansible_collections.kraftops.kafka.plugins.module_utils._properties import complete

DOCUMENTATION = r"""
name: server_properties
short_description: Compute the complete server.properties of one node
version_added: 0.1.0
author: The kraftops.kafka maintainers (@kraftops)
description:
  - User properties come first, what the collection owns is put over them.
  - Replication factors and min ISR stand in the files of both roles, because the controller decides by its own.
positional: host
options:
  _input:
    description: The model, as made by the filter P(kraftops.kafka.topology#filter).
    type: dict
    required: true
  host:
    description: The inventory name of a Kafka host.
    type: str
    required: true
  interim:
    description:
      - What the file must wait with until the node's turn, of the plan that P(kraftops.kafka.cluster_plans#filter) makes.
      - Without it, what the file shall say in the end.
    type: dict
"""

EXAMPLES = r"""
- name: Compute the properties
  ansible.builtin.set_fact:
    __kafka_properties: "{{ (__kafka_model | kraftops.kafka.server_properties(inventory_hostname)).properties }}"
"""

RETURN = r"""
_value:
  description: A dict C(properties) of strings, and C(problems) and C(warnings).
  type: dict
"""


def server_properties(
    model: Mapping[str, Any], host: str, interim: Optional[Mapping[str, Any]] = None
) -> dict[str, Any]:
    """Return the properties of one node."""
    parsed, node, findings = model_and_host(model, host)
    if not node:
        return {"properties": {}, **findings.plain()}
    properties, findings = complete(parsed, node)
    if interim:
        properties = before_its_turn(properties, plain(interim))
    return {"properties": properties, **findings.plain()}


class FilterModule:
    """Filter plugin of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"server_properties": server_properties}
