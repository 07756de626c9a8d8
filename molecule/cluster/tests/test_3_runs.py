"""What site.yml does on a cluster that it has set up: nothing, unless something is not as the inventory says."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
import yaml

from tests.lab.change import START_FILES, properties
from tests.lab.live import Live, Play, figure, playbook

TASKS = 57

# Two controllers, one id twice, one id missing, a level that is none, a key that the collection computes.
INVALID = {
    "kafka": {
        "children": {
            "kafka_controllers": {"hosts": {"c-1": {"kafka_node_id": 1}, "c-2": {"kafka_node_id": 2}}},
            "kafka_brokers": {"hosts": {"b-1": {"kafka_node_id": 1}, "b-2": {}, "b-3": {"kafka_node_id": 13}}},
        },
        "vars": {
            "kafka_cluster_name": "invalid",
            "kafka_log_levels": {"kafka.server": "LOUD"},
            "kafka_broker_properties": {"node.id": "7"},
        },
    }
}
PROBLEMS = ("kafka_controllers", "kafka_node_id = 1", "b-2: kafka_node_id", "LOUD", "node.id")


def test_a_second_run_changes_nothing_and_touches_no_process(live: Live) -> None:
    before = live.every_process()
    play = playbook("site.yml")
    assert play.code == 0, play.output
    assert {name: row["changed"] for name, row in play.recap.items()} == dict.fromkeys(live.names, 0), play.output
    assert live.every_process() == before
    tasks = {name: play.recap[name]["ok"] + play.recap[name]["skipped"] for name in live.names}
    first = live.brokers[0].name
    figure(f"second run: {play.wall:.0f} s wall, {play.cpu:.0f} s CPU on the control node, {len(live.names)} hosts")
    figure(f"second run: {tasks[first]} tasks on {first}, most: {max(tasks.values())}")
    assert max(tasks[node.name] for node in live.brokers) <= TASKS


@pytest.mark.parametrize("tag", ["host", "monitoring"])
def test_a_tag_alone_runs_green(live: Live, tag: str) -> None:
    """The tag exporters runs alone in the test below, and kafka in the claim `log_levels`."""
    before = live.every_process()
    assert_unchanged(playbook("site.yml", "--tags", tag))
    assert live.every_process() == before


def test_an_exporter_replaced_by_hand_is_put_back_by_the_tag_exporters(live: Live) -> None:
    """The wrong program runs under the right name; afterwards file and process are those of the other hosts."""
    victim, *others = live.nodes
    binary = live.run(victim, "echo /opt/node_exporter/node_exporter-*/node_exporter").strip()
    before = live.every_process()
    wrong = r"printf '#!/bin/sh\nexec sleep 3600\n'"
    live.run(victim, f"rm {binary} && {wrong} > {binary} && chmod 755 {binary} && systemctl restart node_exporter")
    play = playbook("site.yml", "--tags", "exporters")
    assert play.code == 0, play.output
    assert {name for name, row in play.recap.items() if row["changed"]} == {victim}, play.output
    hashes = live.everywhere(f"sha256sum {binary}", [victim, others[0]])
    assert hashes[victim] == hashes[others[0]]
    program = "runuser -u node_exporter -- readlink /proc/$(systemctl show -P MainPID node_exporter)/exe"
    assert live.run(victim, program).strip() == binary
    after = live.every_process()
    assert {unit for unit in after if after[unit] != before[unit]} == {(victim, "node_exporter.service")}


def test_the_plan_lists_a_change_that_needs_restarts_and_touches_nothing(live: Live) -> None:
    """What a run does about it is the claim `change`."""
    names = list(live.nodes)
    before, on_disk = live.every_process(), live.everywhere(START_FILES, names)
    play = playbook("playbooks/plan.yml", *properties(broker={"queued.max.requests": 600}))
    assert_unchanged(play)
    listed = re.findall(r"([\w-]+): queued\.max\.requests: 500 → 600 \[restart\]", " ".join(play.output.split()))
    assert listed == [node.name for node in live.brokers], play.output
    assert live.everywhere(START_FILES, names) == on_disk
    assert live.every_process() == before


@pytest.mark.parametrize("name", ["playbooks/validate.yml", "site.yml"])
def test_an_invalid_inventory_is_refused_whole_and_without_a_connection(tmp_path: Path, name: str) -> None:
    """The addresses are unroutable, and the ssh that would be called leaves a trace."""
    trace, ssh = tmp_path / "called", tmp_path / "ssh"
    ssh.write_text(f"#!/bin/sh\ntouch '{trace}'\nexit 255\n")
    ssh.chmod(0o755)
    inventory = tmp_path / "hosts.yml"
    inventory.write_text(yaml.safe_dump(INVALID))
    unroutable = {"ansible_host": "192.0.2.{{ groups['all'].index(inventory_hostname) + 1 }}"}
    reached = {**unroutable, "ansible_ssh_executable": str(ssh)}
    started = time.monotonic()
    play = playbook("-i", str(inventory), "-e", json.dumps(reached), name, artifacts=False)
    wall = time.monotonic() - started
    figure(f"{name} on an invalid inventory: {wall:.1f} s")
    assert play.code != 0, play.output
    assert [problem for problem in PROBLEMS if problem not in play.output] == [], play.output
    assert not trace.exists(), play.output
    assert wall < 10


def assert_unchanged(play: Play) -> None:
    """The run ended well and changed nothing."""
    assert play.code == 0, play.output
    assert play.total("changed") == 0, play.output
