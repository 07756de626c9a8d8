# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading what a host is: system, memory, clock, Java, names, sockets. Nothing here changes anything."""

from __future__ import annotations

import ctypes
import glob
import os
import pwd
import re
import socket
import time
from typing import Any, Optional

# adjtimex(2) returns TIME_ERROR (5) while the kernel's clock is not synchronised.
TIME_ERROR = 5
LISTEN = "0A"
RUNTIME_UNITS = "/run/systemd/system"


def read(path: str) -> str:
    """Return a file's text, empty where it cannot be read (absent, or a process that has just gone)."""
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read()
    except OSError:
        return ""


def assignments(text: str) -> dict[str, str]:
    """Parse KEY=value lines (os-release, a JDK's release file, Java properties); quotes are taken off."""
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line and not line.lstrip().startswith("#"))
    return {key.strip(): value.strip().strip('"') for key, value in pairs}


def is_masked(unit: str, load_state: str) -> bool:
    """Return whether somebody has masked a unit; `load_state` is systemd's word.

    A unit whose file lies in /etc can only be masked with --runtime, and for systemd its file then still counts. The wish is
    plain all the same.
    """
    return load_state == "masked" or os.path.realpath(os.path.join(RUNTIME_UNITS, unit)) == os.devnull


def operating_system() -> dict[str, str]:
    """Return `id`, `version` and `name` out of os-release(5)."""
    release = assignments(read("/etc/os-release"))
    return {
        "id": release.get("ID", ""),
        "version": release.get("VERSION_ID", ""),
        "name": release.get("PRETTY_NAME", ""),
    }


def memory_bytes() -> int:
    """Return the memory that processes here can use: the machine's, or the control group's where that is less."""
    match = re.search(r"^MemTotal:\s+(\d+) kB", read("/proc/meminfo"), re.MULTILINE)
    total = int(match.group(1)) * 1024 if match else 0
    limits = [read("/sys/fs/cgroup/memory.max").strip(), read("/sys/fs/cgroup/memory/memory.limit_in_bytes").strip()]
    return min([total] + [int(limit) for limit in limits if limit.isdigit()])


def container() -> str:
    """Return the kind of container that this is, as systemd was told by its manager; empty on a machine."""
    environment = read("/proc/1/environ").split("\0")
    kinds = [item.split("=", 1)[1] for item in environment if item.startswith("container=")]
    return kinds[0] if kinds else ("docker" if os.path.exists("/.dockerenv") else "")


def clock() -> dict[str, Any]:
    """Return the time (seconds since 1970, UTC) and whether the kernel calls its clock synchronised."""
    state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))
    return {"time": time.time(), "synchronized": state != TIME_ERROR}


def java_version(home: str) -> Optional[int]:
    """Return the feature version of the JDK or JRE in a folder, from its release file; None where there is none."""
    if not os.access(os.path.join(home, "bin", "java"), os.X_OK):
        return None
    version = assignments(read(os.path.join(home, "release"))).get("JAVA_VERSION", "")
    match = re.match(r"(?:1\.)?(\d+)", version)
    return int(match.group(1)) if match else 0


def java_installations(wanted_home: str) -> list[dict[str, Any]]:
    """Return the Java installations: the wanted one, Debian's, and the one on the path."""
    homes = {os.path.realpath(home) for home in glob.glob("/usr/lib/jvm/*")}
    if os.path.exists("/usr/bin/java"):
        homes.add(os.path.dirname(os.path.dirname(os.path.realpath("/usr/bin/java"))))
    found = {home: java_version(home) for home in sorted(homes) + ([wanted_home] if wanted_home else [])}
    return [{"home": home, "version": version} for home, version in found.items() if version is not None]


def resolve(name: str) -> dict[str, Any]:
    """Resolve a name as the processes of this host do; `addresses` is empty and `error` says why when it fails."""
    try:
        answers = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except OSError as problem:
        return {"addresses": [], "error": str(problem)}
    return {"addresses": sorted({str(answer[4][0]) for answer in answers}), "error": ""}


def listening_sockets(ports: list[int]) -> dict[str, tuple[int, int]]:
    """Return {socket: (port, user id)} of the TCP sockets that listen on one of the ports; see proc_net_tcp(5)."""
    found = {}
    for line in (read("/proc/net/tcp") + read("/proc/net/tcp6")).splitlines():
        fields = line.split()
        if len(fields) > 9 and fields[3] == LISTEN:
            port = int(fields[1].rsplit(":", 1)[1], 16)
            if port in ports:
                found[f"socket:[{fields[9]}]"] = (port, int(fields[7]))
    return found


def socket_owners(sockets: dict[str, tuple[int, int]]) -> dict[int, int]:
    """Return {port: process id} for the sockets. In a container even root may not see other users' processes."""
    owners: dict[int, int] = {}
    for descriptor in glob.glob("/proc/[0-9]*/fd/*") if sockets else []:
        try:
            target = os.readlink(descriptor)
        except OSError:
            continue
        if target in sockets:
            owners[sockets[target][0]] = int(descriptor.split("/")[2])
    return owners


def user_name(user_id: int) -> str:
    """Return the name of a user, its number where it has none."""
    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError:
        return str(user_id)


def unit_of(process_id: int) -> str:
    """Return the systemd service that a process belongs to, empty for none."""
    match = re.search(r"([^/\s]+\.service)\s*$", read(f"/proc/{process_id}/cgroup"), re.MULTILINE)
    return match.group(1) if match else ""


def listeners(ports: list[int]) -> list[dict[str, Any]]:
    """Return who listens on the ports: port, user, process id (0 when it may not be seen), command and unit."""
    sockets = listening_sockets(ports)
    owners = socket_owners(sockets)
    result = []
    for port, user_id in sorted(set(sockets.values())):
        process = owners.get(port, 0)
        result.append(
            {
                "port": port,
                "user": user_name(user_id),
                "pid": process,
                "command": read(f"/proc/{process}/comm").strip() if process else "",
                "unit": unit_of(process) if process else "",
            }
        )
    return result
