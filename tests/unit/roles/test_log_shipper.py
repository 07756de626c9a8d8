"""The companion of rsyslog, run as on a host: it begins at the checkpoint, and makes new ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = ROOT / "roles/log_shipper/files/log-shipper"


@pytest.fixture
def host(tmp_path: Path) -> dict[str, Any]:
    """Return the settings of a host with two logs, of which one is read to its half."""
    for name in ("logs", "state", "state/checkpoint", "state/work"):
        (tmp_path / name).mkdir()
    (tmp_path / "logs/server.log").write_bytes(b"x" * 100)
    (tmp_path / "logs/controller.log").write_bytes(b"y" * 60)
    settings = {
        "ca_file": "",
        "files": ["server.log", "controller.log"],
        "log_dir": str(tmp_path / "logs"),
        "metrics": str(tmp_path / "kafka_log_shipper.prom"),
        "password": "",
        "state": str(tmp_path / "state"),
        "urls": ["http://127.0.0.1:9"],
        "user": "",
    }
    (tmp_path / "shipper.json").write_text(json.dumps(settings))
    return settings


def run(host: dict[str, Any], word: str, *lines: str) -> subprocess.CompletedProcess[str]:
    """Run it with some lines of rsyslog's counters, a round each."""
    config = Path(host["state"]).parent / "shipper.json"
    command = [sys.executable, str(PROGRAM), word, str(config)]
    env = {**os.environ, "PYTHONPATH": str(ROOT / ".collections")}
    with subprocess.Popen(
        command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin and process.stderr and process.stdout
        for number, line in enumerate(lines):
            process.stdin.write(line)
            process.stdin.flush()
            wait_for_round(host, number)
        process.stdin.close()
        said = process.stderr.read()
        return subprocess.CompletedProcess(command, process.wait(30), process.stdout.read(), said)


def wait_for_round(host: dict[str, Any], number: int) -> None:
    """Wait until the metrics say that a round was seen."""
    for _attempt in range(200):
        if f"kafka_log_shipper_failed_requests_total {number}\n" in metrics(host):
            return
        time.sleep(0.05)
    raise AssertionError(f"round {number} was not seen")


def metrics(host: dict[str, Any]) -> str:
    """Return the metrics that were written."""
    path = Path(host["metrics"])
    return path.read_text() if path.exists() else ""


def counters(number: int, read: int, sent: int) -> str:
    """Return a round of counters; its number is told by the failed requests."""
    server = {f"response.{name}": 0 for name in ("success", "duplicate", "badargument", "bulkrejection", "other")}
    found = [
        {"name": "omelasticsearch", **server, "response.success": sent, "failed.httprequests": number, "failed.es": 0},
        {"name": "kafka", "size": read - sent, "enqueued": read},
    ]
    return "".join(f"{json.dumps(one)}\n" for one in found)


def notes(host: dict[str, Any], folder: str, log: str, offset: int) -> Path:
    """Write imfile's notes of a log."""
    path = Path(host["state"]) / folder / f"imfile-state:{(Path(host['log_dir']) / log).stat().st_ino}:0a"
    path.write_text(
        json.dumps({"filename": log, "curr_offs": offset, "strt_offs": offset, "prev_msg_segment": "z" * 9})
    )
    return path


def test_begin_goes_back_to_the_checkpoint(host: dict[str, Any]) -> None:
    kept = notes(host, "checkpoint", "server.log", 50)
    ahead = notes(host, "work", "server.log", 90)
    other = notes(host, "work", "controller.log", 60)
    done = run(host, "begin")
    assert done.returncode == 0, done.stderr
    assert json.loads(ahead.read_text())["curr_offs"] == 40
    assert kept.exists() and not other.exists()
    assert "kafka_log_shipper_backlog_bytes 110\n" in metrics(host)


def test_begin_after_a_checkpoint_that_was_half_made(host: dict[str, Any]) -> None:
    notes(host, "checkpoint", "server.log", 50)
    state = Path(host["state"])
    (state / "checkpoint").rename(state / "checkpoint.old")
    (state / "checkpoint.part").mkdir()
    assert run(host, "begin").returncode == 0
    assert len(list((state / "work").iterdir())) == 1


class Refusing(BaseHTTPRequestHandler):
    """A server that lets nobody in."""

    def do_GET(self) -> None:
        self.send_error(401)

    def log_message(self, *_words: Any) -> None:
        """Say nothing."""


def test_begin_where_the_server_refuses(host: dict[str, Any]) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as web:
        threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        host["urls"] = [f"http://127.0.0.1:{web.server_address[1]}"]
        (Path(host["state"]).parent / "shipper.json").write_text(json.dumps(host))
        done = run(host, "begin")
        web.shutdown()
    assert done.returncode == 1
    assert done.stderr == "The search server refuses requests with status 401. Nothing is read until it does not.\n"
    assert "kafka_log_shipper_refused_status 401\n" in metrics(host)


def test_watch_makes_a_checkpoint_when_all_is_answered(host: dict[str, Any]) -> None:
    notes(host, "work", "server.log", 100)
    stray = Path(host["state"]) / "work/imfile-state:1:0a"
    stray.write_text('{"curr_offs": 1}')
    done = run(host, "watch", counters(0, 5, 5), counters(1, 6, 6))
    assert done.returncode == 0, done.stderr
    made = [path.name for path in (Path(host["state"]) / "checkpoint").iterdir()]
    assert len(made) == 1 and made[0] != stray.name
    assert "kafka_log_shipper_sent_total 6\n" in metrics(host)
    assert "kafka_log_shipper_backlog_bytes 60\n" in metrics(host)


def test_watch_makes_none_while_something_is_on_its_way(host: dict[str, Any]) -> None:
    notes(host, "work", "server.log", 100)
    run(host, "watch", counters(0, 5, 5), counters(1, 9, 5), counters(2, 9, 5))
    assert list((Path(host["state"]) / "checkpoint").iterdir()) == []


def test_watch_bounds_the_error_file(host: dict[str, Any]) -> None:
    rejected = Path(host["state"]) / "rejected.log"
    rejected.write_bytes(b"r" * ((10 << 20) + 1))
    run(host, "watch", counters(0, 0, 0))
    assert rejected.stat().st_size == 0
    assert rejected.with_name("rejected.log.1").stat().st_size == (10 << 20) + 1
