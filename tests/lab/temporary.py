"""Temporary log levels, their end on the host, and the log directory while a lot is written to it."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError
from ansible_collections.kraftops.kafka.plugins.module_utils._log_config import FILES
from tests.lab.levels import LOGS, effective
from tests.lab.live import Live, wait_for

STATE = "/var/lib/kraftops_kafka/log_levels.json"
METRICS = "/var/lib/node_exporter/textfile/kafka_logs.prom"
CHECK = f"/opt/kraftops_kafka/bin/kafka-log-check {METRICS}"
# Kafka's logs, the one that grows most first.
NAMES = sorted(FILES.values(), key=lambda name: name != "server.log")
# What was written before, at a larger size, is none of a storm's.
CLEAR = f"cd {LOGS} && truncate --size=0 {' '.join(NAMES)} && rm -f *.log.[0-9]*"
# Runs the check as its unit does and prints the CPU time that it took.
CPU = f"""
import resource, subprocess
subprocess.run("{CHECK}".split(), check=True, stdout=subprocess.DEVNULL)
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(usage.ru_utime + usage.ru_stime)
"""
# Looks at the rolled logs of a directory for some seconds, and on until the first was rolled so often, for a minute at most.
# Prints the most bytes that each took and that all took at once, and how often the first of them was rolled.
WATCH = """
import json, os, sys, time
folder, seconds, rolls, names = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
most, all_at_once, rolled, inode = dict.fromkeys(names, 0), 0, 0, 0
end = time.monotonic() + seconds
while (now := time.monotonic()) < end or (rolled < rolls and now < end + 60):
    sizes = dict.fromkeys(names, 0)
    for entry in os.scandir(folder):
        name, _dot, number = entry.name.rpartition(".")
        name = name if number.isdigit() else entry.name
        try:
            if name in sizes:
                sizes[name] += entry.stat().st_size
        except FileNotFoundError:
            pass
    most = {name: max(most[name], sizes[name]) for name in names}
    all_at_once = max(all_at_once, sum(sizes.values()))
    found = os.stat(os.path.join(folder, names[0])).st_ino if os.path.exists(os.path.join(folder, names[0])) else inode
    rolled, inode = rolled + (found != inode), found
    time.sleep(0.02)
print(json.dumps({"most": most, "all": all_at_once, "rolled": rolled}))
"""


def wait_for_level(live: Live, name: str, logger: str, level: str, seconds: float) -> None:
    """Wait until one node has a level; a node that does not answer has none."""

    def has() -> bool:
        with suppress(AdminError):
            return effective(live, [logger], [name])[name] == {logger: level}
        return False

    wait_for(f"{logger} {level} on {name}", seconds, has)


def remembered(live: Live, name: str) -> dict[str, Any]:
    """The temporary levels that a host remembers."""
    found: dict[str, Any] = json.loads(live.run(name, f"cat {STATE} || echo '{{}}'"))
    levels: dict[str, Any] = found.get("levels", {})
    return levels


def check_cpu(live: Live, name: str) -> float:
    """Run the check of levels and volume once; return its CPU seconds."""
    user = "runuser -u kafka -- env PYTHONPYCACHEPREFIX=/var/cache/kraftops_kafka"
    return float(live.run(name, f"{user} python3 -c '{CPU}'"))


def oversized(live: Live, name: str, size: int) -> list[str]:
    """The files of Kafka's logs that were begun when they could become larger than now; a tenth is for one very long line."""
    command = f"cd {LOGS} && stat --format='%n %s' {' '.join(f'{log} {log}.*' for log in NAMES)} 2>&- || true"
    return [line for line in live.run(name, command).splitlines() if int(line.split()[-1]) > size * 1.1]


def storm(live: Live, name: str, seconds: float, rolls: int = 0) -> dict[str, Any]:
    """Look at Kafka's logs for some seconds, many times a second; return what WATCH prints, of server.log first."""
    watch = f"python3 -c '{WATCH}' {LOGS} {seconds} {rolls} {' '.join(NAMES)}"
    found: dict[str, Any] = json.loads(live.run(name, watch))
    return found


def with_host_variables(folder: Path, name: str, variables: dict[str, Any]) -> dict[str, str]:
    """Environment for a run in which one host has some variables more."""
    extra = folder / "extra.yml"
    extra.write_text(json.dumps({"all": {"hosts": {name: variables}}}), encoding="utf-8")
    return {"ANSIBLE_INVENTORY": f"{os.environ['ANSIBLE_INVENTORY']},{extra}"}
