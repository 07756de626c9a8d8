"""Lines that lead to counted events lead to the search as well, where there is one."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.kraftops.kafka.plugins.filter.logs_link import FilterModule, logs_link

COUNTED = {"title": "Log events", "url": "/d/kafka-logs?var-host=x"}
OTHER = {"title": "Details", "url": "/d/kafka-brokers?x"}
URL = "https://logs.example.com/${__field.labels.instance}"


def panel(*links: Any) -> dict[str, Any]:
    """Return a panel with data links."""
    return {"title": "ü", "fieldConfig": {"defaults": {"links": list(links)} if links else {}}}


def test_links() -> None:
    board = {"panels": [panel(COUNTED), panel(OTHER), panel(), {"type": "row", "panels": [panel(COUNTED)]}]}
    text = logs_link(json.dumps(board), URL)
    first, second, third, row = json.loads(text)["panels"]
    added = {"title": "Search the logs of ${__field.labels.instance}", "url": URL, "targetBlank": True}
    assert first["fieldConfig"]["defaults"]["links"] == [COUNTED, added]
    assert (second, third) == (panel(OTHER), panel())
    assert row["panels"][0]["fieldConfig"]["defaults"]["links"] == [COUNTED, added]
    assert '"ü"' in text and text.endswith("}\n")


def test_without_an_address_nothing_changes() -> None:
    assert logs_link('{ "panels":[]}', "") == '{ "panels":[]}'


def test_plugin() -> None:
    assert FilterModule().filters() == {"logs_link": logs_link}
