"""Identity: which situations are taken up, with which ids and how, and which are refused."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

DATA, METADATA = "/var/lib/kafka/data", "/var/lib/kafka/metadata"
FIRST = {
    **{f"controller-{number}": "initial" for number in (1, 2, 3)},
    **{f"broker-{number}": "broker" for number in (1, 2, 3)},
}
NOTHING = dict.fromkeys(FIRST, "none")


def same(decisions: dict[str, Any], key: str) -> Any:
    """Return a value of the manifests that must be the same on all nodes."""
    values = {item["manifest"][key] for item in decisions.values()}
    assert len(values) == 1
    return values.pop()


def ids(fleet: Any) -> dict[str, Any]:
    """Return every id that stands on a disk or in a manifest."""
    disks = {
        (name, item["path"]): (item["meta"]["cluster_id"], item["meta"]["directory_id"])
        for name, report in fleet.reports.items()
        for item in report["directories"]
        if item["meta"]
    }
    manifests = {
        name: (report["manifest"]["cluster_id"], report["manifest"]["initial_controllers"])
        for name, report in fleet.reports.items()
        if report["manifest"]
    }
    return {**disks, **manifests}


# --- A new cluster ---


def test_all_blank_makes_one_new_cluster(fleet: Any) -> None:
    decisions = fleet.decide()
    proposals = {name: report["proposal"] for name, report in fleet.reports.items()}
    voters = [f"{number}@controller-{number}:9093" for number in (1, 2, 3)]
    directory_ids = [proposals[f"controller-{number}"]["directory_id"] for number in (1, 2, 3)]
    expected = ",".join(f"{voter}:{directory_id}" for voter, directory_id in zip(voters, directory_ids))
    assert {name: item["format"] for name, item in decisions.items()} == FIRST
    assert same(decisions, "initial_controllers") == expected
    assert same(decisions, "cluster_id") == proposals["controller-1"]["cluster_id"]
    assert {item["cluster_id"] for item in decisions.values()} == {proposals["controller-1"]["cluster_id"]}
    assert decisions["controller-2"]["directories"] == [METADATA]
    assert decisions["broker-1"]["directories"] == [METADATA, DATA]


def test_manifest_of_a_blank_node(fleet: Any) -> None:
    decision = fleet.decide()["controller-1"]
    record = {"mountpoint": METADATA, "uuid": "uuid-of-metadata", "fstype": "xfs", "formatted": False}
    assert decision["manifest"] == {
        "cluster_id": decision["cluster_id"],
        "cluster_name": "orders",
        "node_id": 1,
        "initial_controllers": decision["manifest"]["initial_controllers"],
        "started": False,
        "directories": {METADATA: {**record, "directory_id": ""}},
    }


def test_voters_are_sorted_by_number(make_fleet: Callable[..., Any]) -> None:
    fleet = make_fleet(controllers=0, brokers=0)
    for name, number in (("b", 10), ("a", 9), ("c", 101)):
        fleet.add(name, number, "combined")
    voters = same(fleet.decide(), "initial_controllers")
    assert [item.split("@")[0] for item in voters.split(",")] == ["9", "10", "101"]


def test_combined_nodes_format_all_directories_as_first_voters(make_fleet: Callable[..., Any]) -> None:
    fleet = make_fleet(controllers=0, brokers=0, combined=3)
    decisions = fleet.decide()
    assert {item["format"] for item in decisions.values()} == {"initial"}
    assert decisions["node-1"]["directories"] == [METADATA, DATA]


@pytest.mark.parametrize("name", ["controller-2", "broker-3"])
def test_a_silent_node_stops_a_first_run(fleet: Any, name: str) -> None:
    fleet.silent = {name}
    assert fleet.problems() == [
        f"kafka_cluster_name = orders: the cluster does not exist yet, and these nodes did not answer: {name}. "
        "A first start needs every node. Make them reachable and run again."
    ]


def test_a_limit_stops_a_first_run(fleet: Any) -> None:
    fleet.limit = {"controller-1", "controller-2", "controller-3", "broker-1", "broker-2"}
    assert fleet.problems() == [
        "kafka_cluster_name = orders: the cluster does not exist yet, and these nodes are outside the limit of this run: broker-3. "
        "A first start needs every node. Run again without --limit."
    ]


def test_a_limit_stops_an_interrupted_first_run(fleet: Any) -> None:
    fleet.decide()
    fleet.record()
    fleet.limit = {"controller-1"}
    assert fleet.problems() == [
        "kafka_cluster_name = orders: its first start was interrupted, and these nodes are outside the limit of this run: "
        "controller-2, controller-3, broker-1, broker-2, broker-3. A first start needs every node. Run again without --limit."
    ]


def test_a_foreign_kafka_that_runs_here_is_not_made_a_voter(fleet: Any) -> None:
    fleet.reports["controller-2"]["kafka_active"] = True
    expected = (
        "controller-2: kafka.service: runs already and was not set up by this collection (no manifest), "
        f"and Kafka's directories are not formatted: {METADATA}. Stop and remove that Kafka, or take the host out of this inventory."
    )
    assert expected in fleet.problems()


def test_foreign_files_are_refused(fleet: Any) -> None:
    fleet.disk("broker-1", DATA)["entries"] = 3
    assert fleet.problems() == [
        f"broker-1: kafka_log_dirs = {DATA}: is not formatted, and holds 3 files that are not Kafka's. "
        "Name an empty directory, or move the files away."
    ]


def test_two_clusters_do_not_mix(fleet: Any) -> None:
    for number in (1, 2, 3):
        fleet.add(f"other-{number}", number, "combined", "billing")
    decisions = fleet.run()
    billing = {name: item for name, item in decisions.items() if name.startswith("other")}
    orders = {name: item for name, item in decisions.items() if name not in billing}
    assert same(billing, "cluster_id") != same(orders, "cluster_id")
    assert same(billing, "cluster_name") == "billing"
    assert same(billing, "initial_controllers").count("@other-") == 3
    assert same(orders, "initial_controllers").count("@controller-") == 3
    assert set(fleet.modes().values()) == {"none"}


def test_a_second_cluster_beside_a_running_one_is_new(running: Any) -> None:
    running.add("other-1", 1, "combined", "billing")
    modes = running.modes()
    assert modes == {**NOTHING, "other-1": "initial"}
    cluster_ids = {name: item["cluster_id"] for name, item in running.decisions.items()}
    assert cluster_ids["other-1"] != cluster_ids["broker-1"]


# --- An interrupted first run ---


def recorded_on_some(fleet: Any) -> None:
    fleet.record("broker-2", "controller-3")


def recorded_on_all(fleet: Any) -> None:
    fleet.record()


def one_controller_formatted(fleet: Any) -> None:
    fleet.record()
    fleet.format("controller-2")


def format_killed_before_the_manifest(fleet: Any) -> None:
    fleet.record()
    fleet.format("controller-2")
    fleet.reports["controller-2"]["manifest"] = copy.deepcopy(fleet.decisions["controller-2"]["manifest"])


def brokers_not_formatted(fleet: Any) -> None:
    fleet.record()
    fleet.format("controller-1", "controller-2", "controller-3")


def half_a_broker(fleet: Any) -> None:
    fleet.record()
    fleet.format()
    fleet.wipe("broker-1", DATA)
    fleet.reports["broker-1"]["manifest"] = copy.deepcopy(fleet.decisions["broker-1"]["manifest"])


def all_formatted(fleet: Any) -> None:
    fleet.record()
    fleet.format()


def one_started(fleet: Any) -> None:
    all_formatted(fleet)
    fleet.start("controller-1")


def all_marked_none_runs(fleet: Any) -> None:
    all_formatted(fleet)
    fleet.start()
    fleet.stop(*FIRST)


def controllers_formatted(*names: str) -> dict[str, str]:
    return {**FIRST, **dict.fromkeys(names, "none")}


CONTROLLERS = ("controller-1", "controller-2", "controller-3")
INTERRUPTIONS = [
    (recorded_on_some, FIRST),
    (recorded_on_all, FIRST),
    (one_controller_formatted, controllers_formatted("controller-2")),
    (format_killed_before_the_manifest, controllers_formatted("controller-2")),
    (brokers_not_formatted, controllers_formatted(*CONTROLLERS)),
    (half_a_broker, {**NOTHING, "broker-1": "broker"}),
    (all_formatted, NOTHING),
    (one_started, NOTHING),
    (all_marked_none_runs, NOTHING),
]


@pytest.mark.parametrize(("interrupt", "modes"), INTERRUPTIONS)
def test_an_interrupted_first_run_is_taken_up(
    fleet: Any, interrupt: Callable[[Any], None], modes: dict[str, str]
) -> None:
    first = fleet.decide()
    cluster_id, voters = same(first, "cluster_id"), same(first, "initial_controllers")
    interrupt(fleet)
    before = ids(fleet)
    assert fleet.modes() == modes
    assert same(fleet.decisions, "cluster_id") == cluster_id
    assert same(fleet.decisions, "initial_controllers") == voters
    fleet.run()
    after = ids(fleet)
    assert {key: after[key] for key in before} == before
    for number, voter in enumerate(voters.split(","), start=1):
        directory_id = fleet.disk(f"controller-{number}")["meta"]["directory_id"]
        assert voter == f"{number}@controller-{number}:9093:{directory_id}"
    assert set(fleet.modes().values()) == {"none"}


def test_half_a_broker_formats_only_what_is_blank(fleet: Any) -> None:
    fleet.decide()
    half_a_broker(fleet)
    assert fleet.decide()["broker-1"]["directories"] == [DATA]


def test_half_a_combined_node_keeps_its_metadata(make_fleet: Callable[..., Any]) -> None:
    fleet = make_fleet(controllers=0, brokers=0, combined=3)
    fleet.decide()
    fleet.record()
    fleet.format()
    fleet.wipe("node-2", DATA)
    fleet.reports["node-2"]["manifest"] = copy.deepcopy(fleet.decisions["node-2"]["manifest"])
    decision = fleet.decide()["node-2"]
    assert (decision["format"], decision["directories"]) == ("initial", [DATA])


def test_a_silent_node_stops_an_interrupted_first_run(fleet: Any) -> None:
    fleet.decide()
    one_controller_formatted(fleet)
    fleet.silent = {"controller-1", "broker-1"}
    assert fleet.problems() == [
        "kafka_cluster_name = orders: its first start was interrupted, and these nodes did not answer: controller-1, broker-1. "
        "A first start needs every node. Make them reachable and run again."
    ]


BACK = (
    "Put the inventory back as it was and run again, or remove /etc/kafka/manifest.json and Kafka's directories "
    "on every node of this cluster (nothing has started yet)."
)


def test_other_controllers_after_an_interruption_are_refused(fleet: Any) -> None:
    fleet.decide()
    recorded_on_some(fleet)
    fleet.remove("controller-3")
    fleet.add("controller-4", 4, "controller")
    assert fleet.problems() == [
        "kafka_controllers = orders: the interrupted first run wrote down the controllers 1@controller-1:9093, "
        "2@controller-2:9093, 3@controller-3:9093, the inventory has 1@controller-1:9093, 2@controller-2:9093, "
        f"4@controller-4:9093. {BACK}"
    ]


def test_other_brokers_after_an_interruption_are_taken(fleet: Any) -> None:
    fleet.decide()
    recorded_on_all(fleet)
    fleet.remove("broker-3")
    fleet.add("broker-4", 14, "broker")
    assert fleet.modes()["broker-4"] == "broker"


def test_different_voters_in_the_manifests_are_refused(fleet: Any) -> None:
    fleet.decide()
    recorded_on_all(fleet)
    fleet.reports["broker-1"]["manifest"]["initial_controllers"] = "1@x:9093:a"
    voters = fleet.reports["broker-2"]["manifest"]["initial_controllers"]
    assert fleet.problems() == [
        f"kafka_cluster_name = orders: the nodes wrote down different first controllers: {voters} and 1@x:9093:a. {BACK}"
    ]


def test_a_format_that_was_killed_half_way_is_repeated(fleet: Any) -> None:
    fleet.decide()
    recorded_on_all(fleet)
    fleet.disk("controller-1")["entries"] = 2  # Kafka's tool writes meta.properties last
    assert fleet.modes() == FIRST


def test_accepting_a_recorded_disk_does_not_end_a_first_start(fleet: Any) -> None:
    fleet.decide()
    one_controller_formatted(fleet)
    fleet.accepted = [f"controller-2:{METADATA}"]
    assert fleet.modes() == controllers_formatted("controller-2")


# --- A cluster that lives ---


def test_a_second_run_changes_nothing(running: Any) -> None:
    before = {name: copy.deepcopy(report["manifest"]) for name, report in running.reports.items()}
    assert running.modes() == NOTHING
    assert {name: item["manifest"] for name, item in running.decisions.items()} == before
    assert {name: item["directories"] for name, item in running.decisions.items()} == {name: [] for name in FIRST}
    assert all(item["started"] for item in running.decisions.values())


def test_first_voters_in_a_manifest_are_never_rewritten(running: Any) -> None:
    running.reports["broker-1"]["manifest"]["initial_controllers"] = "as adopted"
    assert running.decide()["broker-1"]["manifest"] == running.reports["broker-1"]["manifest"]


def test_a_stopped_cluster_is_only_started(running: Any) -> None:
    running.stop(*FIRST)
    assert running.modes() == NOTHING


def test_a_silent_node_of_a_living_cluster_is_left_alone(running: Any) -> None:
    running.silent = {"controller-2", "broker-1"}
    assert set(running.decide()) == set(FIRST) - running.silent


def test_a_new_broker_joins_with_the_live_id(running: Any) -> None:
    running.add("broker-4", 14, "broker")
    decision = running.decide()["broker-4"]
    live = running.reports["broker-1"]["manifest"]
    assert decision["format"] == "broker"
    assert decision["directories"] == [METADATA, DATA]
    assert decision["manifest"]["initial_controllers"] == live["initial_controllers"]
    assert {decision["cluster_id"], decision["manifest"]["cluster_id"]} == {live["cluster_id"]}


def test_a_new_broker_alone_in_the_limit_joins_too(running: Any) -> None:
    running.add("broker-4", 14, "broker")
    running.limit = {"broker-4"}
    decisions = running.decide()
    assert list(decisions) == ["broker-4"]
    assert decisions["broker-4"]["cluster_id"] == running.reports["broker-1"]["manifest"]["cluster_id"]


def test_a_new_broker_that_sees_nobody_is_refused(running: Any) -> None:
    running.add("broker-4", 14, "broker")
    running.limit, running.silent = {"broker-4"}, set(FIRST)
    assert len(running.problems()) == 2
    assert "the cluster does not exist yet, and these nodes did not answer: controller-1," in running.problems()[0]


OBSERVER = (
    "If it replaces a lost controller or is a new one, let it join as an observer: "
    "-e kafka_accept_new_disk={name}:/var/lib/kafka/metadata, "
    "then make it a voter with kafka-metadata-quorum (remove-controller, add-controller)."
)
BLANK = (
    "{name}: kafka_metadata_log_dir = /var/lib/kafka/metadata: is a blank controller, and the cluster has started without it: "
    "as a voter with an empty log it could lose committed metadata. " + OBSERVER
)


def test_a_new_controller_is_refused(running: Any) -> None:
    running.add("controller-4", 4, "controller")
    assert running.problems() == [BLANK.format(name="controller-4")]


@pytest.mark.parametrize("active", [True, False])
def test_a_controller_wiped_with_its_manifest_is_refused(running: Any, active: bool) -> None:
    running.wipe("controller-2")
    running.reports["controller-2"].update(manifest=None, kafka_active=active)
    stranger = ["controller-2: kafka.service: runs already"] if active else []
    lines = running.problems()
    assert lines[-1] == BLANK.format(name="controller-2")
    assert [line[: len(stranger[0])] for line in lines[:-1]] == stranger


@pytest.mark.parametrize("accepted", [[f"controller-2:{METADATA}"], f"broker-1:/x, controller-2:{METADATA}/"])
@pytest.mark.parametrize("with_manifest", [True, False])
def test_an_accepted_blank_controller_becomes_an_observer(running: Any, accepted: Any, with_manifest: bool) -> None:
    running.wipe("controller-2")
    running.stop("controller-2")
    if not with_manifest:
        running.reports["controller-2"]["manifest"] = None
    running.accepted = accepted
    assert running.modes() == {**NOTHING, "controller-2": "observer"}
    running.run()
    running.accepted = []
    assert running.modes() == NOTHING


def test_an_accepted_observer_that_was_interrupted_is_asked_for_again(running: Any) -> None:
    running.wipe("controller-2")
    running.stop("controller-2")
    running.accepted = [f"controller-2:{METADATA}"]
    running.decide()
    running.record()
    running.accepted = []
    assert running.problems() == [BLANK.format(name="controller-2")]


@pytest.mark.parametrize("manifests", [True, False])
def test_all_controllers_blank_is_refused_whatever_is_accepted(running: Any, manifests: bool) -> None:
    running.accepted = [f"{name}:{METADATA}" for name in CONTROLLERS]
    cluster_id = running.reports["broker-1"]["manifest"]["cluster_id"]
    for name in CONTROLLERS:
        running.wipe(name)
        running.stop(name)
        if not manifests:
            running.reports[name]["manifest"] = None
    assert running.problems() == [
        f"kafka_cluster_name = orders: cluster {cluster_id} is known on its nodes, and all of its controllers are blank: "
        "controller-1, controller-2, controller-3. Mount or restore the controllers' disks. Only if that cluster is given up with "
        "all its data: stop Kafka, remove /etc/kafka/manifest.json and empty Kafka's directories on every node, and run again."
    ]


def test_a_directory_added_to_a_running_node_waits(running: Any) -> None:
    running.add_disk("broker-1", "/disk2/kafka")
    assert running.modes() == NOTHING
    record = running.decisions["broker-1"]["manifest"]["directories"]["/disk2/kafka"]
    assert (record["formatted"], record["directory_id"]) == (False, "")
    running.run()
    running.stop("broker-1")
    assert running.modes() == {**NOTHING, "broker-1": "broker"}
    assert running.decisions["broker-1"]["directories"] == ["/disk2/kafka"]


def test_a_directory_added_to_a_stopped_combined_node_leaves_the_metadata(make_fleet: Callable[..., Any]) -> None:
    fleet = make_fleet(controllers=0, brokers=0, combined=3)
    fleet.run()
    fleet.stop("node-1")
    fleet.add_disk("node-1", "/disk2/kafka")
    decision = fleet.decide()["node-1"]
    assert (decision["format"], decision["directories"]) == ("observer", ["/disk2/kafka"])


NOTHING_ADDED = {"format": "none", "directories": []}


def test_nothing_is_added_to_nodes_that_run_with_what_they_have_or_do_not_run(fleet: Any) -> None:
    assert {item["added"]["format"] for item in fleet.decide().values()} == {"none"}
    fleet.run()
    assert [item["added"] for item in fleet.decide().values()] == [NOTHING_ADDED] * len(FIRST)


def test_a_directory_added_to_a_running_broker_is_told(running: Any) -> None:
    running.add_disk("broker-1", "/disk2/kafka")
    decisions = running.decide()
    assert decisions["broker-1"]["added"] == {"format": "broker", "directories": ["/disk2/kafka"]}
    assert (decisions["broker-1"]["format"], decisions["broker-1"]["directories"]) == ("none", [])
    assert decisions["broker-2"]["added"] == NOTHING_ADDED
    running.stop("broker-1")
    assert running.decide()["broker-1"]["added"] == NOTHING_ADDED


def test_a_directory_added_to_a_running_combined_node_leaves_the_metadata(make_fleet: Callable[..., Any]) -> None:
    fleet = make_fleet(controllers=0, brokers=0, combined=3)
    fleet.run()
    fleet.add_disk("node-1", "/disk2/kafka")
    assert fleet.decide()["node-1"]["added"] == {"format": "observer", "directories": ["/disk2/kafka"]}


def test_a_removed_directory_stays_in_the_manifest(running: Any) -> None:
    running.add_disk("broker-1", "/disk2/kafka")
    running.stop("broker-1")
    running.run()
    running.model["nodes"]["broker-1"]["log_dirs"].remove("/disk2/kafka")
    before = copy.deepcopy(running.reports["broker-1"]["manifest"])
    assert running.decide()["broker-1"]["manifest"] == before


# --- Wrong disks ---


def test_another_cluster_s_disk(running: Any) -> None:
    running.fill("broker-1", DATA, cluster_id="foreign")
    cluster_id = running.reports["broker-1"]["manifest"]["cluster_id"]
    running.accepted = [f"broker-1:{DATA}"]
    assert running.problems() == [
        f"broker-1: kafka_log_dirs = {DATA}: is a disk of another cluster: expected cluster id {cluster_id}, found foreign. "
        "Mount the right disk, or empty this one if its data is not needed."
    ]


@pytest.mark.parametrize("accepted", [[], [f"broker-1:{DATA}"]])
def test_another_node_s_disk(running: Any, accepted: list[str]) -> None:
    running.disk("broker-1", DATA)["meta"]["node_id"] = 12
    running.accepted = accepted
    assert running.problems() == [
        f"broker-1: kafka_log_dirs = {DATA}: is a disk of another node: expected node.id 11, found 12. "
        "Mount the right disk, or correct kafka_node_id."
    ]


def test_swapped_hosts_are_refused(running: Any) -> None:
    first, second = running.reports["controller-1"], running.reports["controller-2"]
    running.reports.update({"controller-1": second, "controller-2": first})
    assert [line.split(". ")[0] for line in running.problems()] == [
        f"controller-1: kafka_metadata_log_dir = {METADATA}: is a disk of another node: expected node.id 1, found 2",
        f"controller-2: kafka_metadata_log_dir = {METADATA}: is a disk of another node: expected node.id 2, found 1",
    ]


def test_two_cluster_ids(fleet: Any, make_fleet: Callable[..., Any]) -> None:
    other = make_fleet()
    fleet.run()
    other.run()
    fleet.reports["broker-3"] = other.reports["broker-3"]
    cluster_ids = [
        item.reports[name]["manifest"]["cluster_id"] for item, name in ((fleet, "broker-1"), (other, "broker-3"))
    ]
    assert fleet.problems() == [
        f"kafka_cluster_name = orders: its nodes belong to 2 clusters: {cluster_ids[0]} on controller-1, controller-2, "
        f"controller-3, broker-1, broker-2; {cluster_ids[1]} on broker-3. "
        "Give the hosts of the other cluster their own kafka_cluster_name, or take them out of this inventory."
    ]


def test_formatted_where_none_was_expected(running: Any) -> None:
    live = running.reports["broker-1"]["manifest"]["cluster_id"]
    running.add("broker-4", 14, "broker")
    running.fill("broker-4", DATA, cluster_id=live)
    assert running.problems() == [
        f"broker-4: kafka_log_dirs = {DATA}: is formatted already (cluster id {live}), and this node has no record of it. "
        f"If it is meant to be so: -e kafka_accept_new_disk=broker-4:{DATA} (its data is taken over)."
    ]
    running.accepted = f"broker-4:{DATA}"
    assert running.modes() == {**NOTHING, "broker-4": "broker"}
    assert running.decisions["broker-4"]["directories"] == [METADATA]


def test_formatted_among_blank_nodes(fleet: Any) -> None:
    fleet.fill("broker-1", DATA)
    lines = fleet.problems()
    assert lines[0].startswith(f"broker-1: kafka_log_dirs = {DATA}: is formatted already (cluster id foreign)")
    assert lines[1].startswith(
        "kafka_cluster_name = orders: cluster foreign is known on its nodes, and all of its controllers are"
    )
    assert len(lines) == 2


def test_accepting_a_foreign_disk_does_not_move_the_cluster(running: Any) -> None:
    running.add("broker-4", 14, "broker")
    running.fill("broker-4", DATA)
    running.accepted = [f"broker-4:{DATA}"]
    assert [line[:62] for line in running.problems()] == [
        "kafka_cluster_name = orders: its nodes belong to 2 clusters: f"
    ]


def test_another_directory_id(running: Any) -> None:
    old = running.disk("controller-1")["meta"]["directory_id"]
    running.disk("controller-1")["meta"]["directory_id"] = "restored"
    assert running.problems() == [
        f"controller-1: kafka_metadata_log_dir = {METADATA}: is not the directory that was formatted here: "
        f"expected directory id {old}, found restored. "
        f"If it is meant to be so: -e kafka_accept_new_disk=controller-1:{METADATA} (its data is taken over)."
    ]


LOST = (
    "{name}: {variable} = {path}: was formatted once and is now empty (not mounted?): it was on {path} (xfs), "
    "and now is on / (ext4). Mount the disk. "
    "If it is meant to be so: -e kafka_accept_new_disk={name}:{path} (it is formatted anew)."
)


@pytest.mark.parametrize(
    ("name", "variable", "path", "mode"),
    [
        ("broker-1", "kafka_log_dirs", DATA, "broker"),
        ("broker-1", "kafka_metadata_log_dir", METADATA, "broker"),
        ("controller-1", "kafka_metadata_log_dir", METADATA, "observer"),
    ],
)
def test_a_lost_mount(running: Any, name: str, variable: str, path: str, mode: str) -> None:
    running.wipe(name, path)
    running.disk(name, path).update(mountpoint="/", fstype="ext4", uuid="root", exists=False)
    assert running.problems() == [LOST.format(name=name, variable=variable, path=path)]
    running.stop(name)
    assert running.problems() == [LOST.format(name=name, variable=variable, path=path)]
    running.accepted = [f"{name}:{path}"]
    assert running.modes() == {**NOTHING, name: mode}
    running.run()
    running.accepted = []
    assert running.modes() == NOTHING
    assert running.reports[name]["manifest"]["directories"][path]["mountpoint"] == "/"


def test_a_lost_disk_of_a_running_broker_is_not_formatted_under_it(running: Any) -> None:
    running.wipe("broker-1", DATA)
    running.accepted = [f"broker-1:{DATA}"]
    assert running.modes() == NOTHING


MOVED: list[tuple[dict[str, str], str]] = [
    ({"mountpoint": "/"}, "/ uuid-of-data"),
    ({"uuid": "other"}, f"{DATA} other"),
    ({"mountpoint": "/", "uuid": ""}, "/"),
]


@pytest.mark.parametrize(("change", "found"), MOVED)
def test_another_file_system(running: Any, change: dict[str, str], found: str) -> None:
    running.disk("broker-1", DATA).update(change)
    assert running.problems() == [
        f"broker-1: kafka_log_dirs = {DATA}: is on another file system than it was formatted on: "
        f"expected {DATA} uuid-of-data, found {found}. Mount the right disk. "
        f"If it is meant to be so: -e kafka_accept_new_disk=broker-1:{DATA} (its data is taken over)."
    ]
    running.accepted = [f"broker-1:{DATA}"]
    assert running.modes() == NOTHING
    running.run()
    running.accepted = []
    assert running.problems() == []


def test_an_unknown_uuid_is_no_other_file_system(running: Any) -> None:
    record = copy.deepcopy(running.reports["broker-1"]["manifest"])
    running.disk("broker-1", DATA)["uuid"] = ""
    assert running.decide()["broker-1"]["manifest"] == record


def test_a_lost_manifest_is_no_blank_node(running: Any) -> None:
    cluster_id = running.reports["controller-1"]["manifest"]["cluster_id"]
    running.reports["controller-1"]["manifest"] = None
    assert running.problems() == [
        f"controller-1: kafka_metadata_log_dir = {METADATA}: is formatted already (cluster id {cluster_id}), "
        "and this node has no record of it. "
        f"If it is meant to be so: -e kafka_accept_new_disk=controller-1:{METADATA} (its data is taken over)."
    ]
    running.accepted = [f"controller-1:{METADATA}"]
    running.run()
    running.accepted = []
    assert running.modes() == NOTHING


def test_a_stopped_cluster_is_adopted_even_when_that_is_interrupted(running: Any) -> None:
    running.stop(*FIRST)
    for report in running.reports.values():
        report["manifest"] = None
    running.accepted = [f"{name}:{path}" for name in FIRST for path in (METADATA, DATA)]
    before = ids(running)
    assert running.modes() == NOTHING
    running.record("controller-1", "broker-1")
    assert running.modes() == NOTHING
    running.record()
    assert running.modes() == NOTHING
    assert {key: value for key, value in ids(running).items() if key in before} == before
