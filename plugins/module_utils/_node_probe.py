# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a Kafka host can tell of its own process: the version that it runs, and whether only a restart would bring its files in."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ansible_collections.kraftops.kafka.plugins.module_utils import _loaded_state as loaded_state
from ansible_collections.kraftops.kafka.plugins.module_utils._effective import head_of
from ansible_collections.kraftops.kafka.plugins.module_utils._node_report import read
from ansible_collections.kraftops.kafka.plugins.module_utils._textfile import Gauge
from ansible_collections.kraftops.kafka.plugins.module_utils._update_modes import ignored_by, scope

UNIT = "/etc/systemd/system/kafka.service"
CONFIG = "/etc/kafka"


def restart_class(loaded: Mapping[str, str], disk: Mapping[str, str], role: str, version: str) -> list[str]:
    """Return the properties that differ and that only a restart brings in."""
    differing = {head_of(key) for key in {*loaded, *disk} if loaded.get(key) != disk.get(key)}
    return sorted(key for key in differing if scope(key, version) is None and not ignored_by(key, role, version))


def pending(role: str, folder: str = loaded_state.FOLDER, config: str = CONFIG, unit: str = UNIT) -> list[str]:
    """Return what a restart would change about the process whose start left its copies; names only, never values."""
    loaded = loaded_state.read_loaded(folder, reveal=True)
    disk = loaded_state.read_files(config, reveal=True)
    found = restart_class(loaded["properties"], disk["properties"], role, loaded["kafka"]["version"])
    if loaded["jvm_options"] != disk["jvm_options"]:
        found.append("jvm.options")
    if loaded["unit_digest"] != loaded_state.carried(read(unit)):
        found.append(os.path.basename(unit))
    return found + loaded_state.changed_files(loaded, unit)


def node_metrics(role: str, started: str, folder: str = loaded_state.FOLDER, **places: str) -> list[Gauge]:
    """Return the metrics of the process that systemd started as `started`; nothing when none runs, or no copies are its own."""
    info = Gauge("kafka_node_info", "The version of Kafka that the process on this host has loaded.")
    restart = Gauge("kafka_restart_pending", "1 when only a restart would bring in the files on this host.")
    loaded = loaded_state.read_loaded(folder, reveal=False)
    if started and loaded["invocation"] == started:
        info.add(1, version=loaded["kafka"]["version"])
        restart.add(bool(pending(role, folder, **places)))
    return [info, restart]
