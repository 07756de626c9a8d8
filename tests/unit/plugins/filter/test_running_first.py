"""Which host is asked about a cluster, when not every process runs."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.filter.running_first import FilterModule, running_first


def variables(running: Any) -> dict[str, Any]:
    return {"__kafka_loaded": {"state": {"running": running}}}


CASES: list[tuple[list[Any], list[str]]] = [
    ([variables(True), variables(True), variables(True)], ["c", "a", "b"]),
    ([variables(False), variables(True), variables(True)], ["a", "b", "c"]),
    ([variables(False), variables(False), variables(True)], ["b", "c", "a"]),
    ([variables(False), variables(False), variables(False)], ["c", "a", "b"]),
    ([{}, {"__kafka_loaded": {"unreachable": True}}, variables(True)], ["b", "c", "a"]),
    ([{"__kafka_loaded": None}, variables(None), {}], ["c", "a", "b"]),
]


@pytest.mark.parametrize(("each", "expected"), CASES)
def test_running_first(each: list[Any], expected: list[str]) -> None:
    assert running_first(["c", "a", "b"], dict(zip(["c", "a", "b"], each))) == expected


def test_of_groups_nothing_is_known() -> None:
    assert running_first(["kafka", "monitoring"], {}) == ["kafka", "monitoring"]


def test_it_is_found_by_its_name() -> None:
    assert FilterModule().filters() == {"running_first": running_first}
