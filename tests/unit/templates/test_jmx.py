"""What real Kafka processes exported with our rules: few series, plain names, no accident."""

from __future__ import annotations

import re
from pathlib import Path

import jinja2
import pytest
import yaml

from ansible_collections.kraftops.kafka.plugins.module_utils import _jmx_rules

ROOT = Path(__file__).resolve().parents[3]
METRICS = ROOT / "tests" / "fixtures" / "metrics"
LIMITS = {"controller": 300, "broker": 450}
RECORDED = sorted(METRICS.glob("jmx-*.txt"))
EVERYWHERE = {
    "kafka_server_raftmetrics_current_state",
    "kafka_server_raftmetrics_current_leader",
    "jmx_config_reload_success_total",
}
WANTED = {
    "controller": {
        "kafka_controller_kafkacontroller_activecontrollercount",
        "kafka_controller_kafkacontroller_offlinepartitionscount",
        "kafka_controller_kafkacontroller_fencedbrokercount",
        "kafka_controller_controllerstats_uncleanleaderelections_total",
        "kafka_controller_controllereventmanager_eventqueuetimems",
    },
    "broker": {
        "kafka_server_kafkaserver_brokerstate",
        "kafka_server_replicamanager_underreplicatedpartitions",
        "kafka_server_replicamanager_underminisrpartitioncount",
        "kafka_server_replicamanager_isrshrinks_total",
        "kafka_server_brokertopicmetrics_messagesin_total",
        "kafka_network_requestmetrics_totaltimems",
        "kafka_network_requestmetrics_errors_total",
        "kafka_server_kafkarequesthandlerpool_requesthandleravgidle_nanoseconds_total",
        "kafka_log_log_size",
        "kafka_log_logmanager_offlinelogdirectorycount",
    },
}


def series(path: Path) -> list[str]:
    """Return the series of a recorded scrape."""
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: str(path.stem))
def test_recorded(path: Path) -> None:
    role = path.stem.split("-")[1]
    lines = series(path)
    names = {re.split(r"[ {]", line, maxsplit=1)[0] for line in lines}
    assert len(lines) <= LIMITS[role]
    assert not [line for line in lines if "_objectname" in line]
    assert names >= WANTED[role] | EVERYWHERE
    assert not [name for name in names if not re.fullmatch(r"[a-z0-9_]+", name)]
    assert not [name for name in names if "orders" in name or "plaintext" in name or name.endswith("_count_total")]
    assert not [line for line in lines if re.search(r'log_dir="[^/]', line)]


def test_there_are_recordings_of_both_versions() -> None:
    assert [path.stem for path in RECORDED] == [
        "jmx-broker-3.9.2",
        "jmx-broker-4.3.1",
        "jmx-controller-3.9.2",
        "jmx-controller-4.3.1",
    ]


@pytest.mark.parametrize("roles", [["broker"], ["controller"], ["broker", "controller"]])
def test_rendered_rules(roles: list[str]) -> None:
    engine = jinja2.Environment(trim_blocks=True, undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701
    engine.filters["comment"] = lambda text: f"# {text}"
    text = engine.from_string((ROOT / "templates" / "jmx" / "kafka.yml.j2").read_text(encoding="utf-8")).render(
        ansible_managed="test",
        __jmx_exporter_roles=roles,
        __jmx_exporter_requests=["Produce"],
        __jmx_exporter_client_requests=["Produce"],
        __jmx_exporter_phases=["LocalTimeMs"],
        jmx_exporter_partition_size=True,
    )
    document = yaml.safe_load(text)
    assert _jmx_rules.errors(document) == []
    included = " ".join(document["includeObjectNames"])
    assert ("kafka.controller:" in included) == ("controller" in roles)
    assert ("ReplicaManager" in included) == ("broker" in roles)
    # A rule that reads the value cannot be cached, and is tried again for every attribute at every scrape: one is enough.
    assert len([rule for rule in document["rules"] if not rule.get("cache")]) == 1
    assert not [
        rule["pattern"] for rule in document["rules"] if not rule["pattern"].startswith("^") or ".+" in rule["pattern"]
    ]
