"""Rules give numbers that are right, and alerts come and go.

Meanwhile everything goes ten times as fast, and a second target of the lag exporter, as if there were two, may change no number.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from tests.lab.groups import Groups
from tests.lab.live import Live, figure, playbook, wait_for
from tests.lab.load import CONSUMED, PRODUCED, Load
from tests.lab.metrics import Prometheus, fetch
from tests.lab.wire import Wire
from tools import rule_render

SCALE, STEP = 0.1, 3  # rules are evaluated every three seconds; five minutes of the rules are half a one
SETTINGS = {
    "prometheus_time_scale": SCALE,
    "prometheus_scrape_interval": f"{round(STEP / SCALE)}s",
    "prometheus_scrape_timeout": "25s",
    "prometheus_alert_profile": "full",
    "kafka_exporter_poll_interval": "1s",
}
TARGETS = "/etc/prometheus/targets/kafka_exporter.json"
MONITORING = ("site.yml", "--tags", "monitoring")
REWOUND, LEFT = 1_000_000, 100_000
# Records that have no data on a healthy cluster under this load, and why.
EMPTY = {
    "kafka:cluster:leaderless_partitions": "klag-exporter does not tell who leads",
    "kafka:group_topic:uncommitted_partitions": "no group without a commit; klag-exporter leaves such partitions out",
    "kafka:group_topic:retention_headroom:ratio": "retention has not deleted anything yet",
    "kafka:group_topic:lag_drain_seconds": "only while a group catches up",
    "kafka:group_topic:lag_seconds_estimate": "only while messages come in",
    "kafka:log_dir:seconds_to_full": "only where free room shrinks",
    "kafka:request:error:ratio5m": "no request has failed",
}


@pytest.fixture(scope="module")
def prometheus(live: Live) -> Iterator[Prometheus]:
    """Prometheus at ten times its pace, with two lag exporters; afterwards as the inventory says."""
    play = playbook(*MONITORING, "-e", json.dumps(SETTINGS))
    assert play.code == 0, play.output
    monitor = live.monitors[0]
    (target,) = json.loads(live.run(monitor, f"cat {TARGETS}"))
    second = {**target, "labels": {**target["labels"], "instance": "second"}}
    live.run(monitor, f"echo '{json.dumps([target, second])}' > {TARGETS}")
    prometheus = Prometheus(live)
    wait_for("two lag exporters", 60, lambda: prometheus.number('sum(up{job="kafka_exporter"})') == 2)
    yield prometheus
    play = playbook(*MONITORING)
    assert play.code == 0, play.output


@pytest.fixture(scope="module")
def load(live: Live, prometheus: Prometheus) -> Iterator[Load]:
    """A load of known numbers that has ended; its group has left messages behind."""
    load = Load(live)
    load.start()
    load.wait()
    yield load
    load.remove()


def firing(prometheus: Prometheus) -> set[tuple[str, str]]:
    """The alerts that fire, each with the instance or group that it names."""
    alerts = [one["labels"] for one in prometheus.api("alerts")["alerts"] if one["state"] == "firing"]
    return {(one["alertname"], one.get("consumergroup") or one.get("instance", "")) for one in alerts}


def test_every_rule_is_evaluated_without_an_error(prometheus: Prometheus) -> None:
    groups = prometheus.api("rules")["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert [rule["name"] for rule in rules if rule["health"] == "err"] == []
    assert {rule["name"] for rule in rules if rule["type"] == "alerting"} == set(rule_render.declared()) - {
        "KafkaTopicTrafficStopped"  # nobody watches a topic
    }
    spent = sum(group["evaluationTime"] for group in groups)
    figure(f"{len(rules)} rules are evaluated in {spent * 1000:.0f} ms")


@pytest.mark.parametrize(
    ("record", "expected"),
    [("kafka:topic:messages_in:rate5m", PRODUCED), ("kafka:group_topic:messages_consumed:rate5m", CONSUMED)],
)
def test_messages_are_counted(prometheus: Prometheus, load: Load, record: str, expected: int) -> None:
    """The rate of each moment, summed up over the whole load, is the number of messages."""
    own = f'sum({record}{{topic="{load.topic}"}})'
    wait_for(f"{own} to end", 60, lambda: prometheus.number(own) == 0)
    counted = prometheus.number(f'sum(sum_over_time({record}{{topic="{load.topic}"}}[5m]))') * STEP
    figure(f"{record}: {counted:.0f} of {expected} messages")
    assert counted == pytest.approx(expected, rel=0.05)


def test_the_lag_is_what_kafkas_own_tool_says(live: Live, prometheus: Prometheus, load: Load) -> None:
    told = Groups(live).lag(load.group)
    shown = prometheus.query(f'kafka:group_partition:lag{{consumergroup="{load.group}"}}')
    assert {one["metric"]["partition"]: int(one["value"][1]) for one in shown} == told
    assert sum(told.values()) == PRODUCED - CONSUMED
    assert prometheus.number(f'kafka:group_topic:lag{{consumergroup="{load.group}"}}') == PRODUCED - CONSUMED


def test_every_record_has_data(live: Live, prometheus: Prometheus, load: Load) -> None:
    names = {rule["record"] for rule in rule_render.rules(rule_render.render()) if "record" in rule}
    assert [name for name in sorted(names - set(EMPTY)) if not prometheus.query(name)] == []
    expected = prometheus.number(f'sum(kafka:node:expected{{cluster="{live.cluster}"}})')
    assert expected == len(live.nodes)


def test_a_group_that_is_set_back_by_a_million_consumes_nothing(live: Live, prometheus: Prometheus) -> None:
    topic = f"rewind-{int(time.time())}"
    committed = f'sum(kafka:group_partition:committed{{consumergroup="{topic}"}})'
    lag = f'sum(kafka:group_topic:lag{{consumergroup="{topic}"}})'
    with Wire(live.brokers[0].address) as wire:
        wire.create_topic(topic, 1)
    try:
        live.run(live.monitors[0], f"seq {REWOUND + LEFT} | kcat -P -b {live.bootstrap} -t {topic} -X acks=1")
        groups = Groups(live)
        groups.reset(topic, topic, "--to-latest")
        wait_for(committed, 60, lambda: prometheus.number(committed) == REWOUND + LEFT)
        groups.reset(topic, topic, f"--shift-by -{REWOUND}")
        wait_for(committed, 60, lambda: prometheus.number(committed) == LEFT)
        wait_for(lag, 30, lambda: prometheus.number(lag) == REWOUND)
        # What a plain rate() makes of it shows that the rule had something to withstand.
        naive = prometheus.number(f'max(rate(kafka:group_partition:committed{{consumergroup="{topic}"}}[30s]))')
        rates = f'kafka:group_topic:messages_consumed:rate5m{{consumergroup="{topic}"}}'
        figure(f"a group set back by {REWOUND}: rate() sees {naive:.0f} messages a second")
        assert naive > 1000
        assert prometheus.number(f"max(max_over_time({rates}[2m]))") == 0
    finally:
        with Wire(live.brokers[0].address) as wire:
            wire.delete_topic(topic)


def test_alerts_come_and_go(live: Live, prometheus: Prometheus, load: Load) -> None:
    """A consumer that stopped (the load's), a controller and an exporter that were stopped: all at once."""
    controller, broker, monitor = live.controllers[2].name, live.brokers[0].name, live.monitors[0]
    exporter = f"kafka_exporter-{live.cluster}.service"
    provoked = {
        ("KafkaConsumerStalled", load.group),
        ("KafkaConsumerBehind15m", load.group),
        ("KafkaNodeDown", controller),
        ("KafkaControllerQuorumAtRisk", ""),
        ("KafkaNodeExporterDown", broker),
    }
    blind = {("KafkaExporterDown", "")}
    assert not firing(prometheus) & {*blind, *(one for one in provoked if one[1] != load.group)}
    started = time.monotonic()
    live.at_once({controller: "systemctl stop kafka.service", broker: "systemctl stop node_exporter.service"})
    try:
        wait_for(f"{provoked}", 200, lambda: provoked <= firing(prometheus))
        _told(live, provoked)
        # From here on nobody knows of consumers.
        live.run(monitor, f"systemctl stop {exporter}")
        wait_for(f"{blind}", 60, lambda: blind <= firing(prometheus))
        _told(live, blind)
        figure(f"{len(provoked | blind)} provoked alerts are in Alertmanager after {time.monotonic() - started:.0f} s")
    finally:
        starts = {controller: "kafka.service", broker: "node_exporter.service", monitor: exporter}
        live.at_once({name: f"systemctl start {unit}" for name, unit in starts.items()})
        load.remove()
    cleared = time.monotonic()
    wait_for("all to clear", 120, lambda: not firing(prometheus) & (provoked | blind))
    figure(f"they clear within {time.monotonic() - cleared:.0f} s")


def _told(live: Live, alerts: set[tuple[str, str]]) -> None:
    """Alertmanager has got them, also those that it keeps back."""
    names = {name for name, _where in alerts}
    url = f"http://{live.ips[live.monitors[0]]}:9093/api/v2/alerts"

    def known() -> bool:
        return names <= {one["labels"]["alertname"] for one in json.loads(fetch(url))}

    wait_for(f"{names} in Alertmanager", 60, known)
