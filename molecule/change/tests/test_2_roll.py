"""Changes that need restarts: one node at a time, in order, under traffic; and runs that end before they are done."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import pytest

from tests.lab.change import (
    Processes,
    active_controller,
    files,
    kill_at_restart,
    partitions,
    properties,
    site,
    wait_until_whole,
    words,
)
from tests.lab.live import Live, figure, playbook
from tests.lab.traffic import Traffic

KEY = "queued.max.requests"  # read only; its default is 500
CHANGE = properties(all={KEY: 600})
UNKNOWN_FLAG = "-XX:+NoSuchFlag"


@pytest.fixture
def traffic(live: Live) -> Iterator[Traffic]:
    """A topic that every broker leads, with messages as long as the test wants."""
    traffic = Traffic(live)
    yield traffic
    traffic.remove()


def test_a_read_only_property_restarts_each_node_once_in_order_and_loses_nothing(live: Live, traffic: Traffic) -> None:
    active, before = active_controller(live), Processes(live)
    with traffic:
        leaders = {one.leader for one in partitions(live) if one.topic == traffic.topic}
        assert leaders == {node.node_id for node in live.brokers}
        play = site(*CHANGE)
    assert play.code == 0, play.output
    after = Processes(live)
    restarted = before.restarted(after)
    assert restarted == dict.fromkeys(live.nodes, 1)
    order = list(restarted)
    controllers, brokers = order[: len(live.controllers)], order[len(live.controllers) :]
    assert set(controllers) == {node.name for node in live.controllers}
    assert controllers[-1] == active
    racks = [rack for rack, _nodes in groupby(live.nodes[name].rack for name in brokers)]
    assert racks == sorted({node.rack for node in live.brokers})
    traffic.check("a roll")
    seconds = (after.begun(order[-1]) - after.begun(order[0])) / 1e6
    figure(
        f"a roll of {len(order)} nodes: {seconds:.0f} s from the first start to the last, {play.wall:.0f} s for the run"
    )


def test_a_node_that_cannot_start_gets_its_files_back_and_the_run_stops(live: Live) -> None:
    active, before, on_disk = active_controller(live), Processes(live), files(live)
    first = next(node.name for node in live.controllers if node.name != active)
    play = site(*CHANGE, "-e", f'{{"kafka_java_options": ["{UNKNOWN_FLAG}"]}}')
    assert play.code != 0, play.output
    text = words(play.output)
    assert f"{first} did not come back healthy" in text, play.output
    assert "previous files were put back" in text, play.output
    assert f"+{UNKNOWN_FLAG}" in text, play.output
    assert files(live) == on_disk
    after = Processes(live)
    assert list(before.restarted(after)) == [first]
    assert after.states[first]["ActiveState"] == "active"
    wait_until_whole(live)
    figure(f"a node that cannot start, with its way back: {play.wall:.0f} s")


def test_a_run_killed_inside_a_restart_is_finished_by_the_next_one(live: Live, traffic: Traffic) -> None:
    """Back to what the inventory says; the second node of the roll is being restarted when the run is killed."""
    before = Processes(live)
    with traffic:
        killed = kill_at_restart(live, 2)
        between = Processes(live)
        play = site()
    assert play.code == 0, play.output
    after = Processes(live)
    finished = [name for name in before.restarted(between) if name != killed]
    assert len(finished) == 1
    assert not set(finished) & set(between.restarted(after))
    restarted = before.restarted(after)
    assert restarted.pop(killed) in (1, 2)
    assert restarted == dict.fromkeys([name for name in live.nodes if name != killed], 1)
    traffic.check("a roll that was killed and finished")


def test_a_restart_that_would_leave_too_few_replicas_is_refused(live: Live, traffic: Traffic) -> None:
    """One broker is stopped; of the limit's one broker every partition needs the replica."""
    target, stopped = live.brokers[0], live.brokers[-1]
    with traffic:
        live.run(stopped.name, "systemctl stop kafka")
        try:
            before, on_disk = Processes(live), files(live)
            play = site(*CHANGE, "--limit", target.name, "-e", "kafka_roll_stall_timeout=3")
            assert play.code != 0, play.output
            text = words(play.output)
            assert f"{target.name} may not be restarted now, and was not touched" in text, play.output
            assert f"target {target.node_id} is in it" in text, play.output
            left = ",".join(str(node.node_id) for node in live.brokers if node != stopped)
            assert f"partition {traffic.topic}-0: ISR {left} of min 2" in text, play.output
            assert files(live) == on_disk
            assert before.restarted(Processes(live)) == {}
        finally:
            live.run(stopped.name, "systemctl start kafka")
        wait_until_whole(live)
    traffic.check("one broker stopped")


def test_nothing_is_left_to_do(live: Live) -> None:
    play = playbook("playbooks/plan.yml")
    assert play.code == 0, play.output
    assert f"{live.cluster}: nothing differs, nothing will be done." in words(play.output), play.output
