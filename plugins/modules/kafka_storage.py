#!/usr/bin/python
# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Write a node's manifest, format its directories, mark its first start."""

from __future__ import annotations

DOCUMENTATION = r"""
module: kafka_storage
short_description: Record, format and mark the storage of a Kafka node
version_added: 0.1.0
description:
  - Carries out what P(kraftops.kafka.preflight#filter) decided for this node, one stage a call.
  - The stages are barriers of the first start. Every node has recorded the cluster's identity before any node is formatted,
    and every controller is formatted before any is started.
  - A directory that is to be formatted is made where it is missing, and given to Kafka's user (a new disk belongs to root).
  - A directory that holds a C(meta.properties) is never formatted.
extends_documentation_fragment: [kraftops.kafka.attributes.diff]
options:
  stage:
    description:
      - V(recorded), the manifest is as decided.
      - V(formatted), every directory is formatted, and the manifest says so.
      - V(started), the manifest says that the first start has begun.
    type: str
    required: true
    choices: [recorded, formatted, started]
  decision:
    description: This node's entry in the C(nodes) of the preflight.
    type: dict
    required: true
  java:
    description: The java to run C(kafka-storage) with. Needed for O(stage=formatted).
    type: path
  class_path:
    description: Kafka's class path. Needed for O(stage=formatted).
    type: str
  config:
    description: The node's C(server.properties). Needed for O(stage=formatted).
    type: path
  user:
    description: The user that Kafka runs as, owner of what is formatted.
    type: str
    default: kafka
author: The kraftops.kafka maintainers (@kraftops)
"""

EXAMPLES = r"""
- name: Storage | Write the manifest
  kraftops.kafka.kafka_storage:
    stage: recorded
    decision: "{{ __kafka_decision }}"
"""

RETURN = r"""
manifest:
  description: The manifest as it is after the stage.
  returned: always
  type: dict
formatted:
  description: Directories that were formatted in this call.
  returned: always
  type: list
  elements: str
"""

import os
import tempfile
from typing import Any, Optional

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils._files import Difference, read_text
from ansible_collections.kraftops.kafka.plugins.module_utils._storage import (
    MANIFEST,
    manifest_text,
    meta_properties,
    read_manifest,
)

MODE_FLAGS = {"observer": ["--no-initial-controllers"], "broker": []}


def write_manifest(module: AnsibleModule, manifest: dict[str, Any]) -> Optional[Difference]:
    """Write the manifest when it differs; return the difference, None when there is none."""
    difference = Difference(MANIFEST, read_text(MANIFEST), manifest_text(manifest))
    if not difference.changed:
        return None
    if not module.check_mode:
        os.makedirs(os.path.dirname(MANIFEST), exist_ok=True)
        descriptor, path = tempfile.mkstemp(dir=str(module.tmpdir))
        os.fchmod(descriptor, 0o644)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(difference.after)
            stream.flush()
            os.fsync(stream.fileno())
        module.atomic_move(path, MANIFEST)
    return difference


def command(module: AnsibleModule, decision: dict[str, Any]) -> list[str]:
    """Return the call of kafka-storage format, run as Kafka's user so that what it makes belongs to it."""
    flags = MODE_FLAGS.get(decision["format"])
    if flags is None:
        flags = ["--initial-controllers", decision["manifest"]["initial_controllers"]]
    return [
        module.get_bin_path("setpriv", required=True),
        f"--reuid={module.params['user']}",
        f"--regid={module.params['user']}",
        "--init-groups",
        module.params["java"],
        "-Xmx256m",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        module.params["class_path"],
        "kafka.tools.StorageTool",
        "format",
        "--ignore-formatted",
        "--cluster-id",
        decision["cluster_id"],
        "--config",
        module.params["config"],
        *flags,
    ]


def make_directories(module: AnsibleModule, paths: list[str]) -> None:
    """Make the directories that are not there, and give them all to Kafka's user: a new disk's root belongs to root."""
    for path in paths:
        os.makedirs(path, exist_ok=True)
        module.set_mode_if_different(path, "0750", False)
        module.set_owner_if_different(path, module.params["user"], False)
        module.set_group_if_different(path, module.params["user"], False)


def format_directories(module: AnsibleModule, decision: dict[str, Any]) -> list[str]:
    """Format the directories that are not formatted yet; return them."""
    blank = [path for path in decision["directories"] if meta_properties(path) is None]
    if not blank or decision["format"] == "none" or module.check_mode:
        return blank if decision["format"] != "none" else []
    make_directories(module, blank)
    code, out, err = module.run_command(command(module, decision))
    left = [path for path in blank if meta_properties(path) is None]
    if code != 0 or left:
        said = (out + err).strip()
        module.fail_json(
            msg=f"kafka-storage format failed (exit {code}); not formatted: {', '.join(left) or 'none'}. It said: {said}",
            cmd=command(module, decision),
        )
    return blank


def as_formatted(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return the manifest with the directory ids that stand on the disks now."""
    directories = {}
    for path, record in manifest["directories"].items():
        meta = meta_properties(path)
        directories[path] = {**record, "formatted": True, "directory_id": meta["directory_id"]} if meta else record
    return {**manifest, "directories": directories}


def run(module: AnsibleModule) -> dict[str, Any]:
    """Bring the node to the stage."""
    decision, stage = module.params["decision"], module.params["stage"]
    formatted: list[str] = []
    manifest = decision["manifest"] if stage == "recorded" else read_manifest() or decision["manifest"]
    if stage == "formatted":
        formatted = format_directories(module, decision)
        # A directory that a running node gains at its turn is recorded with its format: a rolling restart has no stage before.
        planned = decision["manifest"]["directories"]
        gained = {path: planned[path] for path in decision["directories"]}
        manifest = as_formatted({**manifest, "directories": {**gained, **manifest["directories"]}})
    elif stage == "started":
        manifest = {**manifest, "started": True}
    difference = write_manifest(module, manifest)
    return {
        "changed": bool(formatted or difference),
        "formatted": formatted,
        "manifest": manifest,
        "diff": difference.as_diff() if difference else {"before": "", "after": ""},
    }


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "stage": {"type": "str", "required": True, "choices": ["recorded", "formatted", "started"]},
            "decision": {"type": "dict", "required": True},
            "java": {"type": "path"},
            "class_path": {"type": "str"},
            "config": {"type": "path"},
            "user": {"type": "str", "default": "kafka"},
        },
        required_if=[("stage", "formatted", ["java", "class_path", "config"])],
        supports_check_mode=True,
    )
    module.exit_json(**run(module))


if __name__ == "__main__":
    main()
