"""The shared cluster at twenty times its pace: who fires, who was told, and what must last before anybody is told.

The settings are those of tests/lab/quick.yml, with which that claim converges.
"""

from __future__ import annotations

import json
import threading
import time

from tests.lab.change import wait_until_whole
from tests.lab.live import ROOT, Live, Play, playbook, wait_for
from tests.lab.metrics import Prometheus, fetch, series
from tests.lab.wire import Wire

QUICK = ("-e", f"@{ROOT}/tests/lab/quick.yml")
STEP = 3  # seconds between two scrapes, and two evaluations
TARGETS = "/etc/prometheus/targets/kafka_exporter.json"
MONITORING = ("site.yml", "--tags", "monitoring")
LOGGER, DECLARED = "org.apache.kafka.raft", "INFO"
SKEWED = "skewed-"
UNITS = ("producer-orders", "producer-payments", "group-billing", "group-reporting")
TOPICS = ("orders", "payments")


def assert_green(play: Play) -> Play:
    """Return a run that has not failed."""
    assert play.code == 0, play.output
    return play


def is_quick(prometheus: Prometheus) -> bool:
    """Whether Prometheus runs at that pace."""
    return f"evaluation_interval: {STEP}s\n" in prometheus.api("status/config")["yaml"]


def firing(prometheus: Prometheus) -> set[tuple[str, str]]:
    """The alerts that fire, each with the group or instance that it names."""
    alerts = [one["labels"] for one in prometheus.api("alerts")["alerts"] if one["state"] == "firing"]
    return {(one["alertname"], one.get("consumergroup") or one.get("instance", "")) for one in alerts}


def told(live: Live, alerts: set[tuple[str, str]]) -> None:
    """Return once Alertmanager has got them, also those that it keeps back."""
    names = {name for name, _where in alerts}
    url = f"http://{live.ips[live.monitors[0]]}:9093/api/v2/alerts"

    def known() -> bool:
        return names <= {one["labels"]["alertname"] for one in json.loads(fetch(url))}

    wait_for(f"{names} in Alertmanager", 60, known)


def start_again(live: Live) -> None:
    """Start every Kafka process that stands; return once nothing is missing."""
    live.everywhere("systemctl start kafka.service", live.nodes)
    wait_for("all brokers to serve", 180, lambda: all(_serves(node.ip) for node in live.brokers))
    wait_until_whole(live)


def _serves(ip: str) -> bool:
    try:
        return "kafka_server_kafkaserver_brokerstate 3.0" in series(ip)
    except OSError:
        return False


class SecondExporter:
    """A second target of the lag exporter, as if there were two, until it leaves."""

    def __init__(self, live: Live, prometheus: Prometheus) -> None:
        """Add it; return once both are asked."""
        self.live, self.prometheus = live, prometheus
        text = live.run(live.monitors[0], f"cat {TARGETS}")
        (target,) = json.loads(text)
        second = {**target, "labels": {**target["labels"], "instance": "second"}}
        command = f"cp -p {TARGETS} {TARGETS}.alone && echo '{json.dumps([target, second])}' > {TARGETS}"
        live.run(live.monitors[0], command)
        self._wait(2)

    def leave(self) -> None:
        """Take it away; twice does no harm."""
        self.live.run(self.live.monitors[0], f"test ! -e {TARGETS}.alone || mv {TARGETS}.alone {TARGETS}")
        self._wait(1)

    def _wait(self, several: int) -> None:
        query = 'sum(up{job="kafka_exporter"})'
        wait_for(f"{several} lag exporters", 90, lambda: self.prometheus.number(query) == several)


class Unrest:
    """What must last for an hour or two, that is for minutes, before somebody is told: begun early, looked at late."""

    def __init__(self, live: Live) -> None:
        """A topic that one broker leads alone, and a level that somebody has set by hand on that broker and left."""
        self.live, self.broker = live, live.brokers[0]
        self.remove_topic()  # that of a run that was killed
        self.topic = f"{SKEWED}{int(time.time())}"
        ids = [node.node_id for node in live.brokers]
        placed = ",".join([":".join(map(str, ids))] * 60)
        live.run(self.broker.name, f"kafka-topics --create --topic={self.topic} --replica-assignment={placed}")
        self._level("DEBUG")

    def _level(self, level: str) -> None:
        """Change the level with Kafka's own tool, and have it noticed at once."""
        self.level = level
        entity = f"--entity-type broker-loggers --entity-name {self.broker.node_id}"
        self.live.run(self.broker.name, f"kafka-configs --alter {entity} --add-config {LOGGER}={level}")
        self.live.run(self.broker.name, "systemctl start kafka-log-check.service")

    def restore_level(self) -> None:
        """Set the level back; twice does no harm."""
        if self.level != DECLARED:
            self._level(DECLARED)

    def remove_topic(self) -> None:
        """Delete the topic; twice does no harm."""
        with Wire(self.broker.address) as wire:
            for topic in [name for name in wire.replicas() if name.startswith(SKEWED)]:
                wire.delete_topic(topic)


class Demo(threading.Thread):
    """The traffic of the demo: one group keeps up, another lags. Set up beside other tests; `wait` returns when it is."""

    def __init__(self, live: Live) -> None:
        """Remember whether it was there before."""
        super().__init__(daemon=True)
        self.live, self.play = live, Play(-1, "", 0, 0)
        self.was_there = live.hosts[live.monitors[0]].run(f"systemctl is-active demo-traffic@{UNITS[0]}").rc == 0

    def run(self) -> None:
        """Set it up."""
        self.play = playbook("tools/demo_traffic.yml")

    def wait(self) -> None:
        """Return when it runs."""
        self.join()
        assert_green(self.play)

    def remove(self) -> None:
        """Take it away, unless it was there before."""
        self.join()
        if self.was_there:
            return
        units = " ".join(f"demo-traffic@{unit}" for unit in UNITS)
        self.live.run(self.live.monitors[0], f"systemctl disable --now {units}")
        with Wire(self.live.brokers[0].address) as wire:
            for topic in {*TOPICS} & set(wire.replicas()):
                wire.delete_topic(topic)
