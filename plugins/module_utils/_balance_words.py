# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The unevenness and the plan in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._balance import Layout
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_plan import Move, Plan
from ansible_collections.kraftops.kafka.plugins.module_utils._data_loss import duration, size

LINES = 10
SMALL = 0.1
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def number(count: int) -> str:
    """Return a small number as a word."""
    return NUMBERS[count] if 0 <= count < len(NUMBERS) else str(count)


def percents(part: float, fair: float) -> tuple[str, str]:
    """Return two parts of a whole as people write them, small ones with a decimal so that they can be told apart."""
    digits = 1 if 0 < fair < SMALL else 0
    return f"{part * 100:.{digits}f} %", f"{fair * 100:.{digits}f} %"


def counted(count: int, what: str) -> str:
    """Return a number of things."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def some(lines: list[str], what: str) -> list[str]:
    """Return the first lines, and how many more there are of what."""
    return lines if len(lines) <= LINES else [*lines[:LINES], f"... and {len(lines) - LINES} more {what}"]


def uneven(measured: Mapping[str, Any]) -> list[str]:
    """Return what is uneven, one sentence a line; none when everything is in its place."""
    partitions = measured["partitions"]
    racks = [
        f"{name} has {number(count)} replicas in {rack_name(rack)}"
        for name, crowded in partitions["off_racks"].items()
        for rack, count in crowded.items()
    ]
    lines = some(racks, "such partitions") + some([_off(one) for one in measured["off"]], "such brokers")
    lines += some([_topic(one) for one in measured["topics"]], "such topics")
    if partitions["not_preferred"]:
        several = counted(len(partitions["not_preferred"]), "partition")
        verb = "is" if len(partitions["not_preferred"]) == 1 else "are"
        lines.append(f"{several} {verb} not led by the preferred leader: {_names(partitions['not_preferred'])}")
    if partitions["leaderless"]:
        lines.append(
            f"{counted(len(partitions['leaderless']), 'partition')} without a leader: {_names(partitions['leaderless'])}"
        )
    return lines


def rack_name(rack: str) -> str:
    """Return the words for a rack."""
    return f"rack {rack}" if rack else "no rack"


def _off(one: Mapping[str, Any]) -> str:
    where = f"of its bytes in {one['path']}" if "path" in one else f"of {one['measure']}"
    part, fair = percents(one["part"], one["fair"])
    return f"{one['broker']} holds {part} {where} (fair share {fair})"


def _topic(one: Mapping[str, Any]) -> str:
    return f"{one['broker']} leads {one['leaders']} of {one['partitions']} partitions of {one['topic']} (fair share {one['fair']:g})"


def unmended(then: Mapping[str, Any]) -> list[str]:
    """Return the topics whose leaders lie unevenly after a plan too; `then` is what `measure` says of the cluster after it."""
    return [
        f"it stays that {_topic(one)}: no other order of its replicas leaves the leaders of all topics even"
        for one in then["topics"]
    ]


def _names(names: Iterable[str], limit: int = 5) -> str:
    several = list(names)
    shown = ", ".join(several[:limit])
    return shown if len(several) <= limit else f"{shown} and {len(several) - limit} more"


def seconds_of(made: Plan, throttle: int) -> float:
    """Return how long the copying takes at best: each broker takes and gives at the throttle, all at once."""
    return max([0, *_through(made).values()]) / throttle


def _through(made: Plan) -> dict[int, int]:
    """Return how many bytes come to a broker, or leave one for others if they all come from its leader."""
    through: dict[int, int] = {}
    for move in made.moves:
        for node in move.adding:
            through[node] = through.get(node, 0) + move.bytes
        # A throttled leader serves all its followers that are being added; key apart from the node's own intake.
        given = -1 - move.before[0]
        through[given] = through.get(given, 0) + move.copied
    return through


def planned(made: Plan, layout: Layout, throttle: int) -> list[str]:
    """Return what the plan does."""
    lines = []
    if made.elections:
        lines.append(f"elect the preferred leader of {counted(len(made.elections), 'partition')}; moves no data")
    if made.reorders:
        lines.append(f"give {counted(len(made.reorders), 'partition')} another preferred leader; moves no data")
    if made.moves:
        took = duration(int(seconds_of(made, throttle) * 1000))
        lines.append(
            f"move {counted(len(made.moves), 'partition')}, {size(made.copied)} over the network, at least {took} "
            f"at {size(throttle)} a second"
        )
        lines += some([f"  {described(move, layout)}" for move in made.moves], "partitions")
    if made.disk_moves:
        lines.append(
            f"move {counted(len(made.disk_moves), 'replica')}, {size(made.shifted)}, between disks of one broker"
        )
    if made.unspread:
        why = "cannot be spread over the racks: no broker of another rack may take a replica"
        lines.append(f"{_names(made.unspread)}: {why}")
    return lines + impossible(made)


def impossible(made: Plan) -> list[str]:
    """Return what is asked for and cannot be done."""
    told = (
        (
            made.undrained,
            "cannot leave the drained brokers: no other broker may take a replica, or the topic is excluded",
        ),
        (made.factorless, "cannot have the wanted replication factor: too few brokers"),
    )
    return [f"{_names(names)}: {why}" for names, why in told if names]


def described(move: Move, layout: Layout) -> str:
    """Return a move: what goes from where to where."""
    gone = [layout.name(node) for node in move.before if node not in move.after]
    come = [layout.name(node) for node in move.adding]
    if not come:
        return f"{move.name}: off {', '.join(gone)}"
    source = f"{', '.join(gone)} -> " if gone else "also on "
    return f"{move.name}: {source}{', '.join(come)} ({size(move.copied)})"
