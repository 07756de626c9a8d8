# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The log segments in a broker's data directories, and how many of their bytes a shorter retention would delete.

Kafka deletes whole segments, the oldest first, and judges them by the newest time stamp of their messages. That stands in
an index; the time at which the file was last written to is near it, and costs no reading.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

# Directories that Kafka is deleting, moving or has found stray end in words.
_PARTITION = re.compile(r"(.+)-[0-9]+")
_SEGMENT = re.compile(r"([0-9]{20})\.log")
METADATA = "__cluster_metadata"
TIME, SIZE = "log.retention.ms", "log.retention.bytes"


class Segment(NamedTuple):
    """One segment: its first offset, its bytes, and when it was last written to (seconds since 1970)."""

    offset: int
    size: int
    written: float


def replicas(directories: Iterable[str]) -> Iterator[tuple[str, list[Segment]]]:
    """Yield the topic and the segments of each replica, oldest first; what is deleted meanwhile is left out."""
    for directory in directories:
        for name in _names(directory):
            match = _PARTITION.fullmatch(name)
            if match and match.group(1) != METADATA:
                yield match.group(1), sorted(_segments(os.path.join(directory, name)))


def _names(directory: str) -> list[str]:
    try:
        return sorted(os.listdir(directory))
    except OSError:
        return []


def _segments(directory: str) -> Iterator[Segment]:
    for name in _names(directory):
        match = _SEGMENT.fullmatch(name)
        try:
            found = os.stat(os.path.join(directory, name)) if match else None
        except FileNotFoundError:
            continue
        if match and found:
            yield Segment(int(match.group(1)), found.st_size, found.st_mtime)


def beyond(key: str, limit: int, segments: list[Segment], now: float) -> int:
    """Return the bytes of a replica that Kafka would delete under a new limit, in milliseconds or bytes."""
    if key == TIME:
        return _older(segments, now - limit / 1000)
    return _larger(segments, limit)


def _older(segments: list[Segment], oldest: float) -> int:
    count = 0
    for one in segments:
        if one.written >= oldest:
            break
        count += one.size
    return count


def _larger(segments: list[Segment], limit: int) -> int:
    total = sum(one.size for one in segments)
    left = total
    for one in segments:
        if left - one.size < limit:
            break
        left -= one.size
    return total - left
