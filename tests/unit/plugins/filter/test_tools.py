"""The filter tools."""

from __future__ import annotations

from typing import Any

from ansible_collections.kraftops.kafka.plugins.filter.tools import FilterModule
from ansible_collections.kraftops.kafka.plugins.module_utils._tools import tool_files


def test_tools(fleet: Any) -> None:
    fleet.model["clusters"]["orders"]["bootstrap"] = ["broker-1:9092"]
    result = FilterModule().filters()["tools"](fleet.model, "broker-1", "/opt/jdk/bin/java")
    node, cluster = fleet.model["nodes"]["broker-1"], fleet.model["clusters"]["orders"]
    assert result == {"problems": [], "warnings": [], "files": tool_files(node, cluster, "/opt/jdk/bin/java")}
    assert "exec /opt/jdk/bin/java " in result["files"][1]["content"]
    assert "connection='--bootstrap-server broker-1:9092'" in result["files"][1]["content"]
