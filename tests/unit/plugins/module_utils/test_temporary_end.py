"""Temporary levels end on the host, whatever was declared meanwhile, and come back when they were dropped."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _temporary_end
from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError
from ansible_collections.kraftops.kafka.plugins.module_utils._host_node import HostNode
from ansible_collections.kraftops.kafka.plugins.module_utils._temporary_end import Settled, settle, timer_command
from ansible_collections.kraftops.kafka.plugins.module_utils._temporary_levels import Temporary, keep, load
from tests.unit.plugins.running_loggers import Loggers

NODE = HostNode("b-11", 11, "orders", "b-11:9092", "")
NOW, START = 1000.0, "this"
DECLARED = {"root": "INFO", "kafka": "INFO", "kafka.request.logger": "WARN"}
ENDED, COUNTS = Temporary("DEBUG", NOW - 1, START), Temporary("DEBUG", NOW + 60, START)


class Host:
    """The state file, and the node as the command reaches it."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path = path
        self.node = Loggers({})
        monkeypatch.setattr(_temporary_end, "LoggersNode", self.reached)

    def reached(self, address: str) -> Loggers:
        assert address == NODE.address
        return self.node

    def settle(self, own: dict[str, Optional[str]], entries: dict[str, Temporary], **options: Any) -> Settled:
        """Run once on a node whose loggers have these own levels."""
        live: dict[str, Optional[str]] = {**DECLARED, "kafka.server": None, "kafka.network": None, **own}
        self.node = Loggers(live, options.pop("stubborn", ()))
        keep(entries, str(self.path))
        return settle(NODE, options.get("declared", DECLARED), options.get("start", START), NOW, str(self.path))


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    return Host(tmp_path / "state" / "log_levels.json", monkeypatch)


@pytest.mark.parametrize(
    ("until", "seconds"), [(1030.0, "31s"), (1030.4, "32s"), (1000.0, "1s"), (900.0, "1s"), (1000.01, "2s")]
)
def test_timer(until: float, seconds: str) -> None:
    """It must not come before the end, and one for the past comes at once."""
    assert timer_command(until, NOW) == [
        "systemd-run",
        "--quiet",
        "--unit=kafka-log-levels@1000-000000.service",
        f"--on-active={seconds}",
        "--timer-property=AccuracySec=1s",
    ]


def test_each_timer_has_a_name_of_its_own() -> None:
    assert timer_command(1030, 1000.25)[2] != timer_command(1030, 1000.250001)[2]


def test_a_logger_without_a_declared_level_inherits_again(host: Host) -> None:
    assert host.settle({"kafka.server": "DEBUG"}, {"kafka.server": ENDED}) == Settled(["kafka.server: DEBUG -> INFO"])
    assert host.node.requests == [[("kafka.server", None)]]
    assert not host.path.exists()


def test_what_is_declared_at_its_end_counts(host: Host) -> None:
    own: dict[str, Optional[str]] = {"kafka.request.logger": "TRACE"}
    settled = host.settle(own, {"kafka.request.logger": ENDED}, declared={**DECLARED, "kafka.request.logger": "ERROR"})
    assert settled == Settled(["kafka.request.logger: TRACE -> ERROR"])
    assert host.node.own["kafka.request.logger"] == "ERROR"


def test_one_that_ended_gives_way_to_a_parent_that_counts(host: Host) -> None:
    """The parent is temporary too, so nothing is wrong with the child."""
    entries = {"kafka": COUNTS, "kafka.server": ENDED}
    assert host.settle({"kafka": "DEBUG", "kafka.server": "TRACE"}, entries) == Settled(
        ["kafka.server: TRACE -> DEBUG"]
    )
    assert load(str(host.path)) == {"kafka": COUNTS}


def test_one_that_counts_is_set_again_after_a_reload(host: Host) -> None:
    assert host.settle({}, {"kafka.server": COUNTS}) == Settled(["kafka.server: INFO -> DEBUG"])
    assert load(str(host.path)) == {"kafka.server": COUNTS}


def test_nothing_to_do(host: Host) -> None:
    assert host.settle({"kafka.server": "DEBUG"}, {"kafka.server": COUNTS}) == Settled()
    assert host.node.requests == []


def test_what_was_never_temporary_is_left_alone(host: Host) -> None:
    own: dict[str, Optional[str]] = {"kafka.network": "TRACE", "kafka.server": "DEBUG"}
    host.settle(own, {"kafka.server": ENDED})
    assert host.node.own["kafka.network"] == "TRACE"


@pytest.mark.parametrize("start", ["another", ""])
def test_a_restart_has_ended_them(host: Host, start: str) -> None:
    """Nobody is asked: not the new process, nor one that is not there."""
    assert host.settle({"kafka.server": "DEBUG"}, {"kafka.server": COUNTS}, start=start) == Settled()
    assert host.node.requests == []
    assert not host.path.exists()


def test_what_does_not_take_is_said_and_remembered(host: Host) -> None:
    settled = host.settle({"kafka.server": "DEBUG"}, {"kafka.server": ENDED}, stubborn=["kafka.server"])
    assert settled.wrong == ["kafka.server is DEBUG, not INFO"]
    assert load(str(host.path)) == {"kafka.server": ENDED}


def test_a_node_that_does_not_answer_is_remembered(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(_node: Loggers, _node_id: int) -> dict[str, str]:
        raise AdminError("b-11:9092 cannot be asked: KafkaTimeoutError")

    monkeypatch.setattr(Loggers, "log_levels", silent)
    with pytest.raises(AdminError, match="cannot be asked"):
        host.settle({"kafka.server": "DEBUG"}, {"kafka.server": ENDED})
    assert load(str(host.path)) == {"kafka.server": ENDED}


def test_without_a_state_nothing_happens(tmp_path: Path) -> None:
    assert settle(NODE, DECLARED, START, NOW, str(tmp_path / "log_levels.json")) == Settled()
