"""The number of controllers."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.filter.quorum import FilterModule, quorum
from ansible_collections.kraftops.kafka.plugins.module_utils._problems import line

ODD = "Use an odd number: 3 or 5."
ADD = "Use 3 or 5 controllers, or add {} to kafka_quorum_sizes."
REFUSED = [
    (0, [3, 5], "no controller. Put 3 or 5 hosts of this cluster into kafka_controllers."),
    (1, [3, 5], f"1 controller, and kafka_quorum_sizes accepts 3 or 5. {ADD.format(1)}"),
    (2, [3, 5], f"2 controllers tolerate no more losses than 1. {ODD}"),
    (4, [3, 5], f"4 controllers tolerate no more losses than 3. {ODD}"),
    (6, [3, 5], f"6 controllers tolerate no more losses than 5. {ODD}"),
    (7, [3, 5], f"7 controllers, and kafka_quorum_sizes accepts 3 or 5. {ADD.format(7)}"),
    (3, [5], "3 controllers, and kafka_quorum_sizes accepts 5. Use 5 controllers, or add 3 to kafka_quorum_sizes."),
]
SIZES = [(1, 1, 0), (3, 2, 1), (5, 3, 2), (7, 4, 3)]


@pytest.mark.parametrize("policy", ["enforce", "warn"])
@pytest.mark.parametrize(("controllers", "sizes", "expected"), REFUSED)
def test_refused(make: Any, controllers: int, sizes: list[int], expected: str, policy: str) -> None:
    inventory = make(controllers=controllers)
    found = quorum(inventory.set("all", kafka_quorum_sizes=sizes, kafka_placement_policy=policy).model())
    assert [line(one) for one in found["problems"]] == [f"orders: kafka_controllers: {expected}"]


@pytest.mark.parametrize("listed", [2, 4])
def test_even_is_refused_even_when_it_is_listed(make: Any, listed: int) -> None:
    inventory = make(controllers=listed).set("all", kafka_quorum_sizes=[3, listed], kafka_rack=None)
    why = [one["why"] for one in inventory.check()["problems"]]
    assert why == [
        "an even number of controllers tolerates no more losses than one fewer",
        f"{listed} controllers tolerate no more losses than {listed - 1}",
    ]


@pytest.mark.parametrize(("voters", "majority", "tolerated"), SIZES)
def test_sizes(make: Any, voters: int, majority: int, tolerated: int) -> None:
    found = quorum(make(controllers=voters).set("all", kafka_quorum_sizes=[1, 3, 5, 7]).model())
    assert found["clusters"] == {"orders": {"voters": voters, "majority": majority, "tolerated": tolerated}}
    assert found["problems"] == []


def test_one_controller_is_warned_about(make: Any) -> None:
    found = quorum(make(controllers=1).set("all", kafka_quorum_sizes=[1]).model())
    assert [line(one) for one in found["warnings"]] == [
        "orders: kafka_controllers: 1 controller: when it is lost, so is the cluster's metadata. "
        "Use 3 controllers for anything but a trial."
    ]


def test_plugin() -> None:
    assert FilterModule().filters() == {"quorum": quorum}
