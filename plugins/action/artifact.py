# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run the module artifact; send it a file only when the host needs one."""

from __future__ import annotations

import json
import os
from typing import Any

import yaml
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.kraftops.kafka.plugins.module_utils._artifact_catalogue import ArtifactError, merge
from ansible_collections.kraftops.kafka.plugins.module_utils._artifact_source import plan
from ansible_collections.kraftops.kafka.plugins.module_utils._artifact_wheel import wheel

CATALOGUE = os.path.join(os.path.dirname(__file__), "..", "..", "packaging", "catalogue.yml")
MODULE = "kraftops.kafka.artifact"
ARGUMENTS = {
    "component": {"type": "str", "required": True},
    "version": {"type": "str", "required": True},
    "source": {"type": "str", "default": "official"},
    "catalogue": {"type": "dict", "default": {}},
    "optional": {"type": "bool", "default": False},
    "root": {"type": "path", "default": "/opt"},
}


def components(extra: dict[str, Any]) -> dict[str, Any]:
    """Return the collection's catalogue with the user's own laid over it."""
    with open(CATALOGUE, encoding="utf-8") as file:
        data = yaml.load(file, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (both are safe loaders)
    merged: dict[str, Any] = merge(data["components"], extra)
    return merged


class ActionModule(ActionBase):  # type: ignore[misc]
    """Work out on the control node where the artifact comes from; the module does the rest."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the module's result."""
        super().run(tmp, task_vars)
        _result, given = self.validate_argument_spec(argument_spec=ARGUMENTS)
        # Plain copies: values that come from templates may be lazy or tagged.
        arguments: dict[str, Any] = json.loads(json.dumps(given, default=str))
        try:
            known = components(arguments["catalogue"])
            arguments["plan"] = plan(known, arguments["component"], arguments["version"], arguments["source"])
            result: dict[str, Any] = self._execute_module(MODULE, module_args=arguments, task_vars=task_vars)
            if result.get("upload_for"):
                result = self._with_upload(arguments, result["upload_for"], task_vars)
        except ArtifactError as error:
            raise AnsibleActionFail(str(error)) from error
        return result

    def _with_upload(self, arguments: dict[str, Any], arch: str, task_vars: dict[str, Any] | None) -> dict[str, Any]:
        step = arguments["plan"][arch]
        local = step.get("local") or wheel(step["package"], step["file"], step["digest"])
        folder = self._make_tmp_path()
        try:
            remote = self._connection._shell.join_path(folder, "artifact")
            self._transfer_file(local, remote)
            self._fixup_perms2((folder, remote))
            arguments["upload"] = remote
            result: dict[str, Any] = self._execute_module(MODULE, module_args=arguments, task_vars=task_vars)
            return result
        finally:
            self._remove_tmp_path(folder)
