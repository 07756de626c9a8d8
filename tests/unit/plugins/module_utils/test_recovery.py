"""What LogManager says about the recovery of logs; the lines are those of Kafka 4.3.1 after a kill -9."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _recovery

STARTING = "INFO [BrokerServer id=13] Transition from SHUTDOWN to STARTING (kafka.server.BrokerServer)\n"
LOADING = "INFO Loading logs from log dirs ArrayBuffer(/data1, /data2) (kafka.log.LogManager)\n"
CLEAN = "INFO Skipping recovery of 50 logs from /data1 since clean shutdown file was found (kafka.log.LogManager)\n"
UNCLEAN = "INFO Recovering 50 logs from /data1 since no clean shutdown file was found (kafka.log.LogManager)\n"
SECOND = "INFO Recovering 7 logs from /data2 since no clean shutdown file was found (kafka.log.LogManager)\n"
STEP = "INFO Completed load of Log(dir=/data1/a-1) with 1 segments in 3ms ({}/50 completed in /data1) (kafka.log.LogManager)\n"
END = "INFO Loaded 50 logs in 9027ms (unclean log dirs = ArrayBuffer(/data1)) (kafka.log.LogManager)\n"
BEGUN: dict[str, Any] = {
    "recovering": True,
    "logs": 50,
    "recovered": 0,
    "directories": ["/data1"],
    "seconds": None,
}
ENDED: dict[str, Any] = {**BEGUN, "recovering": False, "recovered": 50, "seconds": 9.027}

LOGS: list[tuple[str, dict[str, Any] | None]] = [
    ("", None),
    (STARTING, None),
    (STARTING + LOADING, None),
    (STARTING + LOADING + CLEAN + STEP.format(50) + END, None),
    (STARTING + LOADING + UNCLEAN, BEGUN),
    (STARTING + LOADING + UNCLEAN + STEP.format(7) + STEP.format(8), {**BEGUN, "recovered": 8}),
    (STARTING + LOADING + UNCLEAN + STEP.format(50) + END, ENDED),
    (
        STARTING + LOADING + UNCLEAN + SECOND + STEP.format(9),
        {**BEGUN, "logs": 57, "recovered": 9, "directories": ["/data1", "/data2"]},
    ),
    # The start before the last one does not count, nor does one of which the last process has not spoken yet.
    (STARTING + LOADING + UNCLEAN + STEP.format(50) + END + STARTING + LOADING + CLEAN + END, None),
    (STARTING + LOADING + UNCLEAN + STEP.format(7) + STARTING, None),
    (LOADING + UNCLEAN + STEP.format(50) + END, ENDED),
]


@pytest.mark.parametrize(("text", "expected"), LOGS)
def test_recovery(text: str, expected: dict[str, Any] | None) -> None:
    assert _recovery.recovery(text) == expected


WORDS = [
    (None, ""),
    ({**BEGUN, "recovered": 8}, "it recovers its logs after an unclean stop: 8 of 50 done in /data1"),
    (ENDED, "it recovered 50 logs in /data1 after an unclean stop, in 9.0 s"),
]


@pytest.mark.parametrize(("found", "text"), WORDS)
def test_words(found: dict[str, Any] | None, text: str) -> None:
    assert _recovery.words(found) == text


def test_the_end_of_a_long_log_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "server.log"
    assert _recovery.read(str(path)) is None
    path.write_text("x" * 1000 + "\n" + STARTING + LOADING + UNCLEAN + STEP.format(50) + END)
    monkeypatch.setattr(_recovery, "TAIL_BYTES", 700)
    assert _recovery.read(str(path)) == ENDED
