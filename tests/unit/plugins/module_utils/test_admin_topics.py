"""What a broker's answers mean. The answers were recorded from Kafka 4.3.1 and 3.9.2; see `origin` in the fixtures."""

from __future__ import annotations

import base64
import json
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _admin_topics
from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError, Registration
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_topics import BrokerNode, lag
from ansible_collections.kraftops.kafka.plugins.module_utils._snapshot import is_caught_up
from tests.unit.plugins.module_utils.views import partition

LIBRARY = sysconfig.get_path("purelib")
FIXTURES = Path(__file__).resolve().parents[3] / "fixtures" / "wire"
pytestmark = pytest.mark.filterwarnings("ignore:(read|open)_text is deprecated:DeprecationWarning")
NEW, OLD = "broker-4.3.1", "broker-3.9.2"


def decoded(version: str, name: str) -> Any:
    """Return a recorded answer."""
    from kafka.protocol import admin, metadata

    recorded = json.loads((FIXTURES / f"{version}.json").read_text())["answers"][name]
    kind = getattr(admin, recorded["response"], None) or getattr(metadata, recorded["response"])
    return kind.decode(base64.b64decode(recorded["bytes"]), version=recorded["version"])


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Answer every request with `answer`; the requests are kept."""
    heard: dict[str, Any] = {"requests": []}

    def ask(_self: BrokerNode, request: Any) -> Any:
        heard["requests"].append(request)
        return heard["answer"]

    monkeypatch.setattr(BrokerNode, "_ask", ask)
    return heard


@pytest.fixture
def node() -> Iterator[BrokerNode]:
    with BrokerNode("b-11:9092", library=LIBRARY) as made:
        yield made


def test_metadata_of_4(asked: dict[str, Any], node: BrokerNode) -> None:
    """Broker 13 had been killed: it is not among the brokers, and not in the ISR."""
    asked["answer"] = decoded(NEW, "metadata")
    found = node.metadata()
    assert found.brokers == {
        11: Registration(11, "127.0.0.1", 31011, "c"),
        12: Registration(12, "127.0.0.1", 31012, "a"),
    }
    names = [one.name for one in found.partitions]
    assert sorted(names) == [*(f"orders-{number}" for number in range(6)), "pair-0", "pair-1", "single-0"]
    orders = [one for one in found.partitions if one.topic == "orders"]
    assert {(tuple(sorted(one.replicas)), tuple(sorted(one.isr))) for one in orders} == {((11, 12, 13), (11, 12))}
    assert asked["requests"][0].topics is None
    assert asked["requests"][0].allow_auto_topic_creation is False


def test_metadata_of_3(asked: dict[str, Any], node: BrokerNode) -> None:
    asked["answer"] = decoded(OLD, "metadata")
    found = node.metadata()
    assert (sorted(found.brokers), len(found.partitions)) == ([1, 2, 3], 9)
    asked["answer"].topics[0].error_code = 3
    assert len(node.metadata().partitions) < 9


def test_registered(asked: dict[str, Any], node: BrokerNode) -> None:
    """The fenced broker is known to 4.x alone."""
    asked["answer"] = decoded(NEW, "registered")
    assert sorted(node.registered()) == [11, 12, 13]
    assert asked["requests"][0].include_fenced_brokers is True
    asked["answer"] = decoded(OLD, "registered")
    assert sorted(node.registered()) == [1, 2, 3]
    asked["answer"].error_code = 41
    with pytest.raises(AdminError, match=r"^b-11:9092 answered: NotControllerError \(error 41\)$"):
        node.registered()


@pytest.mark.parametrize("version", [NEW, OLD])
def test_min_isr(asked: dict[str, Any], node: BrokerNode, version: str) -> None:
    """The cluster's value where the topic has none of its own; the topic `gone` was asked for and did not exist."""
    asked["answer"] = decoded(version, "min_isr")
    assert node.min_isr(["single", "orders", "orders", "pair"]) == {"orders": 2, "pair": 2, "single": 1}
    keys = ["min.insync.replicas"]
    assert asked["requests"][0].resources == [(2, name, keys) for name in ("orders", "pair", "single")]
    asked["answer"].results[0].error_code = 29
    with pytest.raises(AdminError, match=r"\(error 29\)$"):
        node.min_isr(["orders"])


def test_min_isr_is_asked_in_batches(asked: dict[str, Any], node: BrokerNode) -> None:
    asked["answer"] = SimpleNamespace(results=[])
    node.min_isr(f"t{number}" for number in range(2001))
    assert [len(one.resources) for one in asked["requests"]] == [1000, 1000, 1]
    assert node.min_isr([]) == {}


def test_reassignments(asked: dict[str, Any], node: BrokerNode) -> None:
    asked["answer"] = decoded(NEW, "reassignments")
    assert node.reassignments() == {}
    moved = SimpleNamespace(partition_index=4, adding_replicas=[13])
    asked["answer"] = SimpleNamespace(
        error_code=0, error_message=None, topics=[SimpleNamespace(name="orders", partitions=[moved])]
    )
    assert node.reassignments() == {("orders", 4): (13,)}
    asked["answer"].error_code = 31
    with pytest.raises(AdminError, match=r"\(error 31\)$"):
        node.reassignments()


@pytest.mark.parametrize(("version", "voters", "observers"), [(NEW, [1], [11, 12, 13]), (OLD, [1, 2, 3], [])])
def test_quorum(asked: dict[str, Any], node: BrokerNode, version: str, voters: list[int], observers: list[int]) -> None:
    asked["answer"] = decoded(version, "quorum")
    view = node.quorum()
    assert (sorted(view.voters), sorted(view.observers)) == (voters, observers)
    assert view.leader_id in voters
    late = [one.node_id for one in [*view.voters.values(), *view.observers.values()] if not is_caught_up(view, one)]
    assert late == ([13] if version == NEW else [])


@pytest.mark.parametrize("version", [NEW, OLD])
def test_log_dirs(asked: dict[str, Any], node: BrokerNode, version: str) -> None:
    asked["answer"] = decoded(version, "log_dirs")
    found = node.log_dirs()
    assert len(found) == 1
    assert found[0].path.endswith("/data")
    assert 0 < found[0].usable_bytes < found[0].total_bytes
    assert found[0].error == ""
    assert asked["requests"][0].topics == []
    asked["answer"].results[0].error_code = 56
    assert node.log_dirs()[0].error == "KafkaStorageError"


def test_replicas_by_directory(asked: dict[str, Any], node: BrokerNode) -> None:
    topic = SimpleNamespace(partitions=[1, 2])
    broken = SimpleNamespace(log_dir="/d3", error_code=56, topics=[topic])
    full = SimpleNamespace(log_dir="/d1", error_code=0, topics=[topic, topic])
    empty = SimpleNamespace(log_dir="/d2", error_code=0, topics=[])
    asked["answer"] = SimpleNamespace(error_code=0, results=[full, empty, broken])
    assert node.replicas() == {"/d1": 4, "/d2": 0}
    assert asked["requests"][0].topics is None
    asked["answer"].error_code = 31
    with pytest.raises(AdminError, match=r"\(error 31\)$"):
        node.replicas()


def test_topic_settings(asked: dict[str, Any], node: BrokerNode) -> None:
    def item(name: str, value: str | None, source: int) -> Any:
        return SimpleNamespace(name=name, value=value, config_source=source)

    good = SimpleNamespace(
        resource_name="a", error_code=0, error_message=None, configs=[item("x", "1", 1), item("y", None, 5)]
    )
    gone = SimpleNamespace(resource_name="b", error_code=3, error_message=None, configs=[])
    asked["answer"] = SimpleNamespace(results=[good, gone])
    assert node.topic_settings(["b", "a", "a"], ["x", "y"]) == {"a": {"x": ("1", True), "y": ("", False)}}
    assert asked["requests"][0].resources == [(2, "a", ["x", "y"]), (2, "b", ["x", "y"])]
    gone.error_code = 29
    with pytest.raises(AdminError, match=r"\(error 29\)$"):
        node.topic_settings(["a"], ["x"])
    node_requests = len(asked["requests"])
    asked["answer"] = SimpleNamespace(results=[])
    assert node.topic_settings((f"t{number}" for number in range(1001)), ["x"]) == {}
    assert len(asked["requests"]) == node_requests + 2


def test_elect_preferred(asked: dict[str, Any], node: BrokerNode) -> None:
    """Partitions 0 and 1 needed no election, partition 99 does not exist."""
    assert node.elect_preferred([]) == {}
    asked["answer"] = decoded(NEW, "elect")
    wanted = [partition("11")._replace(number=number) for number in (0, 1)]
    assert list(node.elect_preferred(wanted)) == ["orders-99"]
    request = asked["requests"][0]
    assert (request.election_type, request.topic_partitions) == (0, [("orders", [0, 1])])
    asked["answer"].error_code = 41
    with pytest.raises(AdminError, match=r"\(error 41\)$"):
        node.elect_preferred(wanted)


@pytest.mark.parametrize(("version", "level"), [(NEW, 30), (OLD, 21)])
def test_features(asked: dict[str, Any], node: BrokerNode, version: str, level: int) -> None:
    asked["answer"] = decoded(version, "features")
    assert (node.features()["metadata.version"], node.features()["kraft.version"]) == (level, 1)


def ends(*pairs: tuple[int, int, int]) -> Any:
    """Return an answer of ListOffsets for the topic orders: (partition, end, error)."""
    items = [SimpleNamespace(partition_index=one, offset=end, error_code=error) for one, end, error in pairs]
    return SimpleNamespace(topics=[SimpleNamespace(name="orders", partitions=items)])


def test_log_ends_are_those_of_the_broker_itself(asked: dict[str, Any], node: BrokerNode) -> None:
    asked["answer"] = ends((3, 40, 0), (4, -1, 6))
    assert node.log_ends([partition("11"), partition("11")._replace(number=4)]) == {"orders-3": 40}
    request = asked["requests"][0]
    assert (request.replica_id, request.isolation_level) == (-2, 0)
    assert request.topics == [("orders", [(3, -1, -1), (4, -1, -1)])]


def test_lag(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broker:
        def __init__(self, found: dict[str, int] | None) -> None:
            self.found = found

        def log_ends(self, wanted: list[Any]) -> dict[str, int]:
            assert len(wanted) == _admin_topics.BATCH
            if self.found is None:
                raise AdminError("closed")
            return self.found

    def ask(own: dict[str, int] | None, other: dict[str, int] | None) -> int | None:
        wanted = [partition("11")] * 1001
        return lag(Broker(own), Broker(other), wanted)  # type: ignore[arg-type]

    assert ask({"a-0": 5, "a-1": 9, "a-2": 1}, {"a-0": 8, "a-1": 7}) == 3
    assert ask(None, {}) is None
    assert ask({}, None) is None
