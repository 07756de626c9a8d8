"""The monitoring roles: what their templates make."""

from __future__ import annotations

import configparser
import json
import shlex
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
ROLES = ROOT / "roles"
CLUSTER = {"name": "orders", "version": "4.3.1", "bootstrap": ["b1:9092", "b2:9092"], "kafka_exporter_port": 9308}


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def combine(base: dict[str, Any], other: dict[str, Any], recursive: bool = False) -> dict[str, Any]:
    """Do what Ansible's filter does, one level deep."""
    merged = dict(base)
    for key, value in other.items():
        merged[key] = {**base.get(key, {}), **value} if recursive else value
    return merged


def render(role: str, template: str, **variables: Any) -> str:
    """Render a template of a role with its defaults."""
    folder = ROLES / role / "templates"
    engine = jinja2.Environment(
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701
        loader=jinja2.FileSystemLoader(folder),
        keep_trailing_newline=True,
    )
    engine.filters.update(comment=lambda text: f"# {text}", to_json=json.dumps, combine=combine)
    values = {**load(ROLES / role / "defaults" / "main.yml"), "ansible_managed": "test", **variables}
    return engine.get_template(template).render(values)


def arguments(**variables: Any) -> list[str]:
    """Return the command line of danielqsj's exporter as systemd would split it."""
    program = {"binary": "/opt/kafka_exporter"}
    names = {"__kafka_exporter_program": program, "__kafka_exporter_cluster": CLUSTER, **variables}
    text = render("kafka_exporter", "kafka_exporter.service.j2", **names)
    line = text.split("ExecStart=")[1].split("\nRestart=")[0].replace("\\\n", " ")
    return [word.replace("%%", "%").replace("$$", "$") for word in shlex.split(line)]


def test_danielqsj_arguments() -> None:
    assert arguments() == [
        "/opt/kafka_exporter",
        "--kafka.server=b1:9092",
        "--kafka.server=b2:9092",
        "--kafka.version=4.3.1",
        "--web.listen-address=0.0.0.0:9308",
        "--topic.filter=.*",
        "--topic.exclude=^__",
        "--group.filter=.*",
        "--group.exclude=^console-consumer-",
        "--offset.show-all",
    ]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"kafka_exporter_show_all": False}, "--no-offset.show-all"),
        ({"kafka_exporter_arguments": ["--verbosity=1"]}, "--verbosity=1"),
        ({"kafka_exporter_topic_exclude": r'^a\.b"c$'}, r'--topic.exclude=^a\.b"c$'),
        ({"kafka_exporter_group_filter": "100%"}, "--group.filter=100%"),
        ({"kafka_exporter_bind_address": "127.0.0.1"}, "--web.listen-address=127.0.0.1:9308"),
    ],
)
def test_danielqsj_variables(variables: dict[str, Any], expected: str) -> None:
    assert expected in arguments(**variables)


def test_klag_exporter_unit_and_configuration() -> None:
    names = {"__kafka_exporter_program": {"binary": "/opt/klag"}, "__kafka_exporter_cluster": CLUSTER}
    unit = render("kafka_exporter", "kafka_exporter.service.j2", kafka_exporter_implementation="klag-exporter", **names)
    assert "ExecStart=/opt/klag --config /etc/kafka_exporter/orders.toml\n" in unit
    lines = render("kafka_exporter", "klag-exporter.toml.j2", **names).splitlines()
    for line in (
        'granularity = "partition"',
        "http_port = 9308",
        'bootstrap_servers = "b1:9092,b2:9092"',
        'topic_blacklist = ["^__"]',
        'group_blacklist = ["^console-consumer-"]',
    ):
        assert line in lines


def test_grafana_ini_dials_nobody() -> None:
    defaults = load(ROLES / "grafana" / "vars" / "main.yml")["__grafana_defaults"]
    text = render(
        "grafana", "grafana.ini.j2", __grafana_defaults=defaults, grafana_settings={"users": {"default_theme": "light"}}
    )
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    assert parser["analytics"]["reporting_enabled"] == "false"
    assert parser["analytics"]["check_for_updates"] == "false"
    assert parser["plugins"]["preinstall_disabled"] == "true"
    assert parser["plugins"]["public_key_retrieval_disabled"] == "true"
    assert parser["news"]["news_feed_enabled"] == "false"
    assert parser["snapshots"]["external_enabled"] == "false"
    assert parser["security"]["admin_password"] == "$__file{/etc/grafana/admin_password}"
    assert dict(parser["users"]) == {"allow_sign_up": "false", "default_theme": "light"}


def test_grafana_provisioning() -> None:
    source = yaml.safe_load(render("grafana", "datasource.yml.j2", __grafana_prometheus_url="http://127.0.0.1:9090"))
    (entry,) = source["datasources"]
    assert (source["prune"], entry["uid"], entry["editable"]) == (True, "kraftops-prometheus", False)
    assert entry["jsonData"] == {"httpMethod": "POST", "timeInterval": "15s"}
    (provider,) = yaml.safe_load(render("grafana", "provider.yml.j2"))["providers"]
    assert (provider["folder"], provider["allowUiUpdates"], provider["options"]) == (
        "Kafka",
        False,
        {"path": "/etc/grafana/dashboards/kafka"},
    )


@pytest.mark.parametrize("kind", ["elasticsearch", "grafana-opensearch-datasource"])
def test_grafana_data_source_of_the_logs(kind: str) -> None:
    names = {"__grafana_logs_urls": ["https://search-1:9200", "https://search-2:9200"], "grafana_logs_datasource": kind}
    said = {"__grafana_logs_user": "reader", "__grafana_logs_password": 'a$b"c', "__grafana_logs_ca": "-----BEGIN\nx\n"}
    (entry,) = yaml.safe_load(render("grafana", "logs_datasource.yml.j2", **names, **said))["datasources"]
    assert (entry["uid"], entry["type"], entry["url"]) == ("kraftops-logs", kind, "https://search-1:9200")
    assert (entry["basicAuth"], entry["basicAuthUser"]) == (True, "reader")
    assert entry["secureJsonData"] == {"basicAuthPassword": 'a$$b"c', "tlsCACert": "-----BEGIN\nx\n"}
    assert entry["jsonData"]["tlsAuthWithCACert"] is True
    assert entry["jsonData"]["index" if kind == "elasticsearch" else "database"] == "logs-kafka.*"
    nobody = {"__grafana_logs_user": "", "__grafana_logs_password": "", "__grafana_logs_ca": ""}
    (entry,) = yaml.safe_load(render("grafana", "logs_datasource.yml.j2", **names, **nobody))["datasources"]
    assert not {"basicAuth", "basicAuthUser"} & set(entry)
    assert "tlsAuthWithCACert" not in entry["jsonData"]
    assert set(entry["secureJsonData"].values()) == {""}


def prometheus_files(**variables: Any) -> dict[str, str]:
    """Return the scrape part of the configuration, for a Prometheus of ours or one that is there already."""
    pace = {"scrape_interval": "15s", "scrape_timeout": "10s", "evaluation_interval": "15s"}
    names = {
        "__prometheus_jobs": ["kafka", "alertmanager"],
        "__prometheus_rules": pace,
        "__kafka_model": {"alertmanagers": variables.pop("alertmanagers", [])},
    }
    prefix = "" if variables.get("prometheus_install", True) else "kraftops-"
    return {
        name: render("prometheus", name, __prometheus_prefix=prefix, **names, **variables)
        for name in ("prometheus.yml.j2", "scrape.yml.j2")
    }


def test_prometheus_that_is_there_already() -> None:
    """Its configuration is not ours: one file for scrape_config_files, whose targets lie beside it under names of ours."""
    variables = {"prometheus_install": False, "prometheus_targets_dir": "/srv/targets"}
    scrape = yaml.safe_load(prometheus_files(**variables)["scrape.yml.j2"])
    assert list(scrape) == ["scrape_configs"]
    files = [one["file_sd_configs"][0]["files"] for one in scrape["scrape_configs"]]
    assert files == [["/srv/targets/kraftops-kafka.json"], ["/srv/targets/kraftops-alertmanager.json"]]


@pytest.mark.parametrize(
    ("urls", "expected"),
    [
        ([], []),
        (
            ["http://monitor-1:9093", "https://alerts.example.com/team"],
            [("http", "/", "monitor-1:9093"), ("https", "/team", "alerts.example.com")],
        ),
        (["http://[fd00::1]:9093"], [("http", "/", "[fd00::1]:9093")]),
    ],
)
def test_where_alerts_go(urls: list[str], expected: list[tuple[str, str, str]]) -> None:
    config = yaml.safe_load(prometheus_files(alertmanagers=urls)["prometheus.yml.j2"])
    found = config["alerting"]["alertmanagers"]
    assert [(one["scheme"], one["path_prefix"], one["static_configs"][0]["targets"][0]) for one in found] == expected
    assert config["scrape_configs"][0]["file_sd_configs"] == [{"files": ["/etc/prometheus/targets/kafka.json"]}]


@pytest.mark.parametrize(
    ("peers", "expected"),
    [
        ([], ["--cluster.listen-address="]),
        (
            [
                {"address": "monitor-2", "alertmanager_cluster_port": 9094},
                {"address": "fd00::3", "alertmanager_cluster_port": 9095},
            ],
            ["--cluster.listen-address=0.0.0.0:9094", "--cluster.peer=monitor-2:9094", "--cluster.peer=[fd00::3]:9095"],
        ),
    ],
)
def test_alertmanagers_talk_to_each_other(peers: list[dict[str, Any]], expected: list[str]) -> None:
    unit = render("alertmanager", "alertmanager.service.j2", __alertmanager_home="/opt/a", __alertmanager_peers=peers)
    line = unit.split("ExecStart=")[1].split("\nExecReload=")[0].replace("\\\n", " ")
    assert [word for word in shlex.split(line) if word.startswith("--cluster")] == expected
