"""Who runs, and whether a run of this machine has ended: real processes."""

from __future__ import annotations

import getpass
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _run_owner


def test_this_run() -> None:
    owner = _run_owner.this_run(["playbooks/site.yml", "/a/b/report.yml"])
    assert (owner["who"], owner["host"]) == (getpass.getuser(), socket.gethostname())
    assert owner["what"] == "site.yml, report.yml"
    assert owner["run"] == _run_owner.this_run([])["run"]
    assert _run_owner.this_run([])["what"] == "a playbook"
    assert _run_owner.has_ended(owner, owner) is False


def _from_worker(queue: Any) -> None:
    queue.put(_run_owner.this_run(["site.yml"]))


def test_a_worker_speaks_for_the_process_that_started_it() -> None:
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    worker = context.Process(target=_from_worker, args=(queue,))
    worker.start()
    owner = queue.get(timeout=30)
    worker.join()
    assert owner["pid"] == os.getpid()
    assert owner["start"] == _run_owner.started(os.getpid())


@pytest.fixture
def ended() -> dict[str, Any]:
    """The owner of a run that lived on this machine, and has ended."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    owner = {**_run_owner.this_run(["site.yml"]), "pid": process.pid, "start": _run_owner.started(process.pid)}
    assert owner["start"]
    assert _run_owner.has_ended(owner, _run_owner.this_run([])) is False
    process.kill()
    process.wait()
    return owner


def test_a_process_that_is_gone_has_ended(ended: dict[str, Any]) -> None:
    assert _run_owner.has_ended(ended, _run_owner.this_run([])) is True


def test_a_process_number_that_is_used_again_is_another_run(ended: dict[str, Any]) -> None:
    again = {**ended, "pid": os.getpid()}
    assert _run_owner.has_ended(again, _run_owner.this_run([])) is True


UNPROVEN: list[dict[str, Any]] = [{"boot": "x"}, {"namespace": "x"}, {"boot": ""}, {"namespace": ""}, {"start": ""}]


@pytest.mark.parametrize("other", UNPROVEN)
def test_of_other_places_nothing_is_proven(ended: dict[str, Any], other: dict[str, Any]) -> None:
    assert _run_owner.has_ended({**ended, **other}, _run_owner.this_run([])) is False


@pytest.mark.parametrize("key", ["boot", "namespace"])
def test_where_the_system_does_not_tell_nothing_is_proven(ended: dict[str, Any], key: str) -> None:
    assert _run_owner.has_ended({**ended, key: ""}, {**_run_owner.this_run([]), key: ""}) is False


def test_a_zombie_has_ended() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert _run_owner.started(process.pid) == ""
    process.wait()


def _worker(pipe: Any) -> None:
    pipe.send(_run_owner.outlived())
    deadline = time.monotonic() + 30
    while not _run_owner.outlived() and time.monotonic() < deadline:
        time.sleep(0.01)
    pipe.send(_run_owner.outlived())


def _run_with_a_worker(pipe: Any) -> None:
    worker = multiprocessing.get_context("fork").Process(target=_worker, args=(pipe,))
    worker.start()
    worker.join()


def test_a_worker_knows_that_its_run_was_killed() -> None:
    assert _run_owner.outlived() is False
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    run = context.Process(target=_run_with_a_worker, args=(there,))
    run.start()
    assert here.recv() is False
    assert run.pid
    os.kill(run.pid, signal.SIGKILL)
    run.join()
    assert here.poll(40) and here.recv() is True
