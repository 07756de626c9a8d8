#!/usr/bin/python
# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Put JMX exporter rules in place and prove that the running agent took them."""

from __future__ import annotations

DOCUMENTATION = r"""
module: jmx_rules
short_description: Put JMX exporter rules in place and prove that the running agent took them
version_added: 0.1.0
description:
  - Checks the rules before they land, because the agent stops its JVM when it meets a broken file at the next start.
  - Writes the file in one step. The agent reads it again at the next scrape, so nothing is restarted.
  - When the agent answers, it is scraped until it reports the reload. When it reports a failure, or nothing, the old file goes
    back and the module fails.
extends_documentation_fragment: [kraftops.kafka.attributes.diff]
options:
  path: {description: The rules file., type: path, required: true}
  content: {description: The text of the file., type: str, required: true}
  rules:
    description: The same text, parsed. Hosts need no YAML library.
    type: dict
    required: true
  agent_url: {description: The metrics address of the agent on this host., type: str, required: true}
  timeout: {description: Seconds to wait for the reload., type: int, default: 30}
  mode: {description: Permissions., type: str, default: "0644"}
  owner: {description: Owner., type: str, default: root}
  group: {description: Group., type: str, default: root}
author: The kraftops.kafka maintainers (@kraftops)
"""

EXAMPLES = r"""
- name: Configure | Write the JMX rules
  vars:
    __text: "{{ lookup('ansible.builtin.template', 'kafka.yml.j2') }}"
  kraftops.kafka.jmx_rules:
    path: /etc/kafka/jmx_exporter.yml
    content: "{{ __text }}"
    rules: "{{ __text | from_yaml }}"
    agent_url: http://127.0.0.1:9404/metrics
"""

RETURN = r"""
proof:
  description: How it is known that the rules are used.
  returned: always
  type: str
  sample: the agent reloaded the rules
"""

import os
import time
from typing import Optional

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils import _jmx_rules, _local_http

SUCCESS = "jmx_config_reload_success_total"
FAILURE = "jmx_config_reload_failure_total"


def counters(url: str) -> Optional[tuple[float, float]]:
    """Scrape the agent; return how often it reloaded and how often it failed to, or None."""
    answer = _local_http.get(url, timeout=20)
    if answer is None or answer.status != 200:
        return None
    success, failure = (_local_http.metric(answer.text, name) for name in (SUCCESS, FAILURE))
    return None if success is None or failure is None else (success, failure)


def reload_error(url: str, before: tuple[float, float], timeout: int) -> str:
    """Scrape until the agent tells of a reload; return why it did not take, or an empty string."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        now = counters(url)
        if now is not None and now[1] > before[1]:
            return "the agent could not load them (its process log says why)"
        if now is not None and now[0] > before[0]:
            return ""
        time.sleep(0.2)
    return f"the agent did not report a reload within {timeout} s"


def write(module: AnsibleModule, content: Optional[str]) -> None:
    """Replace the file in one step; None removes it."""
    path = module.params["path"]
    if content is None:
        os.remove(path)
        return
    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
    temporary = os.path.join(module.tmpdir, "jmx_exporter.yml")
    with open(temporary, "w", encoding="utf-8") as handle:
        handle.write(content)
    module.atomic_move(temporary, path)


def apply(module: AnsibleModule, old: Optional[str]) -> str:
    """Write the new rules; return the proof that they are used, or put the old ones back and fail."""
    url, timeout = module.params["agent_url"], module.params["timeout"]
    before = counters(url)
    write(module, module.params["content"])
    if before is None:
        return "no agent answers: the next start of Kafka loads the rules"
    reason = reload_error(url, before, timeout)
    if not reason:
        return "the agent reloaded the rules"
    write(module, old)
    counters(url)
    module.fail_json(msg=f"{module.params['path']}: the new rules were taken back: {reason}.", proof=reason)
    return ""


def read(path: str) -> Optional[str]:
    """Return the text of a file, or None."""
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as handle:
        return handle.read()


def main() -> None:
    """Run the module."""
    texts = {name: {"type": "str", "default": value} for name, value in (("owner", "root"), ("group", "root"))}
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "content": {"type": "str", "required": True},
            "rules": {"type": "dict", "required": True},
            "agent_url": {"type": "str", "required": True},
            "timeout": {"type": "int", "default": 30},
            "mode": {"type": "str", "default": "0644"},
            **texts,
        },
        supports_check_mode=True,
    )
    path, content = module.params["path"], module.params["content"]
    errors = _jmx_rules.errors(module.params["rules"])
    if errors:
        module.fail_json(msg=f"{path}: the rules are wrong, nothing was written: " + "; ".join(errors))
    old = read(path)
    changed, proof = old != content, "unchanged"
    if changed and not module.check_mode:
        proof = apply(module, old)
    attributes = module.load_file_common_arguments({**module.params, "path": path})
    if os.path.exists(path):
        changed = module.set_fs_attributes_if_different(attributes, changed)
    diff = {"before_header": path, "after_header": path, "before": old or "", "after": content}
    module.exit_json(changed=changed, proof=proof, diff=diff)


if __name__ == "__main__":
    main()
