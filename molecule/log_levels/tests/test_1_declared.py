"""Levels of the inventory on all nodes, live: set, read back, seen in the logs, and gone again."""

from __future__ import annotations

import time
from pathlib import Path

from tests.lab.change import Processes, words
from tests.lab.levels import Watch, alike, declare, effective, lines, log_levels, override, report
from tests.lab.live import Live, figure, wait_for

RAFT, REQUESTS, SERVER = "org.apache.kafka.raft", "kafka.request.logger", "kafka.server"
THREE = {RAFT: "DEBUG", REQUESTS: "DEBUG", SERVER: "DEBUG"}
FILES = {RAFT: "server.log", REQUESTS: "kafka-request.log"}
USUAL = {RAFT: "INFO", REQUESTS: "WARN", SERVER: "INFO"}
STAT = "stat --format='%Y %i' /etc/kafka/log4j2.yaml"


def test_check_mode_names_each_logger_and_changes_nothing(live: Live) -> None:
    files = live.everywhere(STAT, live.nodes)
    play = log_levels("--check", "--diff", *declare(THREE))
    assert play.code == 0, play.output
    for logger, level in THREE.items():
        shown = (f"-{logger}={USUAL[logger]}", f"+{logger}={level}")
        assert [play.output.count(line) for line in shown] == [len(live.nodes)] * 2, play.output
    assert effective(live, THREE) == alike(live.nodes, USUAL)
    assert live.everywhere(STAT, live.nodes) == files


def test_three_loggers_change_on_all_nodes_step_by_step_without_a_restart(live: Live) -> None:
    before = live.processes()
    with Watch(live, RAFT, "DEBUG") as watch:
        play = log_levels(*declare(THREE))
    assert play.code == 0, play.output
    assert effective(live, THREE) == alike(live.nodes, THREE)
    assert {name for name, row in play.recap.items() if row["changed"]} == set(live.nodes), play.output
    assert play.output.count("PLAY [Set the levels, step by step]") == 3, play.output
    assert f"{len(live.nodes)} of {len(live.nodes)} nodes: every logger has its declared level" in words(play.output)
    assert live.processes() == before
    figure(
        f"three levels on {len(live.nodes)} nodes, live: {play.wall:.1f} s wall, {play.cpu:.1f} s CPU on the control node; "
        f"effective on the last node {watch.last():.1f} s after the start"
    )


def test_the_lines_really_appear(live: Live) -> None:
    for logger, file in FILES.items():
        wait_for(
            f"DEBUG of {logger}", 20, lambda logger=logger, file=file: all(lines(live, "DEBUG", logger, file).values())
        )
    brokers = [node.name for node in live.brokers]
    wait_for(f"DEBUG of {SERVER}", 20, lambda: all(lines(live, "DEBUG", SERVER, "server.log", brokers).values()))


def test_a_second_run_changes_nothing(live: Live) -> None:
    files, before = live.everywhere(STAT, live.nodes), live.processes()
    play = log_levels(*declare(THREE))
    assert play.code == 0, play.output
    assert play.total("changed") == 0, play.output
    assert live.everywhere(STAT, live.nodes) == files
    assert live.processes() == before


def test_loggers_that_are_removed_are_back_and_silent(live: Live) -> None:
    before = live.processes()
    play = log_levels(*declare({SERVER: "DEBUG"}))
    assert play.code == 0, play.output
    assert effective(live, THREE) == alike(live.nodes, {**USUAL, SERVER: "DEBUG"})
    counts = {logger: lines(live, "DEBUG", logger, file) for logger, file in FILES.items()}
    time.sleep(3)  # a node at DEBUG writes several lines of each a second
    assert {logger: lines(live, "DEBUG", logger, file) for logger, file in FILES.items()} == counts
    assert log_levels().code == 0
    assert effective(live, THREE) == alike(live.nodes, USUAL)
    assert live.processes() == before


def test_a_logger_that_no_class_has_made_comes_with_the_file(live: Live) -> None:
    play = log_levels(*declare({"com.example.Interceptor": "TRACE"}))
    assert play.code == 0, play.output
    found = effective(live, ["com.example.Interceptor"])
    assert found == alike(live.nodes, {"com.example.Interceptor": "TRACE"})
    assert log_levels().code == 0


def test_a_temporary_level_of_a_logger_that_nobody_has_is_refused_before_anything(live: Live) -> None:
    wrong = {"kafka.sever": "TRACE", "RequestChannel": "DEBUG", RAFT: "TRACE"}
    play = log_levels(*override(wrong), "--limit", "kafka_brokers")
    assert play.code != 0, play.output
    assert play.total("changed") == 0, play.output
    said = words(play.output)
    why = "no node of this run has such a logger, and a temporary level makes none. The most similar"
    assert f"kafka_log_level_override[kafka.sever] = TRACE: {why}: kafka.server" in said
    assert f"kafka_log_level_override[RequestChannel] = DEBUG: {why}: kafka.network.RequestChannel$" in said
    assert "2 problems found, listed above. Nothing was changed." in said
    assert effective(live, [RAFT]) == alike(live.nodes, {RAFT: "INFO"})


def test_a_temporary_level_is_set_where_the_logger_is_and_an_empty_one_ends_it(live: Live, tmp_path: Path) -> None:
    broker, controller = live.brokers[1].name, live.controllers[0].name
    limit = ("--limit", f"{broker},{controller}")
    manager = "kafka.server.ReplicaManager"
    play = log_levels(*override({manager: "TRACE"}), *limit)
    assert play.code == 0, play.output
    assert f"{controller}: {manager} skipped, only a broker has it" in words(play.output), play.output
    levels = effective(live, [manager])
    assert [name for name, found in levels.items() if found == {manager: "TRACE"}] == [broker]
    found = report(tmp_path)[1]["nodes"]
    (one,) = found[broker]["temporary"]
    assert (one["logger"], one["level"], one["in_force"]) == (manager, "TRACE", True)
    assert 500 < one["remaining_seconds"] <= 600
    assert [name for name, node in found.items() if node["drift"]] == []
    assert log_levels(*override({}), *limit).code == 0
    assert effective(live, [manager])[broker] == {manager: "INFO"}
    assert report(tmp_path)[1]["nodes"][broker]["temporary"] == []


def test_levels_outlast_a_gated_restart_of_all_nodes(live: Live) -> None:
    """The way for what a running process cannot load (kafka_log_levels_apply); and what the live way saves."""
    before = Processes(live)
    play = log_levels(*declare({RAFT: "DEBUG"}), "-e", "kafka_log_levels_apply=restart")
    assert play.code == 0, play.output
    assert before.restarted(Processes(live)) == dict.fromkeys(live.nodes, 1)
    assert effective(live, [RAFT]) == alike(live.nodes, {RAFT: "DEBUG"})
    figure(f"the same by a rolling restart: {play.wall:.0f} s wall, {play.cpu:.0f} s CPU on the control node")
    assert log_levels().code == 0
