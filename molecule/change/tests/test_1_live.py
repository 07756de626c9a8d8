"""What the plan says, and changes that touch no process. The tests of this claim build on each other, in this order."""

from __future__ import annotations

from tests.lab.change import (
    CONFIRMED,
    RETENTION,
    Processes,
    active_controller,
    effective,
    files,
    properties,
    site,
    words,
)
from tests.lab.live import Live, figure, playbook

DEFAULT, RAISED = 604800000, 900000000


def test_the_plan_says_that_nothing_differs(live: Live) -> None:
    play = playbook("playbooks/plan.yml")
    assert play.code == 0, play.output
    assert play.total("changed") == 0, play.output
    assert f"{live.cluster}: nothing differs, nothing will be done." in words(play.output)
    figure(f"a plan of {len(live.nodes)} nodes: {play.wall:.0f} s")


def test_the_status_shows_every_node_and_who_leads(live: Live) -> None:
    play = playbook("playbooks/status.yml")
    assert play.code == 0, play.output
    assert play.total("changed") == 0, play.output
    assert [name for name in live.nodes if name not in play.output] == [], play.output
    assert f"quorum: {active_controller(live)} leads epoch" in words(play.output), play.output


def test_a_longer_retention_is_set_live_and_written_and_no_process_is_touched(live: Live) -> None:
    before = Processes(live)
    play = site(*properties(broker={RETENTION: RAISED}))
    assert play.code == 0, play.output
    assert effective(live, RETENTION) == dict.fromkeys(brokers(live), str(RAISED))
    assert in_the_files(live) == dict.fromkeys(brokers(live), f"{RETENTION}={RAISED}")
    figure(f"a dynamic change on {len(live.brokers)} brokers: {play.wall:.0f} s")
    again = site(*properties(broker={RETENTION: RAISED}))
    assert again.code == 0, again.output
    assert again.total("changed") == 0, again.output
    assert before.restarted(Processes(live)) == {}


def test_a_shorter_retention_is_refused(live: Live) -> None:
    before, on_disk = Processes(live), files(live)
    play = site(*properties(broker={RETENTION: DEFAULT - 1}))
    assert play.code != 0, play.output
    assert play.total("changed") == 0, play.output
    assert f"{RETENTION}: {RAISED} → {DEFAULT - 1} [destroys-data, refused]" in words(play.output), play.output
    assert f"kafka_confirm_data_loss={RETENTION}" in words(play.output), play.output
    assert effective(live, RETENTION) == dict.fromkeys(brokers(live), str(RAISED))
    assert files(live) == on_disk
    assert before.restarted(Processes(live)) == {}


def test_a_shorter_retention_that_is_confirmed_is_set(live: Live) -> None:
    """The one that the inventory has, by saying nothing: Kafka's own, which it derives from the hours and does not tell."""
    before = Processes(live)
    play = site(*CONFIRMED)
    assert play.code == 0, play.output
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
