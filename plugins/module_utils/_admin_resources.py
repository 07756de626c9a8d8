# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Creating, growing and deleting topics, and the configs of many topics or of a broker in few requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Optional, TypeVar

from ansible_collections.kraftops.kafka.plugins.module_utils._admin_topics import (
    BATCH,
    TOPIC,
    UNKNOWN_TOPIC,
    BrokerNode,
)

# DescribeConfigsResponse.ConfigSource: set on the topic itself.
ON_TOPIC = 1
SET, DELETE = 0, 1
# One request may make 10,000 records on the controller (ReplicationControlManager), a partition and its share of configs one each.
PARTITIONS_AT_ONCE = 2000
TOPIC_ALREADY_EXISTS = 36

Item = TypeVar("Item")
# {key: value}; no value removes the key
Changes = Mapping[str, Optional[str]]


class TopicEntry(NamedTuple):
    """A config as a topic lives by it, and whether it was set on the topic itself."""

    value: Optional[str]
    own: bool


class NewTopic(NamedTuple):
    """A topic to be made; -1 is the cluster's own number."""

    name: str
    partitions: int = -1
    factor: int = -1
    configs: Mapping[str, str] = {}


class ResourcesNode(BrokerNode):
    """A connection to one broker that changes topics and configs."""

    def topic_configs(
        self, topics: Iterable[str], keys: Optional[list[str]] = None
    ) -> dict[str, dict[str, TopicEntry]]:
        """Return the effective configs of topics, all or some; a topic that has just been deleted is left out."""
        from kafka.protocol.admin import DescribeConfigsRequest

        found = {}
        for some in batches(sorted(set(topics)), BATCH):
            resources = [(TOPIC, name, keys) for name in some]
            for result in self._ask(DescribeConfigsRequest(resources=resources)).results:
                if result.error_code != UNKNOWN_TOPIC:
                    self._check(result.error_code, result.error_message)
                    found[result.resource_name] = {
                        item.name: TopicEntry(item.value, item.config_source == ON_TOPIC) for item in result.configs
                    }
        return found

    def alter(self, kind: int, changes: Mapping[str, Changes], validate_only: bool = False) -> dict[str, str]:
        """Set and remove configs of topics, or of this very broker; return what was refused, by name."""
        from kafka.protocol.admin import IncrementalAlterConfigsRequest

        refused = {}
        for some in batches(sorted(name for name, wanted in changes.items() if wanted), BATCH):
            resources = [
                (kind, name, [(key, DELETE if value is None else SET, value) for key, value in changes[name].items()])
                for name in some
            ]
            answer = self._ask(IncrementalAlterConfigsRequest(resources=resources, validate_only=validate_only))
            refused.update({one.resource_name: _said(one) for one in answer.responses if one.error_code})
        return refused

    def create(self, topics: Iterable[NewTopic], validate_only: bool = False) -> dict[str, str]:
        """Make topics; Kafka spreads them over the racks. Return what was refused, by name."""
        from kafka.protocol.admin import CreateTopicsRequest

        refused = {}
        for some in _by_partitions(topics):
            wanted: list[Any] = [(one.name, one.partitions, one.factor, [], list(one.configs.items())) for one in some]
            request = CreateTopicsRequest(topics=wanted, timeout_ms=self.timeout_ms, validate_only=validate_only)
            refused.update({one.name: _said(one) for one in self._ask(request).topics if one.error_code})
        return refused

    def grow(self, counts: Mapping[str, int], validate_only: bool = False) -> dict[str, str]:
        """Give topics more partitions; return what was refused, by name."""
        from kafka.protocol.admin import CreatePartitionsRequest

        refused = {}
        for some in batches(sorted(counts), BATCH):
            wanted: list[Any] = [(name, counts[name], None) for name in some]
            request = CreatePartitionsRequest(topics=wanted, timeout_ms=self.timeout_ms, validate_only=validate_only)
            refused.update({one.name: _said(one) for one in self._ask(request).results if one.error_code})
        return refused

    def delete(self, topics: Iterable[str]) -> dict[str, str]:
        """Delete topics with all that is in them; return what was refused, by name."""
        from kafka.protocol.admin import DeleteTopicsRequest

        refused = {}
        for some in batches(sorted(topics), BATCH):
            request = DeleteTopicsRequest(timeout_ms=self.timeout_ms)
            request.topic_names = some
            request.topics = [DeleteTopicsRequest.DeleteTopicState(name=name) for name in some]
            refused.update({one.name: _said(one) for one in self._ask(request).responses if one.error_code})
        return refused


def _said(one: Any) -> str:
    """Return why the server refused."""
    from kafka.errors import for_code

    return str(one.error_message or for_code(one.error_code).__name__)


def batches(items: list[Item], most: int) -> Iterator[list[Item]]:
    """Yield so many at once."""
    for start in range(0, len(items), most):
        yield items[start : start + most]


def _by_partitions(topics: Iterable[NewTopic]) -> Iterator[list[NewTopic]]:
    some: list[NewTopic] = []
    several = 0
    for one in topics:
        if some and several + max(one.partitions, 1) > PARTITIONS_AT_ONCE:
            yield some
            some, several = [], 0
        some.append(one)
        several += max(one.partitions, 1)
    if some:
        yield some
