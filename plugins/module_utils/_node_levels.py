# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One node's levels brought to what is declared and temporary, across the reload of its file, and read back."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Optional

from ansible_collections.kraftops.kafka.plugins.module_utils import _temporary_levels as temporary_levels
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_loggers import LoggersNode
from ansible_collections.kraftops.kafka.plugins.module_utils._host_node import invocation
from ansible_collections.kraftops.kafka.plugins.module_utils._loaded_state import (
    FOLDER,
    STATE,
    parse_loggers,
    parse_state,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._log_levels import (
    Levels,
    changes,
    is_marker,
    marker,
    near,
    unlisted,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._node_report import read
from ansible_collections.kraftops.kafka.plugins.module_utils._temporary_levels import Temporary

# log4j2 looks at its file every 5 s (monitorInterval), and then takes a moment to load it.
RELOAD_SECONDS = 8.0
POLL_SECONDS = 0.5
WATCHED = "log4j2.yaml"


@dataclass(frozen=True)
class Request:
    """What is wanted: the log configuration, and temporary levels ({} ends them, None leaves them)."""

    path: str
    text: str
    temporary: Optional[Mapping[str, str]] = None
    ttl: int = 0
    await_reload: bool = False
    dry: bool = False


@dataclass(frozen=True)
class Outcome:
    """What was found and done. `refused` says which levels did not become what they should."""

    why: str = ""
    set_up: bool = True
    answered: bool = False
    version: str = ""
    loaded: Optional[bool] = None
    changes: list[dict[str, Any]] = field(default_factory=list)
    unlisted: dict[str, list[str]] = field(default_factory=dict)
    temporary: list[dict[str, Any]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    temporary_changed: bool = False

    def plain(self) -> dict[str, Any]:
        """Return what the module returns."""
        found = asdict(self)
        del found["temporary_changed"], found["refused"]
        return {**found, "why": self.why or "; ".join(self.refused)}


class NodeLevels:
    """One node, asked at its own listener."""

    def __init__(self, node: tuple[str, int], request: Request, arm: Callable[[float], None]) -> None:
        """Remember what is wanted of whom: (address, id). `arm` makes a timer for a moment in seconds since 1970."""
        self.address, self.node_id = node
        self.request = request
        self.arm = arm
        self.declared = parse_loggers(os.path.basename(request.path), request.text)
        self.marker = marker(request.text)

    def apply(self, now: float) -> Outcome:
        """Set what differs and read it back; only look in a dry run. Raise AdminError when there is no answer."""
        before = temporary_levels.load()
        start = invocation()
        with LoggersNode(self.address) as node:
            first = node.log_levels(self.node_id)
            after = self._temporary(before, first, start, now)
            own = {**self.declared, **temporary_levels.levels(after)}
            if after and after != before and not self.request.dry:
                # Their end comes first: a run that is killed here leaves no level on without an end.
                for until in sorted({one.until for name, one in after.items() if one != before.get(name)}):
                    self.arm(until)
                temporary_levels.keep(after)
            live = first if self.request.dry else self._bring(node, own, bool(after))
        if not after and before and not self.request.dry:
            temporary_levels.keep(after)
        return self._outcome(first, live, own, (before, after), now)

    def _temporary(self, before: Mapping[str, Temporary], live: Levels, start: str, now: float) -> dict[str, Temporary]:
        """Return the temporary levels that shall count; those of loggers that are not there cannot."""
        asked = self.request.temporary
        if asked is not None and not asked:
            return {}
        until = round(now + self.request.ttl)
        new = {name: Temporary(level, until, start) for name, level in (asked or {}).items() if name in live}
        return {**temporary_levels.in_force(before, now, start), **new}

    def _bring(self, node: LoggersNode, own: Levels, temporary: bool) -> dict[str, str]:
        """Set the levels, and once more after a reload of the file has dropped what was set."""
        live = node.bring_to(self.node_id, own)
        if self.request.await_reload or temporary or unlisted(live, self.declared):
            self._await_reload(node, live)
            live = node.bring_to(self.node_id, own)
        return live

    def _await_reload(self, node: LoggersNode, live: Levels) -> None:
        """Return once the node has loaded its file; give up where it does not watch it."""
        if os.path.basename(self.request.path) != WATCHED:
            return
        limit = os.path.getmtime(self.request.path) + RELOAD_SECONDS
        while self.marker not in live and time.time() < limit:
            time.sleep(POLL_SECONDS)
            live = node.log_levels(self.node_id)

    def _outcome(
        self,
        first: Levels,
        live: Levels,
        own: Levels,
        temporary: tuple[Mapping[str, Temporary], Mapping[str, Temporary]],
        now: float,
    ) -> Outcome:
        before, after = temporary
        made = [
            {"logger": one.logger, "from": one.before, "to": one.after, "temporary": one.logger in after}
            for one in changes(first, own)
        ]
        new = [name for name in sorted(own) if name in live and name not in first and not is_marker(name)]
        made += [{"logger": name, "from": None, "to": own[name], "temporary": False} for name in new]
        wanted = {**own, **(self.request.temporary or {})}
        return Outcome(
            answered=True,
            version=_version(),
            loaded=self.marker in live or not self.marker,
            changes=made,
            unlisted={name: near(name, live) for name in unlisted(live, wanted)},
            temporary=[
                {"logger": name, "level": one.level, "remaining_seconds": max(round(one.until - now), 0)}
                for name, one in sorted(after.items())
            ],
            refused=[]
            if self.request.dry
            else [f"{one.logger} is {one.before}, not {one.after}" for one in changes(live, own)],
            temporary_changed=temporary_levels.in_force(before, now, invocation()) != after,
        )


def _version() -> str:
    """Return the version of the process that runs, as its start wrote it down."""
    words, _files = parse_state(read(os.path.join(FOLDER, STATE)))
    return words.get("kafka_version", "") if words.get("invocation") == invocation() else ""
