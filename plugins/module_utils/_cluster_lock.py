# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lock on a cluster: a file on its hosts that says which run is changing it.

Times are those of the host that holds the file: an age is never computed from two clocks.
"""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Optional

# Survives a reboot, which may be part of what a run does to a host. A host belongs to one cluster, so no name is needed.
PATH = "/var/lib/kraftops/lock.json"
Lock = dict[str, Any]


def read(path: str = "") -> Optional[Lock]:
    """Return the lock with its age in seconds, None where there is none. A torn file counts as a lock of nobody known."""
    path = path or PATH
    try:
        with open(path, encoding="utf-8") as stream:
            text = stream.read()
        since = os.path.getmtime(path)
    except FileNotFoundError:
        return None
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    return {
        **(found if isinstance(found, dict) else {}),
        "since": since,
        "age_seconds": max(0, int(time.time() - since)),
    }


@contextmanager
def alone(path: str) -> Iterator[None]:
    """Let one process at a time look at the lock and change it."""
    folder = os.path.dirname(path)
    os.makedirs(folder, mode=0o755, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def take(owner: Lock, replace: str, path: str = "") -> dict[str, Optional[Lock]]:
    """Take the lock. `replace` names a run whose lock may be replaced, `*` any run's.

    Returns `refused`, the lock of another run that stands in the way, and `replaced`, the one that was thrown away.
    """
    path = path or PATH
    with alone(path):
        found = read(path)
        other = found is not None and found.get("run") != owner["run"]
        if found and other and replace != "*" and (not replace or replace != found.get("run")):
            return {"refused": found, "replaced": None}
        if found is None or other:
            _write(owner, path)
        return {"refused": None, "replaced": found if other else None}


def give_back(run: str, path: str = "") -> bool:
    """Remove the lock if it is this run's; return whether it was."""
    path = path or PATH
    if read(path) is None:
        return False
    with alone(path):
        found = read(path)
        mine = found is not None and found.get("run") == run
        if mine:
            os.unlink(path)
        return mine


def _write(owner: Lock, path: str) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(path))
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(owner, stream)
    os.chmod(temporary, 0o644)
    os.rename(temporary, path)


def words(lock: Lock) -> str:
    """Return whose lock it is, since when, and how old."""
    since = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(lock["since"]))
    who = f"{lock.get('who') or 'somebody'}@{lock.get('host') or 'an unknown host'}"
    process = f", process {lock['pid']}" if lock.get("pid") else ""
    return f"{who} ({lock.get('what') or 'unknown'}{process}) since {since}, {age(lock['age_seconds'])}"


def age(seconds: int) -> str:
    """Return an age as people say it."""
    for size, word in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {word} old"
    return f"{seconds} s old"
