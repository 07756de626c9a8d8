#!/usr/bin/python
# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look at a cluster, and say whether nodes may be taken away or are back."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_health
short_description: Say whether Kafka nodes may be restarted, or are back after it
version_added: 0.1.0
description:
  - Asks one broker, or the controllers when only those are in question, in one process, and starts no JVM.
  - Never asks a target about itself, unless there is nobody else, and never a broker that does not follow the controllers.
  - Changes nothing. A gate that is closed is not a failure; look at RV(allowed).
  - A gate counts what the restart takes away. A target that is fenced, out of an ISR, or behind the quorum may be
    restarted, unless it is coming back by itself.
extends_documentation_fragment: [kraftops.kafka.attributes]
options:
  gate:
    description:
      - V(before) asks whether the targets may be taken away together.
      - V(after) asks whether they are back, which is unfenced and in every ISR, and caught up with the quorum.
      - V(none) only looks.
    type: str
    choices: [before, after, none]
    default: none
  targets:
    description: The nodes in question.
    type: list
    elements: dict
    default: []
    suboptions:
      node_id: {description: The node's id., type: int, required: true}
      roles:
        description: Its roles.
        type: list
        elements: str
        choices: [broker, controller]
        required: true
      recovering: {description: Whether its process is known to be recovering its logs., type: bool, default: false}
      new_process: {description: Whether its process is another one than before the restart., type: bool}
  brokers:
    description: The brokers of the cluster; the first one that may be asked and answers is asked.
    type: list
    elements: dict
    default: []
    suboptions:
      node_id: {description: The node's id., type: int, required: true}
      address: {description: "Its address, as C(host:port).", type: str, required: true}
  controllers:
    description: The controllers of the cluster, which are asked when no target is a broker.
    type: list
    elements: dict
    default: []
    suboptions:
      node_id: {description: The node's id., type: int, required: true}
      address: {description: "Its address, as C(host:port).", type: str, required: true}
  unavailable:
    description: Ids of nodes that are down, unreachable or in maintenance; every gate counts them as down.
    type: list
    elements: int
    default: []
  strict:
    description: Refuse whatever is not in order anywhere in the cluster.
    type: bool
    default: false
  unsafe_topics:
    description: What to do about topics that have no replica to spare.
    type: str
    choices: [warn, refuse]
    default: warn
  caught_up_ms:
    description: A voter keeps up while it is less than this behind its leader; C(controller.quorum.fetch.timeout.ms).
    type: int
    default: 2000
  disks:
    description: Also ask every broker that is available for its disks.
    type: bool
    default: false
  request_timeout: {description: Seconds to wait for one answer., type: int, default: 10}
  stall_timeout:
    description: Seconds without any progress after which to stop waiting for the gate to open; 0 does not wait.
    type: int
    default: 0
author: The kraftops.kafka maintainers (@kraftops)
"""

EXAMPLES = r"""
- name: Roll | Wait until broker 12 may be restarted
  kraftops.kafka.cluster_health:
    gate: before
    targets: [{node_id: 12, roles: [broker]}]
    brokers: [{node_id: 11, address: "broker-1:9092"}, {node_id: 12, address: "broker-2:9092"}]
    stall_timeout: 300
  delegate_to: broker-1
"""

RETURN = r"""
allowed: {description: Whether the gate is open., returned: always, type: bool}
reasons:
  description: Why it is closed, each with a C(code) and a C(text); the first 20 of a kind.
  returned: always
  type: list
  elements: dict
reason_counts: {description: How many reasons there are by code., returned: always, type: dict}
notes: {description: What is worth knowing and closes no gate; as RV(reasons)., returned: always, type: list, elements: dict}
behind:
  description: How far each target is behind (C(partitions) it is out of the ISR of, C(records), C(voter_records)), by node id.
  returned: always
  type: dict
waited_seconds: {description: How long the module waited., returned: always, type: float}
summary:
  description: The cluster in numbers, C(quorum), C(brokers), C(partitions); empty when nobody answered.
  returned: always
  type: dict
features: {description: Finalized features with their levels., returned: when a broker was asked and O(gate=none), type: dict}
disks: {description: Data directories of each broker by node id., returned: when O(disks), type: dict}
"""

import time
from dataclasses import asdict
from typing import Any, Optional

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils import _summary
from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_topics import BrokerNode
from ansible_collections.kraftops.kafka.plugins.module_utils._gates import Finding, Question, Target, Verdict
from ansible_collections.kraftops.kafka.plugins.module_utils._health import NoViewError, Peers, Probe, Sample

# Between two looks. A replica that is throttled, or fetches large batches, does not move in every second.
PAUSE_SECONDS = {"before": 2.0, "after": 1.0}
NONE = "none"


def question(params: dict[str, Any]) -> Question:
    """Return the question that the parameters ask."""
    targets = tuple(
        Target(
            one["node_id"],
            "broker" in one["roles"],
            "controller" in one["roles"],
            one["recovering"],
            one["new_process"],
        )
        for one in params["targets"]
    )
    return Question(
        targets,
        frozenset(params["unavailable"]),
        params["strict"],
        params["unsafe_topics"] == "refuse",
        params["caught_up_ms"],
    )


def peers(params: dict[str, Any]) -> Peers:
    """Return who can be asked."""
    return Peers(
        {one["node_id"]: one["address"] for one in params["brokers"]},
        {one["node_id"]: one["address"] for one in params["controllers"]},
        params["request_timeout"] * 1000,
    )


def look(probe: Probe, gate: str, earlier: Optional[Sample]) -> tuple[Optional[Sample], Verdict]:
    """Look once, and judge; where two samples must be compared and there is only one, look again."""
    try:
        now = probe.sample()
        if gate == NONE:
            return now, Verdict()
        if earlier is None and probe.needs_another(gate, now):
            time.sleep(PAUSE_SECONDS[gate])
            earlier, now = now, probe.sample()
        return now, probe.judge(gate, now, earlier)
    except NoViewError as problem:
        return None, Verdict((Finding("no_view", str(problem)),))


def missing(sample: Optional[Sample], verdict: Verdict) -> dict[str, int]:
    """Return what is still missing, as numbers that shrink while there is progress."""
    numbers = {f"reasons {code}": count for code, count in _summary.verdict(verdict)["reason_counts"].items()}
    for node_id, behind in sample.behind.items() if sample else []:
        values = {"partitions": behind.partitions, "records": behind.records, "voter_records": behind.voter_records}
        numbers.update({f"{node_id} {name}": value for name, value in values.items() if value is not None})
    return numbers


def wait(probe: Probe, gate: str, stall_timeout: int) -> tuple[Optional[Sample], Verdict]:
    """Look until the gate is open or nothing moves any more."""
    sample, verdict = look(probe, gate, None)
    best, moved = missing(sample, verdict), time.monotonic()
    while not verdict.allowed and time.monotonic() - moved < stall_timeout:
        time.sleep(PAUSE_SECONDS[gate])
        sample, verdict = look(probe, gate, sample)
        for name, number in missing(sample, verdict).items():
            if number < best.get(name, number + 1):
                best[name], moved = number, time.monotonic()
    return sample, verdict


def disks(known: Peers, unavailable: list[int]) -> dict[str, Any]:
    """Ask every broker for its disks; one that does not answer has an error instead."""
    found: dict[str, Any] = {}
    for node_id, address in sorted(known.brokers.items()):
        if node_id in unavailable:
            continue
        try:
            with BrokerNode(address, known.library, known.timeout_ms) as node:
                found[str(node_id)] = {"directories": [asdict(one) for one in node.log_dirs()]}
        except AdminError as problem:
            found[str(node_id)] = {"directories": [], "error": str(problem)}
    return found


def examine(params: dict[str, Any]) -> dict[str, Any]:
    """Do everything that was asked for."""
    started, known = time.monotonic(), peers(params)
    with Probe(known, question(params)) as probe:
        sample, verdict = wait(probe, params["gate"], params["stall_timeout"])
        result: dict[str, Any] = _summary.verdict(verdict)
        result["waited_seconds"] = round(time.monotonic() - started, 1)
        result["summary"] = _summary.summary(sample.snapshot) if sample else {}
        result["behind"] = {str(node_id): asdict(one) for node_id, one in sample.behind.items()} if sample else {}
        if params["gate"] == NONE and probe.broker:
            result["features"] = probe.broker.features()
    if params["disks"]:
        result["disks"] = disks(known, params["unavailable"])
    return result


def main() -> None:
    """Run the module."""
    node = {"node_id": {"type": "int", "required": True}, "address": {"type": "str", "required": True}}
    roles = {"type": "list", "elements": "str", "choices": ["broker", "controller"], "required": True}
    target = {
        "node_id": {"type": "int", "required": True},
        "roles": roles,
        "recovering": {"type": "bool", "default": False},
        "new_process": {"type": "bool"},
    }
    module = AnsibleModule(
        argument_spec={
            "gate": {"type": "str", "choices": ["before", "after", NONE], "default": NONE},
            "targets": {"type": "list", "elements": "dict", "default": [], "options": target},
            "brokers": {"type": "list", "elements": "dict", "default": [], "options": node},
            "controllers": {"type": "list", "elements": "dict", "default": [], "options": node},
            "unavailable": {"type": "list", "elements": "int", "default": []},
            "strict": {"type": "bool", "default": False},
            "unsafe_topics": {"type": "str", "choices": ["warn", "refuse"], "default": "warn"},
            "caught_up_ms": {"type": "int", "default": 2000},
            "disks": {"type": "bool", "default": False},
            "request_timeout": {"type": "int", "default": 10},
            "stall_timeout": {"type": "int", "default": 0},
        },
        supports_check_mode=True,
    )
    if module.params["gate"] != NONE and not module.params["targets"]:
        module.fail_json(msg=f"gate {module.params['gate']} needs targets")
    module.exit_json(changed=False, **examine(module.params))


if __name__ == "__main__":
    main()
