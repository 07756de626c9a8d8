"""Which changes destroy data, and the words for it."""

from __future__ import annotations

from typing import Optional

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._data_loss import (
    Beyond,
    confirmed,
    danger,
    duration,
    size,
    together,
)

RET, LOCAL, BYTES = "log.retention.ms", "log.local.retention.ms", "log.retention.bytes"
DAY = 86_400_000
CASES: list[tuple[str, Optional[str], Optional[str], str]] = [
    (RET, str(7 * DAY), str(DAY), "messages would be kept 1 day instead of 7 days"),
    (RET, "-1", str(DAY), "messages would be kept 1 day instead of forever"),
    (RET, str(DAY), "-1", ""),
    (RET, str(DAY), str(2 * DAY), ""),
    (RET, str(DAY), str(DAY), ""),
    (RET, None, str(DAY), ""),
    (RET, str(DAY), "${env:X}", ""),
    (BYTES, "-1", "1073741824", "a partition would keep 1 GiB instead of without limit"),
    (BYTES, "1073741824", "-1", ""),
    (LOCAL, "-2", str(DAY), "messages would be kept on the brokers' own disks 1 day instead of 7 days"),
    (LOCAL, str(DAY), "-2", ""),
    (
        "min.insync.replicas",
        "2",
        "1",
        "acknowledged messages would be on 1 instead of 2 replicas and can be lost with 1",
    ),
    ("min.insync.replicas", "1", "2", ""),
    (
        "unclean.leader.election.enable",
        "false",
        "true",
        "a replica that missed acknowledged messages may become leader, and they are lost",
    ),
    ("unclean.leader.election.enable", "true", "false", ""),
    (
        "log.cleanup.policy",
        "compact",
        "compact,delete",
        "messages of compacted topics that keep everything today would be deleted by age and size",
    ),
    ("log.cleanup.policy", "delete", "compact", ""),
    ("num.partitions", "3", "1", ""),
]


@pytest.mark.parametrize(("key", "old", "new", "sentence"), CASES)
def test_danger(key: str, old: Optional[str], new: Optional[str], sentence: str) -> None:
    week = {RET: str(7 * DAY)}
    assert danger(key, {**week, key: old}, {**week, key: new}, None) == sentence


BEYOND = [
    (
        RET,
        Beyond(5 << 30, 8 << 30),
        "of 8 GiB in log segments, all replicas together, by the times of their files about 5 GiB lie beyond that",
    ),
    (
        BYTES,
        Beyond(0, 1024, frozenset({"b", "a"}), ("broker-1",)),
        "of 1 KiB in log segments, all replicas together, nothing lies beyond that yet "
        "(not those of topics with limits of their own: a, b), not counting broker-1",
    ),
    (
        BYTES,
        Beyond(1, 1, frozenset("abcdefgh")),
        "of 1 bytes in log segments, all replicas together, 1 bytes lie beyond that "
        "(not those of topics with limits of their own: a, b, c, d, e, f and 2 more)",
    ),
]


@pytest.mark.parametrize(("key", "one", "words"), BEYOND)
def test_what_lies_beyond_a_limit(key: str, one: Beyond, words: str) -> None:
    assert one.words(key) == words
    told = danger(key, {key: "-1"}, {key: str(DAY)}, one)
    assert told.endswith(f"; {words}")


def test_brokers_are_added_up() -> None:
    one, other = Beyond(1, 2, frozenset("a")), Beyond(10, 20, frozenset("b"))
    assert together({"x": one, "y": other}) == Beyond(11, 22, frozenset("ab"))
    assert together({"z": None, "x": one, "y": None}) == Beyond(1, 2, frozenset("a"), ("y", "z"))
    assert together({"x": None}) is None


def test_confirmed_by_any_synonym() -> None:
    assert confirmed(RET, frozenset({"log.retention.hours"}))
    assert confirmed("min.insync.replicas", frozenset({"min.insync.replicas"}))
    assert not confirmed(RET, frozenset({BYTES}))


UNITS = [(0, "0 milliseconds"), (1, "1 millisecond"), (1500, "1.5 seconds"), (3_600_000, "1 hour"), (-1, "forever")]


@pytest.mark.parametrize(("count", "text"), UNITS)
def test_durations(count: int, text: str) -> None:
    assert duration(count) == text


SIZES = [(0, "0 bytes"), (1536, "1.5 KiB"), (10 << 20, "10 MiB"), (3 << 40, "3 TiB"), (-1, "without limit")]


@pytest.mark.parametrize(("count", "text"), SIZES)
def test_sizes(count: int, text: str) -> None:
    assert size(count) == text
