"""A fleet of Kafka hosts as the preflight sees it: what they report, and what the stages of a run do to their disks."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.filter.preflight import preflight

DATA, METADATA = "/var/lib/kafka/data", "/var/lib/kafka/metadata"
GIB = 1024**3
IDS = itertools.count(1)
# What all hosts of a cluster say alike.
AGREED = {
    "security": "plaintext",
    "replication_factor": 3,
    "min_insync_replicas": 2,
    "quorum_sizes": [3, 5],
    "placement_policy": "enforce",
    "kafka_exporter_port": 9308,
}


def fresh_id() -> str:
    """Return an id that was never given before, as long as Kafka's."""
    return f"id{next(IDS):020d}"


def node(name: str, node_id: int, role: str, cluster: str) -> dict[str, Any]:
    """Return a node of the model."""
    roles = ["broker", "controller"] if role == "combined" else [role]
    return {
        "name": name,
        "cluster": cluster,
        "node_id": node_id,
        "rack": None,
        "roles": roles,
        "role": role,
        "address": name,
        "client_port": 9092 if "broker" in roles else None,
        "controller_port": 9093 if "controller" in roles else None,
        "jmx_exporter_port": 9404,
        "node_exporter_port": 9100,
        "mtail_port": 3903,
        "log_dirs": [DATA] if "broker" in roles else [],
        "metadata_log_dir": METADATA,
        "app_log_dir": "/var/log/kafka",
        "heap": "1g",
        "heap_bytes": GIB,
        "properties": {},
        "log_levels": {},
        "log_file_size": 100 << 20,
        "log_file_count": 10,
        "log_filesystem_share": 0.5,
    }


def directory(path: str) -> dict[str, Any]:
    """Return an empty directory on a disk of its own."""
    return {
        "path": path,
        "exists": True,
        "entries": 0,
        "meta": None,
        "mountpoint": path,
        "device": "/dev/sdb1",
        "uuid": f"uuid-of-{path.rsplit('/', 1)[1]}",
        "fstype": "xfs",
        "options": ["rw", "noatime"],
        "rotational": False,
        "size_bytes": 100 * GIB,
        "free_bytes": 90 * GIB,
    }


def blank_report(of: dict[str, Any], address: str = "10.0.0.1") -> dict[str, Any]:
    """Return what a fit and blank host reports."""
    return {
        "os": {"id": "debian", "version": "13", "name": "Debian GNU/Linux 13 (trixie)"},
        "machine": "x86_64",
        "cpus": 8,
        "memory_bytes": 16 * GIB,
        "container": "",
        "java_home": "",
        "java": [{"home": "/usr/lib/jvm/java-21-openjdk-amd64", "version": 21}],
        "names": {of["address"]: {"addresses": [address], "error": ""}},
        "listeners": [],
        "directories": [directory(path) for path in [of["metadata_log_dir"], *of["log_dirs"]]],
        "log_filesystem": {
            "path": of["app_log_dir"],
            "mountpoint": "/var/log",
            "size_bytes": 100 * GIB,
            "free_bytes": 90 * GIB,
            "journal_bytes": 4 * GIB,
        },
        "manifest": None,
        "kafka_active": False,
        "kafka_masked": False,
        "kafka_version": "",
        "proposal": {"cluster_id": "", "directory_id": ""},
        "clock": {"time": 1000.5, "synchronized": True, "asked": 1000.0, "answered": 1001.0},
    }


class Fleet:
    """The hosts of one or more clusters. `accepted`, `silent` and `limit` are how the next run is called."""

    def __init__(self, controllers: int = 3, brokers: int = 3, combined: int = 0) -> None:
        self.model: dict[str, Any] = {"clusters": {}, "nodes": {}, "monitoring": [], "monitoring_nodes": {}}
        self.reports: dict[str, dict[str, Any]] = {}
        self.accepted: Any = []
        self.silent: set[str] = set()
        self.limit: set[str] | None = None
        self.decisions: dict[str, Any] = {}
        for number in range(1, controllers + 1):
            self.add(f"controller-{number}", number, "controller")
        for number in range(1, combined + 1):
            self.add(f"node-{number}", number, "combined")
        for number in range(1, brokers + 1):
            self.add(f"broker-{number}", 10 + number, "broker")

    def add(self, name: str, node_id: int, role: str, cluster: str = "orders") -> None:
        """Add a blank host to the inventory."""
        empty = {"name": cluster, "version": "4.3.1", "controllers": [], "brokers": [], "nodes": []}
        one = self.model["clusters"].setdefault(
            cluster, {**empty, **AGREED, "controller_bootstrap": [], "bootstrap": []}
        )
        self.model["nodes"][name] = node(name, node_id, role, cluster)
        one["nodes"].append(name)
        for kind in self.model["nodes"][name]["roles"]:
            one[f"{kind}s"].append(name)
        self.reports[name] = blank_report(self.model["nodes"][name])
        members = {item: self.model["nodes"][item]["node_id"] for item in one["nodes"]}
        for host in members:
            self.reports[host]["names"] = {
                item: {"addresses": [f"10.0.0.{number}"], "error": ""} for item, number in members.items()
            }

    def remove(self, name: str) -> None:
        """Take a host out of the inventory."""
        cluster = self.model["clusters"][self.model["nodes"].pop(name)["cluster"]]
        for key in ("controllers", "brokers", "nodes"):
            cluster[key] = [item for item in cluster[key] if item != name]

    def disk(self, name: str, path: str = METADATA) -> dict[str, Any]:
        """Return a directory as a host reports it."""
        found: dict[str, Any] = next(item for item in self.reports[name]["directories"] if item["path"] == path)
        return found

    def add_disk(self, name: str, path: str) -> None:
        """Add a data directory to a broker."""
        self.model["nodes"][name]["log_dirs"].append(path)
        self.reports[name]["directories"].append(directory(path))

    def wipe(self, name: str, path: str = METADATA) -> None:
        """Empty a directory."""
        self.disk(name, path).update(meta=None, entries=0)

    def fill(self, name: str, path: str = METADATA, **values: Any) -> None:
        """Format a directory behind the collection's back."""
        meta = {"cluster_id": "foreign", "node_id": self.model["nodes"][name]["node_id"], "directory_id": fresh_id()}
        self.disk(name, path).update(meta={**meta, **values}, entries=2)

    def preflight(self) -> dict[str, Any]:
        """Return what the filter says of the fleet as it is now."""
        hostvars: dict[str, Any] = {name: {} for name in self.model["nodes"]}
        others = []
        for name in self.model["nodes"]:
            self.reports[name]["proposal"] = {"cluster_id": fresh_id(), "directory_id": fresh_id()}
            result: dict[str, Any] = {"report": self.reports[name]}
            if name in self.silent:
                result = {"unreachable": True, "msg": "No route to host"}
            if self.limit is None or name in self.limit:
                hostvars[name]["__kafka_report"] = copy.deepcopy(result)
            else:
                others.append({"item": name, **copy.deepcopy(result)})
        return preflight(self.model, hostvars, others, self.accepted)

    def problems(self) -> list[str]:
        """Return the problems as lines."""
        lines: list[str] = self.preflight()["lines"]["problems"]
        return lines

    def decide(self) -> dict[str, Any]:
        """Begin a run: return the decision for each node of the limit; there must be no problem."""
        result = self.preflight()
        assert result["lines"]["problems"] == []
        nodes = result["nodes"].items()
        self.decisions = {name: item for name, item in nodes if self.limit is None or name in self.limit}
        return self.decisions

    def modes(self) -> dict[str, str]:
        """Begin a run and return how each node is formatted."""
        return {name: item["format"] for name, item in self.decide().items()}

    def record(self, *names: str) -> None:
        """Carry out the stage `recorded` on some nodes, or on all."""
        for name in names or self.decisions:
            self.reports[name]["manifest"] = copy.deepcopy(self.decisions[name]["manifest"])

    def format(self, *names: str) -> None:
        """Carry out the stage `formatted`, as Kafka's tool does: the first voters' ids come from the list."""
        for name in names or self.decisions:
            decision, manifest = self.decisions[name], self.reports[name]["manifest"]
            voters = [item.split("@") for item in decision["manifest"]["initial_controllers"].split(",")]
            given = {int(voter[0]): voter[1].rsplit(":", 1)[1] for voter in voters if len(voter) == 2}
            for path in decision["directories"]:
                one = self.model["nodes"][name]
                first = decision["format"] == "initial" and path == one["metadata_log_dir"]
                directory_id = given[one["node_id"]] if first else fresh_id()
                self.fill(name, path, cluster_id=decision["cluster_id"], directory_id=directory_id)
            for item in self.reports[name]["directories"]:
                if item["meta"]:
                    directory_id = item["meta"]["directory_id"]
                    manifest["directories"][item["path"]].update(formatted=True, directory_id=directory_id)

    def start(self, *names: str) -> None:
        """Carry out the stage `started` and start Kafka."""
        for name in names or self.decisions:
            self.reports[name]["manifest"]["started"] = True
            self.reports[name].update(kafka_active=True, kafka_version="4.3.1")

    def run(self) -> dict[str, Any]:
        """Do a whole run; return its decisions."""
        self.decide()
        self.record()
        self.format()
        self.start()
        return self.decisions

    def stop(self, *names: str) -> None:
        """Stop Kafka on some nodes."""
        for name in names:
            self.reports[name]["kafka_active"] = False


@pytest.fixture
def make_fleet() -> Callable[..., Fleet]:
    """Return a maker of fleets: `make_fleet(controllers=3, brokers=3, combined=0)`."""
    return Fleet


@pytest.fixture
def fleet() -> Fleet:
    """Return three controllers and three brokers, all blank."""
    return Fleet()


@pytest.fixture
def running() -> Fleet:
    """Return three controllers and three brokers that have been set up and run."""
    fleet = Fleet()
    fleet.run()
    return fleet
