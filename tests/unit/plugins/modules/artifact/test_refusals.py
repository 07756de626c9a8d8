"""What is refused, and that a failure leaves everything as it was."""

from __future__ import annotations

import hashlib
import os
import platform
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _artifact_fetch
from ansible_collections.kraftops.kafka.plugins.module_utils._artifact_install import InstallError
from ansible_collections.kraftops.kafka.plugins.modules import artifact

if TYPE_CHECKING:
    from tests.unit.plugins.modules.artifact.conftest import Host, Server


@pytest.mark.parametrize("installed", [False, True])
def test_wrong_digest(host: Host, server: Server, installed: bool) -> None:
    """Another file at the address is refused; what was installed stays."""
    if installed:
        host.run()
        (host.path / "tool").write_bytes(b"damaged")
    bad = server.files["/official/tool-1.tgz"] = host.archive(b"evil")
    with pytest.raises(InstallError) as error:
        host.run()
    assert str(error.value) == (
        f"{server.address}/official/tool-1.tgz: wrong digest: expected {host.digest}, "
        f"found sha512:{hashlib.sha512(bad).hexdigest()}. Nothing was installed."
    )
    assert host.path.exists() == installed
    assert host.leftovers() == []


@pytest.mark.parametrize(
    ("status", "cut", "found", "tries"),
    [
        (404, 0, "HTTP 404 Not Found", 1),
        (403, 0, "HTTP 403 Forbidden", 1),
        (503, 0, "HTTP 503 Service Unavailable (tried 3 times)", 3),
        (0, 10, "{short} of {size} bytes (tried 3 times)", 3),
    ],
)
def test_download_faults(host: Host, server: Server, status: int, cut: int, found: str, tries: int) -> None:
    """A fault is named with the address; only one that may pass is tried again."""
    server.status, server.cut = status, cut
    with pytest.raises(InstallError) as error:
        host.run()
    address = f"{server.address}/official/tool-1.tgz"
    found = found.format(short=len(host.good) - cut, size=len(host.good))
    assert str(error.value) == f"{address}: expected the file, found: {found}. Nothing was installed."
    assert len(server.asked) == tries
    assert not host.path.exists()
    assert host.leftovers() == []


def test_passing_fault(host: Host, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a fault that passes the file is installed."""
    server.status = 503
    slept: list[float] = []

    def recover(seconds: float) -> None:
        slept.append(seconds)
        server.status = 0

    monkeypatch.setattr(artifact, "fetch", lambda address, path: _artifact_fetch.fetch(address, path, sleep=recover))
    assert host.run()["changed"]
    assert len(slept) == 1


def test_nobody_there(host: Host) -> None:
    """A closed port is named with the address."""
    with pytest.raises(
        InstallError, match=r"http://127.0.0.1:9/tool-1.tgz: expected the file, found: .*refused.*tried 3 times"
    ):
        host.run("http://127.0.0.1:9")


def test_missing_file_on_the_host(host: Host) -> None:
    """A folder without the file is named."""
    with pytest.raises(InstallError) as error:
        host.run("file:///no/such")
    assert str(error.value) == (
        "file:///no/such/tool-1.tgz: expected the file, found: No such file or directory on this host. Nothing was installed."
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("tool-1/other", "expected tool in it, found no such file. Nothing was installed."),
        ("tool-1/../../x", "refused: tool-1/../../x leads out of the archive. Nothing was installed."),
        ("", "cannot be unpacked: "),
    ],
)
def test_unusable_archive(host: Host, server: Server, name: str, message: str) -> None:
    """A file with the right digest and the wrong content is refused too."""
    content = host.archive(name=name) if name else b"<html>login</html>"
    server.files["/official/tool-1.tgz"] = content
    host.entry["versions"]["1"]["digests"]["any"] = "sha256:" + hashlib.sha256(content).hexdigest()
    with pytest.raises(InstallError) as error:
        host.run()
    assert f"{server.address}/official/tool-1.tgz: {message}" in str(error.value)
    assert not host.path.exists()
    assert host.leftovers() == []


def test_swap_fails(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the last step fails, the old version is where it was."""
    host.run()
    (host.path / "tool").write_bytes(b"hacked")
    rename = os.rename

    def fail(source: str, target: str) -> None:
        if source.endswith("tree"):
            raise OSError(28, "No space left on device")
        rename(source, target)

    monkeypatch.setattr(os, "rename", fail)
    with pytest.raises(OSError, match="No space left"):
        host.run()
    assert (host.path / "tool").read_bytes() == b"hacked"
    assert host.leftovers() == []


def test_killed_run(host: Host) -> None:
    """What a killed run left is removed once it is old; a running one is left alone."""
    home = host.path.parent
    for name in (".tool-1.tmpold", ".tool-1.tmpnew", ".tool-2.tmpold"):
        (home / name).mkdir(parents=True)
    old = time.time() - 7200
    os.utime(home / ".tool-1.tmpold", (old, old))
    os.utime(home / ".tool-2.tmpold", (old, old))
    host.run()
    assert sorted(host.leftovers()) == [".tool-1.tmpnew", ".tool-2.tmpold"]


def test_declared_missing(host: Host, tmp_path: Path) -> None:
    """What the manifest declares missing is an error, or a plain answer where it is optional."""
    (tmp_path / "manifest.json").write_text(
        '{"artifacts": [], "missing": [{"name": "tool", "version": "1", "reason": "closed"}]}'
    )
    reason = f"tool 1 is not in {tmp_path}: closed"
    with pytest.raises(InstallError, match=reason):
        host.run(str(tmp_path))
    result = host.run(str(tmp_path), optional=True)
    assert (result["available"], result["changed"], result["reason"]) == (False, False, reason)


def test_architectures() -> None:
    """Machines are known by the catalogue's names; others are refused."""
    assert [artifact.architecture(name) for name in ("x86_64", "aarch64")] == ["amd64", "arm64"]
    with pytest.raises(InstallError) as error:
        artifact.architecture("riscv64")
    assert str(error.value) == "unknown architecture: this host is riscv64. Known: amd64, arm64."


def test_architecture_without_digest(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host whose architecture has no digest gets nothing."""
    host.entry["versions"]["1"]["digests"] = {"amd64": host.digest}
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    with pytest.raises(InstallError, match=r"^tool 1: no digest is known for arm64 \(known: amd64\)"):
        host.run()
