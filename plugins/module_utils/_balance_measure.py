# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How uneven a cluster is, in numbers: per broker, rack, data directory and topic, and each partition's racks."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._balance import (
    Layout,
    Wishes,
    crowded_racks,
    rack_rule,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_shares import (
    Shares,
    band,
    shares,
    taking_part,
    topic_limit,
    whole_band,
)

MEASURES = ("replicas", "leaders", "bytes")
NAMED = 20


class Loads:
    """What each broker holds, counted once."""

    def __init__(self, layout: Layout) -> None:
        """Go over all partitions."""
        self.of: dict[str, Counter[int]] = {one: Counter() for one in (*MEASURES, "preferred")}
        self.disks: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
        self.topics: dict[str, Counter[int]] = defaultdict(Counter)
        self.several: Counter[str] = Counter()
        for placed in layout.partitions:
            self.several[placed.topic] += 1
            if placed.leader >= 0:
                self.of["leaders"][placed.leader] += 1
                self.topics[placed.topic][placed.leader] += 1
            self.of["preferred"][placed.replicas[0]] += 1
            for node in placed.replicas:
                self.of["replicas"][node] += 1
                self.of["bytes"][node] += placed.bytes
                path = placed.directories.get(node, "")
                self.disks[node, path].update(replicas=1, bytes=placed.bytes)


def measure(layout: Layout, wishes: Wishes) -> dict[str, Any]:
    """Return all numbers as plain data."""
    loads, fair = Loads(layout), shares(layout, wishes)
    brokers = [_broker(layout, node, loads, fair) for node in sorted(layout.brokers)]
    return {
        "brokers": brokers,
        "racks": _racks(brokers),
        "topics": _topics(layout, wishes, loads),
        "partitions": _partitions(layout, wishes),
        "off": _off(layout, wishes, loads, fair),
        "worst": _worst(layout, wishes, loads, fair),
        "total": {one: sum(loads.of[one].values()) for one in MEASURES},
        "tolerance": wishes.tolerance,
    }


def _broker(layout: Layout, node: int, loads: Loads, fair: Shares) -> dict[str, Any]:
    one = layout.brokers[node]
    return {
        "broker": one.name,
        "id": node,
        "rack": one.rack,
        "serves": one.serves,
        **{name: loads.of[name][node] for name in (*MEASURES, "preferred")},
        "fair": {name: round(_share(fair, name).get(node, 0.0), 1) for name in MEASURES},
        "disks": [
            {
                "path": path,
                "replicas": loads.disks[node, path]["replicas"],
                "bytes": loads.disks[node, path]["bytes"],
                "total": disk.total,
                "usable": disk.usable,
            }
            for path, disk in sorted(one.disks.items())
        ],
    }


def _share(fair: Shares, name: str) -> dict[int, float]:
    return {"replicas": fair.replicas, "leaders": fair.leaders, "bytes": fair.bytes}[name]


def _racks(brokers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for rack in sorted({one["rack"] for one in brokers}):
        inside = [one for one in brokers if one["rack"] == rack]
        sums = {name: sum(one[name] for one in inside) for name in MEASURES}
        fair = {name: round(sum(one["fair"][name] for one in inside), 1) for name in MEASURES}
        found.append({"rack": rack, "brokers": len(inside), **sums, "fair": fair})
    return found


def _topics(layout: Layout, wishes: Wishes, loads: Loads) -> list[dict[str, Any]]:
    """Return the topics of which one broker leads far more than its part, though all leaders may look even in sum."""
    taking = taking_part(layout, wishes)
    found: list[dict[str, Any]] = []
    for topic, led in loads.topics.items():
        share = loads.several[topic] / max(len(taking), 1)
        broker, most = min(led.items(), key=lambda item: (-item[1], item[0]))
        if most > topic_limit(loads.several[topic], len(taking)) and not wishes.leaves(topic):
            found.append(
                {
                    "topic": topic,
                    "partitions": loads.several[topic],
                    "broker": layout.name(broker),
                    "leaders": most,
                    "fair": round(share, 1),
                }
            )
    return sorted(found, key=lambda one: (one["fair"] - one["leaders"], one["topic"]))[:NAMED]


def _partitions(layout: Layout, wishes: Wishes) -> dict[str, Any]:
    rule = rack_rule(layout, wishes)
    crowded = {one.name: crowded_racks(layout, one, rule) for one in layout.partitions}
    other = [one.name for one in layout.partitions if one.leader >= 0 and one.leader != one.replicas[0]]
    return {
        "total": len(layout.partitions),
        "off_racks": dict(sorted((name, racks) for name, racks in crowded.items() if racks)),
        "not_preferred": sorted(other),
        "leaderless": sorted(one.name for one in layout.partitions if one.leader < 0),
    }


def _off(layout: Layout, wishes: Wishes, loads: Loads, fair: Shares) -> list[dict[str, Any]]:
    """Return the brokers and directories that are out of the tolerance, the farthest first."""
    found = []
    for name in MEASURES:
        total = max(sum(loads.of[name].values()), 1)
        for node, share in _share(fair, name).items():
            has = loads.of[name][node]
            low, high = (
                band(share, wishes.tolerance, wishes.ignored_bytes)
                if name == "bytes"
                else whole_band(share, wishes.tolerance)
            )
            if not low <= has <= high:
                found.append(_finding(layout.name(node), name, (has, share, total)))
    drained = [
        _finding(
            layout.name(node), "replicas", (loads.of["replicas"][node], 0.0, max(sum(loads.of["replicas"].values()), 1))
        )
        for node in sorted(wishes.drain)
        if loads.of["replicas"][node]
    ]
    found.sort(key=lambda one: (-abs(one["part"] - one["fair"]), one["broker"], one["measure"]))
    return [*drained, *found, *_off_disks(layout, wishes, loads)]


def _finding(broker: str, name: str, numbers: tuple[float, float, float], path: str = "") -> dict[str, Any]:
    has, share, total = numbers
    found = {"broker": broker, "measure": name, "part": round(has / total, 4), "fair": round(share / total, 4)}
    return {**found, "path": path} if path else found


def _off_disks(layout: Layout, wishes: Wishes, loads: Loads) -> list[dict[str, Any]]:
    found = []
    for node in taking_part(layout, wishes):
        paths = sorted(layout.brokers[node].disks)
        sizes = {path: loads.disks[node, path]["bytes"] for path in paths}
        share = sum(sizes.values()) / max(len(paths), 1)
        low, high = band(share, wishes.tolerance, wishes.ignored_bytes)
        numbers = {path: (size, share, max(sum(sizes.values()), 1)) for path, size in sizes.items()}
        found += [
            _finding(layout.name(node), "bytes", numbers[path], path)
            for path, size in sizes.items()
            if len(paths) > 1 and not low <= size <= high
        ]
    return found


def _worst(layout: Layout, wishes: Wishes, loads: Loads, fair: Shares) -> dict[str, float]:
    """Return how far the worst broker is from its fair share, by measure, as a part of that share."""
    return {
        name: round(
            max(
                (
                    abs(loads.of[name][node] - share) / max(share, 1.0)
                    for node, share in _share(fair, name).items()
                    if node in taking_part(layout, wishes)
                ),
                default=0.0,
            ),
            4,
        )
        for name in MEASURES
    }
