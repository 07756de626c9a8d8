# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carrying out changes of dynamic values: look, ask whether every server would take them, apply, read back."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._admin import BROKERS, CONTROLLERS, AdminError
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_configs import (
    CLUSTER,
    Configs,
    ConfigsNode,
    Operation,
    RefusedError,
    live_configs_of,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._difference import digest
from ansible_collections.kraftops.kafka.plugins.module_utils._dynamic_configs import (
    Change,
    Seen,
    Wanted,
    changes,
    objection,
    unapplied,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._effective import current, live_properties

# BROKER_ID_NOT_REGISTERED: before 4.3 a controller has no registration that could carry values of its own.
NOT_REGISTERED = 102
POLL_SECONDS = 0.2
NAMED = 6
# Who objects, and to what and why.
Refusal = tuple[str, str]


@dataclass(frozen=True)
class Place:
    """The nodes that serve, with the addresses at which they are asked."""

    brokers: Mapping[int, str]
    controllers: Mapping[int, str]

    def name(self, node: Optional[int]) -> str:
        """Return the words for a node, or for all of them."""
        if node is None:
            return "cluster"
        return f"{'controller' if node in self.controllers else 'broker'} {node}"


@dataclass(frozen=True)
class View:
    """One look at all nodes: as the planner needs it, each property's type, and who did not answer why."""

    seen: Seen
    types: Mapping[str, str]
    silent: Mapping[int, str]


def find(bootstrap: list[str], controllers: Mapping[int, str]) -> Place:
    """Ask the first broker that answers who serves; raise AdminError when none does."""
    problems = []
    for address in bootstrap:
        try:
            with ConfigsNode(address) as node:
                nodes = node.cluster(BROKERS).nodes.values()
            return Place({one.node_id: f"{one.host}:{one.port}" for one in nodes}, controllers)
        except AdminError as problem:
            problems.append(str(problem))
    raise AdminError("no broker answers: " + "; ".join(problems))


def look(place: Place) -> View:
    """Read every node and the stored cluster-wide values."""
    found, silent = live_configs_of({**place.brokers, **place.controllers})
    witness = next((node for node in place.brokers if node in found), None)
    if witness is None:
        raise AdminError("no broker shows its configuration: " + "; ".join(silent.values()))
    with ConfigsNode(place.brokers[witness]) as node:
        stored = node.configs(CLUSTER)
    nodes = {node_id: live_properties(configs) for node_id, configs in found.items()}
    return View(Seen(live_properties(stored), nodes), _types(found), silent)


def _types(found: Mapping[int, Configs]) -> dict[str, str]:
    return {key: entry["type"] for configs in found.values() for key, entry in configs.items()}


def refusals(place: Place, view: View, wanted: list[Change]) -> list[str]:
    """Ask every server that a change concerns whether it would take it; return the objections in words."""
    found: list[Refusal] = []
    asked = []
    for change in wanted:
        told = _objections(place, view, change)
        found += told
        asked += [] if told else [change]
    for node, address, name, part in _requests(place, view, asked, everywhere=True):
        found += _ask(place.name(node), address, name, part)
    who: dict[str, list[str]] = {}
    for one, what in found:
        who.setdefault(what, []).append(one)
    return [f"{_names(several)}: {what}" for what, several in who.items()]


def _names(several: list[str]) -> str:
    shown = ", ".join(several[:NAMED])
    return f"{shown} and {len(several) - NAMED} more" if len(several) > NAMED else shown


def apply(place: Place, view: View, wanted: list[Change]) -> None:
    """Make the changes in an order in which no node ever lives by a value that is neither the old nor the new one."""
    # A node's own value hides the cluster's: it is set before the cluster's changes, and removed after.
    steps = ((False, True), (True, True), (True, False), (False, False))
    for wide, sets in steps:
        step = [change for change in wanted if (change.node is None, change.after is not None) == (wide, sets)]
        for node, address, name, part in _requests(place, view, step, everywhere=False):
            try:
                with ConfigsNode(address) as server:
                    server.alter(name, _operations(part), validate_only=False)
            except RefusedError as problem:
                raise AdminError(": ".join(_words(place.name(node), part, problem))) from problem


def wait(place: Place, wanted: Wanted, made: list[Change], timeout: float) -> list[str]:
    """Read back until every node lives by the changes; return what is still missing when the time is over."""
    deadline = time.monotonic() + timeout
    while True:
        view = look(place)
        missing = [f"{place.name(node)} cannot be read: {why}" for node, why in view.silent.items()]
        missing += _missing(place, view, wanted, made)
        if not missing or time.monotonic() > deadline:
            return missing
        time.sleep(POLL_SECONDS)


def _missing(place: Place, view: View, wanted: Wanted, made: list[Change]) -> list[str]:
    done = {(change.node, change.key) for change in made}
    left = changes(replace(wanted, resend=frozenset()), view.seen)
    found = [
        f"{place.name(change.node)} does not show {_told(change)} yet"
        for change in left
        if (change.node, change.key) in done
    ]
    for node, live in view.seen.nodes.items():
        for change in made:
            if change.node in (None, node) and unapplied(change.key, live):
                found.append(f"{place.name(node)} still lives by {change.key}={current(change.key, live)}")
    return found


def _objections(place: Place, view: View, change: Change) -> list[Refusal]:
    if change.after is None:
        return []
    found: list[Refusal] = []
    for node in [change.node] if change.node is not None else sorted(view.seen.nodes):
        why = objection(change.key, change.after, view.seen.nodes[node], view.types.get(change.key, ""))
        if why and (node in place.controllers or change.key not in view.seen.nodes[node]):
            found.append((place.name(node), f"{_told(change)} would have no effect: {why}"))
    return found


def _requests(
    place: Place, view: View, wanted: list[Change], everywhere: bool
) -> Iterator[tuple[Optional[int], str, str, list[Change]]]:
    """Yield (who is asked or None, address, resource name, changes); cluster-wide ones at one broker or at all."""
    brokers = [node for node in sorted(place.brokers) if node in view.seen.nodes]
    wide = [change for change in wanted if change.node is None]
    for node in (brokers if everywhere else brokers[:1]) if wide else []:
        yield node, place.brokers[node], CLUSTER, wide
    for node in sorted({change.node for change in wanted if change.node is not None}):
        part = [change for change in wanted if change.node == node]
        address = place.brokers[node] if node in place.brokers else active_controller(place.controllers)
        yield node, address, str(node), part


def active_controller(controllers: Mapping[int, str]) -> str:
    """Return the address of the controller that takes changes."""
    problems = []
    for address in controllers.values():
        try:
            with ConfigsNode(address) as node:
                view = node.cluster(CONTROLLERS)
            leader = view.nodes[view.controller_id]
            return f"{leader.host}:{leader.port}"
        except AdminError as problem:
            problems.append(str(problem))
        except KeyError:
            problems.append(f"{address} knows of no active controller")
    raise AdminError("no controller takes changes: " + "; ".join(problems))


def _ask(who: str, address: str, name: str, wanted: list[Change]) -> list[Refusal]:
    """Return the server's objections; it names one of several keys at most, so they are asked one by one after a no."""
    with ConfigsNode(address) as node:
        found: list[Refusal] = []
        try:
            node.alter(name, _operations(wanted), validate_only=True)
            return []
        except RefusedError as problem:
            together = _words(who, wanted, problem)
        for change in wanted if len(wanted) > 1 else []:
            try:
                node.alter(name, _operations([change]), validate_only=True)
            except RefusedError as problem:
                found.append(_words(who, [change], problem))
    return found or [together]


def _operations(wanted: list[Change]) -> list[Operation]:
    return [(change.key, change.after) for change in wanted]


def _told(change: Change) -> str:
    shown = digest(change.key, change.after) if change.sensitive and change.after else change.after
    scope = "cluster-wide " if change.node is None else ""
    return f"{scope}{change.key}={shown}" if change.after is not None else f"the removal of {scope}{change.key}"


def _words(who: str, wanted: list[Change], problem: RefusedError) -> Refusal:
    """Put a refusal into words, without any secret that the server may have quoted."""
    said = problem.said
    for change in wanted:
        if change.sensitive and change.after:
            said = said.replace(change.after, digest(change.key, change.after))
    if problem.code == NOT_REGISTERED and who.startswith("controller"):
        said = (
            "single controllers have dynamic values from Kafka 4.3 on, in a dynamic quorum; "
            f"before, the file and a restart are the way. It said: {said}"
        )
    return who, f"{', '.join(_told(change) for change in wanted)} is refused: {said}"
