"""One node that is not like the others: set by hand, down, or refusing."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.lab.change import wait_until_whole, words
from tests.lab.levels import alike, declare, effective, log_levels, report, set_by_hand
from tests.lab.live import Live
from tests.lab.refusing import Refusing

FILE = "/etc/kafka/log4j2.yaml"
RAFT, SERVER = "org.apache.kafka.raft", "kafka.server"


def test_drift_is_found_named_and_repaired(live: Live, tmp_path: Path) -> None:
    controller, broker = live.controllers[2].name, live.brokers[0].name
    before = live.processes()
    set_by_hand(live, {controller: {RAFT: "TRACE"}, broker: {SERVER: "ERROR"}})
    play, found = report(tmp_path)
    assert play.total("changed") == 0, play.output
    assert {name: node["drift"] for name, node in found["nodes"].items() if node["drift"]} == {
        controller: [{"logger": RAFT, "live": "TRACE", "declared": "INFO"}],
        broker: [{"logger": SERVER, "live": "ERROR", "declared": "INFO"}],
    }
    assert {name: node["left_on"] for name, node in found["nodes"].items() if node["left_on"]} == {controller: [RAFT]}
    said = words(play.output)
    assert f"{controller}: {RAFT} is TRACE, declared INFO; left on, nothing says that it should be" in said
    assert f"{broker}: {SERVER} is ERROR, declared INFO" in said
    mended = log_levels()
    assert mended.code == 0, mended.output
    assert {name for name, row in mended.recap.items() if row["changed"]} == {controller, broker}, mended.output
    assert effective(live, [RAFT, SERVER]) == alike(live.nodes, {RAFT: "INFO", SERVER: "INFO"})
    assert live.processes() == before


def test_who_is_down_is_skipped_and_named_and_the_others_have_the_levels(live: Live, tmp_path: Path) -> None:
    """A broker whose process is stopped, and a controller whose host cannot be reached."""
    down, gone = live.brokers[2].name, live.controllers[2].name
    others = [name for name in live.nodes if name not in (down, gone)]
    ssh, inventory = tmp_path / "ssh", tmp_path / "gone.yml"
    ssh.write_text("#!/bin/sh\nexit 255\n")
    ssh.chmod(0o755)
    inventory.write_text(yaml.safe_dump({"kafka_controllers": {"hosts": {gone: {"ansible_ssh_executable": str(ssh)}}}}))
    live.run(down, "systemctl stop kafka.service")
    try:
        play = log_levels(*declare({RAFT: "DEBUG"}), more=inventory)
        assert play.code != 0, play.output
        said = words(play.output)
        assert f"{down}: skipped, " in said, play.output
        assert "its file holds the levels for its next start" in said, play.output
        assert f"{gone}: skipped, its host does not answer" in said, play.output
        assert "2 nodes were skipped, listed above. All others have their levels." in said, play.output
        assert effective(live, [RAFT], others) == alike(others, {RAFT: "DEBUG"})
    finally:
        live.run(down, "systemctl start kafka.service")
    wait_until_whole(live)
    assert effective(live, [RAFT], [down, gone]) == {down: {RAFT: "DEBUG"}, gone: {RAFT: "INFO"}}
    assert log_levels().code == 0
    assert effective(live, [RAFT]) == alike(live.nodes, {RAFT: "INFO"})


def test_a_broker_that_refuses_at_its_step_stops_the_run_and_the_next_run_goes_on(live: Live) -> None:
    first, stuck, waiting = live.brokers
    limit = ("--limit", "kafka_brokers")
    with Refusing(live, stuck, "DEBUG"):
        play = log_levels(*declare({RAFT: "DEBUG"}), *limit)
    assert play.code != 0, play.output
    said = words(play.output)
    assert f"{stuck.name} refused: " in said, play.output
    assert "DEBUX" in said, play.output
    has_not = f"{stuck.name}, {waiting.name}"
    assert f"These have the levels: {first.name}; these have not: {has_not}. No further node was changed." in said, said
    assert effective(live, [RAFT]) == {**alike(live.nodes, {RAFT: "INFO"}), first.name: {RAFT: "DEBUG"}}
    again = log_levels(*declare({RAFT: "DEBUG"}), *limit)
    assert again.code == 0, again.output
    names = [node.name for node in live.brokers]
    assert effective(live, [RAFT], names) == alike(names, {RAFT: "DEBUG"})
    assert log_levels().code == 0
    assert effective(live, [RAFT]) == alike(live.nodes, {RAFT: "INFO"})


def test_a_host_that_cannot_have_its_file_is_skipped_and_named(live: Live) -> None:
    """Another file lies over it, as on a full disk."""
    stuck = live.brokers[1].name
    others = [name for name in live.nodes if name != stuck]
    live.run(stuck, f"mount --bind {FILE} {FILE}")
    try:
        play = log_levels(*declare({RAFT: "DEBUG"}))
    finally:
        live.run(stuck, f"umount {FILE}")
    assert play.code != 0, play.output
    said = words(play.output)
    assert f"{stuck}: skipped, {FILE} cannot be written: Device or resource busy" in said, play.output
    assert "1 nodes were skipped, listed above. All others have their levels." in said, play.output
    assert effective(live, [RAFT], others) == alike(others, {RAFT: "DEBUG"})
    assert effective(live, [RAFT], [stuck]) == {stuck: {RAFT: "INFO"}}
    assert log_levels().code == 0


def test_a_node_that_refuses_stops_the_run_before_any_is_changed(live: Live, tmp_path: Path) -> None:
    """Another id than the one that answers at the address: nobody knows whom this would change."""
    name = live.brokers[1].name
    inventory = tmp_path / "wrong.yml"
    inventory.write_text(yaml.safe_dump({"kafka_brokers": {"hosts": {name: {"kafka_node_id": 99}}}}))
    play = log_levels(*declare({RAFT: "DEBUG"}), more=inventory)
    assert play.code != 0, play.output
    said = words(play.output)
    assert f"{name}: its levels cannot be read: Unexpected broker id, expected {live.nodes[name].node_id}" in said, said
    assert "1 problems found, listed above. Nothing was changed." in said, play.output
    assert play.total("changed") == 0, play.output
    assert effective(live, [RAFT]) == alike(live.nodes, {RAFT: "INFO"})
