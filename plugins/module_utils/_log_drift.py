# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a node's live log levels are not the declared ones, as metrics. Runs on hosts; changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional

from ansible_collections.kraftops.kafka.plugins.module_utils import _temporary_levels as temporary_levels
from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_loggers import LoggersNode
from ansible_collections.kraftops.kafka.plugins.module_utils._host_node import HostNode
from ansible_collections.kraftops.kafka.plugins.module_utils._log_levels import VERBOSE, Levels, changes
from ansible_collections.kraftops.kafka.plugins.module_utils._temporary_levels import Temporary
from ansible_collections.kraftops.kafka.plugins.module_utils._textfile import Gauge

# Series a node at most; those that write much come first, and the number of all is a metric of its own.
MOST = 30


def live_levels(node: HostNode) -> tuple[Optional[dict[str, str]], str]:
    """Return the node's levels, or None and why there are none."""
    try:
        with LoggersNode(node.address) as wire:
            return wire.log_levels(node.node_id), ""
    except AdminError as problem:
        return None, str(problem)


def drift_metrics(live: Optional[Levels], declared: Levels, temporary: Mapping[str, Temporary]) -> list[Gauge]:
    """Return the metrics; `live` is None for a node that does not answer, `temporary` what is in force now."""
    known = Gauge("kafka_log_level_check_success", "Whether the node said which log levels it has.")
    known.add(0 if live is None else 1)
    until = Gauge("kafka_log_level_temporary_until_seconds", "When a temporary log level ends, in seconds since 1970.")
    for name, one in sorted(temporary.items()):
        until.add(one.until, logger=name, level=one.level)
    if live is None:
        return [known, until]
    found = changes(live, {**declared, **temporary_levels.levels(temporary)})
    number = Gauge("kafka_log_level_drifted_loggers", "Loggers whose live level is neither declared nor temporary.")
    number.add(len(found))
    drift = Gauge(
        "kafka_log_level_drift", f"Loggers whose live level is neither declared nor temporary; at most {MOST}."
    )
    for change in sorted(found, key=lambda one: (one.before not in VERBOSE, one.logger))[:MOST]:
        drift.add(1, logger=change.logger, declared=change.after, live=change.before)
    return [known, until, number, drift]
