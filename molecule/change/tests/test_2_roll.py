"""Changes that need restarts: one node at a time, in order, under traffic; and what keeps a node from its turn."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._admin_topics import BrokerNode
from tests.lab.change import (
    READ_ONLY,
    SECRET,
    STARTED,
    Background,
    Processes,
    active_controller,
    files,
    is_whole,
    leader_but,
    locks,
    partitions,
    properties,
    tells_the_secret,
    wait_until_whole,
    words,
)
from tests.lab.documents import PLAN, SITE, Told, agree, told
from tests.lab.gates import asked, gates, in_question
from tests.lab.live import Live, Node, figure, playbook, wait_for
from tests.lab.traffic import Traffic
from tests.lab.wire import Wire, library

# Nothing reads it.
PLANTED = {"ssl.truststore.password": SECRET}
CHANGE = properties(all={READ_ONLY: 600}, broker=PLANTED)
FURTHER = properties(all={READ_ONLY: 700}, broker=PLANTED)
LINE_UP = "Change | Line up the nodes up to the last controller"
DATA, ADDED = "/var/lib/kafka/data", "/var/lib/kafka/data-2"
UNIT = "/etc/systemd/system/kafka.service"
MISSING = "org.example.NoSuchCallback"
# A unit of another time: systemd reads it, then the file is as it was before, and nobody tells systemd.
OLDER_UNIT = f"""
cp -p {UNIT} /run/kafka.service
sed -i 's/^LimitNOFILE=.*/LimitNOFILE=9000/; s/KAFKA_UNIT_DIGEST=.*/KAFKA_UNIT_DIGEST={64 * "0"}/' {UNIT}
systemctl daemon-reload
mv /run/kafka.service {UNIT}
"""
DROP_IN = f"{UNIT}.d/limits.conf"
ADD_DROP_IN = f"mkdir -p {UNIT}.d; printf '[Service]\nLimitNOFILE=8000\n' > {DROP_IN}"


@pytest.fixture
def single(live: Live) -> Iterator[str]:
    """A topic that has no replica to spare, on every broker."""
    with Wire(live.brokers[0].address) as wire:
        wire.create_topic("single", len(live.brokers), replicas=1)
    yield "single"
    with Wire(live.brokers[0].address) as wire:
        wire.delete_topic("single")


@pytest.fixture
def started_otherwise(live: Live) -> Iterator[dict[str, str]]:
    """Two nodes that came up again by themselves, without what their units' files say; by name, what the plan calls it."""
    broker, controller = live.brokers[0].name, standby(live)
    live.run(broker, OLDER_UNIT)
    live.run(controller, ADD_DROP_IN)
    live.everywhere("systemctl kill --signal=KILL kafka", (broker, controller))
    wait_for("their end", 60, lambda: not is_whole(live))
    wait_until_whole(live)
    yield {broker: UNIT, controller: "kafka.service, as systemd had read it"}
    live.run(controller, f"rm -rf {UNIT}.d; systemctl daemon-reload; systemctl restart kafka")
    wait_until_whole(live)


def standby(live: Live) -> str:
    """The name of a controller that does not lead."""
    active = active_controller(live)
    return next(node.name for node in live.controllers if node.name != active)


def test_a_read_only_property_restarts_each_node_once_in_order_and_loses_nothing(
    live: Live, traffic: Traffic, single: str, started_otherwise: dict[str, str]
) -> None:
    active, before = active_controller(live), Processes(live)
    check = told(*SITE, *CHANGE, "--check", "--diff", "-vvv")
    assert before.restarted(Processes(live)) == {}
    with traffic:
        leaders = {one.leader for one in partitions(live) if one.topic == traffic.topic}
        assert leaders == {node.node_id for node in live.brokers}
        run = told(*SITE, *CHANGE, "--diff", "-vvv")
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
    said_nothing_of_the_secret(live, check, run)
    why = {name: [text.split(": ")[0] for text in node["why"]] for name, node in run.nodes(live.cluster).items()}
    assert {
        name: what for name, several in why.items() for what in several if "kafka.service" in what
    } == started_otherwise
    limits = live.everywhere("grep '^Max open files' /proc/$(systemctl show -P MainPID kafka)/limits", live.nodes)
    drop_in = next(name for name, what in started_otherwise.items() if what != UNIT)
    found = {name: int(text.split()[3]) for name, text in limits.items()}
    assert found.pop(drop_in) == 8000
    # What the unit asks for, or as much as the container may have.
    assert len(set(found.values())) == 1 and 9000 not in found.values(), found
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
        assert any(f"+{READ_ONLY}=600" in text for text in node["changes"]), node
        notes = [text for text in node["gate_notes"] if text.startswith(f"topic {single}: 1 replica")]
        assert len(notes) == (name in brokers), node
    assert sum(nodes[name]["leaders_moved"] for name in brokers) > 0


def said_nothing_of_the_secret(live: Live, *runs: Told) -> None:
    """Neither what was printed, with all differences, nor a document holds it, nor the journal, where modules log their calls."""
    # Not the very word: sudo logs this command too.
    command = f"journalctl --quiet --output=cat | grep -c '{SECRET[:-1]}[{SECRET[-1]}]' || true"
    journals = live.everywhere(command, live.nodes)
    assert {name: int(text) for name, text in journals.items()} == dict.fromkeys(live.nodes, 0)
    for run in runs:
        for text in (run.play.output, str(run.plan), str(run.report)):
            assert next(iter(PLANTED)) in text
            assert not tells_the_secret(text)


@pytest.mark.long
def test_a_controller_that_leads_at_its_turn_is_put_off(live: Live) -> None:
    """All of them restart without a reason. The leader pauses when the order is made; no gate opens before it is back, and then
    another one leads."""
    order = [*(node.name for node in live.controllers if node.name != active_controller(live)), active_controller(live)]
    before, run = (
        Processes(live),
        Background(*CHANGE, "--limit", "kafka_controllers", book="playbooks/rolling_restart.yml"),
    )
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


@pytest.mark.long
def test_a_broker_that_cannot_start_gets_its_files_back_and_the_run_stops(live: Live) -> None:
    before, on_disk, first = Processes(live), files(live), live.brokers[0].name
    run = told(*SITE, *properties(all={READ_ONLY: 600}, broker={**PLANTED, "client.quota.callback.class": MISSING}))
    assert run.play.code != 0, run.play.output
    text = words(run.play.output)
    # What its log says last, and what had changed.
    assert f"Class {MISSING} could not be found" in text, run.play.output
    assert f"{first} did not come back healthy, see above. No node after it was touched." in text
    assert "Its previous files were put back and it serves again. What had changed: " in text, run.play.output
    assert f"+client.quota.callback.class={MISSING}" in text, run.play.output
    assert files(live) == on_disk
    after = Processes(live)
    assert list(before.restarted(after)) == [first]
    assert after.states[first]["ActiveState"] == "active"
    # The run ended at once, and yet told what it had done, and gave the lock back.
    controllers = dict.fromkeys((node.name for node in live.controllers), "unchanged")
    others = dict.fromkeys((node.name for node in live.brokers), "not reached")
    assert run.results(live.cluster) == {**controllers, **others, first: "failed"}
    assert (run.report["finished"], any(locks(live).values())) == (False, False)
    wait_until_whole(live)
    figure(f"a broker that cannot start, with its way back: {run.play.wall:.0f} s")


@pytest.mark.long
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


@pytest.mark.long
def test_a_restart_that_would_leave_too_few_replicas_is_refused(live: Live, traffic: Traffic, single: str) -> None:
    """One broker is stopped; of the limit's one broker every partition needs the replica. Then every gate is asked."""
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
            every_gate_says_no(live, single, target, stopped)
        finally:
            live.run(stopped.name, "systemctl start kafka")
        wait_until_whole(live)
    traffic.check("one broker stopped")


def every_gate_says_no(live: Live, single: str, good: Node, stopped: Node) -> None:
    """Asked while one broker and one controller are stopped; only the stopped broker itself may be restarted."""
    down = live.nodes[standby(live)]
    live.run(down.name, "systemctl stop kafka")
    try:
        other = next(node for node in live.controllers if node != down and node.name != active_controller(live))
        before, after = {"gate": "before"}, {"gate": "after"}
        closed = {
            "partitions": ("below_min_isr", {**before, "targets": [in_question(good)]}),
            "unsafe topics": ("unsafe_topic", {**before, "targets": [in_question(good)], "unsafe_topics": "refuse"}),
            "strict": ("broker_fenced", {**before, "targets": [in_question(good)], "strict": True}),
            "quorum": ("quorum", {**before, "targets": [in_question(other)]}),
            "recovery": ("recovering", {**before, "targets": [in_question(stopped, recovering=True)]}),
            "nobody to ask": ("no_view", {**before, "targets": [in_question(good)], "brokers": [asked(stopped)]}),
            "broker back": ("fenced", {**after, "targets": [in_question(stopped)]}),
            "controller back": ("voter_behind", {**after, "targets": [in_question(down)]}),
            "process": ("old_process", {**after, "targets": [in_question(good, new_process=False)]}),
        }
        open_one = {"a stopped broker": {**before, "targets": [in_question(stopped)]}}
        answers = gates(live, good.name, {**{name: options for name, (_code, options) in closed.items()}, **open_one})
    finally:
        live.run(down.name, "systemctl start kafka")
    assert answers.pop("a stopped broker")["reasons"] == []
    assert {name: answer["allowed"] for name, answer in answers.items()} == dict.fromkeys(closed, False)
    said = {name: set(answer["reason_counts"]) for name, answer in answers.items()}
    assert [name for name, (code, _options) in closed.items() if code not in said[name]] == [], said
    assert any(one["text"].startswith(f"topic {single}: 1 replica") for one in answers["unsafe topics"]["reasons"])


@pytest.mark.long
def test_a_run_beside_another_one_is_refused(live: Live) -> None:
    """Restarting one broker is what goes on; it gets a second data directory."""
    broker = live.brokers[1]
    first = Background(*FURTHER, "-e", json.dumps({"kafka_log_dirs": [DATA, ADDED]}), "--limit", broker.name)
    try:
        first.until(STARTED)
        # Or it could end before the second one is there.
        live.run(broker.name, "systemctl kill --signal=STOP kafka")
        second = playbook("playbooks/rolling_restart.yml")
        live.run(broker.name, "systemctl kill --signal=CONT kafka")
        assert second.code != 0, second.output
        said = words(second.output)
        assert f"(site.yml, process {first.process.pid}) since " in said, second.output
        assert "Nothing was changed. Wait until that run has ended." in said, second.output
        assert second.total("changed") == 0, second.output
        assert first.end() == 0, first.output
    finally:
        first.process.kill()
    assert f"{ADDED} is formatted before the restart" in words(first.output), first.output
    assert f"node.id={broker.node_id}\n" in live.run(broker.name, f"cat {ADDED}/meta.properties")
    assert not any(locks(live).values())


@pytest.mark.long
def test_a_directory_that_holds_replicas_is_not_taken_away(live: Live) -> None:
    """Kafka puts new replicas where there are least. Without them the directory may go, at the broker's next turn."""
    with Wire(live.brokers[0].address) as wire, BrokerNode(live.brokers[1].address, library()) as broker:
        wire.create_topic("kept", 3)
        wait_for("replicas in it", 60, lambda: broker.replicas()[ADDED] == 3)
        refused = told(*PLAN, *FURTHER)
        wire.delete_topic("kept")
        wait_for("their end", 120, lambda: broker.replicas()[ADDED] == 0)
    assert refused.plan["refused"], refused.plan
    assert f"[forbidden, refused] {ADDED} still holds 3 replicas: move them away first" in words(refused.play.output)
    assert refused.plan["turns"] == []
