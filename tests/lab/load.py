"""A load of which every number is known, for the dashboard's queries. It takes about three minutes, beside other tests.

First some messages and a commit in every partition (without one its lag is unknown), until Prometheus has seen both: a
difference of offsets counts only what comes after the first sample. Then `RATE` a second for `SECONDS`, of which a
consumer group commits a part.
"""

from __future__ import annotations

import threading
import time
from functools import partial

from tests.lab.live import Live, wait_for
from tests.lab.metrics import Prometheus
from tests.lab.wire import Wire

PARTITIONS = 20
BEFORE = 10 * PARTITIONS
RATE, SECONDS = 20, 60
PRODUCED, CONSUMED = RATE * SECONDS, 900
TALK = "import time; [(print(n, flush=True), time.sleep({pause})) for n in range({count})]"


class Load(threading.Thread):
    """Runs in the background; `wait` returns when Prometheus has seen its end."""

    def __init__(self, live: Live) -> None:
        """Prepare; names are new each time, so that a kept cluster can be tested again."""
        super().__init__(daemon=True)
        self.live = live
        self.made = time.time()
        self.topic = f"load-{int(self.made)}"
        self.group = f"{self.topic}-group"
        self.prometheus = Prometheus(live)
        self.problem: BaseException | None = None
        self.seconds = 0.0
        self.seen = 0.0  # the moment when Prometheus had seen all of it

    def run(self) -> None:
        """Produce and consume."""
        try:
            self._prepare()
            started = time.monotonic()
            consumer = threading.Thread(target=self.consume, args=(CONSUMED,), daemon=True)
            consumer.start()
            self.produce()
            self.seconds = time.monotonic() - started
            consumer.join()
            self._seen(BEFORE + PRODUCED, BEFORE + CONSUMED)
            self.seen = time.time()
        except BaseException as problem:
            self.problem = problem

    def _prepare(self) -> None:
        with Wire(self.live.brokers[0].address) as wire:
            wire.create_topic(self.topic, PARTITIONS)
        kcat = f"kcat -P -b {self.live.bootstrap} -t {self.topic} -X acks=all -p"
        loop = f"for part in $(seq 0 {PARTITIONS - 1}); do seq {BEFORE // PARTITIONS} | {kcat} $part; done"
        self.live.run(self.live.monitors[0], loop)
        self.consume(BEFORE)
        self._seen(BEFORE, BEFORE)

    def _seen(self, head: int, committed: int) -> None:
        queries = {
            f'sum(kafka:topic_partition:head{{topic="{self.topic}"}})': head,
            f'sum(kafka:group_partition:committed{{topic="{self.topic}"}})': committed,
            # Made of the two above, so the rates of the same evaluation have seen them too.
            f'sum(kafka:group_topic:lag{{topic="{self.topic}"}})': head - committed,
        }
        for query, wanted in queries.items():
            wait_for(f"{query} == {wanted}", 120, partial(self._shows, query, wanted))

    def _shows(self, query: str, wanted: int) -> bool:
        return self.prometheus.number(query) == wanted

    def produce(self) -> None:
        """Write so many messages a second; acknowledged by all replicas in sync."""
        source = f"python3 -c '{TALK.format(pause=1 / RATE, count=PRODUCED)}'"
        kcat = f"kcat -P -b {self.live.bootstrap} -t {self.topic} -X acks=all -X sticky.partitioning.linger.ms=0"
        self.live.run(self.live.monitors[0], f"{source} | {kcat}")

    def consume(self, count: int) -> None:
        """Let the group read and commit so many messages."""
        options = "-q -X auto.offset.reset=earliest"
        command = f"kcat -b {self.live.bootstrap} {options} -c {count} -G {self.group} {self.topic}"
        lines = self.live.run(self.live.monitors[0], f"timeout 100 {command}").splitlines()
        assert len(lines) == count, f"{self.group} read {len(lines)} messages, not {count}"

    def wait(self) -> None:
        """Return when everything is produced, consumed and seen by Prometheus."""
        self.join(300)
        assert not self.is_alive(), "the load has not ended"
        if self.problem:
            raise self.problem

    def remove(self) -> None:
        """Delete the topic, and with it the group's offsets."""
        self.join(10)
        with Wire(self.live.brokers[0].address) as wire:
            if self.topic in wire.replicas():
                wire.delete_topic(self.topic)
