"""Directories and manifests as they are read from a host."""

from __future__ import annotations

import glob
import os
from pathlib import Path
from typing import Any, Optional

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _storage

MOUNTS = """\
/dev/sda1 / ext4 rw,relatime 0 0
overlay /data xfs rw 0 0
/dev/sdb1 /data xfs rw,noatime 0 0
tmpfs /mnt/with\\040space tmpfs rw 0 0
"""


def test_random_ids_are_kafka_s() -> None:
    made = {_storage.random_id() for _turn in range(200)}
    assert len(made) == 200
    assert {len(item) for item in made} == {22}
    assert not any("-" in item for item in made)


def test_mounts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_storage, "read", lambda _path: MOUNTS)
    assert _storage.mounts() == {
        "/": {"device": "/dev/sda1", "fstype": "ext4", "options": "rw,relatime"},
        "/data": {"device": "/dev/sdb1", "fstype": "xfs", "options": "rw,noatime"},
        "/mnt/with space": {"device": "tmpfs", "fstype": "tmpfs", "options": "rw"},
    }


@pytest.mark.parametrize(
    ("path", "expected"), [("/data/kafka/x", "/data"), ("/data", "/data"), ("/database/x", "/"), ("/", "/")]
)
def test_mountpoint_of(path: str, expected: str) -> None:
    assert _storage.mountpoint_of(path, {"/": {}, "/data": {}}) == expected


def test_mountpoint_of_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    assert _storage.mountpoint_of(str(tmp_path / "link" / "x"), {str(tmp_path / "disk"): {}}) == str(tmp_path / "disk")


def test_existing_parent(tmp_path: Path) -> None:
    assert _storage.existing_parent(str(tmp_path / "a" / "b")) == str(tmp_path)
    assert _storage.existing_parent(str(tmp_path)) == str(tmp_path)


def test_filesystem_uuid(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "mapper").write_text("")
    (tmp_path / "dm-0").symlink_to(tmp_path / "mapper")
    (tmp_path / "1234-abcd").symlink_to(tmp_path / "mapper")
    monkeypatch.setattr(glob, "glob", lambda _pattern: [str(tmp_path / "1234-abcd")])
    real = os.path.realpath
    monkeypatch.setattr(os.path, "realpath", lambda path: real(path.replace("/dev/disk-0", str(tmp_path / "dm-0"))))
    assert _storage.filesystem_uuid("/dev/disk-0") == "1234-abcd"
    assert _storage.filesystem_uuid("/dev/other") == ""
    assert _storage.filesystem_uuid("overlay") == ""


@pytest.mark.parametrize(("partition", "disk", "expected"), [("", "1\n", True), ("0", "", False), ("", "", None)])
def test_rotational(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, partition: str, disk: str, expected: Optional[bool]
) -> None:
    real = os.path.realpath
    monkeypatch.setattr(os.path, "realpath", lambda path: "/block/sda/sda1" if "/dev/block" in path else real(path))
    texts = {"/block/sda/sda1/queue/rotational": partition, "/block/sda/queue/rotational": disk}
    monkeypatch.setattr(_storage, "read", lambda path: texts.get(path, ""))
    assert _storage.rotational(str(tmp_path / "x")) is expected


META: list[tuple[Optional[str], Optional[dict[str, Any]]]] = [
    (
        "#\n#Mon Nov 23\nnode.id=11\ndirectory.id=d\nversion=1\ncluster.id=c\n",
        {"cluster_id": "c", "node_id": 11, "directory_id": "d"},
    ),
    ("broker.id=3\nversion=0\ncluster.id=c\n", {"cluster_id": "c", "node_id": 3, "directory_id": ""}),
    ("version=1\n", {"cluster_id": "", "node_id": None, "directory_id": ""}),
    ("", None),
    (None, None),
]


@pytest.mark.parametrize(("text", "expected"), META)
def test_meta_properties(tmp_path: Path, text: Optional[str], expected: Optional[dict[str, Any]]) -> None:
    if text is not None:
        (tmp_path / "meta.properties").write_text(text)
    assert _storage.meta_properties(str(tmp_path)) == expected


def test_directory(tmp_path: Path) -> None:
    table = {str(tmp_path): {"device": "/dev/none", "fstype": "xfs", "options": "rw,noatime"}}
    (tmp_path / "data" / "lost+found").mkdir(parents=True)
    (tmp_path / "data" / "topic-0").mkdir()
    found = _storage.directory(str(tmp_path / "data"), table)
    space = os.statvfs(tmp_path)
    assert 0 < found.pop("free_bytes") <= found["size_bytes"]
    assert found.pop("rotational") in (True, False, None)
    assert found == {
        "path": str(tmp_path / "data"),
        "exists": True,
        "entries": 1,
        "meta": None,
        "mountpoint": str(tmp_path),
        "device": "/dev/none",
        "uuid": "",
        "fstype": "xfs",
        "options": ["rw", "noatime"],
        "size_bytes": space.f_frsize * space.f_blocks,
    }


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    found = _storage.directory(str(tmp_path / "a" / "b"), {})
    assert (found["exists"], found["entries"], found["meta"], found["mountpoint"]) == (False, 0, None, "/")


MANIFEST = {
    "cluster_id": "c",
    "cluster_name": "orders",
    "node_id": 1,
    "initial_controllers": "",
    "started": False,
    "directories": {},
}


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    assert _storage.read_manifest(str(path)) is None
    path.write_text(_storage.manifest_text(MANIFEST))
    assert _storage.read_manifest(str(path)) == MANIFEST
    assert path.read_text().startswith('{\n  "cluster_id": "c",\n  "cluster_name"')
    assert path.read_text().endswith("}\n")


KEYS = "cluster_id, cluster_name, directories, initial_controllers, node_id, started"
BROKEN = [
    ("{", "cannot be read as JSON (Expecting property name enclosed in double quotes: line 1 column 2 (char 1))"),
    ("{}", f"is no manifest, it lacks {KEYS}"),
    ("[]", f"is no manifest, it lacks {KEYS}"),
    (
        '{"cluster_id": "c", "cluster_name": "", "node_id": 1, "started": true, "directories": {}}',
        "is no manifest, it lacks initial_controllers",
    ),
]


@pytest.mark.parametrize(("text", "why"), BROKEN)
def test_a_broken_manifest(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"^") as caught:
        _storage.read_manifest(str(path))
    assert str(caught.value) == f"{path} {why}; put it back from a backup"
