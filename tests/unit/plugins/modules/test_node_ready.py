"""When a node is ready, and when waiting for it ends."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import (
    BROKERS,
    CONTROLLERS,
    AdminError,
    ClusterView,
    QuorumView,
    Registration,
    Replica,
)
from ansible_collections.kraftops.kafka.plugins.modules import node_ready
from ansible_collections.kraftops.kafka.plugins.modules.node_ready import NotReadyError

Run = Callable[..., dict[str, Any]]
JOURNAL = "The end of its journal:\nlast words"


class Cluster:
    """Controllers 1 to 3, led by 1, and the brokers 11 and 12; stands in for AdminNode."""

    def __init__(self) -> None:
        self.leader = 1
        self.controllers = {number: Registration(number, f"c-{number}", 9093, None) for number in (1, 2, 3)}
        self.brokers = {number: Registration(number, f"b-{number}", 9092, None) for number in (12, 11)}
        self.ends = {3: 5000, 1: 5000, 2: 5000}
        self.observers = {11: 5000, 12: 5000}
        self.asked: list[str] = []
        self.error = ""

    def __call__(self, address: str) -> Cluster:
        self.asked.append(address)
        return self

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_arguments: Any) -> None:
        """Close nothing."""

    def cluster(self, endpoint: int) -> ClusterView:
        if self.error:
            raise AdminError(self.error)
        nodes = {BROKERS: self.brokers, CONTROLLERS: self.controllers}[endpoint]
        return ClusterView("the-id", self.leader, nodes)

    def quorum(self) -> QuorumView:
        def replicas(ends: dict[int, int]) -> dict[int, Replica]:
            return {number: Replica(number, "", end, 0, 0) for number, end in ends.items()}

        return QuorumView(self.leader, 1, 5000, replicas(self.ends), replicas(self.observers))


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    made = Cluster()
    monkeypatch.setattr(node_ready, "AdminNode", made)
    return made


def test_a_controller_is_ready(cluster: Cluster) -> None:
    result = node_ready.check_controller("c-2:9093", 2)
    assert result == {"cluster_id": "the-id", "leader_id": 1, "voters": [1, 2, 3], "brokers": []}
    assert cluster.asked == ["c-2:9093", "c-1:9093"]


def test_a_broker_is_ready(cluster: Cluster) -> None:
    result = node_ready.check_broker("b-11:9092", 11)
    assert result == {"cluster_id": "the-id", "leader_id": 1, "voters": [1, 2, 3], "brokers": [11, 12]}
    assert cluster.asked == ["b-11:9092"]


@pytest.mark.parametrize("end", [4000, 5000])
def test_a_voter_that_is_nearly_caught_up_is_ready(cluster: Cluster, end: int) -> None:
    cluster.ends[2] = end
    assert node_ready.check_controller("c-2:9093", 2)["leader_id"] == 1


def test_an_observer_that_fetches_is_ready(cluster: Cluster) -> None:
    cluster.observers[4] = 1
    assert node_ready.check_controller("c-4:9093", 4)["voters"] == [1, 2, 3]


def no_leader(cluster: Cluster) -> None:
    cluster.leader = -1


def leader_without_address(cluster: Cluster) -> None:
    del cluster.controllers[1]


def behind(cluster: Cluster) -> None:
    cluster.ends[2] = 3999


def never_fetched(cluster: Cluster) -> None:
    cluster.ends.update({1: 500, 2: -1})


def unknown(cluster: Cluster) -> None:
    del cluster.ends[2]


NOT_READY = [
    (no_leader, "the quorum has no leader yet"),
    (leader_without_address, "controller 1 leads, and has not registered its address yet"),
    (behind, "voter 2 is 1001 records behind leader 1"),
    (never_fetched, "voter 2 is 500 records behind leader 1"),
    (unknown, "controller 2 does not fetch from leader 1"),
]


@pytest.mark.parametrize(("happen", "text"), NOT_READY)
def test_a_controller_is_not_ready(cluster: Cluster, happen: Callable[[Cluster], None], text: str) -> None:
    happen(cluster)
    with pytest.raises(NotReadyError) as caught:
        node_ready.check_controller("c-2:9093", 2)
    assert str(caught.value) == text


@pytest.mark.parametrize(("brokers", "text"), [([12], "[12]"), ([], "none")])
def test_a_fenced_broker_is_not_ready(cluster: Cluster, brokers: list[int], text: str) -> None:
    cluster.brokers = {number: cluster.brokers[number] for number in brokers}
    with pytest.raises(NotReadyError) as caught:
        node_ready.check_broker("b-11:9092", 11)
    assert str(caught.value) == f"broker 11 is fenced; unfenced are {text}"


def test_a_combined_node_is_ready_in_both_roles(cluster: Cluster) -> None:
    cluster.brokers[2] = Registration(2, "n-2", 9092, None)
    params = {"controller": "n-2:9093", "broker": "n-2:9092", "node_id": 2}
    assert node_ready.check(params)["brokers"] == [2, 11, 12]
    behind(cluster)
    with pytest.raises(NotReadyError, match=r"^voter 2 is 1001 records behind leader 1$"):
        node_ready.check(params)


GIVE_UP = [
    (0, 0, ""),
    (120, 600, ""),
    (120.1, 130, "nothing moved for 120 s"),
    (0, 600.1, "600 s have passed"),
    (121, 601, "nothing moved for 120 s"),
]


@pytest.mark.parametrize(("still", "waited", "reason"), GIVE_UP)
def test_give_up(still: float, waited: float, reason: str) -> None:
    assert node_ready.give_up({"stall_timeout": 120, "timeout": 600}, still, waited) == reason


class Host:
    """A host whose unit and clock a test decides. A sleep takes as long as the test says, and no time."""

    def __init__(self, log: Path) -> None:
        self.log, self.now, self.step = log, 0.0, 0.5
        self.states: Iterator[tuple[str, int]] = itertools.repeat(("active", 0))
        self.sleeps = 0
        self.grows = False

    def unit_state(self, _module: Any) -> tuple[str, int]:
        return next(self.states)

    def run_command(self, command: list[str]) -> tuple[int, str, str]:
        assert command == ["journalctl", "--unit=kafka.service", "--lines=200", "--output=cat", "--quiet"]
        return 0, "last words\n", ""

    def monotonic(self) -> float:
        return self.now

    def sleep(self, _seconds: float) -> None:
        self.sleeps += 1
        self.now += self.step
        if self.grows:
            with self.log.open("a") as stream:
                stream.write("line\n")


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Host:
    made = Host(tmp_path / "server.log")
    monkeypatch.setattr(node_ready, "unit_state", made.unit_state)
    monkeypatch.setattr(node_ready, "time", made)
    monkeypatch.setattr(AnsibleModule, "run_command", made.run_command)
    return made


@pytest.fixture
def run(run_module: Run, host: Host) -> Run:
    def call(check: bool = False, **more: Any) -> dict[str, Any]:
        arguments = {"node_id": 11, "broker": "b-11:9092", "log": str(host.log), "stall_timeout": 5, "timeout": 20}
        return run_module(node_ready.main, {**arguments, **more}, check=check)

    return call


def test_a_ready_node_is_not_waited_for(cluster: Cluster, host: Host, run: Run) -> None:
    result = run()
    assert (result["changed"], result["waited_seconds"], result["brokers"]) == (False, 0.0, [11, 12])
    assert host.sleeps == 0


@pytest.mark.parametrize(("since", "waited"), [(97.5, 2.5), (100.0, 0.0), (101.0, 0.0)])
def test_the_wait_counts_from_the_restart(cluster: Cluster, host: Host, run: Run, since: float, waited: float) -> None:
    """Its clock is the host's; of another one, as after a reboot, nothing is believed."""
    host.now = 100.0
    assert run(since=since)["waited_seconds"] == waited


def test_a_node_is_waited_for(cluster: Cluster, host: Host, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    answers: Iterator[Any] = iter([AdminError("closed"), NotReadyError("fenced"), {"brokers": [11]}])

    def check(_params: dict[str, Any]) -> dict[str, Any]:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)

    monkeypatch.setattr(node_ready, "check", check)
    assert run()["waited_seconds"] == 1.0
    assert host.sleeps == 2


STATES: list[tuple[list[tuple[str, int]], str]] = [
    ([("active", 0), ("failed", 0)], "failed"),
    ([("active", 0), ("active", 0), ("inactive", 0)], "inactive"),
    ([("active", 2), ("active", 2), ("activating", 3)], "activating"),
    ([("active", 2), ("active", 3)], "active"),
]


@pytest.mark.parametrize(("states", "last"), STATES)
def test_a_process_that_ends_is_not_waited_for(
    cluster: Cluster, host: Host, run: Run, states: list[tuple[str, int]], last: str
) -> None:
    cluster.error = "b-11:9092 cannot be asked: closed"
    host.states = iter(states)
    # Frames of a stack trace do not push out what it is about.
    frames = "".join(f"\tat a.B.c(B.java:{number})\n" for number in range(30)) + "\t... 7 more\n"
    host.log.write_text("".join(f"line {number}\n" for number in range(20)) + frames)
    result = run()
    shown = "\n".join(f"line {number}" for number in range(10, 20))
    why = f"the process of kafka.service ended ({last}); b-11:9092 cannot be asked: closed"
    assert result["failed"]
    assert result["msg"] == f"node 11 is not ready: {why}. {JOURNAL}\nThe end of {host.log}:\n{shown}"


@pytest.mark.parametrize(
    ("grows", "reason", "sleeps"), [(False, "nothing moved for 5 s", 11), (True, "20 s have passed", 41)]
)
def test_waiting_ends(cluster: Cluster, host: Host, run: Run, grows: bool, reason: str, sleeps: int) -> None:
    cluster.brokers = {}
    host.grows = grows
    result = run()
    shown = JOURNAL + (f"\nThe end of {host.log}:\n" + "\n".join(["line"] * 10) if grows else "")
    assert result["msg"] == f"node 11 is not ready: {reason}; broker 11 is fenced; unfenced are none. {shown}"
    assert host.sleeps == sleeps


UNCLEAN = "Loading logs from log dirs\nRecovering 3 logs from /data since no clean shutdown file was found\n"


def test_a_recovery_that_stands_still_is_named(cluster: Cluster, host: Host, run: Run) -> None:
    cluster.brokers = {}
    host.log.write_text(UNCLEAN + "Completed load of a-0 (1/3 completed in /data)\n")
    said = "it recovers its logs after an unclean stop: 1 of 3 done in /data"
    assert f"unfenced are none; {said}. {JOURNAL}" in run()["msg"]


def test_a_recovery_that_has_ended_is_told(cluster: Cluster, host: Host, run: Run) -> None:
    assert run()["recovery"] is None
    host.log.write_text(UNCLEAN + "(3/3 completed in /data)\nLoaded 3 logs in 1500ms\n")
    assert run()["recovery"] == {
        "recovering": False,
        "logs": 3,
        "recovered": 3,
        "directories": ["/data"],
        "seconds": 1.5,
    }


def test_check_mode_does_not_wait_for_what_does_not_run(cluster: Cluster, host: Host, run: Run) -> None:
    host.states = itertools.repeat(("inactive", 0))
    result = run(check=True)
    assert result["msg"] == "kafka.service does not run; check mode does not wait for it"
    assert (result["changed"], cluster.asked) == (False, [])


def test_check_mode_asks_what_runs(cluster: Cluster, host: Host, run: Run) -> None:
    assert run(check=True)["cluster_id"] == "the-id"


def test_an_address_is_needed(run_module: Run) -> None:
    result = run_module(node_ready.main, {"node_id": 1, "log": "/x"})
    assert result["msg"] == "controller and broker are both empty: there is nobody to ask"


@pytest.mark.parametrize(
    ("out", "expected"),
    [
        ("ActiveState=active\nNRestarts=2\n", ("active", 2)),
        ("", ("", 0)),
        ("ActiveState=failed\nNRestarts=\n", ("failed", 0)),
    ],
)
def test_unit_state(out: str, expected: tuple[str, int]) -> None:
    class Module:
        def run_command(self, command: list[str]) -> tuple[int, str, str]:
            assert command == ["systemctl", "show", "--property=ActiveState,NRestarts", "kafka.service"]
            return 0, out, ""

    assert node_ready.unit_state(Module()) == expected
