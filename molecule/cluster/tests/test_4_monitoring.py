"""What Prometheus knows: every target, at what cost, and the right numbers for a load that is known."""

from __future__ import annotations

import pytest

from tests.lab.live import Live, figure
from tests.lab.load import BEFORE, CONSUMED, PARTITIONS, PRODUCED, RATE, Load
from tests.lab.metrics import Prometheus, series

INTERVAL, WINDOW = 15, 300
SERIES = {"controller": 300, "broker": 450}
CPU_SECONDS = 0.1
# CPU of 20 scrapes by /proc/PID/stat, less what the process would have used meanwhile.
COST = """
import os, subprocess, time, urllib.request
pid = subprocess.check_output(["systemctl", "show", "-P", "MainPID", "kafka.service"], text=True).strip()
def used():
    fields = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()
    return time.monotonic(), (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
start, before = used()
time.sleep(5)
end, after = used()
idle = (after - before) / (end - start)
start, before = used()
for _ in range(20):
    urllib.request.urlopen("http://127.0.0.1:9404/metrics").read()
end, after = used()
print((after - before - idle * (end - start)) / 20, (end - start) / 20, idle)
"""


@pytest.fixture(scope="module")
def prometheus(live: Live) -> Prometheus:
    """The Prometheus of the monitoring host."""
    return Prometheus(live)


@pytest.fixture
def then(live: Live, load: Load) -> Prometheus:
    """The same as of the moment when it had seen the whole load: five minutes do not reach back to it from any later one."""
    load.wait()
    return Prometheus(live, load.seen)


def test_all_targets_are_up_and_carry_the_names_of_the_inventory(live: Live, prometheus: Prometheus) -> None:
    found = {}
    for target in prometheus.api("targets", state="active")["activeTargets"]:
        labels = dict(target["labels"])
        assert target["health"] == "up", target
        found[labels.pop("job"), labels.pop("instance")] = labels
    wanted = {
        ("kafka_exporter", live.monitors[0]): {"cluster": live.cluster},
        ("prometheus", live.monitors[0]): {"role": "monitoring"},
        ("alertmanager", live.monitors[0]): {"role": "monitoring"},
        ("node", live.monitors[0]): {"role": "monitoring"},
    }
    for node in live.nodes.values():
        labels = {"cluster": live.cluster, "role": node.role, "node_id": str(node.node_id), "rack": node.rack}
        wanted |= {(job, node.name): labels for job in ("kafka", "node", "mtail")}
    assert found == wanted


def test_a_node_exports_few_series_with_twenty_partitions(live: Live, load: Load) -> None:
    """Kafka's internal topics are counted apart: how many partitions they have is not ours to say."""
    for node in (live.controllers[0], live.brokers[0]):
        lines = series(node.ip)
        own = [line for line in lines if 'topic="__' not in line]
        figure(f"series of a {node.role}: {len(own)}, with internal topics {len(lines)}")
        assert not any("_objectname" in line for line in lines)
        assert len(own) <= SERIES[node.role]
    sizes = [line for line in own if line.startswith("kafka_log_log_size") and f'topic="{load.topic}"' in line]
    assert len(sizes) == PARTITIONS


def test_a_scrape_costs_little(live: Live) -> None:
    nodes = (live.controllers[0], live.brokers[0])
    outputs = live.at_once({node.name: f"python3 -c '{COST}'" for node in nodes})
    for node in nodes:
        cpu, wall, idle = (float(number) for number in outputs[node.name].split())
        figure(f"scrape of a {node.role}: {cpu:.3f} CPU-s, {wall:.3f} s wall; idle {idle * 100:.1f} % of a core")
        assert cpu <= CPU_SECONDS


def test_the_dashboard_shows_the_lag_to_the_message(load: Load, then: Prometheus) -> None:
    expr = then.panel("Lag by Consumer Group", load.topic, load.group)
    assert _labels(then, expr) == [{"consumergroup": load.group, "topic": load.topic}]
    assert then.number(expr) == PRODUCED - CONSUMED


def test_the_dashboard_shows_the_partitions_of_a_topic(load: Load, then: Prometheus) -> None:
    expr = then.panel("Partitions per topic", load.topic, load.group)
    assert _labels(then, expr) == [{"topic": load.topic}]
    assert then.number(expr) == PARTITIONS


@pytest.mark.parametrize(
    ("title", "metric", "total", "per"),
    [
        ("Message in per second", "kafka:topic_partition:head", BEFORE + PRODUCED, 1),
        ("Message in per minute", "kafka:topic_partition:head", BEFORE + PRODUCED, 60),
        ("Message consume per minute", "kafka:group_partition:committed", BEFORE + CONSUMED, 60),
    ],
)
def test_the_dashboard_shows_how_many_messages_went_in_and_out(
    load: Load, then: Prometheus, title: str, metric: str, total: int, per: int
) -> None:
    """Over the last five minutes. delta() stretches what it has seen: half a scrape before, up to a whole one after.

    The rule was evaluated at most one scrape ago.
    """
    history = f'{metric}{{topic="{load.topic}"}}[{WINDOW}s]'
    unseen = then.number(f"sum(min_over_time({history}))")
    assert 0 <= unseen <= BEFORE
    least = (total - unseen) / WINDOW * per
    span = (then.number(f"max(count_over_time({history}))") - 2) * INTERVAL
    shown = then.number(then.panel(title, load.topic, load.group))
    figure(
        f"{title}: {shown:.2f} for {total - unseen:.0f} messages ({RATE} a second while they came), at least {least:.2f}"
    )
    assert least * 0.99 <= shown <= least * (1 + 1.5 * INTERVAL / span) * 1.01


def test_every_query_of_the_dashboard_is_understood(load: Load, then: Prometheus) -> None:
    """And none of the cluster's own panels is empty."""
    for title in [panel["title"] for panel in then.panels()]:
        assert then.query(then.panel(title, load.topic, load.group)), title


def _labels(prometheus: Prometheus, expr: str) -> list[dict[str, str]]:
    return [dict(item["metric"]) for item in prometheus.query(expr)]
