"""Silences are narrow and end by themselves."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab.live import Live, figure, playbook, wait_for
from tests.lab.metrics import fetch
from tests.lab.receiver import Receiver
from tests.lab.rehearsal import assert_green, start_again

SILENCE = 40


@pytest.fixture
def whole(live: Live) -> Iterator[None]:
    """Whatever a test stopped runs again."""
    yield
    start_again(live)


def silences(live: Live) -> list[dict[str, Any]]:
    """The silences in force."""
    found = json.loads(fetch(f"http://{live.ips[live.monitors[0]]}:9093/api/v2/silences"))
    return [one for one in found if one["status"]["state"] == "active"]


def test_only_the_node_at_its_turn_is_silent_and_not_for_long(live: Live, receiver: Receiver, whole: None) -> None:
    """Its silence outlives the run that made it, and ends by itself: another broker's alert and lost replicas are told."""
    wait_for("the end of silences that another claim's rolls have left", 300, lambda: not silences(live))
    receiver.forget()
    silent, other = live.brokers[1].name, live.brokers[2].name
    play = assert_green(
        playbook("molecule/monitoring/silence.yml", "--limit", silent, "-e", f"kafka_roll_stall_timeout={SILENCE}")
    )
    made = time.monotonic()
    (one,) = silences(live)
    matched = {item["name"]: item["value"] for item in one["matchers"]}
    assert (matched["instance"], matched["cluster"]) == (silent, live.cluster), play.output
    live.at_once(dict.fromkeys((silent, other), "systemctl stop kafka.service"))
    wait_for("the other broker's alert", 60, lambda: receiver.has("KafkaNodeDown", instance=other))
    wait_for("the alert of lost replicas", 60, lambda: receiver.has("KafkaUnderMinIsrPartitions"))
    assert time.monotonic() - made > SILENCE or not receiver.has("KafkaNodeDown", instance=silent)
    wait_for("the end of the silence", SILENCE + 20, lambda: receiver.has("KafkaNodeDown", instance=silent))
    assert silences(live) == []
    figure(f"alert of the silenced broker {time.monotonic() - made:.0f} s after a silence of {SILENCE} s was made")


def test_a_silence_is_taken_back_and_nobody_who_answers_is_a_note(live: Live) -> None:
    """Made, made again and taken back in one run: the second time changes nothing."""
    node, monitor = live.brokers[0].name, live.monitors[0]
    arguments = ("molecule/monitoring/silence.yml", "--limit", node)
    play = assert_green(playbook(*arguments, "-e", '{"silence_steps": ["silence", "silence", "unsilence"]}'))
    assert play.total("changed") == 2, play.output
    assert len(silences(live)) == 1  # for a minute more
    live.run(monitor, "systemctl stop alertmanager.service")
    try:
        play = assert_green(playbook(*arguments))
    finally:
        live.run(monitor, "systemctl start alertmanager.service")
        ready = "curl --silent --fail --retry 20 --retry-delay 1 --retry-connrefused http://127.0.0.1:9093/-/ready"
        live.run(monitor, ready)
    assert "cannot be asked" in play.output
    wait_for("no silence", 90, lambda: not silences(live))
