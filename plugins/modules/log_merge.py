#!/usr/bin/python
# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Merge the logs that were fetched from many hosts into one file in order of time."""

from __future__ import annotations

DOCUMENTATION = r"""
module: log_merge
short_description: Merge the logs of many hosts into one file in order of time
version_added: 0.1.0
description:
  - Merges what M(kraftops.kafka.log_fetch) wrote into one file, event by event, each line with the host before it.
  - Says how many events each host has, and the errors in groups of the same logger and message, numbers and ids left aside.
  - Runs on the control node.
extends_documentation_fragment: [kraftops.kafka.attributes]
options:
  folder: {description: "Folder with a folder for each host.", type: path, required: true}
  dest: {description: The file to write., type: path, required: true}
  since: {description: "Beginning of the range, in seconds since 1970.", type: float, required: true}
  fetched:
    description: The result of M(kraftops.kafka.log_fetch) by host.
    type: dict
    required: true
  missing:
    description: Hosts of which nothing could be fetched, and why.
    type: dict
    default: {}
author: The kraftops.kafka maintainers (@kraftops)
"""

EXAMPLES = r"""
- name: Logs | Merge them
  kraftops.kafka.log_merge:
    folder: /tmp/logs
    dest: /home/me/kafka-logs.log
    since: 1795799700
    fetched: {broker-1: {cut: null, unreadable: []}}
"""

RETURN = r"""
dest: {description: Where the file is., returned: success, type: str}
lines: {description: What was found in words., returned: success, type: list, elements: str}
groups:
  description: The errors, with C(level), C(logger), C(example), C(count), C(first), C(last) and C(hosts), the most important first.
  returned: success
  type: list
  elements: dict
"""

import os

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils import _log_groups, _log_merge


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "folder": {"type": "path", "required": True},
            "dest": {"type": "path", "required": True},
            "since": {"type": "float", "required": True},
            "fetched": {"type": "dict", "required": True},
            "missing": {"type": "dict", "default": {}},
        },
        supports_check_mode=True,
    )
    given = module.params
    dest = os.path.abspath(given["dest"])
    try:
        merged = _log_merge.merge(given["folder"], dest, given["since"])
    except OSError as problem:
        module.fail_json(msg=f"The logs cannot be merged into {dest} (kafka_logs_file): {problem}")
    module.exit_json(
        changed=False,
        dest=dest,
        lines=_log_merge.words(merged, given["fetched"], given["missing"], dest),
        groups=[_log_groups.plain(group) for group in merged.groups.sorted()[: _log_merge.MOST_SHOWN]],
    )


if __name__ == "__main__":
    main()
