# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The plan of one cluster, from what the tasks of a run have registered on its nodes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Optional

from ansible_collections.kraftops.kafka.plugins.module_utils import _change_plan, _plan_facts
from ansible_collections.kraftops.kafka.plugins.module_utils._difference import DELETE, RESTART, in_words
from ansible_collections.kraftops.kafka.plugins.module_utils._effective import head_of
from ansible_collections.kraftops.kafka.plugins.module_utils._log_config import log_config
from ansible_collections.kraftops.kafka.plugins.module_utils._model import Model, to_plain
from ansible_collections.kraftops.kafka.plugins.module_utils._plan_input import (
    Cluster,
    NodeState,
    cluster_of,
    node_state,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._properties import complete
from ansible_collections.kraftops.kafka.plugins.module_utils._roll_order import sick
from ansible_collections.kraftops.kafka.plugins.module_utils._update_modes import CLEARS_ELR

ELR_FEATURE = "eligible.leader.replicas.version"


def plan_of(model: Model, name: str, hostvars: Any, hosts: list[str], options: dict[str, Any]) -> dict[str, Any]:
    """Plan one cluster; `hosts` are its nodes that answered."""
    nodes, desired = to_plain(model)["nodes"], {host: complete(model, host)[0] for host in model.clusters[name].nodes}
    facts = {host: {**_plan_facts.learnt(hostvars, host), "log_config": log_config(model, host)} for host in hosts}
    version = model.clusters[name].version
    states = [node_state(_plan_facts.planner_input(nodes[host], version, desired[host], facts[host])) for host in hosts]
    elsewhere = [NodeState(host, nodes[host]["role"], version, desired[host]) for host in desired if host not in hosts]
    health = _plan_facts.health_of(hostvars, hosts)
    ailing = sick(health.get("summary") or {})
    states = [replace(state, healthy=state.healthy and state.roll_node.node_id not in ailing) for state in states]
    elr = bool(health.get("features", {}).get(ELR_FEATURE))
    decided = cluster_of(states, frozenset(options["confirm"]), elr, options["foreign"] == "remove", elsewhere)
    plan = _plan(name, states, decided, _active(nodes, hosts, health), options)
    plan["lines"] += _beyond_the_run(plan, [node.host for node in elsewhere])
    ours = decided.managed - (CLEARS_ELR if elr else frozenset())  # that one is then kept by Kafka itself
    kept = {state.host: _plan_facts.dynamic_keys(state, ours, plan["dynamic"]) for state in states}
    said = {head_of(key) for properties in desired.values() for key in properties}
    until_restart = sorted({key for keys in kept.values() for key in keys} - said)
    if options["settle"]:
        plan = _settled(plan, said)
    live = {host: facts[host]["live"] for host in hosts}
    return {
        "plan": plan,
        "dynamic": _plan_facts.dynamic_options(plan["dynamic"], nodes, live) if plan["dynamic"] else {},
        "interim": {} if options["settle"] else _interim(plan, states, desired, facts),
        "dynamic_keys": {
            host: keys for host, keys in kept.items() if keys or facts[host]["state"]["disk"]["dynamic_keys"]
        },
        "until_restart": until_restart,
        "waiting": {state.host: _waiting(plan, state.host) for state in states if state.running},
    }


def _waiting(plan: dict[str, Any], host: str) -> list[str]:
    """Return what a node can get only with a restart, also while something else in the plan is refused."""
    lines = (one for one in plan["differences"] if one["apply"] == RESTART and not one["refused"])
    return [one["what"] for one in lines if host in one["hosts"]]


def _plan(
    name: str, states: list[NodeState], decided: Cluster, active: Optional[str], options: dict[str, Any]
) -> dict[str, Any]:
    plan = _change_plan.change_plan(name, states, decided, active)
    if options["everything"] and not plan["refused"]:
        plan = _change_plan.with_everything(plan, states, active)
    return plan


def _active(nodes: dict[str, Any], hosts: list[str], health: dict[str, Any]) -> Optional[str]:
    leader = (health.get("summary", {}).get("quorum") or {}).get("leader_id")
    return next((host for host in hosts if nodes[host]["node_id"] == leader), None)


def _interim(
    plan: dict[str, Any], states: list[NodeState], desired: dict[str, Any], facts: dict[str, Any]
) -> dict[str, Any]:
    on_disk = {host: found["state"]["disk"]["properties"] for host, found in facts.items()}
    open_to_change = [state.host for state in states if not state.left_alone]
    return _plan_facts.interim_files(plan["held"], desired, on_disk, open_to_change)


def _settled(plan: dict[str, Any], said: set[str]) -> dict[str, Any]:
    """Leave of a plan what a restart has made possible: dynamic values go that only hid what processes had loaded."""
    steps = [step for step in plan["dynamic"] if step["operation"] == DELETE and step["key"] not in said]
    keys = {step["key"] for step in steps}
    lines = [in_words(one) for one in plan["differences"] if one["what"] in keys and one["operation"] == DELETE]
    return {**plan, "changed": bool(steps), "dynamic": steps, "restart": [], "lines": lines}


def _beyond_the_run(plan: dict[str, Any], hosts: list[str]) -> list[str]:
    """Return a line when values for the cluster reach nodes that nobody compared."""
    if not hosts or not any(step["scope"] == "cluster" for step in plan["dynamic"]):
        return []
    return [f"{plan['cluster']}: the values for the cluster reach {', '.join(hosts)} too, which this run does not see."]
