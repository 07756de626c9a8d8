"""How much Kafka's own logs take."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._log_volume import file_sizes, volume_metrics

FILES = {"server.log": 4000, "controller.log": 4000, "gc.log": 300}


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("server.log", "server.log"),
        ("server.log.3", "server.log"),
        ("server.log.12", "server.log"),
        ("gc.log.0", "gc.log"),
        ("server.log.2026-11-23-03", "other"),
        ("server.log.gz", "other"),
        ("hs_err_pid12.log", "other"),
        ("my-server.log", "other"),
        ("3", "other"),
    ],
)
def test_which_log_a_file_is_a_part_of(tmp_path: Path, name: str, file: str) -> None:
    (tmp_path / name).write_bytes(b"x" * 70)
    assert file_sizes(str(tmp_path), FILES) == {**dict.fromkeys([*FILES, "other"], 0), file: 70}


def test_folders_and_links_count_nothing(tmp_path: Path) -> None:
    (tmp_path / "server.log.1").mkdir()
    (tmp_path / "server.log.2").symlink_to("/etc/passwd")
    assert set(file_sizes(str(tmp_path), FILES).values()) == {0}


def test_metrics(tmp_path: Path) -> None:
    (tmp_path / "server.log").write_bytes(b"x" * 70)
    (tmp_path / "server.log.1").write_bytes(b"x" * 100)
    metrics = {metric.name: metric.samples for metric in volume_metrics(str(tmp_path), FILES)}
    state = os.statvfs(tmp_path)
    total = state.f_blocks * state.f_frsize
    ((_labels, free),) = metrics.pop("kafka_log_filesystem_free_bytes")
    assert 0 < free < total
    assert metrics == {
        "kafka_log_file_bytes": [
            ({"file": "controller.log"}, 0),
            ({"file": "gc.log"}, 0),
            ({"file": "other"}, 0),
            ({"file": "server.log"}, 170),
        ],
        "kafka_log_file_limit_bytes": [({"file": name}, size) for name, size in sorted(FILES.items())],
        "kafka_log_filesystem_size_bytes": [({}, total)],
    }
