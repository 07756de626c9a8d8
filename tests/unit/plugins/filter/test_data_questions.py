"""The filter data_questions: when a broker's disks must be looked at."""

from __future__ import annotations

from typing import Any, Optional

import pytest

from ansible_collections.kraftops.kafka.plugins.filter.data_questions import FilterModule, data_questions
from tests.unit.plugins.planned import DAY, TEN_DAYS, base
from tests.unit.plugins.running_kafka import describe

MS, BYTES = "log.retention.ms", "log.retention.bytes"
# what the node was started with, what its dynamic value is, what it should have, which limits are asked about
LIMITS: list[tuple[dict[str, str], dict[str, str], dict[str, str], dict[str, int]]] = [
    ({}, {}, {}, {}),
    ({}, {}, {MS: DAY}, {MS: int(DAY)}),
    ({}, {}, {"log.retention.hours": "24"}, {MS: int(DAY)}),
    ({}, {}, {"log.retention.hours": "168"}, {}),
    ({}, {}, {MS: TEN_DAYS}, {}),
    ({}, {}, {MS: "-1"}, {}),
    ({MS: TEN_DAYS}, {}, {}, {MS: 604800000}),
    ({MS: "-1"}, {}, {MS: TEN_DAYS}, {MS: int(TEN_DAYS)}),
    ({}, {MS: DAY}, {MS: DAY}, {}),
    ({MS: DAY}, {MS: TEN_DAYS}, {MS: DAY}, {MS: int(DAY)}),
    ({}, {}, {BYTES: "1000"}, {BYTES: 1000}),
    ({BYTES: "1000"}, {}, {BYTES: "0"}, {BYTES: 0}),
    ({BYTES: "1000"}, {}, {}, {}),
]


def state(properties: Optional[dict[str, str]], on_disk: Optional[dict[str, str]] = None) -> dict[str, Any]:
    return {"properties": properties, "disk": {"properties": on_disk or base()}}


@pytest.mark.parametrize(("was", "dynamic", "desired", "expected"), LIMITS)
def test_shorter_limits(
    was: dict[str, str], dynamic: dict[str, str], desired: dict[str, str], expected: dict[str, int]
) -> None:
    started = {**base(), **was}
    found = data_questions({**base(), **desired}, state(started), describe(started, dynamic))
    assert found == {"directories": ["/d1", "/d2"], "removed": [], "limits": expected}


def test_directories() -> None:
    wanted = base(log_dirs="/d3, /d1")
    assert data_questions(wanted, state(base()), None) == {
        "directories": ["/d1", "/d2"],
        "removed": ["/d2"],
        "limits": {},
    }
    assert data_questions(wanted, state(None, base(log_dirs="/d1,/d4")), None)["removed"] == ["/d4"]
    assert data_questions({}, state({"node.id": "1"}), None)["directories"] == []


def test_it_is_found_by_its_name() -> None:
    assert FilterModule().filters() == {"data_questions": data_questions}
