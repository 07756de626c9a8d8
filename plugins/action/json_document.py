# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Write data as JSON on the control node, without a process for it: at each turn of a roll it takes no time."""

from __future__ import annotations

import json
import os
import tempfile
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.kraftops.kafka.plugins.module_utils._plain import plain

MODE = 0o644


class ActionModule(ActionBase):  # type: ignore[misc]
    """Documented with the module of the same name."""

    _requires_connection = False
    _VALID_ARGS = frozenset(("path", "content"))

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Replace the file as a whole, so that nobody ever reads half of it."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        path, content = os.path.expanduser(str(self._task.args["path"])), plain(self._task.args["content"])
        try:
            write(os.path.abspath(path), json.dumps(content, indent=4, sort_keys=True, ensure_ascii=False) + "\n")
        except OSError as problem:
            return {
                **result,
                "failed": True,
                "msg": f"{path} cannot be written on the control node: {problem.strerror}",
            }
        return {**result, "changed": False}


def write(path: str, text: str) -> None:
    """Write a file beside the one that it then replaces."""
    handle, beside = tempfile.mkstemp(dir=os.path.dirname(path), prefix=f".{os.path.basename(path)}.")
    try:
        with open(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        os.chmod(beside, MODE)
        os.replace(beside, path)
    except OSError:
        os.unlink(beside)
        raise
