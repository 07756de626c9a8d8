"""A controller whose host is frozen: its unit is active, on the wire it is dead. The other four are rolled all the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.change import (
    Processes,
    active_controller,
    docker,
    leader_but,
    locks,
    properties,
    wait_until_whole,
    words,
)
from tests.lab.documents import SITE, agree, told
from tests.lab.live import Live, figure, wait_for

CHANGE = properties(controller={"queued.max.requests": 600})
CONTAINER = "kraftops-five-controllers-"


@pytest.fixture(scope="module")
def frozen(live: Live) -> Iterator[str]:
    """The controller that led the quorum until it froze."""
    wait_until_whole(live)
    name = active_controller(live)
    docker("pause", f"{CONTAINER}{name}")
    yield name
    if docker("inspect", "--format={{.State.Paused}}", f"{CONTAINER}{name}") == "true":
        docker("unpause", f"{CONTAINER}{name}")


def test_the_roll_goes_on_and_the_run_ends_with_an_error(live: Live, frozen: str) -> None:
    active = wait_for("another leader", 180, lambda: leader_but(live, frozen))
    alive = [node.name for node in live.controllers if node.name != frozen]
    before = Processes(live, alive)
    run = told(*SITE, *CHANGE)
    assert run.play.code != 0, run.play.output
    agree(run)
    restarted = before.restarted(Processes(live, alive))
    assert restarted == dict.fromkeys(alive, 1)
    assert list(restarted)[-1] == active
    assert run.restarted(live.cluster) == list(restarted)
    assert run.results(live.cluster)[frozen] == "did not answer"
    assert run.report["undone"] == [f"{frozen}: did not answer and was left alone"]
    notes = [text for name in alive for text in run.nodes(live.cluster)[name]["gate_notes"]]
    assert notes == [f"voter {live.nodes[frozen].node_id} counted as down"] * len(alive)
    assert f"{frozen}: did not answer" in words(run.play.output), run.play.output
    figure(f"a roll of four controllers beside a dead one: {run.play.wall:.0f} s")


def test_once_it_is_back_only_its_own_restart_is_left(live: Live, frozen: str) -> None:
    docker("unpause", f"{CONTAINER}{frozen}")
    wait_until_whole(live)
    before, run = Processes(live), told(*SITE, *CHANGE)
    assert run.play.code == 0, run.play.output
    agree(run)
    assert before.restarted(Processes(live)) == {frozen: 1}
    assert not any(locks(live).values())
