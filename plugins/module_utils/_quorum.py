# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How many controllers vote, and how many of them may be lost."""

from __future__ import annotations

from ansible_collections.kraftops.kafka.plugins.module_utils._model import Cluster, Model
from ansible_collections.kraftops.kafka.plugins.module_utils._problems import Findings


def quorum(model: Model) -> tuple[dict[str, dict[str, int]], Findings]:
    """Return voters, majority and tolerated losses of each cluster, and what is wrong with their number."""
    findings = Findings()
    sizes = {}
    for cluster in model.clusters.values():
        voters = len(cluster.controllers)
        _check(cluster, voters, findings)
        sizes[cluster.name] = {
            "voters": voters,
            "majority": majority(voters),
            "tolerated": max(voters - majority(voters), 0),
        }
    return sizes, findings


def majority(voters: int) -> int:
    """Return how many of the voters must agree."""
    return voters // 2 + 1


def _check(cluster: Cluster, voters: int, findings: Findings) -> None:
    where = (cluster.name, "kafka_controllers")
    wanted = " or ".join(str(size) for size in cluster.quorum_sizes)
    if voters == 0:
        findings.problem(where, None, "no controller", f"Put {wanted} hosts of this cluster into kafka_controllers")
    elif voters % 2 == 0:
        why = f"{voters} controllers tolerate no more losses than {voters - 1}"
        findings.problem(where, None, why, f"Use an odd number: {wanted}")
    elif voters not in cluster.quorum_sizes:
        count = "1 controller" if voters == 1 else f"{voters} controllers"
        why = f"{count}, and kafka_quorum_sizes accepts {wanted}"
        findings.problem(where, None, why, f"Use {wanted} controllers, or add {voters} to kafka_quorum_sizes")
    elif voters == 1:
        why = "1 controller: when it is lost, so is the cluster's metadata"
        findings.warning(where, None, why, "Use 3 controllers for anything but a trial")
