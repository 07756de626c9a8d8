"""playbooks/log_levels.yml and log_report.yml where nobody can be reached: refused before, or said of every host."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "inventories/example"
NODES = ["controller-1", "controller-2", "controller-3", "broker-1", "broker-2", "broker-3"]
SIX = "controller-1, controller-2, controller-3 and 3 more"
LEVELS = "Use one of FATAL ERROR WARN INFO DEBUG TRACE"
BAD = {
    "kafka_log_level_override": {"kafka.server": "LOUD", "a;b": "INFO", "root": None},
    "kafka_log_level_ttl": "3d",
    "kafka_log_levels_serial": ["half"],
    "kafka_log_levels": {"kafka": "off"},
}
BAD_LINES = [
    "6 problems:",
    f"{SIX}: kafka_log_levels[kafka] = off: OFF cannot be set on a running node. {LEVELS}; FATAL is the quietest.",
    f"{SIX}: kafka_log_level_override[kafka.server] = LOUD: not a log level. {LEVELS}.",
    f"{SIX}: kafka_log_level_override[a;b] = INFO: not a logger name. Use the name of a package or class, such as "
    "kafka.server, or root for everything else.",
    f"{SIX}: kafka_log_level_override[root]: the root logger cannot be removed, all others inherit from it. {LEVELS}.",
    f"{SIX}: kafka_log_levels_serial = ['half']: not the sizes of steps. Use numbers of nodes or shares of all nodes, "
    "such as [1, 25%, 100%].",
    f"{SIX}: kafka_log_level_ttl = 3d: longer than kafka_log_levels_max_ttl, which is 24h. Use a shorter time, or "
    "raise kafka_log_levels_max_ttl.",
]


def path(name: str) -> str:
    return str(ROOT / "playbooks" / name)


@pytest.mark.parametrize("arguments", [[], ["--limit", "broker-2"]])
def test_bad_input_is_refused_whole_and_before_a_host_is_contacted(validate: Any, arguments: list[str]) -> None:
    done = validate(EXAMPLE, "-e", json.dumps(BAD), *arguments, playbook=path("log_levels.yml"))
    assert done.lines == BAD_LINES
    assert (done.code, done.connected) == (2, False)
    assert "The inventory has 6 problem(s), listed above. No host was contacted." in done.output


@pytest.mark.parametrize("wish", [{}, {"kafka_log_level_override": {"kafka.server": "DEBUG"}}])
def test_a_run_that_reaches_no_host_says_so_and_fails(validate: Any, wish: dict[str, Any]) -> None:
    done = validate(EXAMPLE, "-e", json.dumps(wish), playbook=path("log_levels.yml"))
    assert (done.code, done.connected) == (2, True)
    assert [name for name in NODES if f"{name}: skipped, its host does not answer" not in done.output] == []
    assert "Set the levels, step by step" not in done.output


def test_a_report_of_no_host_says_so(validate: Any, tmp_path: Path) -> None:
    written = tmp_path / "levels.json"
    done = validate(EXAMPLE, "-e", f"kafka_log_report_file={written}", playbook=path("log_report.yml"))
    assert done.code == 0, done.output
    found = json.loads(written.read_text())
    assert found["lines"] == [
        "0 of 6 nodes: every logger has its declared level, temporary ones apart",
        f"{', '.join(NODES)}: not known, its host does not answer",
    ]
    assert {name: node["answered"] for name, node in found["nodes"].items()} == dict.fromkeys(NODES, False)


@pytest.mark.parametrize("wish", [{}, {"kafka_log_level_override": {}}])
def test_hosts_that_were_never_set_up_are_skipped_step_by_step(validate: Any, wish: dict[str, Any]) -> None:
    """This machine stands in for all of them, and nothing is written: the way through all plays, on any ansible-core."""
    here = {"ansible_connection": "local", "ansible_become": False, "ansible_python_interpreter": sys.executable}
    done = validate(EXAMPLE, "--check", "-e", json.dumps({**here, **wish}), playbook=path("log_levels.yml"))
    assert (done.code, done.connected) == (2, False), done.output
    steps = done.output.split("PLAY [Set the levels, step by step]")[1:]
    assert len(steps) == 3, done.output
    # In the inventory's order: one, a quarter, the rest.
    assert [re.findall(r"\[([a-z]+-\d)\]", step)[0] for step in steps[:2]] == NODES[:2], done.output
    assert "Unexpected" not in done.output
    assert f"{len(NODES)} nodes were skipped, listed above. All others have their levels." in done.output
    if not Path("/etc/kafka").exists():
        why = "skipped, /etc/kafka/log4j2.yaml is not there; site.yml has not set up this host yet"
        assert [name for name in NODES if f"{name}: {why}" not in done.output] == [], done.output


def test_a_restart_is_wished_on_the_command_line_or_said_not_to_have_happened(validate: Any, tmp_path: Path) -> None:
    """Which plays there are is decided before an inventory counts."""
    here = {"ansible_connection": "local", "ansible_become": False, "ansible_python_interpreter": sys.executable}
    extra = tmp_path / "extra.json"
    extra.write_text(json.dumps({"all": {"vars": {"kafka_log_levels_apply": "restart"}}}))
    arguments = ("-i", str(extra), "--limit", "controller-1", "--check", "-e", json.dumps(here))
    done = validate(EXAMPLE, *arguments, playbook=path("log_levels.yml"))
    assert done.code == 2, done.output
    assert "PLAY [Lock the clusters]" not in done.output
    assert "it counts on the command line only (-e kafka_log_levels_apply=restart)" in " ".join(done.output.split())
