#!/usr/bin/python
# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Report the properties that a running Kafka node lives by."""

from __future__ import annotations

DOCUMENTATION = r"""
module: live_configs
short_description: Report the properties that a running Kafka node lives by
version_added: 0.1.0
description:
  - Asks the node itself, a broker or a controller, through the admin API; changes nothing.
  - A node that does not answer is no error here; RV(why) says it.
extends_documentation_fragment: [kraftops.kafka.attributes]
options:
  address: {description: "The node's own listener, as C(host:port).", type: str, required: true}
  node_id: {description: The node's id., type: int, required: true}
  keys:
    description: The properties in question. Those that are set dynamically are always returned.
    type: list
    elements: str
    default: []
author: The kraftops.kafka maintainers (@kraftops)
"""

EXAMPLES = r"""
- name: Plan | Ask the node what it lives by
  kraftops.kafka.live_configs:
    address: broker-1:9092
    node_id: 11
    keys: [log.retention.ms]
"""

RETURN = r"""
configs:
  description: By property its C(value), C(read_only), C(source), C(sensitive), C(type) and C(synonyms); null when not known.
  returned: always
  type: dict
why: {description: Why the node was not heard; empty when it was., returned: always, type: str}
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_configs import live_configs

# DescribeConfigsResponse.ConfigSource: set on this broker, set for the cluster.
DYNAMIC = (2, 3)


def interesting(name: str, entry: dict[str, Any], keys: list[str]) -> bool:
    """Tell whether a property is asked for, or set dynamically, or a synonym of one that is asked for."""
    if entry["source"] in DYNAMIC or name in keys:
        return True
    return any(synonym["name"] in keys for synonym in entry["synonyms"])


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "address": {"type": "str", "required": True},
            "node_id": {"type": "int", "required": True},
            "keys": {"type": "list", "elements": "str", "default": [], "no_log": False},
        },
        supports_check_mode=True,
    )
    try:
        answer = live_configs(module.params["address"], module.params["node_id"])
    except AdminError as problem:
        module.exit_json(changed=False, configs=None, why=str(problem))
    keys = module.params["keys"]
    # Synonyms in time units (hours, minutes) have no entry in each other, so families are told by their stem.
    stems = {key.rsplit(".", 1)[0] for key in keys if key.rsplit(".", 1)[-1] in ("ms", "minutes", "hours")}
    configs = {
        name: dict(entry)
        for name, entry in answer.items()
        if interesting(name, dict(entry), keys) or name.rsplit(".", 1)[0] in stems
    }
    module.exit_json(changed=False, configs=configs, why="")


if __name__ == "__main__":
    main()
