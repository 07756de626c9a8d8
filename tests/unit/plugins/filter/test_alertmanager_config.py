"""The configuration of Alertmanager: who is told what, what hides what, and no secret in it."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.kraftops.kafka.plugins.filter.alertmanager_config import FilterModule, alertmanager_config
from ansible_collections.kraftops.kafka.plugins.module_utils._silences import NEVER
from tests.unit.plugins.staged import staged

ROOT = Path(__file__).resolve().parents[4]
DEFAULTS = yaml.safe_load((ROOT / "roles/alertmanager/defaults/main.yml").read_text(encoding="utf-8"))
INHIBITIONS = yaml.safe_load((ROOT / "templates/alertmanager/inhibitions.yml").read_text(encoding="utf-8"))
SECRET = "s3cr3t"
HOOK = {"webhook_configs": [{"url": f"http://hook/{SECRET}"}]}
SEE = "See the role's documentation for what a receiver may hold."


def routes(*receivers: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """Return receiver and matchers of every route after the Watchdog's."""
    config = alertmanager_config(list(receivers))["config"]
    return [(one["receiver"], one["matchers"]) for one in config["route"]["routes"][1:]]


def test_who_is_told_what() -> None:
    chat = {"name": "chat", "severities": ["info", "critical"], "matchers": ['cluster="orders"'], **HOOK}
    assert routes({"name": "team", **HOOK}, chat) == [
        ("team", ['severity="critical"']),
        ("chat", ['severity="critical"', 'cluster="orders"']),
        ("team", ['severity="warning"']),
        ("chat", ['severity="info"', 'cluster="orders"']),
    ]


def test_without_receivers_everything_can_be_looked_at() -> None:
    config = alertmanager_config([], timings=DEFAULTS["alertmanager_timings"])["config"]
    assert config["route"]["receiver"] == "nobody"
    assert config["route"]["group_by"] == ["cluster", "alertname"]
    assert config["receivers"] == [{"name": "nobody"}, {"name": "watchdog"}]
    assert config["route"]["routes"] == [
        {
            "matchers": ['alertname="Watchdog"'],
            "receiver": "watchdog",
            "group_wait": "0s",
            "group_interval": "1m",
            "repeat_interval": "5m",
        }
    ]


TOLD = [
    ({"severity": "critical", "cluster": "orders"}, "oncall,team"),
    ({"severity": "warning", "cluster": "orders"}, "team"),
    ({"severity": "warning", "cluster": "audit"}, "nobody"),
    ({"severity": "info", "cluster": "orders"}, "nobody"),
    ({"severity": "critical", "cluster": "orders", "alertname": "Watchdog"}, "watchdog"),
]


@pytest.mark.parametrize(("labels", "receivers"), TOLD)
def test_amtool_reads_the_routes_as_meant(tmp_path: Path, labels: dict[str, str], receivers: str) -> None:
    oncall = {"name": "oncall", "severities": ["critical"], **HOOK}
    team = {"name": "team", "matchers": ['cluster="orders"'], **HOOK}
    made = alertmanager_config([oncall, team], inhibitions=INHIBITIONS, secrets_dir=str(tmp_path))
    (tmp_path / "alertmanager.yml").write_text(yaml.safe_dump(made["config"]))
    command = [
        staged("alertmanager", "amtool"),
        "config",
        "routes",
        "test",
        f"--config.file={tmp_path}/alertmanager.yml",
    ]
    words = [f"{name}={value}" for name, value in labels.items()]
    assert subprocess.run([*command, *words], check=True, capture_output=True, text=True).stdout.strip() == receivers


def test_times_of_a_severity() -> None:
    config = alertmanager_config([{"name": "a", **HOOK}], timings={"warning": {"group_wait": "3s"}})["config"]
    assert [one.get("group_wait") for one in config["route"]["routes"]] == [None, None, "3s"]
    assert all(one["continue"] for one in config["route"]["routes"][1:])


SECRETS: list[tuple[dict[str, Any], dict[str, Any], list[str]]] = [
    (HOOK, {"webhook_configs": [{"url_file": "/d/a-webhook-0-url"}]}, ["/d/a-webhook-0-url"]),
    (
        {"slack_configs": [{"api_url": f"https://x/{SECRET}", "channel": "#kafka"}, {"api_url": SECRET}]},
        {
            "slack_configs": [
                {"api_url_file": "/d/a-slack-0-api_url", "channel": "#kafka"},
                {"api_url_file": "/d/a-slack-1-api_url"},
            ]
        },
        ["/d/a-slack-0-api_url", "/d/a-slack-1-api_url"],
    ),
    (
        {"webhook_configs": [{"url_file": "/x", "http_config": {"basic_auth": {"username": "u", "password": SECRET}}}]},
        {
            "webhook_configs": [
                {
                    "url_file": "/x",
                    "http_config": {
                        "basic_auth": {
                            "username": "u",
                            "password_file": "/d/a-webhook-0-http_config-basic_auth-password",
                        }
                    },
                }
            ]
        },
        ["/d/a-webhook-0-http_config-basic_auth-password"],
    ),
    (
        {"pagerduty_configs": [{"routing_key": SECRET}]},
        {"pagerduty_configs": [{"routing_key_file": "/d/a-pagerduty-0-routing_key"}]},
        ["/d/a-pagerduty-0-routing_key"],
    ),
]


@pytest.mark.parametrize(("given", "kept", "files"), SECRETS)
def test_secrets_have_files_of_their_own(given: dict[str, Any], kept: dict[str, Any], files: list[str]) -> None:
    found = alertmanager_config([{"name": "a", **given}], secrets_dir="/d")
    assert found["problems"] == []
    assert found["config"]["receivers"][2] == {"name": "a", **kept}
    assert [one["path"] for one in found["secrets"]] == files
    assert all(SECRET in one["content"] for one in found["secrets"])
    assert SECRET not in json.dumps(found["config"])


def test_secrets_of_mail_and_watchdog() -> None:
    smtp = {"smarthost": "mail:25", "from": "k@x", "auth_username": "k", "auth_password": SECRET}
    found = alertmanager_config(
        [{"name": "m", "email_configs": [{"to": "a@x"}]}], smtp=smtp, watchdog=HOOK, secrets_dir="/d"
    )
    assert found["config"]["global"] == {
        "smtp_smarthost": "mail:25",
        "smtp_from": "k@x",
        "smtp_auth_username": "k",
        "smtp_auth_password_file": "/d/global-smtp_auth_password",
    }
    assert found["config"]["receivers"][1] == {
        "name": "watchdog",
        "webhook_configs": [{"url_file": "/d/watchdog-webhook-0-url"}],
    }
    assert SECRET not in json.dumps(found["config"])


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"name": "a"}, "it has no *_configs, so it would tell nobody"),
    ({"name": "a", "webhook": SECRET, **HOOK}, "unknown: webhook"),
    ({"name": "a", "webhook_configs": {"url": SECRET}}, "webhook_configs is not a list of dicts"),
    ({"name": "a", "severities": ["page"], **HOOK}, "severities is not a list of critical, warning, info"),
    ({"name": "a", "severities": [], **HOOK}, "severities is not a list of critical, warning, info"),
    ({"name": "a", "email_configs": [{"to": "x"}]}, "mail needs alertmanager_smtp with smarthost and from"),
]


@pytest.mark.parametrize(("receiver", "why"), REFUSED)
def test_refused(receiver: dict[str, Any], why: str) -> None:
    found = alertmanager_config([receiver, {"name": "b", **HOOK}])
    assert found["lines"] == [f"alertmanager_receivers[a]: {why}. {SEE}"]
    assert SECRET not in json.dumps(found["lines"])
    assert [one["name"] for one in found["config"]["receivers"]] == ["nobody", "watchdog", "b"]


@pytest.mark.parametrize("receiver", [SECRET, {"url": SECRET}, {"name": "a/b", **HOOK}])
def test_no_name(receiver: Any) -> None:
    assert alertmanager_config([receiver])["lines"] == [
        "alertmanager_receivers[0]: no receiver with a name. Write a dict with a name of letters and digits."
    ]


@pytest.mark.parametrize("name", ["a", "nobody", "watchdog"])
def test_a_name_twice(name: str) -> None:
    found = alertmanager_config([{"name": "a", **HOOK}, {"name": name, **HOOK}])
    assert found["lines"] == [f"alertmanager_receivers[{name}]: the name is taken already. {SEE}"]


def test_a_watchdog_that_is_none() -> None:
    assert alertmanager_config([], watchdog={"url": SECRET})["lines"] == [
        "alertmanager_watchdog: unknown: url. Use keys that end with _configs."
    ]


def test_what_hides_what() -> None:
    rules = alertmanager_config([], inhibitions=INHIBITIONS)["config"]["inhibit_rules"]
    assert rules[0] == {
        "source_matchers": ['alertname="KafkaNodeDown"'],
        "target_matchers": [
            'alertname=~"KafkaNodeRestarted|KafkaBrokerNotRunning|KafkaJmxScrapeError|KafkaScrapeSlow|KafkaNodeExporterDown|KafkaLogCounterDown"'
        ],
        "equal": ["cluster", "instance"],
    }


def test_the_worst_is_never_hidden() -> None:
    """Whatever else is wrong: lost data, and what may lose it, is told."""
    hidden = {name for rule in INHIBITIONS for name in rule["hides"]}
    never = {
        "KafkaOfflinePartitions",
        "KafkaUnderMinIsrPartitions",
        "KafkaUncleanLeaderElection",
        "KafkaNoActiveController",
        "KafkaOfflineLogDir",
        "KafkaConsumerLostData",
        "KafkaNodeDown",
        "Watchdog",
    }
    assert hidden & never == set()
    assert all({"cluster"} <= set(rule["equal"]) for rule in INHIBITIONS)
    assert not [rule for rule in INHIBITIONS if rule["source"] in rule["hides"]]


def alert_names() -> set[str]:
    """Return the names of all alerts."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "templates/rules").glob("*.yml")]
    return {name for text in texts for name in re.findall(r"^ *- alert: (\w+)$", text, re.MULTILINE)}


def test_every_name_is_one_of_an_alert() -> None:
    """What hides, what is hidden, what a roll silences and what never may be: a misspelt name would do nothing."""
    kafka = yaml.safe_load((ROOT / "roles/kafka/defaults/main.yml").read_text(encoding="utf-8"))
    names = {name for rule in INHIBITIONS for name in [rule["source"], *rule["hides"]]}
    assert (names | NEVER | set(kafka["kafka_roll_silenced_alerts"])) - alert_names() == set()


def test_a_warning_hides_nothing_critical() -> None:
    rules = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "templates/rules").glob("*.yml"))
    severity = dict(re.findall(r"- alert: (\w+)\n(?: .*\n)*? +severity: (\w+)", rules))
    order = ["info", "warning", "critical"]
    worse = [
        (rule["source"], name)
        for rule in INHIBITIONS
        for name in rule["hides"]
        if order.index(severity[name]) > order.index(severity[rule["source"]])
    ]
    assert worse == []


def test_plugin() -> None:
    assert FilterModule().filters() == {"alertmanager_config": alertmanager_config}
