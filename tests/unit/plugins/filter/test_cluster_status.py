"""The clusters on one screen: what is on it, and that trouble is seen."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.filter.cluster_status import FilterModule
from ansible_collections.kraftops.kafka.plugins.module_utils import _status

GB = 10**9
HOSTS = [f"{kind}-{number}" for kind in ("controller", "broker") for number in (1, 2, 3)]
HEAD = "node          id  role        rack  version  up     restart    leaders  replicas  out-of-ISR  disk  state"


def voter(node_id: int, lag: int = 0, behind_ms: int | None = 40, caught_up: bool = True) -> dict[str, Any]:
    return {"node_id": node_id, "lag": lag, "behind_ms": behind_ms, "caught_up": caught_up}


def broker(node_id: int, leaders: int = 10, **more: Any) -> dict[str, Any]:
    counts = {"replicas": 30, "out_of_isr": 0, "leaders": leaders, "preferred": 10}
    return {"node_id": node_id, "address": f"b-{node_id}:9092", "rack": "a", "fenced": False, **counts, **more}


@pytest.fixture
def health() -> dict[str, Any]:
    """What cluster_health says of a healthy cluster."""
    counts = dict.fromkeys(
        ("offline", "under_min_isr", "at_min_isr", "under_replicated", "reassigning", "at_risk_count"), 0
    )
    return {
        "allowed": True,
        "features": {"kraft.version": 1, "metadata.version": 30, "group.version": 1},
        "summary": {
            "asked": "broker-1:9092",
            "cluster_id": "the-id",
            "quorum": {
                "leader_id": 1,
                "leader_epoch": 5,
                "high_watermark": 900,
                "voters": [voter(1, behind_ms=0), voter(2), voter(3)],
            },
            "brokers": [broker(11), broker(12), broker(13)],
            "partitions": {"topics": 3, "partitions": 30, "at_risk": [], **counts},
        },
    }


@pytest.fixture
def hostvars(health: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What the tasks of playbooks/status.yml registered."""
    disk = {"path": "/var/lib/kafka/data", "total_bytes": 100 * GB, "free_bytes": 60 * GB}
    status = {
        "state": "active running",
        "masked": False,
        "restarts": 0,
        "pid": 7,
        "version": "4.3.1",
        "uptime_seconds": 90061,
        "disks": [disk],
        "log_bytes": GB,
    }
    found: dict[str, dict[str, Any]] = {
        name: {"__kafka_status_node": {"status": copy.deepcopy(status)}, "__kafka_status_cluster": {"skipped": True}}
        for name in HOSTS
    }
    found["broker-1"]["__kafka_status_cluster"] = health
    return found


def screen(inventory: Any, hostvars: Any, hosts: Any = HOSTS, **more: Any) -> dict[str, list[str]]:
    result: dict[str, list[str]] = FilterModule().filters()["cluster_status"](
        inventory.model(), hostvars, hosts, **more
    )
    return result


def test_a_healthy_cluster(inventory: Any, hostvars: Any) -> None:
    pending = {**{name: [] for name in HOSTS if name != "broker-3"}, "broker-2": ["num.io.threads", "heap"]}
    for found in hostvars.values():
        found["__kafka_status_waiting"] = pending
    assert screen(inventory, hostvars) == {
        "silent": [],
        "lines": [
            "cluster orders (the-id), as broker-1:9092 sees it; metadata.version 30,",
            "    kraft.version 1",
            HEAD,
            "controller-1   1  controller  a     4.3.1    1d01h  no               -         -           -   40%  leads",
            "controller-2   2  controller  b     4.3.1    1d01h  no               -         -           -   40%  ok",
            "controller-3   3  controller  c     4.3.1    1d01h  no               -         -           -   40%  ok",
            "broker-1      11  broker      a     4.3.1    1d01h  no              10        30           0   40%  ok",
            "broker-2      12  broker      b     4.3.1    1d01h  pending:2       10        30           0   40%  ok",
            "broker-3      13  broker      c     4.3.1    1d01h  -               10        30           0   40%  ok",
            "waiting for a restart (plan.yml says more):",
            "  broker-2: num.io.threads, heap",
            "quorum: controller-1 leads epoch 5, end of the log 900",
            "  controller-2: 0 records, 40 ms behind",
            "  controller-3: 0 records, 40 ms behind",
            "balance:",
            "  leaders from 10 (broker-1) to 10 (broker-1): 0% of the mean apart",
            "  replicas from 30 (broker-1) to 30 (broker-1): 0% of the mean apart",
            "  0 leaders away from their preferred brokers",
            "partitions: 30 in 3 topics: all in order",
            "disks: all at most 85% full",
        ],
    }


def test_nobody_answered(inventory: Any) -> None:
    hostvars = {name: {"__kafka_status_node": {"unreachable": True}} for name in HOSTS}
    result = screen(inventory, hostvars)
    assert result["silent"] == sorted(HOSTS)
    assert result["lines"][0] == "cluster orders: nobody could be asked: no node of it answered"
    assert result["lines"][8:] == ["quorum: unknown", "disks: unknown"]


def states(inventory: Any, hostvars: Any, hosts: Any = HOSTS) -> dict[str, str]:
    """Return the last column of the table."""
    lines = screen(inventory, hostvars, hosts)["lines"]
    return {line.split()[0]: line.split()[-1] for line in lines if line.split()[0] in HOSTS}


def test_a_lock_is_seen_once(inventory: Any, hostvars: Any) -> None:
    lock = {"run": "a", "who": "anna", "host": "ops-1", "what": "site.yml", "pid": 7, "since": 0, "age_seconds": 754}
    for name in ("controller-1", "controller-2"):
        hostvars[name]["__kafka_status_node"]["status"]["lock"] = dict(lock)
    said = " ".join(line.strip() for line in screen(inventory, hostvars)["lines"])
    assert said.count("locked by") == 1
    assert "locked by anna@ops-1 (site.yml, process 7) since 1970-01-01 00:00:00 UTC, 12 min old" in said


def test_trouble_of_nodes_is_seen(inventory: Any, hostvars: Any, health: Any) -> None:
    nodes = {name: hostvars[name]["__kafka_status_node"] for name in HOSTS}
    nodes["controller-2"]["status"]["state"] = "failed failed"
    nodes["controller-3"]["status"]["restarts"] = 4
    hostvars["broker-2"]["__kafka_status_node"] = {"unreachable": True, "msg": "no route"}
    nodes["broker-3"]["status"]["masked"] = True
    health["summary"]["quorum"]["voters"] = [voter(1), voter(2, 700, None, caught_up=False)]
    health["summary"]["brokers"] = [broker(11), broker(12, fenced=True)]
    assert states(inventory, hostvars) == {
        "controller-1": "leads",
        "controller-2": "FAILED/FAILED,BEHIND",
        "controller-3": "NOT-A-VOTER,restarted-by-systemd:4",
        "broker-1": "ok",
        "broker-2": "NO-ANSWER,FENCED",
        "broker-3": "masked,FENCED",
    }
    result = screen(inventory, hostvars)
    assert result["silent"] == ["broker-2"]
    assert "  controller-2: 700 records, unknown time behind" in result["lines"]


def test_hosts_outside_the_limit_are_not_called_silent(inventory: Any, hostvars: Any) -> None:
    result = screen(inventory, hostvars, ["broker-1"])
    assert result["silent"] == []
    assert states(inventory, hostvars, ["broker-1"])["broker-2"] == "not-asked"


def test_trouble_of_the_cluster_is_seen(inventory: Any, hostvars: Any, health: Any) -> None:
    summary = health["summary"]
    summary["quorum"]["leader_id"] = -1
    summary["brokers"] = [broker(11, 28), broker(12, 2), broker(19, 0, replicas=0)]
    summary["quorum"]["voters"].append(voter(9))
    summary["partitions"].update(
        offline=1,
        under_min_isr=2,
        at_min_isr=3,
        under_replicated=6,
        reassigning=4,
        at_risk=["a-0: no leader"],
        at_risk_count=6,
    )
    hostvars["broker-1"]["__kafka_status_node"]["status"]["disks"][0]["free_bytes"] = 14 * GB
    hostvars["broker-2"]["__kafka_status_node"]["status"]["log_bytes"] = 10**13
    lines = screen(inventory, hostvars)["lines"]
    assert lines[lines.index("balance:") - 5] == "quorum: NO LEADER, end of the log 900"
    assert lines[lines.index("balance:") :] == [
        "balance:",
        "  leaders from 0 (19) to 28 (broker-1): 280% of the mean apart",
        "  replicas from 0 (19) to 30 (broker-1): 150% of the mean apart",
        "  18 leaders away from their preferred brokers",
        "partitions: 30 in 3 topics: 1 offline, 2 under min ISR, 3 at min ISR, 6",
        "    under-replicated, 4 being moved",
        "  a-0: no leader",
        "  and 5 more",
        "disks over their bounds:",
        "  broker-1 /var/lib/kafka/data: 86% used, more than 85%",
        "  broker-2 /var/log/kafka: 10.0 TB of logs, more than 8 GB",
        "voter 9 is not in the inventory",
        "broker 19 is not in the inventory",
    ]


# what cluster_health returned, the first line
UNSEEN: list[tuple[dict[str, Any], str]] = [
    ({}, "cluster orders: nobody could be asked: no node of it answered"),
    ({"unreachable": True, "msg": "no route"}, "cluster orders: nobody could be asked: no route"),
    (
        {"summary": {}, "reasons": [{"code": "no_view", "text": "b-1 closed"}]},
        "cluster orders: nobody could be asked: b-1 closed",
    ),
]


@pytest.mark.parametrize(("answer", "line"), UNSEEN)
def test_without_a_view_the_nodes_are_still_shown(
    inventory: Any, hostvars: Any, answer: dict[str, Any], line: str
) -> None:
    hostvars["broker-1"]["__kafka_status_cluster"] = answer
    lines = screen(inventory, hostvars)["lines"]
    assert lines[0] == line
    assert lines[8:] == ["quorum: unknown", "disks: all at most 85% full"]
    assert set(states(inventory, hostvars).values()) == {"ok"}


def test_no_cell_can_be_broken(inventory: Any, hostvars: Any, health: Any) -> None:
    """YAML output breaks lines at single spaces."""
    hostvars["broker-2"]["__kafka_status_node"]["status"].update(state="activating auto-restart", restarts=3)
    health["summary"]["brokers"][1]["fenced"] = True
    lines = screen(inventory, hostvars)["lines"]
    table = [line for line in lines if line.split()[0] in ("node", *HOSTS)]
    assert len(table) == 7
    assert all(" " not in cell.strip() for line in table for cell in line.split("  "))
    assert all(len(line) <= _status.WIDTH for line in lines if line not in table)


DURATIONS = [
    (None, "-"),
    (0, "0m00s"),
    (61, "1m01s"),
    (3599, "59m59s"),
    (3600, "1h00m"),
    (86399, "23h59m"),
    (90061, "1d01h"),
]


@pytest.mark.parametrize(("seconds", "text"), DURATIONS)
def test_durations(seconds: int | None, text: str) -> None:
    assert _status.duration(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"), [(999, "999 B"), (1500, "2 kB"), (5 * 10**8, "500 MB"), (7 * GB, "7 GB"), (2 * 10**12, "2.0 TB")]
)
def test_volumes(size: int, text: str) -> None:
    assert _status.volume(size) == text
