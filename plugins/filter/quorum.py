# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter plugin: quorum."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils import _quorum
from ansible_collections.kraftops.kafka.plugins.module_utils._model import from_plain

DOCUMENTATION = r"""
name: quorum
short_description: Check the number of controllers
version_added: 0.1.0
author: The kraftops.kafka maintainers (@kraftops)
description:
  - Even numbers are refused, others are accepted when C(kafka_quorum_sizes) lists them.
options:
  _input:
    description: The model, as made by the filter P(kraftops.kafka.topology#filter).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show how many controllers may be lost
  ansible.builtin.debug:
    msg: "{{ (__kafka_model | kraftops.kafka.quorum).clusters['orders'].tolerated }}"
"""

RETURN = r"""
_value:
  description: A dict C(clusters) with C(voters), C(majority) and C(tolerated) of each cluster, and C(problems) and C(warnings).
  type: dict
"""


def quorum(model: Mapping[str, Any]) -> dict[str, Any]:
    """Return the quorum of each cluster."""
    clusters, findings = _quorum.quorum(from_plain(model))
    return {"clusters": clusters, **findings.plain()}


class FilterModule:
    """Filter plugin of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"quorum": quorum}
