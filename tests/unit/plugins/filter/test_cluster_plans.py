"""The filter cluster_plans: what it makes of what the tasks of a run have registered."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.filter.cluster_plans import FilterModule, cluster_plans
from ansible_collections.kraftops.kafka.plugins.filter.log_config import log_config
from ansible_collections.kraftops.kafka.plugins.filter.server_properties import server_properties
from ansible_collections.kraftops.kafka.plugins.module_utils._loaded_state import appenders_digest, without_secrets
from ansible_collections.kraftops.kafka.plugins.module_utils._model import from_plain
from ansible_collections.kraftops.kafka.plugins.module_utils._properties import complete
from tests.unit.plugins.running_kafka import describe

UNIT, JVM, FILE = "/etc/systemd/system/kafka.service", "/etc/kafka/jvm.options", "/etc/kafka/server.properties"
BROKERS = ["broker-1", "broker-2", "broker-3"]
CONTROLLERS = ["controller-1", "controller-2", "controller-3"]
# Controller 1 leads, so it goes last of the controllers.
ORDER = ["controller-2", "controller-3", "controller-1", *BROKERS]
NOTHING = ["orders: nothing differs, nothing will be done."]
SENT, IDLE, KEY = "socket.send.buffer.bytes", "connections.max.idle.ms", "ssl.keystore.password"


def loaded(properties: dict[str, str]) -> dict[str, Any]:
    """Return what loaded_state says of a node that was started with what lies on its disk."""
    shown, options = without_secrets(properties), ["-Xms1g", "-Xmx1g"]
    return {
        "running": True,
        "active_state": "active",
        "known": True,
        "properties": dict(shown),
        "jvm_options": list(options),
        "kafka": {"class_path": "/opt/kafka/kafka-4.3.1/libs/*", "version": "4.3.1"},
        "changed_files": [],
        "disk": {"properties": dict(shown), "jvm_options": list(options), "dynamic_keys": [], "appenders": ""},
        "log_config": {"file": "log4j2.yaml", "loggers": {}, "appenders": "", "sha256": ""},
        "unit": {
            "state": "enabled",
            "path": UNIT,
            "need_daemon_reload": False,
            "digest": {"process": "aa", "file": "aa"},
            "process_read_older": False,
            "changed_since_start": [],
        },
    }


class Site:
    """Clusters that run as their inventory said; what is then changed in the inventory is what a plan is about."""

    def __init__(self, inventory: Any) -> None:
        self.inventory = inventory
        self.hostvars: dict[str, dict[str, Any]] = {}
        self.settle()

    def settle(self) -> None:
        """Start every node with what the inventory says now."""
        model = self.inventory.model()
        for host in model["nodes"]:
            properties = complete(from_plain(model), host)[0]
            self.hostvars[host] = {
                "__kafka_loaded": {"state": loaded(properties)},
                "__kafka_live": {"configs": describe(properties), "why": ""},
                "__kafka_files": {"held": []},
                "__kafka_preflight": {"nodes": {host: {"cluster_id": "the-id"}}},
            }
        quorum = {"quorum": {"leader_id": 1}}
        self.hostvars["broker-1"]["__kafka_health"] = {"summary": quorum, "features": {"kraft.version": 1}}

    def state(self, host: str) -> dict[str, Any]:
        """Return what loaded_state said of a host."""
        found: dict[str, Any] = self.hostvars[host]["__kafka_loaded"]["state"]
        return found

    def override(self, key: str, value: str, *hosts: str) -> None:
        """Set a dynamic property, of some nodes or of the cluster."""
        for host, found in self.hostvars.items():
            started = self.state(host)["properties"]
            if host in hosts or not hosts:
                own, wide = ({key: value}, {}) if hosts else ({}, {key: value})
                found["__kafka_live"]["configs"].update({key: describe(started, wide, own)[key]})

    def plan(self, *silent: str, **options: Any) -> dict[str, Any]:
        """Return the plan of all nodes but the silent ones."""
        model = self.inventory.model()
        return cluster_plans(model, self.hostvars, [name for name in model["nodes"] if name not in silent], **options)

    def interim(self, plan: dict[str, Any]) -> dict[str, dict[str, str]]:
        """Return by host what its file may say before its turn."""
        model = self.inventory.model()
        return {
            host: server_properties(model, host, interim=found)["properties"] for host, found in plan["interim"].items()
        }


@pytest.fixture
def site(inventory: Any) -> Site:
    """Return a cluster that runs as its inventory says."""
    return Site(inventory)


def test_it_is_found_by_its_name() -> None:
    assert FilterModule().filters() == {"cluster_plans": cluster_plans}


def test_nothing_differs(site: Site) -> None:
    plan = site.plan()
    assert (plan["changed"], plan["refused"], plan["restart"], plan["lines"]) == (False, False, [], NOTHING)
    assert plan["dynamic"] == {"orders": {}}
    on_disk = {host: site.state(host)["disk"]["properties"] for host in site.hostvars}
    assert site.interim(plan) == on_disk
    assert list(plan["clusters"]) == ["orders"]


def test_a_dynamic_change(site: Site) -> None:
    site.inventory.set("all", kafka_properties={"max.connections": "500"})
    plan = site.plan()
    assert (plan["changed"], plan["restart"]) == (True, [])
    assert plan["dynamic"]["orders"] == {
        "cluster": {"max.connections": "500"},
        "brokers": {},
        "controllers": {},
        "managed": [],
    }
    assert {found["max.connections"] for found in site.interim(plan).values()} == {"500"}


def test_until_its_turn_a_file_gains_only_what_needs_no_restart(site: Site) -> None:
    site.inventory.set("all", kafka_properties={SENT: "1000"})
    site.settle()
    site.inventory.set("all", kafka_properties={"max.connections": "500", SENT: "4096", "queued.max.requests": "9"})
    plan = site.plan()
    assert plan["restart"] == ORDER
    for found in site.interim(plan).values():
        assert (found["max.connections"], found[SENT]) == ("500", "1000")
        assert "queued.max.requests" not in found
    assert plan["dynamic"]["orders"]["cluster"] == {"max.connections": "500"}


def test_a_property_that_goes_stays_until_the_turn(site: Site) -> None:
    site.inventory.set("all", kafka_properties={SENT: "1000"})
    site.settle()
    site.inventory.set("all", kafka_properties={})
    plan = site.plan()
    assert plan["restart"] == ORDER
    assert {found[SENT] for found in site.interim(plan).values()} == {"1000"}


@pytest.mark.parametrize("path", [UNIT, JVM])
def test_a_held_file_is_a_reason_to_restart(site: Site, path: str) -> None:
    site.hostvars["broker-2"]["__kafka_files"] = {"held": [{"path": path, "lines": ["+a"]}]}
    plan = site.plan()
    assert plan["restart"] == ["broker-2"]
    reasons = [item["reasons"] for item in plan["clusters"]["orders"]["restart"]]
    assert reasons == [[f"{path}: the process was started with another one"]]


def test_held_properties_alone_are_judged_by_what_they_say(site: Site) -> None:
    site.hostvars["broker-2"]["__kafka_files"] = {"held": [{"path": FILE, "lines": ["+# a comment"]}]}
    assert site.plan()["lines"] == NOTHING


@pytest.mark.parametrize("path", [UNIT, JVM])
def test_what_a_stopped_node_would_be_started_with(site: Site, path: str) -> None:
    site.state("broker-2").update(
        running=False, active_state="inactive", known=False, properties=None, jvm_options=None
    )
    site.state("broker-2")["unit"]["digest"]["process"] = ""
    site.hostvars["broker-2"].update({"__kafka_files": {"held": [], "changed_files": [path]}, "__kafka_live": {}})
    told = [(one["host"], one["what"]) for one in site.plan()["clusters"]["orders"]["differences"]]
    assert told == [("broker-2", "process"), ("broker-2", path)]
    site.settle()
    site.hostvars["broker-2"]["__kafka_files"] = {"held": [], "changed_files": [path]}
    assert site.plan()["lines"] == NOTHING


def test_appenders_of_reload4j_wait_for_a_restart_and_levels_do_not(make: Any) -> None:
    inventory = make()
    inventory.set("all", kafka_version="3.9.2")
    old = Site(inventory)
    text = log_config(inventory.model(), "broker-1")["content"]
    for host in old.hostvars:
        digest = appenders_digest("log4j.properties", log_config(inventory.model(), host)["content"])
        old.state(host)["disk"]["appenders"] = digest
        old.state(host)["log_config"].update(file="log4j.properties", appenders=digest)
        old.state(host)["kafka"]["version"] = "3.9.2"
    assert old.plan()["lines"] == NOTHING
    inventory.set("all", kafka_log_levels={"kafka.server": "DEBUG"})
    assert log_config(inventory.model(), "broker-1")["content"] != text
    assert old.plan()["lines"] == NOTHING
    inventory.set("broker-3", kafka_log_file_size="10MB")
    assert old.plan()["restart"] == ["broker-3"]
    old.state("broker-3")["disk"]["appenders"] = "written before the turn"
    assert old.plan()["restart"] == ["broker-3"]


def test_what_lies_on_the_disks(site: Site) -> None:
    site.inventory.set("brokers", kafka_log_dirs=["/d1", "/d2"])
    site.settle()
    site.inventory.set("brokers", kafka_log_dirs=["/d1"])
    assert site.plan()["refused"]
    for host in BROKERS:
        site.hostvars[host]["__kafka_data"] = {"replicas": {"/d2": 0}, "beyond": {}}
    assert site.plan()["restart"] == BROKERS
    site.hostvars["broker-3"]["__kafka_data"]["replicas"] = {"/d2": 7}
    plan = site.plan()
    assert (plan["refused"], plan["restart"]) == (True, [])
    assert "/d2 still holds 7 replicas: move them away first" in " ".join(plan["lines"])


def test_a_shorter_retention_says_what_it_would_delete(site: Site) -> None:
    site.inventory.set("all", kafka_properties={"log.retention.hours": "24"})
    for host in BROKERS[:2]:
        site.hostvars[host]["__kafka_data"] = {"beyond": {"log.retention.ms": {"bytes": 10, "of": 30, "own": ["a"]}}}
    plan = site.plan()
    assert plan["clusters"]["orders"]["differences"][0]["bytes_beyond"] == 20
    assert "of 60 bytes in log segments, all replicas together" in plan["lines"][0]
    assert "(not those of topics with limits of their own: a), not counting broker-3;" in plan["lines"][0]


def test_settling_takes_away_what_is_not_needed_any_more_and_nothing_else(site: Site) -> None:
    key = "log.retention.bytes"
    site.inventory.set("brokers", kafka_broker_properties={"max.connections": "500", SENT: "4096"})
    assert site.plan(settle=True)["changed"] is False
    site.override(key, "-1")
    for host in site.hostvars:
        site.state(host)["disk"]["dynamic_keys"] = [key]
    plan = site.plan(settle="true")
    assert (plan["changed"], plan["restart"], plan["interim"]) == (True, [], {})
    assert plan["dynamic"]["orders"] == {"cluster": {}, "brokers": {}, "controllers": {}, "managed": [key]}
    assert [line.split(": ")[1] for line in plan["lines"]] == [key]


def test_settling_leaves_what_a_process_was_started_with_hidden(site: Site) -> None:
    """Somebody has changed the cluster's value and given a broker one of its own: only the latter can go."""
    key = "log.retention.bytes"
    site.inventory.set("brokers", kafka_broker_properties={key: "1000000"})
    site.settle()
    site.inventory.set("brokers", kafka_broker_properties={})
    for host in site.hostvars:
        started = site.state(host)["properties"]
        own = {key: "7"} if host == "broker-2" else {}
        site.hostvars[host]["__kafka_live"]["configs"].update({key: describe(started, {key: "5"}, own)[key]})
    steps = [(one["scope"], one["operation"]) for one in site.plan()["clusters"]["orders"]["dynamic"]]
    assert steps == [("cluster", "set"), ("broker-2", "delete")]
    plan = site.plan(settle=True)
    assert [(one["scope"], one["operation"]) for one in plan["clusters"]["orders"]["dynamic"]] == steps[1:]
    assert [line.split(": ")[0] for line in plan["lines"]] == ["broker-2"]


def test_settling_leaves_what_the_inventory_says(site: Site) -> None:
    site.inventory.set("brokers", kafka_broker_properties={"log.retention.bytes": "1000000"})
    site.settle()
    site.override("log.retention.bytes", "9", "broker-1")
    assert site.plan()["clusters"]["orders"]["dynamic"][0]["operation"] == "delete"
    assert site.plan(settle=True)["changed"] is False


def test_kafkas_own_value_is_not_ours(site: Site) -> None:
    site.override("min.insync.replicas", "2")
    site.inventory.set("all", kafka_properties={"max.connections": "500"})
    assert site.plan()["dynamic_keys"]["broker-1"] == ["max.connections", "min.insync.replicas"]
    site.hostvars["broker-1"]["__kafka_health"]["features"]["eligible.leader.replicas.version"] = 1
    assert site.plan()["dynamic_keys"]["broker-1"] == ["max.connections"]


def test_files_that_were_written_and_not_started_with(site: Site) -> None:
    site.state("broker-1")["disk"]["jvm_options"] = ["-Xmx2g"]
    site.state("broker-2")["unit"]["digest"]["file"] = "bb"
    site.state("broker-3")["changed_files"] = ["/opt/agent.jar"]
    plan = site.plan()
    told = [item["reasons"][0].split(":")[0] for item in plan["clusters"]["orders"]["restart"]]
    assert (plan["restart"], told) == (BROKERS, [JVM, UNIT, "/opt/agent.jar"])


def test_a_unit_by_which_the_process_was_not_started(site: Site) -> None:
    drop_in = f"{UNIT}.d/limits.conf"
    site.state("broker-1")["unit"]["changed_since_start"] = [UNIT, drop_in]
    site.state("broker-2")["unit"]["process_read_older"] = True
    site.state("broker-3")["unit"].update(process_read_older=True, digest={"process": "aa", "file": "bb"})
    plan = site.plan()["clusters"]["orders"]["restart"]
    reason = "the process was started with another one"
    assert {one["host"]: one["reasons"] for one in plan} == {
        "broker-1": [f"{drop_in}: {reason}"],
        "broker-2": [f"kafka.service, as systemd had read it: {reason}"],
        "broker-3": [f"{UNIT}: {reason}"],
    }


def test_what_was_loaded_is_not_known(site: Site) -> None:
    for host in site.hostvars:
        site.state(host).update(known=False, properties=None, jvm_options=None, kafka=None, changed_files=None)
        site.state(host)["unit"]["digest"]["process"] = ""
    assert site.plan()["lines"] == NOTHING
    site.hostvars["broker-1"]["__kafka_files"] = {"held": [{"path": JVM, "lines": ["+a"]}]}
    assert site.plan()["restart"] == ["broker-1"]


def test_a_property_that_left_the_inventory_is_ours_until_every_node_was_restarted(site: Site) -> None:
    key = "log.retention.bytes"
    site.inventory.set("brokers", kafka_broker_properties={key: "1000000"})
    site.settle()
    site.inventory.set("brokers", kafka_broker_properties={})
    plan = site.plan()
    assert plan["dynamic"]["orders"]["cluster"] == {key: "-1"}
    assert plan["dynamic_keys"] == {host: [key] for host in site.hostvars}
    assert plan["until_restart"] == {"orders": [key]}
    for host in BROKERS:  # set, and written to the files
        site.state(host)["disk"] = loaded(complete(from_plain(site.inventory.model()), host)[0])["disk"]
    site.override(key, "-1")
    for host in site.hostvars:
        site.state(host)["disk"]["dynamic_keys"] = [key]
    assert site.plan()["lines"] == NOTHING
    site.settle()
    for host in site.hostvars:
        site.state(host)["disk"]["dynamic_keys"] = [key]
    site.override(key, "-1")
    quiet = site.plan("broker-2")
    assert (quiet["lines"], quiet["until_restart"]) == (NOTHING, {"orders": [key]})
    last = site.plan()
    assert (last["dynamic"]["orders"]["managed"], last["dynamic"]["orders"]["cluster"]) == ([key], {})
    assert (last["dynamic_keys"], last["until_restart"]) == ({host: [] for host in site.hostvars}, {})


def test_values_for_the_cluster_come_from_the_whole_inventory(site: Site) -> None:
    site.inventory.set("broker-3", kafka_broker_properties={"background.threads": "12"})
    for alone in ("broker-1", "broker-3"):
        plan = site.plan(*(host for host in site.hostvars if host != alone))
        assert plan["dynamic"]["orders"].get("cluster", {}) == {}
    assert plan["dynamic"]["orders"]["brokers"] == {"13": {"background.threads": "12"}}
    site.inventory.set("brokers", kafka_broker_properties={"background.threads": "12"})
    plan = site.plan("broker-2")
    assert plan["dynamic"]["orders"]["cluster"] == {"background.threads": "12"}
    assert plan["lines"][-1] == "orders: the values for the cluster reach broker-2 too, which this run does not see."


def test_what_waits_for_a_restart_is_known_also_while_something_is_refused(site: Site) -> None:
    assert site.plan()["waiting"] == {host: [] for host in site.hostvars}
    site.inventory.set("brokers", kafka_broker_properties={SENT: "4096", "log.retention.ms": "1"})
    site.state("broker-3").update(running=False, active_state="inactive")
    plan = site.plan("broker-2")
    assert plan["refused"]
    assert plan["waiting"] == {**{host: [] for host in CONTROLLERS}, "broker-1": [SENT]}


def test_two_clusters(site: Site, make: Any) -> None:
    inventory = make(controllers=6, brokers=6, monitoring=False)
    for kind in ("controller", "broker"):
        for number in (4, 5, 6):
            inventory.set(f"{kind}-{number}", kafka_cluster_name="billing")
    both = Site(inventory)
    both.hostvars["broker-4"]["__kafka_health"] = {"summary": {"quorum": {"leader_id": 4}}, "features": {}}
    inventory.set("broker-5", kafka_broker_properties={SENT: "4096"})
    inventory.set("broker-1", kafka_broker_properties={"background.threads": "12"})
    plan = both.plan()
    assert plan["restart"] == ["broker-5"]
    assert plan["dynamic"]["billing"] == {}
    assert plan["dynamic"]["orders"]["brokers"] == {"11": {"background.threads": "12"}}
    assert set(plan["interim"]) == set(both.hostvars)
    assert len([line for line in plan["lines"] if line.startswith(("orders:", "billing:"))]) == 2
    alone = both.plan(*(f"{kind}-{number}" for kind in ("controller", "broker") for number in (4, 5, 6)))
    assert (list(alone["clusters"]), alone["dynamic"]["billing"]) == (["orders"], {})


def test_a_silent_node_is_left_out(site: Site) -> None:
    site.inventory.set("all", kafka_properties={SENT: "4096"})
    site.hostvars["broker-2"] = {}
    plan = site.plan("broker-2")
    assert plan["restart"] == [host for host in ORDER if host != "broker-2"]
    assert "broker-2" not in plan["interim"]


def test_a_node_that_does_not_answer_goes_first(site: Site) -> None:
    site.inventory.set("brokers", kafka_broker_properties={SENT: "4096"})
    site.hostvars["broker-3"]["__kafka_live"] = {"configs": None, "why": "closed"}
    assert site.plan()["restart"] == ["broker-3", "broker-1", "broker-2"]


def test_refused(site: Site) -> None:
    site.inventory.set("broker-1", kafka_node_id=19)
    site.inventory.set("brokers", kafka_broker_properties={SENT: "4096", "max.connections": "9"})
    plan = site.plan()
    assert (plan["changed"], plan["refused"], plan["restart"], plan["dynamic"]) == (False, True, [], {"orders": {}})
    assert plan["lines"][-1] == "orders: nothing will be done while anything is refused."
    assert site.plan(everything=True)["restart"] == []


CONFIRMED: list[tuple[Any, bool]] = [
    ([], True),
    ("", True),
    (None, True),
    ("log.retention.bytes", True),
    (["log.retention.ms"], False),
    ("log.retention.bytes, log.retention.ms", False),
]


@pytest.mark.parametrize(("confirm", "refused"), CONFIRMED)
def test_destroying_data_is_confirmed_by_list_or_text(site: Site, confirm: Any, refused: bool) -> None:
    site.inventory.set("all", kafka_properties={"log.retention.ms": "3600000"})
    plan = site.plan(confirm=confirm)
    assert plan["refused"] == refused
    assert plan["dynamic"]["orders"] == (
        {} if refused else {"cluster": {"log.retention.ms": "3600000"}, "brokers": {}, "controllers": {}, "managed": []}
    )


@pytest.mark.parametrize(("foreign", "managed"), [("report", []), ("remove", ["max.connections"])])
def test_foreign_values(site: Site, foreign: str, managed: list[str]) -> None:
    site.override("max.connections", "9")
    assert site.plan(foreign=foreign)["dynamic"]["orders"].get("managed", []) == managed


EVERYTHING: list[tuple[Any, bool]] = [(True, True), ("true", True), (False, False), ("false", False), ("no", False)]


@pytest.mark.parametrize(("everything", "all_of_them"), EVERYTHING)
def test_all_restart_on_request_also_by_the_word_of_a_command_line(
    site: Site, everything: Any, all_of_them: bool
) -> None:
    assert site.plan(everything=everything)["restart"] == (ORDER if all_of_them else [])


def test_stopped_nodes_are_started(site: Site) -> None:
    for host in CONTROLLERS:
        site.state(host).update(running=False, active_state="inactive", known=False, properties=None)
        site.hostvars[host]["__kafka_live"] = {"skipped": True}
    assert site.plan()["restart"] == ORDER[:3]


def test_a_masked_node_is_left_alone(site: Site) -> None:
    site.inventory.set("brokers", kafka_broker_properties={SENT: "4096"})
    site.state("broker-1")["unit"]["state"] = "masked"
    assert site.plan()["restart"] == ["broker-2", "broker-3"]


# --- Secrets: a host sends digests of them only ---


@pytest.fixture
def secret(site: Site) -> Site:
    """Return a cluster whose brokers have a secret."""
    site.inventory.set("brokers", kafka_broker_properties={KEY: "planted"})
    site.settle()
    return site


def test_a_secret_that_is_the_same_is_no_difference(secret: Site) -> None:
    plan = secret.plan()
    assert plan["lines"] == NOTHING
    assert secret.interim(plan)["broker-1"][KEY] == "planted"
    assert "planted" not in str(plan)


def test_a_file_waits_for_the_turn_when_an_old_secret_would_have_to_stay(secret: Site) -> None:
    secret.inventory.set("brokers", kafka_broker_properties={KEY: "other"})
    plan = secret.plan()
    assert plan["restart"] == BROKERS
    assert sorted(plan["interim"]) == CONTROLLERS
    assert "planted" not in str(plan) and "other" not in str(plan)


def test_a_secret_that_is_not_loaded_yet_is_kept_in_the_file(secret: Site) -> None:
    secret.state("broker-1")["properties"][KEY] = "digest 00000000"
    plan = secret.plan()
    assert (plan["restart"], secret.interim(plan)["broker-1"][KEY]) == (["broker-1"], "planted")
    assert "planted" not in str(plan)


def test_a_broker_that_the_others_see_out_of_an_isr_goes_first(site: Site) -> None:
    site.inventory.set("all", kafka_properties={SENT: "2000000"})
    brokers = [{"node_id": node_id, "fenced": False, "out_of_isr": node_id == 13} for node_id in (11, 12, 13)]
    site.hostvars["broker-1"]["__kafka_health"]["summary"]["brokers"] = brokers
    plan = site.plan()
    assert plan["restart"][0] == "broker-3"
    assert plan["clusters"]["orders"]["restart"][0]["place"] == "unhealthy: first"
