"""One restart job: what is asked of systemd, in which order, and what is said about it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.modules import kafka_restart

Run = Callable[..., dict[str, Any]]


class Systemd:
    """Answers systemctl; the process is another one after a restart, unless it is told otherwise."""

    def __init__(self) -> None:
        """A process runs."""
        self.asked: list[str] = []
        self.pid = 7
        self.fails = ""
        self.new_process = True

    def answer(self, _module: AnsibleModule, command: list[str]) -> tuple[int, str, str]:
        """Stand in for run_command."""
        words = " ".join(command)
        if command[1] == "show":
            return 0, f"MainPID={self.pid}\nExecMainStartTimestampMonotonic={self.pid}00\n", ""
        if command[0] == "journalctl":
            return 0, "the last words\n", ""
        self.asked.append(words)
        if self.fails and self.fails in words:
            return 1, "", "Job failed"
        self.pid += command[1] == "restart" and self.new_process
        return 0, "", ""


@pytest.fixture
def systemd(monkeypatch: pytest.MonkeyPatch) -> Systemd:
    """A systemd that does what it is asked."""
    systemd = Systemd()

    def run_command(module: AnsibleModule, command: list[str]) -> tuple[int, str, str]:
        return systemd.answer(module, command)

    monkeypatch.setattr(AnsibleModule, "run_command", run_command)
    return systemd


def test_one_restart_job(run_module: Run, systemd: Systemd) -> None:
    result = run_module(kafka_restart.main, {})
    assert systemd.asked == [
        "systemctl daemon-reload",
        "systemctl reset-failed kafka.service",
        "systemctl restart kafka.service",
    ]
    assert (result["changed"], result["new_process"]) == (True, True)
    assert 0 <= result["seconds"] < 5
    assert result["ended"] <= time.monotonic()


def test_the_same_process_is_told(run_module: Run, systemd: Systemd) -> None:
    systemd.new_process = False
    assert run_module(kafka_restart.main, {})["new_process"] is False


def test_a_unit_that_never_failed_has_nothing_to_forget(run_module: Run, systemd: Systemd) -> None:
    systemd.fails = "reset-failed"
    assert run_module(kafka_restart.main, {})["new_process"] is True


@pytest.mark.parametrize("verb", ["daemon-reload", "restart kafka.service"])
def test_a_job_that_fails(run_module: Run, systemd: Systemd, verb: str) -> None:
    systemd.fails = verb
    result = run_module(kafka_restart.main, {})
    assert result["failed"] is True
    assert result["msg"] == f"systemctl {verb}: Job failed. The end of its journal:\nthe last words"


def test_check_mode_touches_nothing(run_module: Run, systemd: Systemd) -> None:
    result = run_module(kafka_restart.main, {}, check=True)
    assert (result["changed"], result["seconds"], result["new_process"]) == (True, 0.0, False)
    assert systemd.asked == []
