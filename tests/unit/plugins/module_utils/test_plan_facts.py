"""What follows from a plan for the admin API and for each node's file."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._difference import digest
from ansible_collections.kraftops.kafka.plugins.module_utils._plan_facts import (
    before_its_turn,
    dynamic_options,
    interim_file,
    with_known_secrets,
)
from tests.unit.plugins.running_kafka import describe

K, N, SECRET = "max.connections", "num.io.threads", "ssl.keystore.password"
NODES = {
    "c-1": {"node_id": 1, "role": "controller", "address": "c-1", "controller_port": 9093},
    "n-2": {"node_id": 2, "role": "combined", "address": "n-2", "controller_port": 9093},
    "b-11": {"node_id": 11, "role": "broker", "address": "b-11", "controller_port": None},
    "b-12": {"node_id": 12, "role": "broker", "address": "b-12", "controller_port": None},
}
LIVE: dict[str, Any] = {name: describe({}) for name in NODES}


def step(scope: str, key: str, value: str = "") -> dict[str, str]:
    """Return a step: a value is set, none is removed."""
    return {"scope": scope, "key": key, "operation": "set" if value else "delete", "value": value}


def options(**given: Any) -> dict[str, Any]:
    return {"cluster": {}, "brokers": {}, "controllers": {}, "managed": [], **given}


def watched(**values: str) -> dict[str, Any]:
    """Return controller 1 with values, dots written as underscores."""
    return {"1": {"address": "c-1:9093", "values": {key.replace("_", "."): value for key, value in values.items()}}}


STEPS: list[tuple[list[dict[str, str]], dict[str, Any]]] = [
    ([], options()),
    ([step("cluster", K, "5")], options(cluster={K: "5"})),
    ([step("b-11", K, "5"), step("b-11", N, "9")], options(brokers={"11": {K: "5", N: "9"}})),
    ([step("n-2", N, "9")], options(brokers={"2": {N: "9"}})),
    ([step("c-1", N, "9")], options(controllers=watched(num_io_threads="9"))),
    ([step("cluster", K), step("cluster", N, "9")], options(cluster={N: "9"}, managed=[K])),
    ([step("b-11", K), step("b-12", K)], options(managed=[K])),
    ([step("b-11", K, "5"), step("b-12", K)], options(brokers={"11": {K: "5"}}, managed=[K])),
    # A controller must be listed to lose a value.
    ([step("c-1", N)], options(controllers=watched(), managed=[N])),
]


@pytest.mark.parametrize(("steps", "expected"), STEPS)
def test_dynamic_options(steps: list[dict[str, str]], expected: dict[str, Any]) -> None:
    assert dynamic_options(steps, NODES, LIVE) == expected


def test_what_stays_is_named_beside_what_is_removed() -> None:
    """A key that is managed loses every value that is not named."""
    live = {
        "c-1": describe({}, {N: "6"}, {N: "7"}),
        "b-11": describe({}, {N: "6"}, {N: "8"}),
        "b-12": describe({}, {N: "6"}, {N: "9"}),
        "n-2": None,
    }
    expected = options(cluster={N: "6"}, brokers={"12": {N: "9"}}, controllers=watched(num_io_threads="7"), managed=[N])
    assert dynamic_options([step("b-11", N)], NODES, live) == expected
    assert dynamic_options([step("b-11", N), step("cluster", N)], NODES, live) == {**expected, "cluster": {}}
    changed = dynamic_options([step("b-11", N), step("cluster", N, "4")], NODES, live)
    assert changed == {**expected, "cluster": {N: "4"}}


INTERIM: list[tuple[dict[str, str], dict[str, str], list[str], dict[str, str] | None]] = [
    ({"a": "1"}, {"a": "1"}, [], {"a": "1"}),
    ({"a": "2", "b": "2"}, {"a": "1", "b": "1"}, ["a"], {"a": "1", "b": "2"}),
    ({"a": "2", "b": "2"}, {}, ["a"], {"b": "2"}),
    ({}, {"a": "1", "b": "1"}, ["a"], {"a": "1"}),
    ({SECRET: "new"}, {SECRET: digest(SECRET, "old")}, [], {SECRET: "new"}),
    ({SECRET: "new", "a": "2"}, {SECRET: digest(SECRET, "old")}, [SECRET], None),
    ({"a": "2"}, {SECRET: digest(SECRET, "old")}, [SECRET], None),
    ({SECRET: "new"}, {SECRET: digest(SECRET, "new")}, [SECRET], {SECRET: "new"}),
]


@pytest.mark.parametrize(("desired", "on_disk", "held", "expected"), INTERIM)
def test_the_file_before_its_turn(
    desired: dict[str, str], on_disk: dict[str, str], held: list[str], expected: dict[str, str] | None
) -> None:
    """What the plan says of it has no secret in it."""
    interim = interim_file(desired, on_disk, held)
    assert (before_its_turn(desired, interim) if interim else None) == expected
    assert "new" not in str(interim)


def test_known_secrets() -> None:
    found = {SECRET: digest(SECRET, "x"), "a": digest(SECRET, "x"), "b": "1"}
    assert with_known_secrets(found, {SECRET: "x", "a": "x", "c": ""}) == {**found, SECRET: "x"}
