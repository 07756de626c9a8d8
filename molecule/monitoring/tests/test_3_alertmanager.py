"""Alerts arrive and clear, silences are narrow and end by themselves, exporters come back, rules change without a restart.

Prometheus runs at a tenth of its usual times meanwhile.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.lab.change import Processes, wait_until_whole
from tests.lab.live import ROOT, Live, Play, figure, playbook, wait_for
from tests.lab.metrics import Prometheus, fetch, series
from tests.lab.receiver import Receiver

SCALE = 0.1
QUICK = {"group_wait": "1s", "group_interval": "2s", "repeat_interval": "1m"}
MONITORING = ("site.yml", "--tags", "monitoring")
SILENCE = 40
# What a broker that is away explains.
HIDDEN = {"KafkaNodeRestarted", "KafkaBrokerNotRunning", "KafkaJmxScrapeError", "KafkaFencedBrokers"}


@pytest.fixture(scope="module")
def receiver(live: Live) -> Iterator[Receiver]:
    """Two receivers and one for the Watchdog, quick alerts; afterwards as the inventory says."""
    made = Receiver(live)
    settings = {
        "prometheus_time_scale": SCALE,
        "alertmanager_receivers": [
            {"name": "oncall", "severities": ["critical"], "webhook_configs": [{"url": made.url("oncall")}]},
            {"name": "team", "webhook_configs": [{"url": made.url("team")}]},
        ],
        "alertmanager_watchdog": {"webhook_configs": [{"url": made.url("watchdog")}]},
        "alertmanager_timings": dict.fromkeys(("critical", "warning", "info", "watchdog"), QUICK),
    }
    assert_green(playbook(*MONITORING, "-e", json.dumps(settings), "--diff"))
    yield made
    made.stop()
    assert_green(playbook(*MONITORING))


def assert_green(play: Play) -> Play:
    assert play.code == 0, play.output
    return play


@pytest.fixture(autouse=True)
def whole(live: Live) -> Iterator[None]:
    """Whatever a test stopped runs again."""
    yield
    live.everywhere("systemctl start kafka.service", live.nodes)
    wait_for("all brokers to serve", 180, lambda: all(_serves(node.ip) for node in live.brokers))
    wait_until_whole(live)


def _serves(ip: str) -> bool:
    try:
        return "kafka_server_kafkaserver_brokerstate 3.0" in series(ip)
    except OSError:
        return False


def steady(live: Live) -> dict[tuple[str, str], dict[str, str]]:
    """All processes but the lag exporter's, which may crash by itself when leaders move, and is started again."""
    return {key: state for key, state in live.processes().items() if not key[1].startswith("kafka_exporter-")}


def silences(live: Live) -> list[dict[str, Any]]:
    """The silences in force."""
    found = json.loads(fetch(f"http://{live.ips[live.monitors[0]]}:9093/api/v2/silences"))
    return [one for one in found if one["status"]["state"] == "active"]


def test_no_secret_is_shown_or_readable(live: Live, receiver: Receiver) -> None:
    """A receiver's address is a secret: it lies in a file of its own, and neither diff nor configuration has it."""
    monitor = live.monitors[0]
    live.run(monitor, f"! grep -r {receiver.url('oncall')} /etc/alertmanager/alertmanager.yml")
    modes = live.run(monitor, "stat -c '%a %U %n' /etc/alertmanager/secrets /etc/alertmanager/secrets/*")
    assert modes.split("\n")[:4] == [
        "700 alertmanager /etc/alertmanager/secrets",
        "600 alertmanager /etc/alertmanager/secrets/oncall-webhook-0-url",
        "600 alertmanager /etc/alertmanager/secrets/team-webhook-0-url",
        "600 alertmanager /etc/alertmanager/secrets/watchdog-webhook-0-url",
    ]
    assert live.run(monitor, "cat /etc/alertmanager/secrets/oncall-webhook-0-url") == receiver.url("oncall")


def test_a_receiver_that_cannot_work_is_refused_before_anything_changes(live: Live, receiver: Receiver) -> None:
    monitor = live.monitors[0]
    digest = "sha256sum /etc/alertmanager/alertmanager.yml; systemctl show --property=MainPID alertmanager.service"
    before = live.run(monitor, digest)
    wrong = {"alertmanager_receivers": [{"name": "mail", "email_configs": [{"to": "a@example.com"}]}]}
    play = playbook(*MONITORING, "-e", json.dumps(wrong))
    assert play.code != 0
    assert "mail needs alertmanager_smtp with smarthost and from" in " ".join(play.output.split())
    assert live.run(monitor, digest) == before


def test_the_watchdog_is_heard_by_its_own_receiver_alone(receiver: Receiver) -> None:
    wait_for("the Watchdog", 30, lambda: receiver.has("Watchdog"))
    assert {one.receiver for one in receiver.alerts() if one.name == "Watchdog"} == {"watchdog"}


def test_a_stopped_broker_is_told_with_all_that_helps_and_clears(live: Live, receiver: Receiver) -> None:
    receiver.forget()
    victim, started = live.brokers[2].name, time.monotonic()
    live.run(victim, "systemctl stop kafka.service")
    wait_for("the alert", 90, lambda: receiver.has("KafkaNodeDown", instance=victim))
    figure(f"broker stopped to message received, at a tenth of the usual times: {time.monotonic() - started:.0f} s")
    down = [one for one in receiver.alerts() if one.name == "KafkaNodeDown"]
    assert {one.receiver for one in down} == {"oncall", "team"}
    assert down[0].labels["cluster"] == live.cluster
    assert {"summary", "description", "runbook_url"} <= set(down[0].annotations)
    time.sleep(10)
    told = {one.name for one in receiver.alerts() if one.status == "firing"}
    assert told & HIDDEN == set(), told
    live.run(victim, "systemctl start kafka.service")
    wait_for("its end", 90, lambda: receiver.has("KafkaNodeDown", "resolved", instance=victim))


def test_only_the_node_at_its_turn_is_silent_and_not_for_long(live: Live, receiver: Receiver) -> None:
    """Its silence outlives the run that made it, and ends by itself: another broker's alert and lost replicas are told."""
    receiver.forget()
    silent, other = live.brokers[1].name, live.brokers[2].name
    play = assert_green(
        playbook("molecule/monitoring/silence.yml", "--limit", silent, "-e", f"kafka_roll_stall_timeout={SILENCE}")
    )
    made = time.monotonic()
    (one,) = silences(live)
    matched = {item["name"]: item["value"] for item in one["matchers"]}
    assert (matched["instance"], matched["cluster"]) == (silent, live.cluster), play.output
    live.at_once(dict.fromkeys((silent, other), "systemctl stop kafka.service"))
    wait_for("the other broker's alert", 60, lambda: receiver.has("KafkaNodeDown", instance=other))
    wait_for("the alert of lost replicas", 60, lambda: receiver.has("KafkaUnderMinIsrPartitions"))
    assert time.monotonic() - made > SILENCE or not receiver.has("KafkaNodeDown", instance=silent)
    wait_for("the end of the silence", SILENCE + 20, lambda: receiver.has("KafkaNodeDown", instance=silent))
    assert silences(live) == []
    figure(f"alert of the silenced broker {time.monotonic() - made:.0f} s after a silence of {SILENCE} s was made")


def test_a_silence_is_taken_back_and_nobody_who_answers_is_a_note(live: Live, receiver: Receiver) -> None:
    node = live.brokers[0].name
    arguments = ("molecule/monitoring/silence.yml", "--limit", node)
    assert_green(playbook(*arguments))
    assert len(silences(live)) == 1
    assert assert_green(playbook(*arguments)).total("changed") == 0
    assert_green(playbook(*arguments, "-e", "silence_tasks=unsilence"))
    ends = [one["endsAt"] for one in silences(live)]
    live.run(live.monitors[0], "systemctl stop alertmanager.service")
    try:
        play = assert_green(playbook(*arguments))
    finally:
        live.run(live.monitors[0], "systemctl start alertmanager.service")
        ready = "curl --silent --fail --retry 20 --retry-delay 1 --retry-connrefused http://127.0.0.1:9093/-/ready"
        live.run(live.monitors[0], ready)
    assert "cannot be asked" in play.output
    assert len(ends) == 1
    wait_for("no silence", 70, lambda: not silences(live))


def test_what_was_killed_comes_back(live: Live, receiver: Receiver) -> None:
    before, targets = live.processes(), Prometheus(live).number("count(up)")
    units = {name: [unit for unit in live.units(name) if unit != "kafka.service"] for name in live.names}
    started = time.monotonic()
    live.at_once({name: f"systemctl kill --signal=KILL {' '.join(own)}" for name, own in units.items()})

    def back() -> bool:
        now = live.unit_states("MainPID,ActiveState")
        return all(
            now[name, unit]["ActiveState"] == "active" and now[name, unit]["MainPID"] != before[name, unit]["MainPID"]
            for name, own in units.items()
            for unit in own
        )

    wait_for("all exporters, Prometheus and Alertmanager", 40, back)
    figure(f"exporters, Prometheus and Alertmanager killed: all back after {time.monotonic() - started:.0f} s")
    assert live.processes()[live.brokers[0].name, "kafka.service"] == before[live.brokers[0].name, "kafka.service"]
    wait_for("all targets", 60, lambda: _up(live) == targets)


def _up(live: Live) -> float:
    try:
        return Prometheus(live).number("count(up == 1)")
    except OSError:
        return -1


def test_a_host_that_left_the_inventory_loses_its_targets(live: Live, receiver: Receiver, tmp_path: Path) -> None:
    """Prometheus sees it by itself; no process is touched."""
    gone = live.brokers[2].name
    inventory = yaml.safe_load((ROOT / "inventories/example/hosts.yml").read_text())
    del inventory["kafka"]["children"]["kafka_brokers"]["hosts"][gone]
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump(inventory))
    connection = next(tmp for tmp in _inventories() if tmp.endswith("connection.yml"))
    enough = ("-e", "kafka_replication_factor=2", "-e", "kafka_min_insync_replicas=1")
    before = steady(live)
    wait_for("its targets", 40, lambda: gone in _instances(live))
    assert_green(playbook(*MONITORING, "-i", f"{tmp_path}/hosts.yml", "-i", connection, *enough))
    wait_for("its targets to go", 40, lambda: gone not in _instances(live))
    assert steady(live) == before
    assert_green(playbook(*MONITORING))
    wait_for("its targets again", 40, lambda: gone in _instances(live))


def _inventories() -> list[str]:
    return os.environ["ANSIBLE_INVENTORY"].split(",")


def _instances(live: Live) -> set[str]:
    targets = Prometheus(live).api("targets", state="active")["activeTargets"]
    return {target["labels"]["instance"] for target in targets}


def test_stacks_that_are_there_already_get_files_and_nothing_else(live: Live) -> None:
    """Rules, targets and jobs in the named folders, beside what others keep there; a Prometheus could read them."""
    monitor, folder = live.monitors[0], "/srv/monitoring"
    live.run(monitor, f"mkdir -p {folder}/rules {folder}/targets && echo groups: > {folder}/rules/theirs.yml")
    theirs = {
        "prometheus_install": False,
        "prometheus_rules_dir": f"{folder}/rules",
        "prometheus_targets_dir": f"{folder}/targets",
        "alertmanager_install": False,
        "alertmanager_urls": ["http://alerts.example.com:9093"],
        "grafana_install": False,
        "grafana_dashboards_dir": f"{folder}/dashboards",
        "grafana_provisioning_dir": f"{folder}/provisioning",
    }
    before = steady(live)
    assert_green(playbook(*MONITORING, "-e", json.dumps(theirs)))
    assert steady(live) == before
    files = live.run(monitor, f"cd {folder} && ls rules targets dashboards").split()
    assert {"theirs.yml", "kraftops-availability.yml", "kraftops-node.json", "kafka-overview.json"} <= set(files)
    config = (
        f"scrape_config_files: [{folder}/targets/kraftops-scrape.yml]\nrule_files: [{folder}/rules/kraftops-*.yml]\n"
    )
    live.run(monitor, f"printf '{config}' > {folder}/prometheus.yml")
    live.run(monitor, f"/opt/prometheus/prometheus-*/promtool check config {folder}/prometheus.yml")
    again = assert_green(playbook(*MONITORING, "-e", json.dumps(theirs)))
    assert again.total("changed") == 0, again.output
    live.run(monitor, f"rm -r {folder}")


def test_other_jmx_rules_restart_nothing(live: Live) -> None:
    """The agents read them again; the profile large has no partition, small has them back."""
    broker, before = live.brokers[0], Processes(live)

    def reloads() -> float:
        line = next(line for line in series(broker.ip) if line.startswith("jmx_config_reload_success_total"))
        return float(line.split()[1])

    def sizes() -> int:
        return sum(line.startswith("kafka_log_log_size") for line in series(broker.ip))

    reloaded, small = reloads(), sizes()
    assert small > 0
    assert_green(playbook("site.yml", "--tags", "exporters", "-e", "jmx_exporter_profile=large"))
    assert (reloads(), sizes()) == (reloaded + 1, 0)
    assert_green(playbook("site.yml", "--tags", "exporters"))
    assert (reloads(), sizes()) == (reloaded + 2, small)
    assert before.restarted(Processes(live)) == {}
