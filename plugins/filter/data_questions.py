# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter: what must be looked up on a broker's disks before a change can be judged."""

from __future__ import annotations

DOCUMENTATION = r"""
name: data_questions
short_description: Find out whether a change concerns data on a broker's disks
version_added: 0.1.0
author: The kraftops.kafka maintainers (@kraftops)
description:
  - Compares what a broker should have with what it was started with and says itself.
  - Mostly nothing has to be looked up; reading the disks of a large broker is not free.
positional: state, configs
options:
  _input: {description: The properties that the broker should have., type: dict, required: true}
  state: {description: What M(kraftops.kafka.loaded_state) returned., type: dict, required: true}
  configs: {description: What M(kraftops.kafka.live_configs) returned; null when the broker is silent., type: dict}
"""

EXAMPLES = r"""
- name: Plan | Look up what lies on the disks
  kraftops.kafka.data_at_risk:
    address: broker-1:9092
    directories: "{{ questions.directories }}"
    removed: "{{ questions.removed }}"
    limits: "{{ questions.limits }}"
  when: questions.removed or questions.limits
  vars:
    questions: "{{ __kafka_properties | kraftops.kafka.data_questions(__kafka_loaded.state, __kafka_live.configs) }}"
"""

RETURN = r"""
_value:
  description: C(directories), the broker's; C(removed), those that would go; C(limits), shorter ones of C(log.retention.*), by property.
  type: dict
"""

from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._data_questions import questions
from ansible_collections.kraftops.kafka.plugins.module_utils._plain import plain


def data_questions(properties: Any, state: Any, configs: Any = None) -> dict[str, Any]:
    """Return what to ask; see DOCUMENTATION."""
    return questions(plain(properties), plain(state), plain(configs))


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"data_questions": data_questions}
