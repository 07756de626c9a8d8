"""The password is set only when the login with it is refused, and is never an argument of a process."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible.module_utils import basic

from ansible_collections.kraftops.kafka.plugins.modules import grafana_password

WANTED = "correct horse"


class Grafana:
    """Lets in whoever knows the password."""

    def __init__(self, password: str, obeys: bool = True) -> None:
        self.password, self.obeys, self.calls = password, obeys, 0

    def __call__(self, request: Any) -> tuple[int, str]:
        token = base64.b64encode(f"admin:{self.password}".encode()).decode()
        assert request.path == "/api/user"
        return (200, "{}") if request.headers["Authorization"] == f"Basic {token}" else (401, "{}")

    def run_command(self, command: list[str], data: str) -> tuple[int, str, str]:
        assert WANTED not in " ".join(command)
        assert command[:5] == ["runuser", "-u", "grafana", "--", "/opt/grafana/bin/grafana"]
        assert command[-1] == "--password-from-stdin"
        self.calls += 1
        if not self.obeys:
            return 1, "", f"cannot set {WANTED}"
        self.password = data
        return 0, "", ""


@pytest.fixture
def arguments(web: Any) -> dict[str, Any]:
    return {
        "url": web.url,
        "password": WANTED,
        "home": "/opt/grafana",
        "config": "/etc/grafana/grafana.ini",
        "timeout": 1,
    }


def install(monkeypatch: Any, grafana: Grafana) -> None:
    module = basic.AnsibleModule
    monkeypatch.setattr(module, "run_command", lambda _self, command, data, **_: grafana.run_command(command, data))


@pytest.mark.parametrize(
    ("before", "check", "changed", "calls"),
    [(WANTED, False, False, 0), ("old", False, True, 1), ("old", True, True, 0)],
)
def test_password(
    run_module: Any, monkeypatch: Any, web: Any, arguments: Any, before: str, check: bool, changed: bool, calls: int
) -> None:
    web.answer = grafana = Grafana(before)
    install(monkeypatch, grafana)
    result = run_module(grafana_password.main, arguments, check=check)
    assert (result["changed"], grafana.calls) == (changed, calls)
    assert WANTED not in str(result)


def test_grafana_refuses(run_module: Any, monkeypatch: Any, web: Any, arguments: Any) -> None:
    web.answer = grafana = Grafana("old", obeys=False)
    install(monkeypatch, grafana)
    result = run_module(grafana_password.main, arguments)
    assert result["msg"] == "Grafana refused to set the administrator's password: cannot set ********"


def test_another_answer_is_no_wrong_password(run_module: Any, web: Any, arguments: Any) -> None:
    web.answer = lambda _request: (503, "starting")
    message = f"Grafana at {web.url} answers 503, so its password could not be checked."
    assert run_module(grafana_password.main, arguments)["msg"] == message


def test_nobody_answers_in_check_mode(run_module: Any, arguments: Any) -> None:
    result = run_module(grafana_password.main, {**arguments, "url": "http://127.0.0.1:1"}, check=True)
    assert (result["changed"], result["login"]) == (True, "nothing answers")
