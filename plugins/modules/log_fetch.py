#!/usr/bin/python
# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fetch what a host's Kafka logs say within a range of time."""

from __future__ import annotations

DOCUMENTATION = r"""
module: log_fetch
short_description: Fetch what a host's Kafka logs say within a range of time
version_added: 0.1.0
description:
  - Reads Kafka's own logs and their rolled parts, packed ones (C(.gz)) included, and returns the events of the range, stack traces whole.
  - The place in a log is found by bisection over the times in it, so a large log is not read whole. Nothing on the host is changed.
  - Runs through an action of the same name, which writes the text into a folder on the control node.
  - Events without a time that can be read are kept with the event before them.
extends_documentation_fragment: [kraftops.kafka.attributes]
options:
  directory: {description: Directory of the logs on the host., type: path, required: true}
  logs: {description: "Names of the logs, such as C(server.log).", type: list, elements: str, required: true}
  since: {description: "Beginning of the range, in seconds since 1970.", type: float, required: true}
  until: {description: "End of the range, in seconds since 1970. Without it, up to the newest.", type: float}
  max_bytes:
    description: Most bytes of text that are fetched from this host. Of more, the newest are, and RV(cut) says from when on.
    type: int
    default: 10000000
  dest:
    description: Folder on the control node; the text of each file goes into C(<host>/<file>) in it.
    type: path
    required: true
author: The kraftops.kafka maintainers (@kraftops)
"""

EXAMPLES = r"""
- name: Logs | Fetch them
  kraftops.kafka.log_fetch:
    directory: /var/log/kafka
    logs: [server.log, controller.log]
    since: 1795799700
    dest: /tmp/logs
"""

RETURN = r"""
bytes: {description: Bytes of text that were fetched., returned: success, type: int}
files: {description: "Files that have events in the range, the oldest of each log first.", returned: success, type: list, elements: str}
cut:
  description: When more than O(max_bytes) was in the range, from which time on it is whole, in seconds since 1970; else null.
  returned: success
  type: float
unreadable:
  description: Files in which no line begins with a time that can be read; of them the end is fetched.
  returned: success
  type: list
  elements: str
"""

import base64
import json
import zlib

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils import _log_range


def main() -> None:
    """Run the module; the text comes packed in `data`, which the action takes off."""
    module = AnsibleModule(
        argument_spec={
            "directory": {"type": "path", "required": True},
            "logs": {"type": "list", "elements": "str", "required": True},
            "since": {"type": "float", "required": True},
            "until": {"type": "float"},
            "max_bytes": {"type": "int", "default": 10_000_000},
            "dest": {"type": "path", "required": True},
        },
        supports_check_mode=True,
    )
    until = module.params["until"]
    wanted = _log_range.Range(module.params["since"], float("inf") if until is None else until)
    try:
        found = _log_range.read_range(
            module.params["directory"], module.params["logs"], wanted, module.params["max_bytes"]
        )
    except OSError as problem:
        module.fail_json(msg=f"Kafka's logs cannot be read: {problem}")
    packed = zlib.compress(json.dumps(found.texts).encode(), 6)
    module.exit_json(
        changed=False,
        data=base64.b64encode(packed).decode(),
        bytes=sum(len(text.encode()) for _name, text in found.texts),
        files=[name for name, _text in found.texts],
        cut=found.cut,
        unreadable=found.unreadable,
    )


if __name__ == "__main__":
    main()
