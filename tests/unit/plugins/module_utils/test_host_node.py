"""What a host knows of its own node."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._host_node import HostNode, host_node, invocation


@pytest.mark.parametrize(
    ("broker", "controller", "address"),
    [("b:9092", "", "b:9092"), ("", "c:9093", "c:9093"), ("b:9092", "b:9093", "b:9092")],
)
def test_node(tmp_path: Path, broker: str, controller: str, address: str) -> None:
    facts = {"name": "n-1", "node_id": 11, "cluster": "orders", "broker": broker, "controller": controller}
    (tmp_path / "node.json").write_text(json.dumps(facts))
    node = host_node(str(tmp_path / "node.json"))
    assert node == HostNode("n-1", 11, "orders", broker, controller)
    assert node.address == address


def test_one_start_and_another(tmp_path: Path) -> None:
    link = tmp_path / "invocation:kafka.service"
    assert invocation(str(link)) == ""
    link.symlink_to("5f1c")
    assert invocation(str(link)) == "5f1c"
