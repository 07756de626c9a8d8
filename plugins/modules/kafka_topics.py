#!/usr/bin/python
# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keep topics as they are declared."""

from __future__ import annotations

DOCUMENTATION = r"""
module: kafka_topics
short_description: Keep topics as they are declared
version_added: 0.1.0
description:
  - Makes topics, gives them more partitions, changes their configs and deletes them, all over one connection (a second one
    asks a broker what a topic gets that says nothing).
  - Everything is checked first, here and by Kafka itself (C(validate_only)). All problems are listed at once, and after a
    single one nothing is done.
  - A topic that is not declared is never touched. A config that is not declared stays, and is reported in RV(undeclared).
  - Partitions are never taken away. Another replication factor is data to move; RV(factors) says so, and
    C(playbooks/balance.yml) plans it.
  - Runs on any host that reaches the brokers; needs the admin library that the role P(kraftops.kafka.kafka#role) installs.
extends_documentation_fragment: [kraftops.kafka.attributes.diff]
options:
  bootstrap:
    description: Addresses (host:port) of brokers; the first that answers is asked.
    type: list
    elements: str
    required: true
  topics:
    description: The topics.
    type: list
    elements: dict
    required: true
    suboptions:
      name: {description: The topic's name., type: str, required: true}
      partitions: {description: How many partitions. A new topic without gets C(num.partitions)., type: int}
      replication_factor: {description: How many replicas. A new topic without gets C(default.replication.factor)., type: int}
      config:
        description: Configs under Kafka's own names. Null takes a value off the topic, so that the cluster's counts.
        type: dict
        default: {}
      state:
        description: Whether the topic should be there.
        type: str
        choices: [present, absent]
        default: present
  allow_delete:
    description: Whether topics that are declared absent may be deleted, with all that is in them.
    type: bool
    default: false
  confirm_data_loss:
    description:
      - Topics whose changes may destroy data, such as a shorter retention, or C(delete) in C(cleanup.policy).
    type: list
    elements: str
    default: []
  timeout:
    description: Seconds to wait until new partitions have leaders.
    type: int
    default: 30
author: The kraftops.kafka maintainers (@kraftops)
"""

EXAMPLES = r"""
- name: Topics | Make them, and keep them so
  kraftops.kafka.kafka_topics:
    bootstrap: [broker-1:9092, broker-2:9092]
    topics:
      - {name: orders, partitions: 12, config: {retention.ms: 604800000}}
      - {name: customers, partitions: 6, config: {cleanup.policy: compact}}
      - {name: old-orders, state: absent}
    allow_delete: true
"""

RETURN = r"""
created: {description: The topics that were made., returned: success, type: list, elements: str}
grown: {description: "Topics with more partitions, each with C(from) and C(to).", returned: success, type: dict}
configured: {description: "Changed configs by topic and key, each with C(from) and C(to).", returned: success, type: dict}
deleted: {description: The topics that were deleted., returned: success, type: list, elements: str}
factors:
  description: Topics that have another replication factor than declared, each with C(from) and C(to). Nothing is done about it here.
  returned: success
  type: dict
undeclared: {description: "Configs of declared topics that are set and not declared, by topic.", returned: success, type: dict}
lines: {description: "What is worth knowing, in words.", returned: success, type: list, elements: str}
problems: {description: "What is refused, all of it.", returned: failure, type: list, elements: str}
"""

from typing import Any, Optional

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError, first_answering
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_resources import ResourcesNode
from ansible_collections.kraftops.kafka.plugins.module_utils._topic_changes import apply, look, objections, weigh
from ansible_collections.kraftops.kafka.plugins.module_utils._topic_plan import (
    Permissions,
    TopicPlan,
    plan,
    shown,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._topics import InputError, declared

NAMED = 10


def result_of(made: TopicPlan) -> dict[str, Any]:
    """Return the plan as the module's result."""
    return {
        "changed": made.changed,
        "created": [one.name for one in made.create],
        "grown": {name: _pair(pair) for name, pair in made.grow.items()},
        "configured": {
            name: {key: _pair(pair) for key, pair in changes.items()} for name, changes in made.configs.items()
        },
        "deleted": made.delete,
        "factors": {name: _pair(pair) for name, pair in made.factors.items()},
        "undeclared": made.undeclared,
        "lines": lines(made),
        "diff": as_diff(made),
    }


def _pair(pair: tuple[Any, Any]) -> dict[str, Any]:
    return {"from": pair[0], "to": pair[1]}


def lines(made: TopicPlan) -> list[str]:
    """Return what is worth knowing."""
    told = list(made.warnings)
    told += [
        f"{name}: has {before} replicas, {after} are declared; playbooks/balance.yml plans how to get there"
        for name, (before, after) in made.factors.items()
    ]
    others = [
        f"{name}: set and not declared, left alone: {', '.join(f'{key}={shown(value)}' for key, value in keys.items())}"
        for name, keys in made.undeclared.items()
    ]
    if len(others) > NAMED:
        others = [*others[:NAMED], f"... and {len(others) - NAMED} more topics with configs that are not declared"]
    return told + others


def as_diff(made: TopicPlan) -> dict[str, str]:
    """Return the changes in the shape that Ansible's `--diff` prints."""
    sides: tuple[list[str], list[str]] = ([], [])

    def put(name: str, what: str, pair: tuple[Optional[Any], Optional[Any]]) -> None:
        for side, value in zip(sides, pair):
            if value is not None:
                side.append(f"{name}: {what}={value}\n")

    for one in made.create:
        put(one.name, "partitions", (None, one.partitions or "default"))
        put(one.name, "replication_factor", (None, one.factor or "default"))
        for key, value in sorted(one.configs.items()):
            put(one.name, key, (None, value))
    for name, counts in made.grow.items():
        put(name, "partitions", counts)
    for name, changes in made.configs.items():
        for key, values in changes.items():
            put(name, key, values)
    for name in made.delete:
        put(name, "state", ("present", None))
    return {
        "before_header": "topics",
        "after_header": "topics",
        "before": "".join(sides[0]),
        "after": "".join(sides[1]),
    }


def connect(bootstrap: list[str]) -> ResourcesNode:
    """Return a connection to the first broker that answers; raise AdminError when none does."""
    return first_answering(ResourcesNode, bootstrap)


def run(module: AnsibleModule) -> dict[str, Any]:
    """Do what the module is for and return its result."""
    params = module.params
    topics = declared(params["topics"])
    allowed = Permissions(params["allow_delete"], frozenset(params["confirm_data_loss"]))
    with connect(params["bootstrap"]) as node:
        seen = look(node, topics)
        made = plan(topics, seen, allowed)
        if made.problems or made.delete:
            # Only now it matters how much lies in the topics.
            made = plan(topics, weigh(node, topics, seen), allowed)
        made.problems += objections(node, made)
        if made.problems:
            told = f"nothing was changed, {len(made.problems)} problem(s): " + "; ".join(made.problems)
            module.fail_json(msg=told, problems=made.problems)
        failures = apply(node, made, params["timeout"]) if made.changed and not module.check_mode else []
    if failures:
        module.fail_json(msg="; ".join(failures), **result_of(made))
    return result_of(made)


def main() -> None:
    """Run the module."""
    topic = {
        "name": {"type": "str", "required": True},
        "partitions": {"type": "int"},
        "replication_factor": {"type": "int"},
        "config": {"type": "dict", "default": {}},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    }
    module = AnsibleModule(
        argument_spec={
            "bootstrap": {"type": "list", "elements": "str", "required": True},
            "topics": {"type": "list", "elements": "dict", "required": True, "options": topic},
            "allow_delete": {"type": "bool", "default": False},
            "confirm_data_loss": {"type": "list", "elements": "str", "default": []},
            "timeout": {"type": "int", "default": 30},
        },
        supports_check_mode=True,
    )
    try:
        module.exit_json(**run(module))
    except (AdminError, InputError) as problem:
        module.fail_json(msg=str(problem))


if __name__ == "__main__":
    main()
