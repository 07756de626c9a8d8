"""The rules land only when the agent takes them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.kraftops.kafka.plugins.modules import jmx_rules

NOBODY = "http://127.0.0.1:1/metrics"
OLD, NEW = "rules: []\n", "lowercaseOutputName: true\nrules: []\n"


def arguments(path: Path, url: str, content: str = NEW) -> dict[str, Any]:
    return {
        "path": str(path),
        "content": content,
        "rules": yaml.safe_load(content),
        "agent_url": url,
        "timeout": 1,
        "owner": str(os.getuid()),
        "group": str(os.getgid()),
    }


class Agent:
    """Answers as the agent does: it reads the file at a scrape."""

    def __init__(self, path: Path, takes: str) -> None:
        self.path, self.takes = path, takes
        self.loaded = path.read_text(encoding="utf-8")
        self.success = self.failure = 0

    def __call__(self, _request: Any) -> tuple[int, str]:
        text = self.path.read_text(encoding="utf-8")
        if text != self.loaded and self.takes != "nothing":
            self.loaded = text
            if self.takes == "all" or text == OLD:
                self.success += 1
            else:
                self.failure += 1
        counters = (
            f"jmx_config_reload_failure_total {self.failure}.0\njmx_config_reload_success_total {self.success}.0\n"
        )
        return 200, counters


def test_without_an_agent_the_file_is_only_written(run_module: Any, tmp_path: Path) -> None:
    path = tmp_path / "etc" / "rules.yml"
    first = run_module(jmx_rules.main, arguments(path, NOBODY))
    assert (first["changed"], first["proof"]) == (True, "no agent answers: the next start of Kafka loads the rules")
    assert path.read_text(encoding="utf-8") == NEW
    second = run_module(jmx_rules.main, arguments(path, NOBODY))
    assert (second["changed"], second["proof"]) == (False, "unchanged")


def test_check_mode_writes_nothing_and_shows_the_difference(run_module: Any, tmp_path: Path) -> None:
    path = tmp_path / "rules.yml"
    result = run_module(jmx_rules.main, arguments(path, NOBODY), check=True)
    assert result["changed"]
    assert result["diff"]["after"] == NEW
    assert not path.exists()


def test_a_reload_is_proven(run_module: Any, tmp_path: Path, web: Any) -> None:
    path = tmp_path / "rules.yml"
    path.write_text(OLD, encoding="utf-8")
    web.answer = Agent(path, "all")
    result = run_module(jmx_rules.main, arguments(path, f"{web.url}/metrics"))
    assert (result["changed"], result["proof"]) == (True, "the agent reloaded the rules")


@pytest.mark.parametrize(
    ("takes", "reason"),
    [
        ("old", "the agent could not load them (its process log says why)"),
        ("nothing", "the agent did not report a reload within 1 s"),
    ],
)
def test_rules_that_do_not_load_are_taken_back(
    run_module: Any, tmp_path: Path, web: Any, takes: str, reason: str
) -> None:
    path = tmp_path / "rules.yml"
    path.write_text(OLD, encoding="utf-8")
    web.answer = Agent(path, takes)
    result = run_module(jmx_rules.main, arguments(path, f"{web.url}/metrics"))
    assert result["failed"]
    assert result["msg"] == f"{path}: the new rules were taken back: {reason}."
    assert path.read_text(encoding="utf-8") == OLD


def test_something_else_on_the_port_is_no_agent(run_module: Any, tmp_path: Path, web: Any) -> None:
    web.answer = lambda _request: (200, "go_goroutines 1\n")
    result = run_module(jmx_rules.main, arguments(tmp_path / "rules.yml", f"{web.url}/metrics"))
    assert result["proof"] == "no agent answers: the next start of Kafka loads the rules"


def test_wrong_rules_are_refused_before_anything_is_written(run_module: Any, tmp_path: Path) -> None:
    path = tmp_path / "rules.yml"
    result = run_module(jmx_rules.main, arguments(path, NOBODY, "rulez: []\n"))
    assert result["msg"] == f"{path}: the rules are wrong, nothing was written: rulez: not a key of the exporter"
    assert not path.exists()
