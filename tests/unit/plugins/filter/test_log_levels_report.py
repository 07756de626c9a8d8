"""What a run of log levels tells: why it does not start, why it stops, who was skipped, what waits."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.filter.log_levels_report import FilterModule, log_levels_report
from ansible_collections.kraftops.kafka.plugins.module_utils._log_levels_report import left

DECLARED: dict[str, Any] = {"apply": "live", "override": {}, "serial": [1], "temporary": False, "ttl": 3600}
GOOD: dict[str, Any] = {
    "answered": True,
    "set_up": True,
    "why": "",
    "version": "4.3.1",
    "loaded": True,
    "changes": [],
    "unlisted": {},
    "temporary": [],
}
DOWN = {**GOOD, "answered": False, "why": "broker-1:9092 cannot be asked: KafkaConnectionError", "loaded": None}
UNREACHABLE = {"unreachable": True, "msg": "Failed to connect to the host via ssh"}
REFUSES = {**GOOD, "why": "kafka.server is INFO, not DEBUG", "msg": "refused: kafka.server is INFO, not DEBUG"}
BROKEN = {"msg": "MODULE FAILURE", "module_stdout": "", "module_stderr": "Traceback\n  File ...\nKeyError: 'a'\n"}
SKIPPED_TASK = {"skipped": True, "skip_reason": "Conditional result was False"}
HOSTS = ["controller-1", "controller-2", "controller-3", "broker-1", "broker-2", "broker-3"]


class Run:
    """The results of a run: all good, but for what a test says of some nodes."""

    def __init__(self, inventory: Any, wish: dict[str, Any] | None = None, **all_of: Any) -> None:
        self.inventory = inventory
        self.wish = {**DECLARED, **(wish or {})}
        self.hostvars: dict[str, Any] = {}
        for name in HOSTS:
            self.hostvars[name] = {key: {**GOOD, **all_of} for key in ("__kafka_levels_read", "__kafka_levels")}

    def read(self, name: str, result: dict[str, Any]) -> Run:
        self.hostvars[name] = {"__kafka_levels_read": result}
        return self

    def set(self, name: str, result: dict[str, Any]) -> Run:
        self.hostvars[name]["__kafka_levels"] = result
        return self

    def verified(self, name: str, result: dict[str, Any]) -> Run:
        self.hostvars[name]["__kafka_levels_verified"] = result
        return self

    def tell(self, check: bool = False) -> dict[str, Any]:
        return log_levels_report(self.inventory.model(), self.hostvars, HOSTS, self.wish, check)


def test_all_is_well(inventory: Any) -> None:
    assert Run(inventory).tell() == {
        "objections": [],
        "stopped": "",
        "skipped": [],
        "notes": [],
        "lines": ["6 of 6 nodes: every logger has its declared level"],
        "reached": HOSTS,
    }


def test_a_run_of_temporary_levels_says_so(inventory: Any) -> None:
    told = Run(inventory, {"override": {}, "temporary": True}).tell()
    assert told["lines"] == ["6 of 6 nodes: every logger has its level, temporary ones included"]


def test_what_was_changed_is_told_once_with_its_nodes(inventory: Any) -> None:
    server = {"logger": "kafka.server", "from": "INFO", "to": "DEBUG", "temporary": False}
    new = {"logger": "a.B", "from": None, "to": "TRACE", "temporary": False}
    run = Run(inventory)
    for name in HOSTS:
        several = [server, new] if name == "broker-3" else [server]
        run.read(name, {**GOOD, "changes": several}).set(name, {**GOOD, "changed": True}).verified(name, GOOD)
    run.verified("broker-2", DOWN)
    assert run.tell()["lines"] == [
        "5 of 6 nodes: every logger has its declared level",
        "controller-1, controller-2, controller-3 and 2 more: kafka.server INFO -> DEBUG",
        "broker-3: a.B not there -> TRACE",
        "broker-2: skipped, broker-1:9092 cannot be asked: KafkaConnectionError; its file holds the levels for its next start",
    ]


def test_check_mode_says_what_would_change_and_judges_no_file_that_is_not_written(inventory: Any) -> None:
    server = {"logger": "kafka.server", "from": "INFO", "to": "DEBUG", "temporary": False}
    would = {
        **GOOD,
        "changed": True,
        "changes": [server],
        "file_changed": True,
        "loaded": False,
        "unlisted": {"a.B": []},
    }
    run = (
        Run(inventory, changed=False).read("broker-1", would).set("broker-1", would).verified("broker-1", SKIPPED_TASK)
    )
    assert run.tell(check=True)["lines"] == [
        "check mode: 1 of 6 nodes would change",
        "broker-1: kafka.server INFO -> DEBUG",
        "broker-1: a.B is not there yet, it comes with the file",
    ]
    inventory.set("all", kafka_version="3.9.2")
    assert run.tell(check=True)["lines"][2:] == [
        "broker-1: a.B pending restart, the running process has no such logger"
    ]


def test_another_version_is_refused(inventory: Any) -> None:
    run = Run(inventory).read("broker-2", {**GOOD, "version": "3.9.2"}).read("broker-3", {**GOOD, "version": ""})
    assert run.tell()["objections"] == [
        "broker-2: kafka_version = 4.3.1: Kafka 3.9.2 runs there. Restart it with the version that is declared "
        "(site.yml), or declare the one that runs."
    ]
    assert (
        Run(inventory, {"override": {"kafka": "DEBUG"}, "temporary": True}, version="3.9.2").tell()["objections"] == []
    )


def test_a_node_that_cannot_be_read_is_an_objection(inventory: Any) -> None:
    told = Run(inventory).read("broker-1", {**GOOD, "why": "Unexpected node id."}).tell()
    assert told["objections"] == ["broker-1: its levels cannot be read: Unexpected node id."]


def test_a_host_on_which_nothing_runs_is_skipped(inventory: Any) -> None:
    told = Run(inventory).read("broker-1", BROKEN).tell()
    assert told["objections"] == []
    assert told["skipped"] == ["broker-1: skipped, its host cannot be asked: MODULE FAILURE: KeyError: 'a'"]
    assert "broker-1" not in told["reached"]


def test_logs_that_their_file_system_cannot_hold_are_refused_with_the_levels(inventory: Any) -> None:
    """The file that brings the levels also says how large the logs may grow."""
    disk = {"path": "/var/log/kafka", "mountpoint": "/var/log", "size_bytes": 100 * 10**9, "journal_bytes": 4 * 10**9}
    inventory.set("all", kafka_log_file_size="1GB")
    for wish, number in ({}, 1), ({"override": {"kafka": "DEBUG"}, "temporary": True}, 0):
        run = Run(inventory, wish, log_filesystem={**disk, "size_bytes": 10**12})
        run.read("broker-1", {**GOOD, "log_filesystem": disk}).read("broker-2", {**DOWN, "log_filesystem": disk})
        run.read("broker-3", UNREACHABLE)
        assert len(run.tell()["objections"]) == number
        assert [line.partition(" (")[0] for line in run.tell()["objections"]] == [
            "broker-1, broker-2: kafka_app_log_dir = /var/log/kafka: the logs can take 76.2 GB"
        ] * number


def test_temporary_levels_of_loggers_that_are_nowhere(inventory: Any) -> None:
    wish = {"override": {"kafka.sever": "TRACE", "zzz": "DEBUG", "kafka.server.Replica": "INFO"}, "temporary": True}
    everywhere = {"kafka.sever": ["kafka.server"], "zzz": []}
    run = Run(inventory, wish, unlisted={**everywhere, "kafka.server.Replica": []})
    run.read("broker-1", {**GOOD, "unlisted": {**everywhere, "kafka.sever": ["kafka.server", "kafka.log"]}})
    run.read("broker-2", DOWN).read("broker-3", UNREACHABLE)
    why = "no node of this run has such a logger, and a temporary level makes none"
    assert run.tell()["objections"] == [
        f"kafka_log_level_override[kafka.sever] = TRACE: {why}. The most similar: kafka.server, kafka.log.",
        f"kafka_log_level_override[zzz] = DEBUG: {why}. Declare it in kafka_log_levels to make it.",
    ]


def test_nobody_answers(inventory: Any) -> None:
    run = Run(inventory, {"override": {"kafka": "DEBUG"}, "temporary": True})
    for name in HOSTS:
        run.read(name, UNREACHABLE)
    told = run.tell()
    assert (told["objections"], told["reached"]) == ([], [])
    assert told["skipped"] == [f"{name}: skipped, its host does not answer" for name in HOSTS]


@pytest.mark.parametrize(
    ("result", "why"), [(REFUSES, "kafka.server is INFO, not DEBUG"), (BROKEN, "MODULE FAILURE: KeyError: 'a'")]
)
def test_a_node_that_refuses_stops_the_run(inventory: Any, result: dict[str, Any], why: str) -> None:
    run = Run(inventory).set("controller-2", DOWN).set("controller-3", result)
    for name in HOSTS[4:]:
        run.read(name, GOOD)
    told = run.tell()
    assert told["stopped"] == (
        f"controller-3 refused: {why}. These have the levels: controller-1, broker-1; these have not: controller-3, "
        "controller-2, broker-2, broker-3. No further node was changed."
    )


def test_a_node_that_is_down_is_skipped_and_has_its_file(inventory: Any) -> None:
    run = Run(inventory).set("broker-1", DOWN).read("broker-2", UNREACHABLE)
    told = run.tell()
    assert told["stopped"] == ""
    assert told["reached"] == [name for name in HOSTS if name != "broker-2"]
    assert told["lines"] == [
        "4 of 6 nodes: every logger has its declared level",
        "broker-1: skipped, broker-1:9092 cannot be asked: KafkaConnectionError; its file holds the levels for its next start",
        "broker-2: skipped, its host does not answer",
    ]
    assert told["skipped"] == told["lines"][1:]
    told = Run(inventory).set("broker-1", {**DOWN, "set_up": False}).tell()
    assert told["skipped"] == ["broker-1: skipped, broker-1:9092 cannot be asked: KafkaConnectionError"]
    told = Run(inventory, {"override": {"kafka": "DEBUG"}, "temporary": True}).set("broker-1", DOWN).tell()
    assert told["skipped"] == ["broker-1: skipped, broker-1:9092 cannot be asked: KafkaConnectionError"]


def test_the_last_look_counts_where_there_was_one(inventory: Any) -> None:
    run = Run(inventory).verified("broker-1", DOWN).verified("broker-2", SKIPPED_TASK)
    assert run.tell()["lines"][0] == "5 of 6 nodes: every logger has its declared level"


def test_loggers_that_are_not_there(inventory: Any) -> None:
    run = Run(inventory)
    for name in HOSTS[:3]:
        run.set(name, {**GOOD, "unlisted": {"a.B": [], "kafka.server.ReplicaManager": []}})
    run.set("broker-1", {**GOOD, "unlisted": {"a.B": [], "c.D": []}})
    for name in HOSTS[4:]:
        run.set(name, {**GOOD, "unlisted": {"a.B": []}})
    pending = "pending restart, the running process has no such logger"
    assert run.tell()["notes"] == [
        f"controller-1, controller-2, controller-3 and 3 more: a.B {pending}",
        f"broker-1: c.D {pending}",
        "controller-1, controller-2, controller-3: kafka.server.ReplicaManager skipped, only a broker has it",
    ]


@pytest.mark.parametrize(
    ("version", "text"),
    [
        (
            "4.3.1",
            "the process does not watch its log configuration: levels are set live, the rest comes with the next restart",
        ),
        ("3.9.2", "its log files change with the next restart, its levels are set live"),
    ],
)
def test_a_file_that_is_not_loaded(inventory: Any, version: str, text: str) -> None:
    inventory.set("all", kafka_version=version)
    run = Run(inventory, version=version).set("broker-1", {**GOOD, "version": version, "loaded": False})
    assert run.tell()["notes"] == [f"broker-1: {text}"]


def test_temporary_levels_are_told_with_the_time_that_they_have_left(inventory: Any) -> None:
    one = {"logger": "kafka.server", "level": "DEBUG", "remaining_seconds": 1790}
    later = {**one, "remaining_seconds": 1780}
    run = Run(inventory).set("broker-1", {**GOOD, "temporary": [one]}).set("broker-2", {**GOOD, "temporary": [later]})
    assert run.tell()["notes"] == [
        "broker-1, broker-2: kafka.server DEBUG, temporary, 29 min left",
        "temporary levels end by themselves, and with a restart of Kafka",
    ]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (599, "9 min 59 s"), (601, "10 min"), (7384, "2 h 3 min")],
)
def test_left(seconds: int, text: str) -> None:
    assert left(seconds) == text


def test_plugin() -> None:
    assert FilterModule().filters() == {"log_levels_report": log_levels_report}
