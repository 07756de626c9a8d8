# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter plugin: topology."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils import _topology
from ansible_collections.kraftops.kafka.plugins.module_utils._model import to_plain

DOCUMENTATION = r"""
name: topology
short_description: Build the model of all Kafka clusters of an inventory
version_added: 0.1.0
author: The kraftops.kafka maintainers (@kraftops)
description:
  - Reads the groups C(kafka), C(kafka_controllers), C(kafka_brokers) and C(monitoring) and the variables of their hosts.
  - Hosts that share a C(kafka_cluster_name) are one cluster. The whole inventory counts, whatever C(--limit) says.
  - Never fails because of the inventory; what is wrong with it is in the result.
positional: hostvars, defaults
options:
  _input:
    description: The variable C(groups).
    type: dict
    required: true
  hostvars:
    description: The variable C(hostvars).
    type: dict
    required: true
  defaults:
    description: The defaults of all roles in one dict.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Build the model
  ansible.builtin.set_fact:
    __kafka_topology: "{{ groups | kraftops.kafka.topology(hostvars, __kafka_defaults) }}"
"""

RETURN = r"""
_value:
  description: A dict of C(model), C(problems) and C(warnings). The model is as good as it can be had when there are problems.
  type: dict
"""


def topology(groups: Mapping[str, Any], hostvars: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return the model, the problems and the warnings."""
    model, findings = _topology.build(groups, hostvars, defaults)
    return {"model": to_plain(model), **findings.plain()}


class FilterModule:
    """Filter plugin of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"topology": topology}
