# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter plugin: scrape_targets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils import _scrape
from ansible_collections.kraftops.kafka.plugins.module_utils._model import from_plain
from ansible_collections.kraftops.kafka.plugins.module_utils._problems import Findings

DOCUMENTATION = r"""
name: scrape_targets
short_description: Compute what Prometheus scrapes
version_added: 0.1.0
author: The kraftops.kafka maintainers (@kraftops)
description:
  - Every target has the inventory name as C(instance), and C(cluster), C(role), C(node_id) and C(rack) where it has them.
options:
  _input:
    description: The model, as made by the filter P(kraftops.kafka.topology#filter).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the targets of the job node
  ansible.builtin.debug:
    msg: "{{ (__kafka_model | kraftops.kafka.scrape_targets).jobs.node }}"
"""

RETURN = r"""
_value:
  description: A dict C(jobs) with a list of targets and labels for each job, and C(problems) and C(warnings).
  type: dict
"""


def scrape_targets(model: Mapping[str, Any]) -> dict[str, Any]:
    """Return the targets of all jobs."""
    return {"jobs": _scrape.scrape_targets(from_plain(model)), **Findings().plain()}


class FilterModule:
    """Filter plugin of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"scrape_targets": scrape_targets}
