"""Skew is named, planned and restored, throttled, under traffic; a killed execution is named and seen through; a drain."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from tests.lab.balance import (
    EXECUTE,
    Execution,
    balance,
    fill,
    held,
    leave_throttles,
    moves,
    probed,
    replicas,
    skew,
    throttles,
    topics,
)
from tests.lab.change import wait_until_whole, words
from tests.lab.live import Live, figure, wait_for
from tests.lab.metrics import Prometheus
from tests.lab.traffic import DELIVERY_MS, Traffic
from tests.lab.wire import Wire
from tools import rule_render

testinfra_hosts = ["ansible://kafka_brokers"]
SKEWED = {"name": "balance-skewed", "partitions": 12}
ALONE = {"name": "balance-alone", "partitions": 24, "replication_factor": 1, "config": {"min.insync.replicas": 1}}
DRAIN = ("-e", "kafka_balance_drain=broker-4")
SLOW = ("-e", "kafka_balance_throttle=100kB", "-e", "kafka_balance_batch=200")
QUICK = ("-e", "kafka_balance_throttle=50MB")
EVEN = "the cluster is even"


@pytest.fixture(scope="module", autouse=True)
def traffic(live: Live) -> Iterator[Traffic]:
    """Messages that must all arrive, from the first test to the last."""
    with Wire(live.brokers[0].address) as wire:
        wire.find_transaction_coordinator("balance")  # makes Kafka create its own topic
    with Traffic(live, live.controllers[0].name) as sender:
        yield sender
    sender.check("balance", worst_ms=DELIVERY_MS)
    sender.remove()


def test_the_report_moves_nothing(live: Live) -> None:
    topics(SKEWED)
    fill(live, "balance-skewed", 40)
    skew(live, "balance-skewed", (11, 14, 12))
    before = replicas(live)
    play = balance()
    told = words(play.output)
    assert (play.code, play.total("changed")) == (0, 0), play.output
    assert "balance-skewed-0 has two replicas in rack a" in told
    assert re.search(r"broker-\d holds \d+ % of leaders \(fair share 25 %\)", told)
    assert "over the network, at least" in told
    assert replicas(live) == before


def test_metrics_and_alerts_say_the_same(live: Live) -> None:
    now = probed(live)
    assert now["kafka_placement_violated_partitions"] == 12
    assert now['kafka_topic_leader_skew_ratio{topic="balance-skewed"}'] == 3
    assert sum(now[f'kafka_broker_leaders{{broker_id="{node.node_id}"}}'] for node in live.brokers) == len(
        replicas(live)
    )
    wait_for("the condition of an alert", 180, lambda: holds(live, "KafkaPlacementViolated"))


def holds(live: Live, alert: str) -> bool:
    """Whether the condition of an alert is true, of whatever profile it is and however long it would wait."""
    rules = rule_render.rules(rule_render.render())
    (expr,) = [rule["expr"] for rule in rules if rule.get("alert") == alert]
    return bool(Prometheus(live).query(expr))


def test_skew_is_restored_and_throttles_are_gone(live: Live) -> None:
    play = balance(*EXECUTE, *QUICK)
    assert play.code == 0, play.output
    assert re.search(r"batch \d+ of \d+: \d+ of \d+ partitions, \S+ \S+ of \S+ \S+", play.output)
    figure(f"balance: skew restored in {play.wall:.0f} s")
    assert throttles(live) == []
    racks = {node.node_id: node.rack for node in live.brokers}
    assert all(len({racks[node] for node in where}) == min(len(where), 3) for where in replicas(live).values())
    assert EVEN in words(play.output), play.output


def test_throttles_that_somebody_left_are_named_and_go(live: Live) -> None:
    leave_throttles(live, "balance-skewed")
    assert probed(live)["kafka_throttled_topics"] == 1
    told = words(balance().output)
    assert "nothing is being moved, so these throttles are left over" in told
    assert "topic balance-skewed has follower.replication.throttled.replicas" in told
    wait_for("the condition of an alert", 180, lambda: holds(live, "KafkaThrottleLeftOver"))
    assert balance("-e", "kafka_balance_cancel=true").code == 0
    assert throttles(live) == []
    now = probed(live)
    assert (now["kafka_throttled_topics"], now["kafka_throttled_brokers"]) == (0, 0)


def test_a_throttle_that_would_never_end_is_refused(live: Live) -> None:
    before = {name: set(where) for name, where in replicas(live).items()}
    play = balance(*EXECUTE, *DRAIN, "-e", "kafka_balance_throttle=1", "-e", "kafka_balance_batch=500")
    assert play.code != 0
    assert "a throttle of 1 bytes a second would never end" in words(play.output)
    assert throttles(live) == []
    assert {name: set(where) for name, where in replicas(live).items()} == before


def test_too_much_network_stops_it(live: Live) -> None:
    play = balance(*EXECUTE, *DRAIN, "-e", "kafka_balance_throttle=1MB", "-e", "kafka_balance_network=0")
    assert play.code != 0
    told = words(play.output)
    assert re.search(r"stopped: broker-\d uses \d+\.\d% of its link", told), play.output
    assert "and kafka_balance_network allows 0%. The batch is put back, and its throttles are gone" in told
    assert throttles(live) == []


def test_partitions_elsewhere_that_fall_behind_stop_it(live: Live) -> None:
    """Only partitions of two brokers move when a third one stops."""
    topics(ALONE)
    fill(live, "balance-alone", 40)
    skew(live, "balance-alone", (11,))
    only = {
        "kafka_balance_exclude_topics": ["__*", "balance-s*", "balance-o*", "change-*"],
        "kafka_balance_exclude_brokers": ["broker-2", "broker-3"],
    }
    with Execution(*SLOW, "-e", json.dumps(only), "-e", "kafka_balance_tolerance=0") as run:
        run.until_it_moves(live, "balance-alone")
        second = balance(*EXECUTE)
        live.run("broker-3", "systemctl stop kafka.service")
        code = run.end()
    live.run("broker-3", "systemctl start kafka.service")
    assert second.code != 0
    assert "The cluster is being changed by " in words(second.output)
    assert code != 0
    assert re.search(r"stopped: \d+ other partitions fall behind: ", words(run.output)), run.output
    wait_until_whole(live)
    assert "nothing is being moved, so these throttles are left over" not in words(balance().output)
    assert throttles(live) == []
    assert {where for (topic, _n), where in replicas(live).items() if topic == "balance-alone"} >= {(11,)}
    with moves(live) as node:
        assert node.delete(["balance-alone"]) == {}


def test_a_killed_execution_is_named_and_put_back(live: Live) -> None:
    with Execution(*DRAIN, *SLOW) as run:
        run.until_it_moves(live, "balance-skewed")
        run.kill()
    with moves(live) as node:
        under_way = node.moving()
    told = words(balance().output)
    assert "is being moved to" in told
    assert "has leader.replication.throttled.rate=100000" in told
    assert "sees it through and goes on" in told
    assert throttles(live) != []
    play = balance("-e", "kafka_balance_cancel=true")
    assert play.code == 0, play.output
    assert re.search(r"[1-9]\d* partitions were being moved and are put back; no throttle is left", play.output)
    assert throttles(live) == []
    with moves(live) as node:
        assert node.moving() == {}
    now = replicas(live)
    assert all(set(now[name]) in (set(one.before), set(one.after)) for name, one in under_way.items())
    assert any(set(now[name]) == set(one.before) for name, one in under_way.items())


def take_over(live: Live, name: tuple[str, int]) -> None:
    """Give a partition's replica in rack a to the fourth broker."""
    with moves(live) as node:
        assert node.reassign({name: tuple(14 if one == 11 else one for one in replicas(live)[name])}) == {}
        wait_for("one partition that moves", 120, lambda: not node.moving())


def test_a_killed_drain_is_seen_through_to_zero_replicas(live: Live) -> None:
    take_over(live, ("__consumer_offsets", 0))
    assert any(topic.startswith("__") for topic, _number in held(live, "broker-4"))
    with Execution(*DRAIN, *SLOW) as run:
        run.until_it_moves(live, "balance-skewed")
        run.kill()
    play = balance(*EXECUTE, *DRAIN, *QUICK)
    assert play.code == 0, play.output
    assert "going on with what an earlier run has left under way" in play.output
    assert held(live, "broker-4") == []
    assert throttles(live) == []


def test_an_empty_broker_is_filled_and_a_replication_factor_is_reached(live: Live) -> None:
    declared = ("-e", json.dumps({"kafka_topics": [{"name": "balance-orders", "replication_factor": 4}]}))
    play = balance(*EXECUTE, *declared)
    assert play.code == 0, play.output
    assert len(held(live, "broker-4")) > 0
    assert {len(where) for (topic, _n), where in replicas(live).items() if topic == "balance-orders"} == {4}
    assert EVEN in words(play.output), play.output
    again = balance(*EXECUTE, *declared)
    assert (again.code, again.total("changed")) == (0, 0), again.output
    assert throttles(live) == []
