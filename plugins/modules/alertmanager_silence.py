#!/usr/bin/python
# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Silence named alerts of one node for a while."""

from __future__ import annotations

DOCUMENTATION = r"""
module: alertmanager_silence
short_description: Silence named alerts of one node for a while
version_added: 0.1.0
description:
  - Makes a silence for planned work, which ends by itself, or ends it before.
  - Only alerts that are named are silenced, and only those of one node. Alerts that no planned work explains are refused,
    such as KafkaOfflinePartitions or KafkaUnderMinIsrPartitions.
  - Alertmanagers that do not answer are a note, not a failure. Without any Alertmanager nothing is done.
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying the target.
    support: full
  diff_mode:
    description: There is no difference to show.
    support: none
options:
  urls:
    description: Addresses of Alertmanagers that share their silences; the first that answers is asked.
    type: list
    elements: str
    required: true
  state:
    description: Whether there should be a silence.
    type: str
    choices: [present, absent]
    default: present
  alerts: {description: Names of the alerts., type: list, elements: str, required: true}
  matchers:
    description: Labels that an alert must have; C(instance) is required.
    type: dict
    required: true
  seconds:
    description: How long it lasts from now on. One that lasts at least half of it is left alone.
    type: int
    default: 300
  grace:
    description:
      - With O(state=absent), how many seconds it goes on, so that alerts which are over have time to end.
      - V(0) ends it at once.
    type: int
    default: 0
  comment: {description: Why., type: str, default: Planned work}
  author: {description: "Who made it. Only a silence of this author is found again.", type: str, default: kraftops.kafka}
author: The kraftops.kafka maintainers (@kraftops)
"""

EXAMPLES = r"""
- name: Silence | Silence the node at its turn
  kraftops.kafka.alertmanager_silence:
    urls: [http://monitor-1:9093]
    alerts: [KafkaNodeDown]
    matchers: {cluster: orders, instance: broker-1}
    seconds: 300
"""

RETURN = r"""
silence:
  description: The id of the silence; empty when there is none.
  returned: always
  type: str
note:
  description: Why nothing could be done; empty otherwise.
  returned: always
  type: str
"""

from datetime import datetime, timezone
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils._silences import (
    Alertmanager,
    AlertmanagerError,
    Wanted,
    refusal,
    seconds_left,
)


def present(manager: Alertmanager, wanted: Wanted, params: dict[str, Any], check: bool) -> dict[str, Any]:
    """Make a silence, or let one that ends too soon last longer."""
    known = manager.active(wanted)
    if known and seconds_left(known, datetime.now(timezone.utc)) >= params["seconds"] / 2:
        return {"changed": False, "silence": known["id"]}
    if check:
        return {"changed": True, "silence": known["id"] if known else ""}
    return {"changed": True, "silence": manager.put(wanted, params["comment"], params["seconds"], known)}


def absent(manager: Alertmanager, wanted: Wanted, params: dict[str, Any], check: bool) -> dict[str, Any]:
    """End a silence, now or in a while; one that ends as soon by itself is left alone."""
    known = manager.active(wanted)
    if not known or (params["grace"] and seconds_left(known, datetime.now(timezone.utc)) <= params["grace"]):
        return {"changed": False, "silence": known["id"] if known else ""}
    if check:
        return {"changed": True, "silence": known["id"]}
    if params["grace"]:
        return {"changed": True, "silence": manager.put(wanted, known["comment"], params["grace"], known)}
    manager.remove(known["id"])
    return {"changed": True, "silence": ""}


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "urls": {"type": "list", "elements": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "alerts": {"type": "list", "elements": "str", "required": True},
            "matchers": {"type": "dict", "required": True},
            "seconds": {"type": "int", "default": 300},
            "grace": {"type": "int", "default": 0},
            "comment": {"type": "str", "default": "Planned work"},
            "author": {"type": "str", "default": "kraftops.kafka"},
        },
        supports_check_mode=True,
    )
    params = module.params
    labels = {str(name): str(value) for name, value in params["matchers"].items()}
    why = refusal(params["alerts"], labels)
    if why:
        module.fail_json(msg=why)
    if not params["urls"]:
        module.exit_json(changed=False, silence="", note="")
    wanted = Wanted(tuple(params["alerts"]), labels, params["author"])
    act = present if params["state"] == "present" else absent
    try:
        module.exit_json(note="", **act(Alertmanager(params["urls"]), wanted, params, module.check_mode))
    except AlertmanagerError as failure:
        outcome = "no alert is silenced" if params["state"] == "present" else "its silence ends by itself"
        module.exit_json(changed=False, silence="", note=f"{failure}: {outcome}.")


if __name__ == "__main__":
    main()
