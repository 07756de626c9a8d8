"""The module cluster_lock, as its action calls it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _cluster_lock
from ansible_collections.kraftops.kafka.plugins.modules import cluster_lock

Run = Callable[..., dict[str, Any]]
FREE: dict[str, Any] = {"changed": False, "refused": None, "replaced": None}


@pytest.fixture
def call(run_module: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Return a function that calls the module for a run."""
    monkeypatch.setattr(_cluster_lock, "PATH", str(tmp_path / "lock" / "lock.json"))

    def run(state: str, owner: str, replace: str = "", check: bool = False) -> dict[str, Any]:
        arguments = {"state": state, "owner": {"run": owner} if owner else {}, "replace": replace}
        result = run_module(cluster_lock.main, arguments, check=check)
        result.pop("invocation", None)
        return result

    return run


def test_a_lock_from_its_taking_to_its_end(call: Callable[..., dict[str, Any]]) -> None:
    assert call("held", "a") == FREE
    assert call("held", "a") == FREE
    refused = call("held", "b")
    assert (refused["refused"]["run"], refused["refused"]["age_seconds"], refused["changed"]) == ("a", 0, False)
    assert call("released", "b") == FREE
    assert call("held", "b")["refused"]["run"] == "a"
    assert call("released", "a") == FREE
    assert call("held", "b") == FREE


def test_a_lock_is_replaced(call: Callable[..., dict[str, Any]]) -> None:
    call("held", "a")
    result = call("held", "b", replace="a")
    assert (result["refused"], result["replaced"]["run"]) == (None, "a")
    assert call("held", "c", replace="*")["replaced"]["run"] == "b"


def test_check_mode_takes_and_gives_back_nothing(call: Callable[..., dict[str, Any]]) -> None:
    assert call("held", "a", check=True) == FREE
    assert call("held", "b") == FREE
    assert call("held", "a", check=True)["refused"]["run"] == "b"
    assert call("released", "b", check=True) == FREE
    assert call("held", "a")["refused"]["run"] == "b"


def test_nobody_takes_no_lock(call: Callable[..., dict[str, Any]]) -> None:
    result = call("held", "")
    assert (result["failed"], result["msg"]) == (
        True,
        "owner is empty: nobody can take or give back a lock without saying who",
    )


def test_a_place_that_cannot_be_written(call: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("a file in the way")
    assert call("held", "a")["msg"].startswith(f"{tmp_path}/lock/lock.json: ")
