"""The cluster under test: what the inventory says of its hosts, and how they are asked.

Commands run on the hosts through testinfra (ssh, like Ansible); what is served on a port is asked directly, from here.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import testinfra

ROOT = Path(__file__).resolve().parents[2]
FIGURES: list[str] = []
PLAIN = {"ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0", "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}
RECAP = re.compile(r"^(\S+) +: ok=(\d+) +changed=(\d+) +unreachable=(\d+) +failed=(\d+) +skipped=(\d+)", re.MULTILINE)


def figure(text: str) -> None:
    """Keep a measured figure; all are printed at the end of the run."""
    FIGURES.append(f"figure: {text}")


def wait_for(what: str, seconds: float, check: Callable[[], Any]) -> Any:
    """Ask until the answer is true, and return it."""
    limit = time.monotonic() + seconds
    while not (answer := check()):
        assert time.monotonic() < limit, f"{what}: not after {seconds:.0f} s"
        time.sleep(0.5)
    return answer


@dataclass(frozen=True)
class Node:
    """One Kafka node as the inventory describes it; `ip` is where this machine reaches its host."""

    name: str
    node_id: int
    rack: str
    role: str
    ip: str

    @property
    def address(self) -> str:
        """Where it speaks Kafka's protocol: clients' listener, or the controllers'."""
        return f"{self.ip}:{9092 if self.role == 'broker' else 9093}"


@dataclass(frozen=True)
class Play:
    """One finished run of ansible-playbook."""

    code: int
    output: str
    wall: float
    cpu: float
    recap: dict[str, dict[str, int]] = field(default_factory=dict)

    def total(self, word: str) -> int:
        """The sum of one column of the recap."""
        return sum(row[word] for row in self.recap.values())


def playbook(*arguments: str, artifacts: bool = True, env: dict[str, str] | None = None) -> Play:
    """Run ansible-playbook as a user would, on the inventory in ANSIBLE_INVENTORY unless the arguments name another."""
    extra = ["-e", f"@{os.environ['KRAFTOPS_ARTIFACTS']}/vars.yml"] if artifacts else []
    process = subprocess.Popen(
        ["ansible-playbook", *extra, *arguments],
        cwd=ROOT,
        env={**os.environ, **PLAIN, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    started = time.monotonic()
    assert process.stdout is not None
    output = process.stdout.read()
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    words = ("ok", "changed", "unreachable", "failed", "skipped")
    recap = {row[0]: dict(zip(words, map(int, row[1:]))) for row in RECAP.findall(output)}
    return Play(process.returncode, output, time.monotonic() - started, usage.ru_utime + usage.ru_stime, recap)


class Live:
    """The hosts of the inventory in ANSIBLE_INVENTORY."""

    def __init__(self) -> None:
        """Read the inventory and where each host is."""
        command = ["ansible-inventory", "--list"]
        listing = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        variables = listing["_meta"]["hostvars"]
        roles = {
            host: role
            for group, role in (("kafka_controllers", "controller"), ("kafka_brokers", "broker"))
            for host in listing[group]["hosts"]
        }
        self.monitors: list[str] = listing.get("monitoring", {}).get("hosts", [])
        self.names = [*roles, *self.monitors]
        self.cluster: str = variables[next(iter(roles))]["kafka_cluster_name"]
        self.ips = {name: _ip(name, variables[name]["ansible_ssh_common_args"]) for name in self.names}
        self.nodes = {
            name: Node(
                name, variables[name]["kafka_node_id"], variables[name].get("kafka_rack", ""), role, self.ips[name]
            )
            for name, role in roles.items()
        }
        self.hosts = {name: testinfra.get_host(f"ansible://{name}") for name in self.names}

    @property
    def controllers(self) -> list[Node]:
        """The controllers, by id."""
        return [node for node in self.nodes.values() if node.role == "controller"]

    @property
    def brokers(self) -> list[Node]:
        """The brokers, by id."""
        return [node for node in self.nodes.values() if node.role == "broker"]

    @property
    def bootstrap(self) -> str:
        """The brokers as clients on the hosts name them."""
        return ",".join(f"{node.name}:9092" for node in self.brokers)

    def run(self, name: str, command: str) -> str:
        """Run a command as root on one host, and return what it printed; a failure fails the test."""
        done = self.hosts[name].run(command)
        assert done.rc == 0, f"{name}: {command}\n{done.stdout}{done.stderr}"
        return str(done.stdout)

    def everywhere(self, command: str, names: Iterable[str] | None = None) -> dict[str, str]:
        """Run one command on several hosts (default: on all) at the same time."""
        wanted = list(names or self.names)
        return self.at_once(dict.fromkeys(wanted, command))

    def at_once(self, commands: dict[str, str]) -> dict[str, str]:
        """Run one command on each of the hosts at the same time."""
        with ThreadPoolExecutor(len(commands)) as pool:
            return dict(zip(commands, pool.map(lambda item: self.run(*item), commands.items())))

    def units(self, name: str) -> list[str]:
        """The units that the collection runs on a host."""
        if name in self.nodes:
            return ["kafka.service", "node_exporter.service", "kafka_mtail.service"]
        return [
            "node_exporter.service",
            f"kafka_exporter-{self.cluster}.service",
            "prometheus.service",
            "alertmanager.service",
        ]

    def unit_states(self, properties: str) -> dict[tuple[str, str], dict[str, str]]:
        """Properties of every unit on every host, by (host, unit)."""
        commands = {
            name: f"systemctl show --property=Id,{properties} {' '.join(self.units(name))}" for name in self.names
        }
        states = {}
        for name, output in self.at_once(commands).items():
            for block in output.strip().split("\n\n"):
                state = dict(line.split("=", 1) for line in block.splitlines())
                states[name, state.pop("Id")] = state
        return states

    def every_process(self) -> dict[tuple[str, str], dict[str, str]]:
        """What tells whether a process is still the same one: PID, start and restarts of every unit."""
        return self.unit_states("MainPID,ExecMainStartTimestampMonotonic,NRestarts")

    def processes(self) -> dict[tuple[str, str], dict[str, str]]:
        """All but the lag exporter's, which may crash by itself after leaders have moved (docs/runbooks/KafkaExporterDown.md)."""
        return {key: state for key, state in self.every_process().items() if not key[1].startswith("kafka_exporter-")}


def _ip(name: str, arguments: str) -> str:
    """Where ssh would connect to."""
    command = ["ssh", "-G", *shlex.split(arguments), name]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return next(line.split()[1] for line in output.splitlines() if line.startswith("hostname "))
