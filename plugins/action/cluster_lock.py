# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run the module cluster_lock in the name of this run, and judge whether the run that holds a lock still lives."""

from __future__ import annotations

from typing import Any

from ansible import context
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.kraftops.kafka.plugins.module_utils._cluster_lock import words
from ansible_collections.kraftops.kafka.plugins.module_utils._run_owner import has_ended, outlived, this_run

MODULE = "kraftops.kafka.cluster_lock"


class ActionModule(ActionBase):  # type: ignore[misc]
    """Only the control node knows who runs, and whether a run that began on it has ended."""

    _requires_connection = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the module's result, with `text` for people."""
        super().run(tmp, task_vars)
        owner = this_run(context.CLIARGS.get("args") or ())
        if outlived():  # asked after it: a lock in the name of a process that is gone already would be nobody's
            raise AnsibleActionFail("The run has ended meanwhile; its locks are left as they are.")
        arguments = {**self._task.args, "owner": owner}
        result = self._module(arguments, task_vars)
        other = result.get("refused")
        if other and has_ended(other, owner):
            result = self._module({**arguments, "replace": other["run"]}, task_vars)
        for key in ("refused", "replaced"):
            if result.get(key):
                result["text"] = words(result[key])
        return result

    def _module(self, arguments: dict[str, Any], task_vars: dict[str, Any] | None) -> dict[str, Any]:
        result: dict[str, Any] = self._execute_module(MODULE, module_args=arguments, task_vars=task_vars)
        return result
