"""Log levels of the cluster under test: what the nodes live by, the lines that they write, and runs that change levels."""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.lab.live import Live, Play, playbook
from tests.lab.wire import Wire

LOGS = "/var/log/kafka"


def declare(levels: dict[str, str]) -> tuple[str, str]:
    """Arguments that declare levels for the cluster."""
    return "-e", json.dumps({"kafka_log_levels": levels})


def override(levels: dict[str, str], ttl: str = "10m") -> tuple[str, str]:
    """Arguments that set levels for some time."""
    return "-e", json.dumps({"kafka_log_level_override": levels, "kafka_log_level_ttl": ttl})


def log_levels(*arguments: str, more: Path | None = None) -> Play:
    """Run the playbook that changes levels; `more` is an inventory that is read after the usual ones."""
    env = {"ANSIBLE_INVENTORY": f"{os.environ['ANSIBLE_INVENTORY']},{more}"} if more else None
    return playbook("playbooks/log_levels.yml", *arguments, env=env)


def report(folder: Any, *arguments: str) -> tuple[Play, dict[str, Any]]:
    """Run the playbook that reports levels; return its run and what it wrote as JSON."""
    path = folder / "levels.json"
    play = playbook("playbooks/log_report.yml", "-e", f"kafka_log_report_file={path}", *arguments)
    assert play.code == 0, play.output
    found: dict[str, Any] = json.loads(path.read_text())
    return play, found


def effective(live: Live, loggers: Iterable[str], nodes: Iterable[str] | None = None) -> dict[str, dict[str, str]]:
    """The levels that nodes live by: {node: {logger: level}}; a logger that is not there is left out."""
    wanted = list(loggers)
    found = {}
    for name in nodes or live.nodes:
        node = live.nodes[name]
        with Wire(node.address) as wire:
            levels = wire.log_levels(node.node_id)
        found[name] = {logger: levels[logger] for logger in wanted if logger in levels}
    return found


def alike(names: Iterable[str], levels: dict[str, str]) -> dict[str, dict[str, str]]:
    """What `effective` returns when all nodes live by the same levels."""
    return dict.fromkeys(names, levels)


def lines(live: Live, level: str, logger: str, file: str, nodes: Iterable[str] | None = None) -> dict[str, int]:
    """How many lines of a level a logger and those below it have written to a log since the nodes were set up."""
    pattern = rf"\] {level} .*\({re.escape(logger)}[.A-Za-z0-9$_]*\)$"
    command = f"grep -hcE '{pattern}' {LOGS}/{file} || true"
    return {name: int(text) for name, text in live.everywhere(command, nodes or live.nodes).items()}


def set_by_hand(live: Live, levels: dict[str, dict[str, str]]) -> None:
    """Change loggers of nodes with Kafka's own tool, each on its own host: {node: {logger: level}}."""
    tool = "kafka-configs --alter --entity-type broker-loggers --entity-name {} --add-config {}"
    words = {name: ",".join(f"{logger}={level}" for logger, level in some.items()) for name, some in levels.items()}
    live.at_once({name: tool.format(live.nodes[name].node_id, words[name]) for name in levels})


class Watch:
    """Looks at one logger of all nodes, several times a second, and remembers when each had a level first."""

    def __init__(self, live: Live, logger: str, level: str) -> None:
        self.nodes, self.logger, self.level = live.nodes, logger, level
        self.since: dict[str, float] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Watch:
        """Begin."""
        self.started = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_ended: object) -> None:
        """End."""
        self._stop.set()
        self._thread.join()

    def last(self) -> float:
        """Seconds from the beginning until the last node had the level."""
        assert set(self.since) == set(self.nodes), self.since
        return max(self.since.values()) - self.started

    def _watch(self) -> None:
        with ExitStack() as stack:
            wires = {name: stack.enter_context(Wire(node.address)) for name, node in self.nodes.items()}
            while not self._stop.wait(0.3):
                for name in set(wires) - set(self.since):
                    if wires[name].log_levels(self.nodes[name].node_id).get(self.logger) == self.level:
                        self.since[name] = time.monotonic()
