#!/usr/bin/python
# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Report what the running Kafka process has loaded."""

from __future__ import annotations

DOCUMENTATION = r"""
module: loaded_state
short_description: Report what the running Kafka process has loaded
version_added: 0.1.0
description:
  - Reads the copies and digests that the unit of Kafka keeps at each of its starts, and compares the unit itself with
    what systemd knows and with its file. However the process was started, the answer is about this very process.
  - Changes nothing.
extends_documentation_fragment: [kraftops.kafka.attributes]
options:
  unit: {description: The unit., type: str, default: kafka.service}
  folder: {description: Where it keeps the copies., type: path, default: /run/kafka/loaded}
  config_folder: {description: Where the files lie that the next start would load., type: path, default: /etc/kafka}
  reveal:
    description: Return secret values as they are, instead of digests. The task needs C(no_log) then.
    type: bool
    default: false
author: The kraftops.kafka maintainers (@kraftops)
"""

EXAMPLES = r"""
- name: Plan | Read what Kafka has loaded
  kraftops.kafka.loaded_state:
  register: __kafka_loaded
"""

RETURN = r"""
state:
  description: What is known of the process and its unit.
  returned: always
  type: dict
  contains:
    running: {description: Whether the unit has a process., type: bool}
    active_state: {description: "systemd's word, such as C(active) or C(failed).", type: str}
    pid: {description: "The process, 0 for none.", type: int}
    started: {description: When it was started in seconds since 1970; 0 for never., type: float}
    started_monotonic: {description: The same in microseconds since boot; the same number for the same start., type: int}
    invocation: {description: systemd's id of this start., type: str}
    restarts: {description: How often systemd has restarted it by itself., type: int}
    known: {description: Whether there are copies of this very start., type: bool}
    why: {description: Why they are not known., type: str}
    properties: {description: "The loaded server.properties, or null.", type: dict}
    jvm_options: {description: "The loaded options of the JVM in their order, or null.", type: list}
    log_config:
      description:
        - C(file), C(loggers) with their levels, and C(sha256) of what was loaded; or null.
        - C(appenders) is a digest of log4j.properties (3.9) without its levels, which are set live; empty for log4j2.
      type: dict
    java: {description: "C(path), C(version) and C(runtime_version) at the start; or null.", type: dict}
    kafka: {description: "C(class_path) and C(version) at the start; or null.", type: dict}
    files: {description: "Digests of the other files that the start has read, by path; or null.", type: dict}
    changed_files: {description: "Those of them that differ now, the unit's own left out; or null.", type: list}
    disk:
      description:
        - C(properties) and C(jvm_options) as they lie in O(config_folder) now; empty where there are none.
        - C(appenders), the digest of log4j.properties without its levels as it lies there.
        - C(dynamic_keys), the properties whose dynamic values the collection has set.
      type: dict
    unit:
      description: The unit.
      type: dict
      contains:
        state: {description: "systemd's word, such as C(enabled) or C(masked).", type: str}
        path: {description: Its file., type: str}
        need_daemon_reload: {description: Whether systemd knows an older text than the files hold., type: bool}
        drop_ins: {description: Drop-ins that systemd knows., type: list}
        digest: {description: "The unit's text as the C(process), C(systemd) and the C(file) carry it.", type: dict}
        file_edited: {description: Whether the file's text is not the one that its digest was made from., type: bool}
        process_read_older:
          description: Whether the files were newer than what systemd knew when it started the process; null when not known.
          type: bool
        changed_since_start:
          description: The unit's file and drop-ins that changed, came or went since the start; null when not known.
          type: list
        pending:
          description: In words, why the running process does not run by what the unit's files say now; empty when it does.
          type: list
"""

import time
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils import _loaded_state
from ansible_collections.kraftops.kafka.plugins.module_utils._node_report import assignments, read

SHOWN = (
    "ActiveState,MainPID,NRestarts,InvocationID,ExecMainStartTimestampMonotonic,"
    "UnitFileState,NeedDaemonReload,FragmentPath,DropInPaths,Environment"
)
LOG4J = "log4j.properties"
LOADED = ("properties", "jvm_options", "log_config", "java", "kafka", "files")


def show(module: AnsibleModule) -> dict[str, str]:
    """Return what systemd says of the unit; nothing where there is no systemd."""
    systemctl = module.get_bin_path("systemctl")
    if not systemctl:
        return {}
    code, out, err = module.run_command([systemctl, "show", module.params["unit"], f"--property={SHOWN}"])
    if code != 0:
        module.fail_json(msg=f"systemctl show {module.params['unit']}: {err.strip() or out.strip()}")
    return assignments(out)


def why_unknown(running: bool, loaded: dict[str, Any], invocation: str) -> str:
    """Return why the copies do not speak of the running process; empty when they do."""
    if not running:
        return "no process is running"
    if not loaded["invocation"]:
        return "its start kept no copies of what it loaded"
    return "" if loaded["invocation"] == invocation else "the copies are of another start"


def report(module: AnsibleModule) -> dict[str, Any]:
    """Read everything."""
    shown = show(module)
    pid = int(shown.get("MainPID") or 0)
    monotonic = int(shown.get("ExecMainStartTimestampMonotonic") or 0)
    loaded = _loaded_state.read_loaded(module.params["folder"], module.params["reveal"])
    why = why_unknown(pid > 0, loaded, shown.get("InvocationID", ""))
    environment = read(f"/proc/{pid}/environ").replace("\0", "\n") if pid else ""
    own, folder = loaded if not why else None, module.params["config_folder"]
    return {
        "running": pid > 0,
        "active_state": shown.get("ActiveState", ""),
        "pid": pid,
        "started": round(time.time() - time.monotonic() + monotonic / 1e6, 3) if monotonic else 0.0,
        "started_monotonic": monotonic,
        "invocation": shown.get("InvocationID", ""),
        "restarts": int(shown.get("NRestarts") or 0),
        "known": not why,
        "why": why,
        **{key: own[key] if own else None for key in LOADED},
        "changed_files": _loaded_state.changed_files(own, shown.get("FragmentPath", "")) if own else None,
        "disk": {
            **_loaded_state.read_files(folder, module.params["reveal"]),
            "appenders": _loaded_state.appenders_digest(LOG4J, read(f"{folder}/{LOG4J}")),
            "dynamic_keys": _loaded_state.read_dynamic_keys(folder),
        },
        "unit": _loaded_state.unit_state(own, shown, environment or None),
    }


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "unit": {"type": "str", "default": "kafka.service"},
            "folder": {"type": "path", "default": _loaded_state.FOLDER},
            "config_folder": {"type": "path", "default": _loaded_state.CONFIG_FOLDER},
            "reveal": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    module.exit_json(changed=False, state=report(module))


if __name__ == "__main__":
    main()
