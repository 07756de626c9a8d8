"""Every panel of every dashboard has data of this cluster, which moves under load; what may be empty is provoked."""

from __future__ import annotations

import hashlib
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.lab.dashboards import Boards
from tests.lab.live import ROOT, Live, figure, playbook, wait_for
from tests.lab.wire import Wire
from tools.dashboards.may_be_empty import MAY_BE_EMPTY, STEADY
from tools.dashboards.queries import FOLDER, dashboards, panels

UIDS = sorted(board["uid"] for board in dashboards())
UNITS = ("producer-orders", "producer-payments", "group-billing", "group-reporting")
TOPICS = ("orders", "payments")
SPAN = 300
REFUSALS = (
    ("kafka-brokers", "Errors by code"),
    ("kafka-topics", "Failed requests"),
    ("kafka-topics", "Records refused"),
)
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


@pytest.fixture(scope="module")
def boards(live: Live) -> Iterator[Boards]:
    """The dashboards, under the traffic of the demo: one group keeps up, another lags."""
    monitor = live.monitors[0]
    was_there = live.hosts[monitor].run("systemctl is-active demo-traffic@producer-orders").rc == 0
    started = playbook("tools/demo_traffic.yml")
    assert started.code == 0, started.output
    boards = Boards(live)
    # Rates over five minutes, and the estimates made of them.
    wait_for("a group that lags", 420, lambda: _lags(boards))
    yield boards
    if not was_there:
        live.run(monitor, "systemctl disable --now " + " ".join(f"demo-traffic@{unit}" for unit in UNITS))
        with Wire(live.brokers[0].address) as wire:
            for topic in TOPICS:
                wire.delete_topic(topic)


def _lags(boards: Boards) -> bool:
    """Whether the slow group is behind, and its estimate has five minutes of data."""
    panel = boards.panel("kafka-consumers", "Lag in time, estimated", group="reporting")
    steady = boards.panel("kafka-overview", "Message in per second", topic="orders")
    return any(value > 1 for value in panel.values()) and any(value > 40 for value in steady.values())


@pytest.mark.parametrize("uid", UIDS)
def test_every_panel_has_data_of_this_cluster(live: Live, boards: Boards, uid: str) -> None:
    shown = boards.now(uid)
    excused = {title for board, title in MAY_BE_EMPTY if board == uid}
    assert [name for one in shown if one.title not in excused for name in one.empty if name not in excused] == []
    full = sum(bool(one.series) for one in shown)
    figure(f"{uid}: {full} of {len(shown)} panels with data")
    for one in shown:
        for series in one.series:
            labels = series["metric"]
            assert labels.get("instance", live.cluster) in {*live.names, live.cluster}, one.title
            assert labels.get("cluster", live.cluster) == live.cluster, one.title


@pytest.mark.parametrize("uid", UIDS)
def test_values_move_under_load(boards: Boards, uid: str) -> None:
    excused = {*MAY_BE_EMPTY, *STEADY}
    assert [one.title for one in boards.lately(uid, SPAN) if (uid, one.title) not in excused and not one.moves()] == []


def test_grafana_gets_the_dashboards_as_they_are(live: Live) -> None:
    output = live.run(live.monitors[0], "sha256sum /etc/grafana/dashboards/kafka/*.json")
    found = {Path(line.split()[1]).name: line.split()[0] for line in output.splitlines()}
    assert found == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in FOLDER.glob("*.json")}


def test_no_panel_shows_another_cluster(boards: Boards) -> None:
    """Whatever Prometheus holds besides: with a cluster chosen that it does not know, every panel is empty."""
    for uid in UIDS:
        for one in boards.now(uid, cluster="another"):
            jobs = {series["metric"].get("job", "") for series in one.series}
            own = uid == "kafka-monitoring" and _asks_only_own(boards, one.title)
            assert own or not one.series, (uid, one.title, jobs)


def _asks_only_own(boards: Boards, title: str) -> bool:
    """Whether a panel asks for nothing of a cluster."""
    panel = next(one for one in panels(boards.all["kafka-monitoring"]) if one["title"] == title)
    return not any("$cluster" in target["expr"] for target in panel["targets"])


def test_one_choice_leaves_only_its_series(boards: Boards) -> None:
    shown = boards.panel("kafka-consumers", "Lag by group and topic", group="billing", topic="payments")
    assert [one["metric"] for one in shown.series] == [{"consumergroup": "billing", "topic": "payments"}]
    shown = boards.panel("kafka-hosts", "CPU in use", host=boards.live.names[0])
    assert [one["metric"]["instance"] for one in shown.series] == [boards.live.names[0]]


def test_refused_messages_are_seen(live: Live, boards: Boards) -> None:
    """A message without a key in a compacted topic."""
    topic = f"compacted-{int(time.time())}"
    live.run(
        live.brokers[0].name,
        f"kafka-topics --create --topic={topic} --partitions=1 --config=cleanup.policy=compact",
    )
    try:
        for _attempt in range(4):  # a rate needs more than one step
            live.hosts[live.monitors[0]].run(f"echo no key | kcat -P -b {live.bootstrap} -t {topic}")
            time.sleep(5)
        for uid, title in REFUSALS:
            wait_for(title, 90, partial(_above, boards, uid, title, 0))
        codes = {one["metric"]["error"] for one in boards.panel("kafka-brokers", "Errors by code").series}
        assert "INVALID_RECORD" in codes
    finally:
        with Wire(live.brokers[0].address) as wire:
            wire.delete_topic(topic)


def _above(boards: Boards, uid: str, title: str, value: float) -> bool:
    """Whether any series of a panel is above a value."""
    return any(found > value for found in boards.panel(uid, title).values())


def test_deleted_messages_are_seen_as_loss(live: Live, boards: Boards) -> None:
    """Delete nearly everything of a topic of which a group has read a part."""
    topic = f"lost-{int(time.time())}"
    group, options = f"{topic}-group", "-q -X auto.offset.reset=earliest"
    with Wire(live.brokers[0].address) as wire:
        wire.create_topic(topic, 1)
    monitor = live.monitors[0]
    try:
        live.run(monitor, f"seq 100 | kcat -P -b {live.bootstrap} -t {topic} -p 0")
        live.run(monitor, f"timeout 60 kcat -b {live.bootstrap} {options} -c 40 -G {group} {topic}")
        _delete_before(live, topic, 90)
        lost = ("kafka-consumers", "Lost messages")
        wait_for("lost messages", 120, lambda: boards.panel(*lost, topic=topic, group=group).values() == [50.0])
        place = boards.panel("kafka-consumers", "Nearest to data loss", topic=topic, group=group)
        assert place.values() == [0.0]
        assert boards.panel("kafka-consumers", "Distance from data loss", topic=topic, group=group).values() == [0.0]
    finally:
        with Wire(live.brokers[0].address) as wire:
            wire.delete_topic(topic)


def _delete_before(live: Live, topic: str, offset: int) -> None:
    """Delete the messages of partition 0 before an offset; only its leader can."""
    for node in live.brokers:
        with Wire(node.address) as wire:
            if wire.delete_records(topic, 0, offset):
                return
    raise AssertionError(f"no broker leads {topic}")


def test_a_stopped_broker_is_seen(live: Live, boards: Boards) -> None:
    broker = live.brokers[-1].name
    live.run(broker, "systemctl stop kafka")
    try:
        for uid, title in RAISED:
            wait_for(title, 150, partial(_above, boards, uid, title, 0))
        assert sorted(boards.panel("kafka-overview", "Brokers").values()) == [2, 3]
        wait_for("a firing alert", 240, lambda: boards.panel("kafka-overview", "Firing alerts").series)
    finally:
        live.run(broker, "systemctl start kafka")
    wait_for("ISR changes", 180, partial(_above, boards, "kafka-brokers", "ISR changes in a minute", 0))
    for uid, title in RAISED:
        wait_for(f"{title} again", 240, lambda uid=uid, title=title: not _above(boards, uid, title, 0))


def test_a_stopped_leader_of_the_quorum_is_seen(live: Live, boards: Boards) -> None:
    epoch = max(boards.panel("kafka-kraft", "Epoch").values())
    active = boards.panel("kafka-overview", "Active controller").series[0]["metric"]["instance"]
    live.run(active, "systemctl stop kafka")
    try:
        wait_for("another epoch", 90, lambda: max(boards.panel("kafka-kraft", "Epoch").values()) > epoch)
        wait_for("one controller less", 60, lambda: boards.panel("kafka-overview", MARGIN).values() == [0])
        found = boards.panel("kafka-overview", "Active controller").series
        assert [one["metric"]["instance"] for one in found] != [active]
    finally:
        live.run(active, "systemctl start kafka")
    wait_for("all controllers", 120, lambda: boards.panel("kafka-overview", MARGIN).values() == [1])


def test_the_preview_draws_them(boards: Boards, tmp_path: Path) -> None:
    made = subprocess.run(
        [ROOT / "tools/venv", ROOT / "tools/requirements-preview.txt"], capture_output=True, text=True, check=True
    )
    command = [f"{made.stdout.strip()}/bin/python", "-m", "tools.preview", "--prometheus", boards.source.url]
    drawn = subprocess.run([*command, "--into", tmp_path], cwd=ROOT, capture_output=True, text=True, check=False)
    assert drawn.returncode == 0, drawn.stderr
    figure(f"preview: {drawn.stdout.splitlines()[-1]}")
    assert "NO REASON IS KNOWN" not in drawn.stdout
    assert {path.stem: path.read_bytes()[:4] for path in tmp_path.iterdir()} == dict.fromkeys(UIDS, b"\x89PNG")


def test_what_the_monitoring_costs(boards: Boards) -> None:
    source = boards.source
    memory = float(source.instant('process_resident_memory_bytes{job="prometheus"}')[0]["value"][1])
    rules = float(source.instant("sum(prometheus_rule_group_last_duration_seconds)")[0]["value"][1])
    series = float(source.instant("prometheus_tsdb_head_series")[0]["value"][1])
    figure(f"Prometheus: {memory / 2**20:.0f} MiB resident, {series:.0f} series in memory")
    figure(f"rules: {rules * 1000:.1f} ms for one evaluation of all")
    assert rules < source.scrape_seconds / 10
