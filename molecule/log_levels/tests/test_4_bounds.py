"""Small log files, TRACE on one broker, a level set with Kafka's own tool, and a temporary level that outlives all of it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._log_config import FILES
from tests.lab.levels import alike, effective, log_levels, override
from tests.lab.live import Live, figure, playbook, wait_for
from tests.lab.metrics import Prometheus
from tests.lab.temporary import METRICS, WATCH, check_cpu, remembered, with_host_variables

SIZE, COUNT = 200 << 10, 2
SMALL = {"kafka_log_file_size": f"{SIZE >> 10}KB", "kafka_log_file_count": COUNT}
LOUD, DRIFTED = "broker-3", "controller-3"
KEPT = ["broker-1", "controller-1"]
TEMPORARY = "org.apache.kafka.raft"
# Seconds of storm.
STORM = 12


@pytest.fixture(scope="module", autouse=True)
def changed(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Small files on all nodes and TRACE on one broker, by site.yml, while two nodes have a temporary level."""
    play = log_levels(*override({TEMPORARY: "DEBUG"}, "20m"), "--limit", ",".join(KEPT))
    assert play.code == 0, play.output
    live.run(LOUD, "runuser -u kafka -- dd if=/dev/zero of=/var/log/kafka/server.log.1 bs=1M count=3 2>&1")
    live.run(LOUD, "runuser -u kafka -- touch /var/log/kafka/server.log.9")
    trace = {
        "kafka_log_levels_host": dict.fromkeys(("root", "kafka", "org.apache.kafka", "kafka.request.logger"), "TRACE")
    }
    env = with_host_variables(tmp_path_factory.mktemp("inventory"), LOUD, trace)
    play = playbook("site.yml", "--tags", "kafka", "-e", json.dumps(SMALL), env=env)
    assert play.code == 0, play.output
    yield
    assert log_levels(*override({})).code == 0
    assert log_levels().code == 0
    live.everywhere("systemctl start kafka-log-check.service", live.nodes)


def test_a_temporary_level_survives_a_run_that_changes_others(live: Live) -> None:
    """Every file was changed, so every process has dropped what was set live."""
    assert effective(live, [TEMPORARY], KEPT) == alike(KEPT, {TEMPORARY: "DEBUG"})
    assert all(TEMPORARY in remembered(live, name) for name in KEPT)
    levels = effective(live, ["kafka.network"], [LOUD, KEPT[0]])
    assert levels == {LOUD: {"kafka.network": "TRACE"}, KEPT[0]: {"kafka.network": "INFO"}}


def test_what_the_larger_files_left_behind_is_removed(live: Live) -> None:
    """One beyond the count, and one of 3 MB that was rolled at a larger size."""
    live.run(LOUD, "systemctl start kafka-log-check.service")
    assert "server.log.9" not in live.run(LOUD, "ls /var/log/kafka").split()


def test_a_storm_never_takes_more_than_its_bound(live: Live) -> None:
    names = sorted(FILES.values(), key=lambda name: name != "server.log")
    # A part that was written at the larger size is rolled as it is, and removed by the check, not by Kafka.
    parts = [line.split() for line in live.run(LOUD, "cd /var/log/kafka && stat -c '%n %s' *.log *.log.*").splitlines()]
    older = {name for name in names for part, size in parts if part.startswith(name) and int(size) > SIZE}
    assert "server.log" not in older
    found = json.loads(live.run(LOUD, f"python3 -c '{WATCH}' /var/log/kafka {STORM} {' '.join(names)}"))
    assert found["rolled"] > COUNT + 1, found
    bound = (COUNT + 1) * SIZE
    assert {name: most for name, most in found["most"].items() if most > bound and name not in older} == {}
    assert older or found["all"] <= bound * len(names)
    figure(f"TRACE for {STORM} s: server.log rolled {found['rolled']} times, most {found['most']['server.log']} bytes")
    figure(f"TRACE for {STORM} s: all logs at most {found['all']} bytes at once, bound {bound * len(names)}")


def test_the_journal_gets_warnings_only(live: Live) -> None:
    lines = live.run(LOUD, "journalctl --quiet --output=cat --since=-30s _SYSTEMD_UNIT=kafka.service").splitlines()
    assert [line for line in lines if " INFO " in line or " DEBUG " in line or " TRACE " in line] == []


def test_bytes_bound_and_free_space_are_metrics(live: Live) -> None:
    prometheus = Prometheus(live)
    bound = f'kafka_log_file_limit_bytes{{instance="{LOUD}", file="server.log"}}'
    most = (COUNT + 1) * SIZE
    wait_for("the bound", 40, lambda: most <= prometheus.number(bound) < most + 10)
    assert 0 < prometheus.number(f'kafka_log_file_bytes{{instance="{LOUD}", file="server.log"}}') <= most
    assert prometheus.number(f'kafka_log_filesystem_free_bytes{{instance="{LOUD}"}}') > 0
    assert prometheus.query('ALERTS{alertname=~"KafkaLog.*", alertstate="firing"}') == []


def test_drift_set_with_kafkas_own_tool_is_a_metric_until_it_is_repaired(live: Live) -> None:
    prometheus, node = Prometheus(live), live.nodes[DRIFTED]
    entity = f"--entity-type broker-loggers --entity-name {node.node_id}"
    live.run(DRIFTED, f"kafka-configs --alter {entity} --add-config {TEMPORARY}=TRACE")
    cpu = check_cpu(live, DRIFTED)
    wanted = f'kafka_log_level_drift{{logger="{TEMPORARY}",declared="INFO",live="TRACE"}} 1'
    assert wanted in live.run(DRIFTED, f"cat {METRICS}")
    drift = f'kafka_log_level_drift{{instance="{DRIFTED}"}}'
    wait_for("the drift", 40, lambda: prometheus.number(drift) == 1)
    pending = f'ALERTS{{alertname="KafkaLogLevelVerbose", instance="{DRIFTED}", alertstate="pending"}}'
    wait_for("the pending alert", 40, lambda: prometheus.number(pending) == 1)
    assert log_levels("-e", json.dumps(SMALL), "--limit", DRIFTED).code == 0
    live.run(DRIFTED, "systemctl start kafka-log-check.service")
    wait_for("no drift", 40, lambda: prometheus.number(drift) == -1)
    every = int(live.run(DRIFTED, "systemctl show --property=TimersMonotonic kafka-log-check.timer | grep -c 2min"))
    figure(f"kafka-log-check: {cpu:.2f} CPU-s, every {2 * every} min: {cpu / 2:.2f} CPU-s a minute")
    assert cpu / 2 <= 0.3
