"""How each property can be changed: by version, by role, with a listener's prefix."""

from __future__ import annotations

from typing import Optional

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._update_modes import (
    beyond_one_step,
    cluster_wide,
    ignored_by,
    is_thread_pool,
    node_scope_works,
    scope,
)

SCOPES: list[tuple[str, str, Optional[str]]] = [
    ("log.retention.ms", "3.9.2", "cluster"),
    ("log.retention.hours", "3.9.2", None),
    ("log.message.downconversion.enable", "3.9.2", "cluster"),
    ("log.message.downconversion.enable", "4.0.2", None),
    ("remote.log.reader.threads", "3.9.2", None),
    ("remote.log.reader.threads", "4.0.2", "cluster"),
    ("remote.log.manager.follower.thread.pool.size", "4.1.2", None),
    ("remote.log.manager.follower.thread.pool.size", "4.2.1", "cluster"),
    ("group.coordinator.cached.buffer.max.bytes", "4.2.1", None),
    ("group.coordinator.cached.buffer.max.bytes", "4.3.1", "cluster"),
    ("cordoned.log.dirs", "4.2.1", None),
    ("cordoned.log.dirs", "4.3.1", "node"),
    ("listeners", "3.9.2", None),
    ("advertised.listeners", "3.9.2", None),
    ("principal.builder.class", "4.3.1", None),
    ("ssl.keystore.location", "4.3.1", None),
    ("config.providers", "4.3.1", None),
    ("listener.name.client.ssl.keystore.location", "4.3.1", "node"),
    ("listener.name.client.max.connections", "3.9.2", "node"),
    ("listener.name.client.ssl.protocol", "4.3.1", None),
    ("listener.name.client.scram-sha-512.sasl.jaas.config", "4.3.1", None),
    ("num.partitions", "4.3.1", None),
    ("some.plugins.key", "4.3.1", None),
]


@pytest.mark.parametrize(("key", "version", "expected"), SCOPES)
def test_scope(key: str, version: str, expected: Optional[str]) -> None:
    assert scope(key, version) == expected


def test_sizes_of_the_tables() -> None:
    """The jars of 3.9.2 and 4.3.1 name 52 and 65 that are not per broker; config.providers and three throttles are left out."""
    counts = {version: len(cluster_wide(version)) for version in ("3.9.2", "4.0.2", "4.1.2", "4.2.1", "4.3.1")}
    assert counts == {"3.9.2": 52, "4.0.2": 54, "4.1.2": 54, "4.2.1": 55, "4.3.1": 61}


IGNORED = [
    ("log.retention.ms", "controller", True),
    ("background.threads", "controller", True),
    ("cordoned.log.dirs", "controller", True),
    ("num.io.threads", "controller", False),
    ("num.network.threads", "controller", False),
    ("min.insync.replicas", "controller", False),
    ("listener.name.controller.max.connections", "controller", False),
    ("socket.send.buffer.bytes", "controller", False),
    ("log.retention.ms", "broker", False),
    ("log.retention.ms", "combined", False),
]


@pytest.mark.parametrize(("key", "role", "expected"), IGNORED)
def test_what_a_controller_has_no_use_for(key: str, role: str, expected: bool) -> None:
    assert ignored_by(key, role, "4.3.1") is expected


def test_own_dynamic_properties_of_controllers() -> None:
    rows = [("controller", "4.2.1"), ("controller", "4.3.1"), ("broker", "3.9.2"), ("combined", "3.9.2")]
    assert [node_scope_works(role, version) for role, version in rows] == [False, True, True, True]


STEPS = [(8, 4, False), (8, 3, True), (8, 16, False), (8, 17, True), (3, 1, False), (1, 2, False), (1, 3, True)]


@pytest.mark.parametrize(("old", "new", "expected"), STEPS)
def test_steps_of_thread_pools(old: int, new: int, expected: bool) -> None:
    assert beyond_one_step(old, new) is expected


def test_thread_pools_of_listeners() -> None:
    keys = ["num.io.threads", "listener.name.client.num.network.threads", "num.partitions"]
    assert [is_thread_pool(key) for key in keys] == [True, True, False]
