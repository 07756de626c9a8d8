# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Kafka's directories on a host: what is mounted where, and whose data they hold.

`meta.properties` stands in every directory that `kafka-storage format` has made (KIP-631, KIP-858). The manifest is
this collection's own record, kept off the data disks, of what was formatted where.
"""

from __future__ import annotations

import base64
import glob
import json
import os
import uuid
from typing import Any, Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._node_report import assignments, read

MANIFEST = "/etc/kafka/manifest.json"
MANIFEST_KEYS = {"cluster_id", "cluster_name", "directories", "initial_controllers", "node_id", "started"}
# What a file system itself puts into an empty root directory.
NOT_DATA = {"lost+found"}


def random_id() -> str:
    """Return a new id as Kafka makes them: 22 characters of URL-safe base64, none of them `-` (Uuid.randomUuid)."""
    while True:
        candidate = base64.urlsafe_b64encode(uuid.uuid4().bytes)[:22].decode()
        if "-" not in candidate:
            return candidate


def mounts() -> dict[str, dict[str, str]]:
    """Return {mount point: {device, fstype, options}}; of mounts over one another the last counts."""
    result = {}
    for line in read("/proc/self/mounts").splitlines():
        device, mountpoint, fstype, options = (field.replace("\\040", " ") for field in line.split(" ")[:4])
        result[mountpoint] = {"device": device, "fstype": fstype, "options": options}
    return result


def mountpoint_of(path: str, table: dict[str, dict[str, str]]) -> str:
    """Return the mount point that holds a path, existing or not."""
    current = os.path.realpath(path)
    while current not in table and current != "/":
        current = os.path.dirname(current)
    return current


def existing_parent(path: str) -> str:
    """Return the path itself or its nearest parent that exists."""
    while not os.path.exists(path):
        path = os.path.dirname(path)
    return path


def same_filesystem(one: str, other: str) -> bool:
    """Tell whether two paths, existing or not, lie on one file system."""
    return os.stat(existing_parent(one)).st_dev == os.stat(existing_parent(other)).st_dev


def filesystem_uuid(device: str) -> str:
    """Return the UUID of the file system on a device, empty where udev knows none (overlay, tmpfs)."""
    if not device.startswith("/dev/"):
        return ""
    for link in glob.glob("/dev/disk/by-uuid/*"):
        if os.path.realpath(link) == os.path.realpath(device):
            return os.path.basename(link)
    return ""


def rotational(path: str) -> Optional[bool]:
    """Tell whether a path lies on a spinning disk, None where the kernel does not say."""
    device = os.stat(existing_parent(path)).st_dev
    block = os.path.realpath(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}")
    for folder in (block, os.path.dirname(block)):
        flag = read(os.path.join(folder, "queue", "rotational")).strip()
        if flag:
            return flag == "1"
    return None


def meta_properties(path: str) -> Optional[dict[str, Any]]:
    """Return `cluster_id`, `node_id` and `directory_id` of a formatted directory, None when it is not formatted."""
    values = assignments(read(os.path.join(path, "meta.properties")))
    if not values:
        return None
    node_id = values.get("node.id", values.get("broker.id", ""))
    return {
        "cluster_id": values.get("cluster.id", ""),
        "node_id": int(node_id) if node_id.isdigit() else None,
        "directory_id": values.get("directory.id", ""),
    }


def directory(path: str, table: dict[str, dict[str, str]]) -> dict[str, Any]:
    """Describe one of Kafka's directories: where it is mounted, how full it is, what it holds."""
    mountpoint = mountpoint_of(path, table)
    mount = table.get(mountpoint, {"device": "", "fstype": "", "options": ""})
    space = os.statvfs(existing_parent(path))
    entries = set(os.listdir(path)) - NOT_DATA if os.path.isdir(path) else set()
    return {
        "path": path,
        "exists": os.path.isdir(path),
        "entries": len(entries),
        "meta": meta_properties(path),
        "mountpoint": mountpoint,
        "device": mount["device"],
        "uuid": filesystem_uuid(mount["device"]),
        "fstype": mount["fstype"],
        "options": mount["options"].split(","),
        "rotational": rotational(path),
        "size_bytes": space.f_frsize * space.f_blocks,
        "free_bytes": space.f_frsize * space.f_bavail,
    }


def read_manifest(path: str = MANIFEST) -> Optional[dict[str, Any]]:
    """Return this node's manifest, None where there is none. A manifest that cannot be parsed raises ValueError."""
    text = read(path)
    if not text:
        return None
    try:
        manifest: dict[str, Any] = json.loads(text)
    except ValueError as problem:
        raise ValueError(f"{path} cannot be read as JSON ({problem}); put it back from a backup") from problem
    missing = sorted(MANIFEST_KEYS - set(manifest)) if isinstance(manifest, dict) else sorted(MANIFEST_KEYS)
    if missing:
        raise ValueError(f"{path} is no manifest, it lacks {', '.join(missing)}; put it back from a backup")
    return manifest


def manifest_text(manifest: dict[str, Any]) -> str:
    """Return the manifest as the text of its file."""
    return json.dumps(manifest, indent=2, sort_keys=True) + "\n"
