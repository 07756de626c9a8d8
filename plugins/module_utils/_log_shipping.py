# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the log shipper stands: what rsyslog says of itself, how far it has read, and what of that the search server has.

rsyslog's imfile notes how far it has read, not how far the search server has answered, and its disk queue does not survive a kill.
So the notes are copied now and then, a copy counts as checkpoint once all that had been read by then is answered, and every start
begins at the checkpoint. What is sent twice has the same id, and is refused.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._textfile import Gauge

STATE = re.compile(r"imfile-state:(\d+)(:[0-9a-f]+)?")
States = dict[str, str]


@dataclass(frozen=True)
class Tick:
    """What rsyslog has counted since its start."""

    read: int = 0
    waiting: int = 0
    sent: int = 0
    duplicates: int = 0
    rejected: int = 0
    repeated: int = 0
    failed: int = 0
    dropped: int = 0
    unparsed: int = 0

    @property
    def answered(self) -> int:
        """Events of which the search server has said what became of them."""
        return self.sent + self.duplicates + self.rejected + self.repeated


def tick(lines: Iterable[str]) -> Optional[Tick]:
    """Return what one round of rsyslog's impstats (JSON, one object a line) says, or None where the round is not whole."""
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        try:
            one = json.loads(line)
        except ValueError:
            continue
        found[str(one.get("name"))] = one
    if not {"kafka", "omelasticsearch"} <= set(found):
        return None
    queue, server = found["kafka"], found["omelasticsearch"]
    return Tick(
        read=queue["enqueued"],
        waiting=queue["size"],
        sent=server["response.success"],
        duplicates=server["response.duplicate"],
        rejected=server["response.badargument"],
        repeated=server["response.bulkrejection"] + server["response.other"],
        failed=server["failed.httprequests"],
        dropped=server["failed.es"],
        unparsed=found.get("kafka_lines", {}).get("values", {}).get("unparsed", 0),
    )


class Progress:
    """Decides when a copy of imfile's notes has become a checkpoint."""

    def __init__(self) -> None:
        """Begin without a copy."""
        self._copy: Optional[States] = None
        self._repeated = 0
        self._needed: Optional[int] = None
        self._last: Optional[Tick] = None

    def step(self, now: Tick, states: States) -> Optional[States]:
        """Return the notes that are safe now, if they are new; `states` are those of this moment.

        A copy may be younger than the numbers beside it, so it needs all that the next numbers call read. Events come in order.
        """
        safe = None
        if self._copy is not None:
            self._needed = now.read if self._needed is None else self._needed
            if now.repeated != self._repeated:
                self._copy = None
            elif now.answered >= self._needed:
                safe, self._copy = self._copy, None
        if self._copy is None:
            self._copy, self._repeated, self._needed = states, now.repeated, None
        return safe

    def lost(self, now: Tick) -> bool:
        """Tell whether rsyslog has given up events that were not answered, which it does when a request is refused as a whole."""
        last, self._last = self._last, now
        quiet = last is not None and last.read == now.read and last.answered == now.answered
        return now.dropped > 0 or (quiet and now.waiting == 0 and now.answered < now.read)


def restored(state: str) -> str:
    """Return imfile's notes of a file so that it begins with the event that it held back."""
    notes = json.loads(state)
    held = [notes[key] for key in ("prev_msg_segment", "prev_line_segment") if notes.get(key) is not None]
    # A whole line ends with a line feed, which the notes leave out; a part of a line has none.
    back = sum(len(text.encode("utf-8", "surrogateescape")) for text in held) + ("prev_msg_segment" in notes)
    begin = max(int(notes["curr_offs"]) - back, 0)
    kept = {"filename": notes["filename"], "prev_was_nl": 0, "curr_offs": begin, "strt_offs": begin}
    return json.dumps(kept)


def read_states(folder: str) -> States:
    """Return imfile's notes of all files, by their names."""
    states = {}
    for name in os.listdir(folder) if os.path.isdir(folder) else []:
        if STATE.fullmatch(name):
            try:
                with open(os.path.join(folder, name), encoding="utf-8", errors="surrogateescape") as stream:
                    states[name] = stream.read()
            except FileNotFoundError:  # it was replaced in this moment
                continue
    return states


def log_files(folder: str, names: Iterable[str]) -> dict[int, int]:
    """Return the sizes of Kafka's logs and their rolled parts, by inode."""
    starts = tuple(names)
    with os.scandir(folder) as found:
        return {one.inode(): one.stat().st_size for one in found if one.name.startswith(starts)}


def living(states: Mapping[str, str], files: Mapping[int, int]) -> States:
    """Return the notes of files that are still there."""
    return {name: text for name, text in states.items() if _inode(name) in files}


def backlog(states: Mapping[str, str], files: Mapping[int, int]) -> int:
    """Return the bytes that are written and not read."""
    read = dict.fromkeys(files, 0)
    for name, text in living(states, files).items():
        inode = _inode(name)
        read[inode] = max(read[inode], min(int(json.loads(text)["curr_offs"]), files[inode]))
    return sum(size - read[inode] for inode, size in files.items())


def _inode(name: str) -> int:
    found = STATE.fullmatch(name)
    return int(found[1]) if found else -1


def metrics(now: Tick, unread: int, checkpoint: float, refused: int) -> list[Gauge]:
    """Return the metrics; counters begin at 0 with each start of rsyslog. `refused` is an HTTP status, or 0."""
    values = (
        ("queue_events", "Events that are read and wait for the search server.", now.waiting),
        ("backlog_bytes", "Bytes of Kafka's logs that are not read.", unread),
        (
            "checkpoint_timestamp_seconds",
            "When all that was read was last known to be in the search server.",
            checkpoint,
        ),
        (
            "refused_status",
            "Status with which the search server refuses requests as a whole; 0 when it does not.",
            refused,
        ),
        ("read_total", "Events read, those that are sent again included.", now.read),
        ("sent_total", "Events stored.", now.sent),
        ("duplicates_total", "Events that were stored before and sent again after a start.", now.duplicates),
        ("rejected_total", "Events that the search server would not store; they are in the error file.", now.rejected),
        ("repeated_total", "Events that the search server had no room for, sent again.", now.repeated),
        ("failed_requests_total", "Requests without an answer.", now.failed),
        (
            "unparsed_total",
            "Events that do not look like Kafka's log pattern; they are stored as they are.",
            now.unparsed,
        ),
    )
    return [
        Gauge(f"kafka_log_shipper_{name}", text, [({}, value)], "counter" if name.endswith("_total") else "gauge")
        for name, text, value in values
    ]
