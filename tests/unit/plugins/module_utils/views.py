"""Snapshots for tests: three brokers 11 to 13, three controllers 1 to 3, and short ways to say what is wrong."""

from __future__ import annotations

from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import QuorumView, Registration, Replica
from ansible_collections.kraftops.kafka.plugins.module_utils._snapshot import Partition, Snapshot

NOW = 1_000_000
BROKERS = (11, 12, 13)
DEAD = -1


def partition(isr: str, topic: str = "orders", replicas: str = "11,12,13", leader: int | None = None) -> Partition:
    """Return partition 3 of a topic."""
    members = tuple(int(one) for one in isr.split(",") if one)
    first = (members or (DEAD,))[0] if leader is None else leader
    return Partition(topic, 3, first, tuple(int(one) for one in replicas.split(",")), members)


def replica(node_id: int, late_ms: int | None = 0, lag: int = 0) -> Replica:
    """Return a replica of the metadata log that was level with the leader so long ago; None: the leader never saw it."""
    seen = -1 if late_ms is None else NOW - late_ms
    return Replica(node_id, f"d{node_id}", -1 if late_ms is None else 5000 - lag, seen, seen)


def quorum(late: dict[int, int | None] | None = None, leader: int = 1, voters: int = 3, **more: Any) -> QuorumView:
    """Return a quorum of controllers 1, 2, ... and the brokers as observers; `late` says who is how much behind, in ms."""
    times = {**dict.fromkeys(range(1, voters + 1), 0), **dict.fromkeys(BROKERS, 0), **(late or {})}
    rows = {node_id: replica(node_id, time, more.get("lag", 0) if time else 0) for node_id, time in times.items()}
    return QuorumView(
        leader,
        more.get("epoch", 7),
        5000,
        {node_id: row for node_id, row in rows.items() if node_id <= voters},
        {node_id: row for node_id, row in rows.items() if node_id > voters},
    )


def snapshot(*partitions: Partition, fenced: tuple[int, ...] = (), **more: Any) -> Snapshot:
    """Return a snapshot; every topic has the min ISR 2 unless `min_isr` says otherwise."""
    return Snapshot(
        asked="b-11:9092",
        cluster_id="the-id",
        brokers={node_id: Registration(node_id, f"b-{node_id}", 9092, "a") for node_id in BROKERS},
        unfenced=frozenset(BROKERS) - frozenset(fenced),
        partitions=partitions,
        min_isr={**{one.topic: 2 for one in partitions}, **more.get("min_isr", {})},
        reassigning=more.get("reassigning", {}),
        quorum=more.get("quorum", quorum()),
    )
