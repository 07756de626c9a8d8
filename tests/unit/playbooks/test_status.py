"""playbooks/status.yml on hosts that do not answer: they are named, and nothing fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]


def test_silent_hosts_are_named(validate: Any) -> None:
    done = validate(ROOT / "inventories" / "example", playbook=str(ROOT / "playbooks" / "status.yml"))
    assert (done.code, done.connected) == (0, True)
    shown = done.output.partition("TASK [Status | Show]")[2]
    assert "cluster orders: nobody could be asked: no node of it answered" in shown
    assert shown.count("NO-ANSWER") == 6


def test_under_a_limit_the_others_are_not_asked(validate: Any) -> None:
    playbook = str(ROOT / "playbooks" / "status.yml")
    done = validate(ROOT / "inventories" / "example", "--limit", "broker-2", playbook=playbook)
    shown = done.output.partition("TASK [Status | Show]")[2]
    assert done.code == 0
    assert (shown.count("NO-ANSWER"), shown.count("not-asked")) == (1, 5)
