"""Installing an artifact, keeping it as it was installed, and predicting both."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ansible_collections.kraftops.kafka.plugins.modules import artifact

if TYPE_CHECKING:
    from tests.unit.plugins.modules.artifact.conftest import Host, Server


def test_official(host: Host, server: Server) -> None:
    """The file is downloaded, checked, unpacked; a second run asks nobody and changes nothing."""
    first = host.run()
    assert (first["changed"], first["available"], first["reason"]) == (True, True, "absent")
    assert first["path"] == str(host.path)
    assert first["origin"] == f"{server.address}/official/tool-1.tgz"
    assert first["digest"] == {"tool": host.program}
    assert first["diff"]["before"] == "absent\n"
    assert first["diff"]["after"] == f"1 {host.digest}\n"
    second = host.run()
    assert second["changed"] is False
    assert second["digest"] == {"tool": host.program}
    assert server.asked == ["/official/tool-1.tgz"]
    assert host.leftovers() == []


def test_modes(host: Host) -> None:
    """Everything can be read by everyone and written by the owner only."""
    host.run()
    modes = {
        name: (host.path / name).stat().st_mode & 0o7777 for name in ("", "tool", "doc", "doc/NOTE", ".artifact.json")
    }
    assert modes == {"": 0o755, "tool": 0o755, "doc": 0o755, "doc/NOTE": 0o644, ".artifact.json": 0o644}
    assert host.path.parent.stat().st_mode & 0o7777 == 0o755


def test_mirror(host: Host, server: Server) -> None:
    """A mirror is asked for the official file name, and the official digest still counts."""
    server.files = {"/mirror/tool-1.tgz": host.good}
    assert host.run(f"{server.address}/mirror/")["changed"]
    assert server.asked == ["/mirror/tool-1.tgz"]


def test_file_on_the_host(host: Host, tmp_path: Path, server: Server) -> None:
    """file:// reads a folder of the host, also with a space in its name."""
    folder = tmp_path / "my files"
    folder.mkdir()
    (folder / "tool-1.tgz").write_bytes(host.good)
    assert host.run(f"file://{tmp_path}/my%20files")["digest"] == {"tool": host.program}
    assert server.asked == []


def replace(path: Path) -> None:
    """Put another program there."""
    (path / "tool").write_bytes(b"hacked")


def loosen(path: Path) -> None:
    """Let everyone write to the program."""
    (path / "tool").chmod(0o777)


def add(path: Path) -> None:
    """Add a library that would be loaded."""
    (path / "lib").mkdir()
    (path / "lib" / "extra.jar").touch()


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (replace, "tool has another content"),
        (loosen, f"tool has owner {os.geteuid()} and mode 0777"),
        (add, "lib/extra.jar does not belong there"),
        (lambda path: (path / "tool").unlink(), "tool is missing"),
        (lambda path: (path / ".artifact.json").unlink(), "{path} has no record of its installation"),
        (lambda path: (path / ".artifact.json").write_text("{}"), "{path} has no record of its installation"),
    ],
)
def test_put_back(host: Host, damage: Any, reason: str) -> None:
    """Whatever somebody did to the installed files is found and undone."""
    host.run()
    damage(host.path)
    predicted = host.run(check=True)
    assert (predicted["changed"], predicted["reason"]) == (True, reason.format(path=host.path))
    done = host.run()
    assert (done["changed"], done["digest"]) == (True, {"tool": host.program})
    assert reason.format(path=host.path) in done["diff"]["before"]
    assert sorted(path.name for path in host.path.iterdir()) == [".artifact.json", "doc", "tool"]
    assert host.run()["changed"] is False
    assert host.leftovers() == []


def test_another_file_of_the_same_version(host: Host, server: Server) -> None:
    """A changed digest installs the version anew."""
    host.run()
    other = server.files["/official/tool-1.tgz"] = host.archive(b"rebuilt")
    host.entry["versions"]["1"]["digests"]["any"] = "sha256:" + hashlib.sha256(other).hexdigest()
    done = host.run()
    assert done["reason"] == f"installed from another file: sha256:{hashlib.sha256(host.good).hexdigest()}"
    assert done["digest"] == {"tool": hashlib.sha256(b"rebuilt").hexdigest()}


def test_same_file_with_another_algorithm(host: Host) -> None:
    """The same file known by another algorithm's digest is the same file."""
    host.run()
    host.entry["versions"]["1"]["digests"]["any"] = "sha256:" + hashlib.sha256(host.good).hexdigest()
    assert host.run()["changed"] is False


def test_other_patterns(host: Host) -> None:
    """A collection that watches more files than the one that installed them reinstalls nothing."""
    host.run()
    host.entry["verify"] = ["tool", "doc/*"]
    assert host.run()["changed"] is False


def test_check_mode(host: Host, server: Server) -> None:
    """Check mode predicts the change and touches neither host nor network."""
    result = host.run(check=True)
    assert (result["changed"], result["digest"], result["diff"]["before"]) == (True, {}, "absent\n")
    assert not host.root.exists()
    assert server.asked == []


def test_upload(host: Host, tmp_path: Path, server: Server) -> None:
    """A file on the control node is asked for only when it is needed, and checked like any other."""
    (tmp_path / "tool-1.tgz").write_bytes(host.good)
    first = host.run(str(tmp_path))
    assert (first["changed"], first["upload_for"]) == (False, "amd64")
    assert host.run(str(tmp_path), check=True)["changed"] is True
    (tmp_path / "sent").write_bytes(host.good)
    assert host.run(str(tmp_path), upload=str(tmp_path / "sent"))["digest"] == {"tool": host.program}
    assert "upload_for" not in host.run(str(tmp_path))
    assert server.asked == []


@pytest.mark.parametrize(
    ("text", "release"),
    [
        ('ID=debian\nVERSION_ID="13"\n', "13"),
        ("VERSION_ID=12\nID='debian'\n", ""),
        ('ID=ubuntu\nVERSION_ID="24.04"\n', ""),
        ("", ""),
    ],
)
def test_debian_release(tmp_path: Path, text: str, release: str) -> None:
    """Only Debian's own release number counts."""
    (tmp_path / "os-release").write_text(text)
    assert artifact.debian_release(str(tmp_path / "os-release")) == release


@pytest.mark.parametrize(("release", "packages"), [("12", ["libx1"]), ("13", ["libx1t64"]), ("", [])])
def test_packages(host: Host, monkeypatch: pytest.MonkeyPatch, release: str, packages: list[str]) -> None:
    """The packages that the program needs are those of the host's release."""
    monkeypatch.setattr(artifact, "debian_release", lambda: release)
    assert host.run(check=True)["packages"] == packages
