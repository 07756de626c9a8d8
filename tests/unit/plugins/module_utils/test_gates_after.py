"""The gate after a restart: what a node still lacks."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._gates import Behind, Question, Target
from ansible_collections.kraftops.kafka.plugins.module_utils._gates_after import after, behind, fetched_since
from tests.unit.plugins.module_utils.views import NOW, partition, quorum, snapshot

FULL = partition("11,12,13")
BROKER, CONTROLLER = Target(12), Target(2, is_broker=False, is_controller=True)


def texts(view: Any, target: Target, earlier: Any = None) -> list[str]:
    return [f"{one.code}: {one.text}" for one in after(view, Question((target,)), earlier).reasons]


def test_a_broker_is_back() -> None:
    assert texts(snapshot(FULL, partition("11", "other", "11,13")), BROKER) == []


def test_a_broker_is_not_back() -> None:
    view = snapshot(FULL, partition("11,13"), partition("", "empty"), fenced=(12,))
    assert texts(view, Target(12, new_process=False)) == [
        "old_process: node 12 still runs the process of before the restart",
        "fenced: broker 12 is fenced; unfenced are 11,13",
        "not_in_isr: partition orders-3: target 12 is not back in ISR 11,13",
        "not_in_isr: partition empty-3: target 12 is not back in ISR none",
    ]
    assert texts(snapshot(FULL), Target(12, new_process=True)) == []


def test_a_replica_that_is_being_added_is_not_waited_for() -> None:
    view = snapshot(partition("11,13"), reassigning={("orders", 3): (12,)})
    assert texts(view, BROKER) == []
    assert texts(snapshot(partition("11,13"), reassigning={("orders", 3): (13,)}), BROKER) != []


def moved(view: Any, node_id: int, step_ms: int) -> Any:
    """Return a quorum in which a replica has fetched some time later."""
    rows = {**view.voters, **view.observers}
    row = rows[node_id].__class__(node_id, "", 5000, NOW + step_ms, NOW)
    kind = "voters" if node_id in view.voters else "observers"
    return view.__class__(**{**view.__dict__, kind: {**getattr(view, kind), node_id: row}})


NOT_SEEN = "not_fetching: controller 2 has not been seen fetching since its restart"
# now, earlier, reasons
BACK: list[tuple[Any, Any, list[str]]] = [
    (moved(quorum(), 2, 500), quorum(), []),
    (quorum(), None, [NOT_SEEN]),
    (quorum(), quorum(), [NOT_SEEN]),  # the row of the old process
    (moved(quorum(epoch=8), 2, 500), quorum(), [NOT_SEEN]),  # another leader's clock
    (moved(quorum(leader=3), 2, 500), quorum(), [NOT_SEEN]),
    (quorum(leader=2), None, []),  # it leads
    (quorum(leader=-1), None, ["no_leader: the quorum has no leader"]),
    (None, None, ["no_leader: the quorum has no leader"]),
    (quorum({2: 2000}), quorum(), ["voter_behind: controller 2 is 2000 ms behind leader 1"]),
    (quorum({2: None}), quorum(), ["voter_behind: controller 2 has not been seen by leader 1"]),
    (quorum(), quorum({2: None}), []),
]


@pytest.mark.parametrize(("now", "earlier", "reasons"), BACK)
def test_a_controller(now: Any, earlier: Any, reasons: list[str]) -> None:
    assert texts(snapshot(quorum=now), CONTROLLER, earlier) == reasons


def test_a_controller_that_only_observes() -> None:
    target = Target(4, is_broker=False, is_controller=True)
    assert texts(snapshot(quorum=quorum()), target) == ["not_fetching: controller 4 does not fetch from leader 1"]
    view = quorum({4: 0})
    assert texts(snapshot(quorum=moved(view, 4, 1)), target, view) == []


# the view, how far node 12 or 2 is behind
BEHIND = [
    (snapshot(FULL), 12, Behind(0, 5)),
    (snapshot(FULL, partition("11")), 12, Behind(1, 5)),
    (snapshot(quorum=quorum()), 2, Behind(0, 5, None, 7)),
    (snapshot(quorum=quorum({2: 2000}, lag=40)), 2, Behind(0, 5, 40, 7)),
    (snapshot(quorum=None), 2, Behind(0, 5)),
    (snapshot(quorum=quorum(leader=-1)), 2, Behind(0, 5)),
]


@pytest.mark.parametrize(("view", "node_id", "expected"), BEHIND)
def test_behind(view: Any, node_id: int, expected: Behind) -> None:
    found = behind(view, Target(node_id), Question(), 5)
    assert found == expected
    assert found.is_behind == (expected.partitions > 0 or expected.voter_records is not None)


def test_a_replica_that_has_never_fetched_has_not_fetched_since() -> None:
    earlier, now = quorum(), quorum({3: None})
    del earlier.voters[3]
    assert not fetched_since(now, earlier, 3)
    assert fetched_since(quorum(), earlier, 3)
