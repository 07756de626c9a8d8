"""What a process says of itself."""

from __future__ import annotations

import os
import time
from pathlib import Path

from ansible_collections.kraftops.kafka.plugins.module_utils import _process


def test_the_version_is_that_of_the_open_library(tmp_path: Path) -> None:
    library = tmp_path / "kafka-clients-4.3.1.jar"
    library.write_text("")
    assert _process.kafka_version(os.getpid()) == ""
    with library.open():
        assert _process.kafka_version(os.getpid()) == "4.3.1"
    assert _process.kafka_version(2**30) == ""


def test_uptime() -> None:
    own = _process.uptime_seconds(os.getpid())
    first = _process.uptime_seconds(1)
    assert own is not None
    assert first is not None
    assert 0 <= own <= first <= time.clock_gettime(time.CLOCK_BOOTTIME) + 1
    assert _process.uptime_seconds(2**30) is None


def test_folder_bytes(tmp_path: Path) -> None:
    (tmp_path / "server.log").write_text("12345")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "more").write_text("12345")
    (tmp_path / "link").symlink_to(tmp_path / "server.log")
    assert _process.folder_bytes(str(tmp_path)) == 5
    assert _process.folder_bytes(str(tmp_path / "none")) == 0


def test_disk(tmp_path: Path) -> None:
    found = _process.disk(str(tmp_path))
    assert found["total_bytes"] is not None
    assert found["free_bytes"] is not None
    assert 0 <= found["free_bytes"] <= found["total_bytes"]
    assert _process.disk(str(tmp_path / "none")) == {"total_bytes": None, "free_bytes": None}
