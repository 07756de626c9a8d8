"""Messages that must all arrive: acks=all, one every 10 ms, while something is done to the cluster.

Each message is an id. kcat says where each acknowledged one lies; read back with the moment it was made, that gives the
set of acknowledged ids and how long each took.
"""

from __future__ import annotations

import json
import threading
import time
from functools import partial
from types import TracebackType
from typing import Any

from tests.lab.live import Live, Node, figure, wait_for
from tests.lab.wire import Wire

PARTITIONS = 12
DELIVERY_MS = 30000
# Writes ids until the file of its last argument is gone; prints how many, kcat's exit code, its acknowledgements
# (partition, offset, moment in ms) and whatever else it said.
SENDER = """
import json, os, re, subprocess, sys, threading, time
*command, go_on = sys.argv[1:]
kcat = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
acks, said = [], []
def listen():
    for line in kcat.stderr:
        found = re.match(r"% Message delivered to partition (\\d+) \\(offset (\\d+)\\)", line)
        if found:
            acks.append((int(found[1]), int(found[2]), int(time.time() * 1000)))
        else:
            said.append(line.rstrip())
ear = threading.Thread(target=listen)
ear.start()
sent = 0
while os.path.exists(go_on) and kcat.poll() is None:
    kcat.stdin.write(f"{sent}\\n")
    kcat.stdin.flush()
    sent += 1
    time.sleep(0.01)
kcat.stdin.close()
code = kcat.wait()
ear.join()
print(json.dumps({"sent": sent, "code": code, "acks": acks, "said": said}))
"""


class Traffic:
    """Runs on the monitoring host, or another, while the context lasts; `check` compares what was sent, acknowledged and read."""

    def __init__(self, live: Live, host: str = "") -> None:
        """Prepare; the topic is new each time."""
        self.live = live
        self.host = host or live.monitors[0]
        self.topic = f"change-{int(time.time())}"
        self.flag = f"/run/{self.topic}"
        self.sender = threading.Thread(target=self._send, daemon=True)
        self.result: dict[str, Any] = {}

    def __enter__(self) -> Traffic:
        """Start, and return once every partition has taken a message."""
        with Wire(self.live.brokers[0].address) as wire:
            wire.create_topic(self.topic, PARTITIONS)
        for broker in self.live.brokers:
            wait_for(f"the topic on {broker.name}", 120, partial(self._known, broker))
        self.live.run(self.host, f"touch {self.flag}")
        self.sender.start()
        wait_for("messages in every partition", 90, self._everywhere)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, and wait for the last acknowledgement."""
        self.live.run(self.host, f"rm -f {self.flag}")
        self.sender.join(2 * DELIVERY_MS / 1000)

    def _send(self) -> None:
        options = f"-P -vv -b {self.live.bootstrap} -t {self.topic} -X acks=all -X delivery.timeout.ms={DELIVERY_MS}"
        kcat = f"kcat {options} -X sticky.partitioning.linger.ms=0 -X linger.ms=0"
        self.result = json.loads(self.live.run(self.host, f"python3 -c '{SENDER}' {kcat} {self.flag}"))

    def _known(self, broker: Node) -> bool:
        with Wire(broker.address) as wire:
            return self.topic in wire.replicas()

    def _everywhere(self) -> bool:
        return len({part for (part, _offset), _id, _made in self._read()}) == PARTITIONS

    def _read(self) -> list[tuple[tuple[int, int], int, int]]:
        """What lies in the topic: ((partition, offset), id, moment of making in ms)."""
        command = f"kcat -C -q -e -b {self.live.bootstrap} -t {self.topic} -o beginning -f '%p %o %s %T\\n'"
        rows = [line.split() for line in self.live.run(self.host, f"timeout 60 {command}").splitlines()]
        return [((int(row[0]), int(row[1])), int(row[2]), int(row[3])) for row in rows]

    def check(self, what: str, worst_ms: int = 10000) -> None:
        """No message failed, every acknowledged one is there, and none waited longer; says the figures."""
        assert self.result, "the sender has not ended"
        assert self.result["code"] == 0, self.result["said"]
        # Of a message; that a connection failed is no wonder while a broker is down.
        assert [line for line in self.result["said"] if "Delivery failed" in line] == []
        read = self._read()
        lies = {where: (number, made) for where, number, made in read}
        acked = {(part, offset): moment for part, offset, moment in self.result["acks"]}
        assert [where for where in acked if where not in lies] == []
        ids = {lies[where][0] for where in acked}
        assert ids == set(range(self.result["sent"]))
        assert ids <= {number for _where, number, _made in read}
        waits = sorted(moment - lies[where][1] for where, moment in acked.items())
        p99, worst = waits[len(waits) * 99 // 100], waits[-1]
        figure(f"{what}: {self.result['sent']} messages sent, {len(ids)} acknowledged, {len(read)} read back")
        figure(f"{what}: acknowledged within {p99} ms (p99), {worst} ms (worst)")
        assert worst <= worst_ms

    def remove(self) -> None:
        """Delete the topic, where a test has come as far as to make it."""
        with Wire(self.live.brokers[0].address) as wire:
            if self.topic in wire.replicas():
                wire.delete_topic(self.topic)
