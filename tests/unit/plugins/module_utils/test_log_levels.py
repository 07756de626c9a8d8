"""Inheritance of levels, what differs, what brings it back; and names that are nearly right."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._log_levels import (
    LOADED_PREFIX,
    Change,
    changes,
    declared,
    effective,
    marker,
    near,
    parents,
    unlisted,
    wrong,
)

DECLARED = {"root": "INFO", "kafka": "INFO", "kafka.request.logger": "WARN", "org.apache.kafka": "INFO"}
MARKER = f"{LOADED_PREFIX}0123456789ab"
LIVE = {
    "root": "INFO",
    "io.netty": "INFO",
    "kafka": "INFO",
    "kafka.network": "INFO",
    "kafka.network.RequestChannel$": "INFO",
    "kafka.request.logger": "WARN",
    "kafka.server": "INFO",
    "kafka.server.KafkaApis": "INFO",
    "kafka.server.ReplicaManager": "INFO",
    "org.apache.kafka": "INFO",
    MARKER: "INFO",
}

EFFECTIVE = [
    ("root", "INFO"),
    ("kafka", "INFO"),
    ("kafka.request.logger", "WARN"),
    ("kafka.request.logger.Sub", "WARN"),
    ("kafka.request", "INFO"),
    ("kafkaesque.Castle", "INFO"),
    ("kafka.network.RequestChannel$", "INFO"),
]


@pytest.mark.parametrize(("logger", "level"), EFFECTIVE)
def test_a_logger_has_its_own_level_or_the_nearest_parents(logger: str, level: str) -> None:
    assert effective(logger, {**DECLARED, "kafkaesque": "INFO", "root": "INFO"}) == level


def test_every_logger_ends_at_the_root() -> None:
    assert effective("com.example.A", {"root": "ERROR", "com.example.AB": "TRACE"}) == "ERROR"
    assert list(parents("a.b.C$D")) == ["a.b", "a", "root"]
    assert list(parents("a")) == ["root"]


# What is wanted beside DECLARED, what is live instead of LIVE, and what is to be done: (logger, from, to, value to set).
CHANGES = [
    ({}, {}, []),
    ({"kafka.server": "DEBUG"}, {}, [("kafka.server", "INFO", "DEBUG", "DEBUG")]),
    ({"kafka.network.RequestChannel$": "TRACE"}, {}, [("kafka.network.RequestChannel$", "INFO", "TRACE", "TRACE")]),
    # set by hand, or no longer declared: it inherits again, and its children with it
    (
        {},
        {"kafka.server": "DEBUG", "kafka.server.KafkaApis": "DEBUG", "kafka.server.ReplicaManager": "DEBUG"},
        [("kafka.server", "DEBUG", "INFO", None)],
    ),
    ({}, {"kafka.server.KafkaApis": "TRACE"}, [("kafka.server.KafkaApis", "TRACE", "INFO", None)]),
    # what the file says is set, not removed
    ({}, {"kafka.request.logger": "INFO"}, [("kafka.request.logger", "INFO", "WARN", "WARN")]),
    # the root too, and those that follow it are left alone
    ({"root": "WARN"}, {}, [("root", "INFO", "WARN", "WARN")]),
    # a child with another level than its wrong parent has it itself
    (
        {},
        {"kafka.server": "WARN", "kafka.server.KafkaApis": "TRACE", "kafka.server.ReplicaManager": "WARN"},
        [("kafka.server", "WARN", "INFO", None), ("kafka.server.KafkaApis", "TRACE", "INFO", None)],
    ),
    # declared where nothing has been loaded yet: nothing can be set
    ({"a.b.C": "DEBUG"}, {}, []),
    # the marker is nobody's business
    ({"kraftops": "DEBUG"}, {}, []),
]


@pytest.mark.parametrize(("wanted", "live", "expected"), CHANGES)
def test_changes(
    wanted: dict[str, str], live: dict[str, str], expected: list[tuple[str, str, str, str | None]]
) -> None:
    assert changes({**LIVE, **live}, {**DECLARED, **wanted}) == [Change(*one) for one in expected]


def test_wrong_names_those_that_follow_too() -> None:
    assert wrong(LIVE, {**DECLARED, "kafka.server": "DEBUG"}) == {
        "kafka.server": "DEBUG",
        "kafka.server.KafkaApis": "DEBUG",
        "kafka.server.ReplicaManager": "DEBUG",
    }


def test_unlisted() -> None:
    assert unlisted(LIVE, {**DECLARED, "a.B": "INFO", "kafka.sever": "DEBUG", f"{LOADED_PREFIX}ff": "INFO"}) == [
        "a.B",
        "kafka.sever",
    ]


NEAR = [
    ("kafka.sever", ["kafka.server"]),
    ("KAFKA.SERVER", ["kafka.server"]),
    ("RequestChannel", ["kafka.network.RequestChannel$"]),
    ("kafka.network.RequestChannel", ["kafka.network.RequestChannel$"]),
    ("org.apache.kafka.server.ReplicaManager", ["kafka.server.ReplicaManager"]),
    ("zzz", []),
    (MARKER[:-1], []),
]


@pytest.mark.parametrize(("name", "first"), NEAR)
def test_near(name: str, first: list[str]) -> None:
    assert near(name, LIVE)[:1] == first
    assert MARKER not in near(name, LIVE)


def test_what_lies_on_the_host_is_declared(tmp_path: Path) -> None:
    assert declared(str(tmp_path)) == {}
    (tmp_path / "log4j.properties").write_text(
        f"log4j.rootLogger=WARN, A\nlog4j.logger.kafka=DEBUG\nlog4j.logger.kafka.server=INHERITED\nlog4j.logger.{MARKER}=INHERITED\n"
    )
    assert declared(str(tmp_path)) == {"root": "WARN", "kafka": "DEBUG"}


def test_marker() -> None:
    assert marker(f'      - name: "{MARKER}"\n') == MARKER
    assert marker("Configuration: {}\n") == ""
