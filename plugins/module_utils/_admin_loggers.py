# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Log levels of one node over the wire, broker or controller (KIP-412): reading them, and setting and removing own ones.

The node itself must be asked, it knows no other's. One logger that does not exist fails a whole request.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import BROKER_LOGGER, AdminNode
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_configs import (
    DELETE,
    SET,
    Operation,
    RefusedError,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._log_levels import Levels, changes

# A logger that has its level of its own shows only once its parent is right; three rounds have been enough for any tree.
ROUNDS = 5


class LoggersNode(AdminNode):
    """A connection that reads and changes log levels."""

    def log_levels(self, node_id: int) -> dict[str, str]:
        """Return the effective level of every logger; raise RefusedError when the node answers and says no."""
        from kafka.protocol.admin import DescribeConfigsRequest

        result = self._ask(DescribeConfigsRequest(resources=[(BROKER_LOGGER, str(node_id), None)])).results[0]
        self._refused(result)
        return {item.name: item.value for item in result.configs}

    def set_log_levels(self, node_id: int, operations: Iterable[Operation]) -> None:
        """Set levels, or remove them (no value), all or none; raise RefusedError when the node answers and says no."""
        from kafka.protocol.admin import IncrementalAlterConfigsRequest

        entries = [(name, DELETE if value is None else SET, value) for name, value in operations]
        if not entries:
            return
        resources = [(BROKER_LOGGER, str(node_id), entries)]
        self._refused(self._ask(IncrementalAlterConfigsRequest(resources=resources, validate_only=False)).responses[0])

    def bring_to(self, node_id: int, own: Levels) -> dict[str, str]:
        """Give every logger of the node the level that `own` means; return what the node lives by afterwards.

        Whether that is what was wanted, `wrong(answer, own)` and `unlisted(answer, own)` tell.
        """
        live = self.log_levels(node_id)
        for _round in range(ROUNDS):
            planned = changes(live, own)
            if not planned:
                break
            self.set_log_levels(node_id, [(change.logger, change.value) for change in planned])
            live = self.log_levels(node_id)
        return live

    def _refused(self, result: Any) -> None:
        from kafka.errors import for_code

        if result.error_code:
            said = result.error_message or for_code(result.error_code).__name__
            raise RefusedError(self.address, said, result.error_code)
