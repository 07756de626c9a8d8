"""Replication, racks, and what a cluster survives in words."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.filter.placement import FilterModule, placement
from ansible_collections.kraftops.kafka.plugins.module_utils._placement import worst_share
from ansible_collections.kraftops.kafka.plugins.module_utils._problems import line

HOLDS = "{} controllers ({}); when it is lost, no majority is left. Put at most"
MISSING = "but set on other hosts of the cluster. Set it on every host of the cluster, or on none"
MORE_BROKERS = "Add brokers, or lower kafka_replication_factor and kafka_min_insync_replicas for this cluster."
STOPS = "so one restart stops acks=all writes."
UNEVEN = "those in the small rack get more replicas each. Use the same number of brokers in each rack."
MORE_RACKS = "Spread the brokers over more racks."


def racks(inventory: Any, controllers: str, brokers: str) -> Any:
    """Give each controller and broker the rack with one letter, in order; a dot is none."""
    for kind, letters in (("controller", controllers), ("broker", brokers)):
        for number, letter in enumerate(letters, 1):
            inventory.set(f"{kind}-{number}", kafka_rack=None if letter == "." else letter)
    return inventory


# racks of controllers and brokers, problem
RACKS = [
    (
        "aab",
        "abc",
        f"kafka_rack = a: holds {HOLDS.format('2 of 3', 'controller-1, controller-2')} 1 in a rack",
    ),
    (
        "aaabc",
        "abc",
        f"kafka_rack = a: holds {HOLDS.format('3 of 5', 'controller-1, controller-2, controller-3')} 2 in a rack",
    ),
    (
        "abc",
        "ab.",
        "kafka_rack: missing on broker-3, but set on other hosts of the cluster. Set it on every host of the cluster, or on none",
    ),
    (
        "...",
        "abc",
        f"kafka_rack: missing on controller-1, controller-2, controller-3, {MISSING}",
    ),
    (
        "abc",
        "abab",
        f"kafka_rack: brokers in 2 racks: the loss of one can leave 1 of 3 replicas, and acks=all needs 2. {MORE_RACKS[:-1]}",
    ),
    (
        "abc",
        "aaa",
        f"kafka_rack: brokers in 1 rack: the loss of one can leave 0 of 3 replicas, and acks=all needs 2. {MORE_RACKS[:-1]}",
    ),
    ("abc", "aaabc", f"kafka_rack: brokers per rack are uneven (a: 3, b: 1, c: 1); {UNEVEN[:-1]}"),
]


@pytest.mark.parametrize(("controllers", "brokers", "expected"), RACKS)
def test_racks(make: Any, controllers: str, brokers: str, expected: str) -> None:
    inventory = racks(make(len(controllers), len(brokers)), controllers, brokers)
    assert inventory.problems() == [f"orders: {expected}."]
    inventory.set("all", kafka_placement_policy="warn")
    assert (inventory.problems(), inventory.warnings()) == ([], [f"orders: {expected}."])


GOOD = [("abc", "abc"), ("aabbc", "abcabc"), ("abcde", "abcd"), ("...", "...")]


@pytest.mark.parametrize(("controllers", "brokers"), GOOD)
def test_good_racks(make: Any, controllers: str, brokers: str) -> None:
    assert racks(make(len(controllers), len(brokers)), controllers, brokers).problems() == []


WARNED = [
    ("abc", "aabc", f"brokers per rack are uneven (a: 2, b: 1, c: 1); {UNEVEN}"),
    (
        "...",
        "...",
        "no host has a rack, so the placement cannot be checked. Set kafka_rack on every host, or accept it.",
    ),
]


@pytest.mark.parametrize(("controllers", "brokers", "expected"), WARNED)
def test_warned(make: Any, controllers: str, brokers: str, expected: str) -> None:
    inventory = racks(make(len(controllers), len(brokers)), controllers, brokers)
    assert (inventory.problems(), inventory.warnings()) == ([], [f"orders: kafka_rack: {expected}"])


# brokers, replication factor, min ISR, problem; the policy `warn` does not soften these
REPLICATION = [
    (
        3,
        4,
        2,
        f"kafka_replication_factor = 4: more replicas than brokers (3), so no topic could be made. {MORE_BROKERS}",
    ),
    (
        3,
        3,
        3,
        "kafka_min_insync_replicas = 3: not less than kafka_replication_factor (3), so one restart stops acks=all writes. Lower it.",
    ),
    (
        3,
        1,
        1,
        f"kafka_min_insync_replicas = 1: not less than kafka_replication_factor (1), {STOPS} "
        "Use kafka_replication_factor 2 or more: 1 is for a single broker.",
    ),
    (0, 3, 2, "kafka_brokers: no broker. Put hosts of this cluster into kafka_brokers."),
]


@pytest.mark.parametrize("policy", ["enforce", "warn"])
@pytest.mark.parametrize("row", REPLICATION)
def test_replication(make: Any, row: tuple[int, int, int, str], policy: str) -> None:
    brokers, factor, min_isr, expected = row
    inventory = make(brokers=brokers).set("all", kafka_placement_policy=policy)
    inventory.set("all", kafka_replication_factor=factor, kafka_min_insync_replicas=min_isr)
    assert inventory.problems() == [f"orders: {expected}"]


def test_one_broker_may_have_one_replica(make: Any) -> None:
    inventory = make(brokers=1).set("all", kafka_replication_factor=1, kafka_min_insync_replicas=1)
    assert (inventory.problems(), inventory.warnings()) == (
        [],
        [
            "orders: kafka_replication_factor = 1: 1 replica of everything: when the broker is lost, so is the data. "
            "Use 3 brokers for anything but a trial."
        ],
    )


def test_combined_nodes_are_warned_about(make: Any) -> None:
    inventory = make(brokers=0)
    inventory.groups["kafka_brokers"] = list(inventory.groups["kafka_controllers"])
    assert inventory.warnings() == [
        "orders: kafka_controllers: combined nodes (controller-1, controller-2, controller-3) are not recommended "
        "where it matters: both roles restart together. Use hosts of their own for the controllers."
    ]


# sizes of the racks, replication factor, most replicas of one partition in one rack
SHARES = [((1, 1, 1), 3, 1), ((3, 3), 3, 2), ((3, 1), 4, 3), ((3,), 3, 3), ((1, 1, 1, 1), 4, 1), ((2, 2, 2), 5, 2)]


@pytest.mark.parametrize(("sizes", "factor", "share"), SHARES)
def test_worst_share(sizes: tuple[int, ...], factor: int, share: int) -> None:
    assert worst_share({str(index): size for index, size in enumerate(sizes)}, factor) == share


RACK = "survives the loss of any one rack"
DOWN = "with one node down for a restart"
ANSWERS = [
    (
        ("abc", "abc", 3, 2),
        [
            "tolerates the loss of 1 of 3 controllers (majority 2).",
            "acks=all writes go on with 1 of 3 brokers lost (3 replicas, 2 must be in sync).",
            f"{RACK}, controllers: yes, because the loss of rack a leaves 2 of 3, and 2 are needed.",
            f"{RACK}, acks=all writes: yes, because at worst 2 of 3 replicas are left, and 2 must be in sync.",
            f"{DOWN}: no further controller may be lost (2 voters left, 2 needed); "
            "no further broker may be lost (2 replicas left, 2 needed).",
            f"{DOWN}, survives the loss of a rack, controllers: no, because the loss of rack a leaves 1 of 3, and 2 are needed.",
            f"{DOWN}, survives the loss of a rack, acks=all writes: no, because at worst 1 of 3 replicas are left, and 2 must be in sync.",
        ],
    ),
    (
        ("abcde", "abcd", 4, 2),
        [
            "tolerates the loss of 2 of 5 controllers (majority 3).",
            "acks=all writes go on with 2 of 4 brokers lost (4 replicas, 2 must be in sync).",
            f"{RACK}, controllers: yes, because the loss of rack a leaves 4 of 5, and 3 are needed.",
            f"{RACK}, acks=all writes: yes, because at worst 3 of 4 replicas are left, and 2 must be in sync.",
            f"{DOWN}: 1 further controller may be lost (4 voters left, 3 needed); "
            "1 further broker may be lost (3 replicas left, 2 needed).",
            f"{DOWN}, survives the loss of a rack, controllers: yes, because the loss of rack a leaves 3 of 5, and 3 are needed.",
            f"{DOWN}, survives the loss of a rack, acks=all writes: yes, because at worst 2 of 4 replicas are left, and 2 must be in sync.",
        ],
    ),
    (
        ("aab", ".", 1, 1),
        [
            "tolerates the loss of 1 of 3 controllers (majority 2).",
            "acks=all writes go on with 0 of 1 brokers lost (1 replica, 1 must be in sync).",
            f"{RACK}, controllers: no, because the loss of rack a leaves 1 of 3, and 2 are needed.",
            f"{RACK}, acks=all writes: unknown, because not every broker has a rack.",
            f"{DOWN}: no further controller may be lost (2 voters left, 2 needed); "
            "acks=all writes stop until the broker is back (0 replicas left, 1 needed).",
            f"{DOWN}, survives the loss of a rack, controllers: no, because the loss of rack a leaves 0 of 3, and 2 are needed.",
            f"{DOWN}, survives the loss of a rack, acks=all writes: unknown, because not every broker has a rack.",
        ],
    ),
    (
        (".", "ab", 3, 2),
        [
            "tolerates the loss of 0 of 1 controllers (majority 1).",
            "acks=all writes go on with 0 of 2 brokers lost (3 replicas, 2 must be in sync).",
            f"{RACK}, controllers: unknown, because not every controller has a rack.",
            f"{RACK}, acks=all writes: no, because there are fewer brokers than the 3 replicas of a topic.",
            f"{DOWN}: nothing is decided until the controller is back (0 voters left, 1 needed); "
            "no further broker may be lost (2 replicas left, 2 needed).",
            f"{DOWN}, survives the loss of a rack, controllers: unknown, because not every controller has a rack.",
            f"{DOWN}, survives the loss of a rack, acks=all writes: no, because there are fewer brokers than the 3 replicas of a topic.",
        ],
    ),
    (("", "abc", 3, 2), ["not a cluster yet, because controllers or brokers are missing."]),
]


@pytest.mark.parametrize(("cluster", "expected"), ANSWERS)
def test_answers(make: Any, cluster: tuple[str, str, int, int], expected: list[str]) -> None:
    controllers, brokers, factor, min_isr = cluster
    inventory = racks(make(len(controllers), len(brokers)), controllers, brokers)
    inventory.set("all", kafka_replication_factor=factor, kafka_min_insync_replicas=min_isr)
    assert placement(inventory.model())["answers"] == {"orders": [f"orders: {one}" for one in expected]}


def test_alone_it_finds_the_same(make: Any) -> None:
    found = placement(racks(make(), "aab", "abc").model())
    assert [line(one) for one in found["problems"]] == [f"orders: {RACKS[0][2]}."]


def test_plugin() -> None:
    assert FilterModule().filters() == {"placement": placement}
