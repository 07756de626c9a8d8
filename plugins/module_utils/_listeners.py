# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The listeners of a node. Computed here because merging dicts in YAML loses one on combined nodes."""

from __future__ import annotations

from ansible_collections.kraftops.kafka.plugins.module_utils._model import Model, Node, host_port

CLIENT, CONTROLLER = "CLIENT", "CONTROLLER"
NAMES = (
    "listeners",
    "advertised_listeners",
    "protocol_map",
    "controller_listener_names",
    "inter_broker_listener_name",
)
PROTOCOLS = {"plaintext": "PLAINTEXT"}


def listeners(model: Model, host: str) -> dict[str, str]:
    """Return what Kafka calls listeners, advertised.listeners and so on, as strings."""
    node = model.nodes[host]
    protocol = PROTOCOLS[model.clusters[node.cluster].security]
    ports = _ports(node)
    return {
        # Bound to every address of the host, because the exporters and tools on it use the loopback one.
        "listeners": ",".join(f"{name}://:{port}" for name, port in ports.items()),
        "advertised_listeners": ",".join(f"{name}://{host_port(node.address, port)}" for name, port in ports.items()),
        "protocol_map": f"{CLIENT}:{protocol},{CONTROLLER}:{protocol}",
        "controller_listener_names": CONTROLLER,
        "inter_broker_listener_name": CLIENT if node.is_broker else "",
    }


def _ports(node: Node) -> dict[str, int]:
    ports = {}
    if node.client_port is not None:
        ports[CLIENT] = node.client_port
    if node.controller_port is not None:
        ports[CONTROLLER] = node.controller_port
    return ports
