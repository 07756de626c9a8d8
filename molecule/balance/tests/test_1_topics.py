"""Topics are made as declared over all racks; a thousand of them are looked at in seconds; every mistake is refused."""

from __future__ import annotations

import json
import re
import subprocess
import time

from ansible_collections.kraftops.kafka.plugins.module_utils._admin_topics import TOPIC
from tests.lab.balance import fill, moves, replicas, topics
from tests.lab.change import wait_until_whole, words
from tests.lab.live import ROOT, Live, figure

testinfra_hosts = ["ansible://kafka_brokers"]
ORDERS = {"name": "balance-orders", "partitions": 12, "config": {"retention.ms": 604800000}}
STOCK = {"name": "balance-stock", "partitions": 3, "config": {"cleanup.policy": "compact"}}
GONE = {"name": "balance-gone", "state": "absent"}
MANY = 1000


def test_made_over_all_racks_and_then_left_alone(live: Live) -> None:
    declared = (ORDERS, STOCK, {"name": "balance-gone", "partitions": 1})
    play = topics(*declared, extra=("--check", "--diff"))
    assert play.code == 0, play.output
    assert "+balance-orders: partitions=12" in play.output
    assert all(name != "balance-orders" for name, _number in replicas(live))
    assert topics(*declared).total("changed") == 1
    racks = {node.node_id: node.rack for node in live.brokers}
    rows = [where for (name, _number), where in replicas(live).items() if name == "balance-orders"]
    assert len(rows) == 12
    assert all({racks[node] for node in row} == {"a", "b", "c"} for row in rows)
    assert topics(*declared).total("changed") == 0


def test_grown_and_changed_and_what_is_not_declared_is_left_alone(live: Live) -> None:
    fill(live, "balance-orders", 2)
    with moves(live) as node:
        assert node.alter(TOPIC, {"balance-orders": {"max.message.bytes": "2000000"}}) == {}
    grown = {**ORDERS, "partitions": 15, "replication_factor": 4, "config": {"retention.ms": 864000000}}
    play = topics(grown)
    assert play.code == 0, play.output
    told = words(play.output)
    assert "balance-orders: grows from 12 to 15 partitions, for ever" in told
    assert "if its messages have keys, these map to other partitions from now on" in told
    assert "balance-orders: has 3 replicas, 4 are declared; playbooks/balance.yml plans how to get there" in told
    assert "balance-orders: set and not declared, left alone: max.message.bytes=2000000" in told
    assert sum(name == "balance-orders" for name, _number in replicas(live)) == 15
    with moves(live) as node:
        own = {
            key: one.value for key, one in node.topic_configs(["balance-orders"])["balance-orders"].items() if one.own
        }
    assert own == {"max.message.bytes": "2000000", "retention.ms": "864000000"}


def test_every_mistake_is_refused_at_once_and_nothing_is_done(live: Live) -> None:
    before = replicas(live)
    play = topics(
        {"name": "balance-orders", "partitions": 6, "config": {"retention.ms": 1000, "retention.bytes": 1000}},
        {**STOCK, "config": {"cleanup.policy": ["compact", "delete"]}},
        {"name": "balance_orders"},
        {"name": "balance.orders", "partitions": 1},
        {"name": "balance-wide", "replication_factor": 9},
        {"name": "balance-odd", "config": {"no.such.key": 1}},
        {"name": "balance-strict", "config": {"min.insync.replicas": 3}},
        GONE,
    )
    told = words(play.output)
    assert play.code != 0
    for text in (
        "nothing was changed, 9 problem(s): ",
        "balance-orders: has 15 partitions, 6 are declared, and Kafka cannot take any away",
        "Declare 15, or make a new topic with 6 and move producers and consumers over",
        "balance-orders: retention.ms=1000: messages would be kept 1 second instead of 10 days; the topic holds ",
        "lie beyond that. If that is meant, give -e kafka_confirm_data_loss=balance-orders",
        "balance-stock: cleanup.policy=compact,delete: ",
        "balance.orders: metrics cannot tell it from balance_orders",
        "balance-wide: 9 replicas need 9 brokers, and 4 serve",
        "balance-odd: Kafka refuses it: Unknown topic config name: no.such.key",
        "balance-strict: min.insync.replicas 3 of 3 replicas",
        "balance-gone: would be deleted with 0 bytes of messages. If that is meant, give -e kafka_topics_allow_delete=true",
    ):
        assert text in told
    assert re.search(r"balance-orders: retention.ms=1000: [^.]* the topic holds \d+(\.\d)? MiB", told)
    assert replicas(live) == before


def test_what_is_confirmed_is_done(live: Live) -> None:
    shorter = {**ORDERS, "partitions": 15, "config": {"retention.ms": 86400000}}
    play = topics(
        shorter, GONE, extra=("-e", "kafka_confirm_data_loss=balance-orders", "-e", "kafka_topics_allow_delete=true")
    )
    assert play.code == 0, play.output
    assert ("balance-gone", 0) not in replicas(live)
    with moves(live) as node:
        assert node.topic_configs(["balance-orders"])["balance-orders"]["retention.ms"].value == "86400000"


def test_a_thousand_topics(live: Live) -> None:
    """What Ansible itself takes for a call is measured beside it and not counted; the best of three, for others use the machine too."""
    names = [f"balance-many-{n:04}" for n in range(MANY)]
    declared = [{"name": name, "partitions": 1, "config": {"segment.ms": 3600000}} for name in names]
    made = call(live, topics=declared)
    wait_until_whole(live)
    again = [call(live, topics=declared) for _time in range(3)]
    nothing = min(adhoc("ansible.builtin.ping")[1] for _time in range(3))
    gone = call(live, topics=[{"name": name, "state": "absent"} for name in names], allow_delete=True)
    seconds = min(took for _told, took in again) - nothing
    figure(f"1,000 topics: made in {made[1]:.1f} s, unchanged in {seconds:.1f} s, deleted in {gone[1]:.1f} s")
    assert "CHANGED" in made[0]
    assert all("SUCCESS" in told for told, _took in again)
    assert seconds <= 5


def call(live: Live, **arguments: object) -> tuple[str, float]:
    """Call the module; return what was printed and how long it took."""
    given = {"bootstrap": [f"{live.brokers[0].name}:9092"], "timeout": 300, **arguments}
    return adhoc("kraftops.kafka.kafka_topics", "-a", json.dumps(given))


def adhoc(module: str, *arguments: str) -> tuple[str, float]:
    """Call one module on the first broker; return what was printed and how long it took."""
    started = time.monotonic()
    done = subprocess.run(
        ["ansible", "broker-1", "-b", "-m", module, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout, time.monotonic() - started
