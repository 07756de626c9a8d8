"""Properties that Kafka reads when it starts, and nodes that do not run."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.plugins.planned import FILE, START, Row, base, lines
from tests.unit.plugins.running_kafka import describe, node

SHADOW = "a dynamic value that shadows the file is removed, or the restarted process would keep it"
CASES: list[tuple[str, dict[str, Any], list[Row]]] = [
    (
        "read at start",
        node(desired={"socket.send.buffer.bytes": "4096"}),
        [("socket.send.buffer.bytes", "102400", "4096", "restart", START)],
    ),
    (
        "read at start, out of the inventory",
        node(was={"socket.send.buffer.bytes": "4096"}, desired={"socket.send.buffer.bytes": "-"}),
        [("socket.send.buffer.bytes", "4096", "102400", "restart", START)],
    ),
    (
        "written by an interrupted run, not loaded",
        node(was={"num.partitions": "3"}, loaded=base(), live=describe(base())),
        [("num.partitions", "1", "3", "restart", START)],
    ),
    ("loaded, nobody answers", node(was={"num.partitions": "3"}, live=None), []),
    ("live as desired, loaded copy lost", node(was={"num.partitions": "3"}, loaded=None), []),
    ("live as desired, loaded copy older", node(was={"num.partitions": "3"}, loaded=base()), []),
    (
        "loaded copy lost, live not as desired",
        node(was={"num.partitions": "3"}, loaded=None, live=describe(base())),
        [("num.partitions", "1", "3", "restart", START)],
    ),
    ("nothing known but the file", node(was={"num.partitions": "3"}, loaded=None, live=None), []),
    (
        "nothing known but the file, which differs",
        node(desired={"num.partitions": "3"}, loaded=None, live=None),
        [("num.partitions", "(absent)", "3", "restart", START)],
    ),
    ("edited by hand", node(file=base(num_partitions="5")), [("num.partitions", "5", "(absent)", "none", FILE)]),
    (
        "shadowed though read at start",
        node(was={"principal.builder.class": "A"}, own={"principal.builder.class": "B"}),
        [("principal.builder.class", "B", "(absent)", "dynamic-broker delete", SHADOW)],
    ),
    (
        "shadowed as it should become",
        node(
            was={"principal.builder.class": "A"},
            desired={"principal.builder.class": "B"},
            own={"principal.builder.class": "B"},
        ),
        [
            ("principal.builder.class", "B", "(absent)", "dynamic-broker delete", SHADOW),
            ("principal.builder.class", "A", "B", "restart", START),
        ],
    ),
    (
        "a key that nobody knows",
        node(desired={"kafka.plugin.depth": "3"}),
        [("kafka.plugin.depth", "(absent)", "3", "restart", START)],
    ),
    (
        "Kafka says read-only",
        node(
            desired={"max.connections": "9"},
            live={
                **describe(base()),
                "max.connections": {"value": "5", "read_only": True, "source": 5, "synonyms": []},
            },
        ),
        [("max.connections", "5", "9", "restart", START)],
    ),
    (
        "a listener's protocol",
        node(desired={"listener.name.client.ssl.protocol": "TLSv1.3"}),
        [("listener.name.client.ssl.protocol", "(absent)", "TLSv1.3", "restart", START)],
    ),
    (
        "the rules are those of what runs",
        node(desired={"group.coordinator.cached.buffer.max.bytes": "9"}, version="4.3.1", loaded_version="4.2.1"),
        [
            ("Kafka", "4.2.1", "4.3.1", "forbidden none refused", "another minor version: upgrades are not built yet"),
            ("group.coordinator.cached.buffer.max.bytes", "(absent)", "9", "restart", START),
        ],
    ),
    (
        "stopped",
        node(desired={"num.io.threads": "12"}, live=None, running=False),
        [
            ("process", "stopped", "running", "restart", "it does not run: it is started"),
            ("num.io.threads", "(absent)", "12", "none", "written to the file, from which the stopped process starts"),
        ],
    ),
    (
        "new",
        node(file=None, loaded=None, live=None, running=False),
        [
            (
                "server.properties",
                "(absent)",
                "written",
                "restart",
                "a first start: the file is written, then Kafka is started",
            )
        ],
    ),
    (
        "left alone",
        node(desired={"num.partitions": "3"}, left_alone="kafka_maintenance"),
        [("num.partitions", "1", "3", "restart none", f"{START}; nothing is done: kafka_maintenance")],
    ),
]


@pytest.mark.parametrize(("title", "one", "expected"), CASES, ids=[row[0] for row in CASES])
def test_changes_that_wait_for_a_start(title: str, one: dict[str, Any], expected: list[Row]) -> None:
    assert lines(one) == expected
