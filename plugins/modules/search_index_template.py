#!/usr/bin/python
# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keep an index template of Elasticsearch or OpenSearch."""

from __future__ import annotations

DOCUMENTATION = r"""
module: search_index_template
short_description: Keep an index template of Elasticsearch or OpenSearch
version_added: 0.1.0
description:
  - Compares a composable index template with what the search server has, and puts it when they differ.
  - Settings that the server writes in other words, nested or with dots, numbers or texts, are equal.
  - That no server answers is a warning, unless O(require). A server that refuses is always a failure, which names the user and why.
extends_documentation_fragment: [kraftops.kafka.attributes.diff]
options:
  urls:
    description: Addresses of servers of one cluster, each with scheme and port; the first that answers is asked.
    type: list
    elements: str
    required: true
  user: {description: Name of HTTP basic authentication; empty for none., type: str, default: ""}
  password: {description: Its password., type: str, default: ""}
  ca_file:
    description: File with the certificates of trusted authorities on this host; empty for those that the host trusts.
    type: str
    default: ""
  name: {description: Name of the template., type: str, required: true}
  template: {description: "The template, as the API takes it.", type: dict, required: true}
  require: {description: Fail when no server answers., type: bool, default: false}
  timeout: {description: Seconds to wait for each server., type: int, default: 10}
author: The kraftops.kafka maintainers (@kraftops)
"""

EXAMPLES = r"""
- name: Service | Give the search server the index template
  kraftops.kafka.search_index_template:
    urls: [https://search-1:9200]
    user: shipper
    password: "{{ log_shipper_password }}"
    name: logs-kafka
    template:
      index_patterns: [logs-kafka.*-*]
      priority: 200
      data_stream: {}
"""

RETURN = r"""
reachable:
  description: Whether a server answered.
  returned: success
  type: bool
url:
  description: The server that answered; empty when none did.
  returned: success
  type: str
"""

import json
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils._search import (
    Search,
    SearchRefusedError,
    UnreachableError,
    same_words,
)

ARGUMENTS: dict[str, Any] = {
    "urls": {"type": "list", "elements": "str", "required": True},
    "user": {"type": "str", "default": ""},
    "password": {"type": "str", "default": "", "no_log": True},
    "ca_file": {"type": "str", "default": ""},
    "name": {"type": "str", "required": True},
    "template": {"type": "dict", "required": True},
    "require": {"type": "bool", "default": False},
    "timeout": {"type": "int", "default": 10},
}


def run(module: AnsibleModule, search: Search) -> dict[str, Any]:
    """Compare, and put what differs."""
    name, wanted = module.params["name"], same_words(module.params["template"])
    found = search.template(name)
    before = same_words(found) if found is not None else None
    changed = before != wanted
    if changed and not module.check_mode:
        search.put_template(name, module.params["template"])
    shown = {
        side: json.dumps(value, indent=2, sort_keys=True) + "\n" if value is not None else ""
        for side, value in (("before", before), ("after", wanted))
    }
    header = f"index template {name} at {search.url}"
    return {"changed": changed, "diff": {**shown, "before_header": header, "after_header": header}}


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    given = module.params
    search = Search(given["urls"], given["user"], given["password"], given["ca_file"], given["timeout"])
    try:
        module.exit_json(reachable=True, **run(module, search), url=search.url)
    except SearchRefusedError as refused:
        module.fail_json(msg=str(refused))
    except UnreachableError as silent:
        if given["require"]:
            module.fail_json(msg=f"{silent} log_shipper_require asks for one that does.")
        module.warn(
            f"{silent} The shipper does not start before a run in which one does; until then Kafka's files keep the events."
        )
        module.exit_json(changed=False, reachable=False, url="")


if __name__ == "__main__":
    main()
