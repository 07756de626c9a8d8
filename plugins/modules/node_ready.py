#!/usr/bin/python
# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Wait until a Kafka node serves its cluster."""

from __future__ import annotations

DOCUMENTATION = r"""
module: node_ready
short_description: Wait until a Kafka node serves its cluster
version_added: 0.1.0
description:
  - A controller is ready when it votes in a quorum that has a leader, and is caught up with it.
  - A broker is ready when the cluster lists it as unfenced, and it passes requests on to the active controller.
  - Waits for as long as something moves, which is the node's own log, up to O(timeout).
  - Fails at once when the unit has stopped, or when its process ended and systemd started it again.
extends_documentation_fragment: [kraftops.kafka.attributes]
options:
  node_id: {description: The node's id., type: int, required: true}
  controller:
    description: Address (host:port) of the node's own controller listener; empty for a pure broker.
    type: str
    default: ""
  broker:
    description: Address (host:port) of the node's own client listener; empty for a pure controller.
    type: str
    default: ""
  stall_timeout: {description: Seconds without any progress after which the wait fails., type: int, default: 120}
  timeout: {description: Seconds after which the wait fails in any case., type: int, default: 600}
  since:
    description:
      - From when RV(waited_seconds) counts, in seconds of the host's monotonic clock, as
        RV(kraftops.kafka.kafka_restart#module:ended) has it; from the call of this module when it is not given.
      - A process that has just been started works on while this module is on its way to the host.
    type: float
  log: {description: The node's log; growing counts as progress and its end is shown on failure., type: path, required: true}
author: The kraftops.kafka maintainers (@kraftops)
"""

EXAMPLES = r"""
- name: Start | Wait until the broker is unfenced
  kraftops.kafka.node_ready:
    node_id: 11
    broker: broker-1:9092
    log: /var/log/kafka/server.log
"""

RETURN = r"""
cluster_id: {description: The cluster that the node belongs to., returned: success, type: str}
leader_id: {description: The active controller., returned: success, type: int}
voters: {description: Ids of the voters., returned: success, type: list, elements: int}
brokers: {description: Ids of the unfenced brokers; empty when only a controller was asked., returned: success, type: list, elements: int}
waited_seconds: {description: How long it took., returned: success, type: float}
recovery:
  description:
    - What the node's log says about the recovery of its logs after an unclean stop, with C(logs), C(recovered), C(directories),
      C(seconds) and whether it is still C(recovering); null after a clean stop.
  returned: success
  type: dict
"""

import os
import time
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils import _recovery
from ansible_collections.kraftops.kafka.plugins.module_utils._admin import (
    BROKERS,
    CONTROLLERS,
    AdminError,
    AdminNode,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._node_report import assignments

UNIT = "kafka.service"
POLL_SECONDS = 0.5
MAX_LAG = 1000
SHOWN_LINES = 10
SHOWN_JOURNAL = 8
# What is read of both ends to find so many lines that tell something.
READ_JOURNAL = 200
READ_BYTES = 256 * 1024
FRAMES = ("\tat ", "\t... ")


class NotReadyError(Exception):
    """The node does not serve yet; the text says what is missing."""


def check_controller(address: str, node_id: int) -> dict[str, Any]:
    """Return what the quorum says of itself; raise NotReadyError while this voter does not take part."""
    with AdminNode(address) as node:
        view = node.cluster(CONTROLLERS)
        if view.controller_id < 0:
            raise NotReadyError("the quorum has no leader yet")
        leader = view.nodes.get(view.controller_id)
    if leader is None:
        raise NotReadyError(f"controller {view.controller_id} leads, and has not registered its address yet")
    with AdminNode(f"{leader.host}:{leader.port}") as node:
        quorum = node.quorum()
    if node_id in quorum.voters and (quorum.lag(node_id) > MAX_LAG or quorum.voters[node_id].log_end_offset < 0):
        raise NotReadyError(f"voter {node_id} is {quorum.lag(node_id)} records behind leader {quorum.leader_id}")
    if node_id not in quorum.voters and node_id not in quorum.observers:
        raise NotReadyError(f"controller {node_id} does not fetch from leader {quorum.leader_id}")
    return {
        "cluster_id": view.cluster_id,
        "leader_id": quorum.leader_id,
        "voters": sorted(quorum.voters),
        "brokers": [],
    }


def check_broker(address: str, node_id: int) -> dict[str, Any]:
    """Return what the cluster says of itself; raise NotReadyError while this broker is fenced."""
    with AdminNode(address) as node:
        view = node.cluster(BROKERS)
        if node_id not in view.nodes:
            raise NotReadyError(f"broker {node_id} is fenced; unfenced are {sorted(view.nodes) or 'none'}")
        try:
            quorum = node.quorum()
        except AdminError as problem:
            raise NotReadyError(f"broker {node_id} does not reach the active controller: {problem}") from problem
    return {
        "cluster_id": view.cluster_id,
        "leader_id": quorum.leader_id,
        "voters": sorted(quorum.voters),
        "brokers": sorted(view.nodes),
    }


def check(params: dict[str, Any]) -> dict[str, Any]:
    """Check every role of the node; a combined node must be ready in both."""
    result: dict[str, Any] = {}
    if params["controller"]:
        result = check_controller(params["controller"], params["node_id"])
    if params["broker"]:
        result = check_broker(params["broker"], params["node_id"])
    return result


def unit_state(module: AnsibleModule) -> tuple[str, int]:
    """Return systemd's word for the unit, and how often it has restarted the process by itself."""
    _code, out, _err = module.run_command(["systemctl", "show", "--property=ActiveState,NRestarts", UNIT])
    values = assignments(out)
    return values.get("ActiveState", ""), int(values.get("NRestarts", "0") or 0)


def log_size(path: str) -> int:
    """Return the size of the log in bytes, 0 while there is none."""
    return os.path.getsize(path) if os.path.exists(path) else 0


def last_words(module: AnsibleModule) -> str:
    """Return the end of the unit's journal, where a JVM complains that cannot start, and of the node's own log."""
    command = ["journalctl", f"--unit={UNIT}", f"--lines={READ_JOURNAL}", "--output=cat", "--quiet"]
    _code, out, _err = module.run_command(command)
    words = f"The end of its journal:\n{end_of(out, SHOWN_JOURNAL)}"
    path = module.params["log"]
    size = log_size(path)
    if size:
        with open(path, "rb") as stream:
            stream.seek(max(size - READ_BYTES, 0))
            said = stream.read().decode("utf-8", "replace")
        words += f"\nThe end of {path}:\n{end_of(said, SHOWN_LINES)}"
    return words


def end_of(text: str, lines: int) -> str:
    """Return the last lines of a text without the frames of stack traces, which would hide what they are about."""
    told = [line for line in text.strip().splitlines() if not line.startswith(FRAMES)]
    return "\n".join(told[-lines:])


def fail(module: AnsibleModule, why: str) -> None:
    """Fail with the reason and what the node said last."""
    module.fail_json(msg=f"node {module.params['node_id']} is not ready: {why}. {last_words(module)}")


def give_up(params: dict[str, Any], still: float, waited: float) -> str:
    """Return why to stop waiting, empty while there is hope; times in seconds."""
    if still > params["stall_timeout"]:
        return f"nothing moved for {params['stall_timeout']} s"
    return f"{params['timeout']} s have passed" if waited > params["timeout"] else ""


def wait(module: AnsibleModule) -> dict[str, Any]:
    """Poll until the node is ready; give up when nothing moves."""
    params = module.params
    start = moved = time.monotonic()
    since = start if params["since"] is None else min(params["since"], start)
    size, restarts = log_size(params["log"]), unit_state(module)[1]
    while True:
        try:
            waited = {**check(params), "waited_seconds": round(time.monotonic() - since, 1)}
            return {**waited, "recovery": _recovery.read(params["log"])}
        except (AdminError, NotReadyError) as problem:
            why = str(problem)
        state, restarted = unit_state(module)
        now = time.monotonic()
        if state not in ("active", "activating") or restarted > restarts:
            fail(module, f"the process of {UNIT} ended ({state}); {why}")
        if log_size(params["log"]) != size:
            size, moved = log_size(params["log"]), now
        reason = give_up(params, now - moved, now - start)
        if reason:
            found = _recovery.words(_recovery.read(params["log"]))
            fail(module, "; ".join(text for text in (reason, why, found) if text))
        time.sleep(POLL_SECONDS)


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "node_id": {"type": "int", "required": True},
            "controller": {"type": "str", "default": ""},
            "broker": {"type": "str", "default": ""},
            "stall_timeout": {"type": "int", "default": 120},
            "timeout": {"type": "int", "default": 600},
            "since": {"type": "float"},
            "log": {"type": "path", "required": True},
        },
        supports_check_mode=True,
    )
    if not (module.params["controller"] or module.params["broker"]):
        module.fail_json(msg="controller and broker are both empty: there is nobody to ask")
    if module.check_mode and unit_state(module)[0] not in ("active", "activating"):
        module.exit_json(changed=False, msg=f"{UNIT} does not run; check mode does not wait for it")
    module.exit_json(changed=False, **wait(module))


if __name__ == "__main__":
    main()
