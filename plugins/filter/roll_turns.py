# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter: the turns of a roll."""

from __future__ import annotations

DOCUMENTATION = r"""
name: roll_turns
short_description: Divide the nodes that restart into the plays of a roll
version_added: 0.1.0
author: The kraftops.kafka maintainers (@kraftops)
description:
  - Nodes without a process are left out; they are started without a turn.
positional: hostvars, restart
options:
  _input: {description: The cluster model., type: dict, required: true}
  hostvars: {description: The variables of all hosts; C(__kafka_report) of each is read., type: dict, required: true}
  restart: {description: "The hosts that restart, in order.", type: list, elements: str, required: true}
  most: {description: "At most so many of them in this run, over all clusters; 0 for all.", type: int, default: 0}
"""

EXAMPLES = r"""
- name: Plan | Line up the turns
  ansible.builtin.debug:
    msg: "{{ (__kafka_model | kraftops.kafka.roll_turns(hostvars, __kafka_plan.restart, most=1)).lines }}"
"""

RETURN = r"""
_value:
  description:
    - C(first), up to the last controller; C(last), the brokers after it; C(pending), the nodes that wait for another run.
    - C(may_defer), the controllers that are put off when they lead at their turn; C(lines), for people.
  type: dict
"""

from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._plain import plain
from ansible_collections.kraftops.kafka.plugins.module_utils._roll_turns import turns


def roll_turns(model: Any, hostvars: Any, restart: Any, most: Any = 0) -> dict[str, list[str]]:
    """Divide them; see DOCUMENTATION."""
    clusters, limit = plain(model)["clusters"], int(most)
    left = limit
    order = [str(host) for host in plain(restart)]
    running = [
        host for host in order if plain(hostvars[host]["__kafka_report"], templated=False)["report"]["kafka_active"]
    ]
    result: dict[str, list[str]] = {"first": [], "last": [], "pending": [], "may_defer": []}
    for cluster in clusters.values():
        members = [host for host in running if host in cluster["nodes"]]
        # Once the wished number is reached, everybody else waits; 0 would mean no limit.
        found = vars(turns(members, cluster["controllers"], left)) if left or not limit else {"pending": members}
        for key, hosts in found.items():
            result[key] += hosts
        left = max(left - len(found.get("first", [])) - len(found.get("last", [])), 0)
    return {**result, "lines": pending_lines(result["pending"], limit)}


def pending_lines(pending: list[str], most: int) -> list[str]:
    """Return who waits for another run, for people."""
    if not pending:
        return []
    return [f"At most {most} nodes restart in this run (kafka_roll_max_nodes); pending: {', '.join(pending)}."]


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"roll_turns": roll_turns}
