"""Unpacking: what is taken over and what is refused."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._artifact_archive import ArchiveError, unpack

TAR: dict[str, Any] = {"kind": "tar", "strip": 1}


def tarball(path: Path, *members: dict[str, Any]) -> str:
    """Write a tar archive of members given by their TarInfo fields and `content`."""
    with tarfile.open(path, "w:gz") as tar:
        for fields in members:
            member = tarfile.TarInfo(fields["name"])
            content = fields.get("content", b"")
            member.size = len(content)
            for key in ("mode", "type", "linkname", "uid"):
                if key in fields:
                    setattr(member, key, fields[key])
            tar.addfile(member, io.BytesIO(content))
    return str(path)


def test_modes_and_owners(tmp_path: Path) -> None:
    """Only whether a file is executable is taken over: no owner, no special bits, no write permission for others."""
    archive = tarball(
        tmp_path / "a.tgz",
        {"name": "top/", "type": tarfile.DIRTYPE, "mode": 0o777},
        {"name": "top/bin/run", "mode": 0o6777, "content": b"x", "uid": 12345},
        {"name": "./top/doc", "mode": 0o666, "content": b"y"},
        {"name": "top/link", "type": tarfile.SYMTYPE, "linkname": "bin/run"},
        {"name": "top/hard", "type": tarfile.LNKTYPE, "linkname": "top/bin/run", "mode": 0o755},
    )
    target = tmp_path / "t"
    target.mkdir()
    unpack(archive, str(target), TAR)
    modes = {name: oct((target / name).stat().st_mode & 0o7777) for name in ("bin", "bin/run", "doc", "hard")}
    assert modes == {"bin": "0o755", "bin/run": "0o755", "doc": "0o644", "hard": "0o755"}
    assert (target / "bin/run").stat().st_uid == os.geteuid()
    assert (target / "link").readlink() == Path("bin/run")
    assert (target / "hard").read_bytes() == b"x"


@pytest.mark.parametrize(
    ("member", "message"),
    [
        ({"name": "../evil"}, "refused: ../evil leads out of the archive"),
        ({"name": "top/../../evil"}, "refused: top/../../evil leads out of the archive"),
        ({"name": "/etc/evil"}, "refused: /etc/evil leads out of the archive"),
        (
            {"name": "top/l", "type": tarfile.SYMTYPE, "linkname": "../../etc"},
            "refused: ../../etc leads out of the archive",
        ),
        (
            {"name": "top/a/l", "type": tarfile.SYMTYPE, "linkname": "../../x"},
            "refused: a/../../x leads out of the archive",
        ),
        ({"name": "top/l", "type": tarfile.SYMTYPE, "linkname": "/etc"}, "refused: /etc leads out of the archive"),
        ({"name": "top/dev", "type": tarfile.CHRTYPE}, "refused: top/dev is neither a file, a folder nor a link"),
    ],
)
def test_traversal(tmp_path: Path, member: dict[str, Any], message: str) -> None:
    """Nothing may land outside the folder, and only files, folders and links are taken."""
    target = tmp_path / "t"
    target.mkdir()
    with pytest.raises(ArchiveError) as error:
        unpack(tarball(tmp_path / "a.tgz", member), str(target), TAR)
    assert str(error.value) == message
    assert not list(target.iterdir())
    assert not (tmp_path / "evil").exists()


def test_file_through_a_link(tmp_path: Path) -> None:
    """A link never decides where a later file lands."""
    archive = tarball(
        tmp_path / "a.tgz",
        {"name": "top/here", "type": tarfile.SYMTYPE, "linkname": "there"},
        {"name": "top/here/file", "content": b"x"},
    )
    target = tmp_path / "t"
    target.mkdir()
    with pytest.raises(ArchiveError, match="cannot be unpacked"):
        unpack(archive, str(target), TAR)


def test_wheel(tmp_path: Path) -> None:
    """A wheel is a zip; its files are plain."""
    with zipfile.ZipFile(tmp_path / "w.whl", "w") as wheel:
        wheel.writestr("pkg/__init__.py", "x = 1\n")
    target = tmp_path / "t"
    target.mkdir()
    unpack(str(tmp_path / "w.whl"), str(target), {"kind": "wheel", "strip": 0})
    assert (target / "pkg/__init__.py").stat().st_mode & 0o7777 == 0o644


def test_wheel_traversal(tmp_path: Path) -> None:
    """A zip may not lead outside either."""
    with zipfile.ZipFile(tmp_path / "w.whl", "w") as wheel:
        wheel.writestr("../evil", "x")
    with pytest.raises(ArchiveError, match="leads out of the archive"):
        unpack(str(tmp_path / "w.whl"), str(tmp_path), {"kind": "wheel", "strip": 0})


def test_single_file(tmp_path: Path) -> None:
    """A single file gets the name that the units use."""
    (tmp_path / "a").write_bytes(b"jar")
    target = tmp_path / "t"
    target.mkdir()
    unpack(str(tmp_path / "a"), str(target), {"kind": "file", "install_as": "agent.jar"})
    assert (target / "agent.jar").read_bytes() == b"jar"


@pytest.mark.parametrize("content", [b"", b"not an archive", b"\x1f\x8b\x08broken"])
@pytest.mark.parametrize("kind", ["tar", "wheel"])
def test_damaged(tmp_path: Path, content: bytes, kind: str) -> None:
    """What is no archive is refused in words."""
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(ArchiveError, match="cannot be unpacked"):
        unpack(str(tmp_path / "a"), str(tmp_path), {"kind": kind, "strip": 1})
