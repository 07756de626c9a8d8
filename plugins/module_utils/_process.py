# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a running process says of itself in /proc. Nothing here changes anything."""

from __future__ import annotations

import glob
import os
import re
from typing import Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._node_report import read

JAR = re.compile(r"/kafka-clients-(\d+(?:\.\d+)+)\.jar")
# Fields of proc_pid_stat(5) behind the command's closing bracket: starttime is the 22nd of all.
START_TIME = 22 - 3


def kafka_version(pid: int) -> str:
    """Return the version of Kafka that a process runs, from the library that it holds open; empty when unknown."""
    for descriptor in glob.glob(f"/proc/{pid}/fd/*"):
        try:
            match = JAR.search(os.readlink(descriptor))
        except OSError:
            continue
        if match:
            return match.group(1)
    return ""


def uptime_seconds(pid: int) -> Optional[int]:
    """Return how long a process has been running; None when it is gone."""
    fields = read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    up = read("/proc/uptime").split()
    if len(fields) <= START_TIME or not up:
        return None
    return max(int(float(up[0]) - int(fields[START_TIME]) / os.sysconf("SC_CLK_TCK")), 0)


def folder_bytes(path: str) -> int:
    """Return the size of the files directly in a folder, 0 where there is none."""
    try:
        with os.scandir(path) as entries:
            return sum(entry.stat().st_size for entry in entries if entry.is_file(follow_symlinks=False))
    except OSError:
        return 0


def disk(path: str) -> dict[str, Optional[int]]:
    """Return the bytes of a folder's file system, None where the folder does not exist."""
    try:
        state = os.statvfs(path)
    except OSError:
        return {"total_bytes": None, "free_bytes": None}
    return {"total_bytes": state.f_blocks * state.f_frsize, "free_bytes": state.f_bavail * state.f_frsize}
