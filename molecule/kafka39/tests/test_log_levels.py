"""Levels on 3.9, which reads its file only at its start: set and read back over the wire, on the controller and the broker."""

from __future__ import annotations

import json
import time
from pathlib import Path

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError
from tests.lab.change import Processes, wait_until_whole, words
from tests.lab.levels import alike, declare, effective, lines, log_levels, override, report, set_by_hand
from tests.lab.live import Live, figure, playbook, wait_for
from tests.lab.temporary import CLEAR, NAMES, STATE, oversized, remembered, storm, wait_for_level

RAFT, REQUESTS, CHANNEL = "org.apache.kafka.raft", "kafka.request.logger", "kafka.network.RequestChannel$"
MANAGER, OWN, SERVER = "kafka.server.ReplicaManager", "com.example.Interceptor", "kafka.server"
THREE = {RAFT: "DEBUG", REQUESTS: "DEBUG", CHANNEL: "DEBUG"}
USUAL = {RAFT: "INFO", REQUESTS: "WARN", CHANNEL: "WARN"}
FILES = {RAFT: "server.log", REQUESTS: "kafka-request.log"}
SIZE, COUNT = 200 << 10, 2
SMALL = ("-e", json.dumps({"kafka_log_file_size": f"{SIZE >> 10}KB", "kafka_log_file_count": COUNT}))
LOUD = ("root", "kafka", "org.apache.kafka", REQUESTS)
LEFT = f"ls {STATE} 2>&- || true"


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


def test_loggers_that_are_removed_are_back_and_what_waits_for_a_restart_is_said(live: Live) -> None:
    (controller,), (broker,) = live.controllers, live.brokers
    before = live.processes()
    play = log_levels(*declare({MANAGER: "DEBUG", OWN: "DEBUG"}), *SMALL)
    assert play.code == 0, play.output
    said = words(play.output)
    assert f"{controller.name}: {MANAGER} skipped, only a broker has it" in said, play.output
    assert f"{OWN} pending restart, the running process has no such logger" in said, play.output
    both = f"{controller.name}, {broker.name}"
    assert f"{both}: its log files change with the next restart, its levels are set live" in said, play.output
    assert effective(live, [MANAGER, OWN]) == {controller.name: {}, broker.name: {MANAGER: "DEBUG"}}
    assert effective(live, THREE) == alike(live.nodes, USUAL)
    counts = {logger: lines(live, "DEBUG", logger, file) for logger, file in FILES.items()}
    time.sleep(3)  # a node at DEBUG writes several lines of each a second
    assert {logger: lines(live, "DEBUG", logger, file) for logger, file in FILES.items()} == counts
    assert live.processes() == before


def test_a_stopped_broker_keeps_no_level_from_the_controller_and_has_it_once_it_starts(live: Live) -> None:
    (controller,), (broker,) = live.controllers, live.brokers
    levels = {RAFT: "DEBUG", MANAGER: "DEBUG", OWN: "DEBUG"}
    live.run(broker.name, "systemctl stop kafka.service")
    try:
        play = log_levels(*declare(levels), *SMALL)
        assert play.code != 0, play.output
        assert f"{broker.name}: skipped, " in words(play.output), play.output
        assert effective(live, [RAFT], [controller.name]) == {controller.name: {RAFT: "DEBUG"}}
    finally:
        live.run(broker.name, "systemctl start kafka.service")
    wait_for("the started broker", 120, lambda: _has(live, broker.name, levels))


def test_new_log_files_come_with_a_gated_restart(live: Live) -> None:
    wait_until_whole(live)
    live.everywhere(CLEAR, live.nodes)
    before = Processes(live)
    play = log_levels(*SMALL, "-e", "kafka_log_levels_apply=restart")
    assert play.code == 0, play.output
    assert before.restarted(Processes(live)) == dict.fromkeys(live.nodes, 1)
    assert effective(live, [RAFT, MANAGER, OWN]) == {
        node.name: {RAFT: "INFO", **({MANAGER: "INFO"} if node.role == "broker" else {})}
        for node in live.nodes.values()
    }
    assert "its log files change" not in play.output


def test_drift_by_hand_is_a_storm_within_bounds_and_site_repairs_it_but_leaves_a_temporary_level(
    live: Live, tmp_path: Path
) -> None:
    assert log_levels(*override({SERVER: "DEBUG"}, "20m")).code == 0
    before = live.processes()
    set_by_hand(live, {name: dict.fromkeys(LOUD, "TRACE") for name in live.nodes})
    for name in live.nodes:
        wait_for("nothing of the old size", 120, lambda name=name: not oversized(live, name, SIZE))
        rolls = COUNT + 2 if live.nodes[name].role == "broker" else 0
        found = storm(live, name, 6, rolls)
        bound = (COUNT + 1) * SIZE
        assert {file: most for file, most in found["most"].items() if most > bound} == {}, name
        assert found["all"] <= bound * len(NAMES)
        figure(f"3.9.2, TRACE on {name}: server.log rolled {found['rolled']} times, all at most {found['all']} bytes")
        assert found["rolled"] >= rolls
    nodes = report(tmp_path, *SMALL)[1]["nodes"]
    assert {name: set(node["left_on"]) >= set(LOUD) for name, node in nodes.items()} == dict.fromkeys(live.nodes, True)
    play = playbook("site.yml", *SMALL)
    assert play.code == 0, play.output
    assert effective(live, [*USUAL, SERVER]) == alike(live.nodes, {**USUAL, SERVER: "DEBUG"})
    assert live.processes() == before


def test_a_temporary_level_ends_by_itself_also_where_the_process_was_paused(live: Live) -> None:
    """A shorter time replaces the one of the test before; no control node is there when it ends."""
    (controller,), (broker,) = live.controllers, live.brokers
    play = log_levels(*override({SERVER: "DEBUG"}, "30s"))
    assert play.code == 0, play.output
    live.run(broker.name, "systemctl kill --signal=STOP kafka.service")
    try:
        wait_for_level(live, controller.name, SERVER, "INFO", 90)
        assert SERVER in remembered(live, broker.name)
    finally:
        live.run(broker.name, "systemctl kill --signal=CONT kafka.service")
    wait_for_level(live, broker.name, SERVER, "INFO", 60)
    wait_for("no state", 30, lambda: not any(live.everywhere(LEFT, live.nodes).values()))


def test_everything_is_as_declared_again(live: Live) -> None:
    wait_until_whole(live)
    play = log_levels()
    assert play.code == 0, play.output
    assert "2 of 2 nodes: every logger has its declared level" in words(play.output)


def _has(live: Live, name: str, levels: dict[str, str]) -> bool:
    try:
        return effective(live, levels, [name]) == {name: levels}
    except AdminError:  # it is starting
        return False
