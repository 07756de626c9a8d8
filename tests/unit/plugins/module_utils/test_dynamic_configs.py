"""Which dynamic values are set, removed, and left alone."""

from __future__ import annotations

from typing import Any, Optional

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._dynamic_configs import (
    NOT_SHOWN,
    Seen,
    Wanted,
    changes,
    foreign,
    objection,
    text_of,
    unapplied,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._effective import LiveProperties, live_properties

NODE, CLUSTER, FILE, DEFAULT = 2, 3, 4, 5
THREADS, RETENTION, PASSWORD = "num.io.threads", "log.retention.ms", "listener.name.client.ssl.keystore.password"
Said = dict[str, list[tuple[int, Optional[str]]]]


def live(values: Said) -> LiveProperties:
    """Return properties, each given as [(source, value)] with the nearest first."""
    entries: dict[str, Any] = {}
    for key, said in values.items():
        entries[key] = {
            "value": said[0][1],
            "read_only": False,
            "source": said[0][0],
            "sensitive": said[0][1] is None,
            "synonyms": [{"name": key, "value": value, "source": source} for source, value in said],
        }
    return live_properties(entries)


def hours(number: str) -> dict[str, Any]:
    """Return retention as Kafka shows it when only the hours are in the file."""
    empty: dict[str, Any] = {"value": None, "read_only": False, "source": DEFAULT, "sensitive": False, "synonyms": []}
    synonyms = [{"name": "log.retention.hours", "value": number, "source": FILE}]
    stated = {"value": number, "read_only": True, "source": FILE, "sensitive": False, "synonyms": synonyms}
    return {RETENTION: empty, "log.retention.hours": stated}


def told(wanted: Wanted, stored: Said, *nodes: Said) -> list[tuple[Optional[int], str, Optional[str], Optional[str]]]:
    """Return the changes for the brokers 11, 12, …"""
    seen = Seen(live(stored), {11 + number: live(one) for number, one in enumerate(nodes)})
    return [(one.node, one.key, one.before, one.after) for one in changes(wanted, seen)]


PLAIN: Said = {THREADS: [(DEFAULT, "8")]}


@pytest.mark.parametrize(
    ("wanted", "stored", "nodes", "expected"),
    [
        pytest.param(Wanted(cluster={THREADS: "8"}), {}, [PLAIN, PLAIN], [], id="the default is enough"),
        pytest.param(
            Wanted(cluster={THREADS: "16"}),
            {},
            [{THREADS: [(FILE, "16"), (DEFAULT, "8")]}] * 2,
            [],
            id="the file is enough",
        ),
        pytest.param(
            Wanted(cluster={THREADS: "16"}),
            {},
            [{THREADS: [(FILE, "16"), (DEFAULT, "8")]}, PLAIN],
            [(None, THREADS, None, "16")],
            id="one file differs",
        ),
        pytest.param(
            Wanted(cluster={THREADS: "16"}),
            {THREADS: [(CLUSTER, "12")]},
            [{THREADS: [(CLUSTER, "12"), (FILE, "16")]}],
            [(None, THREADS, "12", "16")],
            id="a stored value hides the file",
        ),
        pytest.param(
            Wanted(cluster={THREADS: " 16"}),
            {THREADS: [(CLUSTER, "16")]},
            [{THREADS: [(CLUSTER, "16"), (FILE, "8")]}],
            [],
            id="stored as wanted",
        ),
        pytest.param(
            Wanted(cluster={THREADS: "8"}),
            {},
            [{THREADS: [(NODE, "9"), (DEFAULT, "8")]}, PLAIN],
            [(11, THREADS, "9", None)],
            id="an override of a cluster-wide key goes",
        ),
        pytest.param(
            Wanted(nodes={11: {THREADS: "9"}}),
            {},
            [PLAIN, PLAIN],
            [(11, THREADS, None, "9")],
            id="one broker",
        ),
        pytest.param(
            Wanted(cluster={THREADS: "10"}, nodes={11: {THREADS: "9"}}),
            {},
            [{THREADS: [(FILE, "9"), (DEFAULT, "8")]}, PLAIN],
            [(None, THREADS, None, "10"), (11, THREADS, None, "9")],
            id="the cluster's value would hide the broker's file",
        ),
        pytest.param(
            Wanted(managed=frozenset([THREADS])),
            {THREADS: [(CLUSTER, "12")]},
            [{THREADS: [(NODE, "9"), (CLUSTER, "12")]}, {THREADS: [(CLUSTER, "12")]}],
            [(None, THREADS, "12", None), (11, THREADS, "9", None)],
            id="managed and not wanted",
        ),
        pytest.param(
            Wanted(managed=frozenset([THREADS]), nodes={11: {THREADS: "12"}}),
            {THREADS: [(CLUSTER, "12")]},
            [{THREADS: [(CLUSTER, "12"), (DEFAULT, "8")]}],
            [(None, THREADS, "12", None), (11, THREADS, None, "12")],
            id="from the cluster to one broker",
        ),
        pytest.param(Wanted(nodes={13: {THREADS: "9"}}), {}, [PLAIN], [], id="a broker that does not answer"),
        pytest.param(
            Wanted(nodes={11: {PASSWORD: "x"}}), {}, [{PASSWORD: [(NODE, None)]}], [], id="a secret is not compared"
        ),
        pytest.param(
            Wanted(nodes={11: {PASSWORD: "x"}}, resend=frozenset([PASSWORD])),
            {},
            [{PASSWORD: [(NODE, None)]}],
            [(11, PASSWORD, NOT_SHOWN, "x")],
            id="a secret is sent again when told",
        ),
        pytest.param(Wanted(nodes={11: {PASSWORD: "x"}}), {}, [{}], [(11, PASSWORD, None, "x")], id="a new secret"),
    ],
)
def test_changes(wanted: Wanted, stored: Said, nodes: list[Said], expected: Any) -> None:
    assert told(wanted, stored, *nodes) == expected


@pytest.mark.parametrize(("wanted", "expected"), [("604800000", []), ("864000000", ["864000000"])])
def test_hours_in_the_file_count_as_milliseconds(wanted: str, expected: list[str]) -> None:
    seen = Seen({}, {11: live_properties(hours("168"))})
    assert [one.after for one in changes(Wanted(cluster={RETENTION: wanted}), seen)] == expected


def test_foreign_values() -> None:
    stored: Said = {"log.segment.bytes": [(CLUSTER, "1")], "min.insync.replicas": [(CLUSTER, "2")]}
    node: Said = {
        "message.max.bytes": [(NODE, "5"), (DEFAULT, "1")],
        "leader.replication.throttled.rate": [(NODE, "5")],
        "follower.replication.throttled.rate": [(NODE, "5")],
        "replica.alter.log.dirs.io.max.bytes.per.second": [(NODE, "5")],
        "compression.type": [(NODE, "zstd")],
        "log.segment.bytes": [(CLUSTER, "1")],
        "plugin.password": [(NODE, None)],
    }
    wanted = Wanted(nodes={11: {"compression.type": "zstd"}})
    seen = Seen(live(stored), {11: live(node)})
    assert [change.as_plain("x") for change in foreign(wanted, seen)] == [
        {"resource": "x", "key": "log.segment.bytes", "from": "1", "to": None},
        {"resource": "x", "key": "message.max.bytes", "from": "5", "to": None},
        {"resource": "x", "key": "plugin.password", "from": NOT_SHOWN, "to": None},
    ]
    assert changes(wanted, seen) == []
    remove = Wanted(nodes=wanted.nodes, remove_foreign=True)
    assert changes(remove, seen) == foreign(wanted, seen)


def test_a_secret_is_reported_as_a_digest() -> None:
    (change,) = changes(Wanted(nodes={11: {PASSWORD: "planted"}}), Seen({}, {11: {}}))
    plain = change.as_plain("broker 11")
    assert plain["to"] is not None
    assert plain["to"].startswith("digest ")
    assert "planted" not in str(plain)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (True, "true"),
        (False, "false"),
        (864000000, "864000000"),
        (0.5, "0.5"),
        (["a", "b"], "a,b"),
        (" x ", "x"),
        ("", ""),
    ],
)
def test_values_as_kafka_writes_them(given: Any, text: str) -> None:
    assert text_of(given) == text


@pytest.mark.parametrize("given", [None, {"a": 1}, [None]])
def test_what_is_no_value(given: Any) -> None:
    with pytest.raises(
        ValueError, match="this is no value; to remove what is set, leave the key out and name it in managed"
    ):
        text_of(given)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([(NODE, "9"), (DEFAULT, "8")], False),
        ([(DEFAULT, "8")], False),
        ([(NODE, None)], False),
    ],
)
def test_applied(said: Any, expected: bool) -> None:
    assert unapplied(THREADS, live({THREADS: said})) is expected


def test_a_stored_value_that_is_not_lived_by() -> None:
    entry = {
        "value": "8",
        "read_only": False,
        "source": CLUSTER,
        "synonyms": [{"name": THREADS, "value": "400", "source": CLUSTER}],
    }
    assert unapplied(THREADS, live_properties({THREADS: entry}))


@pytest.mark.parametrize(
    ("key", "value", "kind", "expected"),
    [
        (THREADS, "16", "int", ""),
        (THREADS, "4", "int", ""),
        (THREADS, "17", "int", "a thread pool may at most double or halve in one step, and it has 8 now"),
        (THREADS, "abc", "int", "it must be a whole number"),
        ("auto.create.topics.enable", "yes", "boolean", "it must be true or false"),
        ("auto.create.topics.enable", "TRUE", "boolean", ""),
        ("nonsense", "1", "", "this version of Kafka has no such key"),
        ("listener.name.client.max.connections", "1", "", ""),
    ],
)
def test_objections(key: str, value: str, kind: str, expected: str) -> None:
    known = live({THREADS: [(DEFAULT, "8")], "auto.create.topics.enable": [(DEFAULT, "true")]})
    assert objection(key, value, known, kind) == expected
