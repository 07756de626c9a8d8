# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a run has learnt of a node, as the change planner takes it; and what follows from a plan for each node."""

from __future__ import annotations

import hashlib
from typing import Any

SERVER_PROPERTIES = "/etc/kafka/server.properties"
JVM_OPTIONS = "/etc/kafka/jvm.options"
UNIT = "/etc/systemd/system/kafka.service"
# Stands for the digest of a text that is wanted and not written yet.
WANTED = "new text"

Facts = dict[str, Any]


def text_digest(lines: list[str]) -> str:
    """Return a digest of options in their order."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def start_files(state: Facts, held: set[str]) -> list[dict[str, Any]]:
    """Return what the process starts with besides its properties: options of the JVM, the unit, agent and key stores."""
    options = text_digest(state["disk"]["jvm_options"])
    unit = state["unit"]["digest"]["file"]
    loaded_options = text_digest(state["jvm_options"]) if state["known"] else None
    loaded_unit = state["unit"]["digest"]["process"] or None
    files = [
        {
            "what": JVM_OPTIONS,
            "desired": WANTED if JVM_OPTIONS in held else options,
            "disk": options,
            "loaded": loaded_options,
        },
        {"what": UNIT, "desired": WANTED if UNIT in held else unit, "disk": unit, "loaded": loaded_unit},
    ]
    changed = state["changed_files"] or []
    return files + [{"what": path, "desired": "new", "disk": "new", "loaded": "old"} for path in changed]


def planner_input(node: Facts, version: str, desired: dict[str, str], facts: Facts) -> Facts:
    """Return a node as the filter change_plan takes it; `facts` are `report`, `state`, `live`, `held` and `decision`."""
    state, live = facts["state"], facts["live"]
    return {
        "host": node["name"],
        "role": node["role"],
        "rack": node["rack"],
        "version": version,
        "desired": desired,
        "file": state["disk"]["properties"] or None,
        "loaded": state["properties"] if state["known"] else None,
        "live": live,
        "running": state["running"],
        "healthy": state["active_state"] == "active" and (live is not None or not state["running"]),
        "loaded_version": (state["kafka"] or {}).get("version") or None,
        "start_files": start_files(state, facts["held"]),
        "need_daemon_reload": bool(state["unit"]["need_daemon_reload"]),
        "cluster_id": facts["decision"].get("cluster_id", ""),
        "left_alone": "masked" if state["unit"]["state"] == "masked" else "",
    }


def interim_properties(desired: dict[str, str], on_disk: dict[str, str], held: list[str]) -> dict[str, str]:
    """Return what a running node's file may say before its turn: everything but what only a restart may bring."""
    free = {key: value for key, value in desired.items() if key not in held}
    return {**free, **{key: on_disk[key] for key in held if key in on_disk}}


def dynamic_options(steps: list[dict[str, str]], ids: dict[str, int], controllers: set[str]) -> dict[str, Any]:
    """Return a plan's dynamic steps as the options of kafka_configs; `ids` are node ids by host."""
    options: dict[str, Any] = {"cluster": {}, "brokers": {}, "controllers": {}, "managed": []}
    for step in steps:
        if step["operation"] == "delete":
            options["managed"].append(step["key"])
        elif step["scope"] not in ids:
            options["cluster"][step["key"]] = step["value"]
        else:
            kind = "controllers" if step["scope"] in controllers else "brokers"
            options[kind].setdefault(str(ids[step["scope"]]), {})[step["key"]] = step["value"]
    return options
