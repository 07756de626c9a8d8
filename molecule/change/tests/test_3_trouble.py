"""Back to what the inventory says, in a cluster with troubles of its own, by runs that are killed."""

from __future__ import annotations

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._admin_topics import BrokerNode
from tests.lab.change import (
    READ_ONLY,
    RESTART,
    STARTED,
    Background,
    Processes,
    active_controller,
    files,
    kill_in_turn,
    locks,
    network,
    partitions,
    properties,
    wait_until_whole,
    words,
)
from tests.lab.documents import PLAN, SITE, agree, told
from tests.lab.live import Live, figure, playbook, wait_for
from tests.lab.traffic import Traffic
from tests.lab.wire import Wire, library

ONE = ("-e", "kafka_roll_max_nodes=1")


@pytest.fixture(scope="module", autouse=True)
def _pending(live: Live) -> None:
    """Every node has a property that the inventory does not have: from the tests before, or from here when these run alone."""
    found = live.everywhere(f"grep '^{READ_ONLY}=' /etc/kafka/server.properties || true", live.nodes)
    if not all(found.values()):
        assert playbook(*SITE, *properties(all={READ_ONLY: 600})).code == 0


@pytest.mark.long
def test_a_process_that_answers_nobody_goes_first_and_the_others_stay_pending(live: Live) -> None:
    """Its unit is active; on the wire it is dead."""
    paused = live.brokers[-1].name
    before = Processes(live)
    live.run(paused, "systemctl kill --signal=STOP kafka")
    try:
        run = told(*SITE, *ONE)
    finally:
        live.run(paused, "systemctl kill --signal=CONT kafka")
    assert run.play.code == 0, run.play.output
    agree(run)
    assert before.restarted(Processes(live)) == {paused: 1}
    assert run.plan["clusters"][live.cluster]["restart"][0]["place"] == "unhealthy: first"
    assert run.plan["turns"] == [paused]
    others = [item["host"] for item in run.plan["clusters"][live.cluster]["restart"][1:]]
    assert set(others) == set(live.nodes) - {paused}
    assert run.report["clusters"][live.cluster]["pending"] == others
    assert f"pending, because of kafka_roll_max_nodes: {', '.join(others)}" in words(run.play.output)
    wait_until_whole(live)


@pytest.mark.long
def test_a_broker_out_of_every_isr_goes_first_and_the_quorum_survives_its_leader(live: Live) -> None:
    """It serves and reaches the controllers, but no other broker. At its turn the active controller is killed."""
    lost = live.brokers[1]
    others = [node.name for node in live.brokers if node != lost]
    live.run(lost.name, "systemctl stop kafka")
    network(live, lost.name, "add", others)
    try:
        live.run(lost.name, "systemctl start kafka")
        wait_for("a broker that serves", 180, lambda: serves(live, lost.node_id))
        assert all(lost.node_id not in one.isr for one in partitions(live) if len(one.replicas) > 1)
        active, before = active_controller(live), Processes(live)
        run = Background(*ONE)
        assert run.until(STARTED) == lost.name, run.output
        live.run(active, "systemctl kill --signal=KILL kafka")
    finally:
        network(live, lost.name, "del", others)
    assert run.end() == 0, run.output
    assert "(unhealthy: first)" in words(run.output), run.output
    wait_until_whole(live)
    restarted = before.restarted(Processes(live))
    assert set(restarted) == {lost.name, active}
    assert restarted[lost.name] == 1
    # With this restart it has lost the directory that it had been given.
    with BrokerNode(lost.address, library()) as node:
        assert len(node.replicas()) == 1
    live.run(lost.name, "rm -rf /var/lib/kafka/data-2")


def serves(live: Live, node_id: int) -> bool:
    """Whether a broker is unfenced."""
    with Wire(live.brokers[0].address) as wire:
        return node_id in wire.cluster().nodes


def test_runs_that_are_killed_are_finished_by_the_next(live: Live) -> None:
    """After a file was written, inside a restart, after a start: nothing is restarted twice, and nothing stays down."""
    begin, on_disk = Processes(live), files(live)
    first = kill_in_turn(live, RESTART)
    assert [name for name, text in files(live).items() if text != on_disk[name]] == [first]
    assert begin.restarted(Processes(live)) == {}
    # The lock of a run whose process is gone is no obstacle on the same control node, and is named.
    assert sum(bool(lock) for lock in locks(live).values()) == len(live.controllers)
    assert kill_in_turn(live, RESTART, inside=True) == first
    second = kill_in_turn(live, STARTED)
    assert second != first
    assert before_and_now(begin, live, first) in (1, 2)
    assert before_and_now(begin, live, second) == 1


def before_and_now(begin: Processes, live: Live, name: str) -> int:
    """How often a node was started since then."""
    return begin.restarted(Processes(live)).get(name, 0)


def test_the_last_run_finishes_the_rest_under_load(live: Live, traffic: Traffic) -> None:
    """A broker is killed under load and stays down: the run starts it, waits for the recovery of its logs, and says so."""
    waiting = told(*PLAN).plan["turns"]
    crashed = next(node.name for node in live.brokers if node.name in waiting)
    before = Processes(live)
    with traffic:
        live.run(crashed, "systemctl kill --signal=KILL kafka; systemctl stop kafka")
        run = told(*SITE)
        assert run.play.code == 0, run.play.output
    agree(run)
    assert "that run has ended without giving it back" in words(run.play.output), run.play.output
    assert run.results(live.cluster)[crashed] == "started"
    recovery = run.nodes(live.cluster)[crashed]["recovery"]
    assert recovery["recovered"] == recovery["logs"] > 0
    assert f"it recovered {recovery['logs']} logs in" in words(run.play.output), run.play.output
    restarted = before.restarted(Processes(live))
    assert restarted == dict.fromkeys(waiting, 1)
    assert not any(locks(live).values())
    traffic.check("a crash and the end of a roll", worst_ms=30000)
    figure(f"log recovery after kill -9: {recovery['logs']} logs in {recovery['seconds']:.1f} s")


def test_nothing_is_left_to_do(live: Live) -> None:
    plan = told(*PLAN)
    assert plan.play.code == 0, plan.play.output
    assert f"{live.cluster}: nothing differs, nothing will be done." in words(plan.play.output), plan.play.output
    assert plan.plan["clusters"][live.cluster]["differences"] == []
