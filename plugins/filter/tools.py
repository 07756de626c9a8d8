# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter: Kafka's command line tools as small scripts for one node."""

from __future__ import annotations

DOCUMENTATION = r"""
name: tools
short_description: Kafka's command line tools for one node
version_added: 0.1.0
author: The kraftops.kafka maintainers (@kraftops)
description: Renders C(kafka-topics), C(kafka-configs) and the others as scripts that know the cluster's address and run java directly.
positional: host, java
options:
  _input: {description: The cluster model., type: dict, required: true}
  host: {description: The node's inventory name., type: str, required: true}
  java: {description: The java to run them with., type: str, required: true}
"""

EXAMPLES = r"""
- name: Write the tools
  kraftops.kafka.config_files:
    files: "{{ (__kafka_model | kraftops.kafka.tools(inventory_hostname, '/usr/bin/java')).files }}"
"""

RETURN = r"""
_value:
  description: C(files), each with C(path), C(content) and C(mode); C(problems) and C(warnings) are always empty.
  type: dict
"""

from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._plain import plain
from ansible_collections.kraftops.kafka.plugins.module_utils._tools import tool_files


def tools(model: Any, host: str, java: str) -> dict[str, Any]:
    """Return the tool scripts of one node; see DOCUMENTATION."""
    model = plain(model)
    node = model["nodes"][str(host)]
    return {"problems": [], "warnings": [], "files": tool_files(node, model["clusters"][node["cluster"]], str(java))}


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"tools": tools}
