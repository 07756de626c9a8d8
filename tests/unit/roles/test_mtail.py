"""The program that counts: which lines are events, and which logger wrote them. The claim `logs` runs it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._log_config import FILES
from ansible_collections.kraftops.kafka.plugins.module_utils._log_events import FATAL, Event, begins

ROLE = Path(__file__).resolve().parents[3] / "roles" / "mtail"
PROGRAM = (ROLE / "templates" / "kafka_log.mtail.j2").read_text(encoding="utf-8")
NAME, EVENT, LOGGER, END = (
    re.compile(text.replace(r"\/", "/")) for text in re.findall(r"/((?:\\/|[^/\n])+)/ {", PROGRAM)
)
EVENTS = {
    "[2026-11-27T12:00:00,250Z] ERROR Failed (kafka.server.X)": ("ERROR", "kafka.server.X"),
    "[2026-11-27T12:00:00,250+02:00] WARN [Broker id=1] a (b) c (kafka.network.RequestChannel$)": (
        "WARN",
        "kafka.network.RequestChannel$",
    ),
    "[2026-11-27T12:00:00,250-05:30] FATAL first of several lines": ("FATAL", None),
}
OTHERS = [
    "java.io.IOException: [2026-11-27T12:00:00,250Z] ERROR x",
    "\tat kafka.server.X.y(X.scala:1)",
    "Caused by: java.lang.Exception: ERROR (kafka.server.X)",
    "[2026-11-27T12:00:00,250Z] LOUD x (y)",
    "[2026-11-27] ERROR x (y)",
    "",
]


@pytest.mark.parametrize("line", EVENTS)
def test_events(line: str) -> None:
    level, logger = EVENTS[line]
    found, named = EVENT.search(line), LOGGER.search(line)
    assert found and found["level"] == level
    assert (named and named["logger"]) == logger
    assert begins(line), "the playbook logs sees it otherwise"


@pytest.mark.parametrize("line", OTHERS)
def test_other_lines(line: str) -> None:
    assert not EVENT.search(line)
    assert not begins(line)


@pytest.mark.parametrize(
    ("line", "fatal"),
    [
        ("[2026-11-27T18:13:35,328Z] ERROR Exiting Kafka due to fatal exception (kafka.Kafka$)", True),
        (
            "[2026-11-27T18:13:35,328Z] ERROR [BrokerServer id=1] Fatal error during broker startup. Prepare to shutdown (a.B)",
            True,
        ),
        ("[2026-11-27T18:13:35,328Z] ERROR Encountered fatal fault: Error starting LogManager (a.B)", True),
        ("[2026-11-27T18:13:35,328Z] ERROR Shutdown broker because all log dirs in /d have failed (a.B)", True),
        ("[2026-11-27T18:13:35,328Z] FATAL anything (a.B)", True),
        ("[2026-11-27T18:13:35,328Z] ERROR [Producer] Received fatal error for a transaction marker (a.B)", False),
        ("[2026-11-27T18:13:35,328Z] WARN Fatal error during a test (a.B)", False),
    ],
)
def test_fatal_events(line: str, fatal: bool) -> None:
    assert bool(END.search(line)) is fatal
    assert Event(0, "ERROR", line).fatal is fatal
    assert FATAL.pattern == END.pattern


def test_files() -> None:
    found = [NAME.search(f"/var/log/kafka/{name}") for name in FILES.values()]
    assert [match and match["file"] for match in found] == list(FILES.values())
