# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a cluster survives, in sentences for a person at night."""

from __future__ import annotations

from ansible_collections.kraftops.kafka.plugins.module_utils._model import Cluster, Model, Node
from ansible_collections.kraftops.kafka.plugins.module_utils._placement import racks_of, worst_share
from ansible_collections.kraftops.kafka.plugins.module_utils._quorum import majority


def answers(model: Model, name: str) -> list[str]:
    """Return the sentences about one cluster."""
    cluster = model.clusters[name]
    controllers, brokers = model.controllers_of(name), model.brokers_of(name)
    if not controllers or not brokers:
        return [f"{name}: not a cluster yet, because controllers or brokers are missing."]
    told = [
        _controllers_alone(controllers),
        _brokers_alone(cluster, brokers),
        f"survives the loss of any one rack, controllers: {_controller_rack(controllers, 0)}",
        f"survives the loss of any one rack, acks=all writes: {_write_rack(cluster, brokers, 0)}",
        f"with one node down for a restart: {_restart(cluster, len(controllers))}",
        f"with one node down for a restart, survives the loss of a rack, controllers: {_controller_rack(controllers, 1)}",
        f"with one node down for a restart, survives the loss of a rack, acks=all writes: {_write_rack(cluster, brokers, 1)}",
    ]
    return [f"{name}: {sentence}" for sentence in told]


def _controllers_alone(controllers: list[Node]) -> str:
    voters = len(controllers)
    tolerated = voters - majority(voters)
    return f"tolerates the loss of {tolerated} of {voters} controllers (majority {majority(voters)})."


def _brokers_alone(cluster: Cluster, brokers: list[Node]) -> str:
    factor, min_isr = cluster.replication_factor, cluster.min_insync_replicas
    spare = max(min(factor, len(brokers)) - min_isr, 0)
    rule = f"({_replicas(factor)}, {min_isr} must be in sync)"
    return f"acks=all writes go on with {spare} of {len(brokers)} brokers lost {rule}."


def _replicas(number: int) -> str:
    return "1 replica" if number == 1 else f"{number} replicas"


def _without_racks(nodes: list[Node]) -> bool:
    return any(not node.rack for node in nodes)


def _controller_rack(controllers: list[Node], down: int) -> str:
    if _without_racks(controllers):
        return "unknown, because not every controller has a rack."
    voters, needed = len(controllers), majority(len(controllers))
    rack, held = max(racks_of(controllers).items(), key=lambda one: one[1])
    # The worst case: the node that is down stands in another rack, if there is one.
    left = max(voters - held - down, 0)
    answer = "yes" if left >= needed else "no"
    return f"{answer}, because the loss of rack {rack} leaves {left} of {voters}, and {needed} are needed."


def _write_rack(cluster: Cluster, brokers: list[Node], down: int) -> str:
    if _without_racks(brokers):
        return "unknown, because not every broker has a rack."
    factor, needed = cluster.replication_factor, cluster.min_insync_replicas
    if len(brokers) < factor:
        return f"no, because there are fewer brokers than the {factor} replicas of a topic."
    left = max(factor - worst_share(racks_of(brokers), factor) - down, 0)
    answer = "yes" if left >= needed else "no"
    return f"{answer}, because at worst {left} of {factor} replicas are left, and {needed} must be in sync."


def _restart(cluster: Cluster, voters: int) -> str:
    left, needed = voters - 1, majority(voters)
    in_sync = cluster.replication_factor - 1
    return f"{_further('controller', left, needed)}; {_further('broker', in_sync, cluster.min_insync_replicas)}."


def _further(what: str, left: int, needed: int) -> str:
    """Say how many more may be lost; of brokers, replicas are what counts."""
    counted = "replicas" if what == "broker" else "voters"
    if left < needed:
        stops = "acks=all writes stop" if what == "broker" else "nothing is decided"
        return f"{stops} until the {what} is back ({left} {counted} left, {needed} needed)"
    more = f"{left - needed} further {what}" if left - needed else f"no further {what}"
    plural = "s" if left - needed > 1 else ""
    return f"{more}{plural} may be lost ({left} {counted} left, {needed} needed)"
