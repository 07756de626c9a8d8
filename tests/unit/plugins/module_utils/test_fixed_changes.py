"""Identity, directories, versions and files: what no admin API can change."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.plugins.planned import FILE, Row, lines
from tests.unit.plugins.running_kafka import node

FIXED: list[tuple[str, dict[str, Any], list[Row]]] = [
    (
        "node id",
        node(desired={"node.id": "12"}),
        [
            (
                "node.id",
                "11",
                "12",
                "forbidden none refused",
                "a node keeps its id: under another one it would be another node, with this one's disks",
            )
        ],
    ),
    (
        "roles",
        node(desired={"process.roles": "broker,controller"}),
        [
            (
                "process.roles",
                "broker",
                "broker,controller",
                "forbidden none refused",
                "a node keeps its roles: remove it from the cluster and add it again",
            )
        ],
    ),
    (
        "roles in another order",
        node("combined", desired={"process.roles": "controller,broker"}),
        [("process.roles", "broker,controller", "controller,broker", "none", FILE)],
    ),
    (
        "metadata",
        node(desired={"metadata.log.dir": "/n"}),
        [
            (
                "metadata.log.dir",
                "/m",
                "/n",
                "forbidden none refused",
                "Kafka would start with an empty metadata log: replace the node instead",
            )
        ],
    ),
    (
        "cluster id",
        node(cluster_id="a", found_cluster_id="b"),
        [("cluster id", "b", "a", "forbidden none refused", "its disks belong to another cluster")],
    ),
    (
        "a directory more",
        node(desired={"log.dirs": "/d1,/d2,/d3"}),
        [("log.dirs", "/d1,/d2", "/d1,/d2,/d3", "restart", "/d3 is formatted before the restart")],
    ),
    (
        "a directory with replicas",
        node(desired={"log.dirs": "/d1"}, replicas={"/d2": 4}),
        [("log.dirs", "/d1,/d2", "/d1", "forbidden none refused", "/d2 still holds 4 replicas: move them away first")],
    ),
    (
        "a directory of which nothing is known",
        node(desired={"log.dirs": "/d1"}),
        [
            (
                "log.dirs",
                "/d1,/d2",
                "/d1",
                "forbidden none refused",
                "nobody knows whether /d2 still holds replicas: let Kafka run with it once more",
            )
        ],
    ),
    (
        "an empty directory",
        node(desired={"log.dirs": "/d1"}, replicas={"/d2": 0}),
        [("log.dirs", "/d1,/d2", "/d1", "restart", "no replica lies there any more")],
    ),
    (
        "directories in another order",
        node(desired={"log.dirs": "/d2,/d1"}),
        [("log.dirs", "/d1,/d2", "/d2,/d1", "none", FILE)],
    ),
    (
        "identity from the live node",
        node(desired={"node.id": "12"}, loaded=None, file=None),
        [
            (
                "node.id",
                "11",
                "12",
                "forbidden none refused",
                "a node keeps its id: under another one it would be another node, with this one's disks",
            )
        ],
    ),
    (
        "older Kafka",
        node(loaded_version="4.3.2"),
        [("Kafka", "4.3.2", "4.3.1", "forbidden none refused", "older than what runs: Kafka does not go back")],
    ),
    (
        "other minor",
        node(loaded_version="4.2.1"),
        [("Kafka", "4.2.1", "4.3.1", "forbidden none refused", "another minor version: upgrades are not built yet")],
    ),
    (
        "newer patch",
        node(loaded_version="4.3.0"),
        [("Kafka", "4.3.0", "4.3.1", "restart", "a newer version of the same line")],
    ),
    ("same Kafka", node(loaded_version="4.3.1"), []),
    (
        "unit read again",
        node(need_daemon_reload=True),
        [
            (
                "kafka.service",
                "changed since systemd read it",
                "read again",
                "none",
                "systemd is told to read the unit again; that alone restarts nothing",
            )
        ],
    ),
]


@pytest.mark.parametrize(("title", "one", "expected"), FIXED, ids=[row[0] for row in FIXED])
def test_what_no_admin_api_can_change(title: str, one: dict[str, Any], expected: list[Row]) -> None:
    assert lines(one) == expected


LONG = "0123456789abcdef"
START_FILES: list[tuple[dict[str, Any], list[Row]]] = [
    ({"what": "jvm.options", "desired": LONG, "disk": LONG, "loaded": LONG}, []),
    (
        {"what": "jvm.options", "desired": LONG, "disk": "b", "loaded": "b"},
        [("jvm.options", "b", "0123456789ab", "restart", "the process was started with another one")],
    ),
    (
        {"what": "jvm.options", "desired": "a", "disk": "a", "loaded": "b"},
        [("jvm.options", "b", "a", "restart", "the process was started with another one")],
    ),
    ({"what": "jvm.options", "desired": "a", "disk": "b", "loaded": "a"}, [("jvm.options", "b", "a", "none", FILE)]),
    (
        {"what": "jvm.options", "desired": "a", "disk": "b"},
        [("jvm.options", "b", "a", "restart", "read only when the process starts")],
    ),
    ({"what": "jvm.options", "desired": "a"}, []),
    (
        {"what": "drop-ins", "desired": "", "loaded": "b"},
        [("drop-ins", "b", "(absent)", "restart", "the process was started with another one")],
    ),
    (
        {"what": "log4j.properties", "desired": "a", "disk": "b", "loaded": "b"},
        [("log4j.properties", "b", "a", "restart", "the process was started with another one")],
    ),
    (
        {"what": "log4j2.yaml", "desired": "a", "disk": "b", "loaded": "b"},
        [("log4j2.yaml", "b", "a", "none", "Kafka reads it while it runs: it is written, nothing restarts")],
    ),
    ({"what": "log4j2.yaml", "desired": "a", "disk": "a", "loaded": "b"}, []),
    (
        {"what": "jmx_exporter.yml", "desired": "a", "disk": "b"},
        [("jmx_exporter.yml", "b", "a", "none", "Kafka reads it while it runs: it is written, nothing restarts")],
    ),
]


@pytest.mark.parametrize(("item", "expected"), START_FILES)
def test_what_else_a_process_starts_with(item: dict[str, Any], expected: list[Row]) -> None:
    assert lines(node(start_files=[item])) == expected
