"""A host with a temporary root, and a real server on this machine with small archives."""

from __future__ import annotations

import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _artifact_fetch
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

        def log_message(self, *_: object) -> None:
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

    good = GOOD
    digest = SHA512
    program = PROGRAM

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

    def run(
        self, source: str = "official", check: bool = False, optional: bool = False, upload: str | None = None
    ) -> dict[str, Any]:
        """Run the module as the action plugin does."""
        steps = plan({"tool": self.entry}, "tool", "1", source)
        params = {
            "component": "tool",
            "version": "1",
            "root": str(self.root),
            "plan": steps,
            "optional": optional,
            "upload": upload,
        }
        return artifact.run(params, check)

    @staticmethod
    def archive(content: bytes = b"binary", name: str = "tool-1/tool") -> bytes:
        """Return another small archive."""
        return archive(content, name)

    def leftovers(self) -> list[str]:
        """Return what lies beside the installed version."""
        home = self.root / "tool"
        return [path.name for path in home.iterdir() if path != self.path] if home.exists() else []


@pytest.fixture
def host(tmp_path: Path, server: Server) -> Host:
    """A blank host; the server has the good file at the official address."""
    server.files["/official/tool-1.tgz"] = GOOD
    return Host(tmp_path / "opt", server.address)
