"""What the module says of a running process, of one without copies, of a stopped one, and without systemd."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils import basic

from ansible_collections.kraftops.kafka.plugins.modules import loaded_state

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    values = {
        "ActiveState": "active",
        "MainPID": str(os.getpid()),
        "NRestarts": "2",
        "InvocationID": "this",
        "ExecMainStartTimestampMonotonic": str(int((time.monotonic() - 60) * 1e6)),
        "UnitFileState": "enabled",
    }

    def run_command(_module: Any, command: list[str]) -> tuple[int, str, str]:
        assert command[:3] == ["/bin/systemctl", "show", "kafka.service"]
        return int(values.get("code", "0")), "".join(f"{key}={value}\n" for key, value in values.items()), "no bus\n"

    monkeypatch.setattr(basic.AnsibleModule, "run_command", run_command)
    monkeypatch.setattr(
        basic.AnsibleModule, "get_bin_path", lambda _module, _name: values.get("path", "/bin/systemctl")
    )
    return values


@pytest.fixture
def state(shown: dict[str, str], tmp_path: Path, run_module: Run) -> Callable[[], dict[str, Any]]:
    folder, config = tmp_path / "loaded", tmp_path / "etc"
    folder.mkdir()
    config.mkdir()
    (folder / "state").write_text("invocation=this\njava_version=21.0.13\nkafka_version=4.3.1\nneed_daemon_reload=no\n")
    (folder / "server.properties").write_text("num.io.threads=8\n")
    (config / "server.properties").write_text("num.io.threads=16\n")

    def run() -> dict[str, Any]:
        result = run_module(loaded_state.main, {"folder": str(folder), "config_folder": str(config)})
        found: dict[str, Any] = result.get("state", result)
        return found

    return run


def test_a_running_process(state: Callable[[], dict[str, Any]]) -> None:
    found = state()
    assert (found["running"], found["known"], found["why"], found["restarts"]) == (True, True, "", 2)
    assert found["properties"] == {"num.io.threads": "8"}
    assert found["disk"]["properties"] == {"num.io.threads": "16"}
    assert (found["java"]["version"], found["kafka"]["version"]) == ("21.0.13", "4.3.1")
    assert found["started"] == pytest.approx(time.time() - 60, abs=5)
    assert found["changed_files"] == []
    assert found["unit"]["state"] == "enabled"


@pytest.mark.parametrize(
    ("key", "value", "running", "why"),
    [
        ("InvocationID", "another", True, "the copies are of another start"),
        ("MainPID", "0", False, "no process is running"),
    ],
)
def test_copies_that_do_not_count(
    state: Callable[[], dict[str, Any]], shown: dict[str, str], key: str, value: str, running: bool, why: str
) -> None:
    shown[key] = value
    found = state()
    assert (found["running"], found["known"], found["why"]) == (running, False, why)
    assert [found[one] for one in (*loaded_state.LOADED, "changed_files")] == [None] * 7
    assert found["unit"]["process_read_older"] is None


def test_a_start_without_copies(state: Callable[[], dict[str, Any]], tmp_path: Path) -> None:
    (tmp_path / "loaded" / "state").unlink()
    assert state()["why"] == "its start kept no copies of what it loaded"


def test_without_systemd(state: Callable[[], dict[str, Any]], shown: dict[str, str]) -> None:
    shown["path"] = ""
    found = state()
    assert (found["running"], found["pid"], found["started"], found["active_state"]) == (False, 0, 0.0, "")


def test_systemd_does_not_answer(state: Callable[[], dict[str, Any]], shown: dict[str, str]) -> None:
    shown["code"] = "1"
    assert state()["msg"] == "systemctl show kafka.service: no bus"
