"""The tables of the filter tests once more, all rows together, through the real playbook: it must say the same."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

FILTERS = Path(__file__).resolve().parents[1] / "plugins" / "filter"
CONFTEST = runpy.run_path(str(FILTERS / "conftest.py"))


def rows() -> dict[str, list[Any]]:
    """Return the changed inventories of each table."""
    make = CONFTEST["Inventory"]
    values = runpy.run_path(str(FILTERS / "test_topology_values.py"))["REFUSED"]
    properties = runpy.run_path(str(FILTERS / "test_server_properties.py"))["REFUSED"]
    sizes = runpy.run_path(str(FILTERS / "test_quorum.py"))["REFUSED"]
    placement = runpy.run_path(str(FILTERS / "test_placement.py"))
    replication = placement["REPLICATION"]
    return {
        "topology": [make().set(host, **change) for host, change, _why in values],
        "server_properties": [
            make().set("all", kafka_version=version).set("broker-1", kafka_properties={key: value})
            for version, key, value, _why, _fix in properties
        ],
        "quorum": [make(controllers=count).set("all", kafka_quorum_sizes=listed) for count, listed, _why in sizes],
        "racks": [
            placement["racks"](make(len(controllers), len(brokers)), controllers, brokers)
            for controllers, brokers, _why in placement["RACKS"]
        ],
        "replication": [
            make(brokers=brokers).set("all", kafka_replication_factor=factor, kafka_min_insync_replicas=min_isr)
            for brokers, factor, min_isr, _why in replication
        ],
    }


ROWS = rows()


def combined(inventories: list[Any]) -> Any:
    """Return one inventory with a cluster for each row."""
    whole = CONFTEST["Inventory"](controllers=0, brokers=0, monitoring=False)
    for number, one in enumerate(inventories):
        for group, hosts in one.groups.items():
            whole.groups[group] += [f"r{number}-{host}" for host in hosts]
        for host, variables in one.hostvars.items():
            named = {**variables}
            if named.get("kafka_cluster_name") == "orders":
                named["kafka_cluster_name"] = f"orders-{number}"
            whole.hostvars[f"r{number}-{host}"] = named
    return whole


def written(whole: Any, path: Path) -> Path:
    """Write an inventory file; the order of the hosts stays."""
    tree = {
        "kafka": {
            "hosts": dict.fromkeys(whole.groups["kafka"]),
            "children": {
                group: {"hosts": dict.fromkeys(whole.groups[group])} for group in ("kafka_controllers", "kafka_brokers")
            },
        },
        "monitoring": {"hosts": dict.fromkeys(whole.groups["monitoring"])},
        "all": {"hosts": whole.hostvars},
    }
    path.write_text(json.dumps(tree))
    return path


@pytest.mark.parametrize("table", list(ROWS))
def test_table(validate: Any, tmp_path: Path, table: str) -> None:
    whole = combined(ROWS[table])
    done = validate(written(whole, tmp_path / "hosts.json"))
    assert len(done.lines) > len(ROWS[table]) / 2
    assert sorted(done.lines) == sorted(whole.check()["lines"])
    assert (done.code, done.connected) == (2, False)
