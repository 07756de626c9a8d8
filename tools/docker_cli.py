"""Call Docker; find a free subnet and free ports for a cluster of containers."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kraftops.kafka"
LABEL = "kraftops.kafka"
POOL = ipaddress.IPv4Network("10.213.0.0/16")


class RefusedError(Exception):
    """Something that the user can understand and mend."""


def run(command: Sequence[str], *, stdin: str = "", timeout: int = 120) -> str:
    """Run a command and return what it prints; on failure show its own words."""
    try:
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=timeout, check=False)
    except FileNotFoundError as error:
        raise RefusedError(f"{command[0]} is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise RefusedError(f"no answer within {timeout} s from: {' '.join(command[:6])} ...") from error
    if done.returncode != 0:
        raise RefusedError(f"{' '.join(command[:4])} ...: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def docker(*arguments: str, stdin: str = "", timeout: int = 120) -> str:
    """Call the Docker command line."""
    return run(("docker", *arguments), stdin=stdin, timeout=timeout)


def network_name(name: str) -> str:
    """The Docker network of a cluster."""
    return f"kraftops-{name}"


def taken_subnets() -> list[ipaddress.IPv4Network]:
    """What other Docker networks and this machine's routes occupy."""
    taken = []
    ids = docker("network", "ls", "--quiet").split()
    for item in json.loads(docker("network", "inspect", *ids)):
        configs = item["IPAM"]["Config"] or []
        taken += [ipaddress.IPv4Network(config["Subnet"]) for config in configs if "." in config.get("Subnet", "")]
    for line in Path("/proc/net/route").read_text().splitlines()[1:]:
        fields = line.split()
        destination, mask = (int.from_bytes(bytes.fromhex(fields[at]), "little") for at in (1, 7))
        if mask:
            taken.append(ipaddress.IPv4Network((destination, bin(mask).count("1"))))
    return taken


def network(name: str) -> ipaddress.IPv4Network:
    """The cluster's subnet; the network is made when it is not there."""
    known = docker("network", "ls", "--quiet", "--filter", f"name=^{network_name(name)}$").split()
    if known:
        return ipaddress.IPv4Network(json.loads(docker("network", "inspect", *known))[0]["IPAM"]["Config"][0]["Subnet"])
    taken = taken_subnets()
    for subnet in POOL.subnets(new_prefix=24):
        if not any(subnet.overlaps(other) for other in taken):
            label = f"{LABEL}.cluster={name}"
            docker("network", "create", "--subnet", str(subnet), "--label", label, network_name(name))
            return subnet
    raise RefusedError(f"no free subnet in {POOL}")


def free_port(wanted: int) -> int:
    """The wanted port of this machine, or any free one."""
    for port in (wanted, 0):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise RefusedError(f"no free port for {wanted}")
