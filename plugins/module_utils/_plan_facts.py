# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a run has learnt of a node, as the change planner takes it; and what follows from a plan for each node."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any, Optional

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.kraftops.kafka.plugins.module_utils._difference import DELETE, SET, SHOWN_DIGITS, digest
from ansible_collections.kraftops.kafka.plugins.module_utils._effective import FROM_CLUSTER, FROM_NODE, override
from ansible_collections.kraftops.kafka.plugins.module_utils._loaded_state import appenders_digest
from ansible_collections.kraftops.kafka.plugins.module_utils._model import host_port
from ansible_collections.kraftops.kafka.plugins.module_utils._plain import plain
from ansible_collections.kraftops.kafka.plugins.module_utils._plan_input import NodeState

SERVER_PROPERTIES = "/etc/kafka/server.properties"
JVM_OPTIONS = "/etc/kafka/jvm.options"
UNIT = "/etc/systemd/system/kafka.service"
LOG4J = "log4j.properties"
# Stands for the digest of a text that is wanted and not written yet.
WANTED = "new text"
# What a host sends in place of a secret.
DIGEST = re.compile(rf"digest [0-9a-f]{{{SHOWN_DIGITS}}}")

Facts = dict[str, Any]


def learnt(hostvars: Any, host: str) -> dict[str, Any]:
    """Return what the tasks registered on a host."""
    result = {
        key: plain(hostvars[host].get(f"__kafka_{key}") or {}, templated=False)
        for key in ("loaded", "live", "files", "data")
    }
    return {
        "state": result["loaded"]["state"],
        "live": result["live"].get("configs"),
        "data": result["data"],
        "differ": differing(result["files"], bool(result["loaded"]["state"]["running"])),
        "decision": plain(hostvars[host]["__kafka_preflight"], templated=False)["nodes"].get(host, {}),
    }


def differing(files: Facts, running: bool) -> set[str]:
    """Return the files that are not as they should be: held for a process that runs, written for one that does not."""
    held = {item["path"] for item in files.get("held", [])}
    return held if running else held | set(files.get("changed_files", []))


def health_of(hostvars: Any, hosts: list[str]) -> dict[str, Any]:
    """Return the answer of the one node that was asked about the cluster, empty when none was."""
    answers = [plain(hostvars[host].get("__kafka_health") or {}, templated=False) for host in hosts]
    return next((answer for answer in answers if answer.get("summary")), {})


def choices(given: dict[str, Any]) -> dict[str, Any]:
    """Return the options with their defaults; confirmed properties may come as text with commas."""
    confirmed = given.get("confirm") or []
    keys = confirmed.split(",") if isinstance(confirmed, str) else confirmed
    return {
        "confirm": [key.strip() for key in keys if key.strip()],
        "foreign": given.get("foreign", "report"),
        "everything": boolean(given.get("everything", False), strict=False),
        "settle": boolean(given.get("settle", False), strict=False),
    }


def text_digest(lines: list[str]) -> str:
    """Return a digest of options in their order."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def start_files(state: Facts, differ: set[str], log_config: Facts) -> list[dict[str, Any]]:
    """Return what the process starts with besides its properties: options of the JVM, the unit, agent and key stores."""
    options = text_digest(state["disk"]["jvm_options"])
    unit = state["unit"]["digest"]["file"]
    loaded_options = text_digest(state["jvm_options"]) if state["known"] else None
    loaded_unit = state["unit"]["digest"]["process"] or None
    files = [
        {
            "what": JVM_OPTIONS,
            "desired": WANTED if JVM_OPTIONS in differ else options,
            "disk": options,
            "loaded": loaded_options,
        },
        {"what": UNIT, "desired": WANTED if UNIT in differ else unit, "disk": unit, "loaded": loaded_unit},
    ]
    if log_config["file"] == LOG4J:
        disk, loaded = state["disk"]["appenders"], (state["log_config"] or {}).get("appenders")
        desired = appenders_digest(LOG4J, log_config["content"])
        files.append({"what": f"/etc/kafka/{LOG4J}", "desired": desired, "disk": disk, "loaded": loaded})
    changed = [*(state["changed_files"] or []), *unit_changes(state["unit"])]
    return files + [{"what": path, "desired": "new", "disk": "new", "loaded": "old"} for path in changed]


def unit_changes(unit: Facts) -> list[str]:
    """Return what the process was not started with although the digest of the unit's text is the same: drop-ins above all."""
    changed = [path for path in unit.get("changed_since_start") or [] if path != unit["path"]]
    same = unit["digest"]["process"] == unit["digest"]["file"]
    return [*changed, *(["kafka.service, as systemd had read it"] if unit.get("process_read_older") and same else [])]


def planner_input(node: Facts, version: str, desired: dict[str, str], facts: Facts) -> Facts:
    """Return a node as the planner takes it; `facts` are what `learnt` returns, and its `log_config`.

    The planner needs `host`, `role` (controller, broker, combined), `version` and `desired` (the properties that it should
    have); the rest may be missing. `file` and `loaded` are the properties on its disk and those that its process was started
    with; `live` is its answer to DescribeConfigs with synonyms. `start_files` are dicts of `what`, `desired`, `disk` and
    `loaded`, each a digest, empty for absent. `replicas` are numbers by directory; `beyond` is what data_at_risk returns.
    `owned` are the properties that an earlier run set through the admin API, `left_alone` is why nothing may be done.
    """
    state, live = facts["state"], facts["live"]
    return {
        "host": node["name"],
        "role": node["role"],
        "rack": node["rack"],
        "version": version,
        "desired": desired,
        "file": with_known_secrets(state["disk"]["properties"], desired) or None,
        "loaded": with_known_secrets(state["properties"], desired) if state["known"] else None,
        "live": live,
        "running": state["running"],
        "healthy": state["active_state"] == "active" and (live is not None or not state["running"]),
        "loaded_version": (state["kafka"] or {}).get("version") or None,
        "start_files": start_files(state, facts["differ"], facts["log_config"]),
        "need_daemon_reload": bool(state["unit"]["need_daemon_reload"]),
        "cluster_id": facts["decision"].get("cluster_id", ""),
        "replicas": facts["data"].get("replicas", {}),
        "beyond": facts["data"].get("beyond", {}),
        "owned": state["disk"]["dynamic_keys"],
        "left_alone": "masked" if state["unit"]["state"] == "masked" else "",
    }


def interim_files(
    held: dict[str, list[str]], desired: dict[str, Facts], on_disk: dict[str, Facts], hosts: list[str]
) -> dict[str, Facts]:
    """Return by host what its file must wait with, without the hosts whose whole file must wait for their turn."""
    files = {host: interim_file(desired[host], on_disk[host], held[host]) for host in hosts}
    return {host: found for host, found in files.items() if found is not None}


def interim_file(desired: dict[str, str], on_disk: dict[str, str], held: list[str]) -> Optional[Facts]:
    """Return what a running node's file must wait with: `held`, the properties that only a restart may bring, and `kept`, their
    old values. No secret is among them.

    None when an old secret would have to stay: it is not known here, and the node's turn writes the whole file.
    """
    found = with_known_secrets(on_disk, desired)
    waiting = [key for key in held if found.get(key) != desired.get(key)]
    kept = {key: found[key] for key in waiting if key in found}
    return None if any(DIGEST.fullmatch(value) for value in kept.values()) else {"held": waiting, "kept": kept}


def before_its_turn(desired: dict[str, str], interim: Facts) -> dict[str, str]:
    """Return what a running node's file may say before its turn; `interim` is what interim_file returned."""
    return {**{key: value for key, value in desired.items() if key not in interim["held"]}, **interim["kept"]}


def dynamic_keys(node: NodeState, managed: frozenset[str], steps: list[dict[str, str]]) -> list[str]:
    """Return the properties of ours that have a dynamic value on a node once the steps are done; its host keeps them."""
    done = {(step["scope"], step["key"]): step["operation"] for step in steps}
    levels = ((node.host, FROM_NODE), ("cluster", FROM_CLUSTER))
    found = set() if node.live is not None else set(node.owned)
    for key in managed:
        for scope, source in levels:
            now = node.live is not None and override(key, node.live, source) is not None
            if done.get((scope, key), SET if now else DELETE) == SET:
                found.add(key)
    return sorted(found)


def with_known_secrets(found: dict[str, str], desired: dict[str, str]) -> dict[str, str]:
    """Return a host's properties, with the wanted secrets in plain where the host has them: it sends digests only."""
    return {
        key: desired[key] if key in desired and value == digest(key, desired[key]) else value
        for key, value in found.items()
    }


def dynamic_options(
    steps: list[dict[str, str]], nodes: dict[str, Facts], live: dict[str, Optional[Facts]]
) -> dict[str, Any]:
    """Return a plan's dynamic steps as the options of kafka_configs; `nodes` and `live` (their configs) are by host."""
    options: dict[str, Any] = {"cluster": {}, "brokers": {}, "controllers": {}, "managed": []}
    removed = {(step["scope"], step["key"]) for step in steps if step["operation"] == "delete"}
    options["managed"] = sorted({key for _scope, key in removed})
    for scope, key, value in staying(options["managed"], removed, live):
        _place(options, nodes.get(scope))[key] = value
    for step in steps:
        place = _place(options, nodes.get(step["scope"]))
        if step["operation"] == "set":
            place[step["key"]] = step["value"]
    options["brokers"] = {node_id: values for node_id, values in options["brokers"].items() if values}
    return options


def staying(
    keys: list[str], removed: set[tuple[str, str]], live: dict[str, Optional[Facts]]
) -> Iterator[tuple[str, str, str]]:
    """Yield the dynamic values that stay although the key is managed, which would remove whatever is not named."""
    for host, configs in live.items():
        for key in keys:
            for synonym in (configs or {}).get(key, {}).get("synonyms", []):
                scope = {FROM_NODE: host, FROM_CLUSTER: "cluster"}.get(synonym["source"])
                stays = synonym["name"] == key and synonym["value"] is not None and (scope, key) not in removed
                if scope and stays:
                    yield scope, key, synonym["value"]


def _place(options: dict[str, Any], node: Optional[Facts]) -> dict[str, str]:
    """Return where the options hold the values of a node, or of the cluster."""
    found: dict[str, str] = options["cluster"]
    if node and node["role"] == "controller":
        address = host_port(node["address"], node["controller_port"])
        found = options["controllers"].setdefault(str(node["node_id"]), {"address": address, "values": {}})["values"]
    elif node:
        found = options["brokers"].setdefault(str(node["node_id"]), {})
    return found
