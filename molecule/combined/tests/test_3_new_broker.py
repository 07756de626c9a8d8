"""A new broker joins a cluster that runs already, also when the run is limited to it."""

from __future__ import annotations

import shutil

from tests.lab.combined import DATA, METADATA, NEW_NODE, NODES, ROOT, Installed, meta, on


def test_a_run_limited_to_one_new_broker(installed: Installed) -> None:
    """The run is limited to one new broker, learns the cluster id from the others, and touches only the new one."""
    shutil.copy(
        ROOT / "molecule" / "combined" / "inventory" / "node-4.yml", installed.folder / "inventory" / "node-4.yml"
    )
    before = [on(node, "systemctl show -p MainPID kafka; stat -c %Y /etc/kafka/*") for node in NODES]
    outcome = installed.run("kafka", f"--limit={NEW_NODE}")
    assert outcome.code == 0
    assert meta(NEW_NODE, DATA)["cluster.id"] == meta("node-1", METADATA)["cluster.id"]
    assert "(id: 14 rack: a" in on("node-1", "kafka-broker-api-versions | grep '^node-4'")
    assert before == [on(node, "systemctl show -p MainPID kafka; stat -c %Y /etc/kafka/*") for node in NODES]


def test_a_live_node_missing_from_the_inventory_is_reported_and_not_touched(installed: Installed) -> None:
    """The new broker is taken out of the inventory again, and goes on."""
    (installed.folder / "inventory" / "node-4.yml").unlink()
    outcome = installed.run("kafka")
    assert outcome.code == 0
    assert "cluster small: broker 14 is live and not in the inventory; it was not touched" in outcome.words
    assert on(NEW_NODE, "systemctl is-active kafka") == "active"
