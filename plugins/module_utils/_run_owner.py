# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who runs this playbook, as a lock records it; and whether a run of this control node has ended. Control node only."""

from __future__ import annotations

import getpass
import multiprocessing
import os
import socket
from collections.abc import Iterable
from typing import Any

BOOT_ID = "/proc/sys/kernel/random/boot_id"
START_FIELD = 22 - 3  # proc_pid_stat(5): the 22nd field; the first two are cut off, because the second may hold blanks
# What must be the same for a process number to mean anything here.
PLACE = ("boot", "namespace")


def this_run(playbooks: Iterable[str]) -> dict[str, Any]:
    """Return the owner of this run. Its process is ansible-playbook itself, not the worker that calls this."""
    parent = multiprocessing.parent_process()
    pid = parent.pid if parent and parent.pid else os.getpid()
    place = {"boot": _read(BOOT_ID).strip(), "namespace": _namespace()}
    start, host = started(pid), socket.gethostname()
    return {
        "run": ":".join((host, place["boot"], place["namespace"], str(pid), start)),
        "who": _user(),
        "host": host,
        # Never the command line: extra variables on it may be secrets.
        "what": ", ".join(os.path.basename(name) for name in playbooks) or "a playbook",
        "pid": pid,
        "start": start,
        **place,
    }


def outlived() -> bool:
    """Return whether the run that this worker works for has ended: a worker has a session of its own (ansible-core 2.19), so
    that what kills the run does not kill it, and it would go on to the end of its task."""
    parent = multiprocessing.parent_process()
    if parent is None or not parent.pid or os.getppid() == parent.pid:
        return False
    return not started(parent.pid)  # a worker need not be a child of the process that it works for


def has_ended(owner: dict[str, Any], here: dict[str, Any]) -> bool:
    """Return whether it is proven that a run has ended: it ran on this machine, and its process is gone.

    Of another machine, another container or another boot nothing is proven.
    """
    if any(not here.get(key) or owner.get(key) != here[key] for key in PLACE) or not owner.get("start"):
        return False
    return started(int(owner["pid"])) != str(owner["start"])


def started(pid: int) -> str:
    """Return when a process began, in ticks since boot; empty when there is no such process, or no /proc.

    A number may be used again, a number together with its start is not. A zombie has ended.
    """
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return fields[START_FIELD] if len(fields) > START_FIELD and fields[0] != "Z" else ""


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _namespace() -> str:
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read()
    except OSError:
        return ""
