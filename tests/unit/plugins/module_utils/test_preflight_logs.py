"""Kafka's own logs against the file system that they lie on, and their configuration against what it should say."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _log_config, _preflight_logs

GB = 10**9
FIX = (
    "Lower kafka_log_file_size or kafka_log_file_count, give the directory a larger file system, or raise "
    "kafka_log_filesystem_share."
)
PARTS = "6 files of 11 x 100MB, 0.2 GB of garbage collector log, a heap dump of 1.1 GB"


def problems(fleet: Any) -> list[str]:
    """Return the lines about logs."""
    lines: list[str] = [line for line in fleet.preflight()["lines"]["problems"] if "log" in line]
    return lines


def test_room_enough(fleet: Any) -> None:
    assert problems(fleet) == []


TOO_LARGE: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (
        {"size_bytes": 24 * GB, "journal_bytes": 4 * GB},
        {},
        f"12.2 GB ({PARTS}, 4.0 GB of journal), more than 50% of the 24.0 GB",
    ),
    ({"size_bytes": 16 * GB, "journal_bytes": 0}, {}, f"8.2 GB ({PARTS}), more than 50% of the 16.0 GB"),
    (
        {"size_bytes": 9 * GB, "journal_bytes": 0},
        {"log_filesystem_share": 0.9},
        f"8.2 GB ({PARTS}), more than 90% of the 9.0 GB",
    ),
]


@pytest.mark.parametrize(("disk", "node", "words"), TOO_LARGE)
def test_no_room(fleet: Any, disk: dict[str, int], node: dict[str, Any], words: str) -> None:
    fleet.reports["broker-2"]["log_filesystem"].update(disk)
    fleet.model["nodes"]["broker-2"].update(node)
    assert problems(fleet) == [
        f"broker-2: kafka_app_log_dir = /var/log/kafka: the logs can take {words} of /var/log. {FIX}"
    ]


@pytest.mark.parametrize(
    ("node", "size"),
    [
        ({}, 16.451 * GB),
        ({"log_file_count": 1, "log_file_size": 10 << 10, "heap_bytes": 1}, 0.462 * GB),
        ({"log_filesystem_share": 1.0}, 8.226 * GB),
    ],
)
def test_just_room_enough(fleet: Any, node: dict[str, Any], size: float) -> None:
    fleet.model["nodes"]["broker-2"].update(node)
    fleet.reports["broker-2"]["log_filesystem"].update(size_bytes=size, journal_bytes=0)
    assert problems(fleet) == []
    fleet.reports["broker-2"]["log_filesystem"].update(size_bytes=size * 0.99)
    assert len(problems(fleet)) == 1


def test_a_node_that_did_not_answer_is_not_judged(fleet: Any) -> None:
    fleet.reports["broker-2"]["log_filesystem"].update(size_bytes=1)
    fleet.silent = {"broker-2"}
    assert problems(fleet) == []


@pytest.mark.parametrize("version", ["4.3.1", "3.9.2"])
def test_what_would_be_read_otherwise_is_refused(fleet: Any, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    fleet.model["clusters"]["orders"]["version"] = version
    fleet.model["nodes"]["broker-2"]["log_levels"] = {"kafka.server": "DEBUG", "a.B": "WARN"}
    assert problems(fleet) == []
    real = _log_config.log_config

    def damaged(model: Any, host: str) -> dict[str, Any]:
        found = real(model, host)
        return {**found, "content": found["content"].replace("DEBUG", "INFO").replace("a.B", "a.C")}

    monkeypatch.setattr(_preflight_logs, "log_config", damaged)
    file = "log4j2.yaml" if version == "4.3.1" else "log4j.properties"
    assert problems(fleet) == [
        f"broker-2: kafka_log_levels: {file} would be read otherwise than it is meant, at a.B, a.C, kafka.server. "
        "Correct the names of these loggers."
    ]
