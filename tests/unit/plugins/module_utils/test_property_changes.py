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
        "a listener's own pool within one step",
        node(desired={"listener.name.client.num.network.threads": "6"}),
        [("listener.name.client.num.network.threads", "(absent)", "6", "dynamic-broker set", "taken live")],
    ),
    (
        "a listener's own pool beyond one step of what all listeners have",
        node(desired={"listener.name.client.num.network.threads": "7"}),
        [
            (
                "listener.name.client.num.network.threads",
                "(absent)",
                "7",
                "restart",
                "Kafka resizes a running pool at most by half or double: from 3",
            )
        ],
    ),
    (
        "a listener's own pool beyond one step of its own",
        node(
            was={"listener.name.client.num.network.threads": "6"},
            desired={"listener.name.client.num.network.threads": "2"},
        ),
        [
            (
                "listener.name.client.num.network.threads",
                "6",
                "2",
                "restart",
                "Kafka resizes a running pool at most by half or double: from 6",
            )
        ],
    ),
    (
        "a pool at half",
        node(desired={"background.threads": "5"}),
        [("background.threads", "10", "5", "dynamic-cluster set", LIVE)],
    ),
    (
        "a pool below half",
        node(desired={"background.threads": "4"}),
        [
            (
                "background.threads",
                "10",
                "4",
                "restart",
                "Kafka resizes a running pool at most by half or double: from 10",
            )
        ],
    ),
    (
        "a dynamic value in the way of what is read at start",
        node(was={"socket.send.buffer.bytes": "9"}, own={"socket.send.buffer.bytes": "7"}),
        [("socket.send.buffer.bytes", "7", "(absent)", "dynamic-broker delete", SHADOW)],
    ),
    (
        "minutes",
        node(desired={"log.retention.minutes": "14400"}),
        [
            (
                "log.retention.ms",
                WEEK,
                TEN_DAYS,
                "dynamic-cluster set",
                "said as log.retention.minutes = 14400, set live as log.retention.ms",
            )
        ],
    ),
    (
        "milliseconds win over hours in one file",
        node(desired={"log.retention.hours": "1", "log.retention.ms": TEN_DAYS}),
        [("log.retention.ms", WEEK, TEN_DAYS, "dynamic-cluster set", LIVE)],
    ),
    (
        "for ever, in hours",
        node(desired={"log.retention.hours": "-1"}),
        [
            (
                "log.retention.ms",
                WEEK,
                "-1",
                "dynamic-cluster set",
                "said as log.retention.hours = -1, set live as log.retention.ms",
            )
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


LEFT = "no process was started with another value any more, so the dynamic one that hid it goes"
BACK = "no longer in the inventory: back to Kafka's default"
GONE = ("num.io.threads", "8", "(absent)", "dynamic-cluster delete", LEFT)
OURS: dict[str, Any] = {"cluster": {"num.io.threads": "8"}, "owned": ["num.io.threads"]}
STILL: dict[str, Any] = {**OURS, "was": {"num.io.threads": "12"}, "desired": {"num.io.threads": "-"}, "file": base()}
# what the first node and the others are, what is said about the first one
LEAVING: list[tuple[str, list[dict[str, Any]], list[Row]]] = [
    ("the process was started with the old value", [node(**STILL)], []),
    ("it was restarted", [node(**OURS)], [GONE]),
    ("another was not", [node(**OURS), node(**STILL)], []),
    ("a controller was not", [node(**OURS), node("controller", **STILL)], []),
    ("another does not answer", [node(**OURS), node(**OURS, live=None)], []),
    ("another is stopped", [node(**OURS), node(**OURS, live=None, running=False)], []),
    (
        "another is stopped, with the default in its file",
        [
            node(cluster={"log.retention.ms": WEEK}, owned=["log.retention.ms"]),
            node(live=None, running=False),
        ],
        [("log.retention.ms", WEEK, "(absent)", "dynamic-cluster delete", LEFT)],
    ),
    (
        "another is stopped, with the old value in its file",
        [
            node(cluster={"log.retention.ms": WEEK}, owned=["log.retention.ms"]),
            node(was={"log.retention.ms": DAY}, desired={"log.retention.ms": "-"}, live=None, running=False),
        ],
        [],
    ),
    (
        "somebody has changed it",
        [node(**{**OURS, "cluster": {"num.io.threads": "9"}})],
        [("num.io.threads", "9", "8", "dynamic-cluster delete", BACK)],
    ),
    (
        "somebody has changed it, and the old value would come back",
        [node(**{**STILL, "cluster": {"num.io.threads": "9"}})],
        [("num.io.threads", "9", "8", "dynamic-cluster set", BACK)],
    ),
    ("it is said again", [node(**OURS, desired={"num.io.threads": "8"}, file=base(num_io_threads="8"))], []),
    ("it is gone", [node(owned=["num.io.threads"])], []),
]


@pytest.mark.parametrize(("title", "several", "expected"), LEAVING, ids=[row[0] for row in LEAVING])
def test_a_value_of_ours_goes_when_no_process_would_fall_back(
    title: str, several: list[dict[str, Any]], expected: list[Row]
) -> None:
    for number, one in enumerate(several):
        one["host"] = f"node-{number}"
    assert lines(*several) == expected


def test_a_value_of_ours_stays_for_a_node_that_is_not_in_the_run() -> None:
    away = {"host": "away", "role": "broker", "version": "4.3.1", "desired": base()}
    assert lines(node(**OURS), elsewhere=[away]) == []
    said = node(was={"num.io.threads": "8"}, cluster={"num.io.threads": "9"})
    assert lines(said, elsewhere=[{**away, "desired": base(num_io_threads="12")}]) == [
        ("num.io.threads", "9", "8", "dynamic-broker set", "not the same on all nodes, so it is set for this one"),
    ]


def test_a_value_of_a_node_goes_when_it_would_not_fall_back() -> None:
    one = node(own={"num.io.threads": "8"}, owned=["num.io.threads"])
    other = node("controller", was={"num.io.threads": "12"})
    assert lines(one, other) == [("num.io.threads", "8", "(absent)", "dynamic-broker delete", LEFT)]
    still = node(
        own={"num.io.threads": "8"}, was={"num.io.threads": "20"}, desired={"num.io.threads": "-"}, file=base()
    )
    assert lines(still, other) == []


def test_kafkas_own_value_is_kept() -> None:
    one = node(cluster={"min.insync.replicas": "1"}, owned=["min.insync.replicas"])
    assert lines(one, elr=True) == []
    assert lines(one)[0][3] == "dynamic-cluster delete"


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


def test_a_foreign_value_of_the_cluster_stays_while_a_node_is_unknown() -> None:
    """The other node may have been started with an older value of it, which would come back."""
    one = node(cluster={"num.io.threads": "9"}, own={"background.threads": "9"})
    away = {"host": "away", "role": "broker", "version": "4.3.1", "desired": base()}
    told = f"{FOREIGN}: left as it is, because not every node was looked at"
    removed = f"{FOREIGN}: removed (kafka_foreign_overrides: remove)"
    assert lines(one, remove=True, elsewhere=[away]) == [
        ("background.threads", "9", "10", "dynamic-broker delete foreign", removed),
        ("num.io.threads", "9", "9", "none foreign", told),
    ]


def test_throttles_stay_also_on_request() -> None:
    rates = ("leader.replication.throttled.rate", "follower.replication.throttled.rate")
    disk = "replica.alter.log.dirs.io.max.bytes.per.second"
    one = node(own=dict.fromkeys((*rates, disk), "9"), cluster=dict.fromkeys(rates, "9"))
    assert lines(one, remove=True) == []


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
