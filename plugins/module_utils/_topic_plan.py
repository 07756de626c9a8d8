# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What to do so that the topics of a cluster are as declared, and what is refused; all problems at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

from ansible_collections.kraftops.kafka.plugins.module_utils import _data_loss as data_loss
from ansible_collections.kraftops.kafka.plugins.module_utils._topics import (
    ABSENT,
    MIN_ISR,
    POLICY,
    Declared,
    Existing,
    Seen,
    name_problems,
)

# The broker's names for the keys of topics that can destroy data.
DANGEROUS = {
    "retention.ms": "log.retention.ms",
    "retention.bytes": "log.retention.bytes",
    "local.retention.ms": "log.local.retention.ms",
    "local.retention.bytes": "log.local.retention.bytes",
    POLICY: "log.cleanup.policy",
    MIN_ISR: "min.insync.replicas",
    "unclean.leader.election.enable": "unclean.leader.election.enable",
}
INTERNAL = "__"
ALLOW_DELETE = "kafka_topics_allow_delete"


@dataclass(frozen=True)
class Permissions:
    """What the operator has confirmed."""

    delete: bool = False
    data_loss: frozenset[str] = frozenset()


@dataclass
class TopicPlan:
    """What to do, and what to say."""

    create: list[Declared] = field(default_factory=list)
    grow: dict[str, tuple[int, int]] = field(default_factory=dict)
    configs: dict[str, dict[str, tuple[Optional[str], Optional[str]]]] = field(default_factory=dict)
    delete: list[str] = field(default_factory=list)
    factors: dict[str, tuple[int, int]] = field(default_factory=dict)
    undeclared: dict[str, dict[str, Optional[str]]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Return whether anything has to be done here; replication factors are the balance's."""
        return bool(self.create or self.grow or self.configs or self.delete)


def plan(topics: list[Declared], seen: Seen, allowed: Permissions) -> TopicPlan:
    """Compare what is declared with what is."""
    made = TopicPlan(problems=name_problems(topics, seen.names))
    for one in sorted(topics, key=lambda item: item.name):
        there = seen.topics.get(one.name)
        if one.state == ABSENT:
            if there is not None:
                _delete(made, one, seen, allowed)
            continue
        _judge_replicas(made, one, there, seen)
        if there is None:
            made.create.append(one)
        else:
            _change(made, one, there, seen, allowed)
    return made


def _delete(made: TopicPlan, one: Declared, seen: Seen, allowed: Permissions) -> None:
    made.delete.append(one.name)
    holds = data_loss.size(seen.bytes.get(one.name, 0))
    if one.name.startswith(INTERNAL):
        made.problems.append(f"{one.name}: Kafka's own topic is never deleted. Take it out of kafka_topics")
    elif not allowed.delete:
        made.problems.append(
            f"{one.name}: would be deleted with {holds} of messages. If that is meant, give -e {ALLOW_DELETE}=true"
        )
    else:
        made.warnings.append(f"{one.name}: deleted with {holds} of messages")


def _judge_replicas(made: TopicPlan, one: Declared, there: Optional[Existing], seen: Seen) -> None:
    """Refuse more replicas than brokers, and a min.insync.replicas that leaves none to spare."""
    factor = one.factor or (there.factor if there else seen.factor)
    if factor > seen.brokers and (one.factor or there is None):
        made.problems.append(
            f"{one.name}: {factor} replicas need {factor} brokers, and {seen.brokers} serve. "
            f"Lower replication_factor, or start the others"
        )
    declared_min = one.configs.get(MIN_ISR)
    if there is not None and declared_min is None and one.factor in (None, there.factor):
        return
    current = there.configs.get(MIN_ISR) if there else None
    text = declared_min or current or str(seen.min_isr)
    least = int(text) if text.isdigit() else 0
    if least > factor or least == factor > 1:
        made.problems.append(
            f"{one.name}: {MIN_ISR} {least} of {factor} replicas: with one broker down nobody could write with acks=all. "
            f"Set it to {max(factor - 1, 1)}"
        )


def _change(made: TopicPlan, one: Declared, there: Existing, seen: Seen, allowed: Permissions) -> None:
    if one.factor not in (None, there.factor):
        made.factors[one.name] = there.factor, one.factor or there.factor
    if one.partitions is not None and one.partitions < there.partitions:
        made.problems.append(
            f"{one.name}: has {there.partitions} partitions, {one.partitions} are declared, and Kafka cannot take any away: "
            f"their messages would be lost. Declare {there.partitions}, or make a new topic with {one.partitions} and move "
            "producers and consumers over"
        )
    elif one.partitions is not None and one.partitions > there.partitions:
        made.grow[one.name] = there.partitions, one.partitions
        made.warnings.append(_about_keys(one, there))
    changes = {
        key: (there.configs.get(key) if key in there.own else None, value)
        for key, value in sorted(one.configs.items())
        if (key in there.own or value is not None) and not _is_so(there, key, value)
    }
    if changes:
        made.configs[one.name] = changes
        made.problems += _dangers(one, there, seen, allowed)
    others = {key: there.configs.get(key) for key in sorted(there.own - set(one.configs))}
    if others:
        made.undeclared[one.name] = others


def _is_so(there: Existing, key: str, value: Optional[str]) -> bool:
    """Return whether a key has its value already. A default that says the same is not enough: it may change."""
    return key in there.own and there.configs.get(key) == value


def _about_keys(one: Declared, there: Existing) -> str:
    keyed = "compact" in (there.configs.get(POLICY) or "")
    told = f"{one.name}: grows from {there.partitions} to {one.partitions} partitions, for ever; "
    if keyed:
        return (
            told
            + "it is compacted, so its messages have keys: they map to other partitions from now on, and an old value stays"
        )
    return told + "if its messages have keys, these map to other partitions from now on, and their order is lost once"


def _at_stake(topic: str, key: str, seen: Seen) -> str:
    """Return what the topic holds, and where that is known how much of it lies beyond a new limit."""
    holds, beyond = data_loss.size(seen.bytes.get(topic, 0)), seen.beyond.get(topic, {}).get(key)
    if beyond is None:
        return f"the topic holds {holds}"
    lost = f"{data_loss.size(beyond)} lie" if beyond else "nothing lies"
    return f"of the {holds} that the topic holds {lost} beyond that"


def _dangers(one: Declared, there: Existing, seen: Seen, allowed: Permissions) -> list[str]:
    """Return what the changes of one topic would destroy, unless the operator has confirmed just that."""
    if one.name in allowed.data_loss:
        return []
    old = {name: there.configs.get(key) for key, name in DANGEROUS.items()}
    new = {
        name: one.configs[key] if one.configs.get(key) is not None else there.configs.get(key)
        for key, name in DANGEROUS.items()
    }
    found = []
    for key, name in DANGEROUS.items():
        if key in one.configs and not _is_so(there, key, one.configs[key]):
            sentence = data_loss.danger(name, old, new, None)
            if one.configs[key] is None and key in there.own:
                sentence = f"the cluster's own value counts again instead of {there.configs.get(key)}, whatever it is"
            if sentence:
                found.append(
                    f"{one.name}: {key}={shown(one.configs[key])}: {sentence}; {_at_stake(one.name, key, seen)}. "
                    f"If that is meant, give -e {data_loss.CONFIRM}={one.name}"
                )
    return found


def shown(value: Optional[str]) -> str:
    """Return a value, or the word for none."""
    return "(removed)" if value is None else value


def beyond_limits(
    topics: list[Declared], there: Mapping[str, Existing], sizes: Mapping[str, list[int]]
) -> dict[str, dict[str, int]]:
    """Return the bytes that lie beyond new size limits: what each partition has more than it may keep."""
    found: dict[str, dict[str, int]] = {}
    for one in topics:
        value = one.configs.get("retention.bytes")
        if one.name in there and value and value.isdigit():
            over = sum(max(size - int(value), 0) for size in sizes.get(one.name, []))
            found[one.name] = {"retention.bytes": over}
    return found
