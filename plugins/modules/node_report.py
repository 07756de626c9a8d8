#!/usr/bin/python
# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Report what a Kafka host is and holds, changing nothing."""

from __future__ import annotations

DOCUMENTATION = r"""
module: node_report
short_description: Report what a Kafka host is and holds
version_added: 0.1.0
description:
  - Reads everything that the preflight and the identity of a cluster are decided by, in one call.
  - Reads live and changes nothing, in check mode too.
  - Runs through an action of the same name, which adds when the control node asked and when it had the answer.
extends_documentation_fragment: [kraftops.kafka.attributes]
options:
  directories:
    description: Kafka's directories on this host.
    type: list
    elements: path
    default: []
  log_dir:
    description: Directory of Kafka's own logs.
    type: path
  ports:
    description: TCP ports that must be free here, or held by our own units.
    type: list
    elements: int
    default: []
  names:
    description: Names and addresses that this host must be able to resolve.
    type: list
    elements: str
    default: []
  java_home:
    description: The Java installation that Kafka is to run with; empty for the one that the role installs.
    type: str
    default: ""
author: The kraftops.kafka maintainers (@kraftops)
"""

EXAMPLES = r"""
- name: Preflight | Read the hosts
  kraftops.kafka.node_report:
    directories: [/var/lib/kafka/data]
    ports: [9092]
    names: [broker-1, broker-2]
"""

RETURN = r"""
report:
  description: Everything that was read.
  returned: always
  type: dict
  contains:
    os: {description: "C(id), C(version) and C(name) out of os-release.", type: dict}
    machine: {description: The kernel's name of the architecture., type: str}
    cpus: {description: Usable processors., type: int}
    memory_bytes: {description: Usable memory in bytes., type: int}
    container: {description: "Kind of container, empty on a machine.", type: str}
    clock: {description: C(time) in seconds since 1970 and C(synchronized)., type: dict}
    java_home: {description: The value of O(java_home)., type: str}
    java: {description: Java installations with C(home) and C(version)., type: list}
    names: {description: What each name resolves to here., type: dict}
    listeners: {description: Who listens on the ports in question., type: list}
    directories: {description: "Mount, space and identity of each directory.", type: list}
    log_filesystem:
      description: Mount point and space of the file system of O(log_dir), and the most bytes of it that the journal takes.
      type: dict
    manifest: {description: "This node's manifest, or null.", type: dict}
    kafka_active: {description: Whether the unit kafka.service has a running process., type: bool}
    kafka_masked: {description: Whether somebody has masked that unit., type: bool}
    kafka_version: {description: "The version of Kafka that runs; of a stopped one, which its files start; or empty.", type: str}
    proposal: {description: Fresh random C(cluster_id) and C(directory_id) that a new cluster may use., type: dict}
"""

import os
import platform
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils import (
    _loaded_state,
    _log_filesystem,
    _node_report,
    _storage,
)

UNIT = "kafka.service"


def unit(module: AnsibleModule) -> dict[str, bool]:
    """Tell whether the unit has a process (running, starting or stopping, but not waiting to be started again) or is masked."""
    systemctl = module.get_bin_path("systemctl")
    if not systemctl:
        return {"kafka_active": False, "kafka_masked": False}
    _code, out, _err = module.run_command([systemctl, "show", "--property=MainPID,LoadState", UNIT])
    found = _node_report.assignments(out)
    return {
        "kafka_active": found.get("MainPID", "0") not in ("", "0"),
        "kafka_masked": _node_report.is_masked(UNIT, found.get("LoadState", "")),
    }


def report(module: AnsibleModule) -> dict[str, Any]:
    """Read everything."""
    table, state, log_dir = _storage.mounts(), unit(module), module.params["log_dir"]
    return {
        "os": _node_report.operating_system(),
        "machine": platform.machine(),
        "cpus": len(os.sched_getaffinity(0)),
        "memory_bytes": _node_report.memory_bytes(),
        "container": _node_report.container(),
        "java_home": module.params["java_home"],
        "java": _node_report.java_installations(module.params["java_home"]),
        "names": {name: _node_report.resolve(name) for name in module.params["names"]},
        "listeners": _node_report.listeners(module.params["ports"]),
        "directories": [_storage.directory(path, table) for path in module.params["directories"]],
        "log_filesystem": _log_filesystem.log_filesystem(log_dir) if log_dir else None,
        "manifest": _storage.read_manifest(),
        **state,
        "kafka_version": _loaded_state.kafka_version(state["kafka_active"]),
        "proposal": {"cluster_id": _storage.random_id(), "directory_id": _storage.random_id()},
        "clock": _node_report.clock(),
    }


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "directories": {"type": "list", "elements": "path", "default": []},
            "log_dir": {"type": "path"},
            "ports": {"type": "list", "elements": "int", "default": []},
            "names": {"type": "list", "elements": "str", "default": []},
            "java_home": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    try:
        module.exit_json(changed=False, report=report(module))
    except (OSError, ValueError) as problem:
        module.fail_json(msg=str(problem))


if __name__ == "__main__":
    main()
