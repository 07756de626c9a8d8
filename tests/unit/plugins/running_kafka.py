"""A running node as DescribeConfigs shows it: what it was started with, and dynamic properties over that."""

from __future__ import annotations

from typing import Any, Optional

DEFAULTS = {
    "background.threads": "10",
    "log.cleanup.policy": "delete",
    "log.local.retention.ms": "-2",
    "log.retention.bytes": "-1",
    "log.retention.hours": "168",
    "max.connections": "2147483647",
    "min.insync.replicas": "1",
    "num.io.threads": "8",
    "num.network.threads": "3",
    "num.partitions": "1",
    "principal.builder.class": "DefaultKafkaPrincipalBuilder",
    "socket.send.buffer.bytes": "102400",
    "unclean.leader.election.enable": "false",
}
FAMILY = ("log.retention.ms", "log.retention.minutes", "log.retention.hours")
READ_ONLY = ("socket.send.buffer.bytes", "num.partitions", "log.retention.hours", "log.retention.minutes", "log.dirs")
SECRETS = ("ssl.keystore.password", "my.plugin.key")


def describe(
    started: dict[str, str], cluster: Optional[dict[str, str]] = None, own: Optional[dict[str, str]] = None
) -> dict[str, Any]:
    """Return the answer, with Kafka's precedence: the node's own, the cluster's, the file's, the default."""
    levels = ((2, own or {}), (3, cluster or {}), (4, started), (5, DEFAULTS))
    names = sorted({name for _source, level in levels for name in level} | {"log.retention.ms"})
    return {name: _entry(name, levels) for name in names}


def _entry(name: str, levels: Any) -> dict[str, Any]:
    members = FAMILY if name == "log.retention.ms" else (name,)
    secret = name.endswith(SECRETS)
    synonyms = [
        {"name": member, "value": None if secret else level[member], "source": source}
        for source, level in levels
        for member in members
        if member in level
    ]
    while synonyms and synonyms[0]["name"] != name:
        synonyms.pop(0)
    return {
        "value": synonyms[0]["value"] if synonyms else None,
        "read_only": name in READ_ONLY or name.startswith("listener.name."),
        "source": synonyms[0]["source"] if synonyms else 5,
        "sensitive": secret,
        "synonyms": synonyms,
    }


BASE = {
    "broker": {"node.id": "11", "process.roles": "broker", "log.dirs": "/d1,/d2", "metadata.log.dir": "/m"},
    "controller": {"node.id": "1", "process.roles": "controller", "log.dirs": "/m", "metadata.log.dir": "/m"},
    "combined": {"node.id": "1", "process.roles": "broker,controller", "log.dirs": "/d1,/d2", "metadata.log.dir": "/m"},
}


def node(role: str = "broker", desired: Optional[dict[str, str]] = None, **facts: Any) -> dict[str, Any]:
    """Return a node that runs with what it should have, but for what is given.

    `was` is what it was started with beside the base, as its file says too; `cluster` and `own` are dynamic properties.
    """
    was = {**BASE[role], **facts.pop("was", {})}
    cluster, own = facts.pop("cluster", None), facts.pop("own", None)
    wanted = {**was, **(desired or {})}
    found = {
        "host": f"{role}-1",
        "role": role,
        "version": "4.3.1",
        "desired": {key: value for key, value in wanted.items() if value != "-"},
        "file": was,
        "loaded": was,
        "live": describe(was, cluster, own),
    }
    return {**found, **facts}
