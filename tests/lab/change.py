"""What a change does to the nodes of the cluster: their processes, files and live values, and a run that is killed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from functools import partial

from ansible_collections.kraftops.kafka.plugins.module_utils._admin_configs import ConfigsNode
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_topics import BrokerNode
from ansible_collections.kraftops.kafka.plugins.module_utils._snapshot import Partition
from tests.lab.live import PLAIN, ROOT, Live, Play, playbook, wait_for
from tests.lab.wire import Wire, library

# The files that Kafka reads at its start.
START_FILES = "cd /etc/kafka && sha256sum server.properties jvm.options ../systemd/system/kafka.service"
STATE = "systemctl show --property=MainPID,ActiveState,SubState,ExecMainStartTimestampMonotonic kafka.service"
STARTS = "journalctl --quiet --unit=kafka.service --output=cat _PID=1 | grep -c '^Started kafka.service' || true"
RETENTION = "log.retention.ms"
CONFIRMED = ("-e", f"kafka_confirm_data_loss={RETENTION}")


def properties(**groups: dict[str, object]) -> tuple[str, str]:
    """Arguments that change properties: properties(broker={...}) on brokers, properties(all={...}) on all nodes."""
    names = {
        "all": "kafka_properties",
        "broker": "kafka_broker_properties",
        "controller": "kafka_controller_properties",
    }
    return "-e", json.dumps({names[group]: values for group, values in groups.items()})


def site(*arguments: str) -> Play:
    """Run site.yml for Kafka alone."""
    return playbook("site.yml", "--tags", "kafka", *arguments)


def words(output: str) -> str:
    """Return an output without the line breaks and indents of wrapped messages."""
    return " ".join(output.split())


class Processes:
    """The Kafka processes at one moment; `others` and `order` compare with them what runs later."""

    def __init__(self, live: Live) -> None:
        """Look at all nodes; containers on one machine have one monotonic clock."""
        self.live = live
        self.states = {
            name: dict(line.split("=", 1) for line in text.splitlines())
            for name, text in live.everywhere(STATE, live.nodes).items()
        }
        self.starts = {name: int(text) for name, text in live.everywhere(STARTS, live.nodes).items()}

    def begun(self, name: str) -> int:
        """When the process of a node was started, in microseconds of the machine's clock."""
        return int(self.states[name]["ExecMainStartTimestampMonotonic"])

    def restarted(self, later: Processes) -> dict[str, int]:
        """How often each node that has another process later was started in between, in the order of their last start."""
        gone = [name for name, state in self.states.items() if state["MainPID"] != later.states[name]["MainPID"]]
        return {name: later.starts[name] - self.starts[name] for name in sorted(gone, key=later.begun)}


def files(live: Live) -> dict[str, str]:
    """The digests of the files that Kafka reads at its start."""
    return live.everywhere(START_FILES, live.nodes)


def effective(live: Live, key: str) -> dict[str, str | None]:
    """A property as each broker lives by it."""
    found = {}
    for broker in live.brokers:
        with ConfigsNode(broker.address, library()) as node:
            found[broker.name] = node.configs(str(broker.node_id), [key])[key]["value"]
    return found


def partitions(live: Live) -> tuple[Partition, ...]:
    """All partitions, as the first broker knows them."""
    with BrokerNode(live.brokers[0].address, library()) as node:
        return node.metadata().partitions


def active_controller(live: Live) -> str:
    """The name of the controller that leads the quorum."""
    with Wire(live.brokers[0].address) as wire:
        leader = wire.quorum().leader_id
    return next(node.name for node in live.controllers if node.node_id == leader)


def wait_until_whole(live: Live) -> None:
    """Return once all brokers serve, all voters are there and every replica is in sync."""
    wait_for("a whole cluster", 60, lambda: _whole(live))


def _whole(live: Live) -> bool:
    with Wire(live.brokers[0].address) as wire:
        serving, quorum = set(wire.cluster().nodes), wire.quorum()
    return (
        serving == {node.node_id for node in live.brokers}
        and all(quorum.lag(node.node_id) < 20 for node in live.controllers)
        and all(set(one.isr) == set(one.replicas) for one in partitions(live))
    )


def kill_at_restart(live: Live, turn: int, *arguments: str) -> str:
    """Run site.yml and kill it, with all it has started here, inside the restart of its nth node; return that node."""
    artifacts = f"@{os.environ['KRAFTOPS_ARTIFACTS']}/vars.yml"
    process = subprocess.Popen(
        ["ansible-playbook", "-e", artifacts, "site.yml", "--tags", "kafka", *arguments],
        cwd=ROOT,
        env={**os.environ, **PLAIN, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    seen, node, before = [], "", Processes(live)
    assert process.stdout is not None
    for line in process.stdout:
        seen.append(line)
        if found := re.match(r"changed: \[([\w-]+)\]", line):
            node = found[1]
        turn -= line.startswith("TASK ") and "Roll | Restart]" in line
        if not turn:
            wait_for(f"the restart of {node}", 20, partial(_restarting, live, node, before))
            os.killpg(process.pid, signal.SIGKILL)
            break
    process.wait(timeout=60)
    assert process.returncode == -signal.SIGKILL, "".join(seen)
    time.sleep(0.5)
    return node


def _restarting(live: Live, node: str, before: Processes) -> bool:
    state = dict(line.split("=", 1) for line in live.run(node, STATE).splitlines())
    return state["MainPID"] != before.states[node]["MainPID"] or state["ActiveState"] == "deactivating"
