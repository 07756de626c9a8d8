"""playbooks/topics.yml and balance.yml: hosts that do not answer, and variables of a wrong type. No Kafka is needed for that."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "inventories" / "example"


@pytest.mark.parametrize("playbook", ["topics", "balance"])
def test_nobody_answers(validate: Any, playbook: str) -> None:
    outcome = validate(EXAMPLE, playbook=str(ROOT / "playbooks" / f"{playbook}.yml"))
    assert outcome.code == 2
    assert "No broker of cluster orders can be reached. Nothing was asked." in outcome.output


WRONG: dict[str, tuple[dict[str, Any], list[str]]] = {
    "topics": (
        {
            "kafka_topics": [{"name": "a", "partitions": "many"}, {"partition": 3}],
            "kafka_topics_allow_delete": "perhaps",
        },
        ["partitions", "missing required arguments: name", "kafka_topics.partition", "kafka_topics_allow_delete"],
    ),
    "balance": (
        {"kafka_balance_execute": "perhaps", "kafka_balance_tolerance": "little", "kafka_balance_batch": "few"},
        ["kafka_balance_execute", "kafka_balance_tolerance", "kafka_balance_batch"],
    ),
}


@pytest.mark.parametrize("playbook", WRONG)
def test_types(validate: Any, tmp_path: Path, playbook: str) -> None:
    """The hosts are this machine, so that the playbook gets as far as the role."""
    local = tmp_path / "local.yml"
    local.write_text(f"all: {{vars: {{ansible_connection: local, ansible_python_interpreter: {sys.executable}}}}}\n")
    where = [
        "--inventory",
        str(local),
        "--extra-vars",
        '{"ansible_become": false}',
        "--extra-vars",
        json.dumps(WRONG[playbook][0]),
    ]
    outcome = validate(EXAMPLE, *where, playbook=str(ROOT / "playbooks" / f"{playbook}.yml"))
    assert outcome.code == 2
    told = " ".join(outcome.output.split())
    assert "Validation of arguments failed" in told
    assert [text for text in WRONG[playbook][1] if text not in told] == []
