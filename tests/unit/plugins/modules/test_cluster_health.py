"""The module cluster_health: what it asks, what it returns, and when it stops waiting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_topics import LogDir
from ansible_collections.kraftops.kafka.plugins.module_utils._gates import Behind, Finding, Question, Target, Verdict
from ansible_collections.kraftops.kafka.plugins.module_utils._health import NoViewError, Peers, Sample
from ansible_collections.kraftops.kafka.plugins.modules import cluster_health
from tests.unit.plugins.module_utils.views import partition, snapshot

Run = Callable[..., dict[str, Any]]
BROKERS = [{"node_id": 11, "address": "b-11:9092"}, {"node_id": 12, "address": "b-12:9092"}]
TARGETS = [{"node_id": 12, "roles": ["broker"]}]


class Stage:
    """What the probe sees, one entry a look: how far the target is behind, or why nobody can be asked."""

    def __init__(self) -> None:
        self.looks: list[Behind | str] = [Behind()]
        self.now = 0.0
        self.peers: Peers | None = None
        self.question = Question()
        self.judged: list[tuple[str, bool]] = []
        self.broker = self

    def __call__(self, peers: Peers, question: Question) -> Stage:
        self.peers, self.question = peers, question
        return self

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_arguments: Any) -> None:
        """Close nothing."""

    def sample(self) -> Sample:
        look = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        if isinstance(look, str):
            raise NoViewError(look)
        return Sample(snapshot(partition("11,12,13")), {12: look})

    def needs_another(self, _gate: str, now: Sample) -> bool:
        return now.behind[12].is_behind

    def judge(self, gate: str, now: Sample, earlier: Sample | None) -> Verdict:
        self.judged.append((gate, earlier is not None))
        count = now.behind[12].partitions
        return Verdict(tuple(Finding("not_in_isr", f"{number}") for number in range(count)))

    def features(self) -> dict[str, int]:
        return {"kraft.version": 1}

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    made = Stage()
    monkeypatch.setattr(cluster_health, "Probe", made)
    monkeypatch.setattr(cluster_health, "time", made)
    return made


@pytest.fixture
def run(run_module: Run) -> Run:
    def call(**arguments: Any) -> dict[str, Any]:
        return run_module(cluster_health.main, {"brokers": BROKERS, **arguments}, check=True)

    return call


def test_only_looking(stage: Stage, run: Run) -> None:
    result = run(request_timeout=3)
    assert (result["changed"], result["allowed"], result["reasons"], result["notes"]) == (False, True, [], [])
    assert (result["features"], result["waited_seconds"], stage.judged) == ({"kraft.version": 1}, 0.0, [])
    assert result["summary"]["partitions"]["partitions"] == 1
    assert stage.peers == Peers({11: "b-11:9092", 12: "b-12:9092"}, {}, 3000)
    assert "disks" not in result


def test_the_question(stage: Stage, run: Run) -> None:
    target = {"node_id": 12, "roles": ["broker", "controller"], "recovering": True, "new_process": False}
    result = run(
        gate="after", targets=[target], unavailable=[13], strict=True, unsafe_topics="refuse", caught_up_ms=3000
    )
    assert stage.question == Question((Target(12, True, True, True, False),), frozenset({13}), True, True, 3000)
    assert "features" not in result
    run(gate="before", targets=TARGETS)
    assert stage.question == Question((Target(12),))


def test_a_closed_gate_is_no_failure(stage: Stage, run: Run) -> None:
    stage.looks = [Behind(2, 7)]
    result = run(gate="after", targets=TARGETS)
    assert not result.get("failed")
    assert (result["allowed"], result["reason_counts"]) == (False, {"not_in_isr": 2})
    assert result["behind"] == {"12": {"partitions": 2, "records": 7, "voter_records": None, "epoch": -1}}
    assert stage.judged == [("after", True)]
    assert stage.now == 1.0  # two looks, compared


def test_nobody_answers(stage: Stage, run: Run) -> None:
    stage.looks = ["b-11:9092 cannot be asked"]
    result = run(gate="before", targets=TARGETS)
    assert (result["allowed"], result["summary"], result["behind"]) == (False, {}, {})
    assert result["reasons"] == [{"code": "no_view", "text": "b-11:9092 cannot be asked"}]


def test_a_gate_needs_targets(stage: Stage, run: Run) -> None:
    result = run(gate="before")
    assert (result["failed"], result["msg"]) == (True, "gate before needs targets")


# what is seen, whether the gate opens, after how many seconds
WAITS: list[tuple[list[Behind | str], bool, float]] = [
    ([Behind()], True, 0.0),
    ([Behind(3), Behind(3), Behind(2), Behind(0)], True, 3.0),
    ([Behind(3)], False, 6.0),
    ([Behind(3, 9), Behind(3, 9), Behind(3, 9), Behind(3, 9), Behind(3, 8), Behind(3, 8)], False, 9.0),
    ([Behind(3), Behind(3), Behind(4)], False, 6.0),  # growing is no progress
    (["closed", "closed", Behind(0)], True, 2.0),
    (["closed"], False, 5.0),
]


@pytest.mark.parametrize(("looks", "allowed", "seconds"), WAITS)
def test_waiting_is_by_progress(
    stage: Stage, run: Run, looks: list[Behind | str], allowed: bool, seconds: float
) -> None:
    stage.looks = looks
    result = run(gate="after", targets=TARGETS, stall_timeout=5)
    assert (result["allowed"], result["waited_seconds"]) == (allowed, seconds)


def test_before_a_restart_more_time_lies_between_two_looks(stage: Stage, run: Run) -> None:
    stage.looks = [Behind(2), Behind(1), Behind(1), Behind(0)]
    assert run(gate="before", targets=TARGETS, stall_timeout=9)["waited_seconds"] == 6.0


class Broker:
    """A broker that tells its disks; number 12 is silent."""

    def __init__(self, address: str, *_more: Any) -> None:
        self.address = address

    def __enter__(self) -> Broker:
        return self

    def __exit__(self, *_arguments: Any) -> None:
        """Close nothing."""

    def log_dirs(self) -> list[LogDir]:
        if self.address == "b-12:9092":
            raise AdminError("closed")
        return [LogDir("/data", 100, 40, "")]


def test_disks(stage: Stage, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_health, "BrokerNode", Broker)
    directory = {"path": "/data", "total_bytes": 100, "usable_bytes": 40, "error": ""}
    assert run(disks=True)["disks"] == {
        "11": {"directories": [directory]},
        "12": {"directories": [], "error": "closed"},
    }
    assert list(run(disks=True, unavailable=[12])["disks"]) == ["11"]
