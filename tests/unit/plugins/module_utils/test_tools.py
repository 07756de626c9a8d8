"""The command line tools: their classes by version, and the scripts as a shell runs them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._tools import LOG4J2, RELOAD4J, TOOLS, tool_files

NEW, OLD = "org.apache.kafka.tools.", "kafka.tools."
CLASSES = [
    ("kafka-topics", (3, 9), f"{NEW}TopicCommand"),
    ("kafka-topics", (4, 4), f"{NEW}TopicCommand"),
    ("kafka-consumer-groups", (3, 9), f"{NEW}consumer.group.ConsumerGroupCommand"),
    ("kafka-console-producer", (3, 9), f"{OLD}ConsoleProducer"),
    ("kafka-console-producer", (4, 0), f"{NEW}ConsoleProducer"),
    ("kafka-configs", (3, 9), "kafka.admin.ConfigCommand"),
    ("kafka-configs", (4, 3), "kafka.admin.ConfigCommand"),
    ("kafka-configs", (4, 4), f"{NEW}ConfigCommand"),
    ("kafka-acls", (3, 9), "kafka.admin.AclCommand"),
    ("kafka-acls", (4, 3), f"{NEW}AclCommand"),
    ("kafka-broker-api-versions", (3, 9), "kafka.admin.BrokerApiVersionsCommand"),
    ("kafka-broker-api-versions", (4, 0), f"{NEW}BrokerApiVersionsCommand"),
    ("kafka-dump-log", (4, 2), f"{OLD}DumpLogSegments"),
    ("kafka-dump-log", (4, 3), f"{NEW}DumpLogSegments"),
    ("kafka-storage", (4, 4), f"{OLD}StorageTool"),
]


@pytest.mark.parametrize(("name", "version", "expected"), CLASSES)
def test_class_by_version(name: str, version: tuple[int, int], expected: str) -> None:
    assert next(item for item in TOOLS if item.name == name).java_class(version) == expected


@pytest.fixture
def cluster() -> dict[str, Any]:
    return {
        "name": "orders",
        "version": "4.3.1",
        "controller_bootstrap": ["c-1:9093", "c-2:9093"],
        "bootstrap": ["b-1:9092"],
    }


@pytest.fixture
def java(tmp_path: Path) -> str:
    """Return a java that prints its arguments, one a line."""
    path = tmp_path / "java"
    path.write_text("#!/bin/sh\nprintf '<%s>\\n' \"$@\"\n")
    path.chmod(0o755)
    return str(path)


def run(script: str, *arguments: str) -> list[str]:
    """Run a script with arguments; return what comes after the class path."""
    done = subprocess.run(["/bin/sh", "-c", script, "tool", *arguments], capture_output=True, text=True, check=True)
    words = [line[1:-1] for line in done.stdout.splitlines()]
    return words[words.index("-cp") + 2 :]


def script_of(files: list[dict[str, str]], name: str) -> str:
    return next(item["content"] for item in files if item["path"] == f"/usr/local/bin/{name}")


BROKERS, CONTROLLERS = ["--bootstrap-server", "b-1:9092"], ["--bootstrap-controller", "c-1:9093,c-2:9093"]
CALLS: list[tuple[str, str, list[str], list[str]]] = [
    ("broker", "kafka-topics", ["--list"], ["--list", *BROKERS]),
    ("broker", "kafka-topics", [], BROKERS),
    ("broker", "kafka-topics", ["--topic", "a b*", "$HOME"], ["--topic", "a b*", "$HOME", *BROKERS]),
    ("broker", "kafka-topics", ["--bootstrap-server", "x:1", "--list"], ["--bootstrap-server", "x:1", "--list"]),
    ("broker", "kafka-topics", ["--bootstrap-server=x:1"], ["--bootstrap-server=x:1"]),
    ("broker", "kafka-configs", ["--bootstrap-controller", "x:1"], ["--bootstrap-controller", "x:1"]),
    ("broker", "kafka-configs", ["--bootstrap-controller=x:1"], ["--bootstrap-controller=x:1"]),
    ("broker", "kafka-topics", ["--help"], ["--help"]),
    ("broker", "kafka-topics", ["--version"], ["--version"]),
    ("broker", "kafka-metadata-quorum", ["describe", "--status"], [*BROKERS, "describe", "--status"]),
    ("broker", "kafka-storage", ["info"], ["info"]),
    ("controller", "kafka-topics", ["--list"], ["--list", *BROKERS]),
    ("controller", "kafka-metadata-quorum", ["describe"], [*CONTROLLERS, "describe"]),
    ("controller", "kafka-features", ["describe"], [*CONTROLLERS, "describe"]),
    ("controller", "kafka-configs", ["--describe"], ["--describe", *CONTROLLERS]),
    ("controller", "kafka-acls", ["--list"], ["--list", *CONTROLLERS]),
    ("controller", "kafka-cluster", ["cluster-id"], ["cluster-id", *CONTROLLERS]),
    ("controller", "kafka-transactions", ["list"], [*BROKERS, "list"]),
    ("controller", "kafka-dump-log", ["--files", "x"], ["--files", "x"]),
    ("combined", "kafka-configs", ["--describe"], ["--describe", *BROKERS]),
]


@pytest.mark.parametrize(("role", "name", "arguments", "expected"), CALLS)
def test_arguments(
    cluster: dict[str, Any], java: str, role: str, name: str, arguments: list[str], expected: list[str]
) -> None:
    words = run(script_of(tool_files({"role": role}, cluster, java), name), *arguments)
    assert words[0] == next(item for item in TOOLS if item.name == name).java_class((4, 3))
    assert words[1:] == expected


def test_java_gets_the_class_path_unexpanded(cluster: dict[str, Any], java: str) -> None:
    script = script_of(tool_files({"role": "broker"}, cluster, java), "kafka-topics")
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[:6] == [
        "<-Xmx256m>",
        "<-XX:TieredStopAtLevel=1>",
        "<-XX:+UseSerialGC>",
        "<-Dlog4j2.configurationFile=/etc/kafka/tools-log4j2.yaml>",
        "<-cp>",
        "</opt/kafka/kafka-4.3.1/libs/*>",
    ]


@pytest.mark.parametrize("version", ["3.9.2", "4.0.2", "4.3.1", "4.4.0"])
def test_every_script_is_correct_shell(cluster: dict[str, Any], version: str) -> None:
    files = tool_files({"role": "controller"}, {**cluster, "version": version}, "/usr/bin/java")
    scripts = [item for item in files if item["path"].startswith("/usr/local/bin/")]
    assert len(scripts) == len(TOOLS)
    assert {item["mode"] for item in scripts} == {"0755"}
    for item in scripts:
        assert item["content"].startswith("#!/bin/sh\n# Ansible managed\n")
        assert f"of Kafka {version}, for cluster orders." in item["content"]
        subprocess.run(["/bin/sh", "-n", "-c", item["content"]], check=True)


@pytest.mark.parametrize(
    ("version", "path", "content", "option"),
    [
        ("3.9.2", "/etc/kafka/tools-log4j.properties", RELOAD4J, "-Dlog4j.configuration=file:"),
        ("4.0.0", "/etc/kafka/tools-log4j2.yaml", LOG4J2, "-Dlog4j2.configurationFile="),
    ],
)
def test_log_configuration(cluster: dict[str, Any], version: str, path: str, content: str, option: str) -> None:
    files = tool_files({"role": "broker"}, {**cluster, "version": version}, "/usr/bin/java")
    assert files[0] == {"path": path, "content": content, "mode": "0644"}
    assert f" {option}{path} " in script_of(files, "kafka-topics")
