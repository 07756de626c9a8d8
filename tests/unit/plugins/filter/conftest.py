"""An inventory of 3 controllers, 3 brokers and a monitoring host, and what the filters say about it when it is changed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.filter.inventory_check import inventory_check
from ansible_collections.kraftops.kafka.plugins.module_utils._problems import line

DEFAULTS: dict[str, Any] = {
    "alertmanager_cluster_port": 9094,
    "alertmanager_install": True,
    "alertmanager_port": 9093,
    "alertmanager_urls": [],
    "grafana_port": 3000,
    "jmx_exporter_port": 9404,
    "jmx_exporter_profile": "small",
    "kafka_app_log_dir": "/var/log/kafka",
    "kafka_broker_properties": {},
    "kafka_controller_port": 9093,
    "kafka_controller_properties": {},
    "kafka_exporter_port": 9308,
    "kafka_heap": "1g",
    "kafka_log_dirs": ["/var/lib/kafka/data"],
    "kafka_log_file_count": 10,
    "kafka_log_filesystem_share": 0.5,
    "kafka_log_file_size": "100MB",
    "kafka_log_levels": {},
    "kafka_log_levels_brokers": {},
    "kafka_log_levels_controllers": {},
    "kafka_log_levels_host": {},
    "kafka_maintenance": False,
    "kafka_metadata_log_dir": "/var/lib/kafka/metadata",
    "kafka_min_insync_replicas": 2,
    "kafka_placement_policy": "enforce",
    "kafka_port": 9092,
    "kafka_properties": {},
    "kafka_quorum_sizes": [3, 5],
    "kafka_replication_factor": 3,
    "kafka_security": "plaintext",
    "kafka_version": "4.3.1",
    "mtail_enabled": True,
    "mtail_port": 3903,
    "node_exporter_port": 9100,
    "prometheus_install": True,
    "prometheus_port": 9090,
}
Groups = dict[str, list[str]]
HostVars = dict[str, dict[str, Any]]


class Inventory:
    """Groups and variables, and short ways to change them."""

    def __init__(self, controllers: int = 3, brokers: int = 3, monitoring: bool = True) -> None:
        """Spread controllers and brokers over the racks a, b and c."""
        self.groups: Groups = {"kafka": [], "kafka_controllers": [], "kafka_brokers": [], "monitoring": []}
        self.hostvars: HostVars = {}
        for number in range(1, controllers + 1):
            self.add(f"controller-{number}", "kafka_controllers", kafka_node_id=number, kafka_rack="cab"[number % 3])
        for number in range(1, brokers + 1):
            self.add(f"broker-{number}", "kafka_brokers", kafka_node_id=10 + number, kafka_rack="cab"[number % 3])
        if monitoring:
            self.groups["monitoring"], self.hostvars["monitor-1"] = ["monitor-1"], {}

    def add(self, host: str, group: str, **variables: Any) -> None:
        """Add a Kafka host."""
        self.groups["kafka"].append(host)
        self.groups[group].append(host)
        self.hostvars[host] = {"kafka_cluster_name": "orders", **variables}

    def set(self, host: str, **variables: Any) -> Inventory:
        """Set variables of a host, of `all` Kafka hosts, or of `brokers` or `controllers`; None removes one."""
        several = {"all": "kafka", "brokers": "kafka_brokers", "controllers": "kafka_controllers"}
        for name in self.groups[several[host]] if host in several else [host]:
            self.hostvars[name].update(copy.deepcopy(variables))
            self.hostvars[name] = {key: value for key, value in self.hostvars[name].items() if value is not None}
        return self

    def check(self) -> dict[str, Any]:
        """Return what inventory_check says."""
        return inventory_check(self.groups, self.hostvars, DEFAULTS)

    def problems(self) -> list[str]:
        """Return the problems as lines."""
        return [line(one) for one in self.check()["problems"]]

    def warnings(self) -> list[str]:
        """Return the warnings as lines."""
        return [line(one) for one in self.check()["warnings"]]

    def model(self) -> dict[str, Any]:
        """Return the model."""
        model: dict[str, Any] = self.check()["model"]
        return model


@pytest.fixture
def make() -> Callable[..., Inventory]:
    """Return a maker of inventories: `make(controllers=3, brokers=3, monitoring=True)`."""
    return Inventory


@pytest.fixture
def inventory() -> Inventory:
    """Return the usual inventory."""
    return Inventory()


@pytest.fixture
def defaults() -> dict[str, Any]:
    """Return the defaults of all roles."""
    return DEFAULTS
