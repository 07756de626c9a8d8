# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Live configs of nodes over the wire: reading them with their sources, and changing the dynamic ones.

A node describes only itself, a broker takes per-broker changes only for itself, and the active controller takes those
of controllers (Kafka 4.3 and later) without looking at the value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Optional, TypedDict

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError, AdminNode

# ConfigResource.Type
BROKER = 4
# The name of the resource that holds the cluster-wide dynamic values.
CLUSTER = ""
# IncrementalAlterConfigs (KIP-339)
SET, DELETE = 0, 1
# DescribeConfigsResponse.ConfigType
TYPES = {1: "boolean", 2: "string", 3: "int", 4: "short", 5: "long", 6: "double", 7: "list", 8: "class", 9: "password"}


class Synonym(TypedDict):
    """One of the places that a value can come from; the first in a list wins."""

    name: str
    value: Optional[str]
    source: int


class Entry(TypedDict):
    """One property as a node lives by it; `source` is Kafka's number (DescribeConfigsResponse.ConfigSource).

    `value` is None for a secret, and for a property that Kafka derives from another (log.retention.hours).
    """

    value: Optional[str]
    read_only: bool
    source: int
    sensitive: bool
    type: str
    synonyms: list[Synonym]


Configs = dict[str, Entry]
# (key, value); no value removes the key
Operation = tuple[str, Optional[str]]


class RefusedError(AdminError):
    """The server refused a change; `said` is its own words, `code` its error code."""

    def __init__(self, address: str, said: str, code: int) -> None:
        """Keep the parts for whoever puts them into words."""
        super().__init__(f"{address} answered: {said} (error {code})")
        self.said = said
        self.code = code


class ConfigsNode(AdminNode):
    """A connection that reads and changes configs."""

    def configs(self, name: str, keys: Optional[Iterable[str]] = None) -> Configs:
        """Return the properties of this very node (its id as a text), or the stored cluster-wide ones (CLUSTER)."""
        from kafka.protocol.admin import DescribeConfigsRequest

        wanted = None if keys is None else list(keys)
        answer = self._ask(DescribeConfigsRequest(resources=[(BROKER, name, wanted)], include_synonyms=True))
        result = answer.results[0]
        self._check(result.error_code, result.error_message)
        return {item.name: _entry(item) for item in result.configs}

    def alter(self, name: str, operations: Iterable[Operation], validate_only: bool) -> None:
        """Set and remove dynamic values of one resource, or only ask whether that would do; raise RefusedError."""
        from kafka.errors import for_code
        from kafka.protocol.admin import IncrementalAlterConfigsRequest

        entries = [(key, DELETE if value is None else SET, value) for key, value in operations]
        request = IncrementalAlterConfigsRequest(resources=[(BROKER, name, entries)], validate_only=validate_only)
        result = self._ask(request).responses[0]
        if result.error_code:
            said = result.error_message or for_code(result.error_code).__name__
            raise RefusedError(self.address, said, result.error_code)


def live_configs(address: str, node_id: int, keys: Optional[Iterable[str]] = None) -> Configs:
    """Return all properties (or some) of a broker, through its client listener, or a controller, through its own."""
    with ConfigsNode(address) as node:
        return node.configs(str(node_id), keys)


def live_configs_of(addresses: Mapping[int, str]) -> tuple[dict[int, Configs], dict[int, str]]:
    """Return {id: properties} of the nodes that answered, and {id: why} of the others."""
    found: dict[int, Configs] = {}
    silent: dict[int, str] = {}
    for node_id, address in addresses.items():
        try:
            found[node_id] = live_configs(address, node_id)
        except AdminError as problem:
            silent[node_id] = str(problem)
    return found, silent


def _entry(item: Any) -> Entry:
    return {
        "value": item.value,
        "read_only": item.read_only,
        "source": item.config_source,
        "sensitive": item.is_sensitive,
        "type": TYPES.get(item.config_type, "unknown"),
        "synonyms": [{"name": one.name, "value": one.value, "source": one.source} for one in item.synonyms],
    }
