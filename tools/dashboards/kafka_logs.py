"""Logs: what Kafka's own logs say, how much they take, and which log levels are not the declared ones."""

from __future__ import annotations

from dataclasses import replace

from tools.dashboards.panels import (
    BAD,
    CLUSTER,
    CLUSTERS,
    HOSTS,
    PLAIN,
    RATE,
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

HOST = f'{CLUSTER}, instance=~"$host"'
BYTES, LIMIT = f"kafka_log_file_bytes{{{HOST}}}", f"kafka_log_file_limit_bytes{{{HOST}}}"
EVENTS = f"kafka_log_events_total{{{HOST}}}"
ERRORS = f'kafka_log_events_total{{{HOST}, level=~"ERROR|FATAL"}}'
# 0 where events are counted and there is none.
COUNTED = f'up{{job="mtail", {HOST}}}'
FREE = f"kafka_log_filesystem_free_bytes{{{HOST}}} / kafka_log_filesystem_size_bytes{{{HOST}}}"

SAID = (
    number(
        "Errors, 1 h",
        "Events at ERROR and FATAL on all chosen hosts; a stack trace is one. Normal: few. Many: playbooks/logs.yml shows "
        "them, grouped.",
        f"sum(increase({ERRORS}[1h])) or sum({COUNTED}) * 0",
        steps=(("orange", 1.0), ("red", 100.0)),
    ),
    number(
        "Fatal, 1 h",
        "Events with which Kafka says that it ends itself or cannot start, on all chosen hosts. Normal: 0. Else: look at the logs "
        "of that node before they are rolled away.",
        f"sum(increase(kafka_log_fatal_events_total{{{HOST}}}[1h])) or sum({COUNTED}) * 0",
        steps=BAD,
    ),
    number(
        "Warnings, 1 h",
        "Events at WARN on all chosen hosts. Normal: some, when nodes restart or clients come and go.",
        f'sum(increase(kafka_log_events_total{{{HOST}, level="WARN"}}[1h])) or sum({COUNTED}) * 0',
        steps=PLAIN,
    ),
    number(
        "Hosts that are not counted",
        "Chosen hosts whose mtail does not answer: nobody counts what their logs say. Normal: 0.",
        f"count({COUNTED}) - sum({COUNTED})",
        steps=WARN,
    ),
    graph(
        "Errors and warnings, by host",
        "Events in a minute. Normal: none, or few that come and go. Rising on one host: it is in trouble; on all others: they "
        "miss that one.",
        Query(
            f'sum by (instance, level) (rate(kafka_log_events_total{{{HOST}, level=~"WARN|ERROR|FATAL"}}[{RATE}])) * 60',
            "{{instance}} {{level}}",
        ),
        unit="cpm",
    ),
    graph(
        "Errors, by log",
        "Events at ERROR and FATAL in a minute, by the log that they stand in. Which log says which part of Kafka complains.",
        Query(f"sum by (file) (rate({ERRORS}[{RATE}])) * 60 or sum by (file) (rate({EVENTS}[{RATE}])) * 0", "{{file}}"),
        unit="cpm",
    ),
    graph(
        "Events, by host",
        "Events of all levels in a minute. Normal: steady, and alike on nodes of the same role.",
        Query(f"sum by (instance) (rate({EVENTS}[{RATE}])) * 60", "{{instance}}"),
        unit="cpm",
    ),
    replace(
        graph(
            "Events, by level",
            "Events of all chosen hosts in a minute. DEBUG or TRACE that nobody asked for: see Levels below.",
            Query(f"sum by (level) (rate({EVENTS}[{RATE}])) * 60", "{{level}}"),
            unit="cpm",
        ),
        stack=True,
    ),
    replace(
        table(
            "Loggers with errors and warnings",
            "The 20 with the most in the chosen time; their text is in playbooks/logs.yml. No logger: a message of several lines.",
            (("level", "Level"), ("logger", "Logger"), ("file", "Log")),
            Query(
                "topk(20, sum by (level, logger, file) "
                f'(increase(kafka_log_events_total{{{HOST}, level=~"WARN|ERROR|FATAL"}}[$__range])) > 0)',
                "Events",
            ),
        ),
        width=12,
    ),
    replace(
        table(
            "Loudest loggers",
            "The 20 that wrote the most events of any level in the chosen time: what fills the logs.",
            (("level", "Level"), ("logger", "Logger"), ("file", "Log")),
            Query(f"topk(20, sum by (level, logger, file) (increase({EVENTS}[$__range])) > 0)", "Events"),
        ),
        width=12,
    ),
)

NOW = (
    number(
        "Logs of all chosen hosts",
        "Kafka's own logs (not its data), rolled files included.",
        f"sum({BYTES})",
        "bytes",
        PLAIN,
    ),
    number(
        "Most that they can take",
        "Each log file has a size and a number of rolled parts (kafka_log_file_size, kafka_log_file_count). The "
        "disk must have room for it.",
        f"sum({LIMIT})",
        "bytes",
        PLAIN,
    ),
    number(
        "Fullest log",
        "The log that is nearest to its limit. Normal: any value; at 100 % the oldest part is deleted, so it "
        "reaches back less far.",
        f"max(max by (instance, file) ({BYTES}) / max by (instance, file) ({LIMIT}))",
        "percentunit",
        PLAIN,
    ),
    number(
        "Least free room",
        "Free share of the file system with the logs, on the worst host. Normal: above 20 %. A full one stops the "
        "logs, and Kafka too where its data lies on the same.",
        f"min({FREE})",
        "percentunit",
        low(0.1, 0.2),
    ),
    number(
        "Written in an hour",
        "How much the logs of all chosen hosts grew in an hour. Normal: steady. Far more: a level was left on "
        "DEBUG, or something fails over and over.",
        f"sum(clamp_min(delta({BYTES}[1h]), 0))",
        "bytes",
        PLAIN,
    ),
)

VOLUME = (
    graph(
        "Growth of logs, by host",
        "Bytes in a second, over ten minutes. Normal: near zero on a quiet cluster. A jump on one host: look at its "
        "server.log; on all: a level.",
        Query(f"sum by (instance) (clamp_min(deriv({BYTES}[10m]), 0))", "{{instance}}"),
        unit="Bps",
    ),
    graph(
        "Growth of logs, by file",
        "The same for each kind of log, all chosen hosts together. request.log grows with every request when its "
        "level is DEBUG.",
        Query(f"sum by (file) (clamp_min(deriv({BYTES}[10m]), 0))", "{{file}}"),
        unit="Bps",
    ),
    graph(
        "Size of logs",
        "By host, rolled parts included. Normal: rises to its limit in the course of weeks and stays there.",
        Query(f"sum by (instance) ({BYTES})", "{{instance}}"),
        unit="bytes",
    ),
    replace(
        graph(
            "Free room for logs",
            "Free share of the file system with the logs. Normal: above 20 %.",
            Query(f"min by (instance) ({FREE})", "{{instance}}"),
            unit="percentunit",
        ),
        maximum=1.0,
    ),
    replace(
        table(
            "Log files",
            "Every log of the chosen hosts, the biggest first, and how much of its limit it takes. Files that the "
            "logging configuration does not name are `other` and have no limit.",
            (("instance", "Host"), ("file", "Log")),
            Query(f"max by (instance, file) ({BYTES})", "Size", "bytes"),
            Query(f"max by (instance, file) ({LIMIT})", "Limit", "bytes"),
            Query(
                f"max by (instance, file) ({BYTES}) / max by (instance, file) ({LIMIT})",
                "Of its limit",
                "percentunit",
                high(0.9, 1.1),
            ),
        ),
        height=12,
    ),
)

LEVELS = (
    number(
        "Loggers off their level",
        "Loggers whose live level is neither declared in the inventory nor set for a while, on all chosen hosts. "
        "Normal: 0. Somebody changed them by hand: log_levels.yml sets what is declared; or declare them.",
        f"sum(kafka_log_level_drifted_loggers{{{HOST}}})",
        steps=WARN,
    ),
    number(
        "Hosts that do not say",
        "Chosen hosts whose node did not tell its log levels. Normal: 0; the node is down, or does not let the "
        "check in.",
        f"count(kafka_log_level_check_success{{{HOST}}}) - sum(kafka_log_level_check_success{{{HOST}}})",
        steps=WARN,
    ),
    replace(
        table(
            "Levels that nobody declared",
            "Normal: none. DEBUG or TRACE that was forgotten fills the disk and slows the node.",
            (("instance", "Host"), ("logger", "Logger"), ("declared", "Declared"), ("live", "Live")),
            Query(f"max by (instance, logger, declared, live) (kafka_log_level_drift{{{HOST}}})", "Differs"),
        ),
        width=12,
    ),
    replace(
        table(
            "Levels set for a while",
            "Log levels that end by themselves, and when. Normal: none, or those of somebody who is looking for "
            "something right now.",
            (("instance", "Host"), ("logger", "Logger"), ("level", "Level")),
            Query(
                f"max by (instance, logger, level) (kafka_log_level_temporary_until_seconds{{{HOST}}}) - time()",
                "Ends in",
                "s",
            ),
        ),
        width=12,
    ),
)

DASHBOARD = Dashboard(
    uid="kafka-logs",
    title="Kafka logs",
    description="What Kafka's own logs say, how much they take, and which log levels are not the declared ones.",
    variables=(CLUSTERS, HOSTS),
    node_logs=True,
    rows=(Row("Events", SAID), Row("Room", NOW), Row("Volume", VOLUME), Row("Levels", LEVELS)),
)
