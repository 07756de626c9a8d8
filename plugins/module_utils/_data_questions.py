# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What must be looked up on a broker's disks before a change can be judged; mostly nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._data_loss import limit
from ansible_collections.kraftops.kafka.plugins.module_utils._effective import (
    LiveProperties,
    Properties,
    current,
    default,
    live_properties,
    stated,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._segments import SIZE, TIME

DIRECTORIES = "log.dirs"


def questions(wanted: Properties, state: Mapping[str, Any], configs: Optional[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the data directories, those of them that would go, and the limits that would become shorter."""
    started: Properties = state["properties"] or state["disk"]["properties"]
    directories = _listed(started)
    return {
        "directories": directories,
        "removed": [path for path in directories if path not in _listed(wanted)],
        "limits": _shorter(wanted, live_properties(configs)) if configs else {},
    }


def _listed(properties: Properties) -> list[str]:
    return [path.strip() for path in properties.get(DIRECTORIES, "").split(",") if path.strip()]


def _shorter(wanted: Properties, live: LiveProperties) -> dict[str, int]:
    found = {}
    for key in (TIME, SIZE):
        old = limit(key, {key: current(key, live)})
        said = stated(key, wanted)
        new = limit(key, {key: said if said is not None else default(key, live)})
        if new is not None and new >= 0 and old is not None and (old < 0 or new < old):
            found[key] = new
    return found
