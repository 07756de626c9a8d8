# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How much Kafka's own logs take on a host, against the most that they can take; and what a lowered count leaves behind."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Mapping
from typing import Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._loaded_state import LOG_CONFIGS
from ansible_collections.kraftops.kafka.plugins.module_utils._node_report import read
from ansible_collections.kraftops.kafka.plugins.module_utils._textfile import Gauge

OTHER = "other"
# How many rolled parts are kept, in log4j2.yaml and log4j.properties.
KEPT = re.compile(r"^(?: +max: |log4j\.appender\.\w+\.MaxBackupIndex=)(\d+)$", re.MULTILINE)


def kept(folder: str) -> Optional[int]:
    """Return how many rolled parts of each log the log configuration in a folder keeps, None when it does not say."""
    counts = [int(count) for name in LOG_CONFIGS for count in KEPT.findall(read(os.path.join(folder, name)))]
    return max(counts, default=None)


def remove_leftovers(directory: str, files: Iterable[str], count: int) -> list[str]:
    """Remove the rolled parts beyond the count, which Kafka itself forgets when the count is lowered; return their names.

    The oldest have the highest numbers.
    """
    logs = set(files)
    parts = [name.rpartition(".") for name in os.listdir(directory)]
    beyond = sorted(".".join((log, number)) for log, _dot, number in parts if log in logs and _beyond(number, count))
    for name in beyond:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(directory, name))
    return beyond


def _beyond(number: str, count: int) -> bool:
    return number.isdigit() and int(number) > count


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
