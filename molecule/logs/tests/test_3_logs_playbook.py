"""One command shows what went wrong on all nodes: errors grouped, all events of all nodes in order of time."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from tests.lab.live import Live, figure, playbook
from tests.lab.log_events import provoke

LINE = re.compile(r"^([\w.-]+): \[(\S+?),(\d{3})(Z|[+-]\d\d:\d\d)\] (\w+) ")


def time_of(match: re.Match[str]) -> float:
    """Seconds since 1970, by the standard library alone."""
    offset = "+00:00" if match[4] == "Z" else match[4]
    return datetime.fromisoformat(f"{match[2]}.{match[3]}{offset}").timestamp()


def test_a_provoked_error_is_found_grouped_in_a_file_in_order_of_time(live: Live, tmp_path: Path) -> None:
    one, other = live.controllers[0].name, live.brokers[0].name
    for name in live.nodes:
        provoke(live, name, "WARN", 1)  # a quiet node writes nothing for minutes
    provoke(live, one, "ERROR", 3, file="controller.log")
    provoke(live, other, "ERROR", 4, offset="+02:00")
    path = tmp_path / "all.log"
    play = playbook("playbooks/logs.yml", "-e", f"kafka_logs_file={path}", "-e", "kafka_logs_minutes=5")
    assert play.code == 0, play.output
    assert {row["changed"] for row in play.recap.values()} == {0}
    words = " ".join(play.output.split())
    group = re.search(
        r"(\d+) x ERROR kafka\.lab\.Provoked on ([^,]+ \(\d+\)(?:, [^,]+ \(\d+\))*), \S+ to \S+: (.{60})", words
    )
    assert group, play.output
    assert int(group[1]) >= 7
    assert f"{one} (" in group[2] and f"{other} (" in group[2]
    assert "Provoked for t-" in group[3]
    assert str(path) in words
    text = path.read_text(encoding="utf-8")
    found = [(match[1], time_of(match)) for match in map(LINE.match, text.splitlines()) if match]
    assert {host for host, _time in found} == set(live.nodes)
    # Threads write a moment after they took the time; where that is much, the order of the file counts.
    assert max(before - after for (_a, before), (_b, after) in zip(found, found[1:])) < 0.001
    trace = [f"{other}: {line}" for line in ("java.io.IOException: disk 3", "\tat a.B.c(B.java:3)", "")]
    assert "\n".join(trace) + f"\n{other}: Caused by: java.lang.IllegalStateException" in text
    figure(f"playbooks/logs.yml: {play.wall:.0f} s for {len(live.nodes)} nodes, {len(text) / 1e6:.1f} MB")


def test_limit_and_range(live: Live, tmp_path: Path) -> None:
    path, name = tmp_path / "one.log", live.brokers[0].name
    asked = (
        "-e",
        f"kafka_logs_file={path}",
        "-e",
        "kafka_logs_max_bytes=20000",
        "-e",
        "kafka_logs_since=2020-01-01T00:00Z",
    )
    play = playbook("playbooks/logs.yml", "--limit", name, *asked)
    assert play.code == 0, play.output
    assert f"{name}: cut." in " ".join(play.output.split())
    lines = path.read_text(encoding="utf-8").splitlines()
    assert {line.partition(": ")[0] for line in lines} == {name}
    assert 1000 < sum(len(line) - len(name) - 1 for line in lines) < 25000
