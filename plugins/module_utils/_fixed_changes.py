# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Differences that no admin API can apply: who a node is, where its data lies, what it is started with."""

from __future__ import annotations

from typing import Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._difference import (
    ABSENT,
    FORBIDDEN,
    NONE,
    RESTART,
    Difference,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._effective import current, stated
from ansible_collections.kraftops.kafka.plugins.module_utils._plan_input import NodeState, StartFile
from ansible_collections.kraftops.kafka.plugins.module_utils._versions import no_way

IDENTITY = {
    "node.id": "a node keeps its id: under another one it would be another node, with this one's disks",
    "broker.id": "a node keeps its id: under another one it would be another node, with this one's disks",
    "process.roles": "a node keeps its roles: remove it from the cluster and add it again",
    "metadata.log.dir": "Kafka would start with an empty metadata log: replace the node instead",
}
DIRECTORIES = ("log.dirs", "log.dir")
# Read again while Kafka runs, so they never are a reason to restart: log4j2's monitorInterval, the agent's hot reload.
# log4j.properties of 3.9 comes as a digest without its levels: those go through the API.
READ_WHILE_RUNNING = ("log4j2.yaml", "jmx_exporter.yml", "log levels")
SHOWN_DIGEST = 12


def fixed(node: NodeState) -> list[Difference]:
    """Return these differences of a node: the ones that are refused first."""
    lines = [*_cluster_id(node), *_identity(node), *_directories(node), *_version(node), *_process(node)]
    for item in node.start_files:
        lines += _start_file(node, item)
    if node.need_daemon_reload:
        reason = "systemd is told to read the unit again; that alone restarts nothing"
        lines.append(
            Difference(node.host, "kafka.service", "changed since systemd read it", "read again", NONE, reason)
        )
    return lines


def is_fixed(key: str) -> bool:
    """Return whether a property is judged here."""
    return key in IDENTITY or key in DIRECTORIES


def _refused(node: NodeState, what: str, old: str, new: str, reason: str) -> Difference:
    return Difference(node.host, what, old, new, FORBIDDEN, reason, refused=True)


def _cluster_id(node: NodeState) -> list[Difference]:
    if not node.found_cluster_id or not node.cluster_id or node.found_cluster_id == node.cluster_id:
        return []
    reason = "its disks belong to another cluster"
    return [_refused(node, "cluster id", node.found_cluster_id, node.cluster_id, reason)]


def _before(node: NodeState, key: str) -> Optional[str]:
    """Return what the node is today: as loaded, else as it says itself, else as its file says."""
    found = None if node.loaded is None else stated(key, node.loaded)
    if found is None and node.live is not None:
        found = current(key, node.live)
    return found if found is not None or node.file is None else stated(key, node.file)


def _items(value: str) -> set[str]:
    return {item for item in value.split(",") if item}


def _only_the_file(node: NodeState, key: str) -> list[Difference]:
    on_disk = (node.file or {}).get(key)
    if node.file is None or on_disk == node.desired.get(key):
        return []
    reason = "only the file differs: it is written, nothing else is needed"
    new = node.desired.get(key, ABSENT)
    return [Difference(node.host, key, on_disk if on_disk is not None else ABSENT, new, NONE, reason)]


def _identity(node: NodeState) -> list[Difference]:
    lines = []
    for key, reason in IDENTITY.items():
        old, new = _before(node, key), stated(key, node.desired)
        if old is None or new is None or _items(old) == _items(new):
            lines += _only_the_file(node, key)
        else:
            lines.append(_refused(node, key, old, new, reason))
    return lines


def _directories(node: NodeState) -> list[Difference]:
    key = next((one for one in DIRECTORIES if one in node.desired), DIRECTORIES[0])
    old, new = _before(node, key), stated(key, node.desired)
    if old is None or new is None or _items(old) == _items(new):
        return _only_the_file(node, key)
    held = [_holds(node, path) for path in sorted(_items(old) - _items(new))]
    reasons = [reason for reason in held if reason]
    if reasons:
        return [_refused(node, key, old, new, "; ".join(reasons))]
    added = sorted(_items(new) - _items(old))
    reason = f"{', '.join(added)} is formatted before the restart" if added else "no replica lies there any more"
    return [Difference(node.host, key, old, new, RESTART, reason, RESTART)]


def _holds(node: NodeState, path: str) -> str:
    count = node.replicas.get(path)
    if count is None:
        return f"nobody knows whether {path} still holds replicas: let Kafka run with it once more"
    return f"{path} still holds {count} replicas: move them away first" if count else ""


def _version(node: NodeState) -> list[Difference]:
    old, new = node.loaded_version, node.version
    if old is None or old == new:
        return []
    why = no_way(old, new)
    if why:
        return [_refused(node, "Kafka", old, new, why)]
    return [Difference(node.host, "Kafka", old, new, RESTART, "a newer version of the same line", RESTART)]


def _process(node: NodeState) -> list[Difference]:
    if node.running:
        return []
    return [Difference(node.host, "process", "stopped", "running", RESTART, "it does not run: it is started", RESTART)]


def _start_file(node: NodeState, item: StartFile) -> list[Difference]:
    old = item.disk if item.loaded is None else item.loaded
    if item.what in READ_WHILE_RUNNING:
        old, reason = item.disk, "Kafka reads it while it runs: it is written, nothing restarts"
        return [_file_line(node, item, old, NONE, reason)] if item.disk != item.desired else []
    if node.running and item.loaded is not None and item.loaded != item.desired:
        return [_file_line(node, item, old, RESTART, "the process was started with another one")]
    if item.loaded is None and item.disk is not None and item.disk != item.desired:
        return [_file_line(node, item, old, RESTART, "read only when the process starts")]
    if item.disk is not None and item.disk != item.desired:
        reason = "only the file differs: it is written, nothing else is needed"
        return [_file_line(node, item, item.disk, NONE, reason)]
    return []


def _file_line(node: NodeState, item: StartFile, old: Optional[str], kind: str, reason: str) -> Difference:
    return Difference(node.host, item.what, _short(old), _short(item.desired), kind, reason, kind)


def _short(digest: Optional[str]) -> str:
    return digest[:SHOWN_DIGEST] if digest else ABSENT
