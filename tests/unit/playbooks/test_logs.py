"""playbooks/logs.yml as people run it: a host that answers (this machine) beside hosts that do not, and times that mean nothing."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "inventories" / "example"
PLAYBOOK = str(ROOT / "playbooks" / "logs.yml")
LINE = "[2026-11-27T12:00:00,100Z] ERROR id {} lost (kafka.server.X)\njava.io.IOException: x\n"


@pytest.fixture
def logs() -> Iterator[Path]:
    """Return a folder that lasts, as the inventory has to name one: nothing below /tmp is taken."""
    (ROOT / "tests" / "output").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / "tests" / "output") as name:
        yield Path(name)


def test_a_host_that_does_not_answer_is_named_and_the_rest_goes_on(validate: Any, tmp_path: Path, logs: Path) -> None:
    (logs / "server.log").write_text(LINE.format(1) + LINE.format(2))
    local = tmp_path / "local.yml"
    local.write_text(
        f"all: {{vars: {{kafka_app_log_dir: {logs}}}, hosts: {{broker-2: {{ansible_connection: local, "
        f"ansible_python_interpreter: {sys.executable}, ansible_become: false}}}}}}\n"
    )
    asked = {"kafka_logs_since": "2026-11-27T11:59Z", "kafka_logs_file": f"{tmp_path}/all.log"}
    words = [word for key, value in asked.items() for word in ("--extra-vars", f"{key}={value}")]
    done = validate(EXAMPLE, "--inventory", str(local), "--limit", "broker-1,broker-2", *words, playbook=PLAYBOOK)
    assert done.code == 2
    assert "broker-1: MISSING. It does not answer." in done.output
    assert "broker-2: 2 events, 2 ERROR" in done.output
    assert "2 x ERROR kafka.server.X on broker-2" in done.output
    assert "The logs of 1 hosts are missing, named above: broker-1." in done.output
    assert "controller-1: " not in done.output.partition("Collect the logs")[2].partition("PLAY RECAP")[0]
    assert (tmp_path / "all.log").read_text().count("broker-2: java.io.IOException: x\n") == 2


def test_a_range_that_means_nothing_is_refused_before_anybody_is_asked(validate: Any, tmp_path: Path) -> None:
    done = validate(EXAMPLE, "--extra-vars", "kafka_logs_since=17:00", playbook=PLAYBOOK)
    assert done.code == 2
    assert "kafka_logs_since = 17:00: no time with an offset" in done.output
    assert not done.connected
