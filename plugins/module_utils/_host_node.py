# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a Kafka host knows of its own node: the small files that the role writes for the commands on the host."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any

NODE_FILE = "/etc/kafka/node.json"
# systemd keeps this link while the unit has a process; it is another one after each start.
INVOCATION = "/run/systemd/units/invocation:kafka.service"


@dataclass(frozen=True)
class HostNode:
    """The node of this host; `broker` and `controller` are host:port of its listeners, empty for a role that it has not."""

    name: str
    node_id: int
    cluster: str
    broker: str
    controller: str

    @property
    def address(self) -> str:
        """A listener of the node itself: a broker's for clients, else the controller's."""
        return self.broker or self.controller


def read_json(path: str) -> dict[str, Any]:
    """Return a JSON file's object."""
    with open(path, encoding="utf-8") as stream:
        found: dict[str, Any] = json.load(stream)
    return found


def host_node(path: str = NODE_FILE) -> HostNode:
    """Return the node of this host."""
    return HostNode(**read_json(path))


def invocation(path: str = INVOCATION) -> str:
    """Return what tells one start of Kafka from another; empty while it does not run."""
    try:
        return os.readlink(path)
    except OSError:
        return ""
