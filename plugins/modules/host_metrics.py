#!/usr/bin/python
# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Write facts about a Kafka host as metrics for node_exporter's textfile collector."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_metrics
short_description: Write facts about a Kafka host as metrics for node_exporter
version_added: 0.1.0
description:
  - Tells which mount holds each log directory (C(kafka_log_dir_info)), so that disk metrics can be joined to Kafka, and how fast a
    network device is (C(kafka_host_network_speed_bytes)), where the host itself does not know.
extends_documentation_fragment: [kraftops.kafka.attributes.diff]
options:
  path: {description: The file; its folder must exist., type: path, required: true}
  log_dirs: {description: Directories of Kafka; they need not exist yet., type: list, elements: path, default: []}
  network_speed:
    description: Speed of network devices in Mbit/s, by the name of the device.
    type: dict
    default: {}
author: The kraftops.kafka maintainers (@kraftops)
"""

EXAMPLES = r"""
- name: Configure | Tell node_exporter of Kafka's directories
  kraftops.kafka.host_metrics:
    path: /var/lib/node_exporter/textfile/kafka.prom
    log_dirs: [/var/lib/kafka/data]
    network_speed: {eth0: 10000}
"""

RETURN = r"""
mounts:
  description: The mount point of each directory.
  returned: always
  type: dict
  sample: {/var/lib/kafka/data: /var/lib/kafka}
"""

import os
import re
from typing import NamedTuple

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils._files import Difference, read_text

MOUNTS = "/proc/self/mounts"


class Mount(NamedTuple):
    """One line of the mount table, named as node_exporter names it."""

    device: str
    point: str


def parse_mounts(text: str) -> list[Mount]:
    """Read a mount table; later lines lie over earlier ones."""
    rows = [line.split() for line in text.splitlines()]
    return [Mount(_unescape(row[0]), _unescape(row[1])) for row in rows if len(row) >= 3]


def _unescape(text: str) -> str:
    """Replace the octal escapes of blanks and backslashes."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found.group(1), 8)), text)


def mount_of(directory: str, mounts: list[Mount]) -> Mount:
    """Return the mount that holds (or will hold) a directory: the one with the longest matching path, the last of equals."""
    real = os.path.realpath(directory)
    best = Mount("", "/")
    for mount in mounts:
        inside = real == mount.point or real.startswith(mount.point.rstrip("/") + "/")
        if inside and len(mount.point) >= len(best.point):
            best = mount
    return best


def quoted(value: str) -> str:
    """Return a label value in quotes."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def render(places: dict[str, Mount], speeds: dict[str, float]) -> str:
    """Return the text of the metrics file."""
    lines = [
        "# HELP kafka_log_dir_info The mount that holds a directory of Kafka.",
        "# TYPE kafka_log_dir_info gauge",
    ]
    for directory, mount in sorted(places.items()):
        labels = f"log_dir={quoted(directory)},mountpoint={quoted(mount.point)},device={quoted(mount.device)}"
        lines.append(f"kafka_log_dir_info{{{labels}}} 1")
    if speeds:
        lines.append(
            "# HELP kafka_host_network_speed_bytes Speed of a network device in bytes a second, from the inventory."
        )
        lines.append("# TYPE kafka_host_network_speed_bytes gauge")
    for device, megabits in sorted(speeds.items()):
        lines.append(f"kafka_host_network_speed_bytes{{device={quoted(device)}}} {int(megabits * 125000)}")
    return "\n".join(lines) + "\n"


def write(module: AnsibleModule, text: str) -> None:
    """Replace the file in one step, readable for node_exporter."""
    temporary = os.path.join(module.tmpdir, "kafka.prom")
    with open(temporary, "w", encoding="utf-8") as handle:
        handle.write(text)
    os.chmod(temporary, 0o644)
    module.atomic_move(temporary, module.params["path"])


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "log_dirs": {"type": "list", "elements": "path", "default": []},
            "network_speed": {"type": "dict", "default": {}},
        },
        supports_check_mode=True,
    )
    with open(MOUNTS, encoding="utf-8", errors="replace") as handle:
        mounts = parse_mounts(handle.read())
    places = {directory: mount_of(directory, mounts) for directory in module.params["log_dirs"]}
    try:
        speeds = {str(name): float(speed) for name, speed in module.params["network_speed"].items()}
    except (TypeError, ValueError):
        module.fail_json(msg=f"network_speed: {module.params['network_speed']}: a speed is a number of Mbit/s.")
        return
    path = module.params["path"]
    difference = Difference(path, read_text(path), render(places, speeds))
    if difference.changed and not module.check_mode:
        write(module, difference.after)
    points = {directory: mount.point for directory, mount in places.items()}
    module.exit_json(changed=difference.changed, mounts=points, diff=difference.as_diff())


if __name__ == "__main__":
    main()
