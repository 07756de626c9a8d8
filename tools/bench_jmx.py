#!/usr/bin/env python3
"""What a scrape of one broker costs, in processor time of its JVM, with our JMX rules and with others on the same beans.

The beans are those of a recorded 4.3.1 broker, grown to so many partitions (six a topic); values are constants, so what Kafka
spends on making them is not in the figures. Each rules file gets a JVM of its own (a JDK is needed); all are asked in turn, so
that they share whatever else runs on this machine. Processor time is that of the process, with the kernel's.
usage: tools/bench_jmx.py --agent jmx_prometheus_javaagent.jar [--partitions 20 1000 4000] [--scrapes 10] [rules.yml ...]
Exits 1 when, with other rules given, ours (profile small) cost more than a tenth of their median at the largest size.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / ".collections")]

from ansible_collections.kraftops.kafka.plugins.module_utils._properties import PARTITION_BEANS
from tools.jmx_render import Bean, grown, rendered

PARTITIONS_OF_A_TOPIC = 6
GOAL = 0.1
# Attributes that are words; all others are numbers.
WORDS = {"current-state": "observer", "RateUnit": "SECONDS", "LatencyUnit": "MILLISECONDS", "EventType": "requests"}
# Of other rules files, what delays the first scrape or asks another process.
NOT_HERE = re.compile(r"^(startDelaySeconds|hostPort|jmxUrl):.*\n", re.MULTILINE)


class Jvm:
    """A JVM with beans and the exporter, while the context lasts."""

    def __init__(self, name: str, agent: Path, rules: Path, beans: Sequence[Bean]) -> None:
        """Start it."""
        self.name, self.beans, self.series = name, len(beans), 0
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = ["java", "-Xms1g", "-Xmx1g", "-XX:+UseG1GC", f"-javaagent:{agent}=127.0.0.1:{self.port}:{rules}"]
        self.process = subprocess.Popen(
            [*command, str(ROOT / "tools" / "SyntheticBeans.java")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._register(beans)

    def __enter__(self) -> Jvm:
        """Nothing more to do."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.process.kill()
        self.process.communicate()

    def _register(self, beans: Sequence[Bean]) -> None:
        """Hand it the beans, and wait until all are there."""
        into, out = self.process.stdin, self.process.stdout
        if into and out:
            into.writelines(f"{_line(bean)}\n" for bean in beans if bean.attributes)
            into.write("\n")
            into.flush()
        if not out or out.readline() != "ready\n":
            sys.exit(f"bench_jmx: {self.name}: the JVM ended with {self.process.wait()}")

    def scrape(self) -> float:
        """Scrape once; return the processor time that it took."""
        before = self._used()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        used = self._used() - before
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        if "jmx_scrape_error 0.0" not in lines:
            sys.exit(f"bench_jmx: {self.name}: the exporter failed to read the beans")
        self.series = len(lines)
        return used

    def _used(self) -> float:
        """Processor time of the process so far."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii")
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _line(bean: Bean) -> str:
    """Write a bean for SyntheticBeans."""
    word = "id" if dict(bean.properties).get("name") == "ClusterId" else "1.0"
    return f"{bean.name} | {' '.join(f'{one}={WORDS.get(one, word)}' for one in bean.attributes)}"


def kept(beans: Iterable[Bean]) -> list[Bean]:
    """Leave out what metrics.jmx.exclude keeps Kafka from registering in the profile large."""
    excluded = re.compile(PARTITION_BEANS)
    return [bean for bean in beans if not excluded.fullmatch(bean.name)]


def measure(agent: Path, partitions: int, scrapes: int, others: Sequence[Path]) -> dict[str, float]:
    """Print the figures of all rules at one size; return the processor time of a scrape of each."""
    beans = grown(max(1, partitions // PARTITIONS_OF_A_TOPIC), partitions)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        made: dict[str, tuple[str, Sequence[Bean]]] = {
            "small": (rendered(("broker",), "small"), beans),
            "large": (rendered(("broker",), "large"), kept(beans)),
            "large, its rules alone": (rendered(("broker",), "large"), beans),
            **{path.stem: (NOT_HERE.sub("", path.read_text(encoding="utf-8")), beans) for path in others},
        }
        jvms: list[Jvm] = []
        for name, (text, wanted) in made.items():
            rules = Path(folder, f"{len(jvms)}.yml")
            rules.write_text(text, encoding="utf-8")
            jvms.append(stack.enter_context(Jvm(name, agent, rules, wanted)))
        first = [jvm.scrape() for jvm in jvms]
        for _warm in range(scrapes):
            for jvm in jvms:
                jvm.scrape()
        spent = {jvm.name: [0.0] * scrapes for jvm in jvms}
        for number in range(scrapes):
            for jvm in jvms:
                spent[jvm.name][number] = jvm.scrape()
        for jvm, start in zip(jvms, first):
            cost = statistics.fmean(spent[jvm.name])
            print(f"{partitions:6} {jvm.name:24} {jvm.beans:7} {jvm.series:8} {cost:8.3f} {start:8.2f}", flush=True)
    return {name: statistics.fmean(several) for name, several in spent.items()}


def main() -> int:
    """Measure every size."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--agent", type=Path, required=True)
    parser.add_argument("--partitions", type=int, nargs="+", default=[20, 1000, 4000])
    parser.add_argument("--scrapes", type=int, default=10)
    parser.add_argument("rules", type=Path, nargs="*")
    given = parser.parse_args()
    print(f"{'parts':>6} {'rules':24} {'beans':>7} {'series':>8} {'CPU-s':>8} {'first':>8}")
    costs = [measure(given.agent, size, given.scrapes, given.rules) for size in given.partitions]
    if not given.rules:
        return 0
    theirs = statistics.median(costs[-1][path.stem] for path in given.rules)
    ratio = costs[-1]["small"] / theirs
    print(f"small takes {ratio:.3f} of the median of the others ({theirs:.3f} CPU-s); the goal is {GOAL}")
    return 0 if ratio <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
