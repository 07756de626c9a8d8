"""Runs playbooks/validate.yml for real; a connection that is tried leaves a trace."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
ANSIBLE_PLAYBOOK = Path(sys.executable).parent / "ansible-playbook"


@dataclass
class Outcome:
    """How a run of the playbook ended."""

    code: int
    output: str
    lines: list[str]
    seconds: float
    cpu_seconds: float
    connected: bool


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which nothing of this machine's configuration counts."""
    ssh, configuration = tmp_path / "ssh", tmp_path / "ansible.cfg"
    ssh.write_text(f"#!/bin/sh\ntouch {tmp_path}/connected\nexit 255\n")
    ssh.chmod(0o755)
    configuration.write_text("[defaults]\n")
    return {
        **os.environ,
        "ANSIBLE_CONFIG": str(configuration),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"),
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_SSH_EXECUTABLE": str(ssh),
        "ANSIBLE_HOME": str(tmp_path / "home"),
    }


@pytest.fixture
def validate(tmp_path: Path, environment: dict[str, str]) -> Callable[..., Outcome]:
    """Return a runner: `validate(inventory, *arguments, playbook=…)`."""

    def run(inventory: Path | None, *arguments: str, playbook: str = "") -> Outcome:
        command = [str(ANSIBLE_PLAYBOOK), playbook or str(ROOT / "playbooks" / "validate.yml"), *arguments]
        command += ["--inventory", str(inventory)] if inventory else []
        started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return Outcome(
            code=done.returncode,
            output=done.stdout + done.stderr,
            lines=_lines(done.stdout),
            seconds=time.monotonic() - started,
            cpu_seconds=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
            connected=(tmp_path / "connected").exists(),
        )

    return run


def _lines(output: str) -> list[str]:
    """Return the list that the task `Show what was found` prints."""
    shown = output.partition("TASK [Validate | Show what was found]")[2].partition(" => ")[2]
    if not shown:
        return []
    found: Any = json.JSONDecoder().raw_decode(shown)[0]
    return list(found["msg"])
