"""What a change does to the nodes of the cluster: their processes, files and live values, and a run that is killed."""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
import signal
import subprocess
from collections.abc import Iterable
from functools import partial

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_configs import CLUSTER, ConfigsNode
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_topics import BrokerNode
from ansible_collections.kraftops.kafka.plugins.module_utils._effective import FROM_CLUSTER, FROM_NODE
from ansible_collections.kraftops.kafka.plugins.module_utils._snapshot import Partition
from tests.lab.live import PLAIN, ROOT, Live, Node, Play, playbook, wait_for
from tests.lab.wire import Wire, library

# The files that Kafka reads at its start.
START_FILES = "cd /etc/kafka && sha256sum server.properties jvm.options ../systemd/system/kafka.service"
STATE = "systemctl show --property=MainPID,ActiveState,SubState,ExecMainStartTimestampMonotonic kafka.service"
STARTS = "journalctl --quiet --unit=kafka.service --output=cat _PID=1 | grep -c '^Started kafka.service' || true"
# The tasks of a turn at which runs are killed; the first names the node.
FIRST_TASK = "Gate | Look at the node's own process"
READ_ONLY = "queued.max.requests"  # Kafka reads it at its start only; its default is 500
# Tasks of a turn: when the first begins the files are written, when the second begins the process was started.
RESTART, STARTED = "Turn | Restart", "Turn | Wait until the node serves"
LOCK = "/var/lib/kraftops/lock.json"
RETENTION = "log.retention.ms"
# A secret by its property's name. No run may say it, nor may a document hold it.
SECRET = "planted-passw0rd-4711"
# In base64 it looks different at each of three places; without what its neighbours have a part in.
ENCODED = [base64.b64encode(bytes(at) + SECRET.encode()).decode()[begin:-4] for at, begin in enumerate((0, 2, 3))]
CONFIRMED = ("-e", f"kafka_confirm_data_loss={RETENTION}")


def properties(**groups: dict[str, object]) -> tuple[str, str]:
    """Arguments that change properties: properties(broker={...}) on brokers, properties(all={...}) on all nodes."""
    names = {
        "all": "kafka_properties",
        "broker": "kafka_broker_properties",
        "controller": "kafka_controller_properties",
    }
    return "-e", json.dumps({names[group]: values for group, values in groups.items()})


def tells_the_secret(text: str) -> bool:
    """Whether a text has the planted secret in it, as it is or in base64."""
    return any(form in text for form in (SECRET, *ENCODED))


def site(*arguments: str) -> Play:
    """Run site.yml for Kafka alone."""
    return playbook("site.yml", "--tags", "kafka", *arguments)


def words(output: str) -> str:
    """Return an output without the line breaks and indents of wrapped messages."""
    return " ".join(output.split())


class Processes:
    """The Kafka processes at one moment; `others` and `order` compare with them what runs later."""

    def __init__(self, live: Live, names: Iterable[str] = ()) -> None:
        """Look at all nodes, or at some; containers on one machine have one monotonic clock."""
        self.live = live
        asked = list(names or live.nodes)
        self.states = {
            name: dict(line.split("=", 1) for line in text.splitlines())
            for name, text in live.everywhere(STATE, asked).items()
        }
        self.starts = {name: int(text) for name, text in live.everywhere(STARTS, asked).items()}

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


def set_live(live: Live, values: dict[str, str | None], node: Node | None = None) -> None:
    """Set dynamic values of the cluster, or of one broker, past the collection; None takes one away."""
    asked = node or live.brokers[0]
    with ConfigsNode(asked.address, library()) as admin:
        admin.alter(str(node.node_id) if node else CLUSTER, values.items(), validate_only=False)


def dynamic(live: Live, node: Node, keys: Iterable[str]) -> set[str]:
    """Those of the keys that have a dynamic value on a broker, wherever it is set."""
    with ConfigsNode(node.address, library()) as admin:
        found = admin.configs(str(node.node_id), keys)
    return {key for key, entry in found.items() if entry["source"] in (FROM_NODE, FROM_CLUSTER)}


def partitions(live: Live) -> tuple[Partition, ...]:
    """All partitions, as the first broker knows them."""
    with BrokerNode(live.brokers[0].address, library()) as node:
        return node.metadata().partitions


def active_controller(live: Live) -> str:
    """The name of the controller that leads the quorum."""
    with Wire(live.brokers[0].address) as wire:
        leader = wire.quorum().leader_id
    return next(node.name for node in live.controllers if node.node_id == leader)


def leader_but(live: Live, name: str) -> str:
    """The controller that leads the quorum, empty while none does or still the given one."""
    try:
        leader = active_controller(live)
    except (AdminError, StopIteration):
        return ""
    return leader if leader != name else ""


def wait_until_whole(live: Live) -> None:
    """Return once all brokers serve, all voters are there and every replica is in sync."""
    wait_for("a whole cluster", 300, lambda: is_whole(live))


def is_whole(live: Live) -> bool:
    """Whether that is so now; not when nobody answers either."""
    try:
        return _is_whole(live)
    except AdminError:
        return False


def _is_whole(live: Live) -> bool:
    with Wire(live.brokers[0].address) as wire:
        serving, quorum = set(wire.cluster().nodes), wire.quorum()
    return (
        serving == {node.node_id for node in live.brokers}
        and all(quorum.lag(node.node_id) < 20 for node in live.controllers)
        and all(set(one.isr) == set(one.replicas) for one in partitions(live))
    )


class Background:
    """A run that goes on while the test does something else; `output` is what it has said so far."""

    def __init__(self, *arguments: str, book: str = "site.yml") -> None:
        """Start it."""
        artifacts = f"@{os.environ['KRAFTOPS_ARTIFACTS']}/vars.yml"
        self.process = subprocess.Popen(
            ["ansible-playbook", "-e", artifacts, book, "--tags", "kafka", *arguments],
            cwd=ROOT,
            # Where skipped hosts are not shown, a task is named only once a host has done it.
            env={**os.environ, **PLAIN, "PYTHONUNBUFFERED": "1", "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "true"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.said: list[str] = []

    @property
    def output(self) -> str:
        """What it has said so far."""
        return "".join(self.said)

    def until(self, task: str) -> str:
        """Read until a task of a node's turn begins; return the node, which every turn names in its first task."""
        assert self.process.stdout is not None
        node, looks = "", False
        for line in self.process.stdout:
            self.said.append(line)
            if line.startswith("TASK "):
                looks = f"{FIRST_TASK}]" in line
                if f"{task}]" in line:
                    return node
            elif looks and (found := re.match(r"ok: \[([\w-]+)\]", line)):
                node = found[1]
        raise AssertionError(f"it ended before {task}:\n{self.output}")

    def end(self) -> int:
        """Read to the end; return the exit code."""
        assert self.process.stdout is not None
        self.said += self.process.stdout
        assert not tells_the_secret(self.output)
        return self.process.wait(timeout=60)

    def kill(self) -> None:
        """Kill it with all that it has started here. What runs on the hosts goes on."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=60)


def kill_in_turn(live: Live, task: str, inside: bool = False) -> str:
    """Run site.yml and kill it when a task of a turn is named, or (`inside`) when systemd restarts Kafka; return the node."""
    before, run = Processes(live), Background()
    node = run.until(task)
    if inside:
        wait_for(f"the restart of {node}", 120, partial(_restarting, live, node, before))
    run.kill()
    wait_for("the end of what the run has left behind", 60, lambda: not _restarting_now(live, node))
    return node


def _restarting(live: Live, node: str, before: Processes) -> bool:
    state = dict(line.split("=", 1) for line in live.run(node, STATE).splitlines())
    return state["MainPID"] != before.states[node]["MainPID"] or state["ActiveState"] == "deactivating"


def _restarting_now(live: Live, node: str) -> bool:
    return "ActiveState=active" not in live.run(node, STATE).splitlines()


def locks(live: Live) -> dict[str, str]:
    """The lock on each node, empty where there is none."""
    return live.everywhere(f"cat {LOCK} 2>/dev/null || true", live.nodes)


def set_lock(live: Live, name: str, **owner: object) -> None:
    """Put the lock of a run on another control node on a node."""
    live.run(name, f"mkdir -p {LOCK.rsplit('/', 1)[0]}; echo {shlex.quote(json.dumps(owner))} > {LOCK}")


def network(live: Live, name: str, verb: str, others: Iterable[str]) -> None:
    """Let what a host sends to others disappear (`add`), or not any more (`del`). Its own container may not do that."""
    container = f"kraftops-{os.environ['KRAFTOPS_CLUSTER']}-{name}"
    image = docker("inspect", "--format={{.Config.Image}}", container)
    for other in others:
        docker(
            *("run", "--rm", f"--network=container:{container}", "--cap-add=NET_ADMIN", "--entrypoint=ip", image),
            *("route", verb, "blackhole", live.ips[other]),
        )


def docker(*words: str) -> str:
    """Run docker; return what it printed."""
    return subprocess.run(["docker", *words], check=True, capture_output=True, text=True).stdout.strip()
