# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run the module node_report and add the control node's times around it."""

from __future__ import annotations

import time
from typing import Any

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):  # type: ignore[misc]
    """Bracket a host's clock by the control node's: the host's time was read between `asked` and `answered`."""

    _requires_connection = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the module; both times are seconds since 1970 on the control node."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        asked = time.time()
        result.update(self._execute_module(module_name="kraftops.kafka.node_report", task_vars=task_vars))
        if "report" in result:
            result["report"]["clock"].update(asked=asked, answered=time.time())
        return result
