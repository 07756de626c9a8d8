"""Every error text about a single value, or about two that do not go together."""

from __future__ import annotations

from typing import Any

import pytest

SIX = "controller-1, controller-2, controller-3 and 3 more"
NODE_ID = "Use a number from 0 to 2147483647."
URLS = "not a list of web addresses. Write a list of addresses such as http://monitor-1:9093."
PORT = "Use a number from 1 to 65535."
NAME = "not a cluster name. Use up to 63 letters, digits, dots, underscores and hyphens, a letter or digit first."
TEXT = "not a text. Write a text, in quotes when YAML would read it as something else."
VERSION = (
    "not a version that this collection knows. Use one of "
    "3.9.0, 3.9.1, 3.9.2, 4.0.0, 4.0.1, 4.0.2, 4.1.0, 4.1.1, 4.1.2, 4.2.0, 4.2.1, 4.3.0, 4.3.1, 4.3.2."
)
HEAP = "not a heap size. Use a number and m or g, such as 512m or 4g."
ADDRESS = "not a host name or IP address. Use a name or address without port, scheme or spaces."
OTHERS = "Use the address that the other hosts use."
OVERLAP = "Give data, metadata and Kafka's own logs a directory each, none inside another."
DIR = "Use a path such as /var/lib/kafka/data."
DIRS = "not a list of directories. Use a list such as [/var/lib/kafka/data]."
DICT = "not a dict. Write keys and values, or {} for none."
LEVEL = "not a log level. Use one of FATAL ERROR WARN INFO DEBUG TRACE."
LEVELS = "FATAL ERROR WARN INFO DEBUG TRACE"
TRUTH = f"YAML reads on, off, yes and no as truth values, and none of them is a log level. Use one of {LEVELS}."
OFF = f"OFF cannot be set on a running node. Use one of {LEVELS}; FATAL is the quietest."
ALL = f"ALL cannot be set on a running node. Use one of {LEVELS}; TRACE has everything."
ROOT_LEVEL = f"the root logger cannot be removed, all others inherit from it. Use one of {LEVELS}."
NO_LEVEL = f"no level. Leave the logger out to let it inherit, or use one of {LEVELS}."
LOGGER = "not a logger name. Use the name of a package or class, such as kafka.server, or root for everything else."
SERVICE_PORT = "Give each service of a host its own port."
ONCE = "Set it once for the whole cluster."

REFUSED: list[tuple[str, dict[str, Any], list[str]]] = [
    # identity
    (
        "broker-2",
        {"kafka_node_id": None},
        ["kafka_node_id: missing. Give each node its own id; it stays with the node for ever."],
    ),
    ("broker-2", {"kafka_node_id": "twelve"}, [f"kafka_node_id = twelve: not a whole number. {NODE_ID}"]),
    ("broker-2", {"kafka_node_id": -1}, [f"kafka_node_id = -1: negative. {NODE_ID}"]),
    ("broker-2", {"kafka_node_id": "-1"}, [f"kafka_node_id = -1: negative. {NODE_ID}"]),
    ("broker-2", {"kafka_node_id": True}, [f"kafka_node_id = true: not a whole number. {NODE_ID}"]),
    ("broker-2", {"kafka_node_id": 1.5}, [f"kafka_node_id = 1.5: not a whole number. {NODE_ID}"]),
    ("broker-2", {"kafka_node_id": 2**31}, [f"kafka_node_id = 2147483648: out of range. {NODE_ID}"]),
    ("broker-2", {"kafka_node_id": 11}, ["kafka_node_id = 11: already the id of broker-1. Give each node its own id."]),
    (
        "broker-2",
        {"kafka_node_id": "11"},
        ["kafka_node_id = 11: already the id of broker-1. Give each node its own id."],
    ),
    (
        "broker-2",
        {"kafka_node_id": 1},
        ["kafka_node_id = 1: already the id of controller-1. Give each node its own id."],
    ),
    (
        "broker-2",
        {"kafka_cluster_name": None},
        ["kafka_cluster_name: missing. Give the cluster a name, the same on all its hosts."],
    ),
    ("all", {"kafka_cluster_name": "my cluster"}, [f"kafka_cluster_name = my cluster: {NAME}"]),
    ("all", {"kafka_cluster_name": "-a"}, [f"kafka_cluster_name = -a: {NAME}"]),
    ("all", {"kafka_cluster_name": "a" * 64}, [f"kafka_cluster_name = {'a' * 64}: {NAME}"]),
    ("all", {"kafka_cluster_name": True}, [f"kafka_cluster_name = true: {TEXT}"]),
    ("all", {"kafka_version": "4.4.0"}, [f"kafka_version = 4.4.0: {VERSION}"]),
    ("all", {"kafka_version": 4.3}, [f"kafka_version = 4.3: {VERSION}"]),
    ("all", {"kafka_security": "ssl"}, ["kafka_security = ssl: not implemented. Use plaintext, the only one for now."]),
    (
        "all",
        {"kafka_placement_policy": "warm"},
        ["kafka_placement_policy = warm: not a value that is known here. Use enforce or warn."],
    ),
    (
        "all",
        {"kafka_replication_factor": 0},
        ["kafka_replication_factor = 0: out of range. Use a number from 1 to 32767."],
    ),
    (
        "all",
        {"kafka_min_insync_replicas": "x"},
        ["kafka_min_insync_replicas = x: not a whole number. Use a number from 1 to 32767."],
    ),
    ("all", {"kafka_quorum_sizes": "3"}, ["kafka_quorum_sizes = 3: not a list of numbers. Use a list such as [3, 5]."]),
    (
        "all",
        {"kafka_quorum_sizes": ["x"]},
        ["kafka_quorum_sizes = ['x']: not a whole number. Use a number from 1 to 2147483647."],
    ),
    (
        "all",
        {"kafka_quorum_sizes": [3, 4]},
        [
            "kafka_quorum_sizes = [3, 4]: an even number of controllers tolerates no more losses than one fewer. List odd numbers only."
        ],
    ),
    (
        "broker-1",
        {"kafka_rack": "a b"},
        ["kafka_rack = a b: not a rack name. Use letters, digits and . _ - : / only."],
    ),
    ("broker-1", {"kafka_rack": False}, [f"kafka_rack = false: {TEXT}"]),
    # heap, addresses and ports
    ("broker-1", {"kafka_heap": "1"}, [f"kafka_heap = 1: {HEAP}"]),
    ("broker-1", {"kafka_heap": 1}, [f"kafka_heap = 1: {HEAP}"]),
    ("broker-1", {"kafka_heap": "1gb"}, [f"kafka_heap = 1gb: {HEAP}"]),
    ("broker-1", {"kafka_heap": "64m"}, ["kafka_heap = 64m: too small for Kafka. Use 128m or more."]),
    ("broker-1", {"kafka_port": 70000}, [f"kafka_port = 70000: out of range. {PORT}"]),
    ("broker-1", {"kafka_port": "abc"}, [f"kafka_port = abc: not a whole number. {PORT}"]),
    (
        "broker-1",
        {"kafka_port": 9404},
        [f"kafka_port = 9404: already the jmx_exporter_port of this host. {SERVICE_PORT}"],
    ),
    (
        "monitor-1",
        {"prometheus_port": 9100},
        [f"prometheus_port = 9100: already the node_exporter_port of this host. {SERVICE_PORT}"],
    ),
    (
        "monitor-1",
        {"grafana_port": 9308},
        [f"kafka_exporter_port = 9308: already the grafana_port of this host. {SERVICE_PORT}"],
    ),
    (
        "monitor-1",
        {"alertmanager_port": 9094},
        [f"alertmanager_cluster_port = 9094: already the alertmanager_port of this host. {SERVICE_PORT}"],
    ),
    (
        "monitor-1",
        {"alertmanager_install": "maybe"},
        ["alertmanager_install = maybe: neither true nor false. Use true or false."],
    ),
    ("monitor-1", {"alertmanager_urls": "http://a:9093"}, [f"alertmanager_urls = http://a:9093: {URLS}"]),
    ("monitor-1", {"alertmanager_urls": ["a:9093"]}, [f"alertmanager_urls = ['a:9093']: {URLS}"]),
    (
        "monitor-1",
        {"alertmanager_urls": ["http://me:pw@a:9093"]},
        ["alertmanager_urls = (hidden): an address with a name or password in it. Use one that needs none."],
    ),
    ("broker-1", {"kafka_address": "http://x"}, [f"kafka_address = http://x: {ADDRESS}"]),
    ("broker-1", {"kafka_address": "x:9092/"}, [f"kafka_address = x:9092/: {ADDRESS}"]),
    ("broker-1", {"ansible_host": "a b"}, [f"ansible_host = a b: {ADDRESS}"]),
    (
        "broker-1",
        {"kafka_address": "::"},
        [f"kafka_address = ::: an address that no other host can reach. {OTHERS}"],
    ),
    (
        "broker-1",
        {"kafka_address": "127.0.1.1"},
        [f"kafka_address = 127.0.1.1: a loopback address: on the other nodes it means themselves. {OTHERS}"],
    ),
    (
        "broker-1",
        {"kafka_address": "localhost"},
        [f"kafka_address = localhost: a loopback address: on the other nodes it means themselves. {OTHERS}"],
    ),
    (
        "broker-2",
        {"kafka_address": "broker-1"},
        [
            "kafka_address = broker-1: port 9100 of this address is already in use by broker-1. Give each host its own address."
        ],
    ),
    (
        "monitor-1",
        {"ansible_host": "broker-1"},
        [
            "kafka_address = broker-1: port 9100 of this address is already in use by broker-1. Give each host its own address."
        ],
    ),
    # directories
    ("broker-1", {"kafka_log_dirs": "/data"}, [f"kafka_log_dirs = /data: {DIRS}"]),
    ("broker-1", {"kafka_log_dirs": []}, [f"kafka_log_dirs = []: {DIRS}"]),
    ("broker-1", {"kafka_log_dirs": [1]}, ["kafka_log_dirs = [1]: not a directory. Use an absolute path."]),
    ("broker-1", {"kafka_log_dirs": ["data"]}, ["kafka_log_dirs = ['data']: a relative path. Use an absolute path."]),
    (
        "broker-1",
        {"kafka_log_dirs": ["/my data"]},
        [
            "kafka_log_dirs = ['/my data']: a path with characters that Kafka or systemd would split at. Use letters, digits and . _ - @ +."
        ],
    ),
    (
        "broker-1",
        {"kafka_log_dirs": ["/a/../b"]},
        [f"kafka_log_dirs = ['/a/../b']: not a directory of Kafka's own. {DIR}"],
    ),
    (
        "broker-1",
        {"kafka_metadata_log_dir": "/"},
        [f"kafka_metadata_log_dir = /: not a directory of Kafka's own. {DIR}"],
    ),
    (
        "broker-1",
        {"kafka_metadata_log_dir": "/var"},
        [f"kafka_metadata_log_dir = /var: not a directory of Kafka's own. {DIR}"],
    ),
    (
        "broker-1",
        {"kafka_metadata_log_dir": "/tmp/m"},
        [f"kafka_metadata_log_dir = /tmp/m: a directory that is emptied at boot. {DIR}"],
    ),
    (
        "broker-1",
        {"kafka_log_dirs": ["/d/a", "/d/a/b"]},
        [f"kafka_log_dirs = /d/a/b: inside one of kafka_log_dirs. {OVERLAP}"],
    ),
    (
        "broker-1",
        {"kafka_log_dirs": ["/d/a", "/d//a/"]},
        [f"kafka_log_dirs = /d/a: the same directory as one of kafka_log_dirs. {OVERLAP}"],
    ),
    (
        "broker-1",
        {"kafka_metadata_log_dir": "/var/lib/kafka/data/m"},
        [f"kafka_metadata_log_dir = /var/lib/kafka/data/m: inside one of kafka_log_dirs. {OVERLAP}"],
    ),
    (
        "broker-1",
        {"kafka_metadata_log_dir": "/var/lib"},
        [f"kafka_metadata_log_dir = /var/lib: around one of kafka_log_dirs. {OVERLAP}"],
    ),
    (
        "controller-1",
        {"kafka_app_log_dir": "/var/lib/kafka/metadata"},
        [f"kafka_app_log_dir = /var/lib/kafka/metadata: the same directory as kafka_metadata_log_dir. {OVERLAP}"],
    ),
    # logs
    ("broker-1", {"kafka_log_levels": "DEBUG"}, [f"kafka_log_levels = DEBUG: {DICT}"]),
    (
        "broker-1",
        {"kafka_log_levels": {"kafka.server": "VERBOSE"}},
        [f"kafka_log_levels[kafka.server] = VERBOSE: {LEVEL}"],
    ),
    (
        "broker-1",
        {"kafka_log_levels_host": {"kafka.server": False}},
        [f"kafka_log_levels_host[kafka.server] = false: {TRUTH}"],
    ),
    (
        "broker-1",
        {"kafka_log_levels_brokers": {"kafka.server": "OFF"}},
        [f"kafka_log_levels_brokers[kafka.server] = OFF: {OFF}"],
    ),
    ("broker-1", {"kafka_log_levels": {"a": "all"}}, [f"kafka_log_levels[a] = all: {ALL}"]),
    ("broker-1", {"kafka_log_levels": {"Root": None}}, [f"kafka_log_levels[Root]: {ROOT_LEVEL}"]),
    ("broker-1", {"kafka_log_levels": {"root": ""}}, [f"kafka_log_levels[root]: {ROOT_LEVEL}"]),
    ("broker-1", {"kafka_log_levels": {"a": None}}, [f"kafka_log_levels[a]: {NO_LEVEL}"]),
    ("broker-1", {"kafka_log_levels": {"a;rm -rf": "INFO"}}, [f"kafka_log_levels[a;rm -rf] = INFO: {LOGGER}"]),
    (
        "broker-1",
        {"kafka_log_levels": {"kafka..server": "INFO"}},
        [f"kafka_log_levels[kafka..server] = INFO: {LOGGER}"],
    ),
    ("broker-1", {"kafka_log_levels": {"kafka server": "INFO"}}, [f"kafka_log_levels[kafka server] = INFO: {LOGGER}"]),
    (
        "broker-1",
        {"kafka_log_file_size": "100"},
        ["kafka_log_file_size = 100: not a size. Use a number and KB, MB or GB, such as 100MB."],
    ),
    (
        "broker-1",
        {"kafka_log_file_size": "1KB"},
        ["kafka_log_file_size = 1KB: too small or too large for a log file. Use 10KB to 1GB."],
    ),
    (
        "broker-1",
        {"kafka_log_filesystem_share": "half"},
        ["kafka_log_filesystem_share = half: not a part of a whole. Use a number above 0 and up to 1, such as 0.5."],
    ),
    (
        "broker-1",
        {"kafka_log_filesystem_share": 50},
        ["kafka_log_filesystem_share = 50: not a part of a whole. Use a number above 0 and up to 1, such as 0.5."],
    ),
    ("broker-1", {"kafka_log_file_count": 0}, ["kafka_log_file_count = 0: out of range. Use a number from 1 to 1000."]),
    # properties
    ("broker-1", {"kafka_properties": "a=b"}, [f"kafka_properties = a=b: {DICT}"]),
    ("broker-1", {"kafka_broker_properties": ["a=b"]}, [f"kafka_broker_properties = ['a=b']: {DICT}"]),
]
MERGED = [
    (
        "broker-1",
        {"kafka_replication_factor": 2},
        "kafka_replication_factor",
        "3 on controller-1, controller-2, controller-3 and 2 more; 2 on broker-1",
    ),
    (
        "broker-1",
        {"kafka_version": "4.2.1"},
        "kafka_version",
        "4.3.1 on controller-1, controller-2, controller-3 and 2 more; 4.2.1 on broker-1",
    ),
    (
        "brokers",
        {"kafka_quorum_sizes": [3]},
        "kafka_quorum_sizes",
        "[3, 5] on controller-1, controller-2, controller-3; [3] on broker-1, broker-2, broker-3",
    ),
]


@pytest.mark.parametrize(("host", "variables", "expected"), REFUSED)
def test_refused(inventory: Any, host: str, variables: dict[str, Any], expected: list[str]) -> None:
    inventory.set("all", kafka_placement_policy="warn").set(host, **variables)
    assert inventory.problems() == [f"{SIX if host == 'all' else host}: {one}" for one in expected]


@pytest.mark.parametrize(("host", "variables", "variable", "told"), MERGED)
def test_cluster_wide(inventory: Any, host: str, variables: dict[str, Any], variable: str, told: str) -> None:
    expected = f"{variable}: not the same on all nodes of cluster orders: {told}. {ONCE}"
    assert inventory.set(host, **variables).problems() == [expected]
