#!/usr/bin/python
# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Take and give back a host's share in the lock of its cluster."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_lock
short_description: Let only one run at a time change a cluster
version_added: 0.1.0
description:
  - A lock is a file on the hosts of a cluster. It says who runs what since when, and is given back when the run ends.
  - Runs through an action of the same name, which fills in O(owner), and replaces the lock of a run whose process on the same
    control node has ended. A lock from another control node stands until O(replace) says otherwise, because nobody can tell
    from here whether that run still works.
  - Taking a lock that this run has already, and giving back one that it has not, does nothing.
  - A lock that is held by another run is no failure here; look at RV(refused).
extends_documentation_fragment: [kraftops.kafka.attributes]
options:
  state:
    description: Whether this run has the lock.
    type: str
    choices: [held, released]
    required: true
  owner:
    description: The run, with C(run), its identity, C(who), C(host), C(what) and C(pid). Filled in by the action.
    type: dict
    default: {}
  replace:
    description: The C(run) whose lock may be replaced; V(*) for any.
    type: str
    default: ""
author: The kraftops.kafka maintainers (@kraftops)
"""

EXAMPLES = r"""
- name: Lock | Take the lock
  kraftops.kafka.cluster_lock:
    state: held
    replace: "{{ '*' if kafka_break_lock else '' }}"
  register: __kafka_lock

- name: Lock | Give it back
  kraftops.kafka.cluster_lock:
    state: released
"""

RETURN = r"""
refused: {description: "The lock of another run, with its C(age_seconds); null when there is none.", returned: always, type: dict}
replaced: {description: The lock that was replaced; null when none was., returned: always, type: dict}
text: {description: Whose lock RV(refused) or RV(replaced) is., returned: when there is one, type: str}
"""

import json
from typing import Any, Optional

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils import _cluster_lock


def act(params: dict[str, Any], check_mode: bool) -> dict[str, Optional[dict[str, Any]]]:
    """Take the lock or give it back; check mode only tells who stands in the way."""
    nothing: dict[str, Optional[dict[str, Any]]] = {"refused": None, "replaced": None}
    owner = params["owner"]
    if params["state"] == "released":
        if not check_mode:
            _cluster_lock.give_back(owner["run"])
        return nothing
    if check_mode:
        found = _cluster_lock.read()
        return {**nothing, "refused": found if found and found.get("run") != owner["run"] else None}
    return _cluster_lock.take(owner, params["replace"])


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["held", "released"], "required": True},
            "owner": {"type": "dict", "default": {}},
            "replace": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    if not module.params["owner"].get("run"):
        module.fail_json(msg="owner is empty: nobody can take or give back a lock without saying who")
    try:
        # A lock is no part of a host's state: taking and giving it back changes nothing that a user asked for.
        module.exit_json(changed=False, **act(module.params, module.check_mode))
    except (OSError, json.JSONDecodeError) as problem:
        module.fail_json(msg=f"{_cluster_lock.PATH}: {problem}")


if __name__ == "__main__":
    main()
