#!/usr/bin/python
# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Make a running Prometheus or Alertmanager use the files on disk, and prove it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: prometheus_reload
short_description: Make a running Prometheus or Alertmanager use the files on disk, and prove it
version_added: 0.1.0
description:
  - Compares the time of the last good reload, as the program reports it, with the newest of the given files and folders. Only when
    one is newer, or the last reload failed, the unit is reloaded. So a run that died between writing and reloading is made good.
  - Then waits until it reports a newer good reload; fails when it reports a bad one.
extends_documentation_fragment: [kraftops.kafka.attributes]
options:
  url: {description: Address of the program on this host., type: str, required: true}
  program:
    description: Which program it is. Both name their metrics of a reload alike.
    type: str
    choices: [prometheus, alertmanager]
    default: prometheus
  unit: {description: Its systemd unit; empty means the one named after the program., type: str, default: ""}
  paths:
    description: Files and folders that it reads only at start and at a reload. A folder counts with the files in it.
    type: list
    elements: path
    required: true
  timeout: {description: Seconds to wait., type: int, default: 60}
author: The kraftops.kafka maintainers (@kraftops)
"""

EXAMPLES = r"""
- name: Service | Reload Prometheus when its files are newer
  kraftops.kafka.prometheus_reload:
    url: http://127.0.0.1:9090
    paths: [/etc/prometheus/prometheus.yml, /etc/prometheus/rules]
"""

RETURN = r"""
reloaded_at:
  description: Time of the last good reload, in seconds since 1970; 0 when the program does not answer in check mode.
  returned: success
  type: float
"""

import os
import time
from typing import Any, NamedTuple, Optional

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils import _local_http

PROGRAMS = ("prometheus", "alertmanager")
SUCCESSFUL = "_config_last_reload_successful"
TIMESTAMP = "_config_last_reload_success_timestamp_seconds"


class Reload(NamedTuple):
    """What the program says of its last reload."""

    good: bool
    time: float


def last_reload(url: str, program: str) -> Optional[Reload]:
    """Ask the program for its last reload; None when it does not answer."""
    answer = _local_http.get(f"{url}/metrics")
    if answer is None or answer.status != 200:
        return None
    good, when = (_local_http.metric(answer.text, program + name) for name in (SUCCESSFUL, TIMESTAMP))
    return None if good is None or when is None else Reload(good == 1, when)


def newest(paths: list[str]) -> float:
    """Return the time of the newest change below the paths; a removed file changes its folder."""
    times = [0.0]
    for path in paths:
        inside = [os.path.join(path, name) for name in os.listdir(path)] if os.path.isdir(path) else []
        times += [os.stat(one).st_mtime for one in [path, *inside] if os.path.exists(one)]
    return max(times)


def wait(params: dict[str, Any], after: Optional[Reload] = None) -> Optional[Reload]:
    """Wait for an answer, and when `after` is given for a reload that is newer or that failed."""
    url, program = params["url"], params["program"]
    deadline = time.monotonic() + params["timeout"]
    while time.monotonic() < deadline:
        now = last_reload(url, program)
        if now is not None and (after is None or now.time > after.time):
            return now
        time.sleep(0.3)
    return last_reload(url, program)


def reload(module: AnsibleModule, before: Reload) -> Reload:
    """Reload the unit and return the proof, or fail."""
    url, unit, program = (module.params[name] for name in ("url", "unit", "program"))
    unit = unit or f"{program}.service"
    code, _out, err = module.run_command(["systemctl", "reload", unit])
    if code != 0:
        module.fail_json(msg=f"{unit} could not be reloaded: {err.strip()}")
    now = wait(module.params, before)
    if now is None or not now.good or now.time <= before.time:
        module.fail_json(
            msg=f"{program.capitalize()} at {url} did not take its new files: it goes on with the old ones. "
            f"`journalctl -u {unit}` says why."
        )
        return before
    return now


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "url": {"type": "str", "required": True},
            "program": {"type": "str", "choices": list(PROGRAMS), "default": "prometheus"},
            "unit": {"type": "str", "default": ""},
            "paths": {"type": "list", "elements": "path", "required": True},
            "timeout": {"type": "int", "default": 60},
        },
        supports_check_mode=True,
    )
    url = module.params["url"] = module.params["url"].rstrip("/")
    program = module.params["program"]
    state = last_reload(url, program) if module.check_mode else wait(module.params)
    if state is None:
        if module.check_mode:
            module.exit_json(changed=True, reloaded_at=0.0)
        module.fail_json(msg=f"{program.capitalize()} does not answer at {url}.")
        return
    needed = not state.good or newest(module.params["paths"]) > state.time
    if needed and not module.check_mode:
        state = reload(module, state)
    module.exit_json(changed=needed, reloaded_at=state.time)


if __name__ == "__main__":
    main()
