#!/usr/bin/python
# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Measure how evenly partitions lie on brokers, and plan and make the moves that restore it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: partition_balance
short_description: Measure how evenly partitions lie on brokers, and restore that
version_added: 0.1.0
description:
  - Reports what is uneven (replicas, leaders, bytes, racks, data directories, preferred leaders), what is left over of
    earlier moves, and plans the fewest bytes that restore the balance within a tolerance.
  - With O(execute) it carries the plan out in batches, each under a throttle that holds for the moving replicas alone and
    is taken away afterwards, and shows the progress. It stops, puts the batch back and says why when partitions outside of
    it fall behind, or the network is used too much.
  - A run that was interrupted is seen through by the next one; the mere report names what it has left.
  - Runs on any host that reaches the brokers; needs the admin library that the role P(kraftops.kafka.kafka#role) installs.
extends_documentation_fragment: [kraftops.kafka.attributes]
options:
  bootstrap:
    description: Addresses (host:port) of brokers; the first that answers is asked.
    type: list
    elements: str
    required: true
  names: {description: "What people call the brokers, by id.", type: dict, default: {}}
  execute: {description: Carry the plan out., type: bool, default: false}
  cancel: {description: "Put back what is being moved, and take away all throttles of moves.", type: bool, default: false}
  drain: {description: "Brokers that are to hold nothing, by name or id.", type: list, elements: str, default: []}
  exclude_brokers: {description: "Brokers that give nothing and take nothing, by name or id.", type: list, elements: str, default: []}
  exclude_topics: {description: "Topics that stay as they are; names, or patterns with C(*).", type: list, elements: str, default: []}
  topics:
    description: Declared topics; where C(replication_factor) of one differs from what is, the plan changes it.
    type: list
    elements: dict
    default: []
  tolerance: {description: How many percent a broker may be from its fair share., type: float, default: 10.0}
  throttle:
    description: Bytes a second that each broker may give and take for moves, such as C(50MB).
    type: str
    default: 50MB
  batch: {description: Partitions that move at the same time., type: int, default: 20}
  network: {description: Stop when a broker uses more than this part of its network link (percent)., type: int, default: 50}
  exporters:
    description: Addresses of the brokers' node_exporters by name; of others the network is not watched.
    type: dict
    default: {}
  step:
    description: One step of an execution; for the part of this module that runs on the control node.
    type: str
    choices: [look, begin, watch, finish, cancel]
    default: look
  work: {description: The batch of a step., type: dict, default: {}}
  wait: {description: Seconds that a step may wait for progress., type: float, default: 5.0}
author: The kraftops.kafka maintainers (@kraftops)
"""

EXAMPLES = r"""
- name: Balance | Report and plan
  kraftops.kafka.partition_balance:
    bootstrap: [broker-1:9092, broker-2:9092]
    names: {11: broker-1, 12: broker-2, 13: broker-3, 14: broker-4}
    drain: [broker-3]
"""

RETURN = r"""
lines: {description: The report in words., returned: success, type: list, elements: str}
uneven: {description: What is uneven in words; empty when nothing is., returned: success, type: list, elements: str}
measures: {description: "All numbers, now (C(now)) and after the plan (C(planned)).", returned: success, type: dict}
plan:
  description: C(elections), C(reorders) (no data), C(moves), C(disk_moves), and the C(bytes) that they copy.
  returned: success
  type: dict
leftovers: {description: What earlier moves have left., returned: success, type: list, elements: str}
planned: {description: Whether there is anything to do., returned: success, type: bool}
impossible: {description: What is asked for and cannot be done., returned: success, type: list, elements: str}
"""

import re
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils import _balance_steps as steps
from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError
from ansible_collections.kraftops.kafka.plugins.module_utils._balance import Layout, Wishes
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_look import Found, connect, look
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_measure import measure
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_network import Links
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_plan import applied, plan
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_report import (
    batch_of,
    cautions,
    leftovers,
    plain_plan,
    under_way,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_steps import Batch, Crew
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_words import impossible, planned, uneven, unmended

UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 2**10, "mi": 2**20, "gi": 2**30}
RATE = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([kmg]i?)?b?(?:/s)?\s*", re.IGNORECASE)


class InputError(Exception):
    """An option cannot be understood; the text says which and why."""


def rate(text: str) -> int:
    """Return bytes a second."""
    found = RATE.fullmatch(text)
    if not found or not float(found[1]):
        raise InputError(f"throttle {text}: give bytes a second, such as 50MB or 50000000")
    return int(float(found[1]) * UNITS[(found[2] or "").lower()])


def node_ids(option: str, given: list[str], layout: Layout) -> frozenset[int]:
    """Return the ids of brokers that are given by name or id."""
    known = {one.name: node for node, one in layout.brokers.items()}
    known.update({str(node): node for node in layout.brokers})
    wrong = [one for one in given if one not in known]
    if wrong:
        names = ", ".join(one.name for one in layout.brokers.values())
        raise InputError(f"{option}: no broker of this cluster: {', '.join(wrong)}. There are: {names}")
    return frozenset(known[one] for one in given)


def wishes_of(params: dict[str, Any], layout: Layout) -> Wishes:
    """Return what is wished."""
    if not 0 <= params["tolerance"] <= 100:
        raise InputError(f"tolerance {params['tolerance']:g}: give percent, 0 to 100")
    several = {one.topic: len(one.replicas) for one in layout.partitions}
    wanted = {str(one.get("name")): one.get("replication_factor") for one in params["topics"]}
    factors = {name: int(count) for name, count in wanted.items() if count and several.get(name, count) != int(count)}
    return Wishes(
        params["tolerance"] / 100,
        node_ids("kafka_balance_drain", params["drain"], layout),
        node_ids("kafka_balance_exclude_brokers", params["exclude_brokers"], layout),
        tuple(params["exclude_topics"]),
        factors,
    )


def report(params: dict[str, Any], found: Found, throttle: int) -> dict[str, Any]:
    """Return the measures and the plan."""
    layout = found.layout
    wishes = wishes_of(params, layout)
    made = plan(layout, wishes)
    now, then = measure(layout, wishes), measure(applied(layout, made), wishes)
    faults, left, doing = uneven(now), leftovers(found), planned(made, layout, throttle)
    lines = [*left, *cautions(found, layout, wishes)]
    lines += faults or ["the cluster is even"]
    lines += ["the plan:", *doing] if doing else ["nothing to do"]
    lines += unmended(then)
    return {
        "changed": params["execute"] and not made.empty,
        "planned": not made.empty,
        "lines": lines,
        "uneven": faults,
        "measures": {"now": now, "planned": then},
        "plan": plain_plan(made),
        "leftovers": left,
        "impossible": impossible(made),
        "under_way": under_way(found),
        "throttled": bool(found.rates or found.throttled),
        "throttle": throttle,
    }


def elsewhere(found: Found, params: dict[str, Any], batch: Batch) -> list[str]:
    """Return the partitions outside of a batch that are not in sync; replicas on drained brokers never are."""
    drained = node_ids("kafka_balance_drain", params["drain"], found.layout)
    return sorted(
        f"{name[0]}-{name[1]}"
        for name, missing in found.behind.items()
        if name not in batch.names and not set(missing) <= drained
    )


def away(found: Found, params: dict[str, Any], batch: Batch) -> list[str]:
    """Return the brokers of a batch that do not serve; those that are drained may be gone for good."""
    drained = node_ids("kafka_balance_drain", params["drain"], found.layout)
    return [found.layout.name(node) for node in sorted(batch.brokers - drained - set(found.addresses))]


def step(params: dict[str, Any], throttle: int) -> dict[str, Any]:
    """Do one step of an execution."""
    names = {int(node): str(name) for node, name in params["names"].items()}
    batch = batch_of(params["work"])
    found = look(params["bootstrap"], names, whole=params["step"] != "watch")
    with connect(params["bootstrap"]) as node:
        crew = Crew(node, found.addresses, names)
        if params["step"] == "begin":
            return begin(params, crew, batch, found)
        if params["step"] == "watch":
            links = Links(params["exporters"])
            told = steps.watch(crew, batch, params["wait"])
            return {
                **told,
                "behind": elsewhere(found, params, batch),
                "away": away(found, params, batch),
                "network": links.used(),
            }
        back, problems = put_back(crew, batch, found) if params["step"] == "cancel" else (0, [])
        return {"problems": problems + steps.clear(crew, found.throttled, found.rates), "back": back}


def put_back(crew: Crew, batch: Batch, found: Found) -> tuple[int, list[str]]:
    """Put back what is under way, all of it or that of a batch; return how much that was, and what went wrong."""
    moving = [name for name in found.moving if not batch.names or name in batch.names]
    shifting = {name: paths for name, paths in found.shifting.items() if not batch.names or name[:2] in batch.names}
    return len(moving) + len(shifting), steps.cancel(crew, moving) + steps.shift_back(crew, shifting)


def begin(params: dict[str, Any], crew: Crew, batch: Batch, found: Found) -> dict[str, Any]:
    """Begin a batch, unless something speaks against it."""
    throttle = rate(params["throttle"])
    behind = elsewhere(found, params, batch)
    if behind:
        return {
            "refused": f"{len(behind)} partitions are not in sync: {', '.join(behind[: steps.NAMED])}",
            "problems": [],
        }
    changed = {(one.topic, one.number): one.replicas for one in found.layout.partitions}
    stale = [move.name for move in batch.moves if changed.get((move.topic, move.number)) != move.before]
    if stale and not params["work"].get("adopted"):
        return {
            "refused": f"{', '.join(stale[: steps.NAMED])}: changed since the plan was made; run it again",
            "problems": [],
        }
    refused = steps.refusal(crew, batch, throttle)
    return {"refused": refused, "problems": [] if refused else steps.begin(crew, batch, throttle)}


def main() -> None:
    """Run the module."""
    texts = {"type": "list", "elements": "str", "default": []}
    module = AnsibleModule(
        argument_spec={
            "bootstrap": {"type": "list", "elements": "str", "required": True},
            "names": {"type": "dict", "default": {}},
            "execute": {"type": "bool", "default": False},
            "cancel": {"type": "bool", "default": False},
            "drain": texts,
            "exclude_brokers": texts,
            "exclude_topics": texts,
            "topics": {"type": "list", "elements": "dict", "default": []},
            "tolerance": {"type": "float", "default": 10.0},
            "throttle": {"type": "str", "default": "50MB"},
            "batch": {"type": "int", "default": 20},
            "network": {"type": "int", "default": 50},
            "exporters": {"type": "dict", "default": {}},
            "step": {"type": "str", "choices": ["look", "begin", "watch", "finish", "cancel"], "default": "look"},
            "work": {"type": "dict", "default": {}},
            "wait": {"type": "float", "default": 5.0},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        throttle = rate(params["throttle"])
        if params["step"] == "look" or module.check_mode:
            names = {int(node): str(name) for node, name in params["names"].items()}
            module.exit_json(**report(params, look(params["bootstrap"], names), throttle))
        module.exit_json(changed=True, **step(params, throttle))
    except (AdminError, InputError) as problem:
        module.fail_json(msg=str(problem))


if __name__ == "__main__":
    main()
