# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The file system of Kafka's own logs, and how much of it the journal may take. Runs on hosts; changes nothing."""

from __future__ import annotations

import glob
import os
import re
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils import _storage
from ansible_collections.kraftops.kafka.plugins.module_utils._node_report import assignments, read

JOURNAL = "/var/log/journal"
# journald.conf(5): files of this name further left win, and all of them over the main file.
CONFIG_FOLDERS = ("/etc/systemd", "/run/systemd", "/usr/lib/systemd")
UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
# journald's own limit without SystemMaxUse: a tenth of the file system, but not more than this.
DEFAULT_PART, DEFAULT_MOST = 10, 4 << 30


def log_filesystem(path: str, root: str = "") -> dict[str, Any]:
    """Return mount point and space of the file system of a directory that may not exist yet, and the journal's part of it."""
    space = os.statvfs(_storage.existing_parent(path))
    size = space.f_frsize * space.f_blocks
    return {
        "path": path,
        "mountpoint": _storage.mountpoint_of(path, _storage.mounts()),
        "size_bytes": size,
        "free_bytes": space.f_frsize * space.f_bavail,
        "journal_bytes": journal_bytes(path, size, root),
    }


def journal_bytes(path: str, size: int, root: str = "") -> int:
    """Return the most bytes that the journal takes of the file system of a path; none when it lies elsewhere."""
    journal, settings = root + JOURNAL, journal_settings(root)
    storage = settings.get("Storage", "auto")
    if storage in ("none", "volatile") or (storage == "auto" and not os.path.isdir(journal)):
        return 0
    if not _storage.same_filesystem(path, journal):
        return 0
    return _bytes(settings.get("SystemMaxUse", "")) or min(size // DEFAULT_PART, DEFAULT_MOST)


def journal_settings(root: str = "") -> dict[str, str]:
    """Return what journald.conf and its drop-ins set."""
    folders = [root + folder for folder in CONFIG_FOLDERS]
    main = next((path for path in (f"{folder}/journald.conf" for folder in folders) if os.path.exists(path)), "")
    drop_ins: dict[str, str] = {}
    for folder in reversed(folders):
        drop_ins.update({os.path.basename(path): path for path in glob.glob(f"{folder}/journald.conf.d/*.conf")})
    settings: dict[str, str] = {}
    for path in [main, *(drop_ins[name] for name in sorted(drop_ins))]:
        settings.update(assignments(read(path)))
    return settings


def _bytes(text: str) -> int:
    """Return a size as systemd writes it; 0 for none."""
    match = re.fullmatch(r"(\d+)([KMGT]?)", text)
    return int(match.group(1)) * UNITS[match.group(2)] if match else 0
