"""What the plan says, who may change the cluster, and changes that touch no process. The tests of this claim build on each
other, in this order. Every plan and every report is compared by machine (tests/lab/documents.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.lab.change import (
    CONFIRMED,
    RETENTION,
    Processes,
    active_controller,
    dynamic,
    effective,
    files,
    locks,
    partitions,
    properties,
    set_live,
    set_lock,
    wait_until_whole,
    words,
)
from tests.lab.documents import PLAN, SITE, agree, told
from tests.lab.gates import evaluation
from tests.lab.live import Live, figure, playbook, wait_for
from tests.lab.wire import Wire

pytestmark = pytest.mark.long

DEFAULT, RAISED = 604800000, 900000000
RAISE = properties(broker={RETENTION: RAISED})
# What somebody else has set: for the cluster, for one broker, and the throttle of a reassignment, which is none of our business.
WIDE, OWN, THROTTLE = "message.max.bytes", "max.connections.per.ip", "leader.replication.throttled.rate"
ELSEWHERE = {"run": "of-ben", "who": "ben", "host": "ops-2", "what": "site.yml", "pid": 12, "boot": "x", "start": "1"}


@pytest.fixture(scope="module")
def foreign(live: Live) -> Iterator[set[str]]:
    """Dynamic values that the inventory knows nothing of."""
    broker = live.brokers[0]
    set_live(live, {WIDE: "2000000"})
    set_live(live, {OWN: "2000", THROTTLE: "100000000"}, broker)
    yield {WIDE, OWN, THROTTLE}
    set_live(live, {WIDE: None})
    set_live(live, {OWN: None, THROTTLE: None}, broker)


def test_plan_and_check_mode_say_that_nothing_differs(live: Live) -> None:
    plan, check = told(*PLAN), told(*SITE, "--check")
    for run in (plan, check):
        assert run.play.code == 0, run.play.output
        assert run.play.total("changed") == 0, run.play.output
        assert f"{live.cluster}: nothing differs, nothing will be done." in words(run.play.output)
    agree(plan, check)
    assert plan.plan["clusters"][live.cluster]["differences"] == []
    assert check.results(live.cluster) == dict.fromkeys(live.nodes, "unchanged")
    assert not any(locks(live).values())
    figure(f"a plan of {len(live.nodes)} nodes: {plan.play.wall:.0f} s")


def test_a_gate_costs_little(live: Live) -> None:
    topics = [f"many-{number}" for number in range(10)]
    with Wire(live.brokers[0].address) as wire:
        for topic in topics:
            wire.create_topic(topic, 100)
        # A broker hears of them one after the other.
        wait_for("all partitions", 180, lambda: len(partitions(live)) >= 100 * len(topics))
        wait_until_whole(live)
        seconds, looked_at = min(evaluation(live) for _time in range(3))
        for topic in topics:
            wire.delete_topic(topic)
    wait_until_whole(live)
    figure(f"one evaluation of a broker's gate over {looked_at} partitions: {seconds:.2f} CPU-s")
    assert looked_at >= 100 * len(topics)
    assert seconds < 0.5


def test_a_second_run_is_refused_and_hears_whose_the_lock_is(live: Live) -> None:
    """The lock is that of a run on another control node, of which nobody here can say whether it still works."""
    before = Processes(live)
    set_lock(live, live.controllers[1].name, **ELSEWHERE)
    run = told(*SITE, *RAISE)
    assert run.play.code != 0, run.play.output
    assert run.play.total("changed") == 0, run.play.output
    said = words(run.play.output)
    assert "The cluster is being changed by ben@ops-2 (site.yml, process 12) since " in said, run.play.output
    assert "run again with -e kafka_break_lock=true" in said, run.play.output
    # What it had taken before it met the other lock it has given back.
    assert [name for name, lock in locks(live).items() if lock] == [live.controllers[1].name]
    assert (run.plan, run.report) == ({}, {})
    assert before.restarted(Processes(live)) == {}


def test_the_status_shows_every_node_who_leads_who_has_the_lock_and_what_waits_for_a_restart(live: Live) -> None:
    play = playbook("playbooks/status.yml", *properties(broker={"queued.max.requests": 600}))
    assert play.code == 0, play.output
    assert play.total("changed") == 0, play.output
    assert [name for name in live.nodes if name not in play.output] == [], play.output
    said = words(play.output)
    assert f"quorum: {active_controller(live)} leads epoch" in said, play.output
    assert "locked by ben@ops-2 (site.yml, process 12) since " in said, play.output
    waiting = re.findall(r"([\w-]+): queued\.max\.requests", said.partition("waiting for a restart")[2])
    assert waiting == brokers(live), play.output
    assert said.count(" pending:1 ") == len(live.brokers), play.output
    figure(f"the status of {len(live.nodes)} nodes: {play.wall:.0f} s")


def test_a_longer_retention_is_set_live_and_written_and_no_process_is_touched(live: Live) -> None:
    """The first run breaks the lock that is still there, because it is told to."""
    before, check = Processes(live), told(*SITE, *RAISE, "--check")
    run = told(*SITE, *RAISE, "-e", "kafka_break_lock=true")
    assert run.play.code == 0, run.play.output
    said = words(run.play.output)
    assert "The lock of ben@ops-2 (site.yml, process 12) since " in said, run.play.output
    assert "was replaced: kafka_break_lock is true." in said, run.play.output
    assert not any(locks(live).values())
    agree(check, run)
    assert [(one["key"], one["to"]) for one in run.report["clusters"][live.cluster]["live"]] == [
        (RETENTION, str(RAISED))
    ]
    assert effective(live, RETENTION) == dict.fromkeys(brokers(live), str(RAISED))
    assert in_the_files(live) == dict.fromkeys(brokers(live), f"{RETENTION}={RAISED}")
    figure(f"a dynamic change on {len(live.brokers)} brokers: {run.play.wall:.0f} s")
    again = told(*SITE, *RAISE)
    assert again.play.code == 0, again.play.output
    assert again.play.total("changed") == 0, again.play.output
    agree(again)
    assert again.results(live.cluster) == dict.fromkeys(live.nodes, "unchanged")
    assert before.restarted(Processes(live)) == {}


def test_a_shorter_retention_is_refused_and_foreign_values_are_named(live: Live, foreign: set[str]) -> None:
    before, on_disk = Processes(live), files(live)
    run = told(*SITE, *properties(broker={RETENTION: DEFAULT - 1}))
    assert run.play.code != 0, run.play.output
    assert run.play.total("changed") == 0, run.play.output
    said = words(run.play.output)
    assert f"{RETENTION}: {RAISED} → {DEFAULT - 1} [destroys-data, refused]" in said, run.play.output
    assert f"kafka_confirm_data_loss={RETENTION}" in said, run.play.output
    unknown = "[none] a dynamic value about which neither the inventory nor the files say anything: left as it is"
    assert f"{live.cluster}: {WIDE}: 2000000 {unknown}" in said, run.play.output
    assert f"{live.brokers[0].name}: {OWN}: 2000 {unknown}" in said, run.play.output
    assert THROTTLE not in said, run.play.output
    agree(run)
    assert (run.plan["refused"], run.results(live.cluster)) == (True, dict.fromkeys(live.nodes, "unchanged"))
    assert not any(locks(live).values())
    assert effective(live, RETENTION) == dict.fromkeys(brokers(live), str(RAISED))
    assert dynamic(live, live.brokers[0], foreign) == foreign
    assert files(live) == on_disk
    assert before.restarted(Processes(live)) == {}


def test_a_shorter_retention_that_is_confirmed_is_set_and_foreign_values_go(live: Live, foreign: set[str]) -> None:
    """The one that the inventory has, by saying nothing: Kafka's own, which it derives from the hours and does not tell."""
    before, run = Processes(live), told(*SITE, *CONFIRMED, "-e", "kafka_foreign_overrides=remove")
    assert run.play.code == 0, run.play.output
    agree(run)
    assert {one["key"] for one in run.report["clusters"][live.cluster]["live"]} == {RETENTION, WIDE, OWN}
    assert dynamic(live, live.brokers[0], foreign) == {THROTTLE}
    assert effective(live, RETENTION) == dict.fromkeys(brokers(live))
    assert in_the_files(live) == dict.fromkeys(brokers(live), "")
    assert before.restarted(Processes(live)) == {}


def brokers(live: Live) -> list[str]:
    """The names of the brokers."""
    return [node.name for node in live.brokers]


def in_the_files(live: Live) -> dict[str, str]:
    """The line about the retention in each broker's file, empty where there is none."""
    command = f"grep '^{RETENTION}=' /etc/kafka/server.properties || true"
    return {name: text.strip() for name, text in live.everywhere(command, brokers(live)).items()}
