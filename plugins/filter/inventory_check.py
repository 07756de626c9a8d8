# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter plugin: inventory_check."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils import _inventory_check

DOCUMENTATION = r"""
name: inventory_check
short_description: Check a whole inventory without contacting a host
version_added: 0.1.0
author: The kraftops.kafka maintainers (@kraftops)
description:
  - Runs all the checks on all hosts and clusters and says what is the same on several hosts once.
  - Never fails because of the inventory; what is wrong with it is in the result.
positional: hostvars, defaults
options:
  _input:
    description: The variable C(groups).
    type: dict
    required: true
  hostvars:
    description: The variable C(hostvars).
    type: dict
    required: true
  defaults:
    description: The defaults of all roles in one dict.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Check the inventory
  ansible.builtin.debug:
    msg: "{{ (groups | kraftops.kafka.inventory_check(hostvars, __kafka_defaults)).lines }}"
"""

RETURN = r"""
_value:
  description: A dict of C(model), C(problems), C(warnings), C(answers) for each cluster, and all of it as C(lines) for people.
    What the run is asked to do about C(log_levels).
  type: dict
"""


def inventory_check(
    groups: Mapping[str, Any], hostvars: Mapping[str, Any], defaults: Mapping[str, Any]
) -> dict[str, Any]:
    """Return everything that can be said about an inventory."""
    return _inventory_check.inventory_check(groups, hostvars, defaults)


class FilterModule:
    """Filter plugin of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"inventory_check": inventory_check}
