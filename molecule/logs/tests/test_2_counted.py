"""What the logs say is counted: every event once, through a storm with rotation and a counter that is killed; and raises alerts."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.lab.live import Live, figure, playbook, wait_for
from tests.lab.log_events import LOGS, look, provoke, settle, uncounted
from tests.lab.metrics import Prometheus

CONFIG = "/etc/kafka/log4j2.yaml"
SCALE = 0.1
ALERTS = {"prometheus_alert_profile": "full", "prometheus_time_scale": SCALE}
# TRACE everywhere, rolled at 1 MB, and no part of it deleted: all of it must be there to be counted by hand.
LOUD = r'/^  Loggers:/,$ s/(level: )"?(INFO|WARN|DEBUG)"?/\1"TRACE"/'
SMALL = r's/( size: )"[^"]*"/\1"1MB"/; s/( max: )[0-9]+/\1400/'
PARTS = f"ls {LOGS} | grep -c 'log\\.[0-9]' || true"
CPU = "curl -fs http://127.0.0.1:3903/metrics | grep ^process_cpu_seconds_total"


@pytest.fixture
def broker(live: Live) -> str:
    """The node of the storm."""
    return live.brokers[-1].name


def cpu(live: Live, name: str) -> float:
    """CPU seconds of the counter since it was started."""
    return float(live.run(name, CPU).split()[1])


def test_it_costs_next_to_nothing_on_a_quiet_node(live: Live, broker: str) -> None:
    before = cpu(live, broker)
    live.run(broker, "sleep 20")
    used = (cpu(live, broker) - before) / 20
    rss = int(live.run(broker, "ps -o rss= -p $(systemctl show -P MainPID kafka_mtail)")) / 1024
    figure(f"mtail on a quiet node: {used * 60:.3f} CPU-s a minute, {used * 100:.2f} % of a core, {rss:.0f} MB")
    assert used <= 0.005


@pytest.fixture
def storm(live: Live, broker: str) -> Iterator[None]:
    """Let Kafka write all it can, into files that it rolls over and over; the log configuration is watched by Kafka."""
    live.run(broker, f"cp -p {CONFIG} {CONFIG}.kept && sed -E -i '{LOUD}; {SMALL}' {CONFIG}")
    yield
    live.run(broker, f"[ ! -e {CONFIG}.kept ] || mv {CONFIG}.kept {CONFIG}")


def test_counters_equal_the_lines_of_a_storm_that_rolls_its_files(live: Live, broker: str, storm: None) -> None:
    missed, parts = uncounted(live, broker), int(live.run(broker, PARTS))
    before, used = look(live, broker)["counted"], cpu(live, broker)
    wait_for("four rolled parts", 240, lambda: int(live.run(broker, PARTS)) >= parts + 4)
    live.run(
        broker, f"sed -E '{SMALL}' {CONFIG}.kept > {CONFIG}.quiet && cat {CONFIG}.quiet > {CONFIG} && rm {CONFIG}.quiet"
    )
    settle(live, broker, missed)
    after = look(live, broker)["counted"]
    events = sum(after.values()) - sum(before.values())
    per_event = (cpu(live, broker) - used) / events * 1e6
    rolled = int(live.run(broker, PARTS)) - parts
    figure(f"storm: {events} events in {rolled} rolled parts, counted exactly; {per_event:.0f} us of CPU an event")
    assert after["server.log TRACE"] - before.get("server.log TRACE", 0) > 1000


def test_a_counter_that_is_killed_comes_back_and_counts_nothing_twice(live: Live, broker: str) -> None:
    live.run(broker, "systemctl kill -s KILL kafka_mtail.service")
    alive = "systemctl is-active kafka_mtail.service && curl -fs http://127.0.0.1:3903/metrics"
    wait_for("the counter to be back", 60, lambda: live.hosts[broker].run(alive).rc == 0)
    # What was written before is neither counted again nor ever: it is what is missing from now on.
    found = look(live, broker)
    assert sum(found["counted"].values()) < 200 < sum(found["written"].values())
    missed = uncounted(live, broker)
    provoke(live, broker, "WARN", 7)
    provoke(live, broker, "ERROR", 3, file="log-cleaner.log")
    provoke(live, broker, "ERROR", 2, offset="+02:00")
    settle(live, broker, missed)
    counted = look(live, broker)["counted"]
    least = {"server.log WARN": 7, "log-cleaner.log ERROR": 3, "server.log ERROR": 2}
    assert {key: number for key, number in least.items() if counted.get(key, 0) < number} == {}


@pytest.fixture
def prometheus(live: Live) -> Iterator[Prometheus]:
    """All alerts, at a tenth of their times; afterwards as the inventory says."""
    play = playbook("site.yml", "--tags", "monitoring", "-e", json.dumps(ALERTS))
    assert play.code == 0, play.output
    yield Prometheus(live)
    assert playbook("site.yml", "--tags", "monitoring").code == 0


def test_alerts_fire_on_provoked_errors_and_clear(live: Live, broker: str, prometheus: Prometheus) -> None:
    mine = f'ALERTS{{alertstate="firing", instance="{broker}", alertname=~"KafkaLogErrors|KafkaLogFatal|KafkaAuthorizationDenials"}}'

    def firing() -> set[str]:
        return {one["metric"]["alertname"] for one in prometheus.query(mine)}

    def go_on() -> bool:
        provoke(live, broker, "ERROR", 40)
        provoke(live, broker, "INFO", 60, file="kafka-authorizer.log")
        return {"KafkaLogErrors", "KafkaAuthorizationDenials"} <= firing()

    assert firing() == set()
    provoke(live, broker, "ERROR", 1, words="Encountered fatal fault:")
    wait_for("the fatal event", 60, lambda: "KafkaLogFatal" in firing())
    wait_for("the errors", 180, go_on)
    others = {
        one["metric"]["instance"] for one in prometheus.query('ALERTS{alertstate="firing", alertname="KafkaLogErrors"}')
    }
    assert others == {broker}
    live.run(broker, "systemctl stop kafka_mtail.service")
    down = f'ALERTS{{alertstate="firing", alertname="KafkaLogCounterDown", instance="{broker}"}}'
    wait_for("the alert about the counter", 120, lambda: prometheus.query(down))
    live.run(broker, "systemctl start kafka_mtail.service")
    wait_for("silence", 240, lambda: not firing() and not prometheus.query(down))
