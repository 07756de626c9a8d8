"""Targets and labels of Prometheus."""

from __future__ import annotations

from typing import Any

from ansible_collections.kraftops.kafka.plugins.filter.scrape_targets import FilterModule, scrape_targets


def jobs(inventory: Any) -> dict[str, dict[str, dict[str, str]]]:
    """Return labels by target by job."""
    found = scrape_targets(inventory.model())
    assert (found["problems"], found["warnings"]) == ([], [])
    return {job: {one["targets"][0]: one["labels"] for one in targets} for job, targets in found["jobs"].items()}


def test_jobs(inventory: Any) -> None:
    inventory.set("monitor-1", kafka_address="10.0.0.9")
    found = jobs(inventory)
    broker = {"instance": "broker-1", "cluster": "orders", "role": "broker", "node_id": "11", "rack": "a"}
    monitor = {"instance": "monitor-1", "role": "monitoring"}
    assert found["kafka"]["broker-1:9404"] == found["node"]["broker-1:9100"] == broker
    assert found["kafka"]["controller-1:9404"]["role"] == "controller"
    assert found["node"]["10.0.0.9:9100"] == monitor
    assert found["mtail"]["broker-1:3903"] == broker
    assert (len(found["kafka"]), len(found["node"]), len(found["mtail"])) == (6, 7, 6)
    assert found["prometheus"] == {"10.0.0.9:9090": monitor}
    assert found["alertmanager"] == {"10.0.0.9:9093": monitor}
    assert found["grafana"] == {"10.0.0.9:3000": monitor}
    assert found["kafka_exporter"] == {"10.0.0.9:9308": {"instance": "monitor-1", "cluster": "orders"}}


def test_no_rack_no_label(inventory: Any) -> None:
    inventory.set("all", kafka_rack=None).set("broker-1", kafka_address="fd00::1")
    assert "rack" not in jobs(inventory)["kafka"]["[fd00::1]:9404"]


def test_monitoring_on_a_broker(make: Any) -> None:
    inventory = make(monitoring=False)
    inventory.groups["monitoring"] = ["broker-1"]
    found = jobs(inventory)
    assert len(found["node"]) == 6
    assert found["node"]["broker-1:9100"]["role"] == "broker"
    assert list(found["prometheus"]) == ["broker-1:9090"]


def test_two_clusters_and_two_monitoring_hosts(inventory: Any) -> None:
    inventory.groups["monitoring"].append("monitor-2")
    inventory.hostvars["monitor-2"] = {}
    inventory.set("controllers", kafka_cluster_name="audit")
    assert jobs(inventory)["kafka_exporter"] == {
        "monitor-1:9308": {"instance": "monitor-1", "cluster": "audit"},
        "monitor-1:9309": {"instance": "monitor-1", "cluster": "orders"},
    }
    assert set(jobs(inventory)["prometheus"]) == {"monitor-1:9090", "monitor-2:9090"}


def test_what_is_there_already_has_no_target_of_ours(inventory: Any) -> None:
    inventory.set("monitor-1", prometheus_install=False, alertmanager_install=False)
    found = jobs(inventory)
    assert (found["prometheus"], found["alertmanager"]) == ({}, {})
    assert len(found["node"]) == 7


def test_a_node_whose_log_events_are_not_counted_has_no_target(inventory: Any) -> None:
    inventory.set("broker-1", mtail_enabled=False, mtail_port=9404)
    assert len(jobs(inventory)["mtail"]) == 5


def test_no_monitoring_host(make: Any) -> None:
    found = jobs(make(monitoring=False))
    assert {job: len(targets) for job, targets in found.items()} == {
        "kafka": 6,
        "node": 6,
        "mtail": 6,
        "kafka_exporter": 0,
        "prometheus": 0,
        "alertmanager": 0,
        "grafana": 0,
    }


def test_plugin() -> None:
    assert FilterModule().filters() == {"scrape_targets": scrape_targets}
