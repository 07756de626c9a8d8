# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run the module log_fetch and write what it found into a folder on the control node, so that no result carries the logs."""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):  # type: ignore[misc]
    """Take the text off the result."""

    _requires_connection = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the module on the host, in check mode too: nothing there is changed."""
        super().run(tmp, task_vars)
        variables = task_vars or {}
        result: dict[str, Any] = self._execute_module(module_name="kraftops.kafka.log_fetch", task_vars=task_vars)
        data = result.pop("data", "")
        if data:
            folder = Path(self._task.args["dest"]) / quote(str(variables["inventory_hostname"]), safe="")
            try:
                write(folder, data)
            except OSError as problem:
                return {"failed": True, "msg": f"The logs cannot be written on the control node: {problem}"}
        return result


def write(folder: Path, data: str) -> None:
    """Write the text of each file; OSError where that cannot be."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in json.loads(zlib.decompress(base64.b64decode(data))):
        (folder / Path(name).name).write_text(text, encoding="utf-8", newline="")
