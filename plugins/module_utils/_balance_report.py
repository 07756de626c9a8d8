# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The report of a cluster's balance: what is uneven, what is left over of earlier moves, what the plan does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._balance import Layout, Wishes
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_look import Found
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_plan import DiskMove, Move, Plan
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_steps import Batch
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_words import counted, some

CANCEL = "-e kafka_balance_cancel=true"
# One request may make 10,000 records on the controller.
FREE_AT_ONCE = 1000
EXECUTE = "-e kafka_balance_execute=true"


def leftovers(found: Found) -> list[str]:
    """Return what earlier moves have left: partitions under way, and throttles."""
    lines = [
        f"{topic}-{number} is being moved to {', '.join(found.layout.name(node) for node in move.adding) or 'fewer brokers'}"
        for (topic, number), move in sorted(found.moving.items())
    ]
    lines = some(lines, "partitions under way")
    lines += some(
        [
            f"{topic}-{number} is on its way to {paths[1]} on {found.layout.name(node)}"
            for (topic, number, node), paths in sorted(found.shifting.items())
        ],
        "replicas under way",
    )
    throttles = [
        f"{found.layout.name(node)} has {key}={value}"
        for node, values in sorted(found.rates.items())
        for key, value in sorted(values.items())
    ]
    throttles += [f"topic {topic} has {key}" for topic, keys in sorted(found.throttled.items()) for key in sorted(keys)]
    lines += some(throttles, "throttles")
    if found.leftover:
        lines.append(
            f"nothing is being moved, so these throttles are left over and slow replication: {CANCEL} takes them away"
        )
    elif lines:
        lines.append(f"{EXECUTE} sees it through and goes on; {CANCEL} puts it back")
    return lines


def cautions(found: Found, layout: Layout, wishes: Wishes) -> list[str]:
    """Return what limits the report and the plan."""
    lines = [
        f"{layout.name(node)} does not show its disks and is left alone: {why}" for node, why in found.silent.items()
    ]
    lines += [
        f"{one.name} does not serve; its replicas count where they are. If it is gone for good: -e kafka_balance_drain={one.name}"
        for node, one in sorted(layout.brokers.items())
        if not one.serves and node not in found.silent and node not in wishes.drain
    ]
    racks = {one.rack for one in layout.brokers.values()}
    kept = {one.rack for node, one in layout.brokers.items() if node not in wishes.drain}
    if kept < racks:
        lines.append(f"without the drained brokers {counted(len(kept), 'rack')} of {len(racks)} are left for replicas")
    return lines


def plain_move(move: Move) -> dict[str, Any]:
    """Return a move as JSON has it."""
    return {**move._asdict(), "directories": {str(node): path for node, path in move.directories.items()}}


def plain_plan(made: Plan) -> dict[str, Any]:
    """Return a plan as JSON has it."""
    return {
        "elections": [[one.topic, one.number] for one in made.elections],
        "reorders": [plain_move(move) for move in made.reorders],
        "moves": [plain_move(move) for move in made.moves],
        "disk_moves": [one._asdict() for one in made.disk_moves],
        "bytes": made.copied,
        "disk_bytes": made.shifted,
    }


def move_of(given: Mapping[str, Any]) -> Move:
    """Return a move that came as JSON."""
    return Move(
        str(given["topic"]),
        int(given["number"]),
        tuple(given["before"]),
        tuple(given["after"]),
        int(given.get("bytes", 0)),
        {int(node): str(path) for node, path in (given.get("directories") or {}).items()},
    )


def batch_of(given: Mapping[str, Any]) -> Batch:
    """Return a batch that came as JSON."""
    return Batch(
        tuple((str(topic), int(number)) for topic, number in given.get("elections") or ()),
        tuple(move_of(one) for one in given.get("moves") or ()),
        tuple(DiskMove(**one) for one in given.get("disk_moves") or ()),
    )


def under_way(found: Found) -> dict[str, Any]:
    """Return what is being moved already, as a batch that a run can take over."""
    sizes = {(one.topic, one.number): one.bytes for one in found.layout.partitions}
    moves = [
        plain_move(Move(*name, move.before, move.after, sizes.get(name, 0)))
        for name, move in sorted(found.moving.items())
    ]
    shifted = [
        DiskMove(topic, number, node, *paths, sizes.get((topic, number), 0))
        for (topic, number, node), paths in sorted(found.shifting.items())
    ]
    return {"elections": [], "moves": moves, "disk_moves": [one._asdict() for one in shifted]}


def batches(planned: Mapping[str, Any], most: int) -> Iterable[dict[str, Any]]:
    """Cut a plan into batches: what moves no data first and all at once, then so many partitions at the same time."""
    elections, reorders = planned["elections"], planned["reorders"]
    for start in range(0, max(len(elections), len(reorders)), FREE_AT_ONCE):
        end = start + FREE_AT_ONCE
        yield {"elections": elections[start:end], "moves": reorders[start:end], "disk_moves": []}
    for kind in ("moves", "disk_moves"):
        rows = planned[kind]
        for start in range(0, len(rows), most):
            yield {"elections": [], "moves": [], "disk_moves": [], kind: rows[start : start + most]}
