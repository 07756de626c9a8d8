"""Errors that differ in numbers and ids only are one group."""

from __future__ import annotations

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _log_groups
from ansible_collections.kraftops.kafka.plugins.module_utils._log_events import Event

HEAD = "[2026-11-27T12:00:00,250Z] ERROR"


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("[Broker id=1] lost t-3", "[Broker id=22] lost t-14", True),
        ("topic id Ab3dEf6hIjKlMnOpQrStUv gone", "topic id zZ9dEf6hIjKlM-OpQrSt_w gone", True),
        ("session 123e4567-e89b-12d3-a456-426614174000", "session 00000000-e89b-12d3-a456-426614174fff", True),
        ("Object@1a2b3c4d at 0xff", "Object@ffffffff at 0x00a", True),
        ("lost orders-1", "lost payments-1", False),
        ("connection to node", "connection to leader", False),
    ],
)
def test_masks(one: str, other: str, alike: bool) -> None:
    assert (_log_groups.masked(one) == _log_groups.masked(other)) is alike


def event(time: float, message: str, level: str = "ERROR") -> Event:
    """Return one error."""
    return Event(time, level, f"{HEAD.replace('ERROR', level)} {message}")


def test_groups() -> None:
    groups = _log_groups.Groups()
    for time, host in ((5.0, "b1"), (3.0, "b2"), (9.0, "b1")):
        groups.add(host, event(time, f"[Broker id={time}] lost (kafka.X)\njava.io.IOException: {time}\n\tat a"))
    groups.add("b1", event(1.0, "[Broker id=1] lost (kafka.X)\njava.io.EOFException: x"))
    groups.add("b1", event(1.0, "[Broker id=1] lost (kafka.Y)"))
    groups.add("b1", event(1.0, "quite well (kafka.X)", "WARN"))
    groups.add(
        "b3", event(8.0, "[BrokerServer id=1] Fatal error during broker startup. Prepare to shutdown (kafka.Kafka$)")
    )
    found = groups.sorted()
    assert [(one.level, one.logger, one.count) for one in found] == [
        ("ERROR", "kafka.Kafka$", 1),
        ("ERROR", "kafka.X", 3),
        ("ERROR", "kafka.X", 1),
        ("ERROR", "kafka.Y", 1),
    ]
    assert _log_groups.in_words(found[1]) == (
        "3 x ERROR kafka.X on b1 (2), b2 (1), 1970-01-01T00:00:03.000Z to 1970-01-01T00:00:09.000Z: "
        "[Broker id=5.0] lost / java.io.IOException: 5.0"
    )
    assert _log_groups.in_words(found[0]) == (
        "1 x ERROR, FATAL for the node, kafka.Kafka$ on b3, 1970-01-01T00:00:08.000Z: [BrokerServer id=1] Fatal error during broker "
        "startup. Prepare to shutdown"
    )


def test_bounds() -> None:
    """Neither a message nor the number of groups grows without end; nothing is left uncounted."""
    groups = _log_groups.Groups()
    letters = "abcdefghij"
    for number in range(_log_groups.MOST + 10):
        name = "".join(letters[int(digit)] for digit in str(number))
        groups.add("b1", event(1.0, f"{name} {'x' * 1000} (kafka.X)"))
    found = groups.sorted()
    assert len(found) == _log_groups.MOST + 1
    assert sum(one.count for one in found) == _log_groups.MOST + 10
    assert max(len(one.example) for one in found) <= _log_groups.LONGEST_EXAMPLE + 2
