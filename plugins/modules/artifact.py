#!/usr/bin/python
# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keep one pinned artifact installed in its versioned folder."""

from __future__ import annotations

DOCUMENTATION = r"""
module: artifact
short_description: Keep a pinned artifact installed in its versioned folder
version_added: 0.1.0
description:
  - Installs one component and version of the artifact catalogue as C(<root>/<component>/<component>-<version>).
  - The digest of the file is checked before anything is unpacked, and the content of the installed files at every run.
    A file that was replaced or damaged is put back.
  - The new folder takes the place of the old one as a whole; after any failure what was installed is still there.
  - An unknown component, version or architecture is refused, and so is an artifact without a digest.
options:
  component:
    description: Name of the component in the catalogue, C(packaging/catalogue.yml) of this collection.
    type: str
    required: true
  version:
    description: Version of the component.
    type: str
    required: true
  source:
    description:
      - Where the artifact comes from.
      - V(official) is the address in the catalogue; the host downloads it. Python wheels are fetched with pip on the control node.
      - C(https://…) is a mirror that has the official file names in one folder; the host downloads from there.
      - C(file:///…) is a folder on the host with the official file names.
      - C(/…) is a folder on the control node, either made by C(make artifacts) (with its C(manifest.json)) or holding the official
        files; the file is sent to the host.
    type: str
    default: official
  catalogue:
    description:
      - Components, versions and digests to add to the catalogue, or to replace there.
      - Same shape as C(components) in C(packaging/catalogue.yml).
    type: dict
    default: {}
  optional:
    description: Whether an artifact that the folder's manifest declares missing is reported (RV(available) is false) instead of failing.
    type: bool
    default: false
  root:
    description: Folder that holds the components.
    type: path
    default: /opt
  plan:
    description: What the control node worked out for each architecture. Set by the action plugin, not by people.
    type: dict
  upload:
    description: Path on the host of the file that the action plugin has sent. Set by the action plugin, not by people.
    type: path
attributes:
  check_mode:
    description: Predicts the change; nothing is downloaded or sent.
    support: full
  diff_mode:
    description: Shows version and digest before and after.
    support: full
author:
  - The kraftops.kafka maintainers (@kraftops)
"""

EXAMPLES = r"""
- name: Install Prometheus from its official address
  kraftops.kafka.artifact:
    component: prometheus
    version: 3.13.4

- name: Install a version that the catalogue does not know, from a mirror
  kraftops.kafka.artifact:
    component: node_exporter
    version: 1.13.0
    source: https://mirror.example.com/kafka
    catalogue:
      node_exporter:
        versions:
          "1.13.0":
            digests:
              amd64: sha256:0000000000000000000000000000000000000000000000000000000000000000

- name: Install Grafana, where the staged folder has it
  kraftops.kafka.artifact:
    component: grafana
    version: 13.2.3
    source: /srv/artifacts
    optional: true
  register: grafana
"""

RETURN = r"""
path:
  description: The versioned folder.
  type: str
  returned: success
  sample: /opt/prometheus/prometheus-3.13.4
available:
  description: Whether the artifact can be had; false only with O(optional=true).
  type: bool
  returned: success
reason:
  description: Why it cannot be had, or why it was installed.
  type: str
  returned: success
  sample: prometheus has another content
origin:
  description: Where the artifact comes from.
  type: str
  returned: success
digest:
  description: SHA-256 of the key files as they are installed; empty when nothing is installed yet (check mode).
  type: dict
  returned: success
  sample: {prometheus: 87f21a66f96c597a189cef8d640e8921b621fc17a9feff707c332c4f3b3ddd56}
packages:
  description: Debian packages that the program needs on this host's release.
  type: list
  elements: str
  returned: success
"""

import os
import platform
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils._artifact_fetch import fetch
from ansible_collections.kraftops.kafka.plugins.module_utils._artifact_install import (
    InstallError,
    Target,
    faults,
    install,
    read_marker,
)

ARGUMENTS = {
    "component": {"type": "str", "required": True},
    "version": {"type": "str", "required": True},
    "source": {"type": "str", "default": "official"},
    "catalogue": {"type": "dict", "default": {}},
    "optional": {"type": "bool", "default": False},
    "root": {"type": "path", "default": "/opt"},
    "plan": {"type": "dict"},
    "upload": {"type": "path"},
}
MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def architecture(machine: str) -> str:
    """Return the catalogue's name of this host's architecture."""
    if machine not in MACHINES:
        raise InstallError(f"unknown architecture: this host is {machine}. Known: amd64, arm64.")
    return MACHINES[machine]


def debian_release(path: str = "/etc/os-release") -> str:
    """Return the release number of this host's Debian, empty on anything else."""
    try:
        with open(path, encoding="utf-8") as file:
            fields = dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)
    except OSError:
        return ""
    return fields.get("VERSION_ID", "").strip('"') if fields.get("ID", "").strip('"') == "debian" else ""


def run(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    """Look at what is installed and put it right."""
    arch = architecture(platform.machine())
    step = params["plan"][arch]
    target = Target(params["root"], params["component"], params["version"], arch, step)
    if step.get("error"):
        raise InstallError(step["error"])
    result: dict[str, Any] = {"changed": False, "path": target.path, "available": True, "reason": ""}
    result.update(
        origin=step.get("origin", ""), digest={}, packages=(step.get("packages") or {}).get(debian_release(), [])
    )
    if step.get("reason"):
        if not params["optional"]:
            raise InstallError(step["reason"])
        return {**result, "available": False, "reason": step["reason"]}
    marker = read_marker(target.path)
    reasons = faults(target, marker)
    if reasons:
        result.update(changed=True, reason="; ".join(reasons[:5]), diff=_diff(target, marker, reasons))
        if not check_mode:
            if not step.get("url") and not params["upload"]:
                return {**result, "changed": False, "upload_for": arch}
            marker = install(target, params["upload"], fetch)
    if marker and not (reasons and check_mode):
        result["digest"] = {name: file["sha256"] for name, file in marker["files"].items()}
    return result


def _diff(target: Target, marker: Any, reasons: list[str]) -> dict[str, str]:
    algorithm = target.step["digest"].partition(":")[0]
    before = "absent\n"
    if marker:
        before = f"{target.version} {algorithm}:{marker['archive'].get(algorithm)}\n"
    if os.path.isdir(target.path):
        before += "".join(f"{reason}\n" for reason in reasons)
    return {
        "before_header": target.path,
        "after_header": target.path,
        "before": before,
        "after": f"{target.version} {target.step['digest']}\n",
    }


def main() -> None:
    """Run as a module."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    if not module.params["plan"]:
        module.fail_json(msg="kraftops.kafka.artifact runs through its action plugin only.")
    try:
        module.exit_json(**run(module.params, module.check_mode))
    except (InstallError, OSError) as error:
        label = f"{module.params['component']} {module.params['version']}"
        module.fail_json(msg=str(error) if str(error).startswith(label) else f"{label}: {error}")


if __name__ == "__main__":
    main()
