"""Topics are made as declared over all racks; a thousand of them are looked at in seconds; every mistake is refused."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

from tests.lab.balance import replicas, topics
from tests.lab.change import words
from tests.lab.live import ROOT, Live, figure

testinfra_hosts = ["ansible://kafka_brokers"]
ORDERS = {"name": "balance-orders", "partitions": 12, "config": {"retention.ms": 604800000}}


def test_made_over_all_racks_and_then_left_alone(live: Live) -> None:
    play = topics(ORDERS, extra=("--check", "--diff"))
    assert play.code == 0, play.output
    assert "+balance-orders: partitions=12" in play.output
    assert all(name != "balance-orders" for name, _number in replicas(live))
    assert topics(ORDERS).total("changed") == 1
    racks = {node.node_id: node.rack for node in live.brokers}
    rows = [where for (name, _number), where in replicas(live).items() if name == "balance-orders"]
    assert len(rows) == 12
    assert all({racks[node] for node in row} == {"a", "b", "c"} for row in rows)
    assert topics(ORDERS).total("changed") == 0


def test_grown_and_changed(live: Live) -> None:
    grown = {**ORDERS, "partitions": 15, "config": {"retention.ms": 864000000}}
    play = topics(grown)
    assert play.code == 0, play.output
    assert "balance-orders: grows from 12 to 15 partitions, for ever" in words(play.output)
    assert sum(name == "balance-orders" for name, _number in replicas(live)) == 15


def test_every_mistake_is_refused_at_once_and_nothing_is_done(live: Live) -> None:
    before = replicas(live)
    play = topics(
        {"name": "balance-orders", "partitions": 6, "config": {"retention.ms": 1000}},
        {"name": "balance_orders"},
        {"name": "balance-wide", "replication_factor": 9},
        {"name": "balance-odd", "config": {"no.such.key": 1}},
        {"name": "balance-strict", "config": {"min.insync.replicas": 3}},
        {"name": "balance.orders", "partitions": 1},
    )
    told = words(play.output)
    assert play.code != 0
    for text in (
        "balance-orders: has 15 partitions, 6 are declared, and Kafka cannot take any away",
        "balance-orders: retention.ms=1000: messages would be kept 1 second instead of 10 days",
        "If that is meant, give -e kafka_confirm_data_loss=balance-orders",
        "balance.orders: metrics cannot tell it from balance_orders",
        "balance-wide: 9 replicas need 9 brokers, and 4 serve",
        "balance-odd: Kafka refuses it: Unknown topic config name: no.such.key",
        "balance-strict: min.insync.replicas 3 of 3 replicas",
    ):
        assert text in told
    assert replicas(live) == before


def test_deletion_needs_a_word(live: Live) -> None:
    topics({"name": "balance-gone", "partitions": 1})
    gone = {"name": "balance-gone", "state": "absent"}
    assert "would be deleted with 0 bytes of messages" in words(topics(gone).output)
    assert ("balance-gone", 0) in replicas(live)
    assert topics(gone, extra=("-e", "kafka_topics_allow_delete=true")).code == 0
    assert ("balance-gone", 0) not in replicas(live)


def test_a_thousand_topics(live: Live, tmp_path: Path) -> None:
    """One module call; what Ansible itself takes for a call is measured beside it and not counted."""
    declared = [
        {"name": f"balance-many-{n:04}", "partitions": 1, "config": {"segment.ms": 3600000}} for n in range(1000)
    ]
    arguments = tmp_path / "arguments.json"
    arguments.write_text(
        json.dumps({"bootstrap": [f"{live.brokers[0].name}:9092"], "topics": declared, "timeout": 120})
    )
    made = adhoc("kraftops.kafka.kafka_topics", f"@{arguments}")
    again = adhoc("kraftops.kafka.kafka_topics", f"@{arguments}")
    nothing = adhoc("ansible.builtin.ping", "")
    figure(f"1,000 topics: made in {made[1]:.1f} s, unchanged in {again[1] - nothing[1]:.1f} s")
    assert "CHANGED" in made[0]
    assert "SUCCESS" in again[0]
    assert again[1] - nothing[1] <= 5
    arguments.write_text(
        json.dumps(
            {
                "bootstrap": [f"{live.brokers[0].name}:9092"],
                "topics": [{"name": one["name"], "state": "absent"} for one in declared],
                "allow_delete": True,
            }
        )
    )
    adhoc("kraftops.kafka.kafka_topics", f"@{arguments}")


def adhoc(module: str, arguments: str) -> tuple[str, float]:
    """Call one module on the first broker; return what was printed and how long it took."""
    command = ["ansible", "broker-1", "-b", "-o", "-m", module, *(["-a", arguments] if arguments else [])]
    started = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout, time.monotonic() - started
