"""The model, and every error text about a single value or about two that do not go together."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kraftops.kafka.plugins.filter.topology import FilterModule, topology
from jinja2 import StrictUndefined

SIX = "controller-1, controller-2, controller-3 and 3 more"
NODE_ID = "Use a number from 0 to 2147483647."
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
    ("broker-1", {"kafka_address": "http://x"}, [f"kafka_address = http://x: {ADDRESS}"]),
    ("broker-1", {"kafka_address": "x:9092/"}, [f"kafka_address = x:9092/: {ADDRESS}"]),
    ("broker-1", {"ansible_host": "a b"}, [f"ansible_host = a b: {ADDRESS}"]),
    (
        "broker-1",
        {"kafka_address": "0.0.0.0"},
        [f"kafka_address = 0.0.0.0: an address that no other host can reach. {OTHERS}"],
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
        [f"kafka_log_levels_host[kafka.server] = false: {LEVEL}"],
    ),
    (
        "broker-1",
        {"kafka_log_levels_brokers": {"kafka.server": "OFF"}},
        [f"kafka_log_levels_brokers[kafka.server] = OFF: {LEVEL}"],
    ),
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


def test_nothing_to_say(inventory: Any) -> None:
    assert (inventory.problems(), inventory.warnings()) == ([], [])


def test_groups(inventory: Any) -> None:
    inventory.groups["kafka"].append("stray")
    inventory.groups["kafka"].remove("broker-3")
    assert inventory.problems() == [
        "stray: groups: in group kafka, but neither in kafka_controllers nor in kafka_brokers. "
        "Put it into one of them, or into both for a combined node.",
        "broker-3: groups: in kafka_controllers or kafka_brokers, but not in group kafka. "
        "Make both groups children of kafka.",
    ]


def test_empty_inventory(defaults: Any) -> None:
    found = topology({"all": []}, {}, defaults)
    assert found["model"] == {"clusters": {}, "nodes": {}, "monitoring": [], "monitoring_nodes": {}}
    assert [one["why"] for one in found["problems"]] == ["no host in group kafka"]


def test_missing_default(inventory: Any) -> None:
    found = topology(inventory.groups, inventory.hostvars, {})
    assert {one["why"] for one in found["problems"]} == {"no value and no default"}


def test_unreadable(inventory: Any) -> None:
    class Failing(dict[str, Any]):
        def __getitem__(self, key: str) -> Any:
            if key == "kafka_port":
                raise ValueError("Attempting to decrypt but no vault secrets found: s3cret")
            return super().__getitem__(key)

    inventory.hostvars["broker-1"] = Failing(
        inventory.hostvars["broker-1"],
        kafka_port=1,
        kafka_heap=StrictUndefined(name="wanted"),
        kafka_controller_port="not read on a broker",
        kafka_log_file_size="{{ left_as_it_is }}",
    )
    fix = "Define what it needs, or write the value."
    assert inventory.problems() == [
        f"broker-1: kafka_heap: it refers to wanted, which is undefined. {fix}",
        f"broker-1: kafka_port: encrypted, and no vault password that opens it was given. {fix}",
        f"broker-1: kafka_log_file_size: it refers to something undefined. {fix}",
    ]


def test_secret_is_not_shown(inventory: Any) -> None:
    tagged = type("VaultedValue", (), {})
    secret = type("Tagged", (str,), {"_ansible_tags_mapping": {tagged: 1}})("hunter2")
    inventory.hostvars["broker-2"]["kafka_port"] = secret
    inventory.hostvars["broker-3"]["kafka_properties"] = {"node.id": secret}
    inventory.hostvars["controller-2"]["ansible_host"] = secret
    inventory.hostvars["controller-3"]["kafka_address"] = secret
    inventory.set("controller-1", kafka_properties={"ssl.key.password": ["a", {}]})
    found = inventory.check()
    assert "hunter2" not in str(found["problems"]) + str(found["warnings"]) + str(found["lines"])
    assert [one["value"] for one in found["problems"]] == ["(hidden)"] * 4


def test_misspelt_variable(inventory: Any) -> None:
    inventory.set("all", kafka_replication_facto=2).set("broker-1", kafka_rac="a", kafka_team="x", other_port=1)
    tail = "Rename it, or use another prefix."
    assert inventory.warnings() == [
        f"{SIX}: kafka_replication_facto: nothing reads this variable. Did you mean kafka_replication_factor? {tail}",
        f"broker-1: kafka_rac: nothing reads this variable. Did you mean kafka_rack? {tail}",
    ]


def test_version_to_avoid(inventory: Any) -> None:
    assert inventory.set("all", kafka_version="4.2.0").warnings() == [
        "orders: kafka_version = 4.2.0: rolling upgrades with transactional producers can fail (KAFKA-20322). "
        "Use 4.2.1 or a later version."
    ]


def test_model(inventory: Any) -> None:
    inventory.set("brokers", kafka_heap="4G", kafka_log_dirs=["/data1", "/data2/"], ansible_host="10.0.0.1")
    for number in (1, 2, 3):
        inventory.set(f"broker-{number}", ansible_host=f"10.0.0.{number}", kafka_node_id=str(20 - number))
    model = inventory.set("broker-2", kafka_address="fd00::2").model()
    assert model["clusters"] == {
        "orders": {
            "name": "orders",
            "version": "4.3.1",
            "security": "plaintext",
            "replication_factor": 3,
            "min_insync_replicas": 2,
            "quorum_sizes": [3, 5],
            "placement_policy": "enforce",
            "controllers": ["controller-1", "controller-2", "controller-3"],
            "brokers": ["broker-3", "broker-2", "broker-1"],
            "nodes": ["controller-1", "controller-2", "controller-3", "broker-3", "broker-2", "broker-1"],
            "controller_bootstrap": ["controller-1:9093", "controller-2:9093", "controller-3:9093"],
            "bootstrap": ["10.0.0.3:9092", "[fd00::2]:9092", "10.0.0.1:9092"],
            "kafka_exporter_port": 9308,
        }
    }
    assert model["nodes"]["broker-1"] == {
        "name": "broker-1",
        "cluster": "orders",
        "node_id": 19,
        "rack": "a",
        "roles": ["broker"],
        "role": "broker",
        "address": "10.0.0.1",
        "client_port": 9092,
        "controller_port": None,
        "jmx_exporter_port": 9404,
        "node_exporter_port": 9100,
        "log_dirs": ["/data1", "/data2"],
        "metadata_log_dir": "/var/lib/kafka/metadata",
        "app_log_dir": "/var/log/kafka",
        "heap": "4G",
        "heap_bytes": 4 << 30,
        "properties": {},
        "log_levels": {},
        "log_file_size": 100 << 20,
        "log_file_count": 10,
    }
    assert model["nodes"]["controller-1"]["log_dirs"] == []
    assert model["monitoring_nodes"]["monitor-1"]["prometheus_port"] == 9090


def test_combined_node(make: Any) -> None:
    inventory = make(brokers=0, monitoring=False)
    inventory.groups["kafka_brokers"] = list(inventory.groups["kafka_controllers"])
    node = inventory.model()["nodes"]["controller-1"]
    assert (node["role"], node["roles"]) == ("combined", ["broker", "controller"])
    assert (node["client_port"], node["controller_port"]) == (9092, 9093)


def test_combined_node_told_two_things(make: Any) -> None:
    inventory = make(brokers=0, monitoring=False)
    inventory.groups["kafka_brokers"] = list(inventory.groups["kafka_controllers"])
    inventory.set(
        "controller-1", kafka_controller_properties={"a": 1, "b": 1}, kafka_broker_properties={"a": 2, "b": 1}
    )
    inventory.set("controller-1", kafka_log_levels_controllers={"x": "INFO"}, kafka_log_levels_brokers={"x": "debug"})
    fix = "Give both roles the same value, or set it for the host."
    assert inventory.problems() == [
        f"controller-1: kafka_controller_properties[a] = 1: a combined node, and for brokers the value is 2. {fix}",
        f"controller-1: kafka_log_levels_controllers[x] = INFO: a combined node, and for brokers the value is DEBUG. {fix}",
    ]


def test_two_clusters(make: Any) -> None:
    inventory = make()
    for number in (1, 2, 3):
        shared = {"kafka_cluster_name": "audit", "kafka_rack": "abc"[number - 1]}
        inventory.add(f"audit-c{number}", "kafka_controllers", **{**shared, "kafka_node_id": number})
        inventory.add(f"audit-b{number}", "kafka_brokers", **{**shared, "kafka_node_id": 10 + number})
    assert inventory.problems() == []
    ports = {name: one["kafka_exporter_port"] for name, one in inventory.model()["clusters"].items()}
    assert ports == {"audit": 9308, "orders": 9309}


def test_merged_levels_and_properties(inventory: Any) -> None:
    inventory.set("all", kafka_log_levels={"kafka.network.RequestChannel$": "trace", "ROOT": "Warn", "x": "INFO"})
    inventory.set("brokers", kafka_log_levels_brokers={"x": "DEBUG", "y": "DEBUG"}, kafka_broker_properties={"b": True})
    inventory.set(
        "broker-1", kafka_log_levels_host={"y": "ERROR"}, kafka_properties={"a": 1.5, "b": "x", "c": ["d", 2]}
    )
    node = inventory.model()["nodes"]["broker-1"]
    levels = {"kafka.network.RequestChannel$": "TRACE", "root": "WARN", "x": "DEBUG", "y": "ERROR"}
    assert node["log_levels"] == levels
    assert node["properties"] == {"a": "1.5", "b": "true", "c": "d,2"}


def test_monitoring_on_a_broker(make: Any) -> None:
    inventory = make(monitoring=False)
    inventory.groups["monitoring"] = ["broker-1"]
    assert inventory.problems() == []
    inventory.set("broker-1", grafana_port=9092)
    assert inventory.problems() == [
        f"broker-1: grafana_port = 9092: already the kafka_port of this host. {SERVICE_PORT}"
    ]


def test_plugin() -> None:
    assert FilterModule().filters() == {"topology": topology}
