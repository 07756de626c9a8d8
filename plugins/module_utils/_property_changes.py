# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Differences of one property on one node: what class each has, and what is to be done about it.

- A property that Kafka reads at start is pending when neither the loaded copy nor the live value is as desired.
- A property that Kafka takes live is compared with the live value, wherever that comes from.
- A property that left the inventory is set to Kafka's default live. That dynamic value goes once every process was
  started without the old one: before, the old one would come back. Until then it is known to be ours.
- The inventory wins over dynamic properties that shadow it; those that it says nothing about are reported, or removed
  with `kafka_foreign_overrides: remove`. They are lines of their own.
- A secret cannot be read back, so it is compared with the loaded copy and changed with a restart.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Optional

from ansible_collections.kraftops.kafka.plugins.module_utils import _effective as effective
from ansible_collections.kraftops.kafka.plugins.module_utils._difference import (
    ABSENT,
    DELETE,
    DYNAMIC_CLUSTER,
    DYNAMIC_NODE,
    NONE,
    RESTART,
    SET,
    Difference,
    shown,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._plan_input import Cluster, NodeState
from ansible_collections.kraftops.kafka.plugins.module_utils._property import Property
from ansible_collections.kraftops.kafka.plugins.module_utils._update_modes import (
    CLEARS_ELR,
    CLUSTER,
    NODE,
    THROTTLES,
    beyond_one_step,
    ignored_by,
    is_thread_pool,
    node_scope_works,
    scope,
)

Lines = list[Difference]
LEFT_OVER = "no process was started with another value any more, so the dynamic one that hid it goes"
ONLY_THE_FILE = "only the file differs: it is written, nothing else is needed"


def changes(node: NodeState, cluster: Cluster, key: str) -> Lines:
    """Return the differences of one property that some file states."""
    one = Property(node, cluster, key)
    if ignored_by(key, node.role, node.known_version):
        return _file_only(one, "only brokers use it: it is written to this controller's file, nothing else is needed")
    if one.scope is None or one.want is None:
        lines = _read_at_start(one)
    elif not node.running:
        lines = _not_running(one)
    elif node.live is None:
        lines = _silent(one)
    else:
        lines = _dynamic(one)
    return lines or _file_only(one, ONLY_THE_FILE)


def _file_only(one: Property, reason: str) -> Lines:
    node = one.node
    if node.file is None or not node.file_differs(one.key, one.members):
        return []
    old, new = effective.stated(one.key, node.file), one.said
    if old == new:
        name = effective.spelled(one.key, node.desired)
        reason = f"the same value in other words ({name} = {node.desired.get(name, '')}): {reason}"
        reason = ONLY_THE_FILE if one.secret else reason
    secret = one.secret
    return [Difference(node.host, one.key, shown(one.key, old, secret), shown(one.key, new, secret), NONE, reason)]


def _read_at_start(one: Property) -> Lines:
    node, want = one.node, one.want
    lines = _unshadowed(one, want)
    live_as_desired = one.now is not None and one.now == want and not lines
    loaded_as_desired = one.started == want and (node.loaded is not None or one.now is None)
    if live_as_desired or loaded_as_desired:
        return lines
    old = one.started if node.loaded is not None or one.now is None else one.now
    reason = "Kafka reads it only when it starts"
    if one.secret and scope(one.key, node.known_version):
        reason = "a secret cannot be read back, so it is changed with a restart"
    return [*lines, one.line(old, want, RESTART, reason)]


def _unshadowed(one: Property, until_restart: Optional[str]) -> Lines:
    """Return the removal of dynamic values, which the restarted process would prefer to its file."""
    reason = "a dynamic value that shadows the file is removed, or the restarted process would keep it"
    lines = []
    for source, kind in ((effective.FROM_NODE, DYNAMIC_NODE), (effective.FROM_CLUSTER, DYNAMIC_CLUSTER)):
        value = one.override(source)
        if value is not None:
            lines.append(replace(one.line(value, until_restart, kind, reason, DELETE), new=ABSENT))
    return lines


def _not_running(one: Property) -> Lines:
    """A stopped process takes everything from its file when it starts."""
    if one.started == one.want:
        return []
    return [one.line(one.started, one.want, NONE, "written to the file, from which the stopped process starts")]


def _silent(one: Property) -> Lines:
    """A process that does not answer is compared with what it was started with."""
    if one.started == one.want:
        return []
    wide = one.scope == CLUSTER and one.key not in one.cluster.divergent
    reason = "the node does not answer, so this is compared with what it was started with"
    return [one.line(one.started, one.want, DYNAMIC_CLUSTER if wide else DYNAMIC_NODE, reason, SET)]


def _dynamic(one: Property) -> Lines:
    if _beyond(one):
        return _restarted_pool(one)
    if one.scope == CLUSTER and one.key not in one.cluster.divergent:
        return _for_the_cluster(one)
    return _for_the_node(one)


def _beyond(one: Property) -> bool:
    if not is_thread_pool(one.key) or one.pool is None or one.want is None or one.pool == one.want:
        return False
    if not (one.pool.isdecimal() and one.want.isdecimal()):
        return False
    return beyond_one_step(int(one.pool), int(one.want))


def _restarted_pool(one: Property) -> Lines:
    reason = f"Kafka resizes a running pool at most by half or double: from {one.pool}"
    lines = _unshadowed(one, effective.static(one.key, one.node.live or {}))
    return [*lines, one.line(one.now, one.want, RESTART, reason)]


def _for_the_cluster(one: Property) -> Lines:
    live = one.node.live or {}
    wide, static = one.override(effective.FROM_CLUSTER), effective.static(one.key, live)
    base = wide if wide is not None else static
    locked = one.cluster.elr and one.key in CLEARS_ELR
    spare = one.said is None and wide is not None and one.key not in one.cluster.needed and not locked
    lines = []
    if base != one.want:
        lines.append(one.line(base, one.want, DYNAMIC_CLUSTER, _why_for_the_cluster(one), DELETE if spare else SET))
    elif spare:
        lines.append(replace(one.line(wide, one.want, DYNAMIC_CLUSTER, LEFT_OVER, DELETE), new=ABSENT))
    own = one.override(effective.FROM_NODE)
    if own is not None:
        reason = "this node's own dynamic value shadows the cluster's and is removed"
        lines.append(one.line(own, one.want, DYNAMIC_NODE, reason, DELETE))
    return lines


def _why_for_the_cluster(one: Property) -> str:
    name = effective.spelled(one.key, one.node.desired)
    if one.said is None:
        return "no longer in the inventory: back to Kafka's default"
    if name != one.key:
        return f"said as {name} = {one.node.desired[name]}, set live as {one.key}"
    return "taken live by every node that uses it, and written to the file"


def _for_the_node(one: Property) -> Lines:
    """The nodes should not have it alike, so a value for the whole cluster must go, once every node can do without."""
    own, static = one.override(effective.FROM_NODE), effective.static(one.key, one.node.live or {})
    wide = one.override(effective.FROM_CLUSTER) if one.scope == CLUSTER else None
    own_works = node_scope_works(one.node.role, one.node.known_version)
    stays = not one.cluster.whole and own_works
    under = wide if wide is not None and stays else static
    lines = []
    spare = own is not None and one.said is None and under == one.want
    if spare and own == one.want:
        lines.append(replace(one.line(own, one.want, DYNAMIC_NODE, LEFT_OVER, DELETE), new=ABSENT))
    elif (own if own is not None else under) != one.want and own_works:
        reason = "not the same on all nodes, so it is set for this one" if one.scope == CLUSTER else "taken live"
        lines.append(one.line(one.now, one.want, DYNAMIC_NODE, reason, DELETE if spare else SET))
    elif (own if own is not None else under) != one.want:
        reason = "a controller before Kafka 4.3 takes no dynamic properties of its own"
        lines.append(one.line(one.now, one.want, RESTART, reason))
    if wide is not None and not stays:
        reason = "the nodes should not have it alike: the value for the whole cluster is removed"
        lines.append(replace(one.line(wide, one.want, DYNAMIC_CLUSTER, reason, DELETE), new=ABSENT))
    return lines


def foreign(node: NodeState, cluster: Cluster) -> Lines:
    """Return the dynamic properties that neither the inventory nor this node's files speak about."""
    lines = []
    for key in sorted(node.live or {}):
        for source, where in ((effective.FROM_NODE, NODE), (effective.FROM_CLUSTER, CLUSTER)):
            one = Property(node, cluster, key)
            value = one.override(source)
            if value is not None and not _is_ours(one, where):
                lines.append(_foreign(one, value, where))
    return lines


def _is_ours(one: Property, where: str) -> bool:
    key = effective.head_of(one.key)
    by_kafka = one.cluster.elr and key in CLEARS_ELR and where == CLUSTER
    known = one.cluster.managed if where == CLUSTER else set(one.node.spoken_of())
    return key in THROTTLES or by_kafka or key in known


def _foreign(one: Property, value: str, where: str) -> Difference:
    reason = "a dynamic value about which neither the inventory nor the files say anything"
    unseen = where == CLUSTER and not one.cluster.whole
    if unseen or not one.cluster.remove_foreign:
        how = " (kafka_foreign_overrides: remove takes it away)"
        if one.cluster.remove_foreign:
            how = ", because not every node was looked at"
        told = f"{reason}: left as it is{how}"
        text = shown(one.key, value, one.secret)
        return Difference(one.node.host, one.key, text, text, NONE, told, foreign=True, wide=where == CLUSTER)
    under = effective.static(one.key, one.node.live or {})
    if where == NODE:
        wide = one.override(effective.FROM_CLUSTER)
        under = wide if wide is not None else under
    kind = DYNAMIC_NODE if where == NODE else DYNAMIC_CLUSTER
    made = one.line(value, under, kind, f"{reason}: removed (kafka_foreign_overrides: remove)", DELETE)
    return replace(made, foreign=True, new=made.new if under is not None else ABSENT)
