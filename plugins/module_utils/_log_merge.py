# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Merges the logs of many hosts into one file in order of time, event by event, and says what is in it."""

from __future__ import annotations

import heapq
import itertools
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from ansible_collections.kraftops.kafka.plugins.module_utils import _log_groups
from ansible_collections.kraftops.kafka.plugins.module_utils._log_events import Event, events, in_order, written

MOST_SHOWN = 20
Keyed = tuple[float, str, Event]


@dataclass
class Merged:
    """What was written: events by host and level, and the groups of errors."""

    levels: dict[str, Counter[str]] = field(default_factory=dict)
    groups: _log_groups.Groups = field(default_factory=_log_groups.Groups)


def merge(folder: str, dest: str, since: float) -> Merged:
    """Write the logs in `folder`/<host>/<file> into one file, each line with its host; OSError where that cannot be."""
    merged = Merged()
    handle, name = tempfile.mkstemp(dir=os.path.dirname(os.path.abspath(dest)), prefix=".kafka-logs-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            streams = [_stream(host, paths, since) for host, paths in _logs(folder)]
            for _time, host, event in heapq.merge(*streams, key=lambda one: one[0]):
                out.writelines(f"{host}: {line}\n" for line in event.text.split("\n"))
                merged.levels.setdefault(host, Counter())[event.level] += 1
                merged.groups.add(host, event)
        os.replace(name, dest)
    except BaseException:
        os.unlink(name)
        raise
    return merged


def _logs(folder: str) -> Iterator[tuple[str, list[str]]]:
    """Go through the logs of all hosts, each with its parts, the oldest first."""
    for host in sorted(os.listdir(folder)):
        names = sorted(os.listdir(os.path.join(folder, host)), key=_part)
        for _log, parts in itertools.groupby(names, key=lambda name: _part(name)[0]):
            yield unquote(host), [os.path.join(folder, host, name) for name in parts]


def _part(name: str) -> tuple[str, int]:
    """Return which log a file belongs to, and where among its parts: server.log.2.gz comes before server.log.1."""
    log, _dot, rest = name.partition(".log")
    number = rest.strip(".").partition(".")[0]
    return log, -int(number) if number.isdigit() else 0


def _stream(host: str, paths: list[str], since: float) -> Iterator[Keyed]:
    """Go through the events of one log; one file is open at a time, for there may be many hosts."""
    yield from ((time, host, event) for time, event in in_order(events(_lines(paths), since)))


def _lines(paths: list[str]) -> Iterator[str]:
    for path in paths:
        with open(path, encoding="utf-8", newline="\n") as lines:
            yield from lines


def words(merged: Merged, fetched: Mapping[str, Mapping[str, Any]], missing: Mapping[str, str], dest: str) -> list[str]:
    """Say what was found: host by host, what is not complete, the errors, and where it all is."""
    lines = [_host_in_words(host, merged.levels.get(host, Counter())) for host in fetched]
    for host, result in fetched.items():
        if result.get("cut") is not None:
            lines.append(
                f"{host}: cut. More was written than kafka_logs_max_bytes allows: only what came from "
                f"{written(result['cut'])} on is here. Ask for a shorter range (kafka_logs_since, kafka_logs_until), or allow more."
            )
        if result.get("unreadable"):
            lines.append(f"{host}: no time that can be read in {', '.join(result['unreadable'])}; the end is taken.")
    lines += [f"{host}: MISSING. {why}" for host, why in missing.items()]
    groups = merged.groups.sorted()
    shown = groups[:MOST_SHOWN]
    total = sum(group.count for group in groups)
    lines.append(f"{total} errors of {len(groups)} kinds:" if groups else "No errors.")
    lines += [_log_groups.in_words(group) for group in shown]
    if len(groups) > len(shown):
        lines.append(f"{len(groups) - len(shown)} kinds more, in the file.")
    return [*lines, f"All events in order of time: {dest}"]


def _host_in_words(host: str, levels: Mapping[str, int]) -> str:
    counted = {level: levels.get(level, 0) for level in ("FATAL", "ERROR", "WARN")}
    told = [f"{count} {level}" for level, count in counted.items() if count]
    odd = levels.get("", 0)
    note = f"; {odd} times lines without a time that can be read" if odd else ""
    return f"{host}: {sum(levels.values()) - odd} events" + (f", {', '.join(told)}" if told else "") + note
