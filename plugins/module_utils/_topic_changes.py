# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carrying out a plan of topics: look, ask the server whether it would take everything, apply, wait until it shows."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_configs import live_configs
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_moves import MovesNode
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_resources import NewTopic, ResourcesNode
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_topics import TOPIC, Metadata
from ansible_collections.kraftops.kafka.plugins.module_utils._topic_plan import TopicPlan, beyond_limits
from ansible_collections.kraftops.kafka.plugins.module_utils._topics import Declared, Existing, Seen

DEFAULTS = {"default.replication.factor": 1, "num.partitions": 1, "min.insync.replicas": 1}
POLL_SECONDS = 0.2


def look(node: ResourcesNode, topics: list[Declared]) -> Seen:
    """Read what is there of the declared topics, in one request for all partitions and one for 1,000 topics' configs."""
    metadata = node.metadata()
    several: dict[str, list[int]] = defaultdict(list)
    for one in metadata.partitions:
        several[one.topic].append(len(one.replicas))
    wanted = {one.name for one in topics} & set(several)
    configs = node.topic_configs(wanted)
    existing = {
        name: Existing(
            len(several[name]),
            max(several[name]),
            {key: entry.value for key, entry in configs[name].items()},
            frozenset(key for key, entry in configs[name].items() if entry.own),
        )
        for name in sorted(wanted & set(configs))
    }
    factor, partitions, least = _defaults(metadata)
    return Seen(existing, frozenset(several), len(metadata.brokers), factor, partitions, least)


def _defaults(metadata: Metadata) -> tuple[int, ...]:
    """Return what a topic gets that says nothing; the same on every broker, so one of them is asked."""
    node_id, one = min(metadata.brokers.items())
    found = live_configs(f"{one.host}:{one.port}", node_id, DEFAULTS)
    return tuple(int(found[key]["value"] or default) if key in found else default for key, default in DEFAULTS.items())


def weigh(node: ResourcesNode, topics: list[Declared], seen: Seen) -> Seen:
    """Add what lies in the declared topics; a broker that does not answer only makes the numbers smaller."""
    wanted = {one.name for one in topics}
    largest: dict[tuple[str, int], int] = {}
    for one in node.metadata().brokers.values():
        try:
            with MovesNode(f"{one.host}:{one.port}") as broker:
                directories = broker.stored()
        except AdminError:
            continue
        for directory in directories:
            for name, size in directory.replicas.items():
                if name[0] in wanted:
                    largest[name] = max(size, largest.get(name, 0))
    sizes: dict[str, list[int]] = defaultdict(list)
    for (topic, _number), size in largest.items():
        sizes[topic].append(size)
    total = {topic: sum(each) for topic, each in sizes.items()}
    return replace(seen, bytes=total, beyond=beyond_limits(topics, seen.topics, sizes))


def new_topics(made: TopicPlan) -> list[NewTopic]:
    """Return the topics to be made as the server wants them."""
    return [
        NewTopic(
            one.name,
            one.partitions or -1,
            one.factor or -1,
            {key: value for key, value in one.configs.items() if value is not None},
        )
        for one in made.create
    ]


def objections(node: ResourcesNode, made: TopicPlan) -> list[str]:
    """Ask the server whether it would take everything; what is refused already is not asked again."""
    refused = {problem.split(":", 1)[0] for problem in made.problems}
    told = node.create([one for one in new_topics(made) if one.name not in refused], validate_only=True)
    told.update(node.grow(_counts(made, refused), validate_only=True))
    found = node.alter(TOPIC, _after(made, refused), validate_only=True)
    return [f"{name}: Kafka refuses it: {why}" for name, why in sorted([*told.items(), *found.items()])]


def _counts(made: TopicPlan, without: set[str]) -> dict[str, int]:
    return {name: count for name, (_before, count) in made.grow.items() if name not in without}


def _after(made: TopicPlan, without: set[str]) -> dict[str, dict[str, Any]]:
    return {
        name: {key: value for key, (_before, value) in changes.items()}
        for name, changes in made.configs.items()
        if name not in without
    }


def apply(node: ResourcesNode, made: TopicPlan, timeout: float) -> list[str]:
    """Do everything; return what went wrong. Topics are made first and deleted last."""
    steps: tuple[tuple[str, Mapping[str, str]], ...] = (
        ("made", node.create(new_topics(made))),
        ("grown", node.grow(_counts(made, set()))),
        ("changed", node.alter(TOPIC, _after(made, set()))),
        ("deleted", node.delete(made.delete)),
    )
    failures = [f"{name} was not {what}: {why}" for what, refused in steps for name, why in sorted(refused.items())]
    return failures or _wait(node, made, timeout)


def _wait(node: ResourcesNode, made: TopicPlan, timeout: float) -> list[str]:
    """Return once the broker shows every new partition with a leader, or what is missing when the time is over."""
    wanted = {one.name: one.partitions or 1 for one in made.create}
    wanted.update({name: after for name, (_before, after) in made.grow.items()})
    deadline = time.monotonic() + timeout
    while True:
        led: dict[str, int] = defaultdict(int)
        for one in node.metadata().partitions if wanted else ():
            led[one.topic] += one.leader >= 0
        missing = [name for name, count in sorted(wanted.items()) if led[name] < count]
        if not missing or time.monotonic() > deadline:
            return [f"{name} has no leaders after {timeout:.0f} s" for name in missing]
        time.sleep(POLL_SECONDS)
