"""On which hosts a run locks its clusters."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.filter.lock_hosts import FilterModule, lock_hosts

MODEL: dict[str, Any] = {
    "clusters": {
        "b": {"controllers": ["y1"], "nodes": ["y1", "z1"]},
        "a": {"controllers": ["c1", "c2", "c3"], "nodes": ["c1", "c2", "c3", "b1", "b2"]},
    }
}
ALL = ["z1", "y1", "b2", "b1", "c3", "c2", "c1"]
CASES = [
    (ALL, ALL, ["c1", "c2", "c3", "y1"]),
    (ALL, ["b2"], ["c1", "c2", "c3"]),
    (ALL, ["z1"], ["y1"]),
    (["c3", "b1"], ["b1"], ["c3"]),
    (["b2", "b1"], ["b1"], ["b1", "b2"]),
    ([], [], []),
]


@pytest.mark.parametrize(("answered", "hosts", "expected"), CASES)
def test_lock_hosts(answered: list[str], hosts: list[str], expected: list[str]) -> None:
    assert lock_hosts(MODEL, {host: {} for host in answered}, hosts) == expected


def test_it_is_found_by_its_name() -> None:
    assert FilterModule().filters() == {"lock_hosts": lock_hosts}
