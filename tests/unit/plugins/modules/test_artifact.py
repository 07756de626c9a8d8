"""Installing an artifact on a host: against a real server on this machine, with small archives."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kraftops.kafka.plugins.module_utils import _artifact_fetch, _artifact_install
from ansible_collections.kraftops.kafka.plugins.module_utils._artifact_install import InstallError
from ansible_collections.kraftops.kafka.plugins.module_utils._artifact_source import plan
from ansible_collections.kraftops.kafka.plugins.modules import artifact


def archive(content: bytes = b"binary", name: str = "tool-1/tool") -> bytes:
    """Return a small .tar.gz with a program and a note."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as tar:
        for path, mode, data in ((name, 0o755, content), ("tool-1/doc/NOTE", 0o644, b"note")):
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(data), mode
            tar.addfile(member, io.BytesIO(data))
    return raw.getvalue()


GOOD = archive()
SHA512 = "sha512:" + hashlib.sha512(GOOD).hexdigest()
PROGRAM = hashlib.sha256(b"binary").hexdigest()


@dataclass
class Server:
    """A server on this machine: what it has, how it misbehaves, and what it was asked."""

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    cut: int = 0
    status: int = 0
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Run such a server."""
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append(self.path)
            content = state.files.get(self.path)
            if state.status or content is None:
                self.send_error(state.status or 404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            self.wfile.write(content[: len(content) - state.cut])

        def log_message(self, format: str, *args: object) -> None:
            """Stay quiet."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
    state.address = f"http://127.0.0.1:{http.server_port}"
    monkeypatch.setattr(_artifact_fetch, "PAUSES", (0, 0))
    yield state
    http.shutdown()
    http.server_close()


class Host:
    """One host with a temporary root, and the way to run the module on it."""

    def __init__(self, root: Path, address: str) -> None:
        """Install below `root`; the official address is the server's."""
        self.root = root
        self.path = root / "tool" / "tool-1"
        self.entry: dict[str, Any] = {
            "address": f"{address}/official/",
            "file": "tool-{version}.tgz",
            "kind": "tar",
            "strip": 1,
            "key_files": ["tool"],
            "verify": ["tool", "lib/*"],
            "packages": {"12": ["libx1"], "13": ["libx1t64"]},
            "versions": {"1": {"digests": {"any": SHA512}}},
        }

    def run(self, source: str = "official", check: bool = False, optional: bool = False, upload: str | None = None) -> dict[str, Any]:
        """Run the module as the action plugin does."""
        steps = plan({"tool": self.entry}, "tool", "1", source)
        params = {"component": "tool", "version": "1", "root": str(self.root), "plan": steps, "optional": optional, "upload": upload}
        return artifact.run(params, check)

    def leftovers(self) -> list[str]:
        """Return what lies beside the installed version."""
        home = self.root / "tool"
        return [path.name for path in home.iterdir() if path != self.path] if home.exists() else []


@pytest.fixture
def host(tmp_path: Path, server: Server) -> Host:
    """A blank host; the server has the good file at the official address."""
    server.files["/official/tool-1.tgz"] = GOOD
    return Host(tmp_path / "opt", server.address)


def test_official(host: Host, server: Server) -> None:
    """The file is downloaded, checked, unpacked; a second run asks nobody and changes nothing."""
    first = host.run()
    assert (first["changed"], first["available"], first["reason"]) == (True, True, "absent")
    assert first["path"] == str(host.path)
    assert first["origin"] == f"{server.address}/official/tool-1.tgz"
    assert first["digest"] == {"tool": PROGRAM}
    assert first["diff"]["before"] == "absent\n"
    assert first["diff"]["after"] == f"1 {SHA512}\n"
    second = host.run()
    assert second["changed"] is False
    assert second["digest"] == {"tool": PROGRAM}
    assert server.asked == ["/official/tool-1.tgz"]
    assert host.leftovers() == []


def test_modes(host: Host) -> None:
    """Everything can be read by everyone and written by the owner only."""
    host.run()
    modes = {name: (host.path / name).stat().st_mode & 0o7777 for name in ("", "tool", "doc", "doc/NOTE", ".artifact.json")}
    assert modes == {"": 0o755, "tool": 0o755, "doc": 0o755, "doc/NOTE": 0o644, ".artifact.json": 0o644}
    assert host.path.parent.stat().st_mode & 0o7777 == 0o755


def test_mirror(host: Host, server: Server) -> None:
    """A mirror is asked for the official file name, and the official digest still counts."""
    server.files = {"/mirror/tool-1.tgz": GOOD}
    assert host.run(f"{server.address}/mirror/")["changed"]
    assert server.asked == ["/mirror/tool-1.tgz"]


def test_file_on_the_host(host: Host, tmp_path: Path, server: Server) -> None:
    """file:// reads a folder of the host, also with a space in its name."""
    folder = tmp_path / "my files"
    folder.mkdir()
    (folder / "tool-1.tgz").write_bytes(GOOD)
    assert host.run(f"file://{tmp_path}/my%20files")["digest"] == {"tool": PROGRAM}
    assert server.asked == []


@pytest.mark.parametrize("installed", [False, True])
def test_wrong_digest(host: Host, server: Server, installed: bool) -> None:
    """Another file at the address is refused; what was installed stays."""
    if installed:
        host.run()
        (host.path / "tool").write_bytes(b"damaged")
    bad = server.files["/official/tool-1.tgz"] = archive(b"evil")
    with pytest.raises(InstallError) as error:
        host.run()
    assert str(error.value) == (
        f"{server.address}/official/tool-1.tgz: wrong digest: expected {SHA512}, "
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
        (0, 10, f"{len(GOOD) - 10} of {len(GOOD)} bytes (tried 3 times)", 3),
    ],
)
def test_download_faults(host: Host, server: Server, status: int, cut: int, found: str, tries: int) -> None:
    """A fault is named with the address; only one that may pass is tried again."""
    server.status, server.cut = status, cut
    with pytest.raises(InstallError) as error:
        host.run()
    address = f"{server.address}/official/tool-1.tgz"
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
    with pytest.raises(InstallError, match=r"http://127.0.0.1:9/tool-1.tgz: expected the file, found: .*refused.*tried 3 times"):
        host.run("http://127.0.0.1:9")


def test_missing_file_on_the_host(host: Host) -> None:
    """A folder without the file is named."""
    with pytest.raises(InstallError) as error:
        host.run("file:///no/such")
    assert str(error.value) == (
        "file:///no/such/tool-1.tgz: expected the file, found: No such file or directory on this host. Nothing was installed."
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (archive(name="tool-1/other"), "expected tool in it, found no such file. Nothing was installed."),
        (archive(name="tool-1/../../x"), "refused: tool-1/../../x leads out of the archive. Nothing was installed."),
        (b"<html>login</html>", "cannot be unpacked: "),
    ],
)
def test_unusable_archive(host: Host, server: Server, content: bytes, message: str) -> None:
    """A file with the right digest and the wrong content is refused too."""
    server.files["/official/tool-1.tgz"] = content
    host.entry["versions"]["1"]["digests"]["any"] = "sha256:" + hashlib.sha256(content).hexdigest()
    with pytest.raises(InstallError) as error:
        host.run()
    assert f"{server.address}/official/tool-1.tgz: {message}" in str(error.value)
    assert not host.path.exists()
    assert host.leftovers() == []


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
def test_put_back(host: Host, damage: Any, reason: str) -> None:  # noqa: ANN401
    """Whatever somebody did to the installed files is found and undone."""
    host.run()
    damage(host.path)
    predicted = host.run(check=True)
    assert (predicted["changed"], predicted["reason"]) == (True, reason.format(path=host.path))
    done = host.run()
    assert (done["changed"], done["digest"]) == (True, {"tool": PROGRAM})
    assert reason.format(path=host.path) in done["diff"]["before"]
    assert sorted(path.name for path in host.path.iterdir()) == [".artifact.json", "doc", "tool"]
    assert host.run()["changed"] is False
    assert host.leftovers() == []


def test_another_file_of_the_same_version(host: Host, server: Server) -> None:
    """A changed digest installs the version anew."""
    host.run()
    other = server.files["/official/tool-1.tgz"] = archive(b"rebuilt")
    host.entry["versions"]["1"]["digests"]["any"] = "sha256:" + hashlib.sha256(other).hexdigest()
    done = host.run()
    assert done["reason"] == f"installed from another file: sha256:{hashlib.sha256(GOOD).hexdigest()}"
    assert done["digest"] == {"tool": hashlib.sha256(b"rebuilt").hexdigest()}


def test_same_file_with_another_algorithm(host: Host) -> None:
    """The same file known by another algorithm's digest is the same file."""
    host.run()
    host.entry["versions"]["1"]["digests"]["any"] = "sha256:" + hashlib.sha256(GOOD).hexdigest()
    assert host.run()["changed"] is False


def test_check_mode(host: Host, server: Server) -> None:
    """Check mode predicts the change and touches neither host nor network."""
    result = host.run(check=True)
    assert (result["changed"], result["digest"], result["diff"]["before"]) == (True, {}, "absent\n")
    assert not host.root.exists()
    assert server.asked == []


def test_swap_fails(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the last step fails, the old version is where it was."""
    host.run()
    replace(host.path)
    rename = os.rename

    def fail(source: str, target: str) -> None:
        if source.endswith("tree"):
            raise OSError(28, "No space left on device")
        rename(source, target)

    monkeypatch.setattr(_artifact_install.os, "rename", fail)
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


def test_upload(host: Host, tmp_path: Path, server: Server) -> None:
    """A file on the control node is asked for only when it is needed, and checked like any other."""
    (tmp_path / "tool-1.tgz").write_bytes(GOOD)
    first = host.run(str(tmp_path))
    assert (first["changed"], first["upload_for"]) == (False, "amd64")
    assert host.run(str(tmp_path), check=True)["changed"] is True
    (tmp_path / "sent").write_bytes(GOOD)
    assert host.run(str(tmp_path), upload=str(tmp_path / "sent"))["digest"] == {"tool": PROGRAM}
    assert "upload_for" not in host.run(str(tmp_path))
    assert server.asked == []


def test_declared_missing(host: Host, tmp_path: Path) -> None:
    """What the manifest declares missing is an error, or a plain answer where it is optional."""
    (tmp_path / "manifest.json").write_text('{"artifacts": [], "missing": [{"name": "tool", "version": "1", "reason": "closed"}]}')
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
    host.entry["versions"]["1"]["digests"] = {"amd64": SHA512}
    monkeypatch.setattr(artifact.platform, "machine", lambda: "aarch64")
    with pytest.raises(InstallError, match=r"^tool 1: no digest is known for arm64 \(known: amd64\)"):
        host.run()


@pytest.mark.parametrize(
    ("text", "release"),
    [('ID=debian\nVERSION_ID="13"\n', "13"), ("VERSION_ID=12\nID='debian'\n", ""), ('ID=ubuntu\nVERSION_ID="24.04"\n', ""), ("", "")],
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
