"""The index template: put once, whatever words the server gives it back in; refusals name what to correct."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.modules import search_index_template

TEMPLATE = {
    "index_patterns": ["logs-kafka.*-*"],
    "priority": 200,
    "data_stream": {},
    "template": {
        "settings": {"index.number_of_shards": 1, "lifecycle": {"name": "x"}},
        "mappings": {"properties": {"a": {"type": "date"}}},
    },
}
# As OpenSearch 2.19 gives it back.
STORED = {
    **TEMPLATE,
    "composed_of": [],
    "data_stream": {"timestamp_field": {"name": "@timestamp"}},
    "template": {
        "settings": {"index": {"number_of_shards": "1", "lifecycle": {"name": "x"}}},
        "mappings": {"properties": {"a": {"type": "date"}}},
    },
}


class Server:
    """A search server that keeps one template, as a real one words it."""

    def __init__(self) -> None:
        self.stored: Any = None
        self.puts: list[Any] = []
        self.login = ""
        self.status = 200
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def reply(self, status: int, body: Any) -> None:
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def do_GET(self) -> None:
                if owner.login and self.headers["Authorization"] != owner.login:
                    return self.reply(401, {"error": "no"})
                if owner.stored is None:
                    return self.reply(404, {"error": "none"})
                return self.reply(200, {"index_templates": [{"name": "logs-kafka", "index_template": owner.stored}]})

            def do_PUT(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                owner.puts.append(body)
                if owner.status != 200:
                    return self.reply(owner.status, {"error": {"reason": "same priority as x"}})
                owner.stored = STORED
                return self.reply(200, {"acknowledged": True})

            def log_message(self, *_words: Any) -> None:
                """Say nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.http.shutdown()
    running.http.server_close()


@pytest.fixture
def put(run_module: Any, server: Server) -> Any:
    def call(check: bool = False, **more: Any) -> dict[str, Any]:
        arguments = {"urls": [server.url], "name": "logs-kafka", "template": TEMPLATE, **more}
        result: dict[str, Any] = run_module(search_index_template.main, arguments, check)
        return result

    return call


def test_put_once(put: Any, server: Server) -> None:
    first, second = put(), put()
    assert first["changed"] and server.puts == [TEMPLATE]
    assert first["diff"]["before"] == "" and "logs-kafka.*-*" in first["diff"]["after"]
    assert not second["changed"] and second["reachable"] and second["url"] == server.url


def test_check_mode_puts_nothing(put: Any, server: Server) -> None:
    assert put(check=True)["changed"] and server.puts == []


def test_another_setting_is_a_change(put: Any, server: Server) -> None:
    put()
    changed = put(template={**TEMPLATE, "priority": 300})
    assert (
        changed["changed"]
        and '"priority": 300' in changed["diff"]["after"]
        and '"priority": 200' in changed["diff"]["before"]
    )


def test_wrong_password(put: Any, server: Server) -> None:
    server.login = "Basic " + base64.b64encode(b"shipper:right").decode()
    assert put(user="shipper", password="right")["changed"]
    wrong = put(user="shipper", password="wrong words")
    assert wrong["failed"]
    assert (
        wrong["msg"]
        == f"{server.url} refuses the password of shipper (status 401). Correct log_shipper_user or log_shipper_password."
    )
    none = put()
    assert (
        none["msg"]
        == f"{server.url} wants a name and a password (status 401). Give log_shipper_user and log_shipper_password."
    )
    assert "wrong words" not in str(wrong)


def test_refused_template(put: Any, server: Server) -> None:
    server.status = 400
    assert put()["msg"] == f"{server.url} does not take the index template logs-kafka (status 400): same priority as x"


def test_the_first_that_answers(put: Any, server: Server) -> None:
    assert put(urls=["http://127.0.0.1:9", server.url])["url"] == server.url


def test_nobody_answers(put: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []  # where a warning goes from there depends on what else this process has imported
    monkeypatch.setattr(AnsibleModule, "warn", lambda _self, text, **_options: said.append(text))
    silent = put(urls=["http://127.0.0.1:1"])
    assert not silent["changed"] and silent["reachable"] is False
    assert str(said).count("No search server answers: http://127.0.0.1:1 (") == 1
    asked = put(urls=["http://127.0.0.1:1"], require=True)
    assert asked["failed"] and asked["msg"].endswith("log_shipper_require asks for one that does.")
