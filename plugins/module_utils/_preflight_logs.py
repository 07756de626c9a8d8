# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rules on Kafka's own logs: what is written of them can be read, and at their largest they leave room on their disk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._loaded_state import parse_loggers
from ansible_collections.kraftops.kafka.plugins.module_utils._log_config import (
    FILES,
    GC_LOG,
    HEAP_DUMP,
    bounds,
    log_config,
    size_text,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._model import Model, Node
from ansible_collections.kraftops.kafka.plugins.module_utils._problems import Problem

FIX = "Lower kafka_log_file_size or kafka_log_file_count, give the directory a larger file system, or raise kafka_log_filesystem_share"


def check_logs(model: Model, reports: Mapping[str, Any]) -> list[Problem]:
    """Check the log configuration of every node that answered, before anything of it lands on a host."""
    problems = []
    for name, node in model.nodes.items():
        if name in reports:
            found = log_config(model, name)
            problems += _unreadable(name, found)
            problems += _too_large(node, bounds(node), reports[name].get("log_filesystem"))
    return problems


def _unreadable(name: str, found: Mapping[str, Any]) -> list[Problem]:
    """Read the new text as the host will, and compare what it says with what it should say."""
    read = parse_loggers(found["file"], found["content"])
    if read == found["own"]:
        return []
    loggers = sorted(logger for logger in {*read, *found["own"]} if read.get(logger) != found["own"].get(logger))
    why = f"{found['file']} would be read otherwise than it is meant, at {', '.join(loggers)}"
    return [Problem(name, "kafka_log_levels", "", why, "Correct the names of these loggers")]


def _too_large(node: Node, files: Mapping[str, int], disk: Any) -> list[Problem]:
    if not disk:
        return []
    most = sum(files.values()) + disk["journal_bytes"]
    if most <= node.log_filesystem_share * disk["size_bytes"]:
        return []
    parts = [f"{len(FILES)} files of {node.log_file_count + 1} x {size_text(node.log_file_size)}"]
    parts += [f"{_gb(files[GC_LOG])} of garbage collector log", f"a heap dump of {_gb(files[HEAP_DUMP])}"]
    parts += [f"{_gb(disk['journal_bytes'])} of journal"] if disk["journal_bytes"] else []
    why = (
        f"the logs can take {_gb(most)} ({', '.join(parts)}), more than {node.log_filesystem_share:.0%} of the {_gb(disk['size_bytes'])} "
        f"of {disk['mountpoint']}"
    )
    return [Problem(node.name, "kafka_app_log_dir", disk["path"], why, FIX)]


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
