"""The JMX rules: on what real Kafka processes exported with them, and on all beans of such processes."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from pathlib import Path

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _jmx_rules
from tests.unit.templates.jmx_engine import Series, beans_of, matches, series_of
from tools.jmx_render import BEANS, beans, grown, rules

ROOT = Path(__file__).resolve().parents[3]
METRICS = ROOT / "tests" / "fixtures" / "metrics"
LIMITS = {"controller": 300, "broker": 450}
RECORDED = sorted(METRICS.glob("jmx-*.txt"))
NODES = sorted(path.name.removesuffix(".txt.gz") for path in BEANS.glob("*.txt.gz"))
PROFILES = ["small", "large"]
LABELS = {
    "broker", "delayedOperation", "error", "listener", "log_dir", "networkProcessor", "partition", "protocol", "quantile",
    "request", "state", "topic", "version",
}  # fmt: skip
# Nothing of a topic, a user, a client or a listener may become part of a name: names without end.
IN_NO_NAME = re.compile(r"plaintext|client|user|orders|\bt1\b|_t1_|consumer_offsets|replicafetcherthread")
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
# Beans that come and go with what a cluster is used for, or that the recordings of beans were made without.
ONLY_SOMETIMES = re.compile(r"failed_authentication|_requests_total$|_errors_total$")


def made(node: str, profile: str = "small") -> list[Series]:
    """Return what the rules make of a node's beans."""
    return series_of(rules((node.split("-")[0],), profile), beans(node))


def lines(path: Path) -> list[str]:
    """Return the series of a recorded scrape."""
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: str(path.stem))
def test_recorded(path: Path) -> None:
    role = path.stem.split("-")[1]
    series = lines(path)
    names = {re.split(r"[ {]", line, maxsplit=1)[0] for line in series}
    assert len(series) <= LIMITS[role]
    assert not [line for line in series if "_objectname" in line]
    assert names >= WANTED[role] | EVERYWHERE
    assert not [name for name in names if not re.fullmatch(r"[a-z0-9_]+", name)]
    assert not [name for name in names if "orders" in name or "plaintext" in name or name.endswith("_count_total")]
    assert not [line for line in series if re.search(r'log_dir="[^/]', line)]


def test_there_are_recordings_of_both_versions() -> None:
    wanted = ["broker-3.9.2", "broker-4.3.1", "controller-3.9.2", "controller-4.3.1"]
    assert [path.stem.removeprefix("jmx-") for path in RECORDED] == wanted
    assert wanted == NODES


@pytest.mark.parametrize("node", NODES)
def test_the_engine_of_this_test_does_as_the_exporter_does(node: str) -> None:
    """Names and types from the beans are those that the real exporter served on another run of the same version."""
    text = (METRICS / f"jmx-{node}.txt").read_text(encoding="utf-8")
    real = {
        name: kind.upper().replace("UNKNOWN", "UNTYPED")
        for name, kind in re.findall(r"^# TYPE (kafka_\S+) (\w+)$", text, re.MULTILINE)
    }
    own = {one.name: one.kind for one in made(node)}
    common = {name: kind for name, kind in real.items() if name in own}
    assert common == {name: own[name] for name in common}
    assert len(common) > 0.9 * len(own)
    assert {name for name in set(real) - set(own) if not ONLY_SOMETIMES.search(name)} <= {
        "kafka_server_brokertopicmetrics_bytesout_total",
        *(name for name in real if name.startswith("kafka_controller_kafkacontroller_timesincelast")),
        *(name for name in real if name.startswith("kafka_server_replicamanager_")),
    }


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("node", NODES)
def test_series(node: str, profile: str) -> None:
    found = made(node, profile)
    # Two beans with one name and the same labels: the exporter would put _objectname on every series of that name.
    assert [one for one, count in Counter((one.name, one.labels) for one in found).items() if count > 1] == []
    # Two types in one family: the exporter would make it untyped.
    kinds: dict[str, set[str]] = {}
    for one in found:
        kinds.setdefault(one.name, set()).add(one.kind)
    assert {name: kind for name, kind in kinds.items() if len(kind) > 1} == {}
    assert [name for name, kind in kinds.items() if (kind == {"COUNTER"}) != name.endswith("_total")] == []
    assert [name for name in kinds if not re.fullmatch(r"kafka_[a-z0-9_]+", name) or IN_NO_NAME.search(name)] == []
    assert {key for one in found for key, _value in one.labels} <= LABELS
    assert [value for one in found for key, value in one.labels if key == "log_dir" and not value.startswith("/")] == []
    # Names that the client library of the exporter changes (_info, _created), and sizes that are no counters.
    assert [name for name in kinds if name.endswith(("_info", "_created", "_count_total"))] == []


@pytest.mark.parametrize("node", NODES)
def test_every_bean_that_is_read_gives_something(node: str) -> None:
    """The exporter reads each attribute of a bean that it looks at, and time is spent there: none for nothing."""
    wanted = rules((node.split("-")[0],))
    silent = {
        ",".join(f"{key}={value}" for key, value in bean.properties if key in ("type", "name"))
        for bean in beans_of(wanted, beans(node))
        if not series_of(wanted, [bean])
    }
    assert silent == set()


@pytest.mark.parametrize(("profile", "per_partition"), [("small", 1), ("large", 0)])
def test_how_series_grow(profile: str, per_partition: int) -> None:
    """series = a + b * topics + c * partitions."""
    wanted = rules(("broker",), profile)
    counts = {size: len(series_of(wanted, grown(*size))) for size in itertools.product((10, 20, 40), (60, 120, 240))}
    c = (counts[10, 120] - counts[10, 60]) / 60
    b = (counts[20, 60] - counts[10, 60]) / 10
    a = counts[10, 60] - 10 * b - 60 * c
    assert {size: a + b * size[0] + c * size[1] for size in counts} == counts
    assert c == per_partition
    assert b <= 5
    assert a <= 260


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("roles", [("broker",), ("controller",), ("broker", "controller")])
def test_rendered_rules(roles: tuple[str, ...], profile: str) -> None:
    document = rules(roles, profile)
    assert _jmx_rules.errors(document) == []
    included = " ".join(document["includeObjectNames"])
    assert ("kafka.controller:" in included) == ("controller" in roles)
    assert ("ReplicaManager" in included) == ("broker" in roles)
    assert ("type=Log,name=Size" in included) == ("broker" in roles and profile == "small")
    # A rule that reads the value cannot be cached, and is tried again for every attribute at every scrape: one is enough.
    assert [rule["name"] for rule in document["rules"] if not rule.get("cache")] == [
        *("", ""),
        "kafka_server_raftmetrics_current_state",
    ]
    assert not [
        rule["pattern"] for rule in document["rules"] if not rule["pattern"].startswith("^") or ".+" in rule["pattern"]
    ]
    # What 1.0.1 does not know; it would stop its JVM.
    assert set(document) <= {"lowercaseOutputName", "includeObjectNames", "excludeObjectNames", "rules"}


@pytest.mark.parametrize("profile", PROFILES)
def test_what_there_is_most_of_is_found_soon(profile: str) -> None:
    """Agent 1.0.1 spends its time on rules that it tries in vain, at every scrape: few for each attribute of a large broker."""
    tried = [number for number, _series in matches(rules(("broker",), profile), grown(200, 1200))]
    assert sum(tried) / len(tried) < 3.5
