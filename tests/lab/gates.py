"""The gates, asked on a host as a roll asks them, and what one evaluation costs."""

from __future__ import annotations

import json
import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._gates import Question, Target
from ansible_collections.kraftops.kafka.plugins.module_utils._health import BEFORE, Peers, Probe
from tests.lab.live import PLAIN, ROOT, Live, Node
from tests.lab.wire import library

# So many at a time; each is a process of Ansible.
AT_ONCE = 3


def in_question(node: Node, **more: Any) -> dict[str, Any]:
    """A node in question."""
    return {"node_id": node.node_id, "roles": [node.role], **more}


def asked(node: Node) -> dict[str, Any]:
    """A node that may be asked, as the hosts reach it."""
    return {"node_id": node.node_id, "address": f"{node.name}:{node.address.rsplit(':', 1)[1]}"}


def gate(live: Live, host: str, **options: Any) -> dict[str, Any]:
    """What cluster_health says on a host; whom it may ask are all nodes, unless the options say it."""
    everybody = {
        "brokers": [asked(node) for node in live.brokers],
        "controllers": [asked(node) for node in live.controllers],
    }
    command = ["ansible", host, "-m", "kraftops.kafka.cluster_health", "-a", json.dumps({**everybody, **options})]
    environment = {**os.environ, **PLAIN, "ANSIBLE_CALLBACK_RESULT_FORMAT": "json"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout.partition("=>")[2])
    return found


def gates(live: Live, host: str, questions: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The answers to several questions."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(questions, pool.map(lambda options: gate(live, host, **options), questions.values())))


def evaluation(live: Live) -> tuple[float, int]:
    """The CPU seconds of one evaluation about the first broker, with its connection; and how many partitions it looked at."""
    peers = Peers({node.node_id: node.address for node in live.brokers}, {}, library=library())
    began = time.process_time()
    with Probe(peers, Question((Target(live.brokers[0].node_id),))) as probe:
        now = probe.sample()
        probe.judge(BEFORE, now, None)
    return time.process_time() - began, len(now.snapshot.partitions)
