"""Levels on 3.9, which reads its file only at its start: set and read back over the wire, on the controller and the broker."""

from __future__ import annotations

import time
from pathlib import Path

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError
from tests.lab.change import words
from tests.lab.levels import alike, declare, effective, lines, log_levels, report
from tests.lab.live import Live, figure, playbook, wait_for

RAFT, REQUESTS, CHANNEL = "org.apache.kafka.raft", "kafka.request.logger", "kafka.network.RequestChannel$"
THREE = {RAFT: "DEBUG", REQUESTS: "DEBUG", CHANNEL: "DEBUG"}
USUAL = {RAFT: "INFO", REQUESTS: "WARN", CHANNEL: "WARN"}
FILES = {RAFT: "server.log", REQUESTS: "kafka-request.log"}


def test_three_loggers_change_without_a_restart_and_their_lines_appear(live: Live) -> None:
    before = live.processes()
    play = log_levels(*declare(THREE))
    assert play.code == 0, play.output
    assert effective(live, THREE) == alike(live.nodes, THREE)
    for logger, file in FILES.items():
        wait_for(
            f"DEBUG of {logger}", 20, lambda logger=logger, file=file: all(lines(live, "DEBUG", logger, file).values())
        )
    assert live.processes() == before
    figure(f"three levels on 1 + 1 of 3.9.2, live: {play.wall:.1f} s wall, {play.cpu:.1f} s CPU on the control node")


def test_a_second_run_changes_nothing(live: Live) -> None:
    play = log_levels(*declare(THREE))
    assert play.code == 0, play.output
    assert play.total("changed") == 0, play.output


def test_loggers_that_are_removed_are_back_and_silent(live: Live) -> None:
    before = live.processes()
    assert log_levels().code == 0
    assert effective(live, THREE) == alike(live.nodes, USUAL)
    counts = {logger: lines(live, "DEBUG", logger, file) for logger, file in FILES.items()}
    time.sleep(3)  # a node at DEBUG writes several lines of each a second
    assert {logger: lines(live, "DEBUG", logger, file) for logger, file in FILES.items()} == counts
    assert live.processes() == before


def test_a_logger_that_is_not_there_is_skipped_or_waits_for_a_restart(live: Live) -> None:
    manager, own = "kafka.server.ReplicaManager", "com.example.Interceptor"
    (controller,), (broker,) = live.controllers, live.brokers
    play = log_levels(*declare({manager: "DEBUG", own: "DEBUG"}))
    assert play.code == 0, play.output
    said = words(play.output)
    assert f"{controller.name}: {manager} skipped, only a broker has it" in said, play.output
    assert f"{own} pending restart, the running process has no such logger" in said, play.output
    assert effective(live, [manager, own]) == {controller.name: {}, broker.name: {manager: "DEBUG"}}
    live.run(broker.name, "systemctl restart kafka.service")
    wait_for("the restarted broker", 60, lambda: _has(live, broker.name, {manager: "DEBUG", own: "DEBUG"}))
    assert log_levels().code == 0
    assert effective(live, [manager, own]) == {controller.name: {}, broker.name: {manager: "INFO", own: "INFO"}}


def test_drift_is_found_and_site_repairs_it(live: Live, tmp_path: Path) -> None:
    tool = "kafka-configs --alter --entity-type broker-loggers --entity-name {} --add-config {}=TRACE"
    live.at_once({name: tool.format(node.node_id, RAFT) for name, node in live.nodes.items()})
    found = report(tmp_path)[1]
    assert {name: node["left_on"] for name, node in found["nodes"].items()} == {name: [RAFT] for name in live.nodes}
    play = playbook("site.yml")
    assert play.code == 0, play.output
    assert effective(live, [RAFT]) == alike(live.nodes, {RAFT: "INFO"})
    assert report(tmp_path)[1]["lines"][0].startswith("2 of 2 nodes: every logger has its declared level")


def _has(live: Live, name: str, levels: dict[str, str]) -> bool:
    try:
        return effective(live, levels, [name]) == {name: levels}
    except AdminError:  # it is starting
        return False
