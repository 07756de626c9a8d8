"""Reading what a start has kept: Java's formats, digests, secrets, and the unit against systemd and its file."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Optional

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _loaded_state as loaded
from ansible_collections.kraftops.kafka.plugins.module_utils._difference import digest

A, B = "a" * 64, "b" * 64


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=1\nb=2\n", {"a": "1", "b": "2"}),
        ("# a=1\n! b=2\n\n   c=3", {"c": "3"}),
        ("a = 1\nb: 2\nc 3\nd", {"a": "1", "b": "2", "c": "3", "d": ""}),
        ("a=1\na=2", {"a": "2"}),
        ("a=x,\\\n    y\nb=2", {"a": "x,y", "b": "2"}),
        ("a=x\\\\\nb=2", {"a": "x\\", "b": "2"}),
        ("a=1\\", {"a": "1"}),
        ("a\\=b=c=d", {"a=b": "c=d"}),
        ("a=\\u00e9\\t\\n\\:", {"a": "é\t\n:"}),
        ("a=1\r\nb=2\r", {"a": "1", "b": "2"}),
        ("a=#1", {"a": "#1"}),
        ("", {}),
    ],
)
def test_properties(text: str, expected: dict[str, str]) -> None:
    assert loaded.parse_properties(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-server\n-Xmx1g\n", ["-server", "-Xmx1g"]),
        ("# comment -x\n-a # more\n-b", ["-a", "-b"]),
        ('"-Da=b c" -d', ["-Da=b c", "-d"]),
        ("-Da='b c' -d", ["-Da=b c", "-d"]),
        (r'"a\\b\tc" a\b', ["a\\b\tc", r"a\b"]),
        ("-Xlog:gc*:file=/x#y", ["-Xlog:gc*:file=/x#y"]),
        ("-cp\n/opt/kafka/libs/*", ["-cp", "/opt/kafka/libs/*"]),
    ],
)
def test_options(text: str, expected: list[str]) -> None:
    assert loaded.parse_options(text) == expected


LOG4J2 = """\
---
Configuration:
  monitorInterval: 5
  Appenders:
    Console:
      name: "STDOUT"
      ThresholdFilter:
        level: "WARN"
  Loggers:
    Root:
      level: "INFO"
      AppenderRef:
        - ref: "KafkaAppender"
    Logger:
      - name: "kafka.request.logger"
        level: "WARN"
        additivity: false
      - name: "kafka.server"
"""


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("log4j2.yaml", LOG4J2, {"root": "INFO", "kafka.request.logger": "WARN"}),
        (
            "log4j.properties",
            "log4j.rootLogger=INFO, K\nlog4j.logger.kafka=DEBUG\nlog4j.logger.x=WARN, X\nlog4j.additivity.x=false\n",
            {"root": "INFO", "kafka": "DEBUG", "x": "WARN"},
        ),
        ("log4j2.yaml", "", {}),
    ],
)
def test_loggers(file: str, text: str, expected: dict[str, str]) -> None:
    assert loaded.parse_loggers(file, text) == expected


def test_state() -> None:
    text = "invocation=x\nclass_path=/a=b/*\nsha256:/opt/a=b.jar=12\nnonsense\n"
    assert loaded.parse_state(text) == ({"invocation": "x", "class_path": "/a=b/*"}, {"/opt/a=b.jar": "12"})


def unit_text(description: str) -> str:
    """Return a unit's text with its digest in it, as the role writes it."""
    text = f"[Unit]\nDescription={description}\n[Service]\nEnvironment=KAFKA_UNIT_DIGEST=@digest@\n"
    return text.replace("@digest@", hashlib.sha256(text.encode()).hexdigest())


def test_a_text_carries_its_own_digest() -> None:
    text = unit_text("one")
    assert loaded.carried(text) == loaded.text_digest(text)
    assert loaded.carried(text) != loaded.text_digest(text.replace("one", "two"))
    assert loaded.carried("[Unit]\n") == ""
    assert loaded.carried(f"LANG=C\nKAFKA_UNIT_DIGEST={A}\nHOME=/") == A


def test_secrets_are_digests(tmp_path: Path) -> None:
    (tmp_path / "server.properties").write_text("node.id=11\nssl.key.password=planted\nsasl.x=a password=planted\n")
    (tmp_path / "jvm.options").write_text("-Xmx1g\n-Djavax.net.ssl.keyStorePassword=planted\n")
    (tmp_path / "log4j2.yaml").write_text(LOG4J2)
    found = loaded.read_loaded(str(tmp_path), reveal=False)
    assert "planted" not in str(found)
    assert found["properties"]["node.id"] == "11"
    assert found["properties"]["ssl.key.password"] == digest("ssl.key.password", "planted")
    assert found["jvm_options"][0] == "-Xmx1g"
    assert found["log_config"]["file"] == "log4j2.yaml"
    revealed = loaded.read_loaded(str(tmp_path), reveal=True)
    assert revealed["properties"]["ssl.key.password"] == "planted"
    assert revealed["jvm_options"][1] == "-Djavax.net.ssl.keyStorePassword=planted"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    found = loaded.read_loaded(str(tmp_path / "none"), reveal=False)
    assert (found["invocation"], found["properties"], found["log_config"]["file"]) == ("", {}, "")
    assert found["need_daemon_reload"] == "unknown"


class Unit:
    """A unit's file in a folder, what the start has recorded of it, and what systemd says."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "kafka.service"
        self.drop_in = folder / "kafka.service.d" / "a.conf"
        self.drop_in.parent.mkdir()
        self.file.write_text(unit_text("one"))
        self.shown = {"MainPID": "7", "NeedDaemonReload": "no", "FragmentPath": str(self.file), "DropInPaths": ""}
        self.reload()
        self.start()

    def reload(self) -> None:
        digest_in_file = loaded.carried(self.file.read_text())
        self.shown["Environment"] = f"LANG=C KAFKA_UNIT_DIGEST={digest_in_file}"
        # What concerns all services of the host is no business of this unit.
        self.shown["DropInPaths"] = f"/run/x/service.d/a.conf {self.drop_in if self.drop_in.exists() else ''}"
        self.shown["NeedDaemonReload"] = "no"

    def start(self) -> None:
        files = {str(path): loaded.file_digest(str(path)) for path in (self.file, self.drop_in) if path.exists()}
        self.process = self.shown["Environment"].replace(" ", "\n")
        need = self.shown["NeedDaemonReload"]
        carried = loaded.carried(self.process)
        self.loaded: Optional[dict[str, Any]] = {"files": files, "need_daemon_reload": need, "unit_digest": carried}

    def edit(self) -> None:
        self.file.write_text(unit_text("two"))
        self.shown["NeedDaemonReload"] = "yes"

    def add_drop_in(self) -> None:
        self.drop_in.write_text("[Service]\nNice=5\n")
        self.shown["NeedDaemonReload"] = "yes"

    def remove_drop_in(self) -> None:
        self.drop_in.unlink()
        self.shown["NeedDaemonReload"] = "yes"

    def edit_by_hand(self) -> None:
        self.file.write_text(self.file.read_text().replace("one", "two"))
        self.shown["NeedDaemonReload"] = "yes"

    def lose_copies(self) -> None:
        self.loaded = None

    def stop(self) -> None:
        self.shown["MainPID"] = "0"


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    return Unit(tmp_path)


UNREAD = "systemd has not read the unit's files since they were changed"
OLDER = "systemd started the process by an older text than the unit's files held"
OTHER = "the unit's text is not the one that the process was started by"


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("", []),
        ("edit", [UNREAD, OTHER, "changed since the start: {file}"]),
        ("edit start", [UNREAD, OLDER, OTHER]),
        ("edit start reload", [OLDER, OTHER]),
        ("edit reload", [OTHER, "changed since the start: {file}"]),
        ("edit reload start", []),
        ("add_drop_in", [UNREAD, "changed since the start: {drop_in}"]),
        ("add_drop_in start", [UNREAD, OLDER]),
        ("add_drop_in start reload", [OLDER]),
        ("add_drop_in reload", ["changed since the start: {drop_in}"]),
        ("add_drop_in reload start", []),
        ("add_drop_in reload start remove_drop_in reload", ["changed since the start: {drop_in}"]),
        ("edit_by_hand reload", ["changed since the start: {file}"]),
        ("edit lose_copies", [UNREAD, OTHER]),
        ("edit stop", []),
    ],
)
def test_the_unit_tells_the_truth(unit: Unit, steps: str, expected: list[str]) -> None:
    for step in steps.split():
        getattr(unit, step)()
    result = loaded.unit_state(unit.loaded, unit.shown, unit.process)
    assert result["pending"] == [text.format(file=unit.file, drop_in=unit.drop_in) for text in expected]


def test_a_unit_that_was_edited_by_hand(unit: Unit) -> None:
    assert loaded.unit_state(unit.loaded, unit.shown, unit.process)["file_edited"] is False
    unit.edit_by_hand()
    assert loaded.unit_state(unit.loaded, unit.shown, unit.process)["file_edited"] is True


def test_where_the_environment_cannot_be_read(unit: Unit) -> None:
    unit.process = "KAFKA_UNIT_DIGEST=" + B
    assert loaded.unit_state(unit.loaded, unit.shown, unit.process)["digest"]["process"] == B
    assert unit.loaded is not None
    assert loaded.unit_state(unit.loaded, unit.shown, None)["digest"]["process"] == unit.loaded["unit_digest"]
    assert loaded.unit_state(None, unit.shown, None)["digest"]["process"] == ""


def test_changed_files(unit: Unit, tmp_path: Path) -> None:
    agent, store = tmp_path / "agent.jar", tmp_path / "store.p12"
    agent.write_text("1")
    store.write_text("1")
    assert unit.loaded is not None
    unit.loaded["files"].update({str(path): loaded.file_digest(str(path)) for path in (agent, store)})
    unit.edit()
    assert loaded.changed_files(unit.loaded, str(unit.file)) == []
    agent.write_text("2")
    store.unlink()
    assert loaded.changed_files(unit.loaded, str(unit.file)) == [str(agent), str(store)]


OPTIONS = "-server\n-cp\n/opt/kafka/kafka-4.3.0/libs/*\n"


@pytest.mark.parametrize(
    ("running", "state", "options", "expected"),
    [
        (True, "kafka_version=4.2.1\n", OPTIONS, "4.2.1"),
        (True, "kafka_version=\n", OPTIONS, "4.3.0"),
        (True, "", OPTIONS, "4.3.0"),
        (False, "kafka_version=4.2.1\n", OPTIONS, "4.3.0"),
        (True, "", "-cp\n/srv/own/libs/*\n", ""),
        (True, "", "", ""),
    ],
)
def test_the_version_that_runs(tmp_path: Path, running: bool, state: str, options: str, expected: str) -> None:
    (tmp_path / "state").write_text(state)
    (tmp_path / "jvm.options").write_text(options)
    assert loaded.kafka_version(running, str(tmp_path), str(tmp_path)) == expected


LOG4J = """\
log4j.rootLogger=INFO, stdout, kafka
log4j.appender.kafka=org.apache.log4j.RollingFileAppender
log4j.appender.kafka.MaxFileSize=100MB
log4j.logger.kafka.controller=TRACE, controller
log4j.additivity.kafka.controller=false
log4j.logger.state.change=DEBUG
"""


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("=INFO, stdout", "=DEBUG,stdout", True),
        ("TRACE, controller", "INFO, controller", True),
        ("state.change=DEBUG", "state.change=WARN", True),
        ("log4j.logger.state.change=DEBUG\n", "", True),
        ("log4j.rootLogger", "# a comment\nlog4j.rootLogger", True),
        ("stdout, kafka", "stdout", False),
        ("TRACE, controller", "TRACE, controller, kafka", False),
        ("100MB", "10MB", False),
        ("=false", "=true", False),
    ],
)
def test_appenders_count_and_levels_do_not(old: str, new: str, same: bool) -> None:
    assert old in LOG4J
    first, other = (loaded.appenders_digest("log4j.properties", text) for text in (LOG4J, LOG4J.replace(old, new)))
    assert len(first) == 64
    assert (first == other) is same


@pytest.mark.parametrize(("file", "text"), [("log4j2.yaml", "a: 1"), ("log4j.properties", ""), ("", "")])
def test_no_appenders_to_count(file: str, text: str) -> None:
    assert loaded.appenders_digest(file, text) == ""


def test_dynamic_keys(tmp_path: Path) -> None:
    assert loaded.read_dynamic_keys(str(tmp_path)) == []
    (tmp_path / "dynamic-keys").write_text("# Ansible managed\n# ours\n\nb.c\n a.b \n")
    assert loaded.read_dynamic_keys(str(tmp_path)) == ["b.c", "a.b"]
