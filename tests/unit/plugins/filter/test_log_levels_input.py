"""What a run of log_levels.yml is asked for: refused with the inventory, all at once, before a host is contacted."""

from __future__ import annotations

from typing import Any

import pytest

SIX = "controller-1, controller-2, controller-3 and 3 more"
LEVELS = "FATAL ERROR WARN INFO DEBUG TRACE"
DURATION = "not a duration. Use a number and s, m, h or d, such as 90s, 30m or 2h."
STEPS = "not the sizes of steps. Use numbers of nodes or shares of all nodes, such as [1, 25%, 100%]."
OVERRIDE, TTL, MAX = "kafka_log_level_override", "kafka_log_level_ttl", "kafka_log_levels_max_ttl"
DICT = """not a dict. Write it as JSON: -e '{"kafka_log_level_override": {"kafka.server": "DEBUG"}}'; {} ends those that are on."""

WISHES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {"apply": "live", "override": {}, "serial": [1, "25%", "100%"], "temporary": False, "ttl": 3600}),
    (
        {OVERRIDE: {"kafka.server": "debug", "Root": "warn"}, TTL: "30m"},
        {"override": {"kafka.server": "DEBUG", "root": "WARN"}, "temporary": True, "ttl": 1800},
    ),
    ({OVERRIDE: {}}, {"override": {}, "temporary": True}),
    ({OVERRIDE: "{}"}, {"override": {}, "temporary": True}),
    ({OVERRIDE: '{"a.B$": "TRACE"}'}, {"override": {"a.B$": "TRACE"}, "temporary": True}),
    ({TTL: "1d2h3m4s", MAX: "2d"}, {"ttl": 93784}),
    ({TTL: "24h"}, {"ttl": 86400}),
    ({"kafka_log_levels_serial": 2}, {"serial": [2]}),
    ({"kafka_log_levels_serial": "50%"}, {"serial": ["50%"]}),
    ({"kafka_log_levels_serial": '[1, "100%"]'}, {"serial": [1, "100%"]}),
    ({"kafka_log_levels_apply": "restart"}, {"apply": "restart"}),
]


@pytest.mark.parametrize(("variables", "expected"), WISHES)
def test_wishes(inventory: Any, variables: dict[str, Any], expected: dict[str, Any]) -> None:
    found = inventory.set("all", **variables).check()
    assert found["problems"] == []
    assert found["log_levels"] == {**WISHES[0][1], **expected}


REFUSED: list[tuple[dict[str, Any], list[str]]] = [
    ({OVERRIDE: "kafka.server=DEBUG"}, [f"{OVERRIDE} = kafka.server=DEBUG: {DICT}"]),
    ({OVERRIDE: ""}, [f"{OVERRIDE}: {DICT}"]),
    ({OVERRIDE: ["kafka.server"]}, [f"{OVERRIDE} = ['kafka.server']: {DICT}"]),
    (
        {OVERRIDE: {"kafka.server": "LOUD", "a b": "INFO", "root": None, "c": False, "d": "OFF", "$(x)": "INFO"}},
        [
            f"{OVERRIDE}[kafka.server] = LOUD: not a log level. Use one of {LEVELS}.",
            f"{OVERRIDE}[a b] = INFO: not a logger name. Use the name of a package or class, such as kafka.server, "
            "or root for everything else.",
            f"{OVERRIDE}[root]: the root logger cannot be removed, all others inherit from it. Use one of {LEVELS}.",
            f"{OVERRIDE}[c] = false: YAML reads on, off, yes and no as truth values, and none of them is a log level. "
            f"Use one of {LEVELS}.",
            f"{OVERRIDE}[d] = OFF: OFF cannot be set on a running node. Use one of {LEVELS}; FATAL is the quietest.",
            f"{OVERRIDE}[$(x)] = INFO: not a logger name. Use the name of a package or class, such as kafka.server, "
            "or root for everything else.",
        ],
    ),
    ({TTL: "soon"}, [f"{TTL} = soon: {DURATION}"]),
    ({TTL: ""}, [f"{TTL}: {DURATION}"]),
    ({TTL: 30}, [f"{TTL} = 30: {DURATION}"]),
    ({TTL: "0s"}, [f"{TTL} = 0s: {DURATION}"]),
    ({TTL: "30s5m"}, [f"{TTL} = 30s5m: {DURATION}"]),
    (
        {TTL: "25h"},
        [f"{TTL} = 25h: longer than {MAX}, which is 24h. Use a shorter time, or raise {MAX}."],
    ),
    (
        {TTL: "3d", MAX: "2d"},
        [f"{TTL} = 3d: longer than {MAX}, which is 2d. Use a shorter time, or raise {MAX}."],
    ),
    ({MAX: "for ever"}, [f"{MAX} = for ever: {DURATION}"]),
    ({"kafka_log_levels_serial": 0}, [f"kafka_log_levels_serial = 0: {STEPS}"]),
    ({"kafka_log_levels_serial": []}, [f"kafka_log_levels_serial = []: {STEPS}"]),
    ({"kafka_log_levels_serial": [1, "110%"]}, [f"kafka_log_levels_serial = [1, '110%']: {STEPS}"]),
    ({"kafka_log_levels_serial": "[1,"}, [f"kafka_log_levels_serial = [1,: {STEPS}"]),
    ({"kafka_log_levels_serial": True}, [f"kafka_log_levels_serial = true: {STEPS}"]),
    (
        {"kafka_log_levels_apply": "reboot"},
        ["kafka_log_levels_apply = reboot: not a value that is known here. Use live or restart."],
    ),
    (
        {"kafka_log_levels_apply": "restart", OVERRIDE: {"kafka": "DEBUG"}},
        [
            f"kafka_log_levels_apply = restart: a restart ends temporary levels. Leave out {OVERRIDE}, or "
            "kafka_log_levels_apply."
        ],
    ),
]


@pytest.mark.parametrize(("variables", "expected"), REFUSED)
def test_refused(inventory: Any, variables: dict[str, Any], expected: list[str]) -> None:
    assert inventory.set("all", **variables).problems() == [f"{SIX}: {text}" for text in expected]


def test_all_problems_at_once(inventory: Any) -> None:
    inventory.set("all", kafka_heap="x", **{OVERRIDE: {"a": "b"}, TTL: "c"})
    assert len(inventory.problems()) == 3


def test_hosts_that_are_told_different_things(inventory: Any) -> None:
    inventory.set("broker-1", kafka_log_level_ttl="5m")
    assert inventory.problems() == [
        "kafka_log_level_ttl: a run has one, and the hosts are told several: 3600 on controller-1, controller-2, "
        "controller-3 and 2 more; 300 on broker-1. Give it on the command line, and choose hosts with --limit."
    ]


@pytest.mark.parametrize("name", [OVERRIDE, TTL, MAX, "kafka_log_levels_serial", "kafka_log_levels_apply"])
def test_they_are_known_and_a_slip_of_the_pen_is_not(inventory: Any, name: str) -> None:
    value = {OVERRIDE: {}, TTL: "1h", MAX: "2h", "kafka_log_levels_serial": 1, "kafka_log_levels_apply": "live"}[name]
    assert inventory.set("all", **{name: value}).check()["warnings"] == []
    wrong = inventory.set("all", **{f"{name}s"[:-2] + "x": value}).check()["warnings"]
    assert len(wrong) == 1
    assert f"Did you mean {name}?" in wrong[0]["fix"]
