"""Alerts come, are seen in Alertmanager and on the dashboards, reach who must know, and go: each provoked on the real thing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

import pytest

from tests.lab.dashboards import Boards
from tests.lab.live import Live, figure, wait_for
from tests.lab.load import Load
from tests.lab.metrics import Prometheus
from tests.lab.receiver import Receiver
from tests.lab.rehearsal import Unrest, firing, start_again, told

# What a broker that is away explains.
HIDDEN = {"KafkaNodeRestarted", "KafkaBrokerNotRunning", "KafkaJmxScrapeError", "KafkaFencedBrokers"}
# What one stopped broker raises above zero.
RAISED = (
    ("kafka-overview", "Targets down"),
    ("kafka-overview", "Under-replicated"),
    ("kafka-overview", "At min ISR"),
    ("kafka-monitoring", "Targets down"),
    ("kafka-brokers", "Replicas out of sync"),
    ("kafka-balance", "At risk: one more broker"),
)
MARGIN = "Controllers that may still fail"
# A small filesystem, nearly full, where the data lies: seen by node_exporter alone, so that Kafka writes on undisturbed.
DROP_IN = "/run/systemd/system/node_exporter.service.d"
FULL = " && ".join(
    (
        f"mkdir -p {DROP_IN} /run/small",
        "mount -t tmpfs -o size=4m tmpfs /run/small",
        "fallocate --length 3900k /run/small/full",
        f"printf '[Service]\\nBindReadOnlyPaths=/run/small:/var/lib/kafka\\n' > {DROP_IN}/small.conf",
        "systemctl daemon-reload",
        "systemctl restart node_exporter.service",
    )
)
FILL = "fallocate --length 3980k /run/small/full"
ROOM = "rm /run/small/full"
AWAY = f"rm {DROP_IN}/small.conf && systemctl daemon-reload && systemctl restart node_exporter.service && umount /run/small"


@pytest.fixture
def full_disk(live: Live) -> Iterator[str]:
    """The host of the first broker, with a data filesystem that is nearly full; a test makes room."""
    name = live.brokers[0].name
    live.run(name, FULL)
    yield name
    live.run(name, AWAY)


@pytest.fixture
def whole(live: Live) -> Iterator[None]:
    """Whatever a test stopped runs again."""
    yield
    start_again(live)


def test_alerts_come_and_go(
    live: Live, prometheus: Prometheus, boards: Boards, load: Load, unrest: Unrest, full_disk: str
) -> None:
    """All at once: a consumer that stopped, leaders on one broker, an exporter that is down, a disk that is full."""
    first, second, monitor = full_disk, live.brokers[1].name, live.monitors[0]
    exporter = f"kafka_exporter-{live.cluster}.service"
    lasting = {("KafkaConsumerStalled", load.group), ("KafkaConsumerBehind15m", load.group), ("KafkaLeaderSkew", first)}
    sudden = {
        ("KafkaNodeExporterDown", second),
        ("KafkaLogDirSpaceLow", first),
        ("KafkaLogDirSpaceCritical", first),
    }
    blind = {("KafkaExporterDown", "")}
    until_full = ("kafka-balance", "Time until a disk is full")
    started = time.monotonic()
    try:
        live.run(second, "systemctl stop node_exporter.service")
        wait_for(f"{lasting | sudden}", 300, lambda: lasting | sudden <= firing(prometheus))
        told(live, lasting | sudden)
        # No disk of the machine, but for this one, is full within the hour.
        live.run(first, FILL)
        wait_for(until_full[1], 60, lambda: any(0 < left < 3600 for left in boards.panel(*until_full).values()))
        assert boards.panel("kafka-consumers", "Partitions 15 min behind", group=load.group).values() > [0.0]
        # From here on nobody knows of consumers.
        live.run(monitor, f"systemctl stop {exporter}")
        wait_for(f"{blind}", 90, lambda: blind <= firing(prometheus))
        told(live, blind)
        several = len(lasting | sudden | blind)
        figure(f"{several} provoked alerts are in Alertmanager after {time.monotonic() - started:.0f} s")
    finally:
        starts = {second: "systemctl start node_exporter.service", monitor: f"systemctl start {exporter}"}
        live.at_once({**starts, first: ROOM})
        load.remove()
        unrest.remove_topic()
    cleared = time.monotonic()
    wait_for("all to clear", 180, lambda: not firing(prometheus) & {*lasting, *sudden, *blind})
    figure(f"they clear within {time.monotonic() - cleared:.0f} s")


def test_controllers_that_stop_are_seen_the_last_one_too(
    live: Live, prometheus: Prometheus, boards: Boards, whole: None
) -> None:
    """First the active one, then all: nobody is left to report, and that is told all the same."""
    epoch = max(boards.panel("kafka-kraft", "Epoch").values())
    active = boards.panel("kafka-overview", "Active controller").series[0]["metric"]["instance"]
    others = [node.name for node in live.controllers if node.name != active]
    provoked = {("KafkaNodeDown", active), ("KafkaControllerQuorumAtRisk", "")}
    live.run(active, "systemctl stop kafka.service")
    wait_for("another epoch", 90, lambda: max(boards.panel("kafka-kraft", "Epoch").values()) > epoch)
    wait_for("one controller less", 60, lambda: boards.panel("kafka-overview", MARGIN).values() == [0])
    found = boards.panel("kafka-overview", "Active controller").series
    assert [one["metric"]["instance"] for one in found] != [active]
    wait_for(f"{provoked}", 120, lambda: provoked <= firing(prometheus))
    told(live, provoked)
    started = time.monotonic()
    live.everywhere("systemctl stop kafka.service", others)
    gone = {("KafkaNoActiveController", ""), *(("KafkaNodeDown", name) for name in others)}
    wait_for(f"{gone}", 120, lambda: gone <= firing(prometheus))
    told(live, gone)
    figure(f"all controllers stopped: in Alertmanager after {time.monotonic() - started:.0f} s")
    start_again(live)
    wait_for("all to clear", 180, lambda: not firing(prometheus) & {*provoked, *gone})
    wait_for("all controllers", 120, lambda: boards.panel("kafka-overview", MARGIN).values() == [1])


def test_a_stopped_broker_is_seen_and_told_with_all_that_helps_and_clears(
    live: Live, boards: Boards, receiver: Receiver, whole: None
) -> None:
    receiver.forget()
    victim, started = live.brokers[-1].name, time.monotonic()
    live.run(victim, "systemctl stop kafka.service")
    wait_for("the alert", 90, lambda: receiver.has("KafkaNodeDown", instance=victim))
    figure(f"broker stopped to message received, at a twentieth of the usual times: {time.monotonic() - started:.0f} s")
    down = [one for one in receiver.alerts() if one.name == "KafkaNodeDown"]
    assert {one.receiver for one in down} == {"oncall", "team"}
    assert down[0].labels["cluster"] == live.cluster
    assert {"summary", "description", "runbook_url"} <= set(down[0].annotations)
    heard = time.monotonic()
    for uid, title in RAISED:
        wait_for(title, 150, partial(boards.above, uid, title))
    assert sorted(boards.panel("kafka-overview", "Brokers").values()) == [2, 3]
    shown = {one["metric"]["alertname"] for one in boards.panel("kafka-overview", "Firing alerts").series}
    assert "KafkaNodeDown" in shown
    time.sleep(max(0, heard + 10 - time.monotonic()))  # time enough for messages that must not come
    messages = {one.name for one in receiver.alerts() if one.status == "firing"}
    assert messages & HIDDEN == set(), messages
    live.run(victim, "systemctl start kafka.service")
    wait_for("its end", 120, lambda: receiver.has("KafkaNodeDown", "resolved", instance=victim))
    wait_for("ISR changes", 180, partial(boards.above, "kafka-brokers", "ISR changes in a minute"))
    for uid, title in RAISED:
        wait_for(f"{title} again", 240, lambda uid=uid, title=title: not boards.above(uid, title))
