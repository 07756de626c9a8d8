# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One property of one node: what it should mean, what the process was started with, and what it works by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from ansible_collections.kraftops.kafka.plugins.module_utils import _effective as effective
from ansible_collections.kraftops.kafka.plugins.module_utils._difference import (
    DYNAMIC_CLUSTER,
    Difference,
    is_secret,
    shown,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._guards import guarded
from ansible_collections.kraftops.kafka.plugins.module_utils._plan_input import Cluster, NodeState
from ansible_collections.kraftops.kafka.plugins.module_utils._update_modes import LISTENER_KEY, is_thread_pool, scope


@dataclass(frozen=True)
class Property:
    """One property of one node. `want` is what it should mean, Kafka's default when the inventory says nothing."""

    node: NodeState
    cluster: Cluster
    key: str

    @property
    def members(self) -> tuple[str, ...]:
        """All spellings."""
        return tuple(name for name, _unit in effective.FAMILIES.get(self.key, ((self.key, 1),)))

    @property
    def said(self) -> Optional[str]:
        """What the inventory says."""
        return effective.stated(self.key, self.node.desired)

    @property
    def want(self) -> Optional[str]:
        """What the property should mean."""
        return self.said if self.said is not None else effective.default(self.key, self.node.live)

    @property
    def started(self) -> Optional[str]:
        """What the process was started with, or would be."""
        found = effective.stated(self.key, self.node.before)
        return found if found is not None else effective.default(self.key, self.node.live)

    @property
    def now(self) -> Optional[str]:
        """What the process works by, as it says itself."""
        return None if self.node.live is None or self.secret else effective.current(self.key, self.node.live)

    @property
    def pool(self) -> Optional[str]:
        """The size that a pool of threads has; a listener without one of its own has that of all listeners."""
        prefixed = LISTENER_KEY.fullmatch(self.key)
        if self.now is not None or prefixed is None:
            return self.now
        return effective.current(prefixed.group(1), self.node.live or {})

    @property
    def secret(self) -> bool:
        """Whether its values are never shown."""
        files = (self.node.desired, self.node.file or {}, self.node.loaded or {})
        values = [one.get(name) for one in files for name in self.members]
        entry = (self.node.live or {}).get(self.key)
        if entry is not None:
            values += [entry.value, *(value for _name, value, _source in entry.synonyms)]
        return is_secret(self.key, tuple(values), self.node.live)

    @property
    def scope(self) -> Optional[str]:
        """How far a live change reaches; None when it takes a restart."""
        entry = (self.node.live or {}).get(self.key)
        listener = self.key.startswith("listener.name.")  # Kafka calls these read-only and takes them all the same
        if self.secret or (entry is not None and entry.read_only and not listener):
            return None
        return scope(self.key, self.node.known_version)

    def override(self, source: int) -> Optional[str]:
        """Return the dynamic value at one level."""
        return effective.override(self.key, self.node.live or {}, source)

    def line(self, old: Optional[str], new: Optional[str], kind: str, reason: str, operation: str = "") -> Difference:
        """Return a line about this property, judged for what it would destroy."""
        secret = self.secret
        made = Difference(
            self.node.host,
            self.key,
            shown(self.key, old, secret),
            shown(self.key, new, secret),
            kind,
            reason,
            kind,
            operation=operation,
            wide=kind == DYNAMIC_CLUSTER,
            thread_pool=is_thread_pool(self.key),
        )
        return guarded(self.node, self.cluster, made, (old, new))
