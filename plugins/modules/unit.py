#!/usr/bin/python
# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keep systemd units enabled, running, and running what their files say."""

from __future__ import annotations

DOCUMENTATION = r"""
module: unit
short_description: Keep systemd units enabled, running, and running what their files say
version_added: 0.1.0
description:
  - Enables and starts units, and restarts one whose unit file or listed files are newer than its process. A handler forgets
    this when a run dies between writing and restarting; the times do not.
  - Never use it for Kafka itself, which restarts only at its turn in a rolling restart.
  - In check mode a unit that does not exist yet is reported as a change.
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying the target.
    support: full
  diff_mode:
    description: There is no difference to show.
    support: none
options:
  units:
    description: The units.
    type: list
    elements: dict
    required: true
    suboptions:
      name: {description: Full name of the unit., type: str, required: true}
      files:
        description: Files, or folders with the files in them, that its process reads only at start.
        type: list
        elements: path
        default: []
      ready_url:
        description: An address that answers 200 when the program is ready.
        type: str
  gone:
    description: A pattern; loaded units that match and are not listed in O(units) are stopped and their files removed.
    type: str
  timeout:
    description: Seconds to wait for the C(ready_url) of a unit after a start.
    type: int
    default: 60
author: The kraftops.kafka maintainers (@kraftops)
"""

EXAMPLES = r"""
- name: Service | Run node_exporter
  kraftops.kafka.unit:
    units:
      - name: node_exporter.service
        files: [/opt/node_exporter/node_exporter-1.12.1/node_exporter]
        ready_url: http://127.0.0.1:9100/
"""

RETURN = r"""
actions:
  description: What was done to which unit.
  returned: always
  type: list
  elements: str
  sample: [restart node_exporter.service]
"""

import os
import time
from typing import Any, Optional

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils import _local_http

PROPERTIES = (
    "LoadState,ActiveState,UnitFileState,NeedDaemonReload,FragmentPath,"
    "ExecMainStartTimestampMonotonic,ActiveEnterTimestampMonotonic"
)
ENABLED = ("enabled", "static", "indirect", "generated")
# How long a unit without an address is watched after its start: one that cannot even begin fails at once.
GRACE = 1.0
RUNNING = ("active", "activating", "reloading")


def systemctl(module: AnsibleModule, *words: str) -> str:
    """Run systemctl and return what it printed; fail in words otherwise."""
    code, out, err = module.run_command(["systemctl", *words])
    if code != 0:
        module.fail_json(msg=f"systemctl {' '.join(words)}: {err.strip() or out.strip()}")
    return str(out)


def show(module: AnsibleModule, name: str) -> dict[str, str]:
    """Return the properties of a unit."""
    out = systemctl(module, "show", name, f"--property={PROPERTIES}")
    return dict(line.split("=", 1) for line in out.splitlines() if "=" in line)


def newest_change(paths: list[str]) -> float:
    """Return when the newest of the files, or of the files in the folders, was last put there (not when it was built)."""
    times = [0.0]
    for path in paths:
        inside = [os.path.join(path, name) for name in os.listdir(path)] if os.path.isdir(path) else []
        times += [os.stat(one).st_ctime for one in [path, *inside] if os.path.exists(one)]
    return max(times)


def started_at(state: dict[str, str]) -> float:
    """Return when the process was started, on the clock of the files; a timer has no process, it becomes active."""
    since = state.get("ExecMainStartTimestampMonotonic") or state.get("ActiveEnterTimestampMonotonic") or 0
    started = int(since) / 1e6
    return time.time() - (time.monotonic() - started)


def needed(state: dict[str, str], files: list[str], unread: bool) -> list[str]:
    """Return which verbs a unit needs; `unread`: its file was newer than what systemd knew, so its process runs the old one."""
    verbs = [] if state.get("UnitFileState") in ENABLED else ["enable"]
    if state.get("ActiveState") not in RUNNING:
        return [*verbs, "start"]
    now = time.time()
    # A time in the future is a clock that was set back, not a change.
    if unread or started_at(state) < newest_change([state.get("FragmentPath", ""), *files]) <= now:
        verbs.append("restart")
    return verbs


def unready(module: AnsibleModule, unit: dict[str, Any]) -> str:
    """Wait until a started unit is ready; return why it is not, or an empty string."""
    deadline = time.monotonic() + (module.params["timeout"] if unit["ready_url"] else GRACE)
    while True:
        answer = _local_http.get(unit["ready_url"], timeout=5) if unit["ready_url"] else None
        if answer is not None and answer.status == 200:
            return ""
        state = show(module, unit["name"])["ActiveState"]
        if state == "failed" or (unit["ready_url"] and time.monotonic() > deadline):
            asked = (
                f", and {unit['ready_url']} answers {answer.status if answer else 'nothing'}"
                if unit["ready_url"]
                else ""
            )
            return f"it is {state}{asked}"
        if time.monotonic() > deadline:
            return ""
        time.sleep(0.3)


def settle(module: AnsibleModule, unit: dict[str, Any], unread: bool) -> list[str]:
    """Bring one unit to where it should be; return what that took."""
    name = unit["name"]
    state = show(module, name)
    if module.check_mode and state["LoadState"] == "not-found":
        return [f"enable {name}", f"start {name}"]
    verbs = needed(state, unit["files"], unread)
    if module.check_mode:
        return [f"{verb} {name}" for verb in verbs]
    for verb in verbs:
        systemctl(module, verb, name)
    reason = unready(module, unit) if {"start", "restart"} & set(verbs) else ""
    if reason:
        _code, log, _err = module.run_command(["journalctl", "--no-pager", "-o", "cat", "-n", "8", "-u", name])
        module.fail_json(msg=f"{name} did not get ready: {reason}. Its last lines:\n{log.strip()}")
    return [f"{verb} {name}" for verb in verbs]


def remove(module: AnsibleModule, pattern: Optional[str], wanted: set[str]) -> list[str]:
    """Stop and remove units that match a pattern and are not wanted any more."""
    if not pattern:
        return []
    out = systemctl(module, "list-units", "--all", "--plain", "--no-legend", pattern)
    strays = sorted({line.split()[0] for line in out.splitlines() if line.strip()} - wanted)
    for name in strays if not module.check_mode else []:
        systemctl(module, "stop", name)
        module.run_command(["systemctl", "disable", name])  # its file may be gone already
        written = os.path.join("/etc/systemd/system", name)
        if os.path.exists(written):
            os.unlink(written)
        module.run_command(["systemctl", "reset-failed", name])
    return [f"remove {name}" for name in strays]


def main() -> None:
    """Run the module."""
    unit_options = {
        "name": {"type": "str", "required": True},
        "files": {"type": "list", "elements": "path", "default": []},
        "ready_url": {"type": "str"},
    }
    module = AnsibleModule(
        argument_spec={
            "units": {"type": "list", "elements": "dict", "required": True, "options": unit_options},
            "gone": {"type": "str"},
            "timeout": {"type": "int", "default": 60},
        },
        supports_check_mode=True,
    )
    units = module.params["units"]
    known = {unit["name"]: show(module, unit["name"]) for unit in units}
    unread = {name for name, state in known.items() if state["NeedDaemonReload"] == "yes"}
    absent = any(state["LoadState"] == "not-found" for state in known.values())
    if (unread or absent) and not module.check_mode:
        systemctl(module, "daemon-reload")
    actions = [action for unit in units for action in settle(module, unit, unit["name"] in unread)]
    actions += remove(module, module.params["gone"], {unit["name"] for unit in units})
    module.exit_json(changed=bool(actions), actions=actions)


if __name__ == "__main__":
    main()
