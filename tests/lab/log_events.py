"""Events in the logs of one node: as they stand there, as they are counted, and such as a test writes itself."""

from __future__ import annotations

import json
import shlex
from typing import Any

from tests.lab.live import Live, wait_for

LOGS = "/var/log/kafka"
TRACE = (
    "java.io.IOException: disk {n}\n\tat a.B.c(B.java:{n})\n\n"
    "Caused by: java.lang.IllegalStateException: [not an event] ERROR (kafka.X)\n"
)
# Read as text, without the code that is under test: what is counted, what is written, and what is counted now, until both are alike.
LOOK = r"""
import collections, glob, json, os, re, urllib.request
def counted():
    found = collections.Counter()
    for line in urllib.request.urlopen("http://127.0.0.1:3903/metrics").read().decode().splitlines():
        if line.startswith("kafka_log_events_total{"):
            labels, value = line.rsplit(" ", 1)
            file, level = (re.search(key + '="([^"]*)"', labels).group(1) for key in ("file", "level"))
            found[file + " " + level] += int(float(value))
    return found
def written():
    found = collections.Counter()
    for path in glob.glob("/var/log/kafka/*.log*"):
        file = re.match(r"[a-z-]+\.log", os.path.basename(path)).group()
        if file == "gc.log":
            continue
        with open(path, errors="replace") as lines:
            for line in lines:
                words = line.split(" ", 2)
                if len(words) == 3 and words[0].startswith("[20") and words[0].endswith("]") and words[1].isupper():
                    found[file + " " + words[1]] += 1
    return found
before, lines, after = counted(), written(), counted()
print(json.dumps({"counted": before, "written": lines, "steady": before == after}))
"""


def look(live: Live, name: str) -> dict[str, dict[str, int]]:
    """What a node has counted and what it has written, by log and level, at one moment."""

    def steady() -> Any:
        found = json.loads(live.run(name, f"python3 -c {shlex.quote(LOOK)}"))
        return found if found["steady"] else None

    found: dict[str, dict[str, int]] = wait_for(f"a quiet moment of the logs of {name}", 60, steady)
    return found


def uncounted(live: Live, name: str) -> dict[str, int]:
    """Events that a node has written and not counted, by log and level."""
    found = look(live, name)
    keys = {*found["written"], *found["counted"]}
    left = {key: found["written"].get(key, 0) - found["counted"].get(key, 0) for key in keys}
    return {key: number for key, number in left.items() if number}


def settle(live: Live, name: str, wanted: dict[str, int]) -> None:
    """Wait until what is not counted is exactly this; the counter looks at the logs twice a second."""
    found: dict[str, int] = {}

    def same() -> bool:
        found.clear()
        found.update(uncounted(live, name))
        return found == wanted

    try:
        wait_for("", 90, same)
    except AssertionError:
        assert found == wanted


def provoke(
    live: Live,
    name: str,
    level: str,
    count: int,
    file: str = "server.log",
    offset: str = "Z",
    words: str = "Provoked for",
) -> None:
    """Write events with stack traces into a log beside Kafka, as Kafka would write them; a line at a time, at its end."""
    zone = {"Z": "UTC0", "+02:00": "XXX-2"}[offset]
    first = f"[@{offset}] {level} [Broker id={{n}}] {words} t-{{n}} (kafka.lab.Provoked)\n"
    text = "".join((first + TRACE).format(n=n) for n in range(count))
    now = f"$(TZ={zone} date +%Y-%m-%dT%H:%M:%S,%3N)"
    append = f"runuser -u kafka -- tee -a {LOGS}/{file} > /dev/null"
    live.run(name, f'printf %s {shlex.quote(text)} | sed "s/^\\[@/[{now}/" | {append}')
