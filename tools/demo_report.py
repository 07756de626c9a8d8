"""Tell what a cluster of containers looks like now: the table of its nodes, and what a person can do with it.

Asks the running cluster itself, through the containers' addresses; nothing is repeated from what was configured.
usage: python tools/demo_report.py --name example --inventory inventories/example --artifacts FOLDER
"""

from __future__ import annotations

import argparse
import http.client
import json
import subprocess
import sys
import sysconfig
import time
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parent.parent
sys.path += [str(ROOT), str(ROOT / ".collections")]

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import (
    AdminError,
    AdminNode,
    ClusterView,
    QuorumView,
)
from tools.docker_cli import CACHE

HEADINGS = ("node", "id", "role", "rack", "state")
CLIENT_PORT = 9092
CONTROLLER_PORT = 9093
Answer = TypeVar("Answer")
QUERY = "sum(rate(kafka_server_brokertopicmetrics_messagesin_total{topic=''}[1m]))"
# A controller that has not caught up for this long is not counted as in step (the quorum's fetch time-out is 2 s).
STALE_MS = 10_000


@dataclass(frozen=True)
class Node:
    """A node as the inventory describes it."""

    name: str
    node_id: int
    role: str
    rack: str


@dataclass(frozen=True)
class Live:
    """What the cluster says about itself."""

    cluster: ClusterView
    quorum: QuorumView


def nodes_of(inventory: Mapping[str, Any]) -> list[Node]:
    """The Kafka nodes of `ansible-inventory --list`, controllers first."""
    controllers = inventory.get("kafka_controllers", {}).get("hosts", [])
    brokers = inventory.get("kafka_brokers", {}).get("hosts", [])
    variables = inventory["_meta"]["hostvars"]
    roles = dict.fromkeys(controllers, "controller")
    roles |= {name: "combined" if name in controllers else "broker" for name in brokers}
    return [
        Node(name, int(variables[name]["kafka_node_id"]), role, str(variables[name].get("kafka_rack", "-")))
        for name, role in roles.items()
    ]


def state_of(node: Node, live: Live) -> str:
    """One node's state in words."""
    words = []
    if node.role != "broker":
        words.append(voter_state(node.node_id, live.quorum))
    if node.role != "controller":
        words.append("serving" if node.node_id in live.cluster.nodes else "NOT SERVING")
    return ", ".join(words)


def voter_state(node_id: int, quorum: QuorumView) -> str:
    """A controller's place in the quorum; times are compared inside one answer only."""
    if node_id not in quorum.voters:
        return "NO VOTER"
    if node_id == quorum.leader_id:
        return f"leads the quorum (epoch {quorum.leader_epoch})"
    newest = max(voter.last_caught_up_ms for voter in quorum.voters.values())
    behind = newest - quorum.voters[node_id].last_caught_up_ms
    return "follows, in step" if behind < STALE_MS else f"BEHIND by {behind / 1000:.0f} s"


def table(nodes: Sequence[Node], live: Live) -> str:
    """The nodes as lines of columns."""
    rows = [HEADINGS] + [(n.name, str(n.node_id), n.role, n.rack, state_of(n, live)) for n in nodes]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def ask(nodes: Sequence[Node], addresses: Mapping[str, str]) -> Live:
    """Ask a broker who serves and the active controller about the quorum (a standby does not know)."""
    cluster = first_answer(
        [f"{addresses[node.name]}:{CLIENT_PORT}" for node in nodes if node.role != "controller"], AdminNode.cluster
    )
    controllers = [f"{addresses[node.name]}:{CONTROLLER_PORT}" for node in nodes if node.role != "broker"]
    return Live(cluster, first_answer(controllers, AdminNode.quorum))


def first_answer(places: Sequence[str], question: Callable[[AdminNode], Answer]) -> Answer:
    """Ask the places in turn until one answers."""
    problem = AdminError("there is nobody to ask")
    for place in places:
        try:
            with AdminNode(place, library=sysconfig.get_path("purelib"), timeout_ms=5000) as node:
                return question(node)
        except AdminError as error:
            problem = error
    raise problem


def fetch(port: int, path: str) -> str:
    """What a port of this machine answers; empty when it does not, or with an error."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read().decode("utf-8", "replace")
        return body if answer.status == 200 else ""
    except OSError:
        return ""
    finally:
        connection.close()


def prometheus_lines(port: int) -> list[str]:
    """Where Prometheus is, with a query that was tried."""
    base = f"http://127.0.0.1:{port}"
    if not fetch(port, "/-/ready"):
        return [f"Prometheus   does not answer at {base}"]
    path = f"/api/v1/query?query={urllib.parse.quote(QUERY)}"
    pages = "" if fetch(port, "/query") else " (API only: built from the package registry, which holds no web pages)"
    return [
        f"Prometheus   {base}{pages}",
        f"             messages in a second, now {wait_for_value(port, path)} (rises to 60 in the first minute):",
        f"             curl '{base}{path}'",
    ]


def wait_for_value(port: int, path: str, seconds: int = 60) -> str:
    """The value of an instant query; a rate needs a few scrapes before there is one."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        result = json.loads(fetch(port, path) or "{}").get("data", {}).get("result", [])
        if result and float(result[0]["value"][1]) > 0:
            return f"{float(result[0]['value'][1]):.1f}"
        time.sleep(2)
    return "not known yet"


def grafana_lines(port: int, password: str, missing: Sequence[Mapping[str, str]]) -> list[str]:
    """Where Grafana is, or why there is none."""
    if fetch(port, "/api/health"):
        base = f"http://127.0.0.1:{port}"
        return [
            f"Grafana      {base}/d/kafka-overview (admin / {password})",
            f"             {base}/dashboards/f/kraftops-kafka: all dashboards; give them five minutes of traffic",
        ]
    reasons = [entry["reason"] for entry in missing if entry["name"] == "grafana"]
    return [
        f"Grafana      is not there: {reasons[0] if reasons else 'it does not answer'}",
        "             make preview draws its dashboards into tests/output/preview (after five minutes of traffic)",
    ]


def how_to(name: str, inventory: str, artifacts: Path, broker: str) -> str:
    """What to type next."""
    run = CACHE / "run" / name
    shell = f"docker exec -it kraftops-{name}-{broker}"
    again = f"-i {inventory} -i {run}/connection.yml -e @{artifacts}/vars.yml"
    return f"""
produce      {shell} kcat -b {broker}:{CLIENT_PORT} -t orders -P       (a line is a message; Ctrl-D ends)
consume      {shell} kcat -b {broker}:{CLIENT_PORT} -t orders -C
topics       {shell} kafka-topics --describe
groups       {shell} kafka-consumer-groups --describe --all-groups    (billing keeps up, reporting lags)
log in       ssh -F {run}/ssh_config {broker}
log level    $(tools/venv)/bin/ansible-playbook playbooks/log_levels.yml {again} \\
               -e '{{"kafka_log_level_override": {{"kafka.server": "DEBUG"}}}}' -e kafka_log_level_ttl=10m     (live, and ends by itself)
tear down    make demo-down"""


def read_inventory(inventory: str) -> dict[str, Any]:
    """The inventory as Ansible sees it."""
    command = [str(Path(sys.executable).parent / "ansible-inventory"), "-i", inventory, "--list"]
    listing: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return listing


def addresses_of(name: str) -> dict[str, str]:
    """Container addresses by host name, as ssh is told them."""
    words = (CACHE / "run" / name / "ssh_config").read_text().split()
    pairs = [(words[at + 1], words[at + 3]) for at, word in enumerate(words) if word == "Host" and words[at + 1] != "*"]
    return dict(pairs)


def main() -> int:
    """Print the report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--name", required=True)
    parser.add_argument("--inventory", required=True)
    parser.add_argument("--artifacts", required=True, type=Path)
    options = parser.parse_args()
    run = CACHE / "run" / options.name
    nodes = nodes_of(read_inventory(options.inventory))
    addresses = addresses_of(options.name)
    brokers = [node.name for node in nodes if node.role != "controller"]
    try:
        live = ask(nodes, addresses)
    except AdminError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    print(f"\nCluster {live.cluster.cluster_id}\n\n{table(nodes, live)}\n")
    missing = json.loads((options.artifacts / "manifest.json").read_text()).get("missing", [])
    for ports in json.loads((run / "ports.json").read_text()).values():
        password = (run / "grafana_password").read_text()
        lines = prometheus_lines(ports["prometheus"]) + grafana_lines(ports["grafana"], password, missing)
        print("\n".join(lines))
    print(how_to(options.name, options.inventory, options.artifacts, brokers[0]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
