# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How much Kafka's own logs take on a host, against the most that they can take; and what a lowered count leaves behind."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.kraftops.kafka.plugins.module_utils._loaded_state import LOG_CONFIGS
from ansible_collections.kraftops.kafka.plugins.module_utils._node_report import read
from ansible_collections.kraftops.kafka.plugins.module_utils._textfile import Gauge

OTHER = "other"
# What log4j2.yaml and log4j.properties say of each rolled log, in this order.
NAME = re.compile(r"(?:fileName: \"|\.File=)\$\{(?:sys:)?kafka\.logs\.dir\}/([\w.-]+)")
SIZE = re.compile(r"(?: size: \"|\.MaxFileSize=)(\d+)([KMG]?)B?\b")
KEPT = re.compile(r"(?: max: |\.MaxBackupIndex=)(\d+)$", re.MULTILINE)
# Room in a file for the line that crosses the size at which it is rolled: it is still written, whole.
LINE = 16 << 10
UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


@dataclass(frozen=True)
class Rolled:
    """How a log is rolled: which size no file exceeds, and how many rolled parts are kept."""

    size: int
    kept: int

    @property
    def most(self) -> int:
        """Return the most bytes that the log and its parts take."""
        return (self.kept + 1) * self.size


def rolled_at(size: int) -> int:
    """Return when a file must be rolled so that it never exceeds a size."""
    return min(size * 99 // 100, max(size * 3 // 4, size - LINE))


def size_of(rolled: int) -> int:
    """Return the size that a file never exceeds when it is rolled at this one: the other way round."""
    return max(rolled * 100 // 99, min(rolled * 4 // 3, rolled + LINE)) + 1


def rolled_logs(folder: str) -> dict[str, Rolled]:
    """Return how the log configuration in a folder (/etc/kafka) rolls each log; it alone says what counts now."""
    text = "".join(read(os.path.join(folder, name)) for name in LOG_CONFIGS)
    sizes = [int(number) * UNITS[unit] for number, unit in SIZE.findall(text)]
    counts = [int(count) for count in KEPT.findall(text)]
    return {name: Rolled(size_of(size), kept) for name, size, kept in zip(NAME.findall(text), sizes, counts)}


def remove_leftovers(directory: str, logs: Mapping[str, Rolled]) -> list[str]:
    """Remove what a lowered number or size of log files leaves behind, oldest first; return the names.

    Kafka forgets rolled parts beyond the number that is kept, and keeps those that it rolled at a larger size.
    """
    parts: dict[str, list[int]] = {log: [] for log in logs}
    for name in os.listdir(directory):
        base, _dot, end = name.rpartition(".")
        if base in parts and end.isdigit():
            parts[base].append(int(end))
    removed = []
    for log, numbers in sorted(parts.items()):
        for number in sorted(numbers, reverse=True):  # the highest is the oldest
            paths = [os.path.join(directory, log), *(os.path.join(directory, f"{log}.{one}") for one in numbers)]
            if number <= logs[log].kept and sum(map(_bytes, paths)) <= logs[log].most:
                break
            numbers.remove(number)
            removed.append(f"{log}.{number}")
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(directory, removed[-1]))
    return removed


def _bytes(path: str) -> int:
    """Return the size of a file, 0 for one that was rolled away."""
    try:
        return os.lstat(path).st_size
    except FileNotFoundError:
        return 0


def file_sizes(directory: str, files: Mapping[str, int]) -> dict[str, int]:
    """Return the bytes of each log file with its rolled parts, and of everything else in the directory."""
    sizes = dict.fromkeys([*files, OTHER], 0)
    with os.scandir(directory) as entries:
        for entry in entries:
            try:
                size = entry.stat(follow_symlinks=False).st_size if entry.is_file(follow_symlinks=False) else 0
            except FileNotFoundError:  # rolled away since it was listed
                continue
            sizes[_file_of(entry.name, files)] += size
    return sizes


def _file_of(name: str, files: Mapping[str, int]) -> str:
    """Return the log that a file is a part of: server.log.3 is one of server.log."""
    base, _dot, number = name.rpartition(".")
    whole = base if number.isdigit() else name
    return whole if whole in files else OTHER


def volume_metrics(directory: str, files: Mapping[str, int]) -> list[Gauge]:
    """Return the metrics; `files` says for each log file the most bytes that it and its rolled parts can take."""
    size = Gauge("kafka_log_file_bytes", "Bytes of one of Kafka's own logs, rolled parts included.")
    limit = Gauge("kafka_log_file_limit_bytes", "Most bytes that this log can take.")
    for file, bytes_ in sorted(file_sizes(directory, files).items()):
        size.add(bytes_, file=file)
    for file, bytes_ in sorted(files.items()):
        limit.add(bytes_, file=file)
    state = os.statvfs(directory)
    free = Gauge("kafka_log_filesystem_free_bytes", "Bytes that Kafka can still write where its own logs lie.")
    free.add(state.f_bavail * state.f_frsize)
    total = Gauge("kafka_log_filesystem_size_bytes", "Size of the file system where Kafka's own logs lie.")
    total.add(state.f_blocks * state.f_frsize)
    return [size, limit, free, total]
