"""The lock of a cluster: one run has it, others hear whose it is."""

from __future__ import annotations

import multiprocessing
import os
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _cluster_lock

MINE: dict[str, Any] = {"run": "a", "who": "anna", "host": "ops-1", "what": "site.yml", "pid": 4711}
THEIRS: dict[str, Any] = {"run": "b", "who": "ben", "host": "ops-2", "what": "rolling_restart.yml", "pid": 12}


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A place for the lock; its folder does not exist yet."""
    return str(tmp_path / "kraftops" / "lock.json")


def test_there_is_none_at_first(path: str) -> None:
    assert _cluster_lock.read(path) is None
    assert _cluster_lock.give_back("a", path) is False


def test_it_is_taken_once_and_by_the_same_run_again(path: str) -> None:
    free: dict[str, Any] = {"refused": None, "replaced": None}
    assert _cluster_lock.take(MINE, "", path) == free
    assert _cluster_lock.take(MINE, "", path) == free
    found = _cluster_lock.read(path)
    assert found is not None
    assert {key: found[key] for key in MINE} == MINE
    assert os.stat(path).st_mode & 0o777 == 0o644
    assert os.listdir(os.path.dirname(path)) == ["lock.json"]


def test_another_run_is_refused_and_hears_whose_it_is(path: str) -> None:
    _cluster_lock.take(MINE, "", path)
    began = time.time() - 754
    os.utime(path, (began, began))
    result = _cluster_lock.take(THEIRS, "", path)
    assert result["replaced"] is None
    assert result["refused"] is not None
    assert result["refused"]["run"] == "a"
    since = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(began))
    assert _cluster_lock.words(result["refused"]) == f"anna@ops-1 (site.yml, process 4711) since {since}, 12 min old"


@pytest.mark.parametrize(("replace", "taken"), [("a", True), ("*", True), ("c", False), ("", False)])
def test_it_is_replaced_on_request_only(path: str, replace: str, taken: bool) -> None:
    _cluster_lock.take(MINE, "", path)
    result = _cluster_lock.take(THEIRS, replace, path)
    assert (result["replaced"] is not None, result["refused"] is None) == (taken, taken)
    found = _cluster_lock.read(path)
    assert found is not None
    assert found["run"] == ("b" if taken else "a")


def test_only_its_owner_gives_it_back(path: str) -> None:
    _cluster_lock.take(MINE, "", path)
    assert _cluster_lock.give_back("b", path) is False
    assert _cluster_lock.read(path) is not None
    assert _cluster_lock.give_back("a", path) is True
    assert _cluster_lock.read(path) is None


@pytest.mark.parametrize("text", ['{"run": "a', "", "null", "[1]"])
def test_a_torn_file_is_a_lock_of_nobody_known(path: str, text: str) -> None:
    os.makedirs(os.path.dirname(path))
    Path(path).write_text(text)
    refused = _cluster_lock.take(MINE, "", path)["refused"]
    assert refused is not None
    assert _cluster_lock.words(refused).startswith("somebody@an unknown host (unknown) since ")
    assert _cluster_lock.take(MINE, "*", path)["refused"] is None


def _take(path: str, number: int) -> bool:
    return _cluster_lock.take({"run": str(number)}, "", path)["refused"] is None


def test_of_many_at_once_one_gets_it(path: str) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        got = pool.starmap(_take, [(path, number) for number in range(16)])
    assert sum(got) == 1


AGES = [
    (0, "0 s old"),
    (59, "59 s old"),
    (60, "1 min old"),
    (3599, "59 min old"),
    (7300, "2 h old"),
    (90000, "1 d old"),
]


@pytest.mark.parametrize(("seconds", "text"), AGES)
def test_age(seconds: int, text: str) -> None:
    assert _cluster_lock.age(seconds) == text
