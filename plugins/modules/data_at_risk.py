#!/usr/bin/python
# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Report what a broker would lose by a shorter retention, and what lies in directories that are to go."""

from __future__ import annotations

DOCUMENTATION = r"""
module: data_at_risk
short_description: Report what a broker's data directories hold that a change would lose
version_added: 0.1.0
description:
  - Counts the replicas in directories as the broker knows them (DescribeLogDirs).
  - Adds up the log segments beyond new limits, by the sizes and times of their files. Kafka judges a segment by the newest
    time stamp of its messages, which is near the time at which the file was last written to, but need not be the same.
  - Topics with a limit of their own, and topics that are only compacted, are left out, since the broker's limit is not theirs.
  - Runs on the broker's host, reads only, and changes nothing.
extends_documentation_fragment: [kraftops.kafka.attributes]
options:
  address: {description: "The broker's own listener, as C(host:port).", type: str, required: true}
  directories: {description: Its data directories., type: list, elements: path, required: true}
  removed: {description: Those of them whose replicas are counted., type: list, elements: path, default: []}
  limits:
    description: New limits by property, C(log.retention.ms) or C(log.retention.bytes).
    type: dict
    default: {}
author: The kraftops.kafka maintainers (@kraftops)
"""

EXAMPLES = r"""
- name: Plan | Look up what a retention of one day would delete
  kraftops.kafka.data_at_risk:
    address: broker-1:9092
    directories: [/var/lib/kafka/data]
    limits: {log.retention.ms: 86400000}
"""

RETURN = r"""
replicas:
  description: The number of replicas by directory; a directory of which the broker says nothing is missing.
  returned: always
  type: dict
beyond:
  description: By property C(bytes) of segments beyond the limit, C(of) all that it concerns, and C(own), topics with their own limit.
  returned: always
  type: dict
why: {description: Why nothing is known; empty when it is., returned: always, type: str}
"""

import time
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils import _segments
from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_topics import BrokerNode, TopicSettings

POLICY = "cleanup.policy"
# What a topic's own limit is called.
OF_TOPIC = {_segments.TIME: "retention.ms", _segments.SIZE: "retention.bytes"}


def deletes(settings: TopicSettings, topic: str) -> bool:
    """Tell whether old segments of a topic are deleted at all; one that has just been deleted has no settings."""
    return "delete" in settings.get(topic, {}).get(POLICY, ("", False))[0].split(",")


def beyond(directories: list[str], limits: dict[str, int], settings: TopicSettings) -> dict[str, Any]:
    """Add up the segments beyond each limit."""
    now = time.time()
    found: dict[str, Any] = {key: {"bytes": 0, "of": 0, "own": set()} for key in limits}
    for topic, segments in _segments.replicas(directories):
        for key, one in found.items():
            _limit, is_own = settings.get(topic, {}).get(OF_TOPIC[key], ("", False))
            if not deletes(settings, topic):
                continue
            if is_own:
                one["own"].add(topic)
                continue
            one["bytes"] += _segments.beyond(key, limits[key], segments, now)
            one["of"] += sum(segment.size for segment in segments)
    return {key: {**one, "own": sorted(one["own"])} for key, one in found.items()}


def report(params: dict[str, Any]) -> dict[str, Any]:
    """Ask the broker and read its disks."""
    limits = {key: int(value) for key, value in params["limits"].items()}
    with BrokerNode(params["address"]) as broker:
        counted = broker.replicas() if params["removed"] else {}
        topics = {topic for topic, _segments_of in _segments.replicas(params["directories"])} if limits else set()
        settings = broker.topic_settings(topics, [POLICY, *OF_TOPIC.values()])
    return {
        "replicas": {path: counted[path] for path in params["removed"] if path in counted},
        "beyond": beyond(params["directories"], limits, settings),
        "why": "",
    }


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "address": {"type": "str", "required": True},
            "directories": {"type": "list", "elements": "path", "required": True},
            "removed": {"type": "list", "elements": "path", "default": []},
            "limits": {"type": "dict", "default": {}},
        },
        supports_check_mode=True,
    )
    unknown = sorted(set(module.params["limits"]) - set(OF_TOPIC))
    if unknown:
        module.fail_json(msg=f"limits: {', '.join(unknown)} is none of {', '.join(OF_TOPIC)}")
    try:
        module.exit_json(changed=False, **report(module.params))
    except AdminError as problem:
        module.exit_json(changed=False, replicas={}, beyond={}, why=str(problem))


if __name__ == "__main__":
    main()
