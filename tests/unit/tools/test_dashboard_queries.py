"""Queries are filled in as Grafana does it, and sent to a Prometheus; what is wrong is said."""

from __future__ import annotations

import json
import threading
import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tools.dashboards import queries
from tools.dashboards.queries import QueryError, Source

ONE: dict[str, Any] = {"name": "cluster", "type": "query", "definition": 'label_values(up{job="kafka"}, cluster)'}
MANY: dict[str, Any] = {
    "name": "topic",
    "type": "query",
    "definition": 'label_values(kafka:topic:partitions{cluster="$cluster"}, topic)',
    "multi": True,
    "includeAll": True,
    "allValue": ".+",
}
BOARD = {"uid": "kafka-x", "templating": {"list": [{"name": "datasource", "type": "datasource"}, ONE, MANY]}}


class Answers(BaseHTTPRequestHandler):
    """A Prometheus that knows the labels of two clusters, and refuses one query."""

    def do_GET(self) -> None:
        """Answer one request."""
        place = urllib.parse.urlsplit(self.path)
        asked = dict(urllib.parse.parse_qsl(place.query))
        answer: dict[str, Any] = {"status": "success", "data": {"result": [asked]}}
        if place.path.endswith("/values"):
            answer["data"] = [] if "nothing" in asked["match[]"] else ["orders", "billing", asked["match[]"]]
        if asked.get("query") == "broken(":
            answer = {"status": "error", "error": "parse error"}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name is the base class's)
        """Say nothing."""


@pytest.fixture
def source() -> Iterator[Source]:
    server = HTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Source(f"http://127.0.0.1:{server.server_port}/prefix")
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("variable", "values", "expected"),
    [
        (ONE, ["orders"], "orders"),
        (ONE, ['a"b\\c'], 'a\\"b\\\\c'),
        (MANY, ["$__all"], ".+"),
        (MANY, ["orders"], "orders"),
        (MANY, ["a.b", "c-d"], r"(a\\.b|c-d)"),
        (MANY, ["a|b"], r"a\\|b"),
    ],
)
def test_written(variable: dict[str, Any], values: list[str], expected: str) -> None:
    assert queries.written(variable, values) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('up{cluster="$cluster"}', 'up{cluster="orders"}'),
        ("${cluster:queryparam} ${cluster}", "orders orders"),
        ("rate(a[$__rate_interval])", "rate(a[60s])"),
    ],
)
def test_fill(text: str, expected: str) -> None:
    assert queries.fill(text, {"cluster": "orders", "__rate_interval": "60s"}) == expected


def test_a_variable_without_a_value_is_a_fault() -> None:
    with pytest.raises(QueryError, match=r"^\$topic has no value in: up\{topic=\"\$topic\"\}$"):
        queries.fill('up{topic="$topic"}', {"cluster": "orders"})


@pytest.mark.parametrize(("step", "expected"), [(1, "60s"), (15, "60s"), (60, "75s")])
def test_rate_interval(step: float, expected: str) -> None:
    assert Source("http://x", 15).rate_interval(step) == expected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, {"cluster": "billing", "topic": ".+"}),
        ({"cluster": ["orders"]}, {"cluster": "orders", "topic": ".+"}),
        ({"topic": ["a.b"]}, {"cluster": "billing", "topic": r"a\\.b"}),
    ],
)
def test_chosen(source: Source, wanted: dict[str, list[str]], expected: dict[str, str]) -> None:
    assert queries.chosen(BOARD, source, wanted) == expected


def test_a_variable_depends_on_those_before_it(source: Source) -> None:
    assert 'kafka:topic:partitions{cluster="orders"}' in queries.offered(MANY, source, {"cluster": "orders"})


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        (
            "label_values(nothing, cluster)",
            r"^kafka-x: there is nothing to choose for \$cluster: label_values\(nothing, cluster\)$",
        ),
        ("a, b", r"^\$cluster is not filled by label_values\(…\): a, b$"),
    ],
)
def test_nothing_to_choose(source: Source, definition: str, expected: str) -> None:
    board = {"uid": "kafka-x", "templating": {"list": [{**ONE, "definition": definition}]}}
    with pytest.raises(QueryError, match=expected):
        queries.chosen(board, source)


def test_a_query_is_sent_as_it_is(source: Source) -> None:
    assert source.instant('up{a="b&c"}') == [{"query": 'up{a="b&c"}'}]
    assert source.range("up", 10, 20, 5) == [{"query": "up", "start": "10", "end": "20", "step": "5"}]


def test_a_refused_query_is_said(source: Source) -> None:
    with pytest.raises(QueryError, match=r"^parse error in \{'query': 'broken\('\}$"):
        source.instant("broken(")


def test_nobody_answers() -> None:
    with pytest.raises(QueryError, match=r"^http://127\.0\.0\.1:1: .*refused"):
        Source("http://127.0.0.1:1").instant("up")
