"""Panels that may show nothing, and panels that load does not move: each with the reason. All others must have data that moves.

A single column of a table is named after the panel and a colon.
"""

from __future__ import annotations

from collections.abc import Mapping

CONSUMERS, OVERVIEW, BROKERS, LOGS = "kafka-consumers", "kafka-overview", "kafka-brokers", "kafka-logs"
MAY_BE_EMPTY: Mapping[tuple[str, str], str] = {
    (OVERVIEW, "Firing alerts"): "nothing is wrong",
    (BROKERS, "Errors by code"): "Kafka makes the series of an error when it first answers with it",
    (CONSUMERS, "Partitions 15 min behind"): "nothing is known of the time before Prometheus, or the topic, was there",
    (CONSUMERS, "Nearest to data loss"): "retention has not deleted anything that a group consumes",
    (CONSUMERS, "Distance from data loss"): "retention has not deleted anything that a group consumes",
    (CONSUMERS, "Which partitions are stuck"): "no partition is stuck",
    (CONSUMERS, "Time to drain"): "no group is faster than its producers, so none catches up",
    (CONSUMERS, "Groups and topics: Time to drain"): "no group is faster than its producers, so none catches up",
    (CONSUMERS, "Groups and topics: From data loss"): "retention has not deleted anything that a group consumes",
    ("kafka-balance", "Time until a disk is full"): "no disk fills up: less is written than deleted",
    (LOGS, "Loggers with errors and warnings"): "nothing has gone wrong in the chosen time",
    (LOGS, "Errors and warnings, by host"): "a node makes the series of a level with its first event",
    (LOGS, "Levels that nobody declared"): "every level is the declared one",
    (LOGS, "Levels set for a while"): "nobody has set a level for a while",
}

# Kafka 3.9 does not have some of their metrics; their descriptions say since which version there are.
NOT_ON_3_9 = {
    (CONSUMERS, "Groups by protocol"),
    (CONSUMERS, "Groups of the new protocol by state"),
    (CONSUMERS, "Rebalances in a minute"),
    (CONSUMERS, "Coordinator partitions by state"),
    (CONSUMERS, "Coordinator's queue"),
    ("kafka-kraft", "Voters"),
    ("kafka-kraft", "Idle share of the controller thread"),
    ("kafka-kraft", "Age of the last heartbeat"),
}

# Where jmx_exporter_profile is `large`, nothing knows the size of a partition; bytes written and read by topic are there all the same.
NOT_ON_LARGE = {
    ("kafka-balance", "Data, by broker"),
    ("kafka-balance", "Growth of data"),
    ("kafka-topics", "On disk, with replicas"),
    ("kafka-topics", "All topics"),  # its column Size
    ("kafka-topics", "Size on disk"),
    ("kafka-topics", "Growth of the size"),
    ("kafka-topics", "Replicas, by broker"),
}

# By reason: load does not move them. What moves them instead stands in the claim `monitoring`, where it can be provoked.
_HEALTHY = "0 as long as all is well"
_PLAN = "says how the cluster is made, which load does not change"
_STATE = "changes when a node stops, starts or is elected"
_MOVES = "changes when partitions are moved"
_RUN = "changes when a playbook runs"
_QUIET = "changes with what happens to groups, not with messages"
_STEADY: Mapping[tuple[str, str], tuple[str, ...]] = {
    (OVERVIEW, _STATE): ("Brokers", "Controllers", "Controllers that may still fail", "Active controller"),
    (OVERVIEW, _HEALTHY): (
        "Offline partitions",
        "Under min ISR",
        "At min ISR",
        "Under-replicated",
        "Fenced brokers",
        "Offline log dirs",
        "Unclean elections, 1 h",
        "Targets down",
    ),
    (OVERVIEW, _PLAN): ("Partitions per topic",),
    (CONSUMERS, _QUIET): (
        "Groups",
        "Groups by protocol",
        "Groups of the new protocol by state",
        "Rebalances in a minute",
        "Coordinator partitions by state",
        "Partitions behind by more than",
    ),
    (CONSUMERS, _HEALTHY): ("Stuck partitions", "Lost messages", "Never committed"),
    ("kafka-topics", _PLAN): ("Topics", "Partitions", "Replicas, by broker"),
    ("kafka-topics", _HEALTHY): ("Offline partitions", "Under-replicated", "Failed requests", "Records refused"),
    (BROKERS, _STATE): ("State", "Connections"),
    (BROKERS, _RUN): ("Versions and pending restarts",),
    (BROKERS, _MOVES): ("Moved by reassignments",),
    (BROKERS, _HEALTHY): (
        "Failed logins in a minute",
        "Connections closed as expired",
        "Replicas out of sync",
        "ISR changes in a minute",
        "Messages that followers are behind",
        "Dead fetchers",
        "Cleaner",
        "Requests in the queue",
    ),
    (BROKERS, "99th percentile of flushes, which the demo's small segments seldom make"): ("Time to flush a log",),
    ("kafka-kraft", _PLAN): ("Voters", "Brokers registered and active", "Metadata version"),
    ("kafka-kraft", _STATE): (
        "Active controllers",
        "New leaders, 1 h",
        "Role in the quorum",
        "Leader that each node sees",
        "Epoch",
        "Active controller that each node sees",
    ),
    ("kafka-kraft", _HEALTHY): ("Fenced brokers", "Metadata errors", "Heartbeats that came too late, 10 min"),
    ("kafka-kraft", "a snapshot is made once an hour"): ("Size of the newest snapshot",),
    ("kafka-balance", _MOVES): (
        "Leaders off their place",
        "Skew of leaders",
        "Skew of replicas",
        "Leaders, by broker",
        "Replicas, by broker",
        "Skew against the average",
        "Uneven topics",
        "Partitions being moved",
        "Bytes moved by reassignments",
    ),
    ("kafka-balance", _STATE): ("At risk: one more broker", "Partitions at risk"),
    ("kafka-balance", _PLAN): ("Rack placement violated", "Partitions in too few racks"),
    ("kafka-hosts", _HEALTHY): ("Swap", "Errors and drops", "TCP retransmissions", "Pages read from disk"),
    ("kafka-hosts", "containers share the clock, open files and disks of their host"): (
        "Clock",
        "Open files of the host",
        "Bytes read from disks",
    ),
    ("kafka-monitoring", _HEALTHY): (
        "Targets down",
        "Failed rules, 1 h",
        "Configuration loaded",
        "Alertmanagers found",
    ),
    ("kafka-monitoring", _PLAN): ("Series of this cluster", "Series of targets"),
    ("kafka-monitoring", _RUN): ("JMX: rules loaded",),
    ("kafka-monitoring", "no alert fires, so nobody is told"): ("Alertmanager to people",),
    (LOGS, _HEALTHY): (
        "Loggers off their level",
        "Hosts that do not say",
        "Hosts that are not counted",
        "Errors, 1 h",
        "Fatal, 1 h",
        "Warnings, 1 h",
        "Errors and warnings, by host",
        "Errors, by log",
    ),
    (LOGS, "changes with the log configuration"): ("Most that they can take",),
    (LOGS, "a node that runs well writes little"): (
        "Written in an hour",
        "Events, by host",
        "Events, by level",
        "Loudest loggers",
        "Growth of logs, by host",
        "Growth of logs, by file",
        "Log files",
        "Size of logs",
        "Logs of all chosen hosts",
        "Fullest log",
    ),
}
STEADY: Mapping[tuple[str, str], str] = {
    (uid, title): reason for (uid, reason), titles in _STEADY.items() for title in titles
}
