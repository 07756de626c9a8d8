"""Prometheus is reloaded when its files are newer than its last good reload, and only then."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils import basic

from ansible_collections.kraftops.kafka.plugins.modules import prometheus_reload

NOT_TAKEN = (
    "Prometheus at {url} did not take its new files: it goes on with the old ones. "
    "`journalctl -u prometheus.service` says why."
)


class Server:
    """Tells of its last reload; `takes` says what a reload does."""

    def __init__(self, when: float, good: int = 1, takes: str = "good") -> None:
        self.when, self.good, self.takes, self.commands = when, good, takes, 0

    def __call__(self, _request: Any) -> tuple[int, str]:
        return 200, (
            f"prometheus_config_last_reload_successful {self.good}\n"
            f"prometheus_config_last_reload_success_timestamp_seconds {self.when!r}\n"
        )

    def run_command(self, _module: Any, command: list[str], **_options: Any) -> tuple[int, str, str]:
        assert command == ["systemctl", "reload", "prometheus.service"]
        self.commands += 1
        if self.takes == "no unit":
            return 1, "", "Unit prometheus.service not found.\n"
        self.good = 1 if self.takes == "good" else 0
        if self.takes == "good":
            self.when = max(self.when, time.time()) + 1
        return 0, "", ""


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "a.yml").write_text("groups: []\n", encoding="utf-8")
    return [str(rules), str(tmp_path / "absent.yml")]


@pytest.mark.parametrize(
    ("age", "good", "check", "changed", "commands"),
    [
        (-60, 1, False, False, 0),
        (60, 1, False, True, 1),
        (60, 1, True, True, 0),
        (-60, 0, False, True, 1),
    ],
)
def test_reload_when_needed(
    run_module: Any,
    monkeypatch: Any,
    web: Any,
    files: list[str],
    age: int,
    good: int,
    check: bool,
    changed: bool,
    commands: int,
) -> None:
    web.answer = server = Server(time.time() - age, good)
    monkeypatch.setattr(
        basic.AnsibleModule, "run_command", lambda module, command, **_: server.run_command(module, command)
    )
    result = run_module(prometheus_reload.main, {"url": web.url + "/", "paths": files, "timeout": 1}, check=check)
    assert (result["changed"], server.commands) == (changed, commands)


@pytest.mark.parametrize(
    ("takes", "message"),
    [
        (
            "bad",
            NOT_TAKEN,
        ),
        ("no unit", "prometheus.service could not be reloaded: Unit prometheus.service not found."),
    ],
)
def test_a_reload_that_did_not_take(
    run_module: Any, monkeypatch: Any, web: Any, files: list[str], takes: str, message: str
) -> None:
    web.answer = server = Server(time.time() - 60, takes=takes)
    monkeypatch.setattr(
        basic.AnsibleModule, "run_command", lambda module, command, **_: server.run_command(module, command)
    )
    result = run_module(prometheus_reload.main, {"url": web.url, "paths": files, "timeout": 1})
    assert result["failed"]
    assert result["msg"] == message.format(url=web.url)


def test_alertmanager(run_module: Any, monkeypatch: Any, web: Any, files: list[str]) -> None:
    """Its metrics have its own name, and so has its unit."""
    commands = []

    def answer(request: Any) -> tuple[int, str]:
        status, text = server(request)
        return status, text.replace("prometheus_", "alertmanager_")

    def run_command(_module: Any, command: list[str], **_options: Any) -> tuple[int, str, str]:
        commands.append(command)
        return server.run_command(None, ["systemctl", "reload", "prometheus.service"])

    server = Server(time.time() - 60)
    web.answer = answer
    monkeypatch.setattr(basic.AnsibleModule, "run_command", run_command)
    arguments = {"url": web.url, "program": "alertmanager", "paths": files, "timeout": 1}
    assert run_module(prometheus_reload.main, arguments)["changed"] is True
    assert commands == [["systemctl", "reload", "alertmanager.service"]]
    assert (
        run_module(prometheus_reload.main, {**arguments, "program": "prometheus", "timeout": 0})["msg"]
        == f"Prometheus does not answer at {web.url}."
    )


def test_nobody_answers(run_module: Any, files: list[str]) -> None:
    arguments = {"url": "http://127.0.0.1:1", "paths": files, "timeout": 0}
    assert run_module(prometheus_reload.main, arguments)["msg"] == "Prometheus does not answer at http://127.0.0.1:1."
    assert run_module(prometheus_reload.main, arguments, check=True)["changed"] is True
