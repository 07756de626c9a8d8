"""Checkpoints of the log shipper: safe only when what was read by then is answered, exact to the byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _log_shipping as shipping
from ansible_collections.kraftops.kafka.plugins.module_utils._log_shipping import Progress, Tick
from ansible_collections.kraftops.kafka.plugins.module_utils._textfile import render

# As rsyslog 8.2302 writes them; what nobody reads is left out.
COUNTERS = [
    '{ "name": "omelasticsearch", "origin": "omelasticsearch", "submitted": 9, "failed.http": 0, "failed.httprequests": 2, '
    '"failed.checkConn": 0, "failed.es": 1, "response.success": 5, "response.bad": 0, "response.duplicate": 2, '
    '"response.badargument": 1, "response.bulkrejection": 1, "response.other": 1, "rebinds": 0 }',
    '{ "name": "kafka_lines", "origin": "dynstats.bucket", "values": { "unparsed": 4 } }',
    '{ "name": "kafka", "origin": "core.queue", "size": 3, "enqueued": 12, "full": 0, "discarded.full": 0, "maxqsize": 7 }',
    '{ "name": "main Q", "origin": "core.queue", "size": 0, "enqueued": 40 }',
]


def test_counters() -> None:
    now = shipping.tick(COUNTERS)
    assert now == Tick(
        read=12, waiting=3, sent=5, duplicates=2, rejected=1, repeated=2, failed=2, dropped=1, unparsed=4
    )
    assert now is not None and now.answered == 10


@pytest.mark.parametrize("missing", [0, 2])
def test_half_a_round_says_nothing(missing: int) -> None:
    assert shipping.tick(COUNTERS[:missing] + COUNTERS[missing + 1 :]) is None


def test_a_broken_line_is_left_out() -> None:
    assert shipping.tick(['{"name": "kaf', *COUNTERS]) is not None


def run(*ticks: Tick) -> list[Any]:
    """Return what each round makes a checkpoint; the notes carry the number of the round."""
    progress = Progress()
    return [progress.step(one, {"round": str(number)}) for number, one in enumerate(ticks)]


ROUNDS: list[tuple[list[Tick], list[Any]]] = [
    # Nothing happens: the notes of the round before are safe.
    ([Tick(), Tick(), Tick()], [None, {"round": "0"}, {"round": "1"}]),
    # Read after the copy, not answered yet: the copy waits until that is answered too.
    ([Tick(), Tick(read=5), Tick(read=9, sent=4), Tick(read=9, sent=5)], [None, None, None, {"round": "0"}]),
    # In a storm there is always something on its way; a copy is safe once the events of its time are through.
    (
        [Tick(read=100, sent=50), Tick(read=200, sent=150), Tick(read=300, sent=250), Tick(read=400, sent=350)],
        [None, None, {"round": "0"}, None],
    ),
    # An outage: nothing is ever safe.
    ([Tick(read=5, sent=5), *[Tick(read=9, sent=5)] * 3], [None, None, None, None]),
    # Sent back by the server, and at the end of the line again: a new copy.
    (
        [
            Tick(read=5, sent=5),
            Tick(read=6, sent=5, repeated=1),
            Tick(read=6, sent=6, repeated=1),
            Tick(read=6, sent=6, repeated=1),
        ],
        [None, None, {"round": "1"}, {"round": "2"}],
    ),
    # Refused for good, or stored before: answered.
    ([Tick(read=3, sent=1, duplicates=1, rejected=1)] * 2, [None, {"round": "0"}]),
]


@pytest.mark.parametrize(("ticks", "safe"), ROUNDS)
def test_checkpoints(ticks: list[Tick], safe: list[Any]) -> None:
    assert run(*ticks) == safe


@pytest.mark.parametrize(
    ("ticks", "lost"),
    [
        ([Tick(read=5, sent=5)] * 3, False),
        ([Tick(read=5, sent=2, waiting=3)] * 3, False),
        ([Tick(read=5, sent=2), Tick(read=9, sent=5)], False),
        ([Tick(read=5, sent=2)] * 2, True),
        ([Tick(read=5, sent=5, dropped=1)], True),
    ],
)
def test_events_that_rsyslog_gave_up(ticks: list[Tick], lost: bool) -> None:
    progress = Progress()
    assert [progress.lost(one) for one in ticks][-1] is lost


def notes(offset: int, **held: str) -> str:
    """Return imfile's notes of a file."""
    return json.dumps(
        {"filename": "/var/log/kafka/server.log", "prev_was_nl": 0, "curr_offs": offset, "strt_offs": 7, **held}
    )


@pytest.mark.parametrize(
    ("state", "begin"),
    [
        (notes(100), 100),
        (notes(100, prev_msg_segment="x" * 19), 80),
        (notes(100, prev_line_segment="x" * 19), 81),
        (notes(100, prev_msg_segment="x" * 19, prev_line_segment="y" * 10), 70),
        (notes(100, prev_msg_segment="ü\n€"), 100 - 2 - 1 - 3 - 1),
    ],
)
def test_begin_with_the_event_that_was_held_back(state: str, begin: int) -> None:
    found = json.loads(shipping.restored(state))
    assert (found["curr_offs"], found["strt_offs"]) == (begin, begin)
    assert "prev_msg_segment" not in found


def test_notes_files_and_backlog(tmp_path: Path) -> None:
    logs, work = tmp_path / "logs", tmp_path / "work"
    logs.mkdir()
    work.mkdir()
    for name, size in (("server.log", 100), ("server.log.1", 1000), ("gc.log", 5000)):
        (logs / name).write_bytes(b"x" * size)
    inode = (logs / "server.log.1").stat().st_ino
    (work / f"imfile-state:{inode}:0a1b").write_text(notes(900))
    (work / "imfile-state:1:0a1b").write_text(notes(50))
    (work / "imfile-state:2.tmp").write_text("{")
    states = shipping.read_states(str(work))
    files = shipping.log_files(str(logs), ["server.log", "controller.log"])
    assert sorted(files.values()) == [100, 1000]
    assert set(states) == {f"imfile-state:{inode}:0a1b", "imfile-state:1:0a1b"}
    assert set(shipping.living(states, files)) == {f"imfile-state:{inode}:0a1b"}
    assert shipping.backlog(states, files) == 200
    assert shipping.read_states(str(tmp_path / "none")) == {}


def test_metrics() -> None:
    text = render(shipping.metrics(Tick(read=3, sent=2, waiting=1), 200, 5.5, 401))
    assert "# TYPE kafka_log_shipper_sent_total counter\nkafka_log_shipper_sent_total 2\n" in text
    assert "# TYPE kafka_log_shipper_backlog_bytes gauge\nkafka_log_shipper_backlog_bytes 200\n" in text
    assert "kafka_log_shipper_checkpoint_timestamp_seconds 5.5\n" in text
    assert "kafka_log_shipper_refused_status 401\n" in text
