"""Small log files, TRACE on one broker, a level set with Kafka's own tool, and a temporary level that outlives all of it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import pytest

from tests.lab.levels import alike, effective, log_levels, override, set_by_hand
from tests.lab.live import Live, Play, figure, playbook, wait_for
from tests.lab.metrics import Prometheus
from tests.lab.temporary import CLEAR, METRICS, NAMES, check_cpu, oversized, remembered, storm, with_host_variables

SIZE, COUNT = 200 << 10, 2
LOUD, DRIFTED, PLAIN = "broker-3", "controller-3", "controller-1"
SMALL_AND_LOUD = {
    "kafka_log_file_size": f"{SIZE >> 10}KB",
    "kafka_log_file_count": COUNT,
    "kafka_log_levels_host": dict.fromkeys(("root", "kafka", "org.apache.kafka", "kafka.request.logger"), "TRACE"),
}
RAFT, NETWORK, SERVER = "org.apache.kafka.raft", "kafka.network", "kafka.server"
# Seconds of storm.
STORM = 12
# The level of an event, which stands behind its time; an event at WARN may tell of another level.
BELOW_WARN = re.compile(r"\[[^]]*\] (INFO|DEBUG|TRACE) ")
LEFTOVERS = "cd /var/log/kafka && dd if=/dev/zero of=server.log.1 bs=1M count=3 2>&1 && touch server.log.9"
# Lines that stand in more than one log: each is sorted and said once before they are compared. Further lines of an event do not count.
TWICE = f"cd /var/log/kafka && for log in {' '.join(NAMES)}; do grep '^\\[' $log | sort -u; done | sort | uniq -d"


@pytest.fixture(scope="module", autouse=True)
def site(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """One run of site.yml: small files and TRACE on one broker, while levels were set by hand, and temporary ones are on."""
    assert log_levels(*override({RAFT: "DEBUG"}, "20m"), "--limit", f"{LOUD},{PLAIN}").code == 0
    set_by_hand(live, {DRIFTED: {RAFT: "TRACE"}, "broker-1": {SERVER: "ERROR"}})
    live.run(LOUD, f"runuser -u kafka -- sh -c {shlex.quote(f'{CLEAR} && {LEFTOVERS}')}")
    env = with_host_variables(tmp_path_factory.mktemp("inventory"), LOUD, SMALL_AND_LOUD)
    before = live.processes()
    play = playbook("site.yml", "--tags", "kafka", env=env)
    assert play.code == 0, play.output
    assert live.processes() == before
    yield play
    assert log_levels().code == 0
    live.run(LOUD, "systemctl start kafka-log-check.service")


def test_site_repairs_drift_and_sets_what_is_declared(live: Live, site: Play) -> None:
    assert {name for name, row in site.recap.items() if row["changed"]} == {LOUD, DRIFTED, "broker-1"}, site.output
    assert effective(live, [RAFT, SERVER], [DRIFTED, "broker-1"]) == alike(
        [DRIFTED, "broker-1"], {RAFT: "INFO", SERVER: "INFO"}
    )
    assert effective(live, [NETWORK], [LOUD, PLAIN]) == {LOUD: {NETWORK: "TRACE"}, PLAIN: {NETWORK: "INFO"}}


def test_temporary_levels_survive_it(live: Live) -> None:
    """On one of them the file was changed, and the process has dropped what was set live."""
    assert effective(live, [RAFT], [LOUD, PLAIN]) == alike([LOUD, PLAIN], {RAFT: "DEBUG"})
    assert all(RAFT in remembered(live, name) for name in (LOUD, PLAIN))


def test_what_the_larger_files_left_behind_is_removed(live: Live) -> None:
    """One beyond the count, and one of 3 MB that was rolled at a larger size."""
    live.run(LOUD, "systemctl start kafka-log-check.service")
    assert "server.log.9" not in live.run(LOUD, "ls /var/log/kafka").split()


def test_a_storm_never_takes_more_than_its_bound(live: Live) -> None:
    """What Kafka had begun before it looked at its new file is rolled as it is; the storm itself soon drives it out."""
    wait_for("nothing of the old size", 120, lambda: not oversized(live, LOUD, SIZE))
    found = storm(live, LOUD, STORM, COUNT + 2)
    assert found["rolled"] > COUNT + 1, found
    bound = (COUNT + 1) * SIZE
    assert {name: most for name, most in found["most"].items() if most > bound} == {}
    assert found["all"] <= bound * len(NAMES)
    figure(f"TRACE for {STORM} s: server.log rolled {found['rolled']} times, most {found['most']['server.log']} bytes")
    figure(f"TRACE for {STORM} s: all logs at most {found['all']} bytes at once, bound {bound * len(NAMES)}")


def test_nothing_is_written_twice_and_the_journal_gets_warnings_only(live: Live) -> None:
    assert live.run(LOUD, TWICE) == ""
    lines = live.run(LOUD, "journalctl --quiet --output=cat --since=-30s _SYSTEMD_UNIT=kafka.service").splitlines()
    assert [line for line in lines if BELOW_WARN.match(line)] == []


def test_bytes_bound_and_free_space_are_metrics(live: Live) -> None:
    prometheus = Prometheus(live)
    bound = f'kafka_log_file_limit_bytes{{instance="{LOUD}", file="server.log"}}'
    most = (COUNT + 1) * SIZE
    wait_for("the bound", 40, lambda: most <= prometheus.number(bound) < most + 10)
    assert 0 < prometheus.number(f'kafka_log_file_bytes{{instance="{LOUD}", file="server.log"}}') <= most
    assert prometheus.number(f'kafka_log_filesystem_free_bytes{{instance="{LOUD}"}}') > 0
    assert prometheus.query('ALERTS{alertname=~"KafkaLog.*", alertstate="firing"}') == []


def test_drift_set_with_kafkas_own_tool_is_a_metric_until_it_is_repaired(live: Live) -> None:
    prometheus = Prometheus(live)
    set_by_hand(live, {DRIFTED: {RAFT: "TRACE"}})
    cpu = check_cpu(live, DRIFTED)
    wanted = f'kafka_log_level_drift{{logger="{RAFT}",declared="INFO",live="TRACE"}} 1'
    assert wanted in live.run(DRIFTED, f"cat {METRICS}")
    drift = f'kafka_log_level_drift{{instance="{DRIFTED}"}}'
    wait_for("the drift", 40, lambda: prometheus.number(drift) == 1)
    pending = f'ALERTS{{alertname="KafkaLogLevelVerbose", instance="{DRIFTED}", alertstate="pending"}}'
    wait_for("the pending alert", 40, lambda: prometheus.number(pending) == 1)
    assert log_levels("--limit", DRIFTED).code == 0
    live.run(DRIFTED, "systemctl start kafka-log-check.service")
    wait_for("no drift", 40, lambda: prometheus.number(drift) == -1)
    every = int(live.run(DRIFTED, "systemctl show --property=TimersMonotonic kafka-log-check.timer | grep -c 2min"))
    figure(f"kafka-log-check: {cpu:.2f} CPU-s, every {2 * every} min: {cpu / 2:.2f} CPU-s a minute")
    assert cpu / 2 <= 0.3


def test_an_empty_override_ends_temporary_levels_before_their_time(live: Live) -> None:
    play = log_levels(*override({}), "--limit", f"{LOUD},{PLAIN}")
    assert play.code == 0, play.output
    assert effective(live, [RAFT], [LOUD, PLAIN]) == {LOUD: {RAFT: "TRACE"}, PLAIN: {RAFT: "INFO"}}
    assert [remembered(live, name) for name in (LOUD, PLAIN)] == [{}, {}]
