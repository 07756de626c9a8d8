"""The module kafka_log_levels: its file, its results, and the ways in which a node says no."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _temporary_levels as temporary_levels
from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_configs import RefusedError
from ansible_collections.kraftops.kafka.plugins.module_utils._node_levels import Outcome, Request
from ansible_collections.kraftops.kafka.plugins.modules import kafka_log_levels

Run = Callable[..., dict[str, Any]]
CHANGE = {"logger": "kafka.server", "from": "INFO", "to": "DEBUG", "temporary": False}
NEW = {"logger": "a.B", "from": None, "to": "TRACE", "temporary": True}
RESULT = {
    "answered": True,
    "changed": False,
    "changes": [],
    "diff": [],
    "file_changed": False,
    "loaded": True,
    "set_up": True,
    "temporary": [],
    "unlisted": {},
    "version": "4.3.1",
    "why": "",
}


class Node:
    """Stands in for the node behind the admin API."""

    def __init__(self) -> None:
        self.asked: list[tuple[tuple[str, int], Request]] = []
        self.arm: Callable[[float], None] = lambda _until: None
        self.outcome = Outcome(answered=True, loaded=True, version="4.3.1")
        self.errors: list[Exception] = []

    def __call__(self, node: tuple[str, int], request: Request, arm: Callable[[float], None]) -> Node:
        self.asked.append((node, request))
        self.arm = arm
        return self

    def apply(self, now: float) -> Outcome:
        assert now > 1e9
        for error in self.errors:
            raise error
        if self.asked[-1][1].temporary:
            self.arm(now + self.asked[-1][1].ttl)
        return self.outcome


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Node:
    made = Node()
    monkeypatch.setattr(kafka_log_levels, "NodeLevels", made)
    monkeypatch.setattr(temporary_levels, "locked", lambda: (tmp_path / "lock").open("w"))
    return made


@pytest.fixture
def run(run_module: Run, tmp_path: Path) -> Run:
    def call(check: bool = False, **arguments: Any) -> dict[str, Any]:
        path = str(tmp_path / "log4j2.yaml")
        found = run_module(
            kafka_log_levels.main, {"address": "b-11:9092", "node_id": 11, "path": path, **arguments}, check
        )
        found.pop("invocation", None)
        return found

    return call


def test_nothing_differs(node: Node, run: Run, tmp_path: Path) -> None:
    (tmp_path / "log4j2.yaml").write_text("a\n")
    assert run(content="a\n") == RESULT
    assert node.asked == [(("b-11:9092", 11), Request(str(tmp_path / "log4j2.yaml"), "a\n"))]


@pytest.mark.parametrize("check", [False, True])
def test_a_file_that_differs_is_written(node: Node, run: Run, tmp_path: Path, check: bool) -> None:
    file = tmp_path / "log4j2.yaml"
    file.write_text("old\n")
    found = run(content="new\n", check=check)
    assert (found["changed"], found["file_changed"]) == (True, True)
    assert [(one["before"], one["after"]) for one in found["diff"]] == [("old\n", "new\n")]
    assert file.read_text() == ("old\n" if check else "new\n")
    assert (node.asked[0][1].text, node.asked[0][1].dry) == ("new\n", check)


def test_the_time_of_the_file_changes_only_with_its_text(node: Node, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "log4j2.yaml"
    assert run(content="a\n")["file_changed"] is True
    assert (file.stat().st_mode & 0o777) == 0o644
    before = file.stat()
    run(content="a\n")
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_file_that_cannot_be_written_is_told_like_a_node_that_is_down(
    node: Node, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(_from: str, to: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", to)

    monkeypatch.setattr(os, "replace", full)
    found = run(content="a\n")
    assert "failed" not in found
    assert found["why"] == f"{tmp_path}/log4j2.yaml cannot be written: No space left on device"
    assert (found["answered"], found["set_up"], found["changed"], node.asked) == (False, False, False, [])
    assert list(tmp_path.iterdir()) == []


def test_without_content_the_file_on_the_host_counts(node: Node, run: Run, tmp_path: Path) -> None:
    (tmp_path / "log4j2.yaml").write_text("here\n")
    assert run()["file_changed"] is False
    assert node.asked[0][1].text == "here\n"


def test_what_the_logs_lie_on_is_told_where_it_is_asked_for(node: Node, run: Run, tmp_path: Path) -> None:
    (tmp_path / "log4j2.yaml").write_text("a\n")
    assert "log_filesystem" not in run()
    for node.errors in ([], SILENT[:1]):
        found = run(log_dir=str(tmp_path / "not" / "yet"))["log_filesystem"]
        assert (found["path"], found["size_bytes"] > 0) == (str(tmp_path / "not" / "yet"), True)


def test_changes_are_shown_by_logger(node: Node, run: Run, tmp_path: Path) -> None:
    (tmp_path / "log4j2.yaml").write_text("a\n")
    node.outcome = Outcome(answered=True, changes=[CHANGE, NEW])
    found = run()
    assert found["changed"] is True
    assert found["diff"] == [
        {
            "before_header": "live levels",
            "after_header": "live levels",
            "before": "kafka.server=INFO\na.B=(not there)\n",
            "after": "kafka.server=DEBUG\na.B=TRACE (temporary)\n",
        }
    ]


def test_the_end_of_temporary_levels_is_a_change(node: Node, run: Run, tmp_path: Path) -> None:
    (tmp_path / "log4j2.yaml").write_text("a\n")
    node.outcome = Outcome(answered=True, temporary_changed=True)
    assert run(temporary={})["changed"] is True
    assert node.asked[0][1].temporary == {}


SILENT = [AdminError("b-11:9092 cannot be asked: KafkaConnectionError"), ModuleNotFoundError("No module named 'kafka'")]


@pytest.mark.parametrize("error", SILENT)
def test_a_node_that_is_silent_gets_its_file(node: Node, run: Run, tmp_path: Path, error: Exception) -> None:
    node.errors = [error]
    found = run(content="new\n")
    assert "failed" not in found
    assert (found["answered"], found["why"], found["changed"], found["loaded"]) == (False, str(error), True, None)
    assert (tmp_path / "log4j2.yaml").read_text() == "new\n"


def test_a_host_that_is_not_set_up_is_left_alone(node: Node, run: Run, tmp_path: Path) -> None:
    for path, wish in ((tmp_path / "none" / "log4j2.yaml", {"content": "new\n"}), (tmp_path / "log4j2.yaml", {})):
        found = run(path=str(path), **wish)
        assert (found["answered"], found["set_up"], found["changed"], node.asked) == (False, False, False, [])
        assert found["why"] == f"{path} is not there; site.yml has not set up this host yet"
        assert not path.exists()
    assert not (tmp_path / "none").exists()


def test_a_node_that_answers_and_refuses(node: Node, run: Run, tmp_path: Path) -> None:
    (tmp_path / "log4j2.yaml").write_text("a\n")
    node.errors = [RefusedError("b-11:9092", "Cluster authorization failed.", 31)]
    found = run()
    assert (found["failed"], found["answered"]) == (True, True)
    assert (found["msg"], found["why"]) == ("refused: Cluster authorization failed.", "Cluster authorization failed.")


def test_a_level_that_is_not_read_back(node: Node, run: Run, tmp_path: Path) -> None:
    (tmp_path / "log4j2.yaml").write_text("a\n")
    node.outcome = Outcome(answered=True, changes=[CHANGE], refused=["kafka.server is INFO, not DEBUG"])
    found = run()
    assert (found["failed"], found["msg"]) == (True, "refused: kafka.server is INFO, not DEBUG")
    assert found["why"] == "kafka.server is INFO, not DEBUG"


def test_without_the_command_that_ends_them_there_are_no_temporary_levels(
    node: Node, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "log4j2.yaml").write_text("a\n")
    monkeypatch.setattr(kafka_log_levels, "UNIT", "no-such-unit@{}.service")
    found = run(temporary={"kafka.server": "DEBUG"}, ttl=60)
    assert found["msg"] == (
        "/etc/systemd/system/no-such-unit@.service is not there, so nothing would end temporary levels. Run site.yml first."
    )


@pytest.mark.parametrize(("command", "failed"), [(["true"], False), (["sh", "-c", "echo no bus >&2; exit 1"], True)])
def test_the_timer(
    node: Node, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: list[str], failed: bool
) -> None:
    (tmp_path / "unit").write_text("")
    (tmp_path / "log4j2.yaml").write_text("a\n")
    monkeypatch.setattr(kafka_log_levels, "UNIT", f"../../..{tmp_path}/unit{{}}")
    monkeypatch.setattr(kafka_log_levels, "timer_command", lambda _until, _now: command)
    found = run(temporary={"kafka.server": "DEBUG"}, ttl=60)
    assert found.get("failed", False) is failed
    if failed:
        assert found["msg"] == "no timer for the end of temporary levels, nothing was set: no bus"
