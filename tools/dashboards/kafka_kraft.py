"""KRaft: who leads the quorum, who follows how closely, and does everybody apply the metadata."""

from __future__ import annotations

from dataclasses import replace

from tools.dashboards.panels import (
    BAD,
    CLUSTER,
    CLUSTERS,
    PLAIN,
    RATE,
    WARN,
    Dashboard,
    Query,
    Row,
    graph,
    number,
)

CTL, RAFT = "kafka_controller_kafkacontroller", "kafka_server_raftmetrics"
EVENTS = "kafka_controller_controllereventmanager"
VOTERS = f'{CLUSTER}, role=~"controller|combined"'
STATES = {
    "1": ("observer", "blue"),
    "2": ("follower", "green"),
    "3": ("looks for a leader", "orange"),
    "4": ("leader", "purple"),
}


def _state(number: str, words: str) -> str:
    """Give nodes in some of Kafka's states a number; a node is in one state at a time."""
    return f'{RAFT}_current_state{{{CLUSTER}, state=~"{words}"}} * {number}'


def _each(metric: str, function: str = "max", selector: str = CLUSTER) -> Query:
    """Ask for one series a node."""
    return Query(f"{function} by (instance) ({metric}{{{selector}}})", "{{instance}}")


NOW = (
    number(
        "Active controllers",
        "Nodes that say they lead the quorum. Normal: 1. At 0 nothing of the metadata can change; more than 1 for "
        "longer than a minute: a node is cut off.",
        f"sum({CTL}_activecontrollercount{{{CLUSTER}}})",
        steps=(("red", float("-inf")), ("green", 1.0), ("red", 2.0)),
    ),
    number(
        "Voters",
        "Controllers that vote, as the quorum itself says. Normal: as many as the inventory has. Known from Kafka "
        "4.0 on.",
        f"max({RAFT}_number_of_voters{{{CLUSTER}}})",
        steps=PLAIN,
    ),
    number(
        "Brokers registered and active",
        "Brokers that the active controller counts on. Normal: all.",
        f"max({CTL}_activebrokercount{{{CLUSTER}}})",
        steps=PLAIN,
    ),
    number(
        "Fenced brokers",
        "Brokers that are registered and do not serve. Normal: 0.",
        f"max({CTL}_fencedbrokercount{{{CLUSTER}}})",
        steps=WARN,
    ),
    number(
        "Metadata errors",
        "Records of the metadata log that a controller or broker could not apply since it started. Normal: 0. "
        "Otherwise keep the logs, and ask before you restart anything.",
        f"sum({CTL}_metadataerrorcount{{{CLUSTER}}}) + "
        f"sum(kafka_server_brokermetadatametrics_metadata_load_error_count{{{CLUSTER}}}) + "
        f"sum(kafka_server_brokermetadatametrics_metadata_apply_error_count{{{CLUSTER}}})",
        steps=BAD,
    ),
    number(
        "New leaders, 1 h",
        "Elections of a new active controller that the nodes have seen in an hour. Normal: 0, or one for each "
        "controller that was restarted.",
        f"max(increase({CTL}_newactivecontrollerscount{{{CLUSTER}}}[1h]))",
        steps=(("orange", 3.0),),
    ),
)

QUORUM = (
    replace(
        graph(
            "Role in the quorum",
            "Normal: one leader, the other controllers follow, brokers observe. Looking for a leader for longer "
            "than seconds: the majority is not there.",
            Query(
                f"max by (instance) ({_state('4', 'leader')} or "
                f"{_state('3', 'candidate|prospective|voted|unattached|resigned')} "
                f"or {_state('2', 'follower')} or {_state('1', 'observer')})",
                "{{instance}}",
            ),
            unit="none",
        ),
        kind="state-timeline",
        states=STATES,
        minimum=None,
        height=9,
    ),
    replace(
        graph(
            "Leader that each node sees",
            "The id of the leader. Normal: one line. -1: the node knows none; two values: the network is split.",
            _each(f"{RAFT}_current_leader"),
            unit="none",
        ),
        minimum=None,
        height=9,
    ),
    graph(
        "Epoch",
        "Goes up at each election. Normal: flat.",
        _each(f"{RAFT}_current_epoch"),
        unit="none",
    ),
    replace(
        graph(
            "Idle share of the Raft thread",
            "Normal: above 80 %. Below 20 % the node is busy with the metadata log alone: a slow disk, or too many "
            "changes.",
            _each(f"{RAFT}_poll_idle_ratio_avg", "min"),
            unit="percentunit",
        ),
        maximum=1.0,
    ),
)

LOG = (
    graph(
        "Time to commit a record",
        "From the leader's append to the majority's acknowledgement, the slowest of the last half minute. Normal: "
        "below 50 ms. Above 500 ms: a slow disk or link of controllers. Only the leader knows it.",
        Query(f"max by (instance) ({RAFT}_commit_latency_avg{{{VOTERS}}} > 0)", "{{instance}} average"),
        Query(f"max by (instance) ({RAFT}_commit_latency_max{{{VOTERS}}} > 0)", "{{instance}} most"),
        unit="ms",
    ),
    graph(
        "Records behind the newest",
        "How far the metadata log of each node ends before that of the farthest one. Normal: a few. A controller "
        "behind by more than 1000: it cannot take over.",
        Query(
            f"scalar(max({RAFT}_log_end_offset{{{CLUSTER}}})) - max by (instance) ({RAFT}_log_end_offset{{{CLUSTER}}})",
            "{{instance}}",
        ),
        unit="none",
    ),
    graph(
        "Metadata records",
        "Records appended in a second by the leader. Normal: a few; heartbeats are in it. Thousands: topics are "
        "created or moved in bulk, or a client makes topics in a loop.",
        Query(f"max by (instance) (rate({RAFT}_log_end_offset{{{VOTERS}}}[{RATE}]))", "{{instance}}"),
        unit="cps",
    ),
    graph(
        "High watermark",
        "The offset up to which the metadata is committed, as each node knows it. Normal: all lines together.",
        _each(f"{RAFT}_high_watermark"),
    ),
)

APPLY = (
    graph(
        "Brokers: age of the metadata",
        "How old the metadata is that a broker works with. Normal: below a second. Above 10 s it serves by stale "
        "leaders and ACLs: restart it if it does not fall.",
        _each("kafka_server_brokermetadatametrics_last_applied_record_lag_ms"),
        unit="ms",
    ),
    graph(
        "Controllers: age of the metadata",
        "The same for controllers. The active one has none. Normal: below a second.",
        _each(f"{CTL}_lastappliedrecordlagms"),
        unit="ms",
    ),
    graph(
        "Age of the newest snapshot",
        "Normal: below an hour (or metadata.log.max.snapshot.interval.ms). Above three: starts become slow and the "
        "log grows; look at the log of the node.",
        Query(
            f"max by (instance) (kafka_server_snapshotemitter_latestsnapshotgeneratedagems{{{CLUSTER}}}) / 1000",
            "{{instance}}",
        ),
        unit="s",
    ),
    graph(
        "Size of the newest snapshot",
        "All metadata in one file. Normal: megabytes; it grows with topics, partitions, ACLs and users.",
        _each("kafka_server_snapshotemitter_latestsnapshotgeneratedbytes"),
        unit="bytes",
    ),
    graph(
        "Metadata version",
        "Normal: one line. Different values while the version is being raised; if they stay apart, a node has not "
        "applied it.",
        _each("kafka_server_metadataloader_currentmetadataversion"),
        unit="none",
    ),
    graph(
        "Active controller that each node sees",
        "Normal: one line; -1: the node knows none.",
        _each("kafka_server_metadataloader_currentcontrollerid"),
        unit="none",
    ),
)

CONTROLLER = (
    graph(
        "Wait in the controller's queue",
        "99th percentile. Normal: below 100 ms. Above a second: everything that changes metadata is slow.",
        Query(f'max by (instance) ({EVENTS}_eventqueuetimems{{{CLUSTER}, quantile="0.99"}})', "{{instance}}"),
        unit="ms",
    ),
    graph(
        "Work on an event",
        "99th percentile. Normal: below 50 ms.",
        Query(f'max by (instance) ({EVENTS}_eventqueueprocessingtimems{{{CLUSTER}, quantile="0.99"}})', "{{instance}}"),
        unit="ms",
    ),
    replace(
        graph(
            "Idle share of the controller thread",
            "Normal: above 80 %. Below 20 % the one thread that changes metadata is the bottleneck. Known from "
            "Kafka 4.2 on.",
            Query(f"min by (instance) ({EVENTS}_avgidleratio{{{CLUSTER}}})", "{{instance}}"),
            unit="percentunit",
        ),
        maximum=1.0,
    ),
    graph(
        "Events and time-outs",
        "What the controllers begin to work on, and what they gave up. Normal: time-outs are 0.",
        Query(f"sum(rate({CTL}_eventqueueoperationsstartedcount{{{CLUSTER}}}[{RATE}]))", "started"),
        Query(f"sum(rate({CTL}_eventqueueoperationstimedoutcount{{{CLUSTER}}}[{RATE}]))", "timed out"),
        unit="cps",
    ),
)

BROKERS = (
    graph(
        "Age of the last heartbeat",
        "How long ago the active controller heard from each broker. Normal: below 2 s; at broker.session.timeout.ms "
        "(9 s) the broker is fenced. Known from Kafka 4.1 on.",
        Query(f"max by (broker) ({CTL}_timesincelastheartbeatreceivedms{{{CLUSTER}}})", "broker {{broker}}"),
        unit="ms",
    ),
    graph(
        "Heartbeats that came too late, 10 min",
        "Normal: 0. Each is a broker that was fenced: long GC pause, full link, or gone.",
        Query(f"max(increase({CTL}_timedoutbrokerheartbeatcount{{{CLUSTER}}}[10m]))", "too late"),
        unit="none",
    ),
)

DASHBOARD = Dashboard(
    uid="kafka-kraft",
    title="Kafka KRaft",
    description="Who leads the quorum, who follows how closely, and does everybody apply the metadata.",
    variables=(CLUSTERS,),
    node_logs=True,
    rows=(
        Row("Now", NOW),
        Row("Quorum", QUORUM),
        Row("Metadata log", LOG),
        Row("Applied metadata", APPLY),
        Row("Controller", CONTROLLER),
        Row("Brokers as the controller sees them", BROKERS),
    ),
)
