"""How the Kafka process of a host is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils import _cluster_lock
from ansible_collections.kraftops.kafka.plugins.modules import node_status

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def status(run_module: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], dict[str, Any]]:
    """Return what the module says when systemctl prints something."""

    def run(output: str) -> dict[str, Any]:
        def run_command(_module: AnsibleModule, command: list[str]) -> tuple[int, str, str]:
            assert command == [
                "systemctl",
                "show",
                "--property=LoadState,ActiveState,SubState,MainPID,NRestarts",
                "kafka.service",
            ]
            return 0, output, ""

        monkeypatch.setattr(AnsibleModule, "run_command", run_command)
        arguments = {"directories": [str(tmp_path), "/no/such"], "log_dir": str(tmp_path)}
        result = run_module(node_status.main, arguments, check=True)
        assert result["changed"] is False
        found: dict[str, Any] = result["status"]
        return found

    return run


def test_a_running_process(status: Callable[[str], dict[str, Any]], tmp_path: Path) -> None:
    (tmp_path / "server.log").write_text("12345")
    found = status(f"LoadState=loaded\nActiveState=active\nSubState=running\nMainPID={os.getpid()}\nNRestarts=2\n")
    assert (found["state"], found["masked"], found["restarts"], found["pid"]) == (
        "active running",
        False,
        2,
        os.getpid(),
    )
    assert (found["version"], found["log_bytes"], found["recovery"], found["lock"]) == ("", 5, None, None)
    assert found["uptime_seconds"] >= 0
    assert [one["path"] for one in found["disks"]] == [str(tmp_path), "/no/such"]
    assert found["disks"][0]["total_bytes"] > 0
    assert found["disks"][1] == {"path": "/no/such", "total_bytes": None, "free_bytes": None}


def test_a_process_that_recovers_its_logs(status: Callable[[str], dict[str, Any]], tmp_path: Path) -> None:
    log = "Loading logs from log dirs\nRecovering 3 logs from /data since no clean shutdown file was found\n"
    (tmp_path / "server.log").write_text(log)
    found = status(f"ActiveState=active\nSubState=running\nMainPID={os.getpid()}\n")["recovery"]
    assert (found["recovering"], found["logs"], found["recovered"]) == (True, 3, 0)
    assert status("ActiveState=failed\nSubState=failed\nMainPID=0\n")["recovery"] is None


def test_a_lock(status: Callable[[str], dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lock.json").write_text('{"run": "a", "who": "anna"}')
    monkeypatch.setattr(_cluster_lock, "PATH", str(tmp_path / "lock.json"))
    assert status("")["lock"]["who"] == "anna"


STOPPED = [
    ("LoadState=loaded\nActiveState=failed\nSubState=failed\nMainPID=0\nNRestarts=5\n", "failed failed", False, 5),
    ("LoadState=masked\nActiveState=inactive\nSubState=dead\nMainPID=0\nNRestarts=0\n", "inactive dead", True, 0),
    ("", "unknown", False, 0),
]


@pytest.mark.parametrize(("output", "state", "masked", "restarts"), STOPPED)
def test_no_process(
    status: Callable[[str], dict[str, Any]], output: str, state: str, masked: bool, restarts: int
) -> None:
    found = status(output)
    assert (found["state"], found["masked"], found["restarts"]) == (state, masked, restarts)
    assert (found["pid"], found["version"], found["uptime_seconds"]) == (0, "", None)
