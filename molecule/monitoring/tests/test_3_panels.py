"""Every panel of every dashboard has data of this cluster, which moves under load; what may be empty is provoked.

What a node that stops shows stands in test_4_alerts.py.
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from tests.lab.dashboards import Boards
from tests.lab.live import ROOT, Live, figure, wait_for
from tests.lab.rehearsal import LOGGER, Demo, Unrest
from tests.lab.wire import Wire
from tools.dashboards.may_be_empty import MAY_BE_EMPTY, STEADY
from tools.dashboards.queries import dashboards, panels

UIDS = sorted(board["uid"] for board in dashboards())
SPAN = 300
REFUSALS = (
    ("kafka-brokers", "Errors by code"),
    ("kafka-topics", "Failed requests"),
    ("kafka-topics", "Records refused"),
)


@pytest.fixture(scope="module", autouse=True)
def lagging(boards: Boards, demo: Demo) -> None:
    """The slow group is behind, and its estimate has data."""
    demo.wait()
    wait_for("a group that lags", 300, lambda: _lags(boards))


@pytest.fixture(scope="module", autouse=True)
def preview(
    boards: Boards, lagging: None, tmp_path_factory: pytest.TempPathFactory
) -> tuple[subprocess.Popen[str], Path]:
    """The pictures, drawn while the tests go on; begun with the first."""
    made = subprocess.run(
        [ROOT / "tools/venv", ROOT / "tools/requirements-preview.txt"], capture_output=True, text=True, check=True
    )
    folder = tmp_path_factory.mktemp("preview")
    command = [f"{made.stdout.strip()}/bin/python", "-m", "tools.preview", "--prometheus", boards.source.url]
    drawing = subprocess.Popen(
        [*command, "--into", str(folder)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return drawing, folder


def _lags(boards: Boards) -> bool:
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
        for uid, title in REFUSALS:  # a rate needs more than one step
            wait_for(title, 120, lambda uid=uid, title=title: _refused(live, topic) and boards.above(uid, title))
        codes = {one["metric"]["error"] for one in boards.panel("kafka-brokers", "Errors by code").series}
        assert "INVALID_RECORD" in codes
    finally:
        with Wire(live.brokers[0].address) as wire:
            wire.delete_topic(topic)


def _refused(live: Live, topic: str) -> bool:
    """Send a message that is refused."""
    return live.hosts[live.monitors[0]].run(f"echo no key | kcat -P -b {live.bootstrap} -t {topic}").rc != 0


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
        table = boards.panel("kafka-consumers", "Groups and topics", topic=topic, group=group)
        assert "Groups and topics: From data loss" not in table.empty
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


def test_a_group_that_catches_up_says_when_it_will_be_there(live: Live, boards: Boards) -> None:
    """Nobody writes, so that the slow group is faster."""
    monitor, columns = live.monitors[0], "Groups and topics: Time to drain"
    live.run(monitor, "systemctl stop demo-traffic@producer-orders")
    try:
        drain = ("kafka-consumers", "Time to drain")
        wait_for("a time to drain", 120, lambda: boards.panel(*drain, group="reporting").series)
        assert columns not in boards.panel("kafka-consumers", "Groups and topics", group="reporting").empty
    finally:
        live.run(monitor, "systemctl start demo-traffic@producer-orders")


def test_a_level_that_was_left_on_is_named(boards: Boards, unrest: Unrest) -> None:
    (shown,) = boards.panel("kafka-logs", "Levels that nobody declared").series
    assert shown["metric"].items() >= {("instance", unrest.broker.name), ("logger", LOGGER), ("live", "DEBUG")}
    assert boards.panel("kafka-logs", "Loggers off their level").values() == [1.0]


def test_what_the_monitoring_costs(boards: Boards) -> None:
    source = boards.source
    memory = float(source.instant('process_resident_memory_bytes{job="prometheus"}')[0]["value"][1])
    rules = float(source.instant("sum(prometheus_rule_group_last_duration_seconds)")[0]["value"][1])
    series = float(source.instant("prometheus_tsdb_head_series")[0]["value"][1])
    figure(f"Prometheus: {memory / 2**20:.0f} MiB resident, {series:.0f} series in memory")
    figure(f"rules: {rules * 1000:.1f} ms for one evaluation of all")
    assert rules < source.scrape_seconds / 10


def test_the_preview_draws_them(preview: tuple[subprocess.Popen[str], Path]) -> None:
    drawing, folder = preview
    output, _errors = drawing.communicate(timeout=300)
    assert drawing.returncode == 0, output
    figure(f"preview: {output.splitlines()[-1]}")
    assert "NO REASON IS KNOWN" not in output
    assert {path.stem: path.read_bytes()[:4] for path in folder.iterdir()} == dict.fromkeys(UIDS, b"\x89PNG")
