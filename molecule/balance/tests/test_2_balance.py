"""Skew is named, planned and restored, throttled, under traffic; a killed execution is named and seen through; a drain."""

from __future__ import annotations

from tests.lab.balance import (
    EXECUTE,
    balance,
    fill,
    held,
    kill_in_the_middle,
    moves,
    replicas,
    skew,
    throttles,
    topics,
)
from tests.lab.change import words
from tests.lab.live import Live, figure
from tests.lab.traffic import Traffic

testinfra_hosts = ["ansible://kafka_brokers"]
SKEWED = {"name": "balance-skewed", "partitions": 12}
EVEN = "the cluster is even"


def test_the_report_moves_nothing(live: Live) -> None:
    topics(SKEWED)
    skew(live, "balance-skewed", (11, 14, 12))
    before = replicas(live)
    play = balance()
    told = words(play.output)
    assert (play.code, play.total("changed")) == (0, 0), play.output
    assert "balance-skewed-0 has two replicas in rack a" in told
    assert "of leaders (fair share 25 %)" in told
    assert "over the network, at least" in told
    assert replicas(live) == before


def test_skew_is_restored_under_traffic_and_throttles_are_gone(live: Live) -> None:
    fill(live, "balance-skewed", 20)
    with Traffic(live, live.controllers[0].name) as traffic:
        play = balance(*EXECUTE, "-e", "kafka_balance_throttle=20MB")
        assert play.code == 0, play.output
    traffic.check("balance")
    traffic.remove()
    assert "batch 1 of " in play.output
    figure(f"balance: skew restored in {play.wall:.0f} s")
    assert throttles(live) == []
    racks = {node.node_id: node.rack for node in live.brokers}
    assert all(len({racks[node] for node in where}) == 3 for where in replicas(live).values())
    assert "has two replicas" not in words(balance().output)


def test_a_throttle_that_would_never_end_is_refused(live: Live) -> None:
    with Traffic(live, live.controllers[0].name):
        play = balance(*EXECUTE, "-e", "kafka_balance_drain=broker-4", "-e", "kafka_balance_throttle=1")
    assert play.code != 0
    assert "a throttle of 1 bytes a second would never end" in words(play.output)
    assert throttles(live) == []


def test_a_killed_execution_is_named_and_put_back(live: Live) -> None:
    kill_in_the_middle(live, "-e", "kafka_balance_drain=broker-4", "-e", "kafka_balance_throttle=100kB")
    with moves(live) as node:
        under_way = node.moving()
    told = words(balance().output)
    assert "is being moved to" in told
    assert "has leader.replication.throttled.rate=100000" in told
    assert throttles(live) != []
    assert balance("-e", "kafka_balance_cancel=true").code == 0
    assert throttles(live) == []
    with moves(live) as node:
        assert node.moving() == {}
    now = replicas(live)
    assert all(set(now[name]) in (set(one.before), set(one.after)) for name, one in under_way.items())
    assert any(set(now[name]) == set(one.before) for name, one in under_way.items())


def test_a_killed_drain_is_seen_through_to_zero_replicas(live: Live) -> None:
    kill_in_the_middle(live, "-e", "kafka_balance_drain=broker-4", "-e", "kafka_balance_throttle=100kB")
    play = balance(*EXECUTE, "-e", "kafka_balance_drain=broker-4", "-e", "kafka_balance_throttle=50MB")
    assert play.code == 0, play.output
    assert "going on with what an earlier run has left under way" in play.output
    assert held(live, "broker-4") == []
    assert throttles(live) == []


def test_an_empty_broker_is_filled(live: Live) -> None:
    play = balance(*EXECUTE)
    assert play.code == 0, play.output
    assert len(held(live, "broker-4")) > 0
    assert EVEN in words(play.output)
    again = balance(*EXECUTE)
    assert (again.code, again.total("changed")) == (0, 0), again.output
