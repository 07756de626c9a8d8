"""The rules on what hosts report: every text, and what is let through."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _preflight
from ansible_collections.kraftops.kafka.plugins.module_utils._versions import LINES

GIB = 1024**3
METADATA, DATA = "/var/lib/kafka/metadata", "/var/lib/kafka/data"
NAME = "broker-1"


def findings(fleet: Any, key: str = "problems") -> list[str]:
    """Return what the preflight says of a fleet."""
    lines: list[str] = fleet.preflight()["lines"][key]
    return lines


def test_a_fit_fleet_has_nothing_to_say(fleet: Any) -> None:
    assert findings(fleet) == []
    assert findings(fleet, "warnings") == []


SYSTEMS = [
    ("debian", "12", "", True),
    ("debian", "13", "", True),
    ("debian", "11", "Debian GNU/Linux 11 (bullseye)", False),
    ("ubuntu", "12", "Ubuntu 12", False),
    ("", "", "", False),
]


@pytest.mark.parametrize(("system", "version", "name", "good"), SYSTEMS)
def test_operating_system(fleet: Any, system: str, version: str, name: str, good: bool) -> None:
    fleet.reports[NAME]["os"] = {"id": system, "version": version, "name": name}
    line = (
        f"{NAME}: operating system = {name or 'unknown'}: only Debian 12 and 13 are supported. "
        "Use a supported host; other systems are not tested and would fail half-way."
    )
    assert findings(fleet) == ([] if good else [line])


def test_the_same_problem_of_several_hosts_is_said_once(fleet: Any) -> None:
    for name in ("broker-1", "broker-2"):
        fleet.reports[name]["os"] = {"id": "fedora", "version": "44", "name": "Fedora 44"}
    assert [line.split(":")[0] for line in findings(fleet)] == ["broker-1, broker-2"]


JAVA = [
    ("3.9.2", 16, False),
    ("3.9.2", 17, True),
    ("3.9.2", 23, True),
    ("3.9.2", 24, False),
    ("4.0.2", 23, True),
    ("4.0.2", 25, False),
    ("4.1.1", 24, False),
    ("4.2.1", 25, True),
    ("4.3.1", 16, False),
    ("4.3.1", 17, True),
    ("4.3.1", 25, True),
    ("4.3.1", 26, False),
]


ANOTHER = "and this is another minor version: upgrades are not built yet"
BACK = "and this is older than what runs: Kafka does not go back"
# inventory, what is found, whether it runs, whether it has ever been started, what is said
VERSIONS = [
    ("4.3.1", "4.3.1", True, True, ""),
    ("4.3.1", "4.3.0", True, True, ""),
    ("4.3.1", "", True, True, ""),
    ("4.3.1", "4.2.1", True, True, f"4.2.1 runs here, {ANOTHER}"),
    ("4.3.1", "4.2.1", False, True, f"4.2.1 ran here, {ANOTHER}"),
    ("4.3.1", "4.2.1", True, False, f"4.2.1 runs here, {ANOTHER}"),
    ("4.3.1", "4.2.1", False, False, ""),
    ("4.3.0", "4.3.1", True, True, f"4.3.1 runs here, {BACK}"),
    ("3.9.2", "4.3.1", True, True, f"4.3.1 runs here, {ANOTHER}"),
]


@pytest.mark.parametrize(("wanted", "found", "active", "started", "why"), VERSIONS)
def test_a_version_that_may_not_follow(
    running: Any, wanted: str, found: str, active: bool, started: bool, why: str
) -> None:
    running.model["clusters"]["orders"]["version"] = wanted
    for report in running.reports.values():
        report.update(kafka_version=found, kafka_active=active)
        report["manifest"]["started"] = started
    hosts = "controller-1, controller-2, controller-3 and 3 more"
    line = f"{hosts}: kafka_version = {wanted}: {why}. Set kafka_version: {found}."
    said = [line for line in findings(running) if "kafka_version" in line]
    assert said == ([line] if why else [])


def test_a_blank_host_may_get_any_version(fleet: Any) -> None:
    fleet.reports[NAME]["kafka_version"] = "4.2.1"
    assert findings(fleet) == []


@pytest.mark.parametrize(("version", "java", "good"), JAVA)
def test_java_range(fleet: Any, version: str, java: int, good: bool) -> None:
    fleet.model["clusters"]["orders"]["version"] = version
    fleet.reports[NAME].update(java_home="/opt/jdk", java=[{"home": "/opt/jdk", "version": java}])
    low, high = (17, 25) if version >= "4.2" else (17, 23)
    line = (
        f"{NAME}: kafka_java_home = /opt/jdk: is Java {java}, and Kafka {version} runs on Java {low} to {high}. "
        "Name another installation, or leave kafka_java_home out to have Debian's."
    )
    assert findings(fleet) == ([] if good else [line])


def test_every_kafka_line_has_a_java_range_that_holds_what_it_is_installed_with() -> None:
    for minor, line in LINES.items():
        low, high = _preflight.JAVA_RANGES[minor]
        assert low <= min(line.java)
        assert max(line.java) <= high


def test_java_that_is_not_there(fleet: Any) -> None:
    fleet.reports[NAME]["java_home"] = "/opt/jdk"
    assert findings(fleet) == [
        f"{NAME}: kafka_java_home = /opt/jdk: there is no bin/java in this folder. "
        "Install it there, or leave kafka_java_home out to have Debian's."
    ]


@pytest.mark.parametrize(("memory", "good"), [(2 * GIB, True), (2 * GIB - 1, False)])
def test_memory(fleet: Any, memory: int, good: bool) -> None:
    fleet.reports[NAME]["memory_bytes"] = memory
    line = (
        f"{NAME}: kafka_heap = 1g: this host has 2.0 GiB of memory, and the JVM and the system need 1 GiB beside the heap. "
        "Lower kafka_heap, or give the host more memory."
    )
    assert findings(fleet) == ([] if good else [line])


def listener(port: int, unit: str = "", user: str = "root", pid: int = 7, command: str = "nc") -> dict[str, Any]:
    """Return one who listens."""
    return {"port": port, "unit": unit, "user": user, "pid": pid, "command": command}


HELD = [
    (listener(9092, "kafka.service", "kafka"), ""),
    (listener(9404, "kafka.service", "kafka"), ""),
    (listener(9100, "node_exporter.service", "node_exporter"), ""),
    (listener(9092, user="kafka", pid=0, command=""), ""),
    (listener(9100, user="node_exporter", pid=0, command=""), ""),
    (listener(3903, "kafka_mtail.service", "mtail"), ""),
    (listener(3903, user="mtail", pid=0, command=""), ""),
    (listener(3903, "mtail.service", "mtail"), "nc (pid 7, user mtail) of mtail.service"),
    (listener(9092, user="kafka"), "nc (pid 7, user kafka)"),
    (listener(9092), "nc (pid 7, user root)"),
    (listener(9092, "redis.service", "redis"), "nc (pid 7, user redis) of redis.service"),
    (listener(9092, "kafka-rest.service", "kafka"), "nc (pid 7, user kafka) of kafka-rest.service"),
    (listener(9092, "node_exporter.service"), "nc (pid 7, user root) of node_exporter.service"),
    (
        listener(9100, "prometheus-node-exporter.service", "prometheus"),
        "nc (pid 7, user prometheus) of prometheus-node-exporter.service",
    ),
    (listener(9100, user="prometheus", pid=0, command=""), "a process (pid unknown, user prometheus)"),
]


@pytest.mark.parametrize(("held", "by"), HELD)
def test_ports(fleet: Any, held: dict[str, Any], by: str) -> None:
    fleet.reports[NAME]["listeners"] = [held]
    line = f"{NAME}: port = {held['port']}: is held by {by}. Stop that process, or choose another port."
    assert findings(fleet) == ([line] if by else [])


def test_a_name_that_does_not_resolve(fleet: Any) -> None:
    fleet.reports["broker-2"]["names"][NAME] = {"addresses": [], "error": "Name or service not known"}
    assert findings(fleet) == [
        f"{NAME}: kafka_address = {NAME}: does not resolve on broker-2: Name or service not known. "
        "Make the name known there (DNS or /etc/hosts), or set kafka_address to one that every node knows."
    ]


def test_a_name_that_resolves_differently(fleet: Any) -> None:
    fleet.reports["broker-2"]["names"][NAME] = {"addresses": ["10.9.9.9", "fe80::1%eth0"], "error": ""}
    assert findings(fleet) == [
        f"{NAME}: kafka_address = {NAME}: resolves differently: 10.0.0.11 on controller-1, controller-2, controller-3, broker-1, "
        "broker-3; 10.9.9.9, fe80::1%eth0 on broker-2. Make the name resolve to one address on every node."
    ]


@pytest.mark.parametrize("address", ["127.0.1.1", "::1"])
def test_a_name_that_means_the_host_itself(fleet: Any, address: str) -> None:
    for report in fleet.reports.values():
        report["names"][NAME] = {"addresses": [address], "error": ""}
    assert findings(fleet) == [
        f"{NAME}: kafka_address = {NAME}: resolves to the loopback address {address} on controller-1, controller-2, controller-3, "
        "broker-1, broker-2, broker-3; other nodes could not reach it. "
        "Correct /etc/hosts there, or set kafka_address to an address that every node can reach."
    ]


def test_a_silent_node_is_a_warning_and_left_out(running: Any) -> None:
    running.silent = {NAME}
    assert findings(running) == []
    assert findings(running, "warnings") == [
        f"{NAME}: did not answer. Make it reachable and run again; this run leaves it alone."
    ]


CLOCKS = [
    # the other hosts read 1000.5 between 1000.0 and 1001.0: at most 0.5 s ahead of the control node, at least 0.5 s behind
    (1000.5, 1000.0, 1001.0, ""),
    (1002.5, 1000.0, 1001.0, ""),
    (1002.6, 1000.0, 1001.0, "is at least 1.1 s ahead of controller-1"),
    (2000.5, 2000.0, 2001.0, ""),
    (1012.5, 1000.0, 1011.0, ""),
]


@pytest.mark.parametrize(("time", "asked", "answered", "why"), CLOCKS)
def test_clocks(fleet: Any, time: float, asked: float, answered: float, why: str) -> None:
    fleet.reports[NAME]["clock"].update(time=time, asked=asked, answered=answered)
    line = f"{NAME}: clock: {why}. Synchronise the clocks of both hosts."
    assert findings(fleet) == ([line] if why else [])


def test_a_slow_clock_names_both_hosts(fleet: Any) -> None:
    fleet.reports[NAME]["clock"]["time"] = 990.0
    assert findings(fleet) == [
        "controller-1: clock: is at least 9.5 s ahead of broker-1. Synchronise the clocks of both hosts."
    ]


def test_clocks_of_different_clusters_are_not_compared(fleet: Any) -> None:
    fleet.add("other-1", 1, "combined", "billing")
    fleet.reports["other-1"]["clock"]["time"] = 5000.0
    assert findings(fleet) == []


@pytest.mark.parametrize("container", ["", "docker"])
def test_an_unsynchronised_clock(fleet: Any, container: str) -> None:
    fleet.reports[NAME]["clock"]["synchronized"] = False
    fleet.reports[NAME]["container"] = container
    line = (
        f"{NAME}: clock: the kernel says that it is not synchronised; retention and quorum checks compare times. "
        "Install and start chrony or systemd-timesyncd."
    )
    assert findings(fleet) == ([] if container else [line])


DISKS: list[tuple[str, str, dict[str, Any], str]] = [
    (NAME, DATA, {"fstype": "nfs4"}, "lies on nfs4, a network file system. Use a local disk with XFS or ext4"),
    (NAME, DATA, {"fstype": "btrfs"}, "lies on btrfs. XFS is what Kafka is tested on most; ext4 comes second"),
    (NAME, DATA, {"fstype": "ext4"}, ""),
    (
        NAME,
        DATA,
        {"options": ["rw", "relatime"]},
        "is mounted without noatime, so every read writes. Add noatime to its line in /etc/fstab",
    ),
    (
        NAME,
        DATA,
        {"mountpoint": "/"},
        "lies on the root file system. Give it a disk of its own, so that a full one stops only Kafka",
    ),
    (NAME, DATA, {"rotational": True}, ""),
    (NAME, METADATA, {"rotational": True}, ""),
    (
        "controller-1",
        METADATA,
        {"rotational": True},
        "lies on a spinning disk, and a controller flushes every change. Put it on an SSD",
    ),
    ("controller-1", METADATA, {"rotational": None}, ""),
]


@pytest.mark.parametrize(("name", "path", "change", "text"), DISKS)
def test_advice_on_disks(fleet: Any, name: str, path: str, change: dict[str, Any], text: str) -> None:
    fleet.disk(name, path).update(change)
    variable = "kafka_log_dirs" if path == DATA else "kafka_metadata_log_dir"
    assert findings(fleet, "warnings") == ([f"{name}: {variable} = {path}: {text}."] if text else [])
    assert findings(fleet) == []


HARDWARE: list[tuple[str, dict[str, Any], str]] = [
    (NAME, {"cpus": 4}, ""),
    (NAME, {"cpus": 3}, "hardware: has 3 cores; compression and TLS want 4 or more. Use a larger host under real load"),
    ("controller-1", {"cpus": 2}, ""),
    ("controller-1", {"cpus": 1}, "hardware: has 1 cores. Use a larger host under real load"),
    (NAME, {"memory_bytes": 2 * GIB}, ""),
]


@pytest.mark.parametrize(("name", "change", "text"), HARDWARE)
def test_advice_on_hardware(fleet: Any, name: str, change: dict[str, Any], text: str) -> None:
    fleet.reports[name].update(change)
    assert findings(fleet, "warnings") == ([f"{name}: {text}."] if text else [])


@pytest.mark.parametrize(("name", "warned"), [(NAME, True), ("controller-1", False)])
def test_advice_on_the_page_cache(fleet: Any, name: str, warned: bool) -> None:
    fleet.model["nodes"][name].update(heap="5g", heap_bytes=5 * GIB)
    fleet.reports[name]["memory_bytes"] = 8 * GIB
    line = (
        f"{name}: kafka_heap = 5g: more than half of 8.0 GiB goes to the heap; Kafka reads and writes through the page cache. "
        "Leave at least half of the memory to the cache."
    )
    assert findings(fleet, "warnings") == ([line] if warned else [])


def test_no_advice_in_containers_but_on_network_file_systems(fleet: Any) -> None:
    fleet.reports[NAME].update(container="docker", cpus=1, memory_bytes=2 * GIB)
    fleet.disk(NAME, DATA).update(fstype="overlay", options=["rw"], mountpoint="/", rotational=True)
    fleet.disk(NAME, METADATA).update(fstype="nfs", options=["rw"], mountpoint="/", rotational=True)
    assert findings(fleet, "warnings") == [
        f"{NAME}: kafka_metadata_log_dir = {METADATA}: lies on nfs, a network file system. Use a local disk with XFS or ext4."
    ]
