"""What the demo says of its dashboards."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tools.demo_report import grafana_lines


class Health(BaseHTTPRequestHandler):
    """A Grafana that is well."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is the base class's)
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Health)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_where_the_dashboards_are(port: int) -> None:
    assert grafana_lines(port, "secret", []) == [
        f"Grafana      http://127.0.0.1:{port}/d/kafka-overview (admin / secret)",
        f"             http://127.0.0.1:{port}/dashboards/f/kraftops-kafka: all dashboards; give them five minutes of traffic",
    ]


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        ([{"name": "grafana", "reason": "it is in no package registry"}], "it is in no package registry"),
        ([{"name": "other", "reason": "x"}], "it does not answer"),
    ],
)
def test_how_to_see_them_without_grafana(missing: list[dict[str, str]], reason: str) -> None:
    assert grafana_lines(1, "secret", missing) == [
        f"Grafana      is not there: {reason}",
        "             make preview draws its dashboards into tests/output/preview (after five minutes of traffic)",
    ]
