"""What a host tells of its own process: its version, and whether only a restart brings its files in."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _node_probe as probe

PROPERTIES = {"node.id": "11", "num.io.threads": "8", "log.dirs": "/data", "log.retention.hours": "24"}


class Host:
    """The copies of a start, and the files beside them."""

    def __init__(self, folder: Path) -> None:
        self.loaded, self.config, self.unit = folder / "loaded", folder / "etc", folder / "kafka.service"
        self.agent = folder / "agent.jar"
        for path in (self.loaded, self.config):
            path.mkdir()
        self.agent.write_text("agent")
        self.write_unit("a" * 64)
        digest = hashlib.sha256(b"agent").hexdigest()
        (self.loaded / "state").write_text(
            f"invocation=this\nkafka_version=4.3.1\nunit_digest={'a' * 64}\nsha256:{self.agent}={digest}\n"
        )
        for path in (self.loaded, self.config):
            self.write(path, PROPERTIES, "-Xmx1g")

    def write(self, folder: Path, properties: dict[str, str], options: str) -> None:
        (folder / "server.properties").write_text("".join(f"{key}={value}\n" for key, value in properties.items()))
        (folder / "jvm.options").write_text(f"{options}\n")

    def write_unit(self, digest: str) -> None:
        self.unit.write_text(f"[Service]\nEnvironment=KAFKA_UNIT_DIGEST={digest}\n")

    def pending(self, role: str = "broker") -> list[str]:
        return probe.pending(role, str(self.loaded), str(self.config), str(self.unit))

    def metrics(self, started: str) -> dict[str, list[tuple[dict[str, str], float]]]:
        places = {"config": str(self.config), "unit": str(self.unit)}
        return {one.name: one.samples for one in probe.node_metrics("broker", started, str(self.loaded), **places)}


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


@pytest.mark.parametrize(
    ("changed", "role", "expected"),
    [
        ({}, "broker", []),
        ({"log.dirs": "/data,/more"}, "broker", ["log.dirs"]),
        ({"num.io.threads": "16"}, "broker", []),  # taken live
        ({"log.retention.hours": None, "log.retention.ms": "1000"}, "broker", []),  # the same property, taken live
        ({"auto.create.topics.enable": "false"}, "broker", ["auto.create.topics.enable"]),
        ({"node.id": "12", "log.dirs": None}, "broker", ["log.dirs", "node.id"]),
    ],
)
def test_properties(host: Host, changed: dict[str, Any], role: str, expected: list[str]) -> None:
    now = {key: value for key, value in {**PROPERTIES, **changed}.items() if value is not None}
    host.write(host.config, now, "-Xmx1g")
    assert host.pending(role) == expected


def test_the_rest_that_a_start_reads(host: Host) -> None:
    host.write(host.config, PROPERTIES, "-Xmx2g")
    host.write_unit("b" * 64)
    host.agent.write_text("another")
    assert host.pending() == ["jvm.options", "kafka.service", str(host.agent)]


def test_metrics(host: Host) -> None:
    assert host.metrics("this") == {
        "kafka_node_info": [({"version": "4.3.1"}, 1)],
        "kafka_restart_pending": [({}, False)],
    }
    host.write(host.config, PROPERTIES, "-Xmx2g")
    assert host.metrics("this")["kafka_restart_pending"] == [({}, True)]


@pytest.mark.parametrize("started", ["", "another"])
def test_a_process_that_kept_nothing(host: Host, started: str) -> None:
    """Nothing is said about a process that these copies are not of."""
    assert host.metrics(started) == {"kafka_node_info": [], "kafka_restart_pending": []}
