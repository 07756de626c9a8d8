"""What lies on the monitoring host: receivers, whose secrets nobody sees, dashboards, and files for stacks that are there already.

Meanwhile the load and the traffic of the demo are under way.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from tests.lab.live import Live, figure, playbook, wait_for
from tests.lab.metrics import Prometheus
from tests.lab.receiver import Receiver
from tests.lab.rehearsal import MONITORING, QUICK, assert_green
from tools import rule_render
from tools.dashboards.queries import FOLDER


def test_no_secret_is_shown_or_readable(live: Live, receiver: Receiver) -> None:
    """A receiver's address is a secret: it lies in a file of its own, and the configuration does not have it."""
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


def test_a_receiver_that_cannot_work_is_refused_before_anything_changes(live: Live) -> None:
    monitor = live.monitors[0]
    digest = "sha256sum /etc/alertmanager/alertmanager.yml; systemctl show --property=MainPID alertmanager.service"
    before = live.run(monitor, digest)
    wrong = {"alertmanager_receivers": [{"name": "mail", "email_configs": [{"to": "a@example.com"}]}]}
    play = playbook(*MONITORING, *QUICK, "-e", json.dumps(wrong))
    assert play.code != 0
    assert "mail needs alertmanager_smtp with smarthost and from" in " ".join(play.output.split())
    assert live.run(monitor, digest) == before


def test_the_watchdog_is_heard_by_its_own_receiver_alone(receiver: Receiver) -> None:
    wait_for("the Watchdog", 90, lambda: receiver.has("Watchdog"))
    assert {one.receiver for one in receiver.alerts() if one.name == "Watchdog"} == {"watchdog"}


def test_every_rule_is_evaluated_without_an_error(prometheus: Prometheus) -> None:
    groups = prometheus.api("rules")["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert [rule["name"] for rule in rules if rule["health"] == "err"] == []
    assert {rule["name"] for rule in rules if rule["type"] == "alerting"} == set(rule_render.declared()) - {
        "KafkaTopicTrafficStopped"  # nobody watches a topic
    }
    spent = sum(group["evaluationTime"] for group in groups)
    figure(f"{len(rules)} rules are evaluated in {spent * 1000:.0f} ms")


def test_grafana_gets_the_dashboards_as_they_are(live: Live) -> None:
    output = live.run(live.monitors[0], "sha256sum /etc/grafana/dashboards/kafka/*.json")
    found = {Path(line.split()[1]).name: line.split()[0] for line in output.splitlines()}
    assert found == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in FOLDER.glob("*.json")}


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
    arguments = (*MONITORING, *QUICK, "-e", json.dumps(theirs))
    before = live.processes()
    assert_green(playbook(*arguments))
    assert live.processes() == before
    files = live.run(monitor, f"cd {folder} && ls rules targets dashboards").split()
    assert {"theirs.yml", "kraftops-availability.yml", "kraftops-node.json", "kafka-overview.json"} <= set(files)
    config = (
        f"scrape_config_files: [{folder}/targets/kraftops-scrape.yml]\nrule_files: [{folder}/rules/kraftops-*.yml]\n"
    )
    live.run(monitor, f"printf '{config}' > {folder}/prometheus.yml")
    live.run(monitor, f"/opt/prometheus/prometheus-*/promtool check config {folder}/prometheus.yml")
    again = assert_green(playbook(*arguments))
    assert again.total("changed") == 0, again.output
    live.run(monitor, f"rm -r {folder}")
