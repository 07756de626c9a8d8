# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rules on what the hosts reported: system, Java, memory, clocks, names, ports and mounts. No host is asked here."""

from __future__ import annotations

import ipaddress
from typing import Any, Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._problems import Problem
from ansible_collections.kraftops.kafka.plugins.module_utils._versions import no_way

Node = dict[str, Any]
Report = dict[str, Any]

SUPPORTED_DEBIAN = ("12", "13")
# Java feature versions that a Kafka line runs on (its docs/operations/java-version.md); 17 is the floor for all of them.
JAVA_RANGES = {
    (3, 9): (17, 23),
    (4, 0): (17, 23),
    (4, 1): (17, 23),
    (4, 2): (17, 25),
    (4, 3): (17, 25),
    (4, 4): (17, 25),
}
GIB = 1024**3
# What the JVM uses beside its heap, and the system beside Kafka.
BESIDE_HEAP = GIB
MAX_CLOCK_DIFFERENCE = 1.0
# A node's ports, and which of our units, and the user of the same name or the one below, may hold each already.
PORT_OWNERS = {
    "client_port": "kafka",
    "controller_port": "kafka",
    "jmx_exporter_port": "kafka",
    "node_exporter_port": "node_exporter",
    "mtail_port": "kafka_mtail",
}
# Debian's package makes the user; the unit is ours.
UNIT_USERS = {"kafka_mtail": "mtail"}
LOCAL_FILESYSTEMS = ("xfs", "ext4")
NETWORK_FILESYSTEMS = ("nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p")


def check_system(node: Node, report: Report) -> list[Problem]:
    """Accept the operating systems that this collection is tested on."""
    system = report["os"]
    if system["id"] == "debian" and system["version"] in SUPPORTED_DEBIAN:
        return []
    found = system["name"] or "unknown"
    fix = "Use a supported host; other systems are not tested and would fail half-way"
    return [Problem(node["name"], "operating system", found, "only Debian 12 and 13 are supported", fix)]


def check_java(node: Node, report: Report, version: str) -> list[Problem]:
    """Check a Java installation that the user named; without one the role installs Debian's, which is in range."""
    java_home = report["java_home"]
    if not java_home:
        return []
    major, minor = (int(part) for part in version.split(".")[:2])
    low, high = JAVA_RANGES[(major, minor)]
    found = {item["home"]: item["version"] for item in report["java"]}.get(java_home)
    if found is None:
        why, fix = (
            "there is no bin/java in this folder",
            "Install it there, or leave kafka_java_home out to have Debian's",
        )
    elif not low <= found <= high:
        why = f"is Java {found}, and Kafka {version} runs on Java {low} to {high}"
        fix = "Name another installation, or leave kafka_java_home out to have Debian's"
    else:
        return []
    return [Problem(node["name"], "kafka_java_home", java_home, why, fix)]


def check_version(node: Node, report: Report, version: str) -> list[Problem]:
    """Refuse a version that the node may not be started with, before its files lie beside those of the one that runs."""
    lived = report["kafka_active"] or (report["manifest"] or {}).get("started")
    found = report["kafka_version"]
    why = no_way(found, version) if found and lived else ""
    if not why:
        return []
    name, verb = node["name"], "runs" if report["kafka_active"] else "ran"
    why = f"{found} {verb} here, and this is {why}"
    return [Problem(name, "kafka_version", version, why, f"Set kafka_version: {found}")]


def check_memory(node: Node, report: Report) -> list[Problem]:
    """Refuse a heap that cannot fit."""
    heap, total = node["heap_bytes"], report["memory_bytes"]
    if heap + BESIDE_HEAP <= total:
        return []
    why = f"this host has {total / GIB:.1f} GiB of memory, and the JVM and the system need 1 GiB beside the heap"
    return [Problem(node["name"], "kafka_heap", node["heap"], why, "Lower kafka_heap, or give the host more memory")]


def is_ours(listener: dict[str, Any], owner: str) -> bool:
    """Tell whether our unit of that name listens: by its unit, or by its user where the process may not be seen."""
    if listener["unit"]:
        return bool(listener["unit"] == f"{owner}.service")
    return not listener["pid"] and listener["user"] == UNIT_USERS.get(owner, owner)


def check_ports(node: Node, report: Report) -> list[Problem]:
    """Check that nobody else listens on our ports; a packaged exporter on the port of ours is somebody else."""
    owners = {node[key]: owner for key, owner in PORT_OWNERS.items()}
    problems = []
    for listener in report["listeners"]:
        if is_ours(listener, owners[listener["port"]]):
            continue
        process = f"{listener['command'] or 'a process'} (pid {listener['pid'] or 'unknown'}, user {listener['user']})"
        why = f"is held by {process}" + (f" of {listener['unit']}" if listener["unit"] else "")
        fix = "Stop that process, or choose another port"
        problems.append(Problem(node["name"], "port", str(listener["port"]), why, fix))
    return problems


def check_names(nodes: list[Node], reports: dict[str, Report]) -> list[Problem]:
    """Check that every address of the cluster means the same thing on every node, and nowhere the node itself only.

    The name of a node that did not answer may be gone with it, and is not looked at.
    """
    problems = []
    for node in nodes:
        if node["name"] not in reports:
            continue
        address = node["address"]
        answers: dict[tuple[str, ...], list[str]] = {}
        unresolved: dict[str, list[str]] = {}
        for name, report in reports.items():
            answer = report["names"][address]
            if answer["addresses"]:
                answers.setdefault(tuple(answer["addresses"]), []).append(name)
            else:
                unresolved.setdefault(answer["error"], []).append(name)
        for error, hosts in unresolved.items():
            why = f"does not resolve on {', '.join(hosts)}: {error}"
            fix = "Make the name known there (DNS or /etc/hosts), or set kafka_address to one that every node knows"
            problems.append(Problem(node["name"], "kafka_address", address, why, fix))
        problems += check_answers(node, answers)
    return problems


def check_answers(node: Node, answers: dict[tuple[str, ...], list[str]]) -> list[Problem]:
    """Check what one address resolved to on the nodes."""
    problems = []
    name, address = node["name"], node["address"]
    for addresses, hosts in answers.items():
        if any(ipaddress.ip_address(item.split("%")[0]).is_loopback for item in addresses):
            why = f"resolves to the loopback address {', '.join(addresses)} on {', '.join(hosts)}; other nodes could not reach it"
            fix = "Correct /etc/hosts there, or set kafka_address to an address that every node can reach"
            problems.append(Problem(name, "kafka_address", address, why, fix))
    if len(answers) > 1:
        listed = "; ".join(
            f"{', '.join(addresses)} on {', '.join(hosts)}" for addresses, hosts in sorted(answers.items())
        )
        why = f"resolves differently: {listed}"
        problems.append(
            Problem(name, "kafka_address", address, why, "Make the name resolve to one address on every node")
        )
    return problems


def clock_bounds(report: Report) -> tuple[float, float]:
    """Return how far (s) a host's clock is ahead of the control node's, at least and at most.

    The host read its clock after the control node asked and before it had the answer.
    """
    clock = report["clock"]
    return clock["time"] - clock["answered"], clock["time"] - clock["asked"]


def check_clocks(reports: dict[str, Report]) -> list[Problem]:
    """Check that clocks are synchronised and certainly not further apart than a second."""
    problems = []
    for name, report in reports.items():
        if not report["clock"]["synchronized"] and not report["container"]:
            why = "the kernel says that it is not synchronised; retention and quorum checks compare times"
            problems.append(Problem(name, "clock", "", why, "Install and start chrony or systemd-timesyncd"))
    bounds = {name: clock_bounds(report) for name, report in reports.items()}
    if not bounds:
        return problems
    slowest = min(bounds, key=lambda name: bounds[name][1])
    fastest = max(bounds, key=lambda name: bounds[name][0])
    apart = bounds[fastest][0] - bounds[slowest][1]
    if apart > MAX_CLOCK_DIFFERENCE:
        why = f"is at least {apart:.1f} s ahead of {slowest}"
        problems.append(Problem(fastest, "clock", "", why, "Synchronise the clocks of both hosts"))
    return problems


def storage_advice(node: Node, report: Report) -> list[Problem]:
    """Return what is worth knowing about the disks; nothing here stops a run."""
    advice = []
    for disk in report["directories"]:
        for why, fix in disk_advice(node, disk, bool(report["container"])):
            variable = "kafka_metadata_log_dir" if disk["path"] == node["metadata_log_dir"] else "kafka_log_dirs"
            advice.append(Problem(node["name"], variable, disk["path"], why, fix))
    return advice


def disk_advice(node: Node, disk: dict[str, Any], in_container: bool) -> list[tuple[str, str]]:
    """Return (why, what to do) for one directory."""
    advice = []
    if disk["fstype"] in NETWORK_FILESYSTEMS:
        advice.append((f"lies on {disk['fstype']}, a network file system", "Use a local disk with XFS or ext4"))
    elif disk["fstype"] not in LOCAL_FILESYSTEMS and not in_container:
        advice.append((f"lies on {disk['fstype']}", "XFS is what Kafka is tested on most; ext4 comes second"))
    if in_container:
        return advice
    if "noatime" not in disk["options"]:
        advice.append(("is mounted without noatime, so every read writes", "Add noatime to its line in /etc/fstab"))
    if disk["mountpoint"] == "/":
        advice.append(
            ("lies on the root file system", "Give it a disk of its own, so that a full one stops only Kafka")
        )
    if disk["rotational"] and node["role"] != "broker" and disk["path"] == node["metadata_log_dir"]:
        advice.append(("lies on a spinning disk, and a controller flushes every change", "Put it on an SSD"))
    return advice


def hardware_advice(node: Node, report: Report) -> list[Problem]:
    """Return advice on cores and memory; nothing here stops a run."""
    if report["container"]:
        return []
    advice = []
    cores, memory = report["cpus"], report["memory_bytes"]
    if cores < (4 if "broker" in node["roles"] else 2):
        why = f"has {cores} cores" + ("; compression and TLS want 4 or more" if "broker" in node["roles"] else "")
        advice.append(Problem(node["name"], "hardware", "", why, "Use a larger host under real load"))
    if "broker" in node["roles"] and node["heap_bytes"] * 2 > memory:
        why = (
            f"more than half of {memory / GIB:.1f} GiB goes to the heap; Kafka reads and writes through the page cache"
        )
        advice.append(
            Problem(node["name"], "kafka_heap", node["heap"], why, "Leave at least half of the memory to the cache")
        )
    return advice


def check_node(node: Node, report: Optional[Report], version: str) -> tuple[list[Problem], list[Problem]]:
    """Return problems and warnings of one host, identity aside."""
    if report is None:
        fix = "Make it reachable and run again; this run leaves it alone"
        return [], [Problem(node["name"], "", "", "did not answer", fix)]
    problems = check_system(node, report) + check_memory(node, report)
    problems += check_java(node, report, version) + check_version(node, report, version)
    problems += check_ports(node, report)
    return problems, storage_advice(node, report) + hardware_advice(node, report)


def check_cluster(
    cluster: dict[str, Any], nodes: list[dict[str, Any]], reports: dict[str, Any]
) -> tuple[list[Problem], list[Problem]]:
    """Return problems and warnings of one cluster's hosts, identity aside."""
    answered = {node["name"]: reports[node["name"]] for node in nodes if node["name"] in reports}
    problems = check_names(nodes, answered) + check_clocks(answered)
    warnings: list[Problem] = []
    for node in nodes:
        found, advice = check_node(node, answered.get(node["name"]), cluster["version"])
        problems += found
        warnings += advice
    return problems, warnings
