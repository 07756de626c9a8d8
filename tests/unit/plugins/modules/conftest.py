"""Run a module in this process, as Ansible would run it on a host."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from ansible.module_utils import basic


@pytest.fixture
def run_module(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> Callable[..., dict[str, Any]]:
    """Return a function that runs a module's main() with arguments and returns its result."""

    def run(main: Callable[[], None], arguments: dict[str, Any], check: bool = False) -> dict[str, Any]:
        internal = {
            "_ansible_check_mode": check,
            "_ansible_remote_tmp": str(tmp_path),
            "_ansible_keep_remote_files": False,
        }
        text = json.dumps({"ANSIBLE_MODULE_ARGS": {**arguments, **internal}})
        monkeypatch.setattr(basic, "_ANSIBLE_ARGS", text.encode())
        monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        capsys.readouterr()
        with pytest.raises(SystemExit):
            main()
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        return result

    return run


class Web:
    """A small HTTP server whose answers a test decides."""

    def __init__(self) -> None:
        self.answer: Callable[[BaseHTTPRequestHandler], tuple[int, str]] = lambda _request: (200, "")
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, text = web.answer(self)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_words: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self) -> str:
        """Return the server's address."""
        return f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def web() -> Iterator[Web]:
    """Return a running server."""
    running = Web()
    yield running
    running.server.shutdown()
    running.server.server_close()
