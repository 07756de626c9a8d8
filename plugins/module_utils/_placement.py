# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether controllers and brokers are spread so that a rack can be lost, checked and said in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from ansible_collections.kraftops.kafka.plugins.module_utils._model import Cluster, Model, Node
from ansible_collections.kraftops.kafka.plugins.module_utils._problems import Findings, names

Report = Callable[[tuple[str, str], object, str, str], None]
WARN_LOPSIDED, REFUSE_LOPSIDED = 1, 2


def check(model: Model) -> Findings:
    """Return what is wrong with the placement; kafka_placement_policy turns findings about racks into warnings."""
    findings = Findings()
    for cluster in model.clusters.values():
        _replication(cluster, findings)
        _combined(model, cluster, findings)
        nodes = model.nodes_of(cluster.name)
        report = findings.warning if cluster.placement_policy == "warn" else findings.problem
        without = [node.name for node in nodes if not node.rack]
        if len(without) == len(nodes):
            why = "no host has a rack, so the placement cannot be checked"
            findings.warning((cluster.name, "kafka_rack"), None, why, "Set kafka_rack on every host, or accept it")
        elif without:
            why = f"missing on {names(without)}, but set on other hosts of the cluster"
            report((cluster.name, "kafka_rack"), None, why, "Set it on every host of the cluster, or on none")
        else:
            _controller_racks(cluster, model.controllers_of(cluster.name), report)
            _broker_racks(cluster, model.brokers_of(cluster.name), findings)
    return findings


def racks_of(nodes: list[Node]) -> dict[str, int]:
    """Return how many of the nodes each rack holds."""
    return dict(sorted(Counter(node.rack for node in nodes if node.rack).items()))


def worst_share(racks: dict[str, int], factor: int) -> int:
    """Return the most replicas of one partition that one rack can hold: Kafka deals them out rack by rack."""
    share = 0
    while share < factor and sum(min(size, share) for size in racks.values()) < factor:
        share += 1
    return share


def _replication(cluster: Cluster, findings: Findings) -> None:
    brokers, factor, min_isr = len(cluster.brokers), cluster.replication_factor, cluster.min_insync_replicas
    where = (cluster.name, "kafka_replication_factor")
    if brokers == 0:
        fix = "Put hosts of this cluster into kafka_brokers"
        findings.problem((cluster.name, "kafka_brokers"), None, "no broker", fix)
    elif brokers < factor:
        why = f"more replicas than brokers ({brokers}), so no topic could be made"
        lower = "kafka_replication_factor and kafka_min_insync_replicas"
        findings.problem(where, factor, why, f"Add brokers, or lower {lower} for this cluster")
    if factor == min_isr == 1 and brokers == 1:
        why = "1 replica of everything: when the broker is lost, so is the data"
        findings.warning(where, factor, why, "Use 3 brokers for anything but a trial")
    elif min_isr >= factor:
        why = f"not less than kafka_replication_factor ({factor}), so one restart stops acks=all writes"
        least = "Lower it" if factor > 1 else "Use kafka_replication_factor 2 or more: 1 is for a single broker"
        findings.problem((cluster.name, "kafka_min_insync_replicas"), min_isr, why, least)


def _combined(model: Model, cluster: Cluster, findings: Findings) -> None:
    both = [node.name for node in model.nodes_of(cluster.name) if node.role == "combined"]
    if both:
        why = f"combined nodes ({names(both)}) are not recommended where it matters: both roles restart together"
        findings.warning((cluster.name, "kafka_controllers"), None, why, "Use hosts of their own for the controllers")


def _controller_racks(cluster: Cluster, controllers: list[Node], report: Report) -> None:
    voters = len(controllers)
    allowed = (voters - 1) // 2
    for rack, held in racks_of(controllers).items():
        if voters >= 3 and held > allowed:
            inside = names(node.name for node in controllers if node.rack == rack)
            why = f"holds {held} of {voters} controllers ({inside}); when it is lost, no majority is left"
            fix = f"Put at most {allowed} in a rack"
            report((cluster.name, "kafka_rack"), rack, why, fix)


def _broker_racks(cluster: Cluster, brokers: list[Node], findings: Findings) -> None:
    racks = racks_of(brokers)
    if len(brokers) < 2:
        return
    report = findings.warning if cluster.placement_policy == "warn" else findings.problem
    factor, min_isr = cluster.replication_factor, cluster.min_insync_replicas
    left = factor - worst_share(racks, factor)
    if len(brokers) >= factor > min_isr > left:
        spread = "1 rack" if len(racks) == 1 else f"{len(racks)} racks"
        why = (
            f"brokers in {spread}: the loss of one can leave {left} of {factor} replicas, and acks=all needs {min_isr}"
        )
        report((cluster.name, "kafka_rack"), None, why, "Spread the brokers over more racks")
    largest, smallest = max(racks.values()), min(racks.values())
    told = ", ".join(f"{rack}: {held}" for rack, held in racks.items())
    why = f"brokers per rack are uneven ({told}); those in the small rack get more replicas each"
    fix = "Use the same number of brokers in each rack"
    if largest > REFUSE_LOPSIDED * smallest:
        report((cluster.name, "kafka_rack"), None, why, fix)
    elif largest > WARN_LOPSIDED * smallest:
        findings.warning((cluster.name, "kafka_rack"), None, why, fix)
