"""playbooks/validate.yml on real inventories, good and bad, without a host to talk to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.kraftops.kafka.plugins.module_utils._inventory import OPTIONAL, READERS, REQUIRED

ROOT = Path(__file__).resolve().parents[3]
BAD = """
kafka:
  vars:
    kafka_cluster_name: my orders
    kafka_version: 4.4.0
    kafka_security: ssl
    kafka_min_insync_replicas: 3
    kafka_replication_factor: 4
    kafka_placement_policy: enforced
    kafka_log_levels: {kafka.server: LOUD, a..b: INFO}
    kafka_properties: {log.segment.bytes: 1000, zookeeper.connect: 'a:1', metric.reporters: a.B}
  hosts:
    stray: {ansible_host: 192.0.2.9}
  children:
    kafka_controllers:
      hosts:
        controller-1: {ansible_host: 192.0.2.1, kafka_node_id: 1, kafka_rack: a}
        controller-2: {ansible_host: 192.0.2.2, kafka_node_id: 2, kafka_rack: a, kafka_heap: 1gb}
        controller-3: {ansible_host: 192.0.2.3, kafka_node_id: -3, kafka_rack: b}
        controller-4: {ansible_host: 192.0.2.4, kafka_rack: c, kafka_controller_properties: {node.id: 4}}
    kafka_brokers:
      hosts:
        broker-1: {ansible_host: 192.0.2.5, kafka_node_id: 1, kafka_log_dirs: [data]}
        broker-2: {ansible_host: 192.0.2.5, kafka_node_id: twelve, kafka_log_dirs: [/d/a, /d/a/b]}
        broker-3: {ansible_host: 192.0.2.6, kafka_node_id: 13, kafka_port: 9404, kafka_por: 9092, kafka_properties: {listeners: x}}
monitoring:
  hosts:
    monitor-1: {ansible_host: 192.0.2.7, prometheus_port: 9100}
"""
VERSIONS = "3.9.0, 3.9.1, 3.9.2, 4.0.0, 4.0.1, 4.0.2, 4.1.0, 4.1.1, 4.1.2, 4.2.0, 4.2.1, 4.3.0, 4.3.1, 4.3.2"
SEVEN = "controller-1, controller-2, controller-3 and 4 more"
NUMBER = "Use a number from 0 to 2147483647"
BAD_LINES = [
    "25 problems:",
    "stray: groups: in group kafka, but neither in kafka_controllers nor in kafka_brokers. Put it into "
    "one of them, or into both for a combined node.",
    f"{SEVEN}: kafka_cluster_name = my orders: not a cluster name. Use up to 63 letters, digits, dots, "
    "underscores and hyphens, a letter or digit first.",
    f"{SEVEN}: kafka_version = 4.4.0: not a version that this collection knows. Use one of {VERSIONS}.",
    "controller-1, controller-2, controller-3 and 3 more: kafka_properties[log.segment.bytes] = 1000: an "
    "illegal value: Kafka would not start. Use 1048576 or more.",
    "controller-1, controller-2, controller-3 and 3 more: kafka_properties[zookeeper.connect] = a:1: a "
    "ZooKeeper key. Remove it: the cluster runs in KRaft mode.",
    "controller-1, controller-2, controller-3 and 3 more: kafka_properties[metric.reporters] = a.B: "
    "without the JmxReporter no metric reaches the exporter. Add org.apache.kafka.common.metrics.JmxReporter to the list.",
    f"{SEVEN}: kafka_log_levels[kafka.server] = LOUD: not a log level. Use one of FATAL ERROR WARN INFO DEBUG TRACE.",
    f"{SEVEN}: kafka_log_levels[a..b] = INFO: not a logger name. Use the name of a package or class, such "
    "as kafka.server, or root for everything else.",
    "controller-2: kafka_heap = 1gb: not a heap size. Use a number and m or g, such as 512m or 4g.",
    f"controller-3: kafka_node_id = -3: negative. {NUMBER}.",
    "controller-4: kafka_node_id: missing. Give each node its own id; it stays with the node for ever.",
    "controller-4: kafka_controller_properties[node.id] = 4: a key that the collection owns. Set "
    "kafka_node_id instead.",
    "broker-1: kafka_log_dirs = ['data']: a relative path. Use an absolute path.",
    f"broker-2: kafka_node_id = twelve: not a whole number. {NUMBER}.",
    "broker-3: kafka_properties[listeners] = x: a key that the collection owns. Set kafka_address, "
    "kafka_port or kafka_controller_port instead.",
    "broker-1, controller-1, controller-2 and 4 more: kafka_security = ssl: not implemented. Use "
    "plaintext, the only one for now.",
    "broker-1, controller-1, controller-2 and 4 more: kafka_placement_policy = enforced: not a value "
    "that is known here. Use enforce or warn.",
    "broker-1: kafka_node_id = 1: already the id of controller-1. Give each node its own id.",
    "broker-3: kafka_port = 9404: already the jmx_exporter_port of this host. Give each service of a "
    "host its own port.",
    "monitor-1: prometheus_port = 9100: already the node_exporter_port of this host. Give each service "
    "of a host its own port.",
    "broker-2: kafka_address = 192.0.2.5: port 9100 of this address is already in use by broker-1. Give "
    "each host its own address.",
    "broker-2: kafka_log_dirs = /d/a/b: inside one of kafka_log_dirs. Give data, metadata and Kafka's "
    "own logs a directory each, none inside another.",
    "kafka_controllers: 4 controllers tolerate no more losses than 3. Use an odd number: 3 or 5.",
    "kafka_replication_factor = 4: more replicas than brokers (3), so no topic could be made. Add "
    "brokers, or lower kafka_replication_factor and kafka_min_insync_replicas for this cluster.",
    "kafka_rack: missing on broker-1, broker-3, broker-2, but set on other hosts of the cluster. Set it "
    "on every host of the cluster, or on none.",
    "1 warning:",
    "broker-3: kafka_por: nothing reads this variable. Did you mean kafka_port? Rename it, or use another prefix.",
]


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """Return an inventory in which much is wrong; its hosts answer nowhere."""
    path = tmp_path / "bad.yml"
    path.write_text(BAD)
    return path


def test_bad_inventory(validate: Any, bad: Path) -> None:
    done = validate(bad)
    assert done.lines == BAD_LINES
    assert (done.code, done.connected) == (2, False)
    assert done.seconds < 10
    assert (
        f"The inventory has {BAD_LINES[0].split()[0]} problem(s), listed above. No host was contacted." in done.output
    )


@pytest.mark.parametrize("arguments", [["--limit", "monitor-1"], ["--tags", "exporters"], ["--check"]])
def test_all_is_checked_whatever_is_asked(validate: Any, bad: Path, arguments: list[str]) -> None:
    assert validate(bad, *arguments).lines == BAD_LINES


def test_by_name_from_an_empty_directory(validate: Any, bad: Path) -> None:
    assert validate(bad, playbook="kraftops.kafka.validate").lines == BAD_LINES


COMBINED = (
    "small: kafka_controllers: combined nodes (node-1, node-2, node-3) are not recommended where it matters: "
    "both roles restart together. Use hosts of their own for the controllers."
)
SMALL = [
    "legacy: kafka_controllers: 1 controller: when it is lost, so is the cluster's metadata. "
    "Use 3 controllers for anything but a trial.",
    "legacy: kafka_replication_factor = 1: 1 replica of everything: when the broker is lost, so is the data. "
    "Use 3 brokers for anything but a trial.",
    "legacy: kafka_rack: no host has a rack, so the placement cannot be checked. "
    "Set kafka_rack on every host, or accept it.",
]
RACK = "survives the loss of any one rack, controllers:"
# folder of inventories/, warnings, first sentence, sentence about the racks of the controllers
GOOD = [
    ("example", [], "orders: tolerates the loss of 1 of 3 controllers (majority 2).", f"orders: {RACK} yes,"),
    ("combined", [COMBINED], "small: tolerates the loss of 1 of 3 controllers (majority 2).", f"small: {RACK} yes,"),
    ("five_controllers", [], "orders: tolerates the loss of 2 of 5 controllers (majority 3).", f"orders: {RACK} yes,"),
    ("kafka39", SMALL, "legacy: tolerates the loss of 0 of 1 controllers (majority 1).", f"legacy: {RACK} unknown,"),
]


@pytest.mark.parametrize(("name", "warnings", "first", "racks"), GOOD)
def test_inventories(validate: Any, name: str, warnings: list[str], first: str, racks: str) -> None:
    done = validate(ROOT / "inventories" / name)
    heading = {0: [], 1: ["1 warning:"]}.get(len(warnings), [f"{len(warnings)} warnings:"])
    start = [*heading, *warnings, first]
    assert done.lines[: len(start)] == start
    assert any(line.startswith(racks) for line in done.lines)
    assert (done.code, done.connected) == (0, False)


def test_every_inventory_is_tested() -> None:
    assert {path.name for path in (ROOT / "inventories").iterdir()} == {one[0] for one in GOOD}


def test_every_variable_has_a_default() -> None:
    files = ROOT.glob("roles/*/defaults/main.yml")
    defaults = {name for file in files for name in yaml.safe_load(file.read_text()) or {}}
    assert set(READERS) - set(REQUIRED) - set(OPTIONAL) <= defaults


EMPTY = "No host in group kafka. Put hosts into kafka_controllers and kafka_brokers, both children of kafka."


@pytest.mark.parametrize("arguments", [[], ["--limit", "stranger"]])
def test_no_kafka_host(validate: Any, tmp_path: Path, arguments: list[str]) -> None:
    inventory = tmp_path / "hosts.yml"
    inventory.write_text("all: {hosts: {stranger: {}}}\n")
    done = validate(inventory, *arguments)
    assert (done.code, done.connected, done.lines) == (2, False, [])
    assert EMPTY in done.output


def test_no_inventory(validate: Any) -> None:
    done = validate(None)
    assert done.code == 2
    assert EMPTY in done.output


def test_the_model_is_a_fact_of_every_host(validate: Any, tmp_path: Path) -> None:
    playbook = tmp_path / "site.yml"
    playbook.write_text(
        "- import_playbook: kraftops.kafka.validate\n"
        "- hosts: kafka:monitoring\n"
        "  gather_facts: false\n"
        "  tasks:\n"
        "    - ansible.builtin.assert: {that: \"__kafka_model.nodes['broker-1'].client_port == 9092\"}\n"
    )
    done = validate(ROOT / "inventories" / "example", playbook=str(playbook))
    assert (done.code, done.output.count("All assertions passed")) == (0, 7)


def vaulted(password_file: Path, value: str, name: str) -> str:
    """Return a line of YAML with an encrypted value."""
    command = [str(Path(sys.executable).parent / "ansible-vault"), "encrypt_string"]
    command += ["--vault-password-file", str(password_file), value, "--name", name]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout + "\n"


def vaulted_inventory(tmp_path: Path) -> tuple[Path, Path]:
    """Return an inventory with group_vars, and a password that opens some of them."""
    inventory, password, other = tmp_path / "inventory", tmp_path / "password", tmp_path / "other"
    (inventory / "group_vars").mkdir(parents=True)
    (inventory / "hosts.yml").write_text((ROOT / "inventories/example/hosts.yml").read_text())
    password.write_text("one\n")
    other.write_text("two\n")
    (inventory / "group_vars" / "kafka.yml").write_text(
        "kafka_heap: '{{ nowhere }}'\n"
        "kafka_version: '{{ wanted }}'\n"
        "wanted: 4.2.1\n"
        "kafka_address: '{{ host_secret }}'\n"
        "kafka_broker_properties: {node.id: '{{ host_secret }}'}\n"
        + vaulted(password, "hunter2 x", "host_secret")
        + vaulted(password, "9192", "kafka_port")
        + vaulted(other, "1", "kafka_controller_port")
    )
    return inventory, password


def test_group_vars_templates_and_vaults(validate: Any, tmp_path: Path) -> None:
    inventory, password = vaulted_inventory(tmp_path)
    done = validate(inventory, "--vault-password-file", str(password))
    six = "controller-1, controller-2, controller-3 and 3 more"
    needs = "Define what it needs, or write the value."
    three = [line for line in done.lines if "kafka_heap" not in line]
    assert any(line.startswith(f"{six}: kafka_heap: it refers to ") and needs in line for line in done.lines)
    assert three == [
        "4 problems:",
        f"{six}: kafka_address = (hidden): not a host name or IP address. "
        "Use a name or address without port, scheme or spaces.",
        f"controller-1, controller-2, controller-3: kafka_controller_port: "
        f"encrypted, and no vault password that opens it was given. {needs}",
        "broker-1, broker-2, broker-3: kafka_broker_properties[node.id] = (hidden): a key that the collection owns. "
        "Set kafka_node_id instead.",
    ]
    assert "hunter2" not in done.output


def test_two_hundred_hosts(validate: Any, tmp_path: Path) -> None:
    """The check costs little beside what Ansible itself takes for as many plays and tasks that do nothing (measured: 1.3 to 1.9 times)."""
    inventory, bare = tmp_path / "hosts.ini", tmp_path / "bare.yml"
    lines = ["[kafka_controllers]", *(f"c{n} kafka_node_id={n} kafka_rack=r{n}" for n in range(3)), "[kafka_brokers]"]
    lines += [f"b{n} kafka_node_id={n + 10} kafka_rack=r{n % 3}" for n in range(197)]
    lines += ["[kafka:children]", "kafka_controllers", "kafka_brokers", "[kafka:vars]", "kafka_cluster_name=big"]
    inventory.write_text("\n".join([*lines, "kafka_properties={'a.b': '{{ inventory_hostname }}'}"]) + "\n")
    plays = yaml.safe_load((ROOT / "playbooks" / "validate.yml").read_text())
    nothing = {"ansible.builtin.debug": {"msg": "nothing"}, "run_once": True}
    keywords = {"hosts": "all", "gather_facts": False}
    bare.write_text(yaml.safe_dump([{**keywords, "tasks": [nothing] * len(play["tasks"])} for play in plays]))
    done, least = validate(inventory), validate(inventory, playbook=str(bare))
    assert (done.code, done.connected, least.code) == (0, False, 0)
    assert done.cpu_seconds <= 3 * least.cpu_seconds


def test_a_check_that_fails_says_why(validate: Any, tmp_path: Path) -> None:
    """Its result is shown to nobody; its error must be."""
    inventory = tmp_path / "hosts.ini"
    inventory.write_text("[kafka_brokers]\nb1 kafka_node_id=1 kafka_rack=a\n[kafka:children]\nkafka_brokers\n")
    done = validate(inventory, "--extra-vars", '{"__kafka_roles": ["no_role"]}')
    assert (done.code, done.connected) == (2, False)
    said = done.output.partition("TASK [Validate | Say why the inventory cannot be checked]")[2]
    assert "roles/no_role/defaults/main.yml" in said
