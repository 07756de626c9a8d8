"""What is done about declared topics, and every refusal in its words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._topic_plan import Permissions, TopicPlan, plan
from ansible_collections.kraftops.kafka.plugins.module_utils._topics import Existing, InputError, Seen, declared

DAY = 86_400_000
ORDERS = Existing(
    12,
    3,
    {"retention.ms": str(7 * DAY), "cleanup.policy": "delete", "min.insync.replicas": "2", "segment.ms": "1000"},
    frozenset({"retention.ms"}),
)
SEEN = Seen({"orders": ORDERS}, frozenset({"orders", "a.b", "__consumer_offsets"}), 3, 3, 1, 2)


def made(*topics: dict[str, Any], seen: Seen = SEEN, **allowed: Any) -> TopicPlan:
    return plan(declared(topics), seen, Permissions(**allowed))


def test_as_declared() -> None:
    found = made({"name": "orders", "partitions": 12, "config": {"retention.ms": 7 * DAY}})
    assert (found.changed, found.problems, found.warnings, found.undeclared) == (False, [], [], {})


def test_a_new_topic() -> None:
    found = made({"name": "new", "partitions": 6, "config": {"compression.type": "zstd", "preallocate": False}})
    assert [(one.name, one.partitions, one.factor) for one in found.create] == [("new", 6, None)]
    assert found.create[0].configs == {"compression.type": "zstd", "preallocate": "false"}
    assert found.problems == []


def test_configs() -> None:
    """One is set, one taken off; one that is there and not declared stays, and is told."""
    own = replace(ORDERS, own=frozenset({"retention.ms", "segment.ms"}))
    seen = replace(SEEN, topics={"orders": own})
    found = made({"name": "orders", "config": {"segment.ms": None, "max.message.bytes": 5}}, seen=seen)
    assert found.configs == {"orders": {"max.message.bytes": (None, "5"), "segment.ms": ("1000", None)}}
    assert found.undeclared == {"orders": {"retention.ms": str(7 * DAY)}}
    assert found.problems == []


def test_growing_warns() -> None:
    found = made({"name": "orders", "partitions": 24})
    assert found.grow == {"orders": (12, 24)}
    assert found.warnings == [
        "orders: grows from 12 to 24 partitions, for ever; if its messages have keys, these map to other partitions from "
        "now on, and their order is lost once"
    ]
    compacted = replace(ORDERS, configs={**ORDERS.configs, "cleanup.policy": "compact"})
    found = made({"name": "orders", "partitions": 24}, seen=replace(SEEN, topics={"orders": compacted}))
    assert found.warnings == [
        "orders: grows from 12 to 24 partitions, for ever; it is compacted, so its messages have keys: they map to other "
        "partitions from now on, and an old value stays"
    ]


def test_another_replication_factor_is_told_and_not_done() -> None:
    seen = replace(SEEN, brokers=4)
    found = made({"name": "orders", "replication_factor": 4}, seen=seen)
    assert (found.factors, found.changed, found.problems) == ({"orders": (3, 4)}, False, [])


def test_deletion() -> None:
    seen = replace(SEEN, bytes={"orders": 3 << 30})
    found = made(
        {"name": "orders", "state": "absent"}, {"name": "never-was", "state": "absent"}, seen=seen, delete=True
    )
    assert (found.delete, found.problems) == (["orders"], [])
    assert found.warnings == ["orders: deleted with 3 GiB of messages"]


REFUSED: list[tuple[dict[str, Any], str]] = [
    (
        {"name": "orders", "partitions": 6},
        "orders: has 12 partitions, 6 are declared, and Kafka cannot take any away: their messages would be lost. "
        "Declare 12, or make a new topic with 6 and move producers and consumers over",
    ),
    (
        {"name": "new", "replication_factor": 4, "config": {"min.insync.replicas": 2}},
        "new: 4 replicas need 4 brokers, and 3 serve. Lower replication_factor, or start the others",
    ),
    (
        {"name": "new", "config": {"min.insync.replicas": 3}},
        "new: min.insync.replicas 3 of 3 replicas: with one broker down nobody could write with acks=all. Set it to 2",
    ),
    (
        {"name": "new", "replication_factor": 2},
        "new: min.insync.replicas 2 of 2 replicas: with one broker down nobody could write with acks=all. Set it to 1",
    ),
    (
        {"name": "orders", "replication_factor": 2},
        "orders: min.insync.replicas 2 of 2 replicas: with one broker down nobody could write with acks=all. Set it to 1",
    ),
    (
        {"name": "a_b"},
        "a_b: metrics cannot tell it from a.b, `.` and `_` are the same there. Use another name",
    ),
    (
        {"name": "no name"},
        "no name: not a name for a topic. Use letters, digits, `.`, `_` and `-`, at most 249 of them",
    ),
    (
        {"name": "orders", "state": "absent"},
        "orders: would be deleted with 5 MiB of messages. If that is meant, give -e kafka_topics_allow_delete=true",
    ),
    (
        {"name": "orders", "config": {"retention.ms": DAY}},
        "orders: retention.ms=86400000: messages would be kept 1 day instead of 7 days; the topic holds 5 MiB. "
        "If that is meant, give -e kafka_confirm_data_loss=orders",
    ),
    (
        {"name": "orders", "config": {"retention.bytes": 1000}},
        "orders: retention.bytes=1000: a partition would keep 1000 bytes instead of without limit; of the 5 MiB that the topic "
        "holds 2 MiB lie beyond that. If that is meant, give -e kafka_confirm_data_loss=orders",
    ),
    (
        {"name": "orders", "config": {"retention.ms": None}},
        "orders: retention.ms=(removed): the cluster's own value counts again instead of 604800000, whatever it is; "
        "the topic holds 5 MiB. If that is meant, give -e kafka_confirm_data_loss=orders",
    ),
    (
        {"name": "orders", "config": {"min.insync.replicas": 1}},
        "orders: min.insync.replicas=1: acknowledged messages would be on 1 instead of 2 replicas and can be lost with 1; "
        "the topic holds 5 MiB. If that is meant, give -e kafka_confirm_data_loss=orders",
    ),
    (
        {"name": "orders", "config": {"unclean.leader.election.enable": True}},
        "orders: unclean.leader.election.enable=true: a replica that missed acknowledged messages may become leader, and "
        "they are lost; the topic holds 5 MiB. If that is meant, give -e kafka_confirm_data_loss=orders",
    ),
]


@pytest.mark.parametrize(("topic", "told"), REFUSED)
def test_refusals(topic: dict[str, Any], told: str) -> None:
    configs = {**ORDERS.configs, "retention.bytes": "-1", "unclean.leader.election.enable": "false"}
    seen = replace(
        SEEN,
        topics={"orders": replace(ORDERS, configs=configs)},
        bytes={"orders": 5 << 20},
        beyond={"orders": {"retention.bytes": 2 << 20}},
    )
    assert made(topic, seen=seen).problems == [told]
    confirmed = made(topic, seen=seen, delete=True, data_loss=frozenset({"orders"})).problems
    assert confirmed == ([] if "If that is meant" in told else [told])


def test_a_limit_that_nothing_exceeds_is_refused_too() -> None:
    seen = replace(SEEN, bytes={"orders": 900}, beyond={"orders": {"retention.bytes": 0}})
    seen = replace(seen, topics={"orders": replace(ORDERS, configs={**ORDERS.configs, "retention.bytes": "-1"})})
    assert made({"name": "orders", "config": {"retention.bytes": 1000}}, seen=seen).problems == [
        "orders: retention.bytes=1000: a partition would keep 1000 bytes instead of without limit; of the 900 bytes that the "
        "topic holds nothing lies beyond that. If that is meant, give -e kafka_confirm_data_loss=orders"
    ]


def test_gaining_delete() -> None:
    compacted = replace(
        ORDERS, configs={**ORDERS.configs, "cleanup.policy": "compact"}, own=frozenset({"cleanup.policy"})
    )
    seen = replace(SEEN, topics={"orders": compacted})
    found = made({"name": "orders", "config": {"cleanup.policy": ["compact", "delete"]}}, seen=seen)
    assert found.problems == [
        "orders: cleanup.policy=compact,delete: messages of compacted topics that keep everything today would be deleted "
        "by age and size; the topic holds 0 bytes. If that is meant, give -e kafka_confirm_data_loss=orders"
    ]


def test_all_problems_at_once() -> None:
    found = made(
        {"name": "orders", "partitions": 6, "config": {"retention.ms": DAY}},
        {"name": "new", "replication_factor": 5},
        {"name": "new"},
    )
    assert [problem.split(":")[0] for problem in found.problems] == ["new", "new", "orders", "orders"]
    assert found.problems[0] == "new: declared 2 times. Declare it once"


def test_kafkas_own_topics_are_never_deleted() -> None:
    offsets = replace(SEEN, topics={"__consumer_offsets": ORDERS})
    found = made({"name": "__consumer_offsets", "state": "absent"}, seen=offsets, delete=True)
    assert found.problems == ["__consumer_offsets: Kafka's own topic is never deleted. Take it out of kafka_topics"]


def test_names_that_collide_are_let_be_where_both_exist() -> None:
    seen = replace(SEEN, names=SEEN.names | {"a_b"}, topics={"a_b": ORDERS})
    assert made({"name": "a_b"}, seen=seen).problems == []
    assert made({"name": "a.b", "state": "absent"}, {"name": "a_b"}, seen=SEEN, delete=True).problems == []


def test_one_replica_has_none_to_spare_anyway() -> None:
    found = made({"name": "new", "replication_factor": 1, "config": {"min.insync.replicas": 1}})
    assert found.problems == []


def test_a_value_that_is_none() -> None:
    with pytest.raises(InputError, match=r"^new, x: must be a text, number, truth value or list$"):
        declared([{"name": "new", "config": {"x": {"a": 1}}}])
