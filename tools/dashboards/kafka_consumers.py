"""Consumers: how far behind is each group, in messages and in time; does it catch up; will it lose data."""

from __future__ import annotations

from dataclasses import replace

from tools.dashboards.consumer_groups import GROUP_STATES
from tools.dashboards.panels import (
    BAD,
    CLUSTER,
    CLUSTERS,
    GROUPS,
    PLAIN,
    TOPICS,
    WARN,
    Dashboard,
    Query,
    Row,
    graph,
    high,
    low,
    number,
    table,
)

TOPIC = f'{CLUSTER}, topic=~"$topic"'
GROUP = f'{TOPIC}, consumergroup=~"$group"'
PAIR = (("consumergroup", "Group"), ("topic", "Topic"))
NAMES = "{{consumergroup}} · {{topic}}"
HEAD, OLDEST = f"kafka:topic_partition:head{{{TOPIC}}}", f"kafka:topic_partition:oldest{{{TOPIC}}}"
COMMITTED = f"kafka:group_partition:committed{{{GROUP}}}"
LAG = f"kafka:group_partition:lag{{{GROUP}}}"
OF_TOPIC = "on (cluster, topic, partition) group_left ()"
# Where the worst partition stands between the oldest message (0) and the newest (1), once retention has begun to delete.
PLACE = f"clamp_min(kafka:group_topic:retention_headroom:ratio{{{GROUP}}}, 0)"
# A group that commits hardly more than is written would need years: that is never.
DRAIN = f"kafka:group_topic:lag_drain_seconds{{{GROUP}}} < 604800"
KEPT = f"{COMMITTED} - {OF_TOPIC} {OLDEST}"
# What has not been seen for 20 minutes cannot have stood still for that long.
KNOWN = f"present_over_time({COMMITTED}[5m] offset 15m)"


def pair(function: str, expr: str) -> str:
    """Bring a query down to one series for each group and topic."""
    return f"{function} by (consumergroup, topic) ({expr})"


def each(metric: str) -> str:
    """Name a recorded value of groups and topics, for the chosen ones."""
    return f"{metric}{{{GROUP}}}"


NOW = (
    number(
        "Groups",
        "Consumer groups that have committed something, among the chosen ones.",
        f"count(count by (consumergroup) ({each('kafka:group_topic:lag')}))",
        steps=PLAIN,
    ),
    number(
        "Lag, all groups",
        "Messages that are written and not committed yet, all chosen groups and topics together. Normal: small "
        "beside what comes in.",
        f"sum({each('kafka:group_topic:lag')})",
        "short",
        PLAIN,
    ),
    number(
        "Worst lag in time",
        "How long ago the oldest message was written that some group has not committed, estimated for the worst "
        "partition. Normal: seconds. Above 15 minutes look which group it is in the table below.",
        f"max({each('kafka:group_topic:lag_seconds_estimate')})",
        "s",
        high(300, 900),
    ),
    number(
        "Partitions 15 min behind",
        "Partitions of groups that have not even committed what was there 15 minutes ago. This is measured, not "
        "estimated, and holds also when producers pause. Normal: 0.",
        f'sum(kafka:group_topic:lag_older_than_seconds{{{GROUP}, le="900"}})',
        "none",
        BAD,
    ),
    number(
        "Stuck partitions",
        "Partitions with lag of which nothing has been committed for 20 minutes. Normal: 0. One partition alone: "
        "most often a message that the consumer cannot digest; all of them: the group does not run.",
        f"sum(({LAG} > bool 0) * (changes({COMMITTED}[20m]) == bool 0) * ({KNOWN} or {COMMITTED} * 0))",
        "none",
        BAD,
    ),
    number(
        "Nearest to data loss",
        "Where the worst partition stands between the oldest kept message (0 %) and the newest (100 %). Normal: "
        "near 100 %. At 0 % messages are deleted before they are read: lengthen retention.ms of the topic now, then "
        "speed the group up. No value: retention has not deleted anything yet.",
        f"min({PLACE})",
        "percentunit",
        low(0.1, 0.3),
    ),
    number(
        "Lost messages",
        "Messages that retention deleted before the group had committed them. Normal: 0.",
        f"sum(clamp_min({OLDEST} - on (cluster, topic, partition) group_right () {COMMITTED}, 0))",
        "short",
        BAD,
    ),
    number(
        "Never committed",
        "Partitions of consumed topics for which a group has no commit: their lag is not known and counts nowhere. "
        "Normal: 0, or partitions without any message. auto.offset.reset decides where such a consumer begins.",
        f"sum(kafka:topic:partitions{{{TOPIC}}} - on (cluster, topic) group_right () "
        f"count by (cluster, consumergroup, topic) ({COMMITTED}))",
        "none",
        WARN,
    ),
)

TABLE = table(
    "Groups and topics",
    "One line for each group and topic, the largest lag first. Trend is the change of the lag over 30 minutes: "
    "below zero it catches up. Time to drain is empty when the group is slower than its producers: then it never "
    "catches up; add consumers (up to the number of partitions) or make them faster.",
    PAIR,
    Query(pair("sum", each("kafka:group_topic:lag")), "Lag"),
    Query(pair("max", each("kafka:group_topic:lag_partition_max")), "Worst partition"),
    Query(pair("max", each("kafka:group_topic:lag_seconds_estimate")), "Lag in time", "s", high(300, 900)),
    Query(
        pair("sum", f"delta({each('kafka:group_topic:lag')}[30m]) and {each('kafka:group_topic:lag')}"), "Trend, 30 min"
    ),
    Query(pair("sum", each("kafka:group_topic:messages_consumed:rate5m")), "Committed", "cps"),
    Query(
        f"kafka:topic:messages_in:rate5m{{{TOPIC}}} * on (topic) group_right () "
        f"({pair('count', each('kafka:group_topic:lag'))} > bool 0)",
        "Written",
        "cps",
    ),
    Query(pair("max", DRAIN), "Time to drain", "s"),
    Query(pair("min", PLACE), "From data loss", "percentunit", low(0.1, 0.3)),
)

BEHIND = (
    graph(
        "Lag by group and topic",
        "Messages not committed yet. Normal: small, or a saw tooth as batches are committed. Only rising: too slow, "
        "or stuck.",
        Query(pair("sum", each("kafka:group_topic:lag")), NAMES),
    ),
    graph(
        "Lag of the worst partition",
        "The same for the partition with the most. Far above the average: a hot key, a slow consumer, or a message "
        "that it cannot digest.",
        Query(pair("max", each("kafka:group_topic:lag_partition_max")), NAMES),
    ),
    replace(
        graph(
            "Lag in time, estimated",
            "Lag over the rate at which messages come in, for the worst partition. Normal: seconds. Reads too high "
            "while producers pause; the graph beside it does not.",
            Query(pair("max", each("kafka:group_topic:lag_seconds_estimate")), NAMES, "s"),
            unit="s",
        ),
        steps=high(300, 900),
    ),
    graph(
        "Partitions behind by more than",
        "How many partitions of a group have not committed what was already there that long ago (1, 5, 15, 60 "
        "minutes). Measured from offsets, so it needs no estimate. Normal: 0 from five minutes on. It says nothing "
        "until Prometheus has looked back that far.",
        Query(
            f"sum by (consumergroup, topic, le) (kafka:group_topic:lag_older_than_seconds{{{GROUP}}})",
            "{{consumergroup}} · {{topic}}: {{le}} s",
        ),
        unit="none",
    ),
)

FLOW = (
    graph(
        "Written and committed",
        "What comes into the chosen topics, and what each group commits of it. Normal: both lines together. "
        "Committed below written: the lag grows by the difference.",
        Query(f"sum by (topic) (kafka:topic:messages_in:rate5m{{{TOPIC}}})", "written to {{topic}}"),
        Query(pair("sum", each("kafka:group_topic:messages_consumed:rate5m")), "{{consumergroup}} · {{topic}}"),
        unit="cps",
    ),
    graph(
        "Time to drain",
        "How long until the lag is gone at the present speed. No line: the group is not faster than its producers "
        "and never catches up.",
        Query(pair("max", DRAIN), NAMES),
        unit="s",
    ),
)

LOSS = (
    replace(
        graph(
            "Distance from data loss",
            "Where the worst partition of a group stands between the oldest kept message (0 %) and the newest (100 "
            "%). Normal: near 100 %. Falling: retention is about to delete what was not read; lengthen retention.ms "
            "of the topic.",
            Query(pair("min", PLACE), NAMES),
            unit="percentunit",
        ),
        maximum=1.0,
        steps=low(0.1, 0.3),
    ),
    graph(
        "Messages between a group and the oldest",
        "How many messages retention may still delete before the group's worst partition loses some. Normal: many; "
        "zero is the edge, below zero is lost.",
        Query(pair("min", KEPT), NAMES),
    ),
)

PARTITIONS = (
    graph(
        "The 20 partitions with the most lag",
        "Where the lag lies. Normal: evenly spread. One partition far above: a hot key or a stuck consumer; its "
        "number is what a consumer's log names.",
        Query(
            f"topk(20, sum by (consumergroup, topic, partition) ({LAG}))", "{{consumergroup}} · {{topic}}/{{partition}}"
        ),
    ),
    replace(
        table(
            "Which partitions are stuck",
            "Partitions with lag of which nothing has been committed for 20 minutes. Normal: none. Skip or repair "
            "the message, or restart the consumer that holds the partition.",
            (*PAIR, ("partition", "Partition")),
            Query(
                f"sum by (consumergroup, topic, partition) ({LAG} > 0 and changes({COMMITTED}[20m]) == 0 and {KNOWN})",
                "Lag",
            ),
        ),
        width=12,
    ),
)

DASHBOARD = Dashboard(
    uid="kafka-consumers",
    title="Kafka consumers",
    description="How far behind is each group, in messages and in time; does it catch up; will it lose data.",
    variables=(CLUSTERS, GROUPS, TOPICS),
    rows=(
        Row("Now", (*NOW, TABLE)),
        Row("How far behind", BEHIND),
        Row("Does it catch up", FLOW),
        Row("Will it lose data", LOSS),
        Row("Which partitions", PARTITIONS),
        Row("Groups and their coordinators", GROUP_STATES),
    ),
)
