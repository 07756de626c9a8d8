"""The plays of a roll: who goes first, who may be put off, who waits for another run."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.filter.roll_turns import FilterModule, roll_turns

MODEL: dict[str, Any] = {
    "clusters": {
        "a": {"controllers": ["c1", "c2", "c3"], "nodes": ["c1", "c2", "c3", "b1", "b2"]},
        "b": {"controllers": ["n1", "n2"], "nodes": ["n1", "n2"]},
    }
}
Expected = tuple[list[str], list[str], list[str], list[str]]
CASES: list[tuple[str, int, Expected]] = [
    ("", 0, ([], [], [], [])),
    ("c1 c3 c2 b1 b2", 0, (["c1", "c3", "c2"], ["b1", "b2"], [], ["c1", "c3"])),
    # A broker that is not well goes before healthy controllers.
    ("b2 c1 c2 b1", 0, (["b2", "c1", "c2"], ["b1"], [], ["c1"])),
    ("b1 b2", 0, ([], ["b1", "b2"], [], [])),
    ("c1 c3 c2 b1 b2", 2, (["c1", "c3"], [], ["c2", "b1", "b2"], ["c1"])),
    ("c1 c3 c2 b1 b2", 4, (["c1", "c3", "c2"], ["b1"], ["b2"], ["c1", "c3"])),
    ("c1 b1 n1 n2", 0, (["c1", "n1", "n2"], ["b1"], [], ["n1"])),
    ("c1 b1 n1 n2", 2, (["c1"], ["b1"], ["n1", "n2"], [])),
    ("c1 b1 n1 n2", 3, (["c1", "n1"], ["b1"], ["n2"], [])),
    ("b1 stopped", 1, ([], ["b1"], [], [])),
]


@pytest.mark.parametrize(("order", "most", "expected"), CASES)
def test_turns(order: str, most: int, expected: Expected) -> None:
    hosts = order.split()
    model = {"clusters": {**MODEL["clusters"]}}
    model["clusters"]["a"] = {**model["clusters"]["a"], "nodes": [*model["clusters"]["a"]["nodes"], "stopped"]}
    hostvars = {host: {"__kafka_report": {"report": {"kafka_active": host != "stopped"}}} for host in hosts}
    result = roll_turns(model, hostvars, hosts, most=str(most))
    assert tuple(result[key] for key in ("first", "last", "pending", "may_defer")) == expected
    pending = ", ".join(expected[2])
    said = f"At most {most} nodes restart in this run (kafka_roll_max_nodes); pending: {pending}."
    assert result["lines"] == ([said] if pending else [])


def test_it_is_found_by_its_name() -> None:
    assert FilterModule().filters() == {"roll_turns": roll_turns}
