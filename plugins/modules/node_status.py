#!/usr/bin/python
# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Report how the Kafka process of a host is."""

from __future__ import annotations

DOCUMENTATION = r"""
module: node_status
short_description: Report how the Kafka process of a host is
version_added: 0.1.0
description:
  - Reads the state of the unit, the version and the age of the process that really runs, and the use of its disks.
  - Asks Kafka nothing and changes nothing.
extends_documentation_fragment: [kraftops.kafka.attributes]
options:
  directories: {description: Kafka's data directories on this host., type: list, elements: path, default: []}
  log_dir: {description: The directory of Kafka's own logs., type: path, required: true}
author: The kraftops.kafka maintainers (@kraftops)
"""

EXAMPLES = r"""
- name: Status | Read this node
  kraftops.kafka.node_status:
    directories: [/var/lib/kafka/data]
    log_dir: /var/log/kafka
"""

RETURN = r"""
status:
  description: What was read.
  returned: always
  type: dict
  contains:
    state: {description: "systemd's words for the unit, such as C(active running) or C(failed failed).", type: str}
    masked: {description: Whether the unit is masked., type: bool}
    restarts: {description: How often systemd has restarted the process by itself., type: int}
    pid: {description: "The process, 0 for none.", type: int}
    version: {description: "The version of Kafka that the process runs, empty when unknown.", type: str}
    uptime_seconds: {description: "How long the process has been running, null for none.", type: int}
    disks: {description: "For each directory its C(path) and the C(total_bytes) and C(free_bytes) of its file system.", type: list}
    log_bytes: {description: The size of Kafka's own logs., type: int}
    recovery:
      description:
        - What the node's log says about the recovery of its logs after an unclean stop, with C(logs), C(recovered),
          C(directories), C(seconds) and whether it is still C(recovering); null after a clean stop, and without a process.
      type: dict
    lock: {description: "The run that has locked the cluster, and the C(age_seconds) of the lock; null for none.", type: dict}
"""

import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils import _cluster_lock, _loaded_state, _process, _recovery
from ansible_collections.kraftops.kafka.plugins.module_utils._node_report import assignments, is_masked

UNIT = "kafka.service"
PROPERTIES = "LoadState,ActiveState,SubState,MainPID,NRestarts"


def running_version(pid: int) -> str:
    """Return the version that a process runs; where its open files may not be seen, the one that its start noted."""
    noted = _loaded_state.read_loaded(_loaded_state.FOLDER, reveal=False)["kafka"]["version"]
    return _process.kafka_version(pid) or str(noted)


def status(module: AnsibleModule) -> dict[str, Any]:
    """Read everything."""
    _code, out, _err = module.run_command(["systemctl", "show", f"--property={PROPERTIES}", UNIT])
    unit = assignments(out)
    pid = int(unit.get("MainPID") or 0)
    return {
        "state": f"{unit.get('ActiveState', 'unknown')} {unit.get('SubState', '')}".strip(),
        "masked": is_masked(UNIT, unit.get("LoadState", "")),
        "restarts": int(unit.get("NRestarts") or 0),
        "pid": pid,
        "version": running_version(pid) if pid else "",
        "uptime_seconds": _process.uptime_seconds(pid) if pid else None,
        "disks": [{"path": path, **_process.disk(path)} for path in module.params["directories"]],
        "log_bytes": _process.folder_bytes(module.params["log_dir"]),
        "recovery": _recovery.read(os.path.join(module.params["log_dir"], "server.log")) if pid else None,
        "lock": _cluster_lock.read(),
    }


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "directories": {"type": "list", "elements": "path", "default": []},
            "log_dir": {"type": "path", "required": True},
        },
        supports_check_mode=True,
    )
    module.exit_json(changed=False, status=status(module))


if __name__ == "__main__":
    main()
