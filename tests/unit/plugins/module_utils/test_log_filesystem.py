"""The journal's part of the file system of the logs."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _storage
from ansible_collections.kraftops.kafka.plugins.module_utils._log_filesystem import journal_bytes, log_filesystem

GIB = 1 << 30


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return the root of a host that keeps its journal on disk."""
    (tmp_path / "var/log/journal").mkdir(parents=True)
    return tmp_path


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"[Journal]\n{text}\n")


MAIN = "etc/systemd/journald.conf"
DROP_IN = "{}/systemd/journald.conf.d/{}.conf"
SHARES: list[tuple[dict[str, str], int, int]] = [
    ({}, 20 * GIB, 2 * GIB),
    ({}, 200 * GIB, 4 * GIB),
    ({MAIN: "#SystemMaxUse=1G"}, 20 * GIB, 2 * GIB),
    ({MAIN: "SystemMaxUse=1G"}, 20 * GIB, GIB),
    ({MAIN: "SystemMaxUse=512M"}, 20 * GIB, GIB // 2),
    ({MAIN: "SystemMaxUse=1000000"}, 20 * GIB, 1000000),
    ({MAIN: "Storage=volatile"}, 20 * GIB, 0),
    ({MAIN: "Storage=none"}, 20 * GIB, 0),
    ({MAIN: "Storage=persistent"}, 20 * GIB, 2 * GIB),
    ({"usr/lib/systemd/journald.conf": "SystemMaxUse=3G"}, 20 * GIB, 3 * GIB),
    ({MAIN: "SystemMaxUse=1G", "usr/lib/systemd/journald.conf": "SystemMaxUse=3G"}, 20 * GIB, GIB),
    ({MAIN: "SystemMaxUse=1G", DROP_IN.format("etc", "a"): "SystemMaxUse=2G"}, 20 * GIB, 2 * GIB),
    ({DROP_IN.format("etc", "a"): "SystemMaxUse=2G", DROP_IN.format("usr/lib", "b"): "SystemMaxUse=1G"}, 20 * GIB, GIB),
    (
        {DROP_IN.format("etc", "a"): "SystemMaxUse=3G", DROP_IN.format("usr/lib", "a"): "SystemMaxUse=1G"},
        20 * GIB,
        3 * GIB,
    ),
]


@pytest.mark.parametrize(("files", "size", "expected"), SHARES)
def test_share(root: Path, files: dict[str, str], size: int, expected: int) -> None:
    write(root, files)
    assert journal_bytes(str(root / "var/log/kafka"), size, str(root)) == expected


@pytest.mark.parametrize(("setting", "expected"), [("", 0), ("Storage=persistent", 2 * GIB)])
def test_a_journal_in_memory(tmp_path: Path, setting: str, expected: int) -> None:
    """Without the folder it stays there, unless it is told to make it."""
    write(tmp_path, {MAIN: setting})
    assert journal_bytes(str(tmp_path), 20 * GIB, str(tmp_path)) == expected


def test_a_journal_elsewhere_takes_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_storage, "same_filesystem", lambda _one, _other: False)
    assert journal_bytes(str(root / "var/log/kafka"), 20 * GIB, str(root)) == 0


@pytest.mark.parametrize("other", ["/proc/self", None])
def test_same_file_system(tmp_path: Path, other: Optional[str]) -> None:
    assert _storage.same_filesystem(str(tmp_path / "not/yet"), other or str(tmp_path)) is (other is None)


def test_a_directory_that_is_not_there_yet(root: Path) -> None:
    found = log_filesystem(str(root / "var/log/kafka"), str(root))
    assert found["path"] == str(root / "var/log/kafka")
    assert 0 < found["free_bytes"] < found["size_bytes"]
    assert found["journal_bytes"] == min(found["size_bytes"] // 10, 4 * GIB)
    assert found["mountpoint"].startswith("/")
