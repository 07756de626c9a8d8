#!/usr/bin/python
# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Make the password of Grafana's administrator the given one."""

from __future__ import annotations

DOCUMENTATION = r"""
module: grafana_password
short_description: Make the password of Grafana's administrator the given one
version_added: 0.1.0
description:
  - Grafana reads the password of its configuration only when it makes its database. This module tries to log in, and sets the
    password with Grafana's own command only when that is refused.
  - The password goes through standard input, never through the process list.
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying the target.
    support: full
  diff_mode:
    description: A password is never shown.
    support: none
options:
  url: {description: Address of Grafana on this host., type: str, required: true}
  user: {description: Name of the administrator., type: str, default: admin}
  password: {description: The password., type: str, required: true}
  home: {description: Folder of the installed Grafana., type: path, required: true}
  config: {description: Its configuration file., type: path, required: true}
  run_as: {description: Owner of the database., type: str, default: grafana}
  timeout: {description: Seconds to wait for Grafana., type: int, default: 60}
author: The kraftops.kafka maintainers (@kraftops)
"""

EXAMPLES = r"""
- name: Service | Set the administrator's password
  kraftops.kafka.grafana_password:
    url: http://127.0.0.1:3000
    password: "{{ grafana_admin_password }}"
    home: /opt/grafana/grafana-13.2.3
    config: /etc/grafana/grafana.ini
"""

RETURN = r"""
login:
  description: What the first login said.
  returned: always
  type: str
  sample: accepted
"""

import os
import time
from typing import Optional

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils import _local_http


def login(module: AnsibleModule, timeout: float) -> Optional[int]:
    """Log in, waiting for Grafana to answer; return the status, or None when nothing answers."""
    who = _local_http.Login(module.params["user"], module.params["password"])
    deadline = time.monotonic() + timeout
    while True:
        answer = _local_http.get(f"{module.params['url'].rstrip('/')}/api/user", login=who)
        if answer is not None and answer.status < 500:
            return answer.status
        if time.monotonic() > deadline:
            return None if answer is None else answer.status
        time.sleep(0.5)


def reset(module: AnsibleModule) -> None:
    """Set the password with Grafana's own command, as the owner of its database."""
    home, config = module.params["home"], module.params["config"]
    command = ["runuser", "-u", module.params["run_as"], "--", os.path.join(home, "bin", "grafana"), "cli"]
    command += ["--homepath", home, "--config", config, "admin", "reset-admin-password", "--password-from-stdin"]
    code, out, err = module.run_command(command, data=module.params["password"], binary_data=True, cwd=home)
    if code != 0:
        said = (err.strip() or out.strip()).replace(module.params["password"], "********")
        module.fail_json(msg=f"Grafana refused to set the administrator's password: {said}")


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "url": {"type": "str", "required": True},
            "user": {"type": "str", "default": "admin"},
            "password": {"type": "str", "required": True, "no_log": True},
            "home": {"type": "path", "required": True},
            "config": {"type": "path", "required": True},
            "run_as": {"type": "str", "default": "grafana"},
            "timeout": {"type": "int", "default": 60},
        },
        supports_check_mode=True,
    )
    url = module.params["url"]
    status = login(module, 0 if module.check_mode else module.params["timeout"])
    if status == 200:
        module.exit_json(changed=False, login="accepted")
    if module.check_mode:
        module.exit_json(changed=True, login="nothing answers" if status is None else f"status {status}")
    if status != 401:
        module.fail_json(msg=f"Grafana at {url} answers {status or 'nothing'}, so its password could not be checked.")
    reset(module)
    after = login(module, 10)
    if after != 200:
        module.fail_json(msg=f"Grafana at {url} still refuses the new password (status {after}).")
    module.exit_json(changed=True, login="refused, then set")


if __name__ == "__main__":
    main()
