"""The filter run_report: which results it collects from which hosts."""

from __future__ import annotations

from typing import Any

from ansible_collections.kraftops.kafka.plugins.filter.run_report import FilterModule


def test_run_report(fleet: Any) -> None:
    hostvars: dict[str, dict[str, Any]] = {name: {"__kafka_report": {"report": {}}} for name in fleet.model["nodes"]}
    hostvars["broker-1"]["__kafka_ready"] = {"brokers": [11, 19], "voters": []}
    hostvars["broker-3"] = {"__kafka_report": {"unreachable": True}}
    hostvars["controller-3"] = {}
    report = FilterModule().filters()["run_report"](fleet.model, hostvars, ["broker-1", "controller-1"])
    assert {key: report[key] for key in ("undone", "notes")} == {
        "undone": ["broker-3: did not answer and was left alone"],
        "notes": ["cluster orders: broker 19 is live and not in the inventory; it was not touched"],
    }


def test_nothing_to_report(running: Any) -> None:
    hostvars: dict[str, dict[str, Any]] = {name: {"__kafka_report": {"report": {}}} for name in running.model["nodes"]}
    report = FilterModule().filters()["run_report"](running.model, hostvars, list(hostvars))
    assert (report["undone"], report["notes"], report["lines"]) == ([], [], {})
    assert report["document"]["clusters"]["orders"]["restarted"] == []
    results = {node["result"] for node in report["document"]["clusters"]["orders"]["nodes"].values()}
    assert results == {"unchanged"}


HOSTS = ["controller-1", "controller-2", "controller-3", "broker-1", "broker-2", "broker-3"]
REASON = "log.dirs: it is only read at the start"


def hostvars_of(hosts: list[str], **facts: Any) -> dict[str, dict[str, Any]]:
    """Return the variables of nodes that run, in a run that planned to restart the first controllers and all brokers."""
    restart = [{"host": host, "place": "", "reasons": [REASON]} for host in hosts]
    plan = {"clusters": {"orders": {"restart": restart, "refused": False}}, "restart": hosts}
    turns = {"first": hosts[:3], "last": hosts[3:], "pending": [], **facts.pop("turns", {})}
    every = {"__kafka_plan": plan, "__kafka_turns": turns, "__kafka_preflight": {"left_alone": {}, **facts}}
    return {host: {**every, "__kafka_report": {"report": {"kafka_active": True}}} for host in hosts}


def turn(**results: Any) -> dict[str, Any]:
    """Return what the tasks of a good turn register."""
    return {
        "__kafka_gate_before": {"allowed": True, "waited_seconds": 0.4, "reasons": [], "notes": [{"text": "a note"}]},
        "__kafka_turn": {"written": [{"path": "/a", "text": "/a: +x=1"}]},
        "__kafka_restart": {"changed": True, "seconds": 4.2},
        "__kafka_turn_ready": {"waited_seconds": 9.5, "recovery": None},
        "__kafka_gate_after": {"allowed": True, "waited_seconds": 3.0},
        "__kafka_leaders": {"partitions": 12},
        **results,
    }


def collected(model: Any, hostvars: dict[str, dict[str, Any]], **options: Any) -> dict[str, Any]:
    """Return the report of the cluster."""
    report = FilterModule().filters()["run_report"](model, hostvars, list(hostvars), **options)
    document: dict[str, Any] = report["document"]
    assert {key: document[key] for key in ("undone", "notes")} == {key: report[key] for key in ("undone", "notes")}
    return {**report, **document["clusters"]["orders"]}


def test_a_node_that_was_restarted(running: Any) -> None:
    hostvars = hostvars_of(HOSTS)
    hostvars["broker-1"].update(turn())
    report = collected(running.model, hostvars)
    assert report["nodes"]["broker-1"] == {
        "result": "restarted",
        "why": [REASON],
        "changes": ["/a: +x=1"],
        "deferred": False,
        "gate_seconds": 0.4,
        "gate_reasons": [],
        "gate_notes": ["a note"],
        "restart_seconds": 4.2,
        "ready_seconds": 9.5,
        "back_seconds": 3.0,
        "recovery": None,
        "leaders_moved": 12,
    }
    assert (report["planned"], report["restarted"]) == (HOSTS, ["broker-1"])
    assert report["lines"]["broker-1"] == (
        f"broker-1: restarted, because of {REASON}, 0.4 s at the gate, 4.2 s to stop and start, 9.5 s until it served, "
        "3.0 s until it was back everywhere, 12 leaders given back"
    )


def test_the_order_of_turns_with_one_that_was_put_off(running: Any) -> None:
    hostvars = hostvars_of(HOSTS)
    for host in HOSTS:
        hostvars[host].update(turn())
    hostvars["controller-1"]["group_names"] = ["kafka", "kafka_roll_deferred"]
    report = collected(running.model, hostvars)
    assert report["restarted"] == ["controller-2", "controller-3", "controller-1", "broker-1", "broker-2", "broker-3"]
    assert "put off because it led the quorum at its turn" in report["lines"]["controller-1"]


def test_each_way_a_turn_can_end(running: Any) -> None:
    hostvars = hostvars_of(HOSTS, left_alone={"controller-3": "in maintenance"}, turns={"pending": ["broker-3"]})
    closed = {"allowed": False, "waited_seconds": 3.1, "reasons": [{"text": "partition a-0: no"}], "notes": []}
    hostvars["controller-1"].update(turn())
    hostvars["controller-2"].update(turn(__kafka_turn_failed={"written": [], "changed": True}))
    hostvars["broker-1"]["__kafka_gate_before"] = closed
    hostvars["broker-2"]["__kafka_report"] = {"unreachable": True}
    report = collected(running.model, hostvars)
    nodes = report["nodes"]
    assert {host: node["result"] for host, node in nodes.items()} == {
        "controller-1": "restarted",
        "controller-2": "failed",
        "controller-3": "left alone",
        "broker-1": "refused",
        "broker-2": "did not answer",
        "broker-3": "pending",
    }
    assert nodes["broker-1"]["gate_reasons"] == ["partition a-0: no"]
    assert nodes["controller-3"]["why"] == ["in maintenance"]
    assert report["restarted"] == ["controller-1"]
    assert report["undone"] == ["broker-2: did not answer and was left alone"]
    assert report["notes"] == [
        "controller-3: in maintenance, was left alone and counted as down",
        "pending, because of kafka_roll_max_nodes: broker-3",
    ]


def test_nodes_that_did_not_run(running: Any) -> None:
    hostvars = hostvars_of(HOSTS, turns={"first": [], "last": []})
    for host in ("broker-1", "broker-2"):
        hostvars[host]["__kafka_report"] = {"report": {"kafka_active": False}}
    hostvars["broker-1"].update(__kafka_configured={"written": [{"text": "/b: +y"}]}, __kafka_started={"changed": True})
    report = collected(running.model, hostvars)
    assert (report["nodes"]["broker-1"]["result"], report["nodes"]["broker-1"]["changes"]) == ("started", ["/b: +y"])
    assert report["undone"] == ["broker-2: does not run and was not started; site.yml starts it"]
    assert collected(running.model, hostvars, check=True)["undone"] == []


def test_live_changes(running: Any) -> None:
    hostvars = hostvars_of(HOSTS)
    change = {"resource": "cluster", "key": "log.retention.ms", "from": None, "to": "1"}
    hostvars["broker-1"].update(
        __kafka_live_set={"changes": [change]}, __kafka_live_written={"written": [{"text": "/a: +x"}]}
    )
    hostvars["broker-2"]["__kafka_live_set"] = {"skipped": True, "changed": False}
    report = collected(running.model, hostvars, finished=True)
    assert report["live"] == [change]
    # It waits for its turn too, which is what counts.
    assert (report["nodes"]["broker-1"]["result"], report["nodes"]["broker-1"]["changes"]) == (
        "not reached",
        ["/a: +x"],
    )


def test_a_recovery_is_told(running: Any) -> None:
    found = {"recovering": False, "logs": 50, "recovered": 50, "directories": ["/data"], "seconds": 9.0}
    hostvars = hostvars_of(HOSTS)
    hostvars["broker-1"].update(turn(__kafka_turn_ready={"waited_seconds": 1.0, "recovery": found}))
    said = collected(running.model, hostvars)["lines"]["broker-1"]
    assert "it recovered 50 logs in /data after an unclean stop, in 9.0 s" in said


def test_a_recovery_of_a_node_that_was_started(running: Any) -> None:
    found = {"recovering": False, "logs": 3, "recovered": 3, "directories": ["/data"], "seconds": 1.0}
    hostvars = hostvars_of(HOSTS, turns={"first": [], "last": []})
    hostvars["broker-1"].update(__kafka_started={"changed": True}, __kafka_ready={"recovery": found, "brokers": []})
    hostvars["broker-2"]["__kafka_ready"] = {"recovery": found, "brokers": []}  # of an earlier start
    nodes = collected(running.model, hostvars)["nodes"]
    assert (nodes["broker-1"]["recovery"], nodes["broker-2"]["recovery"]) == (found, None)


def test_check_mode_tells_what_would_be_done_and_no_times(running: Any) -> None:
    hostvars = hostvars_of(HOSTS)
    hostvars["broker-1"].update(turn(__kafka_restart={"changed": True, "seconds": 0.0}))
    report = collected(running.model, hostvars, check=True)
    assert report["document"]["check_mode"] is True
    assert report["lines"]["broker-1"] == (f"broker-1: would be restarted, because of {REASON}, 0.4 s at the gate")
    node = report["nodes"]["broker-1"]
    measured = ("restart_seconds", "ready_seconds", "back_seconds", "recovery", "leaders_moved")
    assert (node["result"], [node[key] for key in measured]) == ("restarted", [None] * 5)
