# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter: what a host must be asked before anything is changed on it."""

from __future__ import annotations

DOCUMENTATION = r"""
name: preflight_questions
short_description: What M(kraftops.kafka.node_report) must read on a node
version_added: 0.1.0
author: The kraftops.kafka maintainers (@kraftops)
description: Derives directories, ports and names from the cluster model.
positional: host
options:
  _input: {description: The cluster model., type: dict, required: true}
  host: {description: The node's inventory name., type: str, required: true}
"""

EXAMPLES = r"""
- name: Show which ports a node needs
  ansible.builtin.debug:
    msg: "{{ (__kafka_model | kraftops.kafka.preflight_questions('broker-1')).ports }}"
"""

RETURN = r"""
_value:
  description: >-
    C(directories) (the metadata log's first), C(log_dir), C(ports), and C(names), the addresses of all nodes of its cluster.
  type: dict
"""

from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._identity import directories_of
from ansible_collections.kraftops.kafka.plugins.module_utils._plain import plain
from ansible_collections.kraftops.kafka.plugins.module_utils._preflight import PORT_OWNERS


def preflight_questions(model: Any, host: str) -> dict[str, Any]:
    """Return the questions for one node; see DOCUMENTATION."""
    model = plain(model)
    node = model["nodes"][str(host)]
    neighbours = model["clusters"][node["cluster"]]["nodes"]
    return {
        "directories": directories_of(node),
        "log_dir": node["app_log_dir"],
        "ports": [node[key] for key in PORT_OWNERS if node[key]],
        "names": sorted({model["nodes"][name]["address"] for name in neighbours}),
    }


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"preflight_questions": preflight_questions}
