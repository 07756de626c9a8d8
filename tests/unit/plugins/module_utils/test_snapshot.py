"""What can be read from a snapshot without asking again."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._snapshot import behind_ms, ids, is_caught_up
from tests.unit.plugins.module_utils.views import partition, quorum, snapshot

# quorum, node, how far it is behind
BEHIND: list[tuple[Any, int, int | None]] = [
    (quorum(), 1, 0),
    (quorum({1: None}), 1, 0),
    (quorum({2: 1999}), 2, 1999),
    (quorum({2: None}), 2, None),
    (quorum({1: None}), 2, None),
    (quorum({2: -5}), 2, 0),
    (quorum(leader=-1), 2, None),
]


@pytest.mark.parametrize(("view", "node_id", "expected"), BEHIND)
def test_behind(view: Any, node_id: int, expected: int | None) -> None:
    assert behind_ms(view, view.voters[node_id]) == expected
    assert is_caught_up(view, view.voters[node_id]) == (expected is not None and expected < 2000)


def test_missing() -> None:
    one, two, three = partition("11,12"), partition("11,13", "two"), partition("11", "three", "11,12")
    view = snapshot(one, two, three, reassigning={("two", 3): (12,)})
    assert view.missing(13) == [one]
    assert view.missing(12) == [three]
    assert view.missing(11) == []
    assert two.name == "two-3"


def test_silent() -> None:
    assert snapshot(quorum=quorum({12: 4999, 13: 5000})).silent == {13}
    assert snapshot(quorum=quorum({12: None}), fenced=(12,)).silent == frozenset()
    assert snapshot(quorum=None).silent == frozenset()
    assert snapshot(quorum=quorum(leader=-1)).silent == frozenset()


def test_minimum() -> None:
    assert snapshot(partition("11"), min_isr={"orders": 3}).minimum(partition("11")) == 3
    assert snapshot().minimum(partition("11", "just-made")) == 1


def test_ids() -> None:
    assert (ids([12, 3]), ids([])) == ("3,12", "none")
