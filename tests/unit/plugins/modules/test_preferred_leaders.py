"""The module preferred_leaders: which partitions are elected, and what is said of those that keep their leader."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_topics import Metadata
from ansible_collections.kraftops.kafka.plugins.module_utils._snapshot import Partition
from ansible_collections.kraftops.kafka.plugins.modules import preferred_leaders
from tests.unit.plugins.module_utils.views import partition

Run = Callable[..., dict[str, Any]]
MINE = partition("12,11", "mine", "11,12")
SECOND = partition("12,11", "second", "11,12")
# Led already; another broker's; out of the ISR; without replicas.
OTHERS = (
    partition("11,12", "led", "11,12"),
    partition("13,11", "other", "12,11"),
    partition("12", "behind", "11,12"),
    Partition("gone", 0, -1, (), ()),
)


class Broker:
    """Stands in for BrokerNode."""

    def __init__(self) -> None:
        self.partitions: tuple[Partition, ...] = (MINE, *OTHERS, SECOND)
        self.errors: dict[str, str] = {}
        self.elected: list[str] = []
        self.asked: list[str] = []
        self.silent = ""

    def __call__(self, address: str) -> Broker:
        self.asked.append(address)
        return self

    def __enter__(self) -> Broker:
        return self

    def __exit__(self, *_arguments: Any) -> None:
        """Close nothing."""

    def metadata(self) -> Metadata:
        if self.silent:
            raise AdminError(self.silent)
        return Metadata("the-id", {}, self.partitions)

    def elect_preferred(self, wanted: Iterable[Partition]) -> dict[str, str]:
        self.elected = [one.name for one in wanted]
        return self.errors


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    made = Broker()
    monkeypatch.setattr(preferred_leaders, "BrokerNode", made)
    return made


@pytest.fixture
def run(run_module: Run) -> Run:
    def call(check: bool = False) -> dict[str, Any]:
        return run_module(preferred_leaders.main, {"address": "b-11:9092", "node_id": 11}, check=check)

    return call


def told(result: dict[str, Any]) -> tuple[bool, int, dict[str, str]]:
    return result["changed"], result["partitions"], result["failed_partitions"]


def test_its_own_partitions_are_elected(broker: Broker, run: Run) -> None:
    assert told(run()) == (True, 2, {})
    assert (broker.elected, broker.asked) == (["mine-3", "second-3"], ["b-11:9092"])


def test_nothing_to_give_back(broker: Broker, run: Run) -> None:
    broker.partitions = OTHERS
    assert told(run()) == (False, 0, {})
    assert broker.elected == []


def test_check_mode_elects_nobody(broker: Broker, run: Run) -> None:
    assert told(run(check=True)) == (True, 2, {})
    assert broker.elected == []


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        ({"mine-3": "not now"}, (True, 1, {"mine-3": "not now"})),
        ({"mine-3": "", "second-3": "not now"}, (True, 1, {"second-3": "not now"})),
        ({"mine-3": "a", "second-3": "b"}, (False, 0, {"mine-3": "a", "second-3": "b"})),
    ],
)
def test_partitions_that_keep_their_leader(broker: Broker, run: Run, errors: dict[str, str], expected: Any) -> None:
    broker.errors = errors
    assert told(run()) == expected


def test_a_silent_broker(broker: Broker, run: Run) -> None:
    broker.silent = "b-11:9092 cannot be asked: closed"
    result = run()
    assert (result["failed"], result["msg"]) == (True, "b-11:9092 cannot be asked: closed")
