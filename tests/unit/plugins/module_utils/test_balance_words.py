"""The unevenness in words and numbers, the plan in words, progress, and what is left over."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._admin_moves import Reassignment
from ansible_collections.kraftops.kafka.plugins.module_utils._balance import (
    Broker,
    Disk,
    Layout,
    Placed,
    Wishes,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_look import Found
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_measure import measure
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_network import sample, used
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_plan import Move, Plan, plan
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_progress import Progress
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_report import (
    batches,
    cautions,
    leftovers,
    plain_plan,
    under_way,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_steps import (
    Batch,
    throttled_replicas,
    too_slow,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_words import percents, planned, uneven, unmended

GIB = 1 << 30
BROKERS = {
    11 + n: Broker(11 + n, f"broker-{n + 1}", rack, {"/d1": Disk(), "/d2": Disk()}) for n, rack in enumerate("abca")
}


def layout(*rows: tuple[int, ...], leaders: tuple[int, ...] = (), brokers: Any = None, size: int = GIB) -> Layout:
    return Layout(
        brokers or {node: BROKERS[node] for node in (11, 12, 13)},
        tuple(
            Placed("orders", n, leaders[n] if leaders else row[0], row, size, dict.fromkeys(row, "/d1"))
            for n, row in enumerate(rows)
        ),
    )


def test_even() -> None:
    even = layout((11, 12, 13), (12, 13, 11), (13, 11, 12), size=0)
    assert uneven(measure(even, Wishes())) == []


def test_leaders_and_preferred_leaders() -> None:
    """The words of the documentation."""
    rows = [(11, 12, 13)] * 8 + [(12, 13, 11)] * 12 + [(13, 11, 12)] * 9
    rows += [(12, 13, 11)]
    led = [row[0] for row in rows[:-1]] + [11]
    assert uneven(measure(layout(*rows, leaders=tuple(led), size=0), Wishes())) == [
        "broker-2 holds 40 % of leaders (fair share 33 %)",
        "1 partition is not led by the preferred leader: orders-29",
    ]


def test_racks_disks_and_drained() -> None:
    rows = [(11, 14, 12)] * 2 + [(11, 12, 13)] * 2
    found = measure(layout(*rows, brokers=BROKERS), Wishes(tolerance=1.0, drain=frozenset({13})))
    assert uneven(found)[0] == "broker-3 holds 17 % of replicas (fair share 0 %)"
    found = measure(layout(*rows, brokers=BROKERS), Wishes(tolerance=0.2))
    assert uneven(found)[:3] == [
        "orders-0 has two replicas in rack a",
        "orders-1 has two replicas in rack a",
        "broker-1 holds 100 % of leaders (fair share 25 %)",
    ]
    assert "broker-1 holds 100 % of its bytes in /d1 (fair share 50 %)" in uneven(found)
    assert found["racks"][0] == {
        "rack": "a",
        "brokers": 2,
        "replicas": 6,
        "leaders": 4,
        "bytes": 6 * GIB,
        "fair": {"replicas": 4.0, "leaders": 2.0, "bytes": 4.0 * GIB},
    }


def test_what_no_plan_can_even_out_is_said() -> None:
    """A topic without followers is led where it lies, and every broker leads the same number."""
    placed = [Placed("lone", n, 11, (11,), 0) for n in range(6)]
    placed += [Placed("other", n, node, (node,), 0) for n, node in enumerate((12,) * 6 + (13,) * 6 + (14,) * 6)]
    then = measure(Layout(BROKERS, tuple(placed)), Wishes())
    assert unmended(then) == [
        "it stays that broker-1 leads 6 of 6 partitions of lone (fair share 1.5): no other order of its replicas leaves the "
        "leaders of all topics even"
    ]


def test_a_topic_and_missing_leaders() -> None:
    rows = [(11, 12, 13)] * 7 + [(12, 13, 11), (13, 12, 11)]
    told = uneven(measure(layout(*rows, leaders=(11,) * 7 + (12, -1), size=0), Wishes(tolerance=1.0)))
    assert "broker-1 leads 7 of 9 partitions of orders (fair share 3)" in told
    assert told[-1] == "1 partition without a leader: orders-8"


@pytest.mark.parametrize(
    ("part", "fair", "told"),
    [(0.41, 0.333, ("41 %", "33 %")), (0.057, 0.05, ("5.7 %", "5.0 %")), (0.17, 0.0, ("17 %", "0 %"))],
)
def test_percents(part: float, fair: float, told: tuple[str, str]) -> None:
    assert percents(part, fair) == told


def test_many_are_counted() -> None:
    rows = [(11, 14, 12)] * 30
    told = uneven(measure(layout(*rows, brokers=BROKERS, size=0), Wishes(tolerance=1.0)))
    assert told[10] == "... and 20 more such partitions"


def test_the_plan_in_words() -> None:
    crowded = layout((12, 11, 14), (13, 11, 12), (11, 12, 13), brokers=BROKERS)
    wishes = Wishes(tolerance=1.0, ignored_bytes=9 * GIB)
    assert planned(plan(crowded, wishes), crowded, 64 << 20) == [
        "move 1 partition, 1 GiB over the network, at least 16 seconds at 64 MiB a second",
        "  orders-0: broker-1 -> broker-3 (1 GiB)",
    ]
    moves = Plan(
        elections=crowded.partitions[:1],
        reorders=(Move("orders", 1, (11, 12), (12, 11)),),
        moves=(Move("orders", 2, (11, 12), (11,), GIB), Move("orders", 3, (11,), (11, 12), GIB)),
        undrained=("a-1",),
        factorless=("b-1",),
        unspread=tuple(f"c-{n}" for n in range(7)),
    )
    assert planned(moves, crowded, 1 << 30) == [
        "elect the preferred leader of 1 partition; moves no data",
        "give 1 partition another preferred leader; moves no data",
        "move 2 partitions, 1 GiB over the network, at least 1 second at 1 GiB a second",
        "  orders-2: off broker-2",
        "  orders-3: also on broker-2 (1 GiB)",
        "c-0, c-1, c-2, c-3, c-4 and 2 more: cannot be spread over the racks: no broker of another rack may take a replica",
        "a-1: cannot leave the drained brokers: no other broker may take a replica, or the topic is excluded",
        "b-1: cannot have the wanted replication factor: too few brokers",
    ]


def found(**other: Any) -> Found:
    return Found(layout((11, 12, 13), (12, 13, 11)), {}, **other)


def test_leftovers() -> None:
    moving = {("orders", 1): Reassignment((13, 12, 11), (13,), (11,))}
    rates = {12: {"leader.replication.throttled.rate": "1000"}}
    throttled = {"orders": {"leader.replication.throttled.replicas": "1:12"}}
    assert leftovers(found()) == []
    assert leftovers(found(moving=moving, rates=rates)) == [
        "orders-1 is being moved to broker-3",
        "broker-2 has leader.replication.throttled.rate=1000",
        "-e kafka_balance_execute=true sees it through and goes on; -e kafka_balance_cancel=true puts it back",
    ]
    assert leftovers(found(rates=rates, throttled=throttled))[1:] == [
        "topic orders has leader.replication.throttled.replicas",
        "nothing is being moved, so these throttles are left over and slow replication: -e kafka_balance_cancel=true "
        "takes them away",
    ]
    assert under_way(found(moving=moving))["moves"][0]["after"] == (13, 12)
    assert under_way(found(moving=moving))["moves"][0]["before"] == (12, 11)


def test_cautions() -> None:
    gone = {**BROKERS, 12: BROKERS[12]._replace(serves=False), 13: BROKERS[13]._replace(serves=False)}
    given = layout((11, 12, 13), brokers=gone)
    assert cautions(Found(given, {}, silent={13: "no route"}), given, Wishes(drain=frozenset({11, 14}))) == [
        "broker-3 does not show its disks and is left alone: no route",
        "broker-2 does not serve; its replicas count where they are. If it is gone for good: -e kafka_balance_drain=broker-2",
        "without the drained brokers 2 racks of 3 are left for replicas",
    ]


def test_batches_begin_with_what_moves_nothing() -> None:
    made = Plan(
        elections=layout((11, 12, 13)).partitions,
        reorders=(Move("orders", 1, (11, 12), (12, 11)),),
        moves=tuple(Move("t", n, (11,), (12,), 1) for n in range(5)),
    )
    several = list(batches(plain_plan(made), 2))
    assert [len(one["moves"]) for one in several] == [1, 2, 2, 1]
    assert several[0]["elections"] == [["orders", 0]]
    assert list(batches(plain_plan(Plan()), 2)) == []


BATCH = Batch(moves=(Move("t", 0, (11, 12), (13, 12), GIB), Move("t", 1, (12, 11), (12, 13), GIB)))


def test_throttles_hold_for_moving_replicas_alone() -> None:
    assert throttled_replicas(BATCH) == {
        "t": {
            "leader.replication.throttled.replicas": "0:11,0:12,1:12,1:11",
            "follower.replication.throttled.replicas": "0:13,1:13",
        }
    }
    assert throttled_replicas(Batch(moves=(Move("t", 0, (11, 12), (12, 11), GIB),))) == {}


@pytest.mark.parametrize(("throttle", "expected"), [(100, None), (30, (13, 30.0)), (31, None), (5, (13, 30.0))])
def test_a_throttle_that_would_never_end(throttle: int, expected: Any) -> None:
    rates = {("t", 0): 10.0, ("t", 1): 20.0}
    assert too_slow(BATCH, rates, {("t", 0): 11, ("t", 1): 12}, throttle) == expected


def test_progress() -> None:
    work = {"elections": [], "disk_moves": [], "moves": [{"bytes": GIB, "before": [11], "after": [12]}] * 4}
    progress = Progress("batch 1 of 2", work)
    assert progress.line(4, 0, 100.0) == "batch 1 of 2: 0 of 4 partitions, 0 bytes of 4 GiB"
    assert progress.line(3, GIB, 110.0) == (
        "batch 1 of 2: 1 of 4 partitions, 1 GiB of 4 GiB, 102.4 MiB a second, about 30 seconds left"
    )
    assert progress.line(0, 4 * GIB, 120.0) == "batch 1 of 2: 4 of 4 partitions, 4 GiB of 4 GiB"


def test_idle() -> None:
    progress = Progress("batch 1 of 2", {"elections": [], "disk_moves": [], "moves": []})
    assert [
        progress.idle(*seen) for seen in ((2, 5, 10.0), (2, 5, 30.0), (2, 6, 40.0), (1, 6, 50.0), (1, 6, 55.0))
    ] == [
        0.0,
        20.0,
        0.0,
        0.0,
        5.0,
    ]


def test_network() -> None:
    text = (
        'node_network_receive_bytes_total{device="eth0"} 1000\nnode_network_transmit_bytes_total{device="eth0"} 50\n'
        'node_network_speed_bytes{device="eth0"} 1e+03\nnode_network_receive_bytes_total{device="lo"} 5\n'
    )
    before = sample(text)
    assert set(before) == {"eth0"}
    assert used(before, sample(text.replace(" 1000", " 7000")), 10.0) == pytest.approx(0.6)
    assert used({}, before, 1.0) == 0.0
    silent = text.replace("1e+03", "-125000")
    assert sample(silent) == {}
    assert sample(f'{silent}kafka_host_network_speed_bytes{{device="eth0"}} 2000\n')["eth0"]["speed_bytes"] == 2000
    assert sample(f'{text}kafka_host_network_speed_bytes{{device="eth0"}} 2000\n')["eth0"]["speed_bytes"] == 1000
