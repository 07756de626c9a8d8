#!/usr/bin/python
# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Change dynamic configs of a running cluster."""

from __future__ import annotations

DOCUMENTATION = r"""
module: kafka_configs
short_description: Change dynamic configs of a running Kafka cluster
version_added: 0.1.0
description:
  - Sets and removes dynamic configs through the admin API, and reads them back until every node lives by them.
  - Every server that a change concerns is asked first whether it would take it (C(validate_only)); after a single no,
    nothing is changed anywhere. Controllers take any value unseen, so for them type and size are checked here.
  - A value is stored only where a node would not live by it without; a file that says the same is enough.
  - Brokers that do not serve are left out and reported in RV(silent); they read their file at their next start.
  - Runs on any host that reaches the brokers; needs the admin library that the role P(kraftops.kafka.kafka#role) installs.
extends_documentation_fragment: [kraftops.kafka.attributes.diff]
options:
  bootstrap:
    description: Addresses (host:port) of brokers; the first that answers tells where the others are.
    type: list
    elements: str
    required: true
  cluster:
    description:
      - Values for all nodes, by key. Implies O(managed) for these keys.
      - Numbers, truth values and lists may be given as such.
    type: dict
    default: {}
  brokers:
    description: Values for single brokers, first by id, then by key. Combined nodes are brokers here.
    type: dict
    default: {}
  controllers:
    description:
      - Dedicated controllers by id, each with C(address) (host:port of its controller listener) and C(values) by key.
      - Single controllers have dynamic values from Kafka 4.3 on. Listed without values they are only watched, so that a
        value in O(cluster) that a controller could not apply is refused.
    type: dict
    default: {}
  secrets:
    description: Like O(brokers), for values that must not be shown; they are reported as digests.
    type: dict
    default: {}
  managed:
    description:
      - Keys that belong to the caller. What is set dynamically for them, and is not wanted by O(cluster), O(brokers) or
        O(controllers), is removed, whoever set it.
    type: list
    elements: str
    default: []
  resend:
    description: Keys to set even if nothing differs, such as changed secrets, which Kafka never shows, and replaced key stores.
    type: list
    elements: str
    default: []
  foreign_overrides:
    description:
      - What to do with dynamic values of other keys. They are always returned in RV(foreign).
      - Throttles of a running reassignment, and the cluster-wide C(min.insync.replicas) that Kafka keeps itself, never count.
    type: str
    choices: [report, remove]
    default: report
  timeout:
    description: Seconds to wait until every node lives by the changes.
    type: int
    default: 30
author: The kraftops.kafka maintainers (@kraftops)
"""

EXAMPLES = r"""
- name: Change | Keep messages for ten days
  kraftops.kafka.kafka_configs:
    bootstrap: [broker-1:9092, broker-2:9092]
    cluster:
      log.retention.ms: 864000000

- name: Change | Give one broker more threads, and let the others live by the file again
  kraftops.kafka.kafka_configs:
    bootstrap: [broker-1:9092]
    brokers:
      11: {num.io.threads: 16}
    managed: [num.io.threads]
"""

RETURN = r"""
changes:
  description: What was set or removed (C(to) is null); C(from) is the dynamic value that was there. Secrets are digests.
  returned: success
  type: list
  elements: dict
  sample: [{"resource": "broker 11", "key": "num.io.threads", "from": null, "to": "16"}]
foreign:
  description: Dynamic values that are neither wanted nor managed.
  returned: success
  type: list
  elements: dict
  sample: [{"resource": "cluster", "key": "log.segment.bytes", "value": "1000000"}]
silent:
  description: Nodes that were left out, and why, by id.
  returned: success
  type: dict
  sample: {"12": "it does not serve"}
waited_seconds:
  description: How long it took until every node lived by the changes.
  returned: when something was changed
  type: float
"""

import time
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError
from ansible_collections.kraftops.kafka.plugins.module_utils._config_changes import (
    Place,
    apply,
    find,
    look,
    refusals,
    wait,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._dynamic_configs import (
    Change,
    Wanted,
    changes,
    foreign,
    text_of,
)


class InputError(Exception):
    """An option cannot be understood; the text says which part of it and why."""


def values_of(where: str, given: Any) -> dict[str, str]:
    """Return properties as Kafka writes them."""
    if not isinstance(given, Mapping):
        raise InputError(f"{where} must be a dictionary of keys and values")
    found = {}
    for key, value in given.items():
        try:
            found[str(key)] = text_of(value)
        except ValueError as problem:
            raise InputError(f"{where}, {key}: {problem}") from problem
    return found


def by_id(option: str, given: Mapping[Any, Any]) -> dict[int, Any]:
    """Return a dictionary with numbers as keys; JSON has made texts of them."""
    wrong = [str(key) for key in given if not str(key).isdecimal()]
    if wrong:
        raise InputError(f"{option}: a node id is a number, and this is none: {', '.join(wrong)}")
    return {int(key): value for key, value in given.items()}


def controllers_of(given: Mapping[Any, Any]) -> dict[int, dict[str, Any]]:
    """Return the controllers, each with address and values."""
    found = {}
    for node, one in by_id("controllers", given).items():
        if not isinstance(one, Mapping) or not one.get("address"):
            raise InputError(f"controllers, {node}: address is missing")
        found[node] = {
            "address": str(one["address"]),
            "values": values_of(f"controllers, {node}", one.get("values") or {}),
        }
    return found


def wanted_of(params: dict[str, Any], controllers: dict[int, dict[str, Any]]) -> Wanted:
    """Return what should be."""
    nodes = {node: values_of(f"brokers, {node}", one) for node, one in by_id("brokers", params["brokers"]).items()}
    secrets = {node: values_of(f"secrets, {node}", one) for node, one in by_id("secrets", params["secrets"]).items()}
    for node, values in secrets.items():
        nodes[node] = {**nodes.get(node, {}), **values}
    both = sorted(set(nodes) & set(controllers))
    if both:
        raise InputError(f"node {both[0]} is given as a broker and as a controller; a combined node is a broker here")
    nodes.update({node: one["values"] for node, one in controllers.items()})
    return Wanted(
        cluster=values_of("cluster", params["cluster"]),
        nodes=nodes,
        managed=frozenset(params["managed"]),
        resend=frozenset(params["resend"]),
        secret=frozenset(key for values in secrets.values() for key in values),
        remove_foreign=params["foreign_overrides"] == "remove",
    )


def as_diff(made: list[dict[str, Any]]) -> dict[str, str]:
    """Return the changes in the shape that Ansible's `--diff` prints."""
    texts = {
        side: "".join(f"{item['resource']}: {item['key']}={item[side]}\n" for item in made if item[side] is not None)
        for side in ("from", "to")
    }
    return {"before_header": "dynamic", "after_header": "dynamic", "before": texts["from"], "after": texts["to"]}


def plain_foreign(place: Place, found: list[Change]) -> list[dict[str, Any]]:
    """Return foreign values as they are reported."""
    plain = [change.as_plain(place.name(change.node)) for change in found]
    return [{"resource": item["resource"], "key": item["key"], "value": item["from"]} for item in plain]


def run(module: AnsibleModule) -> dict[str, Any]:
    """Do what the module is for and return its result."""
    params = module.params
    controllers = controllers_of(params["controllers"])
    wanted = wanted_of(params, controllers)
    place = find(params["bootstrap"], {node: one["address"] for node, one in controllers.items()})
    view = look(place)
    planned = changes(wanted, view.seen)
    refused = refusals(place, view, planned)
    if refused:
        module.fail_json(msg="nothing was changed: " + "; ".join(refused), refused=refused)
    absent = {node: "it does not serve" for node in wanted.nodes if node not in view.seen.nodes}
    result: dict[str, Any] = {
        "changed": bool(planned),
        "changes": [change.as_plain(place.name(change.node)) for change in planned],
        "foreign": plain_foreign(place, foreign(wanted, view.seen)),
        "silent": {str(node): why for node, why in {**absent, **view.silent}.items()},
    }
    result["diff"] = as_diff(result["changes"])
    if planned and not module.check_mode:
        answering = Place(
            *({n: a for n, a in part.items() if n in view.seen.nodes} for part in (place.brokers, place.controllers))
        )
        start = time.monotonic()
        apply(answering, view, planned)
        missing = wait(answering, wanted, planned, params["timeout"])
        if missing:
            module.fail_json(msg=f"stored, but after {params['timeout']} s: " + "; ".join(missing), **result)
        result["waited_seconds"] = round(time.monotonic() - start, 1)
    return result


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "bootstrap": {"type": "list", "elements": "str", "required": True},
            "cluster": {"type": "dict", "default": {}},
            "brokers": {"type": "dict", "default": {}},
            "controllers": {"type": "dict", "default": {}},
            "secrets": {"type": "dict", "default": {}, "no_log": True},
            "managed": {"type": "list", "elements": "str", "default": [], "no_log": False},
            "resend": {"type": "list", "elements": "str", "default": [], "no_log": False},
            "foreign_overrides": {"type": "str", "choices": ["report", "remove"], "default": "report"},
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
