"""Log levels over the wire: the requests, the refusals, and levels that are brought to what is wanted."""

from __future__ import annotations

import sysconfig
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._admin_configs import RefusedError
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_loggers import LoggersNode
from tests.unit.plugins.running_loggers import Loggers

LIBRARY = sysconfig.get_path("purelib")
pytestmark = pytest.mark.filterwarnings("ignore:(read|open)_text is deprecated:DeprecationWarning")
OWN: dict[str, str | None] = {
    "root": "INFO",
    "kafka": "INFO",
    "kafka.server": None,
    "kafka.server.KafkaApis": None,
    "kafka.network.RequestChannel$": "WARN",
}
FILE = {"root": "INFO", "kafka": "INFO", "kafka.network.RequestChannel$": "WARN"}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Keep every request, and answer it with success, or with the error of the last entry of `asked`."""
    heard: list[Any] = []

    def ask(_self: LoggersNode, request: Any) -> Any:
        code, said = (40, "Logger x does not exist!") if "refuse" in map(str, heard[-1:]) else (0, None)
        heard.append(request)
        item = SimpleNamespace(error_code=code, error_message=said, configs=[SimpleNamespace(name="x", value="INFO")])
        return SimpleNamespace(results=[item], responses=[item])

    monkeypatch.setattr(LoggersNode, "_ask", ask)
    return heard


def test_requests(asked: list[Any]) -> None:
    with LoggersNode("127.0.0.1:1", library=LIBRARY) as node:
        assert node.log_levels(11) == {"x": "INFO"}
        node.set_log_levels(11, [("kafka.network.RequestChannel$", "TRACE"), ("x", None)])
        node.set_log_levels(11, [])
    assert len(asked) == 2, "nothing to set is no request"
    assert asked[0].resources == [(8, "11", None)]
    assert asked[1].resources == [(8, "11", [("kafka.network.RequestChannel$", 0, "TRACE"), ("x", 1, None)])]
    assert asked[1].validate_only is False


@pytest.mark.parametrize("call", ["read", "set"])
def test_refusals(asked: list[Any], call: str) -> None:
    asked.append("refuse")
    with LoggersNode("127.0.0.1:1", library=LIBRARY) as node, pytest.raises(RefusedError) as caught:
        node.log_levels(11) if call == "read" else node.set_log_levels(11, [("x", "DEBUG")])
    assert (caught.value.code, caught.value.said) == (40, "Logger x does not exist!")
    assert str(caught.value) == "127.0.0.1:1 answered: Logger x does not exist! (error 40)"


BROUGHT: list[tuple[dict[str, str | None], dict[str, str], int]] = [
    ({}, {}, 0),
    ({}, {"kafka.server": "DEBUG"}, 1),
    ({"kafka.server": "DEBUG"}, {}, 1),
    ({"root": "TRACE", "kafka": "TRACE", "kafka.network.RequestChannel$": None}, {}, 1),
    # the child hides behind its parent as long as both have the same wrong level
    ({"kafka.server": "DEBUG", "kafka.server.KafkaApis": "DEBUG"}, {}, 2),
    ({}, {"root": "WARN", "kafka": "ERROR", "kafka.server.KafkaApis": "TRACE"}, 1),
]


@pytest.mark.parametrize(("live", "wanted", "requests"), BROUGHT)
def test_levels_are_brought_to_what_is_wanted(
    live: dict[str, str | None], wanted: dict[str, str], requests: int
) -> None:
    node = Loggers({**OWN, **live})
    own = {**FILE, **wanted}
    found = node.bring_to(11, own)
    assert found == Loggers({**OWN, **dict.fromkeys(OWN), **own}).log_levels(11)
    assert len(node.requests) == requests
    assert node.bring_to(11, own) == found
    assert len(node.requests) == requests, "a second time nothing is set"


def test_a_logger_that_does_not_exist_is_not_sent() -> None:
    node = Loggers(dict(OWN))
    assert "a.b.C" not in node.bring_to(11, {**FILE, "a.b.C": "DEBUG", "kafka.server": "DEBUG"})
    assert node.requests == [[("kafka.server", "DEBUG")]]


def test_a_node_that_keeps_its_level_is_not_asked_for_ever() -> None:
    node = Loggers(dict(OWN), stubborn=["kafka.server"])
    assert node.bring_to(11, {**FILE, "kafka.server": "DEBUG"})["kafka.server"] == "INFO"
    assert len(node.requests) == 5
