"""Levels of the inventory on all nodes, live: set, read back, seen in the logs, and gone again."""

from __future__ import annotations

import time
from pathlib import Path

from tests.lab.change import Processes, words
from tests.lab.levels import Watch, alike, declare, effective, lines, log_levels, override, report
from tests.lab.live import Live, figure, wait_for
from tests.lab.temporary import wait_for_level

RAFT, REQUESTS, SERVER = "org.apache.kafka.raft", "kafka.request.logger", "kafka.server"
THREE = {RAFT: "DEBUG", REQUESTS: "DEBUG", SERVER: "DEBUG"}
MANAGER, OWN, QUIET = "kafka.server.ReplicaManager", "com.example.Interceptor", "kafka.network"
BROKER, CONTROLLER = "broker-2", "controller-1"
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
    assert f"check mode: {len(live.nodes)} of {len(live.nodes)} nodes would change" in words(play.output), play.output
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


def test_a_temporary_level_of_a_logger_that_nobody_has_is_refused_before_anything(live: Live) -> None:
    wrong = {"kafka.sever": "TRACE", "RequestChannel": "DEBUG", QUIET: "TRACE"}
    play = log_levels(*override(wrong), "--limit", "kafka_brokers")
    assert play.code != 0, play.output
    assert play.total("changed") == 0, play.output
    said = words(play.output)
    why = "no node of this run has such a logger, and a temporary level makes none. The most similar"
    assert f"kafka_log_level_override[kafka.sever] = TRACE: {why}: kafka.server" in said
    assert f"kafka_log_level_override[RequestChannel] = DEBUG: {why}: kafka.network.RequestChannel$" in said
    assert "2 problems found, listed above. Nothing was changed." in said
    assert effective(live, [QUIET]) == alike(live.nodes, {QUIET: "INFO"})


def test_a_temporary_level_is_set_where_the_logger_is(live: Live, tmp_path: Path) -> None:
    play = log_levels(*override({MANAGER: "TRACE"}), "--limit", f"{BROKER},{CONTROLLER}")
    assert play.code == 0, play.output
    assert f"{CONTROLLER}: {MANAGER} skipped, only a broker has it" in words(play.output), play.output
    assert [name for name, found in effective(live, [MANAGER]).items() if found == {MANAGER: "TRACE"}] == [BROKER]
    found = report(tmp_path, *declare(THREE))[1]["nodes"]
    (one,) = found[BROKER]["temporary"]
    assert (one["logger"], one["level"], one["in_force"]) == (MANAGER, "TRACE", True)
    assert 300 < one["remaining_seconds"] <= 600
    assert [name for name, node in found.items() if node["drift"]] == []


def test_one_that_a_reload_of_the_file_has_dropped_is_set_again(live: Live) -> None:
    """Somebody touches the file by hand. The host looks every minute; here it is told to look now."""
    live.run(BROKER, "systemctl stop kafka-log-levels.timer && touch /etc/kafka/log4j2.yaml")
    try:
        wait_for_level(live, BROKER, MANAGER, THREE[SERVER], 60)  # which it inherits
        live.run(BROKER, "systemctl start kafka-log-levels@now.service")
    finally:
        live.run(BROKER, "systemctl start kafka-log-levels.timer")
    assert effective(live, [MANAGER], [BROKER]) == {BROKER: {MANAGER: "TRACE"}}


def test_declared_levels_outlast_a_gated_restart_of_all_nodes_and_temporary_ones_end_with_it(live: Live) -> None:
    """The way for what a running process cannot load (kafka_log_levels_apply); and what the live way saves."""
    before = Processes(live)
    play = log_levels(*declare(THREE), "-e", "kafka_log_levels_apply=restart")
    assert play.code == 0, play.output
    assert before.restarted(Processes(live)) == dict.fromkeys(live.nodes, 1)
    assert effective(live, THREE) == alike(live.nodes, THREE)
    assert effective(live, [MANAGER], [BROKER]) == {BROKER: {MANAGER: THREE[SERVER]}}
    figure(f"the same by a rolling restart: {play.wall:.0f} s wall, {play.cpu:.0f} s CPU on the control node")


def test_loggers_that_are_removed_are_back_and_silent_and_a_new_one_comes_with_the_file(live: Live) -> None:
    before = live.processes()
    play = log_levels(*declare({SERVER: "DEBUG", OWN: "TRACE"}))
    assert play.code == 0, play.output
    assert effective(live, [*THREE, OWN]) == alike(live.nodes, {**USUAL, SERVER: "DEBUG", OWN: "TRACE"})
    counts = {logger: lines(live, "DEBUG", logger, file) for logger, file in FILES.items()}
    time.sleep(3)  # a node at DEBUG writes several lines of each a second
    assert {logger: lines(live, "DEBUG", logger, file) for logger, file in FILES.items()} == counts
    assert log_levels().code == 0
    assert effective(live, THREE) == alike(live.nodes, USUAL)
    assert live.processes() == before
