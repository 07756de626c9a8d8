"""How much Kafka's own logs take."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._log_volume import (
    Rolled,
    file_sizes,
    remove_leftovers,
    rolled_at,
    rolled_logs,
    size_of,
    volume_metrics,
)

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


def test_without_a_log_configuration_nothing_is_rolled(tmp_path: Path) -> None:
    (tmp_path / "log4j2.yaml").write_text("Configuration: {}\n")
    assert rolled_logs(str(tmp_path)) == {}


def test_leftovers_of_a_lowered_count(tmp_path: Path) -> None:
    stay = ["server.log", "server.log.1", "server.log.3", "gc.log.9", "other.log.9", "server.log.old", "server.log.4x"]
    gone = ["controller.log.2", "server.log.10", "server.log.4"]  # the oldest first
    for name in [*stay, *gone]:
        (tmp_path / name).write_text("x")
    logs = {"server.log": Rolled(100, 3), "controller.log": Rolled(100, 1)}
    assert remove_leftovers(str(tmp_path), logs) == gone
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(stay)
    assert remove_leftovers(str(tmp_path), logs) == []


@pytest.mark.parametrize(
    ("size", "rolled"),
    [(10 << 10, 7680), (40 << 10, 30 << 10), (200 << 10, 184 << 10), (1 << 20, 1008 << 10), (100 << 20, 103809024)],
)
def test_a_file_is_rolled_before_its_size(size: int, rolled: int) -> None:
    """A line of ordinary length fits in between, and a host finds the size again."""
    assert rolled_at(size) == rolled
    assert 0 <= size_of(rolled) - size <= 2


SIZES: list[tuple[dict[str, int], list[str]]] = [
    ({"": 100, ".1": 100, ".2": 100}, []),
    ({"": 101, ".1": 100, ".2": 100}, [".2"]),
    ({"": 10, ".1": 900, ".2": 80}, [".2", ".1"]),
    ({"": 900, ".1": 10, ".2": 10}, [".2", ".1"]),
    ({"": 10, ".1": 10, ".2": 900}, [".2"]),
    ({"": 10, ".1": 100, ".2": 100, ".3": 5}, [".3"]),
    ({".1": 300}, []),
]


@pytest.mark.parametrize(("sizes", "gone"), SIZES)
def test_leftovers_of_a_lowered_size(tmp_path: Path, sizes: dict[str, int], gone: list[str]) -> None:
    """The bound holds again, and no more is lost than that takes; the file that Kafka writes to stays."""
    for end, size in sizes.items():
        (tmp_path / f"server.log{end}").write_bytes(b"x" * size)
    (tmp_path / "controller.log.1").write_bytes(b"x" * 900)
    removed = remove_leftovers(str(tmp_path), {"server.log": Rolled(100, 2)})
    assert removed == [f"server.log{end}" for end in gone]
    left = {f"server.log{end}" for end in sizes if end not in gone}
    assert {path.name for path in tmp_path.iterdir()} == {"controller.log.1", *left}


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
