# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The end of temporary log levels, on the node's own host: no control node is needed for it.

Whoever sets one starts a timer for its end. What the timer starts looks at all of them: those that have ended give way to
what is declared by then, those that count are set again where something (a reload of the file) has dropped them. Levels of
loggers that were never temporary are left alone: what is wrong with them is reported, not mended here.
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ansible_collections.kraftops.kafka.plugins.module_utils import _temporary_levels as temporary_levels
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_loggers import ROUNDS, LoggersNode
from ansible_collections.kraftops.kafka.plugins.module_utils._host_node import HostNode
from ansible_collections.kraftops.kafka.plugins.module_utils._log_levels import Levels, changes
from ansible_collections.kraftops.kafka.plugins.module_utils._temporary_levels import Temporary

# A template unit that the role writes; the part behind the @ only tells one timer from another.
UNIT = "kafka-log-levels@{}.service"


def timer_command(until: float, now: float) -> list[str]:
    """Return the command that makes a timer of this host's systemd for the end of temporary levels."""
    # Rounded up: what starts a moment too early finds nothing that has ended.
    seconds = max(math.ceil(until - now) + 1, 1)
    unit = UNIT.format(f"{now:.6f}".replace(".", "-"))
    return ["systemd-run", "--quiet", f"--unit={unit}", f"--on-active={seconds}s", "--timer-property=AccuracySec=1s"]


@dataclass
class Settled:
    """What was done, and what is still wrong, in words."""

    done: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def settle(node: HostNode, declared: Levels, start: str, now: float, path: str = temporary_levels.STATE) -> Settled:
    """Bring the loggers that have or had a temporary level to what counts now.

    `start` is the start of Kafka that runs: a level that was set for another one has ended with it, and needs nothing.
    """
    settled = Settled()
    with temporary_levels.locked(path):
        entries = temporary_levels.load(path)
        touched = {name for name, one in entries.items() if start and one.invocation == start}
        left = temporary_levels.in_force(entries, now, start)
        if touched:
            _bring(node, touched, {**declared, **temporary_levels.levels(left)}, settled)
        if not settled.wrong and left != entries:
            _forget(left, path)
    return settled


def _bring(node: HostNode, touched: Collection[str], own: Levels, settled: Settled) -> None:
    """Set what is wrong of the touched loggers, parents first, until the node answers that nothing is."""
    with LoggersNode(node.address) as wire:
        for _round in range(ROUNDS):
            found = [one for one in changes(wire.log_levels(node.node_id), own) if one.logger in touched]
            settled.wrong = [f"{one.logger} is {one.before}, not {one.after}" for one in found]
            if not found:
                return
            wire.set_log_levels(node.node_id, [(one.logger, one.value) for one in found])
            settled.done += [f"{one.logger}: {one.before} -> {one.after}" for one in found]


def _forget(left: Mapping[str, Temporary], path: str) -> None:
    """Keep what remains; without any the file goes, and with it the periodic look at it."""
    if left:
        temporary_levels.keep(left, path)
        return
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
