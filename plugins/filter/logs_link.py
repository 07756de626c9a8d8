# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter plugin: logs_link."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

DOCUMENTATION = r"""
name: logs_link
short_description: Add to a dashboard the way to where logs can be searched
version_added: 0.1.0
author: The kraftops.kafka maintainers (@kraftops)
description:
  - Every line of a node in the collection's dashboards leads to the counted events of that node. This adds a second way, to their text.
  - Without an address the dashboard stays byte for byte what it is.
positional: url
options:
  _input:
    description: The JSON of a dashboard.
    type: str
    required: true
  url:
    description: The address, with Grafana's own placeholders such as C(${__field.labels.instance}) and C(${__from:date:iso}).
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show a dashboard whose lines lead to a search
  ansible.builtin.debug:
    msg: "{{ lookup('ansible.builtin.file', 'kafka-overview.json', rstrip=False) | kraftops.kafka.logs_link('https://logs.example.com/') }}"
"""

RETURN = r"""
_value:
  description: The JSON of the dashboard.
  type: str
"""

COUNTED = "/d/kafka-logs?"
TITLE = "Search the logs of ${__field.labels.instance}"


def logs_link(content: str, url: str) -> str:
    """Add a link beside each that leads to the counted events of a node."""
    if not url:
        return content
    board = json.loads(content)
    for panel in _panels(board.get("panels", [])):
        links = panel.get("fieldConfig", {}).get("defaults", {}).get("links", [])
        if any(link["url"].startswith(COUNTED) for link in links):
            links.append({"title": TITLE, "url": str(url), "targetBlank": True})
    return json.dumps(board, indent=2, ensure_ascii=False) + "\n"


def _panels(panels: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Go through panels, those in folded rows too."""
    for panel in panels:
        yield panel
        yield from _panels(panel.get("panels", []))


class FilterModule:
    """Filter plugin of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"logs_link": logs_link}
