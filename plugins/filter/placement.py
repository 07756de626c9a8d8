# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter plugin: placement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils import _placement
from ansible_collections.kraftops.kafka.plugins.module_utils._answers import answers
from ansible_collections.kraftops.kafka.plugins.module_utils._model import from_plain

DOCUMENTATION = r"""
name: placement
short_description: Check replication and racks, and say what a cluster survives
version_added: 0.1.0
author: The kraftops.kafka maintainers (@kraftops)
description:
  - Compares replication factor and min ISR with the brokers, and the racks with the quorum and both.
  - C(kafka_placement_policy=warn) turns findings about racks into warnings.
options:
  _input:
    description: The model, as made by the filter P(kraftops.kafka.topology#filter).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Say what the clusters survive
  ansible.builtin.debug:
    msg: "{{ (__kafka_model | kraftops.kafka.placement).answers }}"
"""

RETURN = r"""
_value:
  description: A dict C(answers) with a list of sentences for each cluster, and C(problems) and C(warnings).
  type: dict
"""


def placement(model: Mapping[str, Any]) -> dict[str, Any]:
    """Return what each cluster survives."""
    parsed = from_plain(model)
    said = {name: answers(parsed, name) for name in parsed.clusters}
    return {"answers": said, **_placement.check(parsed).plain()}


class FilterModule:
    """Filter plugin of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"placement": placement}
