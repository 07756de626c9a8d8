#!/usr/bin/python
# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Make a running Prometheus use the files on disk, and prove it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: prometheus_reload
short_description: Make a running Prometheus use the files on disk, and prove it
version_added: 0.1.0
description:
  - Compares the time of the last good reload, as Prometheus reports it, with the newest of the given files and folders. Only when
    one is newer, or the last reload failed, the unit is reloaded. So a run that died between writing and reloading is made good.
  - Then waits until Prometheus reports a newer good reload; fails when it reports a bad one.
extends_documentation_fragment: [kraftops.kafka.attributes]
options:
  url: {description: Address of Prometheus on this host., type: str, required: true}
  unit: {description: Its systemd unit., type: str, default: prometheus.service}
  paths:
    description: Files and folders that Prometheus reads only at start and at a reload. A folder counts with the files in it.
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
  description: Time of the last good reload, in seconds since 1970; 0 when Prometheus does not answer in check mode.
  returned: success
  type: float
"""

import os
import time
from typing import NamedTuple, Optional

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils import _local_http

SUCCESSFUL = "prometheus_config_last_reload_successful"
TIMESTAMP = "prometheus_config_last_reload_success_timestamp_seconds"


class Reload(NamedTuple):
    """What Prometheus says of its last reload."""

    good: bool
    time: float


def last_reload(url: str) -> Optional[Reload]:
    """Ask Prometheus for its last reload; None when it does not answer."""
    answer = _local_http.get(f"{url}/metrics")
    if answer is None or answer.status != 200:
        return None
    good, when = (_local_http.metric(answer.text, name) for name in (SUCCESSFUL, TIMESTAMP))
    return None if good is None or when is None else Reload(good == 1, when)


def newest(paths: list[str]) -> float:
    """Return the time of the newest change below the paths; a removed file changes its folder."""
    times = [0.0]
    for path in paths:
        inside = [os.path.join(path, name) for name in os.listdir(path)] if os.path.isdir(path) else []
        times += [os.stat(one).st_mtime for one in [path, *inside] if os.path.exists(one)]
    return max(times)


def wait(url: str, timeout: int, after: Optional[Reload] = None) -> Optional[Reload]:
    """Wait for an answer, and when `after` is given for a reload that is newer or that failed."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        now = last_reload(url)
        if now is not None and (after is None or now.time > after.time):
            return now
        time.sleep(0.3)
    return last_reload(url)


def reload(module: AnsibleModule, before: Reload) -> Reload:
    """Reload the unit and return the proof, or fail."""
    url, unit, timeout = (module.params[name] for name in ("url", "unit", "timeout"))
    code, _out, err = module.run_command(["systemctl", "reload", unit])
    if code != 0:
        module.fail_json(msg=f"{unit} could not be reloaded: {err.strip()}")
    now = wait(url, timeout, before)
    if now is None or not now.good or now.time <= before.time:
        module.fail_json(
            msg=f"Prometheus at {url} did not take its new files: it goes on with the old ones. `journalctl -u {unit}` says why."
        )
        return before
    return now


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "url": {"type": "str", "required": True},
            "unit": {"type": "str", "default": "prometheus.service"},
            "paths": {"type": "list", "elements": "path", "required": True},
            "timeout": {"type": "int", "default": 60},
        },
        supports_check_mode=True,
    )
    url = module.params["url"].rstrip("/")
    state = last_reload(url) if module.check_mode else wait(url, module.params["timeout"])
    if state is None:
        if module.check_mode:
            module.exit_json(changed=True, reloaded_at=0.0)
        module.fail_json(msg=f"Prometheus does not answer at {url}.")
        return
    needed = not state.good or newest(module.params["paths"]) > state.time
    if needed and not module.check_mode:
        state = reload(module, state)
    module.exit_json(changed=needed, reloaded_at=state.time)


if __name__ == "__main__":
    main()
