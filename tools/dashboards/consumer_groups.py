"""Consumers, the part about groups as the brokers see them: states, rebalances, the coordinator."""

from __future__ import annotations

from tools.dashboards.panels import CLUSTER, RATE, Query, graph

COORDINATOR = "kafka_server_groupcoordinatormetrics"

GROUP_STATES = (
    graph(
        "Groups by protocol",
        "Groups that the brokers hold, by protocol: classic (join and sync), consumer (KIP-848), share, streams. "
        "Known from Kafka 4.0 on.",
        Query(f"sum by (protocol) ({COORDINATOR}_group_count{{{CLUSTER}}})", "{{protocol}}"),
        unit="none",
    ),
    graph(
        "Groups of the new protocol by state",
        "KIP-848 groups by state. Normal: stable; empty are those without members. Known from Kafka 4.0 on.",
        Query(f"sum by (state) ({COORDINATOR}_consumer_group_count{{{CLUSTER}}})", "{{state}}"),
        unit="none",
    ),
    graph(
        "Rebalances in a minute",
        "How often partitions are dealt anew among the members of groups. Normal: now and then, at a deployment. "
        "All the time: members time out (max.poll.interval.ms), come and go, or crash. Those of consumer groups are "
        "known from Kafka 4.0 on.",
        Query(f"sum(rate({COORDINATOR}_group_completed_rebalance_total{{{CLUSTER}}}[{RATE}])) * 60", "classic"),
        Query(f"sum(rate({COORDINATOR}_consumer_group_rebalance_total{{{CLUSTER}}}[{RATE}])) * 60", "consumer"),
        unit="cpm",
    ),
    graph(
        "Commits",
        "Offset commits that each broker takes as coordinator. Normal: a steady number. Zero with lag: nobody "
        "consumes.",
        Query(f"sum by (instance) (rate({COORDINATOR}_offset_commit_total{{{CLUSTER}}}[{RATE}]))", "{{instance}}"),
        unit="cps",
    ),
    graph(
        "Coordinator partitions by state",
        "Partitions of __consumer_offsets by state. Normal: all active. Failed: the groups in them can neither join "
        "nor commit; restart that broker. Known from Kafka 4.0 on.",
        Query(f"sum by (state) ({COORDINATOR}_num_partitions{{{CLUSTER}}})", "{{state}}"),
        unit="none",
    ),
    graph(
        "Coordinator's queue",
        "How long group requests wait for the coordinator thread (99th percentile). Normal: below 100 ms. Above: "
        "too many groups on one broker, or commits at each message. Known from Kafka 4.0 on.",
        Query(f"max by (instance) ({COORDINATOR}_event_queue_time_ms_p99{{{CLUSTER}}})", "{{instance}}"),
        unit="ms",
    ),
)
