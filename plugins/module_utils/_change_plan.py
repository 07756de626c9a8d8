# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The change plan of a cluster: what differs on each node, what will be done about it, why, and in which order.

Pure: it is fed with what should be, what lies on disk, what each process was started with and what it says now, and
answers with plain data, the same shape whether anything differs or not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._difference import (
    ABSENT,
    CLASSES,
    DELETE,
    DYNAMIC_CLUSTER,
    DYNAMIC_NODE,
    NONE,
    RESTART,
    SET,
    Difference,
    in_words,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._fixed_changes import fixed, is_fixed
from ansible_collections.kraftops.kafka.plugins.module_utils._plan_input import Cluster, NodeState
from ansible_collections.kraftops.kafka.plugins.module_utils._property_changes import changes, foreign
from ansible_collections.kraftops.kafka.plugins.module_utils._roll_order import roll_order, why_then


def node_differences(node: NodeState, cluster: Cluster) -> list[Difference]:
    """Return all differences of one node."""
    if node.is_new:
        reason = "a first start: the file is written, then Kafka is started"
        lines = [Difference(node.host, "server.properties", ABSENT, "written", RESTART, reason, RESTART)]
    else:
        lines = fixed(node)
        for key in node.spoken_of():
            lines += [] if is_fixed(key) else changes(node, cluster, key)
        lines += foreign(node, cluster)
    return [_left_alone(node, line) for line in lines]


def _left_alone(node: NodeState, line: Difference) -> Difference:
    if not node.left_alone:
        return line
    reason = f"{line.reason}; nothing is done: {node.left_alone}"
    return replace(line, apply=NONE, left_alone=True, reason=reason)


def change_plan(name: str, nodes: list[NodeState], cluster: Cluster, active: Optional[str] = None) -> dict[str, Any]:
    """Return the plan of a cluster: its differences, what restarts in which order and why, and what goes to the admin API.

    While anything is refused nothing restarts and nothing is sent. `held` names by host the properties that are written only
    at the node's own turn.
    """
    each = pools_alike({node.host: node_differences(node, cluster) for node in nodes})
    lines = [line for found in each.values() for line in found]
    merged = [*cluster_lines(name, lines), *(line for line in lines if not line.wide)]
    refused = any(line.refused for line in merged)
    reasons = restart_reasons(lines)
    turns = roll_order((node.roll_node for node in nodes), active)
    order = [] if refused else [host for host in turns if host in reasons]
    places = {node.host: why_then(node.roll_node, active) for node in nodes}
    plain = [line.plain() for line in merged]
    return {
        "cluster": name,
        "changed": not refused and any(acts(line) for line in merged),
        "refused": refused,
        "counts": {kind: sum(line.kind == kind for line in merged) for kind in CLASSES},
        "differences": plain,
        "restart": [{"host": host, "place": places[host], "reasons": reasons[host]} for host in order],
        "dynamic": [] if refused else dynamic_steps(merged),
        "held": {node.host: held(node, each[node.host]) for node in nodes},
        "lines": in_lines(name, plain, order, places),
    }


def with_everything(plan: dict[str, Any], nodes: list[NodeState], active: Optional[str]) -> dict[str, Any]:
    """Return a plan in which every node that runs restarts, for the sake of a new kernel or Java."""
    reasons = {item["host"]: item["reasons"] for item in plan["restart"]}
    running = {node.host: node for node in nodes if node.running and not node.left_alone}
    order = [
        host for host in roll_order((node.roll_node for node in nodes), active) if host in running or host in reasons
    ]
    places = {node.host: why_then(node.roll_node, active) for node in nodes}
    restart = [
        {"host": host, "place": places[host], "reasons": reasons.get(host, ["all nodes were asked to restart"])}
        for host in order
    ]
    lines = in_lines(plan["cluster"], plan["differences"], order, places)
    return {**plan, "changed": bool(order), "restart": restart, "lines": lines}


def acts(line: Difference) -> bool:
    """Return whether anything is done about a difference: something is applied, or a file is written."""
    return not line.refused and not line.left_alone and (line.apply != NONE or not line.foreign)


def restart_reasons(lines: Iterable[Difference]) -> dict[str, list[str]]:
    """Return why each node restarts that does."""
    reasons: dict[str, list[str]] = {}
    for line in lines:
        if line.apply == RESTART and not line.refused:
            reasons.setdefault(line.host, []).append(f"{line.what}: {line.reason}")
    return reasons


def pools_alike(each: dict[str, list[Difference]]) -> dict[str, list[Difference]]:
    """A thread pool that one node can only resize with a restart is resized with a restart on all of them.

    A value for the whole cluster that one node refuses would keep that node from taking any further dynamic change.
    """
    stuck = {line.what for found in each.values() for line in found if line.thread_pool and line.apply == RESTART}
    reason = "another node can resize this pool only with a restart"

    def alike(line: Difference) -> Difference:
        if line.what not in stuck or line.apply != DYNAMIC_CLUSTER or line.operation != SET:
            return line
        return replace(line, kind=RESTART, apply=RESTART, operation="", wide=False, reason=reason)

    return {host: [alike(line) for line in found] for host, found in each.items()}


def cluster_lines(name: str, lines: Iterable[Difference]) -> list[Difference]:
    """Return what concerns the whole cluster, each thing once, with every old value that nodes have."""
    groups: dict[tuple[str, str, bool], list[Difference]] = {}
    for line in lines:
        if line.wide:
            groups.setdefault((line.what, line.new, line.foreign), []).append(line)
    found = []
    for several in groups.values():
        doing = [line for line in several if not line.left_alone] or several
        worst = next((line for line in doing if line.refused), doing[0])
        operation = SET if any(line.operation == SET for line in doing) else worst.operation
        hosts = tuple(dict.fromkeys(line.host for line in doing))
        found.append(replace(worst, host=name, hosts=hosts, old=_olds(doing), operation=operation))
    return sorted(found, key=lambda line: line.what)


def _olds(several: list[Difference]) -> str:
    hosts: dict[str, list[str]] = {}
    for line in several:
        hosts.setdefault(line.old, []).append(line.host)
    if len(hosts) == 1:
        return several[0].old
    return "; ".join(f"{old} on {', '.join(where)}" for old, where in hosts.items())


def dynamic_steps(lines: Iterable[Difference]) -> list[dict[str, str]]:
    """Return what is sent to the admin API, in this order.

    Nodes get their own values before a value for the cluster goes, and lose them after the cluster's is there, so no
    node ever works by a value in between.
    """
    wanted = [line for line in lines if not line.refused and line.apply in (DYNAMIC_CLUSTER, DYNAMIC_NODE)]
    order = ((DYNAMIC_NODE, SET), (DYNAMIC_CLUSTER, SET), (DYNAMIC_CLUSTER, DELETE), (DYNAMIC_NODE, DELETE))
    return [
        {
            "scope": "cluster" if way == DYNAMIC_CLUSTER else line.host,
            "key": line.what,
            "operation": operation,
            "value": line.new if operation == SET else "",
        }
        for way, operation in order
        for line in wanted
        if (line.apply, line.operation) == (way, operation)
    ]


def held(node: NodeState, lines: list[Difference]) -> list[str]:
    """Return the properties that are written only at the node's own turn, because a process loads them at its start."""
    stated = {*node.desired, *(node.file or {})}
    return sorted({line.what for line in lines if line.apply == RESTART and line.what in stated})


def in_lines(name: str, plain: list[dict[str, Any]], order: list[str], places: dict[str, str]) -> list[str]:
    """Return the plan as text for people."""
    if not plain and not order:
        return [f"{name}: nothing differs, nothing will be done."]
    lines = [in_words(one) for one in plain]
    if any(one["refused"] for one in plain):
        return [*lines, f"{name}: nothing will be done while anything is refused."]
    if not order:
        return [*lines, f"{name}: no node restarts."]
    turns = ", ".join(f"{host} ({places[host]})" for host in order)
    return [*lines, f"{name}: {len(order)} of its nodes restart, one at a time: {turns}."]
