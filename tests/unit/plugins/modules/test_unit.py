"""Units run what their files say."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils import basic

from ansible_collections.kraftops.kafka.plugins.modules import unit

NAME = "node_exporter.service"


class Systemd:
    """Knows one unit and notes what it is told."""

    def __init__(self, **state: str) -> None:
        started = str(int((time.monotonic() - 100) * 1e6))
        self.state = {
            "LoadState": "loaded",
            "ActiveState": "active",
            "UnitFileState": "enabled",
            "NeedDaemonReload": "no",
            "FragmentPath": "",
            "ExecMainStartTimestampMonotonic": started,
            **state,
        }
        self.told: list[str] = []
        self.loaded: list[str] = []
        self.refuses = ""

    def run_command(self, command: list[str]) -> tuple[int, str, str]:
        if command[0] == "journalctl":
            return 0, "last words\n", ""
        verb = command[1]
        if verb == "show":
            return 0, "\n".join(f"{key}={value}" for key, value in self.state.items()), ""
        if verb == "list-units":
            return 0, "\n".join(f"{name} loaded active running x" for name in self.loaded), ""
        self.told.append(" ".join(command[1:]))
        if verb == self.refuses:
            return 1, "", "no\n"
        if verb in ("start", "restart") and self.state["ActiveState"] != "failed":
            self.state["ActiveState"] = "active"
        if verb == "daemon-reload":
            self.state["LoadState"] = "loaded"
        return 0, "", ""


@pytest.fixture
def systemd(monkeypatch: Any) -> Any:
    def install(**state: str) -> Systemd:
        monkeypatch.setattr(unit, "GRACE", 0.01)
        fake = Systemd(**state)
        monkeypatch.setattr(basic.AnsibleModule, "run_command", lambda _self, command, **_: fake.run_command(command))
        return fake

    return install


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ({}, []),
        ({"ActiveState": "inactive", "UnitFileState": "disabled"}, [f"enable {NAME}", f"start {NAME}"]),
        ({"ActiveState": "activating"}, []),
        ({"NeedDaemonReload": "yes"}, ["daemon-reload", f"restart {NAME}"]),
        (
            {"LoadState": "not-found", "ActiveState": "inactive", "UnitFileState": ""},
            ["daemon-reload", f"enable {NAME}", f"start {NAME}"],
        ),
    ],
)
def test_state(run_module: Any, systemd: Any, state: dict[str, str], told: list[str]) -> None:
    fake = systemd(**state)
    result = run_module(unit.main, {"units": [{"name": NAME}]})
    assert fake.told == told
    assert result["actions"] == [line for line in told if line != "daemon-reload"]
    assert result["changed"] == bool(result["actions"])


def test_files_newer_than_the_process(run_module: Any, systemd: Any, tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "a.toml").write_text("", encoding="utf-8")
    arguments = {"units": [{"name": NAME, "files": [str(tmp_path / "conf"), str(tmp_path / "absent")]}]}
    fake = systemd()
    assert run_module(unit.main, arguments, check=True)["actions"] == [f"restart {NAME}"]
    assert fake.told == []
    assert run_module(unit.main, arguments)["actions"] == [f"restart {NAME}"]
    fake.state["ExecMainStartTimestampMonotonic"] = str(int(time.monotonic() * 1e6 + 1e5))
    assert run_module(unit.main, arguments)["actions"] == []


@pytest.mark.parametrize(("age", "verbs"), [(100, ["restart"]), (-1, [])])
def test_a_timer_has_no_process(run_module: Any, systemd: Any, tmp_path: Path, age: int, verbs: list[str]) -> None:
    """It runs what its file says when it became active after that was written."""
    unit_file = tmp_path / "probe.timer"
    unit_file.write_text("", encoding="utf-8")
    fake = systemd(FragmentPath=str(unit_file), ActiveEnterTimestampMonotonic=str(int((time.monotonic() - age) * 1e6)))
    del fake.state["ExecMainStartTimestampMonotonic"]
    result = run_module(unit.main, {"units": [{"name": "probe.timer"}]})
    assert result["actions"] == [f"{verb} probe.timer" for verb in verbs]


def test_check_mode_on_a_bare_host(run_module: Any, systemd: Any) -> None:
    fake = systemd(LoadState="not-found", ActiveState="inactive", UnitFileState="")
    result = run_module(unit.main, {"units": [{"name": NAME}]}, check=True)
    assert (result["changed"], fake.told) == (True, [])


def test_units_that_are_gone(run_module: Any, systemd: Any) -> None:
    fake = systemd()
    fake.loaded = ["kafka_exporter-a.service", "kafka_exporter-b.service"]
    arguments = {"units": [{"name": "kafka_exporter-a.service"}], "gone": "kafka_exporter-*.service"}
    assert run_module(unit.main, arguments, check=True)["actions"] == ["remove kafka_exporter-b.service"]
    assert fake.told == []
    assert run_module(unit.main, arguments)["actions"] == ["remove kafka_exporter-b.service"]
    assert fake.told == [f"{verb} kafka_exporter-b.service" for verb in ("stop", "disable", "reset-failed")]


def test_ready(run_module: Any, systemd: Any, web: Any) -> None:
    systemd(ActiveState="inactive")
    assert run_module(unit.main, {"units": [{"name": NAME, "ready_url": web.url}]})["changed"]


def test_not_ready(run_module: Any, systemd: Any, web: Any) -> None:
    web.answer = lambda _request: (503, "")
    systemd(ActiveState="failed")
    result = run_module(unit.main, {"units": [{"name": NAME, "ready_url": web.url}], "timeout": 1})
    said = f"it is failed, and {web.url} answers 503. Its last lines:\nlast words"
    assert result["msg"] == f"{NAME} did not get ready: {said}"


def test_a_unit_that_fails_at_once(run_module: Any, systemd: Any) -> None:
    systemd(ActiveState="failed")
    result = run_module(unit.main, {"units": [{"name": NAME}]})
    assert result["msg"] == f"{NAME} did not get ready: it is failed. Its last lines:\nlast words"


def test_systemd_refuses(run_module: Any, systemd: Any) -> None:
    systemd(ActiveState="inactive").refuses = "start"
    assert run_module(unit.main, {"units": [{"name": NAME}]})["msg"] == f"systemctl start {NAME}: no"
