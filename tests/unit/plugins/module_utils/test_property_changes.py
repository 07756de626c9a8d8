"""Properties that a running Kafka takes live: classes, sentences, and what somebody else set."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.plugins.planned import DAY, FILE, FOREIGN, LIVE, TEN_DAYS, WEEK, Row, base, lines
from tests.unit.plugins.running_kafka import describe, node

SHADOW = "a dynamic value that shadows the file is removed, or the restarted process would keep it"
CONTROLLER = "only brokers use it: it is written to this controller's file, nothing else is needed"
ALIKE = "the nodes should not have it alike: the value for the whole cluster is removed"
CASES: list[tuple[str, dict[str, Any], list[Row]]] = [
    ("nothing", node(), []),
    (
        "live for the cluster",
        node(desired={"num.io.threads": "12"}),
        [("num.io.threads", "8", "12", "dynamic-cluster set", LIVE)],
    ),
    (
        "live already, from a dynamic value",
        node(desired={"num.io.threads": "12"}, cluster={"num.io.threads": "12"}),
        [("num.io.threads", "(absent)", "12", "none", FILE)],
    ),
    ("live already, all of it", node(was={"num.io.threads": "12"}, cluster={"num.io.threads": "12"}), []),
    (
        "a default said aloud",
        node(desired={"num.io.threads": "8"}),
        [("num.io.threads", "(absent)", "8", "none", FILE)],
    ),
    (
        "somebody turned it back",
        node(was={"num.io.threads": "12"}, cluster={"num.io.threads": "9"}),
        [("num.io.threads", "9", "12", "dynamic-cluster set", LIVE)],
    ),
    (
        "hours become milliseconds",
        node(desired={"log.retention.hours": "240"}),
        [
            (
                "log.retention.ms",
                WEEK,
                TEN_DAYS,
                "dynamic-cluster set",
                "said as log.retention.hours = 240, set live as log.retention.ms",
            )
        ],
    ),
    (
        "the same in other words",
        node(was={"log.retention.hours": "168"}, desired={"log.retention.hours": "-", "log.retention.ms": WEEK}),
        [
            (
                "log.retention.ms",
                WEEK,
                WEEK,
                "none",
                f"the same value in other words (log.retention.ms = {WEEK}): {FILE}",
            )
        ],
    ),
    (
        "out of the inventory",
        node(was={"num.io.threads": "12"}, desired={"num.io.threads": "-"}),
        [("num.io.threads", "12", "8", "dynamic-cluster set", "no longer in the inventory: back to Kafka's default")],
    ),
    (
        "out of the inventory, not loaded any more",
        node(file=base(num_io_threads="12"), cluster={"num.io.threads": "12"}),
        [
            (
                "num.io.threads",
                "12",
                "8",
                "dynamic-cluster delete",
                "no longer in the inventory: back to Kafka's default",
            )
        ],
    ),
    (
        "a value of its own in the way",
        node(was={"num.io.threads": "12"}, own={"num.io.threads": "9"}),
        [
            (
                "num.io.threads",
                "9",
                "12",
                "dynamic-broker delete",
                "this node's own dynamic value shadows the cluster's and is removed",
            )
        ],
    ),
    (
        "a pool within one step",
        node(desired={"background.threads": "20"}),
        [("background.threads", "10", "20", "dynamic-cluster set", LIVE)],
    ),
    (
        "a pool beyond one step",
        node(desired={"background.threads": "21"}),
        [
            (
                "background.threads",
                "10",
                "21",
                "restart",
                "Kafka resizes a running pool at most by half or double: from 10",
            )
        ],
    ),
    (
        "a pool beyond one step, shadowed",
        node(was={"background.threads": "21"}, cluster={"background.threads": "10"}),
        [
            ("background.threads", "10", "(absent)", "dynamic-cluster delete", SHADOW),
            (
                "background.threads",
                "10",
                "21",
                "restart",
                "Kafka resizes a running pool at most by half or double: from 10",
            ),
        ],
    ),
    (
        "a listener's own limit",
        node(desired={"listener.name.client.max.connections": "9"}),
        [("listener.name.client.max.connections", "(absent)", "9", "dynamic-broker set", "taken live")],
    ),
    ("a listener's own limit, live", node(was={"listener.name.client.max.connections": "9"}), []),
    (
        "a controller has no use for it",
        node("controller", desired={"log.retention.ms": DAY}),
        [("log.retention.ms", "(absent)", DAY, "none", CONTROLLER)],
    ),
    (
        "a controller takes it live",
        node("controller", desired={"num.network.threads": "4"}),
        [("num.network.threads", "3", "4", "dynamic-cluster set", LIVE)],
    ),
    (
        "a combined node is a broker",
        node("combined", desired={"log.retention.ms": TEN_DAYS}),
        [("log.retention.ms", WEEK, TEN_DAYS, "dynamic-cluster set", LIVE)],
    ),
    (
        "dynamic in 3.9 only",
        node(
            desired={"log.message.downconversion.enable": "false"},
            version="3.9.2",
            live={
                **describe(base()),
                "log.message.downconversion.enable": {"value": "true", "read_only": False, "source": 5, "synonyms": []},
            },
        ),
        [("log.message.downconversion.enable", "true", "false", "dynamic-cluster set", LIVE)],
    ),
    (
        "silent",
        node(desired={"num.io.threads": "12"}, live=None),
        [
            (
                "num.io.threads",
                "(absent)",
                "12",
                "dynamic-cluster set",
                "the node does not answer, so this is compared with what it was started with",
            )
        ],
    ),
    (
        "silent, for one node",
        node(desired={"listener.name.client.max.connections": "9"}, live=None),
        [
            (
                "listener.name.client.max.connections",
                "(absent)",
                "9",
                "dynamic-broker set",
                "the node does not answer, so this is compared with what it was started with",
            )
        ],
    ),
    (
        "somebody else's",
        node(cluster={"num.io.threads": "9"}, own={"log.retention.ms": TEN_DAYS}),
        [
            (
                "log.retention.ms",
                TEN_DAYS,
                TEN_DAYS,
                "none foreign",
                f"{FOREIGN}: left as it is (kafka_foreign_overrides: remove takes it away)",
            ),
            (
                "num.io.threads",
                "9",
                "9",
                "none foreign",
                f"{FOREIGN}: left as it is (kafka_foreign_overrides: remove takes it away)",
            ),
        ],
    ),
    (
        "throttles of a reassignment",
        node(own={"leader.replication.throttled.rate": "9"}, cluster={"follower.replication.throttled.rate": "9"}),
        [],
    ),
    (
        "set by an earlier run",
        node(cluster={"num.io.threads": "9"}, owned=["num.io.threads"]),
        [("num.io.threads", "9", "8", "dynamic-cluster delete", "no longer in the inventory: back to Kafka's default")],
    ),
]


@pytest.mark.parametrize(("title", "one", "expected"), CASES, ids=[row[0] for row in CASES])
def test_changes_that_kafka_takes_live(title: str, one: dict[str, Any], expected: list[Row]) -> None:
    assert lines(one) == expected


def test_foreign_values_are_removed_on_request() -> None:
    one = node(cluster={"log.retention.ms": TEN_DAYS}, own={"num.io.threads": "9"})
    told = f"{FOREIGN}: removed (kafka_foreign_overrides: remove)"
    found = lines(one, remove=True)
    assert found[0][:4] == (
        "log.retention.ms",
        TEN_DAYS,
        WEEK,
        "destroys-data dynamic-cluster delete refused foreign",
    )
    assert found[0][4].endswith(told)
    assert found[1] == ("num.io.threads", "9", "8", "dynamic-broker delete foreign", told)


def test_a_key_of_other_nodes_is_not_foreign() -> None:
    broker = node(was={"num.replica.fetchers": "2"})
    assert lines(node("controller", cluster={"num.replica.fetchers": "4"}), broker) == []


@pytest.mark.parametrize(("version", "kind"), [("4.3.1", "dynamic-broker set"), ("4.2.1", "restart")])
def test_nodes_that_should_differ(version: str, kind: str) -> None:
    broker = node(was={"num.io.threads": "12"}, cluster={"num.io.threads": "12"}, version=version)
    controller = node("controller", desired={"num.io.threads": "9"}, cluster={"num.io.threads": "12"}, version=version)
    reasons = {"restart": "a controller before Kafka 4.3 takes no dynamic properties of its own"}
    own = reasons.get(kind, "not the same on all nodes, so it is set for this one")
    assert lines(controller, broker) == [
        ("num.io.threads", "12", "9", kind, own),
        ("num.io.threads", "12", "(absent)", "dynamic-cluster delete", ALIKE),
    ]
    assert lines(broker, controller) == [("num.io.threads", "12", "(absent)", "dynamic-cluster delete", ALIKE)]
