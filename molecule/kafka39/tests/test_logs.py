"""What Kafka 3.9 logs through reload4j, with Debian 12's mtail: counted exactly, and found by the first look."""

from __future__ import annotations

import re
from pathlib import Path

from tests.lab.live import Live, playbook
from tests.lab.log_events import look, provoke, settle, uncounted


def test_events_of_3_9_are_counted_and_found(live: Live, tmp_path: Path) -> None:
    broker, controller = live.brokers[0].name, live.controllers[0].name
    # Kafka wrote its first lines when the counter was there already: nothing is missing but what later starts of the counter missed.
    counted = look(live, broker)["counted"]
    assert counted.get("server.log INFO", 0) > 0
    missed = uncounted(live, broker)
    provoke(live, broker, "ERROR", 5, offset="+02:00")
    settle(live, broker, missed)
    provoke(live, controller, "ERROR", 2, file="controller.log")
    play = playbook("playbooks/logs.yml", "-e", f"kafka_logs_file={tmp_path}/all.log")
    assert play.code == 0, play.output
    words = " ".join(play.output.split())
    group = re.search(r"(\d+) x ERROR kafka\.lab\.Provoked on (.*?), \d{4}-", words)
    assert group and int(group[1]) >= 7, play.output
    assert broker in group[2] and controller in group[2]
    lines = (tmp_path / "all.log").read_text(encoding="utf-8").splitlines()
    assert {line.partition(": ")[0] for line in lines} == {broker, controller}
    assert len(lines) > 7 * 5
