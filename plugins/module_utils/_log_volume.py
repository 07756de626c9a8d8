# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How much Kafka's own logs take on a host, against the most that they can take."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ansible_collections.kraftops.kafka.plugins.module_utils._textfile import Gauge

OTHER = "other"


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
