"""The script that keeps what a start of Kafka loads."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
from pathlib import Path

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._loaded_state import parse_state, read_loaded

SCRIPT = Path(__file__).resolve().parents[3] / "roles/kafka/files/kafka-loaded"


class Host:
    """The files that a start loads, below a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("run", "etc", "bin", "jdk/bin", "kafka/libs"):
            (folder / name).mkdir(parents=True)
        self.java = folder / "jdk/bin/java"
        self.java.write_text("")
        (folder / "jdk/release").write_text('JAVA_RUNTIME_VERSION="21.0.13+2"\nJAVA_VERSION="21.0.13"\nMODULES="a b"\n')
        (folder / "kafka/libs/kafka-clients-4.3.1.jar").write_text("")
        self.agent = folder / "agent.jar"
        self.agent.write_text("agent")
        self.store = folder / "store.p12"
        self.store.write_text("store")
        self.properties, self.options = folder / "etc/server.properties", folder / "etc/jvm.options"
        self.properties.write_text(f"node.id=11\nssl.keystore.location={self.store}\n# ssl.truststore.location=/none\n")
        self.options.write_text(f"-server\n-javaagent:{self.agent}=9404:/x.yml\n-cp\n{folder}/kafka/libs/*\n")
        self.systemctl("echo no")

    def systemctl(self, does: str) -> None:
        """Put a systemctl on the path."""
        tool = self.folder / "bin/systemctl"
        tool.write_text(f"#!/bin/sh\n{does}\n")
        tool.chmod(0o755)

    def start(self) -> int:
        """Run the script as systemd would; return its exit code."""
        environment = {
            "PATH": f"{self.folder}/bin:{os.environ['PATH']}",
            "RUNTIME_DIRECTORY": str(self.folder / "run"),
            "INVOCATION_ID": "this",
            "KAFKA_UNIT_DIGEST": "abc",
        }
        command = [str(SCRIPT), "kafka.service", str(self.java), str(self.options), str(self.properties)]
        return subprocess.run(command, env=environment, check=False, stderr=subprocess.DEVNULL).returncode

    @property
    def kept(self) -> Path:
        return self.folder / "run/loaded"


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_what_is_kept(host: Host) -> None:
    assert host.start() == 0
    words, files = parse_state((host.kept / "state").read_text())
    assert words == {
        "invocation": "this",
        "unit_digest": "abc",
        "need_daemon_reload": "no",
        "java": str(host.java),
        "java_version": "21.0.13",
        "java_runtime_version": "21.0.13+2",
        "class_path": f"{host.folder}/kafka/libs/*",
        "kafka_version": "4.3.1",
    }
    assert files == {
        str(host.agent): hashlib.sha256(b"agent").hexdigest(),
        str(host.store): hashlib.sha256(b"store").hexdigest(),
    }
    assert read_loaded(str(host.kept), reveal=False)["properties"]["node.id"] == "11"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in host.kept.iterdir()}
    assert modes == {"state": 0o600, "server.properties": 0o600, "jvm.options": 0o600}
    assert stat.S_IMODE(host.kept.stat().st_mode) == 0o700


def test_the_next_start_replaces_everything(host: Host) -> None:
    host.start()
    (host.kept / "log4j.properties").write_text("of another version")
    host.properties.write_text("node.id=12\n")
    assert host.start() == 0
    assert sorted(path.name for path in host.kept.iterdir()) == ["jvm.options", "server.properties", "state"]
    assert (host.kept / "server.properties").read_text() == "node.id=12\n"


def test_a_start_that_cannot_keep_everything_keeps_no_state(host: Host) -> None:
    host.start()
    host.properties.unlink()
    assert host.start() != 0
    assert not (host.kept / "state").exists()


@pytest.mark.parametrize("does", ["exit 1", "sleep 30"])
def test_a_systemd_that_does_not_answer(host: Host, does: str) -> None:
    host.systemctl(does)
    assert host.start() == 0
    assert parse_state((host.kept / "state").read_text())[0]["need_daemon_reload"] == "unknown"


def test_a_java_without_a_release_file(host: Host) -> None:
    (host.folder / "jdk/release").unlink()
    assert host.start() == 0
    assert "java_version" not in parse_state((host.kept / "state").read_text())[0]
