# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A snapshot in numbers, as plain data, small whatever the size of the cluster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import QuorumView
from ansible_collections.kraftops.kafka.plugins.module_utils._gates import Finding, Verdict
from ansible_collections.kraftops.kafka.plugins.module_utils._snapshot import (
    Partition,
    Snapshot,
    behind_ms,
    ids,
    is_caught_up,
)

SHOWN = 20


def summary(snapshot: Snapshot) -> dict[str, Any]:
    """Return a snapshot's brokers, voters and partitions at risk."""
    return {
        "asked": snapshot.asked,
        "cluster_id": snapshot.cluster_id,
        "quorum": quorum(snapshot.quorum) if snapshot.quorum else None,
        "brokers": brokers(snapshot),
        "partitions": partitions(snapshot),
    }


def quorum(view: QuorumView) -> dict[str, Any]:
    """Return the state of the metadata quorum; times are the leader's, None while it does not know one."""
    voters = [
        {
            "node_id": one.node_id,
            "lag": view.lag(one.node_id) if view.leader_id in view.voters else None,
            "behind_ms": behind_ms(view, one),
            "caught_up": is_caught_up(view, one),
        }
        for _id, one in sorted(view.voters.items())
    ]
    return {
        "leader_id": view.leader_id,
        "leader_epoch": view.leader_epoch,
        "high_watermark": view.high_watermark,
        "voters": voters,
    }


def brokers(snapshot: Snapshot) -> list[dict[str, Any]]:
    """Return every registered broker with what it holds; `preferred` is how many partitions it should lead."""
    replicas = Counter(node for one in snapshot.partitions for node in one.replicas)
    in_sync = Counter(node for one in snapshot.partitions for node in one.isr)
    leaders = Counter(one.leader for one in snapshot.partitions)
    preferred = Counter(one.replicas[0] for one in snapshot.partitions if one.replicas)
    return [
        {
            "node_id": node_id,
            "address": f"{snapshot.brokers[node_id].host}:{snapshot.brokers[node_id].port}",
            "rack": snapshot.brokers[node_id].rack or "",
            "fenced": node_id not in snapshot.unfenced,
            "replicas": replicas[node_id],
            "out_of_isr": replicas[node_id] - in_sync[node_id],
            "leaders": leaders[node_id],
            "preferred": preferred[node_id],
        }
        for node_id in sorted(snapshot.brokers)
    ]


def partitions(snapshot: Snapshot) -> dict[str, Any]:
    """Return how many partitions are in which kind of danger, and the first of them in words, the worst first."""
    risks: dict[str, list[Partition]] = {"offline": [], "under_min_isr": [], "at_min_isr": [], "under_replicated": []}
    for one in snapshot.partitions:
        for risk in kinds(one, snapshot.minimum(one)):
            risks[risk].append(one)
    words = {"offline": "no leader", "under_min_isr": "under min ISR", "at_min_isr": "at min ISR"}
    named = {one.name: at_risk(one, words[risk], snapshot.minimum(one)) for risk in words for one in risks[risk]}
    return {
        "topics": len({one.topic for one in snapshot.partitions}),
        "partitions": len(snapshot.partitions),
        **{risk: len(several) for risk, several in risks.items()},
        "reassigning": len(snapshot.reassigning),
        "at_risk": list(named.values())[:SHOWN],
        "at_risk_count": len(named),
    }


def at_risk(one: Partition, words: str, minimum: int) -> str:
    """Return a partition's danger in words."""
    limit = f" {minimum}" if one.leader >= 0 else ""
    return f"{one.name}: {words}{limit}, ISR {ids(one.isr)} of replicas {ids(one.replicas)}"


def kinds(one: Partition, minimum: int) -> list[str]:
    """Return the dangers that a partition is in. With no replica to spare by design it is always at its minimum."""
    found = ["under_replicated"] if len(one.isr) < len(one.replicas) else []
    if one.leader < 0:
        found.append("offline")
    elif len(one.isr) < minimum:
        found.append("under_min_isr")
    elif len(one.isr) == minimum and len(one.isr) < len(one.replicas):
        found.append("at_min_isr")
    return found


def verdict(one: Verdict) -> dict[str, Any]:
    """Return a verdict with its first findings, and how many there are of each kind."""
    return {
        "allowed": one.allowed,
        "reasons": [asdict(item) for item in shortened(one.reasons)],
        "reason_counts": dict(Counter(item.code for item in one.reasons)),
        "notes": [asdict(item) for item in shortened(one.notes)],
    }


def shortened(findings: Iterable[Finding]) -> list[Finding]:
    """Return the first findings of every kind, and one that says how many more there are."""
    kinds_found: dict[str, list[Finding]] = {}
    for one in findings:
        kinds_found.setdefault(one.code, []).append(one)
    shown = []
    for code, several in kinds_found.items():
        shown += several[:SHOWN]
        if len(several) > SHOWN:
            shown.append(Finding(code, f"and {len(several) - SHOWN} more of this kind"))
    return shown
