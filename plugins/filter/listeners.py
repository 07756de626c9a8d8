# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter plugin: listeners."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils import _listeners
from ansible_collections.kraftops.kafka.plugins.module_utils._edge import model_and_host

DOCUMENTATION = r"""
name: listeners
short_description: Compute the listeners of one node
version_added: 0.1.0
author: The kraftops.kafka maintainers (@kraftops)
description:
  - Brokers listen as C(CLIENT), controllers as C(CONTROLLER), combined nodes as both.
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
"""

EXAMPLES = r"""
- name: Show the address that clients use
  ansible.builtin.debug:
    msg: "{{ (__kafka_model | kraftops.kafka.listeners(inventory_hostname)).advertised_listeners }}"
"""

RETURN = r"""
_value:
  description: The strings C(listeners), C(advertised_listeners), C(protocol_map), C(controller_listener_names) and
    C(inter_broker_listener_name), and C(problems) and C(warnings).
  type: dict
"""


def listeners(model: Mapping[str, Any], host: str) -> dict[str, Any]:
    """Return the listeners of one node."""
    parsed, node, findings = model_and_host(model, host)
    found: dict[str, Any] = _listeners.listeners(parsed, node) if node else dict.fromkeys(_listeners.NAMES, "")
    return {**found, **findings.plain()}


class FilterModule:
    """Filter plugin of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"listeners": listeners}
