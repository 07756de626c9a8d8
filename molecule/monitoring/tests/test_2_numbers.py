"""Rules give numbers that are right; a second target of the lag exporter, as if there were two, may change none."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.lab.groups import Groups
from tests.lab.live import Live, figure, wait_for
from tests.lab.load import BEFORE, CONSUMED, PRODUCED, Load
from tests.lab.metrics import Prometheus
from tests.lab.rehearsal import STEP, SecondExporter
from tests.lab.wire import Wire
from tools import rule_render

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
    "kafka:log_fatal_events:increase5m": "nothing was logged as FATAL; the claim `logs` does that",
}


@pytest.fixture(scope="module", autouse=True)
def ended(load: Load, second: SecondExporter) -> Iterator[None]:
    """The load has ended, and each of its numbers has come twice from the beginning."""
    load.wait()
    yield
    second.leave()


@pytest.mark.parametrize(
    ("record", "source", "total"),
    [
        ("kafka:topic:messages_in:rate5m", "kafka:topic_partition:head", BEFORE + PRODUCED),
        ("kafka:group_topic:messages_consumed:rate5m", "kafka:group_partition:committed", BEFORE + CONSUMED),
    ],
)
def test_messages_are_counted(prometheus: Prometheus, load: Load, record: str, source: str, total: int) -> None:
    """The rate of each moment, summed up over the whole load, is the number of messages that came after the first look."""
    own = f'sum({record}{{topic="{load.topic}"}})'
    wait_for(f"{own} to end", 60, lambda: prometheus.number(own) == 0)
    history = f'{{topic="{load.topic}"}}[{time.time() - load.made:.0f}s]'
    expected = total - prometheus.number(f"sum(min_over_time({source}{history}))")
    counted = prometheus.number(f"sum(sum_over_time({record}{history}))") * STEP
    figure(f"{record}: {counted:.0f} of {expected:.0f} messages")
    assert total - BEFORE <= expected <= total
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
