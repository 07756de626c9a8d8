"""Changes that need restarts: one node at a time, in order, under traffic; and what keeps a node from its turn."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError
from tests.lab.change import (
    STARTED,
    Background,
    Processes,
    active_controller,
    files,
    locks,
    partitions,
    properties,
    wait_until_whole,
    words,
)
from tests.lab.documents import PLAN, SITE, Told, agree, told
from tests.lab.live import Live, figure, playbook, wait_for
from tests.lab.traffic import Traffic
from tests.lab.wire import Wire

KEY = "queued.max.requests"  # read only; its default is 500
# Nothing reads it, and it is a secret by its name.
PLANTED = {"ssl.truststore.password": "planted-passw0rd-4711"}
CHANGE = properties(all={KEY: 600}, broker=PLANTED)
FURTHER = properties(all={KEY: 700}, broker=PLANTED)
LINE_UP = "Change | Line up the nodes up to the last controller"
UNKNOWN_FLAG = "-XX:+NoSuchFlag"


@pytest.fixture
def traffic(live: Live) -> Iterator[Traffic]:
    """A topic that every broker leads, with messages as long as the test wants."""
    traffic = Traffic(live)
    yield traffic
    traffic.remove()


@pytest.fixture
def single(live: Live) -> Iterator[str]:
    """A topic that has no replica to spare, on every broker."""
    with Wire(live.brokers[0].address) as wire:
        wire.create_topic("single", len(live.brokers), replicas=1)
    yield "single"
    with Wire(live.brokers[0].address) as wire:
        wire.delete_topic("single")


def test_a_read_only_property_restarts_each_node_once_in_order_and_loses_nothing(
    live: Live, traffic: Traffic, single: str
) -> None:
    active, before = active_controller(live), Processes(live)
    check = told(*SITE, *CHANGE, "--check", "--diff")
    assert before.restarted(Processes(live)) == {}
    with traffic:
        leaders = {one.leader for one in partitions(live) if one.topic == traffic.topic}
        assert leaders == {node.node_id for node in live.brokers}
        run = told(*SITE, *CHANGE, "--diff")
    assert run.play.code == 0, run.play.output
    agree(check, run)
    after = Processes(live)
    restarted = before.restarted(after)
    assert restarted == dict.fromkeys(live.nodes, 1)
    order = list(restarted)
    assert run.restarted(live.cluster) == order
    assert check.restarted(live.cluster) == check.plan["turns"]
    controllers, brokers = order[: len(live.controllers)], order[len(live.controllers) :]
    assert set(controllers) == {node.name for node in live.controllers}
    assert controllers[-1] == active
    racks = [rack for rack, _nodes in groupby(live.nodes[name].rack for name in brokers)]
    assert racks == sorted({node.rack for node in live.brokers})
    check_turns(live, run, brokers, single)
    said_nothing_of_the_secret(check, run)
    traffic.check("a roll")
    first, last = (run.nodes(live.cluster)[name] for name in (order[0], order[-1]))
    between = (after.begun(order[-1]) - after.begun(order[0])) / 1e6
    seconds = first["restart_seconds"] + between + last["ready_seconds"] + last["back_seconds"]
    figure(
        f"a roll of {len(order)} nodes: {seconds:.0f} s, {seconds / bare(run, live.cluster):.2f} times the bare stops, starts "
        f"and ways back into every ISR; {run.play.wall:.0f} s for the whole run"
    )


def bare(run: Told, cluster: str) -> float:
    """The seconds that the processes themselves needed: to stop, to start and serve, and to be back everywhere."""
    keys = ("restart_seconds", "ready_seconds", "back_seconds")
    return float(sum(node[key] for node in run.nodes(cluster).values() for key in keys))


def check_turns(live: Live, run: Told, brokers: list[str], single: str) -> None:
    """The report has measured every part of every turn, and names the topic that had to go without its replica."""
    nodes = run.nodes(live.cluster)
    for name, node in nodes.items():
        assert all(
            node[key] is not None for key in ("gate_seconds", "restart_seconds", "ready_seconds", "back_seconds")
        )
        assert any(f"+{KEY}=600" in text for text in node["changes"]), node
        notes = [text for text in node["gate_notes"] if text.startswith(f"topic {single}: 1 replica")]
        assert len(notes) == (name in brokers), node
    assert sum(nodes[name]["leaders_moved"] for name in brokers) > 0


def said_nothing_of_the_secret(*runs: Told) -> None:
    """Neither what was printed, with all differences, nor a document holds it."""
    for run in runs:
        for text in (run.play.output, str(run.plan), str(run.report)):
            assert next(iter(PLANTED)) in text
            assert next(iter(PLANTED.values())) not in text


def test_a_node_that_cannot_start_gets_its_files_back_and_the_run_stops(live: Live) -> None:
    active, before, on_disk = active_controller(live), Processes(live), files(live)
    first = next(node.name for node in live.controllers if node.name != active)
    run = told(*SITE, *CHANGE, "-e", f'{{"kafka_java_options": ["{UNKNOWN_FLAG}"]}}')
    assert run.play.code != 0, run.play.output
    text = words(run.play.output)
    assert f"{first} did not come back healthy" in text, run.play.output
    assert "previous files were put back" in text, run.play.output
    assert f"+{UNKNOWN_FLAG}" in text, run.play.output
    assert files(live) == on_disk
    after = Processes(live)
    assert list(before.restarted(after)) == [first]
    assert after.states[first]["ActiveState"] == "active"
    # The run ended at once, and yet told what it had done, and gave the lock back.
    others = dict.fromkeys(live.nodes, "not reached")
    assert run.results(live.cluster) == {**others, first: "failed"}
    assert (run.report["finished"], any(locks(live).values())) == (False, False)
    wait_until_whole(live)
    figure(f"a node that cannot start, with its way back: {run.play.wall:.0f} s")


def test_a_controller_that_leads_at_its_turn_is_put_off(live: Live) -> None:
    """The leader pauses when the order is made; no gate opens before it is back, and then another one leads."""
    order = [*(node.name for node in live.controllers if node.name != active_controller(live)), active_controller(live)]
    before, run = Processes(live), Background(*properties(controller={KEY: 650}), "--limit", "kafka_controllers")
    try:
        run.until(LINE_UP)
        live.run(order[-1], "systemctl kill --signal=STOP kafka")
        leader = wait_for("another leader", 180, lambda: leader_but(live, order[-1]))
        # None but on a machine on which the pause came too late.
        done = list(before.restarted(Processes(live, before.states)))
    finally:
        live.run(order[-1], "systemctl kill --signal=CONT kafka")
    assert run.end() == 0, run.output
    put_off = [leader] if leader not in done else []
    assert list(before.restarted(Processes(live))) == [name for name in order if name not in put_off] + put_off
    assert set(before.restarted(Processes(live)).values()) == {1}
    assert words(run.output).count("put off because it led the quorum at its turn") >= len(put_off), run.output
    wait_until_whole(live)


def leader_but(live: Live, name: str) -> str:
    """The controller that leads the quorum, empty while none does or still the given one."""
    try:
        leader = active_controller(live)
    except (AdminError, StopIteration):
        return ""
    return leader if leader != name else ""


def test_nodes_that_are_left_alone_are_named_and_counted_as_down(live: Live, tmp_path: Path) -> None:
    """One broker is in maintenance, and well; so its replicas do not count, and no other broker may go."""
    target, alone = live.brokers[0], live.brokers[-1]
    inventory = tmp_path / "maintenance.yml"
    inventory.write_text(f"all: {{hosts: {{{alone.name}: {{kafka_maintenance: true}}}}}}\n")
    env = {"ANSIBLE_INVENTORY": f"{os.environ['ANSIBLE_INVENTORY']},{inventory}"}
    before, on_disk = Processes(live), files(live)
    run = told(*SITE, *FURTHER, "--limit", target.name, "-e", "kafka_roll_stall_timeout=3", env=env)
    assert run.play.code != 0, run.play.output
    text = words(run.play.output)
    assert f"{alone.name}: kafka_maintenance = true: it is left alone, and every gate counts it as down" in text
    assert f"{target.name} may not be restarted now, and was not touched" in text, run.play.output
    assert f"target {target.node_id} is in it ({alone.node_id} counted as down)" in text, run.play.output
    results = run.results(live.cluster)
    assert (results[target.name], results[alone.name]) == ("refused", "left alone")
    assert run.plan["left_alone"] == {alone.name: "in maintenance"}
    live.run(alone.name, "systemctl mask --runtime kafka")
    try:
        masked = told(*PLAN, *FURTHER)
    finally:
        live.run(alone.name, "systemctl unmask --runtime kafka")
    assert masked.plan["left_alone"] == {alone.name: "its unit is masked"}
    assert alone.name not in masked.plan["turns"]
    assert files(live) == on_disk
    assert before.restarted(Processes(live)) == {}


def test_a_restart_that_would_leave_too_few_replicas_is_refused(live: Live, traffic: Traffic) -> None:
    """One broker is stopped; of the limit's one broker every partition needs the replica."""
    target, stopped = live.brokers[0], live.brokers[-1]
    with traffic:
        live.run(stopped.name, "systemctl stop kafka")
        try:
            before, on_disk = Processes(live), files(live)
            run = told(*SITE, *FURTHER, "--limit", target.name, "-e", "kafka_roll_stall_timeout=3")
            assert run.play.code != 0, run.play.output
            text = words(run.play.output)
            assert f"{target.name} may not be restarted now, and was not touched" in text, run.play.output
            assert f"target {target.node_id} is in it" in text, run.play.output
            left = ",".join(str(node.node_id) for node in live.brokers if node != stopped)
            reason = f"partition {traffic.topic}-0: ISR {left} of min 2"
            assert any(one.startswith(reason) for one in run.nodes(live.cluster)[target.name]["gate_reasons"])
            assert not any(locks(live).values())
            assert files(live) == on_disk
            assert before.restarted(Processes(live)) == {}
        finally:
            live.run(stopped.name, "systemctl start kafka")
        wait_until_whole(live)
    traffic.check("one broker stopped")


def test_a_run_beside_another_one_is_refused(live: Live) -> None:
    """Restarting one broker is what goes on."""
    first = Background(*FURTHER, "--limit", live.brokers[0].name)
    try:
        first.until(STARTED)
        second = playbook("playbooks/rolling_restart.yml")
        assert second.code != 0, second.output
        said = words(second.output)
        assert f"(site.yml, process {first.process.pid}) since " in said, second.output
        assert "Nothing was changed. Wait until that run has ended." in said, second.output
        assert second.total("changed") == 0, second.output
        assert first.end() == 0, first.output
    finally:
        first.process.kill()
    assert not any(locks(live).values())
