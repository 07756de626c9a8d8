# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter plugin: log_config."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils import _log_config
from ansible_collections.kraftops.kafka.plugins.module_utils._edge import model_and_host

DOCUMENTATION = r"""
name: log_config
short_description: Compute the logging configuration of one node
version_added: 0.1.0
author: The kraftops.kafka maintainers (@kraftops)
description:
  - Kafka 4.x gets C(log4j2.yaml), which it reads again when it changes; Kafka 3.9 gets C(log4j.properties).
  - Every file is bounded by size and number.
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
- name: Compute the logging configuration
  ansible.builtin.debug:
    msg: "{{ (__kafka_model | kraftops.kafka.log_config(inventory_hostname)).loggers }}"
"""

RETURN = r"""
_value:
  description: The C(file) name, its C(content), the effective level of all declared C(loggers), the most C(bytes) that Kafka's own logs
    take, what commands on the C(host) must know of its logging, and C(problems) and C(warnings).
  type: dict
"""


def log_config(model: Mapping[str, Any], host: str) -> dict[str, Any]:
    """Return the logging configuration of one node."""
    parsed, node, findings = model_and_host(model, host)
    found: dict[str, Any] = (
        _log_config.log_config(parsed, node)
        if node
        else {"file": "", "content": "", "loggers": {}, "bytes": 0, "host": {}}
    )
    return {**found, **findings.plain()}


class FilterModule:
    """Filter plugin of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"log_config": log_config}
