"""log4j2.yaml and log4j.properties."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.kraftops.kafka.plugins.filter.log_config import FilterModule, log_config
from ansible_collections.kraftops.kafka.plugins.module_utils._log_config import FILES
from ansible_collections.kraftops.kafka.plugins.module_utils._log_volume import rolled_logs

NEW_CLEANER = "org.apache.kafka.storage.internals.log.LogCleaner"
OLD_CLEANER = "kafka.log.LogCleaner"
# The garbage collector log and a heap dump.
JVM = 11 * (20 << 20) + (1 << 30)


def configuration(inventory: Any, host: str = "broker-1") -> Any:
    """Return the parsed log4j2.yaml."""
    return yaml.safe_load(log_config(inventory.model(), host)["content"])["Configuration"]


def declared(inventory: Any) -> dict[str, Any]:
    """Return the declared loggers by name."""
    return {one["name"]: one for one in configuration(inventory)["Loggers"]["Logger"]}


def test_every_file_is_bounded(inventory: Any) -> None:
    inventory.set("all", kafka_log_file_size="20KB", kafka_log_file_count=3)
    found = log_config(inventory.model(), "broker-1")
    rolling = configuration(inventory)["Appenders"]["RollingFile"]
    assert sorted(one["fileName"] for one in rolling) == [
        f"${{sys:kafka.logs.dir}}/{name}.log"
        for name in ("controller", "kafka-authorizer", "kafka-request", "log-cleaner", "server", "state-change")
    ]
    for one in rolling:
        assert one["filePattern"] == f"{one['fileName']}.%i"
        assert one["SizeBasedTriggeringPolicy"] == {"size": "15360"}
        assert one["DefaultRolloverStrategy"] == {"fileIndex": "min", "max": 3}
        assert one["PatternLayout"] == {"pattern": "[%d{yyyy-MM-dd'T'HH:mm:ss,SSSXXX}] %p %m (%c)%n"}
    assert (found["file"], found["bytes"]) == ("log4j2.yaml", 6 * 4 * 20 * 1024 + JVM)


def test_watched_and_quiet_on_stdout(inventory: Any) -> None:
    found = configuration(inventory)
    assert found["monitorInterval"] == 5
    assert found["Appenders"]["Console"]["ThresholdFilter"] == {
        "level": "WARN",
        "onMatch": "ACCEPT",
        "onMismatch": "DENY",
    }
    assert found["Loggers"]["Root"] == {"level": "INFO", "AppenderRef": [{"ref": "KafkaAppender"}, {"ref": "STDOUT"}]}


def test_loggers(inventory: Any) -> None:
    loggers = declared(inventory)
    assert loggers["kafka.server"] == {"name": "kafka.server"}
    assert loggers["kafka.network.RequestChannel$"] == {
        "name": "kafka.network.RequestChannel$",
        "level": "WARN",
        "additivity": False,
        "AppenderRef": {"ref": "RequestAppender"},
    }
    assert loggers["org.apache.kafka.controller"]["AppenderRef"] == {"ref": "ControllerAppender"}
    found = log_config(inventory.model(), "broker-1")
    assert set(loggers) | {"root"} == {*found["loggers"], found["marker"]}
    assert loggers[found["marker"]] == {"name": found["marker"]}


def test_levels(inventory: Any) -> None:
    levels = {"kafka": "debug", "kafka.request.logger": "trace", "root": "Warn", "org.apache.kafka.raft.X": "TRACE"}
    inventory.set("all", kafka_log_levels=levels)
    loggers = declared(inventory)
    assert (loggers["kafka"]["level"], loggers["kafka.request.logger"]["level"]) == ("DEBUG", "TRACE")
    assert loggers["org.apache.kafka.raft.X"] == {"name": "org.apache.kafka.raft.X", "level": "TRACE"}
    effective = log_config(inventory.model(), "broker-1")["loggers"]
    assert next(iter(effective)) == "root"
    assert effective["kafka.server"] == "DEBUG"
    assert effective["kafka.network.RequestChannel$"] == "WARN"
    assert (effective["root"], effective["org.apache.kafka.raft"]) == ("WARN", "INFO")


CLEANERS = [("4.0.2", OLD_CLEANER), ("4.1.2", NEW_CLEANER), ("4.3.1", NEW_CLEANER)]


@pytest.mark.parametrize(("version", "cleaner"), CLEANERS)
def test_cleaner(inventory: Any, version: str, cleaner: str) -> None:
    loggers = declared(inventory.set("all", kafka_version=version))
    assert loggers[cleaner]["AppenderRef"] == {"ref": "CleanerAppender"}
    assert f"{cleaner}$CleanerThread" in loggers
    assert ({OLD_CLEANER, NEW_CLEANER} - {cleaner}) & set(loggers) == set()


@pytest.mark.parametrize("version", ["4.3.1", "3.9.2"])
@pytest.mark.parametrize(("size", "number"), [("100MB", 100 << 20), ("1GB", 1 << 30), ("50KB", 50 << 10)])
def test_a_host_reads_the_bounds_out_of_what_is_written(
    inventory: Any, tmp_path: Path, version: str, size: str, number: int
) -> None:
    inventory.set("all", kafka_version=version, kafka_log_file_size=size, kafka_log_file_count=7)
    found = log_config(inventory.model(), "broker-1")
    (tmp_path / found["file"]).write_text(found["content"])
    logs = rolled_logs(str(tmp_path))
    assert {(log.kept, number <= log.size <= number + 2) for log in logs.values()} == {(7, True)}
    assert set(logs) == set(FILES.values())
    most = sum(log.most for log in logs.values()) + sum(found["host"]["files"].values())
    assert 0 <= most - found["bytes"] < 200


def test_kafka_39(inventory: Any) -> None:
    inventory.set("all", kafka_version="3.9.2", kafka_log_levels={"kafka.server": "DEBUG", "a.B$": "error"})
    found = log_config(inventory.model(), "broker-1")
    lines = found["content"].splitlines()
    assert (found["file"], found["bytes"]) == ("log4j.properties", 6 * 11 * (100 << 20) + JVM)
    for expected in (
        "log4j.rootLogger=INFO, KafkaAppender, STDOUT",
        "log4j.appender.STDOUT.Threshold=WARN",
        "log4j.appender.KafkaAppender=org.apache.log4j.RollingFileAppender",
        "log4j.appender.KafkaAppender.File=${kafka.logs.dir}/server.log",
        "log4j.appender.KafkaAppender.MaxFileSize=103809024",
        "log4j.appender.KafkaAppender.MaxBackupIndex=10",
        "log4j.appender.KafkaAppender.layout.ConversionPattern=[%d{yyyy-MM-dd'T'HH:mm:ss,SSSXXX}] %p %m (%c)%n",
        "log4j.logger.kafka.server=DEBUG",
        "log4j.logger.kafka.cluster=INHERITED",
        "log4j.logger.a.B$=ERROR",
        "log4j.logger.kafka.request.logger=WARN, RequestAppender",
        "log4j.additivity.kafka.request.logger=false",
        f"log4j.logger.{OLD_CLEANER}=INFO, CleanerAppender",
    ):
        assert expected in lines
    assert len(lines) == len(set(lines))
    assert f"log4j.logger.{found['marker']}=INHERITED" in lines


MARKED = [
    ("4.3.1", {"kafka_log_levels": {"kafka.server": "DEBUG"}}, True),
    ("4.3.1", {"kafka_log_file_count": 5}, True),
    ("4.3.1", {"kafka_heap": "2g"}, False),
    ("3.9.2", {"kafka_log_levels": {"kafka.server": "DEBUG", "a.B": "INFO"}}, False),
    ("3.9.2", {"kafka_log_file_count": 5}, True),
]


@pytest.mark.parametrize(("version", "variables", "new"), MARKED)
def test_marker_of_what_a_process_has_loaded(
    inventory: Any, version: str, variables: dict[str, Any], new: bool
) -> None:
    """A new one where a running process lives by something else: of 3.9 levels are set live, its appenders are not."""
    before = log_config(inventory.set("all", kafka_version=version).model(), "broker-1")["marker"]
    after = log_config(inventory.set("all", **variables).model(), "broker-1")["marker"]
    assert (before != after) is new


@pytest.mark.parametrize(("size", "written"), [("1GB", "1063004405"), ("1024KB", "1032192"), ("1500 kb", "1519616")])
def test_size(inventory: Any, size: str, written: str) -> None:
    inventory.set("all", kafka_log_file_size=size)
    assert configuration(inventory)["Appenders"]["RollingFile"][0]["SizeBasedTriggeringPolicy"] == {"size": written}


def test_same_input_same_text(inventory: Any) -> None:
    levels = {"b": "INFO", "a": "DEBUG"}
    first = log_config(inventory.set("all", kafka_log_levels=levels).model(), "broker-1")
    again = log_config(inventory.set("all", kafka_log_levels=dict(reversed(levels.items()))).model(), "broker-1")
    assert first == again


def test_unknown_host(inventory: Any) -> None:
    found = log_config(inventory.model(), "nobody")
    assert (found["file"], found["content"], found["loggers"], found["bytes"]) == ("", "", {}, 0)
    assert [one["why"] for one in found["problems"]] == ["not a Kafka host of this inventory"]


def test_plugin() -> None:
    assert FilterModule().filters() == {"log_config": log_config}
