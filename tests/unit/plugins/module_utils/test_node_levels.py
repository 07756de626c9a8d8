"""One node's levels: set and read back across the reload of its file, with temporary ones on top."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _node_levels as node_levels
from ansible_collections.kraftops.kafka.plugins.module_utils import _temporary_levels as temporary_levels
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_configs import RefusedError
from ansible_collections.kraftops.kafka.plugins.module_utils._node_levels import NodeLevels, Outcome, Request
from ansible_collections.kraftops.kafka.plugins.module_utils._temporary_levels import Temporary
from tests.unit.plugins.running_loggers import Loggers

START, EARLIER = "0" * 32, "1" * 32
NOW = 1000.0
MARKER = "kraftops.loaded.0123456789ab"
LOADED: dict[str, str | None] = {
    "root": "INFO",
    "kafka": "INFO",
    "kafka.server": None,
    "kafka.network": None,
    MARKER: None,
}


def text(**levels: str) -> str:
    """Return a log4j2.yaml as the collection writes it; `kafka_server` stands for kafka.server."""
    loggers = {"kafka": "INFO", "kafka_server": "", **levels, MARKER: ""}
    lines = ["  Loggers:", "    Root:", '      level: "INFO"', "    Logger:"]
    for name, level in loggers.items():
        lines.append(f'      - name: "{name.replace("_", ".")}"')
        lines += [f'        level: "{level}"'] if level else []
    return "Configuration:\n" + "\n".join(lines) + "\n"


class Node:
    """A node that is asked, its host's clock and files, and the timers that were made."""

    def __init__(self, folder: Path, live: Loggers) -> None:
        self.file = folder / "log4j2.yaml"
        self.live = live
        self.timers: list[float] = []
        self.slept: list[float] = []

    def apply(self, content: str, node_id: int = 11, **wishes: Any) -> Outcome:
        self.file.write_text(content)
        os.utime(self.file, (NOW, NOW))
        request = Request(path=str(self.file), text=content, **wishes)
        return NodeLevels(("b-11:9092", node_id), request, self.timers.append).apply(NOW)


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Node]:
    """Return a maker of nodes; `reload` is what the process has loaded after some sleeps."""

    def made(
        live: dict[str, str | None] | None = None, reload: dict[str, str | None] | None = None, after: int = 2
    ) -> Node:
        node = Node(tmp_path, Loggers(dict(LOADED if live is None else live)))

        def sleep(seconds: float) -> None:
            node.slept.append(seconds)
            if reload is not None and len(node.slept) == after:
                node.live.own = dict(reload)

        monkeypatch.setattr(node_levels, "LoggersNode", lambda _address: node.live)
        monkeypatch.setattr(node_levels, "invocation", lambda: START)
        monkeypatch.setattr(time, "sleep", sleep)
        monkeypatch.setattr(time, "time", lambda: NOW + sum(node.slept))
        return node

    monkeypatch.setattr(temporary_levels, "STATE", str(tmp_path / "state.json"))
    monkeypatch.setattr(temporary_levels.load, "__defaults__", (str(tmp_path / "state.json"),))
    monkeypatch.setattr(temporary_levels.keep, "__defaults__", (str(tmp_path / "state.json"),))
    return made


def test_nothing_differs(make: Callable[..., Node]) -> None:
    outcome = make().apply(text())
    assert (outcome.answered, outcome.changes, outcome.refused, outcome.temporary) == (True, [], [], [])
    assert (outcome.loaded, outcome.temporary_changed, outcome.unlisted) == (True, False, {})


def test_a_level_is_set_at_once_and_nobody_waits(make: Callable[..., Node]) -> None:
    """The file brings the same level by itself a moment later."""
    node = make(live={name: level for name, level in LOADED.items() if name != MARKER})
    outcome = node.apply(text(kafka_server="DEBUG"))
    assert outcome.changes == [{"logger": "kafka.server", "from": "INFO", "to": "DEBUG", "temporary": False}]
    assert node.live.requests == [[("kafka.server", "DEBUG")]]
    assert (outcome.loaded, outcome.refused, node.slept) == (False, [], [])


def test_a_logger_that_only_the_new_file_makes_is_waited_for(make: Callable[..., Node]) -> None:
    before = {name: level for name, level in LOADED.items() if name != MARKER}
    node = make(before, reload={**LOADED, "a.b.C": "DEBUG"})
    outcome = node.apply(text(**{"a.b.C": "DEBUG"}))
    assert outcome.changes == [{"logger": "a.b.C", "from": None, "to": "DEBUG", "temporary": False}]
    assert (outcome.loaded, outcome.unlisted, node.slept) == (True, {}, [0.5, 0.5])


def test_a_process_that_does_not_watch_is_given_up(make: Callable[..., Node]) -> None:
    node = make({name: level for name, level in LOADED.items() if name != MARKER})
    outcome = node.apply(text(**{"kafka.servr.A": "DEBUG"}), await_reload=True)
    assert (outcome.loaded, outcome.unlisted) == (False, {"kafka.servr.A": ["kafka.server"]})
    assert sum(node.slept) == 8.0


def test_what_a_reload_drops_is_set_again(make: Callable[..., Node]) -> None:
    """Temporary levels live only until the process reads a new file."""
    temporary_levels.keep({"kafka.network": Temporary("TRACE", NOW + 60, START)})
    before = {**LOADED, "kafka.network": "TRACE"}
    del before[MARKER]
    node = make(before, reload={**LOADED, "kafka.server": "DEBUG"})
    outcome = node.apply(text(kafka_server="DEBUG"))
    assert node.live.own["kafka.network"] == "TRACE"
    assert outcome.temporary == [{"logger": "kafka.network", "level": "TRACE", "remaining_seconds": 60}]
    assert [one["logger"] for one in outcome.changes] == ["kafka.server"]
    assert (outcome.temporary_changed, node.timers) == (False, [])


def test_a_temporary_level_has_its_end_before_it_is_set(make: Callable[..., Node]) -> None:
    node = make()
    outcome = node.apply(text(), temporary={"kafka.server": "TRACE", "kafka.sever": "DEBUG"}, ttl=90)
    assert node.timers == [NOW + 90]
    assert temporary_levels.load() == {"kafka.server": Temporary("TRACE", NOW + 90, START)}
    assert outcome.changes == [{"logger": "kafka.server", "from": "INFO", "to": "TRACE", "temporary": True}]
    assert outcome.unlisted == {"kafka.sever": ["kafka.server"]}
    assert (outcome.temporary_changed, node.live.own["kafka.server"]) == (True, "TRACE")


def test_without_a_timer_nothing_is_set(make: Callable[..., Node]) -> None:
    node = make()

    def refuse(_until: float) -> None:
        raise OSError("no systemd")

    node.timers = type("Timers", (), {"append": staticmethod(refuse)})()
    with pytest.raises(OSError, match="no systemd"):
        node.apply(text(), temporary={"kafka.server": "TRACE"}, ttl=90)
    assert (node.live.requests, temporary_levels.load()) == ([], {})


def test_temporary_levels_add_up_and_an_empty_wish_ends_them(make: Callable[..., Node]) -> None:
    node = make()
    node.apply(text(), temporary={"kafka.server": "TRACE"}, ttl=90)
    outcome = node.apply(text(), temporary={"kafka.network": "DEBUG"}, ttl=30)
    assert [one["remaining_seconds"] for one in outcome.temporary] == [30, 90]
    assert node.timers == [NOW + 90, NOW + 30]
    ended = node.apply(text(), temporary={})
    assert [one["to"] for one in ended.changes] == ["INFO", "INFO"]
    assert (ended.temporary, ended.temporary_changed, temporary_levels.load()) == ([], True, {})
    again = node.apply(text(), temporary={})
    assert (again.changes, again.temporary_changed) == ([], False)


ENDED = [Temporary("TRACE", NOW - 1, START), Temporary("TRACE", NOW + 60, EARLIER)]


@pytest.mark.parametrize("entry", ENDED)
def test_a_level_that_has_ended_or_is_of_an_earlier_start_does_not_count(
    make: Callable[..., Node], entry: Temporary
) -> None:
    temporary_levels.keep({"kafka.server": entry})
    node = make({**LOADED, "kafka.server": "TRACE"})
    outcome = node.apply(text())
    assert outcome.changes == [{"logger": "kafka.server", "from": "TRACE", "to": "INFO", "temporary": False}]
    assert (outcome.temporary, temporary_levels.load()) == ([], {})


def test_a_dry_run_says_the_same_and_does_nothing(make: Callable[..., Node]) -> None:
    node = make()
    outcome = node.apply(text(kafka_server="DEBUG"), temporary={"kafka.network": "TRACE"}, ttl=60, dry=True)
    assert [(one["logger"], one["to"]) for one in outcome.changes] == [
        ("kafka.network", "TRACE"),
        ("kafka.server", "DEBUG"),
    ]
    assert (node.live.requests, node.timers, temporary_levels.load(), outcome.refused) == ([], [], {}, [])


def test_read_back_decides(make: Callable[..., Node]) -> None:
    node = make()
    node.live.stubborn = {"kafka.server"}
    outcome = node.apply(text(kafka_server="DEBUG"))
    assert outcome.refused == ["kafka.server is INFO, not DEBUG"]
    assert outcome.plain()["why"] == "kafka.server is INFO, not DEBUG"


def test_a_node_that_refuses(make: Callable[..., Node]) -> None:
    with pytest.raises(RefusedError, match=r"Unexpected node id\. Expected 11, but received 12"):
        make().apply(text(), node_id=12)
