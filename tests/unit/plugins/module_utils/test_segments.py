"""Log segments on a disk: which of them a new limit would delete."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._segments import SIZE, TIME, Segment, beyond, replicas

NOW = 1_000_000.0
HOUR = 3_600_000


def segments(*written: float, size: int = 100) -> list[Segment]:
    """Return segments that were last written to so many hours ago."""
    return [Segment(number, size, NOW - hours * 3600) for number, hours in enumerate(written)]


CASES: list[tuple[str, int, list[Segment], int]] = [
    (TIME, 2 * HOUR, [], 0),
    (TIME, 2 * HOUR, segments(5, 3, 1), 200),
    (TIME, 2 * HOUR, segments(5, 3), 200),
    (TIME, 2 * HOUR, segments(2), 0),
    (TIME, 2 * HOUR, segments(2.001), 100),
    # Kafka stops at the first that is young enough.
    (TIME, 2 * HOUR, segments(5, 1, 5), 100),
    (TIME, 0, segments(1, 0), 100),
    (SIZE, 150, [], 0),
    (SIZE, 300, segments(3, 2, 1), 0),
    (SIZE, 299, segments(3, 2, 1), 0),
    (SIZE, 200, segments(3, 2, 1), 100),
    (SIZE, 199, segments(3, 2, 1), 100),
    (SIZE, 0, segments(3, 2, 1), 300),
]


@pytest.mark.parametrize(("key", "limit", "several", "expected"), CASES)
def test_beyond(key: str, limit: int, several: list[Segment], expected: int) -> None:
    assert beyond(key, limit, several, NOW) == expected


def test_replicas_on_a_disk(tmp_path: Path) -> None:
    for name in (
        "orders-0",
        "my-topic-12",
        "orders-1.0a-delete",
        "orders-2.0b-future",
        "__cluster_metadata-0",
        "other",
    ):
        (tmp_path / name).mkdir()
        for file, count in (("00000000000000000010.log", 2), ("00000000000000000009.log", 1), ("x.log", 7)):
            (tmp_path / name / file).write_bytes(b"." * count)
            os.utime(tmp_path / name / file, (5, 5))
        (tmp_path / name / "00000000000000000009.index").write_bytes(b"...")
        (tmp_path / name / "00000000000000000011.log").symlink_to("gone")
    (tmp_path / "meta.properties").write_text("")
    both = [Segment(9, 1, 5.0), Segment(10, 2, 5.0)]
    found = list(replicas([str(tmp_path), str(tmp_path / "missing")]))
    assert found == [("my-topic", both), ("orders", both)]
