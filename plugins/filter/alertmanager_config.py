# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter plugin: alertmanager_config."""

from __future__ import annotations

DOCUMENTATION = r"""
name: alertmanager_config
short_description: Make the configuration of Alertmanager
version_added: 0.1.0
author: The kraftops.kafka maintainers (@kraftops)
description:
  - Routes alerts by their severity to the receivers that asked for it, the alert Watchdog to a receiver of its own, and hides
    what only follows from something else.
  - Takes every secret out of the configuration into a file of its own, so that a diff of the configuration shows none.
  - Never raises for bad receivers; they are listed and left out.
options:
  _input:
    description:
      - Receivers. Each has a C(name), one or more lists of Alertmanager's own (C(webhook_configs), C(email_configs), C(slack_configs)
        and so on), and may have C(severities) (default critical and warning) and C(matchers).
    type: list
    elements: dict
    required: true
  watchdog: {description: "Lists of Alertmanager's own for the alert Watchdog, such as C(webhook_configs).", type: dict, default: {}}
  smtp: {description: "Alertmanager's C(smtp_*) settings without that prefix.", type: dict, default: {}}
  timings:
    description: C(group_wait), C(group_interval) and C(repeat_interval) for each severity, and for C(watchdog).
    type: dict
    default: {}
  inhibitions:
    description: What hides what; each has C(source), C(hides) and C(equal).
    type: list
    elements: dict
    default: []
  secrets_dir: {description: Folder of the files with secrets., type: str, default: /etc/alertmanager/secrets}
"""

EXAMPLES = r"""
- name: Configure | Write the configuration
  kraftops.kafka.config_files:
    files:
      - path: /etc/alertmanager/alertmanager.yml
        content: "{{ (alertmanager_receivers | kraftops.kafka.alertmanager_config).config | to_nice_yaml }}"
"""

RETURN = r"""
_value:
  description: C(config); C(secrets), files with C(path) and C(content); C(problems) and C(warnings); C(lines) for people.
  type: dict
"""

from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._alertmanager import Wishes, configuration
from ansible_collections.kraftops.kafka.plugins.module_utils._plain import plain
from ansible_collections.kraftops.kafka.plugins.module_utils._problems import Findings, line


def alertmanager_config(receivers: Any, **wishes: Any) -> dict[str, Any]:
    """Return configuration and secrets; see DOCUMENTATION."""
    findings = Findings()
    config, secrets = configuration(Wishes(plain(receivers), **plain(wishes)), findings)
    said = findings.plain()
    return {"config": config, "secrets": secrets, "lines": [line(one) for one in said["problems"]], **said}


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"alertmanager_config": alertmanager_config}
