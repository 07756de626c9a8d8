# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter plugin: prometheus_rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils import _rule_settings
from ansible_collections.kraftops.kafka.plugins.module_utils._model import from_plain
from ansible_collections.kraftops.kafka.plugins.module_utils._plain import plain
from ansible_collections.kraftops.kafka.plugins.module_utils._problems import Findings, line
from ansible_collections.kraftops.kafka.plugins.plugin_utils import _rule_files

DOCUMENTATION = r"""
name: prometheus_rules
short_description: Make the rule files of Prometheus for the clusters of an inventory
version_added: 0.1.0
author: The kraftops.kafka maintainers (@kraftops)
description:
  - Fills the thresholds of the inventory into the rules of the collection, leaves out what the profile does not want, adds what the
    inventory expects to be there, and scales every duration.
positional: model, settings
options:
  _input:
    description: The text of each rule file by its name.
    type: dict
    required: true
  model:
    description: The model, as made by the filter P(kraftops.kafka.topology#filter).
    type: dict
    required: true
  settings:
    description: A dict with C(profile), C(thresholds), C(time_scale), C(watched_topics), C(runbook_url), C(dashboard_url),
      C(scrape_interval) and C(scrape_timeout).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the names of the rule files
  ansible.builtin.debug:
    msg: "{{ (__sources | kraftops.kafka.prometheus_rules(__kafka_model, __settings)).files.keys() }}"
"""

RETURN = r"""
_value:
  description: A dict of C(files) (text by name), the scaled C(scrape_interval) and C(scrape_timeout), C(problems), C(warnings), and
    the problems as C(lines) for people.
  type: dict
"""


def prometheus_rules(
    sources: Mapping[str, Any], model: Mapping[str, Any], settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the rule files and the pace of the scrapes."""
    findings = Findings()
    given = plain(settings)
    # Not through plain(): a rule may hold {{ }}, which are Prometheus' own.
    parsed = _rule_files.parse({str(name): str.__str__(text) for name, text in sources.items()})
    chosen = _rule_settings.settings(given, _rule_files.thresholds(parsed), findings)
    pace = _rule_settings.pace(given, chosen.scale, findings)
    files = _rule_files.rule_files(parsed, from_plain(model), chosen, findings)
    said = findings.plain()
    return {"files": files, **pace, **said, "lines": [line(one) for one in said["problems"]]}


class FilterModule:
    """Filter plugin of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"prometheus_rules": prometheus_rules}
