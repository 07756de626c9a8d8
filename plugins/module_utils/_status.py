# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A cluster on one screen, from the model, what its nodes said of themselves, and what the health probe saw."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils import _cluster_lock
from ansible_collections.kraftops.kafka.plugins.module_utils._model import Cluster, Node

DISK_BOUND = 0.85
NONE = "-"
WIDTH = 72
COLUMNS = (
    "node",
    "id",
    "role",
    "rack",
    "version",
    "up",
    "restart",
    "leaders",
    "replicas",
    "out-of-ISR",
    "disk",
    "state",
)
NUMBERS = ("id", "leaders", "replicas", "out-of-ISR", "disk")


@dataclass(frozen=True)
class Seen:
    """What is known of one cluster. `health` is what cluster_health returned, empty when nobody could ask."""

    cluster: Cluster
    nodes: list[Node]
    health: Mapping[str, Any] = field(default_factory=dict)
    statuses: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What node_status returned, by name; nodes that did not answer are left out."""
    silent: frozenset[str] = frozenset()
    """Nodes that were asked and did not answer; the others without a status were not asked."""
    pending: Mapping[str, list[str]] = field(default_factory=dict)
    """What each node waits for a restart with; of a node that is not in it that is not known."""
    log_bounds: Mapping[str, int] = field(default_factory=dict)
    disk_bound: float = DISK_BOUND

    @property
    def summary(self) -> Mapping[str, Any]:
        """The probe's summary, empty when there is none."""
        return dict(self.health.get("summary") or {})

    @property
    def quorum(self) -> Mapping[str, Any]:
        """The state of the metadata quorum, empty when unknown."""
        return dict(self.summary.get("quorum") or {})

    def broker(self, node_id: int) -> Mapping[str, Any]:
        """A broker as the cluster knows it, empty when it does not."""
        return next((one for one in self.summary.get("brokers", []) if one["node_id"] == node_id), {})

    def names(self) -> dict[int, str]:
        """The inventory names by node id."""
        return {one.node_id: one.name for one in self.nodes}


def lines(seen: Seen) -> list[str]:
    """Return the screen."""
    return [
        *wrapped([headline(seen)]),
        *table([list(COLUMNS), *(row(seen, node) for node in seen.nodes)]),
        *wrapped(
            [
                *lock_lines(seen),
                *pending_lines(seen),
                *quorum_lines(seen),
                *balance_lines(seen),
                *partition_lines(seen),
                *disk_lines(seen),
                *stranger_lines(seen),
            ]
        ),
    ]


def wrapped(several: Iterable[str]) -> list[str]:
    """Break long lines here, before Ansible's YAML does it at any single space; the cells of the table have none."""
    pieces = [textwrap.wrap(one, WIDTH, subsequent_indent="    ", break_long_words=False) for one in several]
    return [piece for those in pieces for piece in those]


def headline(seen: Seen) -> str:
    """Return whose screen this is, and who said so."""
    asked = seen.summary.get("asked")
    if not asked:
        return f"cluster {seen.cluster.name}: nobody could be asked: {why_not(seen)}"
    features = seen.health.get("features", {})
    levels = ", ".join(f"{key} {features[key]}" for key in ("metadata.version", "kraft.version") if key in features)
    return f"cluster {seen.cluster.name} ({seen.summary['cluster_id']}), as {asked} sees it" + (
        levels and f"; {levels}"
    )


def why_not(seen: Seen) -> str:
    """Return why there is no view of the cluster."""
    reasons = [one["text"] for one in seen.health.get("reasons", [])]
    return "; ".join(reasons) or str(seen.health.get("msg") or "no node of it answered")


def row(seen: Seen, node: Node) -> list[str]:
    """Return a node's line of the table."""
    status, broker = seen.statuses.get(node.name, {}), seen.broker(node.node_id)
    counts = [str(broker.get(key, NONE)) for key in ("leaders", "replicas", "out_of_isr")]
    used = [share for _path, share in shares(status)]
    return [
        node.name,
        str(node.node_id),
        node.role,
        node.rack or NONE,
        status.get("version") or NONE,
        duration(status.get("uptime_seconds")),
        restart(seen, node.name),
        *counts,
        f"{max(used):.0%}" if used else NONE,
        state(seen, node),
    ]


def restart(seen: Seen, name: str) -> str:
    """Return how much waits for a node's restart."""
    if name not in seen.pending:
        return NONE
    waiting = len(seen.pending[name])
    return f"pending:{waiting}" if waiting else "no"


def state(seen: Seen, node: Node) -> str:
    """Return how a node is, the worst first."""
    status = seen.statuses.get(node.name)
    words = []
    if status is None:
        words.append("NO-ANSWER" if node.name in seen.silent else "not-asked")
    elif status["masked"]:
        words.append("masked")
    elif status["state"] != "active running":
        words.append(status["state"].replace(" ", "/").upper())
    if node.is_broker and seen.summary.get("brokers"):
        broker = seen.broker(node.node_id)
        words += ["FENCED"] if not broker or broker["fenced"] else []
    if node.is_controller and seen.quorum:
        words += voter_state(seen, node.node_id)
    if status and status["restarts"]:
        words.append(f"restarted-by-systemd:{status['restarts']}")
    return ",".join(words) or "ok"


def voter_state(seen: Seen, node_id: int) -> list[str]:
    """Return how a controller takes part in the quorum; nothing when it simply does."""
    if node_id == seen.quorum["leader_id"]:
        return ["leads"]
    voter = next((one for one in seen.quorum["voters"] if one["node_id"] == node_id), None)
    if voter is None:
        return ["NOT-A-VOTER"]
    return [] if voter["caught_up"] else ["BEHIND"]


def lock_lines(seen: Seen) -> list[str]:
    """Return which run is changing the cluster; nothing when none is."""
    locks = {lock.get("run"): lock for status in seen.statuses.values() if (lock := status.get("lock"))}
    return [f"locked by {_cluster_lock.words(lock)}" for lock in locks.values()]


def pending_lines(seen: Seen) -> list[str]:
    """Return what each node waits for a restart with; nothing when none does."""
    waiting = [f"  {name}: {', '.join(what)}" for name, what in seen.pending.items() if what]
    return ["waiting for a restart (plan.yml says more):", *waiting] if waiting else []


def quorum_lines(seen: Seen) -> list[str]:
    """Return the quorum, and how far each voter is behind."""
    if not seen.quorum:
        return ["quorum: unknown"]
    names, leader = seen.names(), seen.quorum["leader_id"]
    voters = []
    for one in seen.quorum["voters"]:
        if one["node_id"] != leader:
            late = "unknown time" if one["behind_ms"] is None else f"{one['behind_ms']} ms"
            voters.append(f"{names.get(one['node_id'], one['node_id'])}: {one['lag']} records, {late} behind")
    first = f"quorum: {names.get(leader, leader)} leads epoch {seen.quorum['leader_epoch']}"
    if leader < 0:
        first = "quorum: NO LEADER"
    return [f"{first}, end of the log {seen.quorum['high_watermark']}", *(f"  {text}" for text in voters)]


def balance_lines(seen: Seen) -> list[str]:
    """Return how uneven leaders and replicas are over the brokers."""
    brokers, names = list(seen.summary.get("brokers", [])), seen.names()
    if len(brokers) < 2:
        return []
    parts = []
    for key in ("leaders", "replicas"):
        low, high = (pick(brokers, key=lambda one: int(one[key])) for pick in (min, max))
        average = sum(one[key] for one in brokers) / len(brokers)
        uneven = (high[key] - low[key]) / average if average else 0.0
        who = [f"{one[key]} ({names.get(one['node_id'], one['node_id'])})" for one in (low, high)]
        parts.append(f"{key} from {who[0]} to {who[1]}: {uneven:.0%} of the mean apart")
    moved = sum(max(one["preferred"] - one["leaders"], 0) for one in brokers)
    return ["balance:", *(f"  {text}" for text in parts), f"  {moved} leaders away from their preferred brokers"]


def partition_lines(seen: Seen) -> list[str]:
    """Return how many partitions are in danger, and which."""
    counts = seen.summary.get("partitions")
    if not counts or not seen.summary.get("brokers"):
        return []
    words = {"offline": "offline", "under_min_isr": "under min ISR", "at_min_isr": "at min ISR"}
    words.update(under_replicated="under-replicated", reassigning="being moved")
    bad = ", ".join(f"{counts[key]} {text}" for key, text in words.items() if counts[key]) or "all in order"
    first = f"partitions: {counts['partitions']} in {counts['topics']} topics: {bad}"
    more = counts["at_risk_count"] - len(counts["at_risk"])
    return [first, *(f"  {text}" for text in counts["at_risk"]), *([f"  and {more} more"] if more else [])]


def disk_lines(seen: Seen) -> list[str]:
    """Return the disks that are fuller than their bound, and Kafka's own logs that are larger than theirs."""
    found = []
    for node in seen.nodes:
        status = seen.statuses.get(node.name, {})
        found += [
            f"  {node.name} {path}: {share:.0%} used, more than {seen.disk_bound:.0%}"
            for path, share in shares(status)
            if share > seen.disk_bound
        ]
        size, bound = status.get("log_bytes", 0), seen.log_bounds.get(node.name, 0)
        if bound and size > bound:
            found.append(f"  {node.name} {node.app_log_dir}: {volume(size)} of logs, more than {volume(bound)}")
    known = any(shares(status) for status in seen.statuses.values())
    fine = f"disks: all at most {seen.disk_bound:.0%} full" if known else "disks: unknown"
    return ["disks over their bounds:", *found] if found else [fine]


def stranger_lines(seen: Seen) -> list[str]:
    """Return the nodes that the cluster has and the inventory has not."""
    known = seen.names()
    live = {one["node_id"]: "broker" for one in seen.summary.get("brokers", [])}
    live.update({one["node_id"]: "voter" for one in seen.quorum.get("voters", [])})
    return [
        f"{kind} {node_id} is not in the inventory" for node_id, kind in sorted(live.items()) if node_id not in known
    ]


def shares(status: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Return how full the file system of each directory is."""
    return [
        (one["path"], 1 - one["free_bytes"] / one["total_bytes"])
        for one in status.get("disks", [])
        if one["total_bytes"]
    ]


def duration(seconds: int | None) -> str:
    """Return a time span in its two largest units."""
    if seconds is None:
        return NONE
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days:
        return f"{days}d{hours % 24:02}h"
    return f"{hours}h{minutes % 60:02}m" if hours else f"{minutes}m{seconds % 60:02}s"


def volume(size: float) -> str:
    """Return bytes as people read them."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def table(rows: list[list[str]]) -> list[str]:
    """Return rows with their columns one below the other; numbers to the right."""
    widths = [max(len(cells[index]) for cells in rows) for index in range(len(COLUMNS))]
    return [
        "  ".join(
            cell.rjust(width) if name in NUMBERS else cell.ljust(width)
            for name, width, cell in zip(COLUMNS, widths, cells)
        ).rstrip()
        for cells in rows
    ]
