#!/usr/bin/python
# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Give a broker the leaders back that it is preferred for."""

from __future__ import annotations

DOCUMENTATION = r"""
module: preferred_leaders
short_description: Give a broker the leaders back that it is preferred for
version_added: 0.1.0
description:
  - After a restart a broker leads nothing until Kafka's own balancer comes by, which may take five minutes.
  - Elects the preferred leader of every partition whose first replica is this broker, that is in the ISR and does not lead.
extends_documentation_fragment: [kraftops.kafka.attributes]
options:
  address: {description: "Address of a broker, as C(host:port).", type: str, required: true}
  node_id: {description: The broker that gets its leaders back., type: int, required: true}
author: The kraftops.kafka maintainers (@kraftops)
"""

EXAMPLES = r"""
- name: Roll | Give the leaders back
  kraftops.kafka.preferred_leaders:
    address: broker-1:9092
    node_id: 11
"""

RETURN = r"""
partitions: {description: How many partitions the broker leads again., returned: always, type: int}
failed_partitions:
  description: Partitions that kept their leader, with the reason.
  returned: always
  type: dict
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_topics import BrokerNode


def elect(module: AnsibleModule) -> dict[str, Any]:
    """Ask which partitions are led by others, and elect."""
    wanted = module.params["node_id"]
    with BrokerNode(module.params["address"]) as node:
        partitions = [
            item
            for item in node.metadata().partitions
            if item.replicas and item.replicas[0] == wanted and item.leader != wanted and wanted in item.isr
        ]
        if module.check_mode or not partitions:
            return {"changed": bool(partitions), "partitions": len(partitions), "failed_partitions": {}}
        errors = {name: why for name, why in node.elect_preferred(partitions).items() if why}
    return {
        "changed": len(errors) < len(partitions),
        "partitions": len(partitions) - len(errors),
        "failed_partitions": errors,
    }


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={"address": {"type": "str", "required": True}, "node_id": {"type": "int", "required": True}},
        supports_check_mode=True,
    )
    try:
        module.exit_json(**elect(module))
    except AdminError as problem:
        module.fail_json(msg=str(problem))


if __name__ == "__main__":
    main()
