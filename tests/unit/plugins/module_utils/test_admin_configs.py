"""Reading and changing configs over the wire: what is asked, and what becomes of the answers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_configs import (
    CLUSTER,
    ConfigsNode,
    RefusedError,
    live_configs,
    live_configs_of,
)

# How kafka-python loads its schemas is its own affair.
pytestmark = pytest.mark.filterwarnings("ignore:(read|open)_text is deprecated:DeprecationWarning")


class Server:
    """Answers every request with what a test has put there."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.answer: Any = None

    def ask(self, node: ConfigsNode, request: Any) -> Any:
        if node.address.startswith("dead"):
            raise AdminError(f"{node.address} cannot be asked: refused")
        self.asked.append(request)
        return self.answer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server()

    def ask(node: ConfigsNode, request: Any) -> Any:
        return made.ask(node, request)

    monkeypatch.setattr(ConfigsNode, "_ask", ask)
    return made


def described(code: int = 0) -> Any:
    synonyms = [
        SimpleNamespace(name="log.retention.ms", value="5", source=3),
        SimpleNamespace(name="log.retention.hours", value="168", source=5),
    ]
    item = SimpleNamespace(
        name="log.retention.ms",
        value="5",
        read_only=False,
        config_source=3,
        is_sensitive=False,
        config_type=5,
        synonyms=synonyms,
    )
    return SimpleNamespace(
        results=[SimpleNamespace(error_code=code, error_message="Unexpected broker id", configs=[item])]
    )


def test_reading(server: Server) -> None:
    server.answer = described()
    assert live_configs("b:9092", 11) == {
        "log.retention.ms": {
            "value": "5",
            "read_only": False,
            "source": 3,
            "sensitive": False,
            "type": "long",
            "synonyms": [
                {"name": "log.retention.ms", "value": "5", "source": 3},
                {"name": "log.retention.hours", "value": "168", "source": 5},
            ],
        }
    }
    (request,) = server.asked
    assert request.resources == [(4, "11", None)]
    assert request.include_synonyms is True


def test_reading_some_keys(server: Server) -> None:
    server.answer = described()
    live_configs("b:9092", 11, iter(["log.retention.ms"]))
    assert server.asked[0].resources == [(4, "11", ["log.retention.ms"])]


def test_a_node_that_is_another(server: Server) -> None:
    server.answer = described(42)
    with pytest.raises(AdminError) as caught:
        live_configs("b:9092", 12)
    assert str(caught.value) == "b:9092 answered: Unexpected broker id (error 42)"


def test_many_nodes(server: Server) -> None:
    server.answer = described()
    found, silent = live_configs_of({11: "b:9092", 12: "dead:9092"})
    assert list(found) == [11]
    assert silent == {12: "dead:9092 cannot be asked: refused"}


def test_changing(server: Server) -> None:
    server.answer = SimpleNamespace(responses=[SimpleNamespace(error_code=0, error_message=None)])
    with ConfigsNode("b:9092") as node:
        node.alter(CLUSTER, [("a", "1"), ("b", None)], validate_only=True)
    (request,) = server.asked
    assert request.resources == [(4, "", [("a", 0, "1"), ("b", 1, None)])]
    assert request.validate_only is True


@pytest.mark.parametrize(
    ("message", "said"), [("Cannot update these configs", "Cannot update these configs"), (None, "InvalidRequestError")]
)
def test_a_refusal(server: Server, message: str | None, said: str) -> None:
    server.answer = SimpleNamespace(responses=[SimpleNamespace(error_code=42, error_message=message)])
    with ConfigsNode("b:9092") as node, pytest.raises(RefusedError) as caught:
        node.alter("11", [("log.dirs", "/x")], validate_only=False)
    assert (caught.value.said, caught.value.code) == (said, 42)
    assert str(caught.value) == f"b:9092 answered: {said} (error 42)"


def test_numbers_of_newer_versions(server: Server) -> None:
    server.answer = described()
    server.answer.results[0].configs[0].config_type = 99
    assert live_configs("b:9092", 11)["log.retention.ms"]["type"] == "unknown"
