"""What is sent to move replicas and to change topics, as Kafka would read it; and what the answers mean."""

from __future__ import annotations

import sysconfig
from collections.abc import Iterator
from types import SimpleNamespace as Answer
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _admin_resources
from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_moves import MovesNode, Reassignment, Stored
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_resources import NewTopic, TopicEntry

LIBRARY = sysconfig.get_path("purelib")
pytestmark = pytest.mark.filterwarnings("ignore:(read|open)_text is deprecated:DeprecationWarning")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Answer every request with `answer`; each is sent through the library's own encoding, at its newest version."""
    heard: dict[str, Any] = {"requests": []}

    def ask(_self: MovesNode, request: Any) -> Any:
        kind = type(request)
        version = kind.max_version
        heard["requests"].append(kind.decode(request.encode(version=version), version=version).to_dict())
        return heard["answer"]

    monkeypatch.setattr(MovesNode, "_ask", ask)
    return heard


@pytest.fixture
def node() -> Iterator[MovesNode]:
    with MovesNode("b-11:9092", library=LIBRARY) as made:
        yield made


def partition(number: int, code: int = 0, message: Any = None, **other: Any) -> Answer:
    return Answer(partition_index=number, error_code=code, error_message=message, **other)


def test_reassign(asked: dict[str, Any], node: MovesNode) -> None:
    topics = [
        Answer(name="orders", partitions=[partition(0), partition(1, 85), partition(2, 39, "broker 19 is unknown")])
    ]
    asked["answer"] = Answer(error_code=0, error_message=None, responses=topics)
    told = node.reassign({("orders", 1): None, ("orders", 0): (14, 12)})
    assert told == {("orders", 1): "NoReassignmentInProgressError", ("orders", 2): "broker 19 is unknown"}
    (topic,) = asked["requests"][0]["topics"]
    assert topic["name"] == "orders"
    assert [(one["partition_index"], one["replicas"]) for one in topic["partitions"]] == [(0, [14, 12]), (1, None)]
    asked["answer"] = Answer(error_code=41, error_message="not the controller", responses=[])
    with pytest.raises(AdminError, match=r"^b-11:9092 answered: not the controller \(error 41\)$"):
        node.reassign({("orders", 0): (14, 12)})


def test_moving(asked: dict[str, Any], node: MovesNode) -> None:
    under_way = Answer(partition_index=3, replicas=[14, 11, 12], adding_replicas=[14], removing_replicas=[11])
    asked["answer"] = Answer(error_code=0, error_message=None, topics=[Answer(name="orders", partitions=[under_way])])
    found = node.moving()["orders", 3]
    assert found == Reassignment((14, 11, 12), (14,), (11,))
    assert (found.before, found.after) == ((11, 12), (14, 12))
    assert asked["requests"][0]["topics"] is None


def test_stored(asked: dict[str, Any], node: MovesNode) -> None:
    here = Answer(partition_index=0, partition_size=7, is_future_key=False)
    future = Answer(partition_index=1, partition_size=5, is_future_key=True)
    good = Answer(
        error_code=0,
        log_dir="/d1",
        total_bytes=9,
        usable_bytes=4,
        topics=[Answer(name="orders", partitions=[here, future])],
    )
    bad = Answer(error_code=56, log_dir="/d2", total_bytes=-1, usable_bytes=-1, topics=[])
    asked["answer"] = Answer(error_code=0, results=[good, bad])
    assert node.stored() == [Stored("/d1", 9, 4, {("orders", 0): 7}, {("orders", 1): 5})]
    node.stored([("orders", 0), ("orders", 2), ("other", 1)])
    assert asked["requests"][0]["topics"] is None
    assert [(one["topic"], one["partitions"]) for one in asked["requests"][1]["topics"]] == [
        ("orders", [0, 2]),
        ("other", [1]),
    ]


def test_directories(asked: dict[str, Any], node: MovesNode) -> None:
    """A replica that has yet to come is not available, and that is no fault."""
    several = [partition(0), partition(1, 9), partition(2, 57)]
    asked["answer"] = Answer(results=[Answer(topic_name="orders", partitions=several)])
    assert node.choose_directories({"/d2": [("orders", 0)]}) == {("orders", 2): "LogDirNotFoundError"}
    (directory,) = asked["requests"][0]["dirs"]
    assert (directory["path"], directory["topics"][0]["name"], directory["topics"][0]["partitions"]) == (
        "/d2",
        "orders",
        [0],
    )


def test_rates(asked: dict[str, Any], node: MovesNode) -> None:
    configs = [
        Answer(name="leader.replication.throttled.rate", value="5", config_source=2),
        Answer(name="follower.replication.throttled.rate", value="9", config_source=5),
    ]
    asked["answer"] = Answer(results=[Answer(error_code=0, error_message=None, configs=configs)])
    assert node.rates(11) == {"leader.replication.throttled.rate": "5"}


def test_topic_configs(asked: dict[str, Any], node: MovesNode) -> None:
    configs = [
        Answer(name="retention.ms", value="5", config_source=1),
        Answer(name="segment.ms", value="6", config_source=5),
    ]
    asked["answer"] = Answer(
        results=[
            Answer(error_code=0, error_message=None, resource_name="orders", configs=configs),
            Answer(error_code=3, error_message=None, resource_name="gone", configs=[]),
        ]
    )
    assert node.topic_configs(["orders", "gone"]) == {
        "orders": {"retention.ms": TopicEntry("5", True), "segment.ms": TopicEntry("6", False)}
    }
    asked["answer"].results[1].error_code = 29
    with pytest.raises(AdminError, match=r"TopicAuthorizationFailedError \(error 29\)"):
        node.topic_configs(["orders", "gone"])


def test_alter(asked: dict[str, Any], node: MovesNode) -> None:
    asked["answer"] = Answer(
        responses=[Answer(resource_name="a", error_code=40, error_message="Unknown topic config name: x")]
    )
    told = node.alter(2, {"a": {"x": "1", "y": None}, "b": {}}, validate_only=True)
    assert told == {"a": "Unknown topic config name: x"}
    (resource,) = asked["requests"][0]["resources"]
    assert asked["requests"][0]["validate_only"] is True
    assert [(one["name"], one["config_operation"], one["value"]) for one in resource["configs"]] == [
        ("x", 0, "1"),
        ("y", 1, None),
    ]
    assert node.alter(2, {"b": {}}) == {}
    assert len(asked["requests"]) == 1


def test_create(asked: dict[str, Any], node: MovesNode, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests are cut so that a controller takes them."""
    asked["answer"] = Answer(topics=[Answer(name="a", error_code=17, error_message=None)])
    monkeypatch.setattr(_admin_resources, "PARTITIONS_AT_ONCE", 10)
    wanted = [NewTopic("a", 6, 3, {"retention.ms": "5"}), NewTopic("b", 6), NewTopic("c")]
    assert node.create(wanted) == {"a": "InvalidTopicError"}
    assert [[one["name"] for one in request["topics"]] for request in asked["requests"]] == [["a"], ["b", "c"]]
    first, last = asked["requests"][0]["topics"][0], asked["requests"][1]["topics"][1]
    assert (first["num_partitions"], first["replication_factor"], first["assignments"]) == (6, 3, [])
    assert [(one["name"], one["value"]) for one in first["configs"]] == [("retention.ms", "5")]
    assert (last["num_partitions"], last["replication_factor"]) == (-1, -1)


def test_grow_and_delete(asked: dict[str, Any], node: MovesNode) -> None:
    asked["answer"] = Answer(results=[Answer(name="a", error_code=37, error_message="no")], responses=[])
    assert node.grow({"a": 4, "b": 6}, validate_only=True) == {"a": "no"}
    assert [(one["name"], one["count"]) for one in asked["requests"][0]["topics"]] == [("a", 4), ("b", 6)]
    assert node.delete({"b", "a"}) == {}
    assert [one["name"] for one in asked["requests"][1]["topics"]] == ["a", "b"]
