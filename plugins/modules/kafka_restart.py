#!/usr/bin/python
# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Restart Kafka on this host, in one job of systemd."""

from __future__ import annotations

DOCUMENTATION = r"""
module: kafka_restart
short_description: Restart Kafka on one host, and say how long that took
version_added: 0.1.0
description:
  - Asks systemd for one restart job. It lives on in systemd when the control node dies, so that no broker stays down for that.
  - Makes systemd read the unit again, and forget earlier starts. The unit's start limit is there for a process that crashes.
  - Does not wait until Kafka serves; that is M(kraftops.kafka.node_ready).
extends_documentation_fragment: [kraftops.kafka.attributes]
author: The kraftops.kafka maintainers (@kraftops)
"""

EXAMPLES = r"""
- name: Turn | Restart
  kraftops.kafka.kafka_restart:
"""

RETURN = r"""
seconds: {description: How long systemd took to stop the old process and to start the new one., returned: always, type: float}
ended:
  description: When that was done, in seconds of the host's monotonic clock; O(kraftops.kafka.node_ready#module:since) takes it.
  returned: when not in check mode
  type: float
new_process: {description: Whether another process runs than before., returned: always, type: bool}
"""

import time

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils._node_report import assignments

UNIT = "kafka.service"


def process(module: AnsibleModule) -> tuple[str, str]:
    """Return what tells one process from another: its number, and when it was started."""
    _code, out, _err = module.run_command(
        ["systemctl", "show", "--property=MainPID,ExecMainStartTimestampMonotonic", UNIT]
    )
    found = assignments(out)
    return found.get("MainPID", "0"), found.get("ExecMainStartTimestampMonotonic", "0")


def systemctl(module: AnsibleModule, *words: str) -> None:
    """Run systemctl; fail in words."""
    code, out, err = module.run_command(["systemctl", *words])
    if code != 0:
        _code, log, _err = module.run_command(["journalctl", f"--unit={UNIT}", "--lines=8", "--output=cat", "--quiet"])
        said = err.strip() or out.strip()
        module.fail_json(msg=f"systemctl {' '.join(words)}: {said}. The end of its journal:\n{log.strip()}")


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    if module.check_mode:
        module.exit_json(changed=True, seconds=0.0, new_process=False)
    before, started = process(module), time.monotonic()
    systemctl(module, "daemon-reload")
    # Fails for a unit that has never run, which has nothing to forget.
    module.run_command(["systemctl", "reset-failed", UNIT])
    systemctl(module, "restart", UNIT)
    ended = time.monotonic()
    seconds = round(ended - started, 1)
    module.exit_json(changed=True, seconds=seconds, ended=ended, new_process=process(module) != before)


if __name__ == "__main__":
    main()
