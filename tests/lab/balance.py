"""Topics of the claim, where their partitions lie, and runs of the playbooks topics and balance."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._admin_moves import LEADER_RATE, THROTTLED, MovesNode, Name
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_topics import BROKER, TOPIC
from tests.lab.live import PLAIN, ROOT, Live, Play, playbook, wait_for
from tests.lab.wire import library

PREFIX = "balance-"
EXECUTE = ("-e", "kafka_balance_execute=true")


class Moves(MovesNode):
    """A MovesNode with the library of the staged artifacts."""

    def __init__(self, address: str) -> None:
        """Use that library."""
        super().__init__(address, library())

    def __enter__(self) -> Moves:
        """Return the node itself."""
        return self


def moves(live: Live) -> Moves:
    """A connection to the first broker."""
    return Moves(live.brokers[0].address)


def topics(*declared: dict[str, Any], extra: tuple[str, ...] = ()) -> Play:
    """Run the playbook topics with these declarations."""
    return playbook("playbooks/topics.yml", "-e", json.dumps({"kafka_topics": list(declared)}), *extra)


def balance(*arguments: str) -> Play:
    """Run the playbook balance."""
    return playbook("playbooks/balance.yml", *arguments)


def replicas(live: Live) -> dict[Name, tuple[int, ...]]:
    """Where every partition lies."""
    with moves(live) as node:
        return {(one.topic, one.number): one.replicas for one in node.metadata().partitions}


def held(live: Live, name: str) -> list[Name]:
    """The partitions of which a broker has a replica, Kafka's own topics too."""
    return [one for one, where in replicas(live).items() if live.nodes[name].node_id in where]


def throttles(live: Live) -> list[str]:
    """The keys of throttles that are set, on topics and on brokers."""
    with moves(live) as node:
        found = [
            f"{topic} {key}"
            for topic, entries in node.topic_configs(
                {name for name, _number in replicas(live)}, list(THROTTLED)
            ).items()
            for key, entry in entries.items()
            if entry.own and entry.value
        ]
    for broker in live.brokers:
        with Moves(broker.address) as node:
            found += [f"{broker.name} {key}" for key in node.rates(broker.node_id)]
    return found


def skew(live: Live, topic: str, where: tuple[int, ...]) -> None:
    """Put all partitions of a topic on the same brokers, whatever their racks; return when they are there."""
    with moves(live) as node:
        names = [name for name in replicas(live) if name[0] == topic]
        assert node.reassign(dict.fromkeys(names, where)) == {}
        wait_for("a skewed topic", 300, lambda: not node.moving())
        node.elect_preferred([one for one in node.metadata().partitions if one.topic == topic])


def fill(live: Live, topic: str, megabytes: int) -> None:
    """Put messages of 1 kB into a topic."""
    command = f"kcat -P -b {live.bootstrap} -t {topic} -X acks=all"
    text = f'import sys; [sys.stdout.write("x" * 1023 + "\\n") for _ in range({megabytes * 1000})]'
    live.run(live.controllers[0].name, f"python3 -c '{text}' | {command}")


class Execution:
    """A run of the playbook balance that goes on while the test does something else."""

    def __init__(self, *arguments: str) -> None:
        """Start it."""
        artifacts = f"@{os.environ['KRAFTOPS_ARTIFACTS']}/vars.yml"
        self.output = ""
        self.process = subprocess.Popen(
            ["ansible-playbook", "-e", artifacts, "playbooks/balance.yml", *EXECUTE, *arguments],
            cwd=ROOT,
            env={**os.environ, **PLAIN},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def __enter__(self) -> Execution:
        """Return the run itself."""
        return self

    def __exit__(self, *_reason: object) -> None:
        """Do not leave it behind when a test fails."""
        if self.process.poll() is None:
            self.kill()

    def until_it_moves(self, live: Live, topic: str) -> None:
        """Return once partitions of a topic get new replicas."""
        with moves(live) as node:
            wait_for(f"replicas of {topic} that move", 300, lambda: self._moves(node, topic))

    def _moves(self, node: Moves, topic: str) -> bool:
        assert self.process.poll() is None, self.end_output()
        return any(name[0] == topic and one.adding for name, one in node.moving().items())

    def end_output(self) -> str:
        """What it said; returns when it ends."""
        self.output += self.process.communicate(timeout=300)[0] or ""
        return self.output

    def end(self) -> int:
        """Wait for its end; return the exit code."""
        self.end_output()
        return self.process.returncode

    def kill(self) -> None:
        """Kill it with all that it has started here."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=60)


def probed(live: Live) -> dict[str, float]:
    """What the probe tells of the cluster, done now; by series."""
    first = live.brokers[0].name
    live.run(first, "systemctl start kafka-probe.service")
    text = live.run(first, "cat /var/lib/node_exporter/textfile/kafka_cluster.prom")
    rows = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in rows}


def leave_throttles(live: Live, topic: str) -> None:
    """Set what a run sets before it moves anything, and move nothing."""
    broker = live.brokers[0]
    with moves(live) as node:
        assert node.alter(TOPIC, {topic: dict.fromkeys(THROTTLED, f"0:{broker.node_id}")}) == {}
        assert node.alter(BROKER, {str(broker.node_id): {LEADER_RATE: "1000000"}}) == {}


def remove_topics(live: Live) -> None:
    """Delete the topics of the claim."""
    with moves(live) as node:
        names = {name for name, _number in replicas(live) if name.startswith(PREFIX)}
        assert node.delete(names) == {}
