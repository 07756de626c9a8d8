"""The search server of the claim `logs`: what is in it, and what Kafka's files say should be."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.request
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import testinfra

from tests.lab.live import Live, Play, _ip, playbook, wait_for

HOST = "search-1"
EVENT = re.compile(r"\[(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d,\d{3}(?:Z|[+-]\d\d:\d\d))\] ([A-Z]+) (.*) \(([^() ]+)\)")
METRICS = "/var/lib/node_exporter/textfile/kafka_log_shipper.prom"
# Writes COUNT events at RATE a second into FILE, as log4j would with a rolling of SIZE bytes and KEEP files.
STORM = """
import datetime, os, sys, time
path, mark, count, rate, size, keep = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:7])
stream = open(path, "ab", buffering=0)
began = time.time()
for number in range(count):
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
    text = f"[{now[:-6].replace('.', ',')}Z] DEBUG {mark} {number} and some words as long as those of a usual line are (kafka.storm.Log)\\n"
    if number % 100 == 7:
        text += f"java.lang.X: {mark}\\n\\tat a.b(C.java:1)\\n\\nCaused by: java.io.IOException: x (y)\\n\\t... 3 more\\n"
    stream.write(text.encode())
    if stream.tell() > size:
        stream.close()
        for part in range(keep, 0, -1):
            older = f"{path}.{part - 1}" if part > 1 else path
            if os.path.exists(older):
                os.rename(older, f"{path}.{part}")
        stream = open(path, "ab", buffering=0)
    late = began + number / rate - time.time()
    if late > 0:
        time.sleep(late)
print(time.time() - began)
"""


def ship(*arguments: str) -> Play:
    """Run site.yml for the log shipper alone."""
    return playbook("site.yml", "--tags", "log_shipper", *arguments)


def extra(**variables: Any) -> tuple[str, str]:
    """Return variables for the command line."""
    return "-e", json.dumps(variables)


@dataclass(frozen=True)
class Event:
    """What identifies an event for people."""

    time: str
    level: str
    logger: str
    message: str


def events(text: str) -> list[Event]:
    """Return the events of a log file whose message has no line break."""
    return [
        Event(time.replace(",", "."), level, logger, message)
        for time, level, message, logger in (
            found.groups() for found in map(EVENT.fullmatch, text.splitlines()) if found
        )
    ]


class Search:
    """The search server, asked from here; started and stopped through its host."""

    def __init__(self, live: Live) -> None:
        """Find its address."""
        listing = json.loads(
            subprocess.run(["ansible-inventory", "--host", HOST], capture_output=True, text=True, check=True).stdout
        )
        self.host = testinfra.get_host(f"ansible://{HOST}")
        self.url = f"http://{_ip(HOST, listing['ansible_ssh_common_args'])}:9200"
        self.live = live

    def ask(self, path: str, body: Any = None) -> Any:
        """Ask the server."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"})  # noqa: S310 the address is ours
        with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
            return json.load(response)

    def ready(self) -> bool:
        """Tell whether it answers."""
        try:
            return str(self.ask("/_cluster/health")["status"]) in ("green", "yellow")
        except OSError:
            return False

    def wait_until_ready(self) -> None:
        """Wait for it."""
        wait_for("the search server", 180, self.ready)

    def run(self, command: str) -> str:
        """Run a command on its host."""
        done = self.host.run(command)
        assert done.rc == 0, f"{command}\n{done.stdout}{done.stderr}"
        return str(done.stdout)

    def stop(self) -> None:
        """Take it away."""
        self.run("systemctl stop opensearch")

    def start(self) -> None:
        """Bring it back."""
        self.run("systemctl start opensearch")
        self.wait_until_ready()

    def count(self, **terms: str) -> int:
        """Return how many documents match words of fields (dots as two underscores)."""
        self.ask("/logs-kafka.*/_refresh", {})
        return int(self.ask("/logs-kafka.*/_count", {"query": _query(terms)})["count"])

    def documents(self, **terms: str) -> list[dict[str, Any]]:
        """Return all documents that match."""
        self.ask("/logs-kafka.*/_refresh", {})
        found: list[dict[str, Any]] = []
        body = {"size": 5000, "query": _query(terms), "sort": ["_doc"]}
        page = self.ask("/logs-kafka.*/_search?scroll=1m", body)
        while page["hits"]["hits"]:
            found += [one["_source"] for one in page["hits"]["hits"]]
            page = self.ask("/_search/scroll", {"scroll": "1m", "scroll_id": page["_scroll_id"]})
        return found

    def caught_up(self, names: Iterable[str], seconds: float = 120) -> None:
        """Wait until the shippers have read and sent everything, the last event of each file too, which is held back a little."""
        for name in names:
            wait_for(f"{name}: everything is sent", seconds, partial(self._idle_twice, name))

    def _idle_twice(self, name: str) -> bool:
        return self._idle(name) and self._idle(name)

    def _idle(self, name: str) -> bool:
        """Tell whether nothing waits, and a checkpoint was made three seconds after we asked."""
        now = float(self.live.run(name, "date +%s")) + 3
        wait_for(f"{name}: a checkpoint", 120, lambda: metrics(self.live, name)["checkpoint_timestamp_seconds"] > now)
        found = metrics(self.live, name)
        return found["backlog_bytes"] == 0 and found["queue_events"] == 0


def metrics(live: Live, name: str) -> dict[str, float]:
    """Return the shipper's metrics on a host, without their common prefix."""
    text = live.run(name, f"cat {METRICS}")
    return {key: float(value) for key, value in re.findall(r"^kafka_log_shipper_(\w+) (\S+)$", text, re.MULTILINE)}


def _query(terms: dict[str, str]) -> dict[str, Any]:
    must = []
    for key, value in terms.items():
        field = key.replace("__", ".")
        must.append({"match_phrase" if field in ("message", "error.stack_trace") else "term": {field: value}})
    return {"bool": {"filter": must}}


def tally(found: Iterable[dict[str, Any]]) -> Counter[Event]:
    """Count documents as events."""
    return Counter(
        Event(one["@timestamp"], one.get("log.level", ""), one.get("log.logger", ""), one["message"]) for one in found
    )


def cpu_seconds(live: Live, name: str) -> float:
    """Return the CPU time that the shipper and its companion have taken; systemd does not count it in every container."""
    script = "for id in $(pgrep -u log_shipper); do sed 's/.*) //' /proc/$id/stat; done; getconf CLK_TCK"
    *processes, ticks = live.run(name, script).splitlines()
    return sum(int(text.split()[11]) + int(text.split()[12]) for text in processes) / int(ticks)


def certificate(search: Search) -> str:
    """Return the certificate of the proxy with TLS."""
    return search.run("cat /etc/nginx/search.crt")
