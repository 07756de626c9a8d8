"""Kafka overview: is the cluster healthy, what flows through it, who lags, how much room is left."""

from __future__ import annotations

from dataclasses import replace

from tools.dashboards.panels import (
    BAD,
    CLUSTER,
    CLUSTERS,
    GROUPS,
    PLAIN,
    RATE,
    TOPICS,
    WARN,
    Dashboard,
    Panel,
    Query,
    Row,
    Steps,
    graph,
    high,
    low,
    number,
    table,
)

TOPIC = f'{CLUSTER}, topic=~"$topic"'
GROUP = f'{TOPIC}, consumergroup=~"$group"'
PAIR = "{{consumergroup}} · {{topic}}"
ALL_TOPICS = f'{CLUSTER}, topic=""'
VOTERS = f'up{{job="kafka", {CLUSTER}, role=~"controller|combined"}}'


def _nodes(title: str, role: str, advice: str) -> Panel:
    """Count the nodes of a role that answer, and those that should."""
    up = f'up{{job="kafka", {CLUSTER}, role=~"{role}|combined"}}'
    queries = (Query(f"sum({up})", "up"), Query(f"count({up})", "expected"))
    return Panel(title, advice, queries, "stat", "none", height=4, text="value_and_name", steps=PLAIN)


def _small(title: str, description: str, expr: str, steps: Steps, details: str, unit: str = "none") -> Panel:
    """Show one number, with the way to the dashboard that says more."""
    return replace(number(title, description, expr, unit, steps), details=details)


def _sum(metric: str) -> str:
    return f"sum({metric}{{{CLUSTER}}})"


HEALTH = (
    _nodes(
        "Brokers",
        "broker",
        "Brokers that answer Prometheus, and how many the inventory has. Normal: both are the same. If not, see "
        "which unit is down on Monitoring itself, then look at the journal of kafka.service on that host.",
    ),
    _nodes(
        "Controllers",
        "controller",
        "Controllers that answer Prometheus, and how many the inventory has. Normal: both are the same. More than "
        "half must run, or no metadata can change.",
    ),
    replace(
        number(
            "Controllers that may still fail",
            "How many more controllers can stop before the quorum is lost. Normal: 1 of three, 2 of five. At 0 "
            "bring the missing one back before anything else is restarted; below 0 the quorum is gone.",
            f"sum({VOTERS}) - floor(count({VOTERS}) / 2) - 1",
            steps=low(0, 1),
        ),
        details="kafka-kraft",
    ),
    Panel(
        "Active controller",
        "The node that leads the metadata quorum. Normal: one name. None or two: nobody can create topics or elect "
        "leaders; see KRaft.",
        (Query(f"kafka_controller_kafkacontroller_activecontrollercount{{{CLUSTER}}} == 1", "{{instance}}"),),
        "stat",
        "none",
        height=4,
        text="name",
        details="kafka-kraft",
    ),
)

PARTITIONS = (
    _small(
        "Offline partitions",
        "Partitions without a leader: nobody can read or write them. Normal: 0. Bring back the brokers that hold "
        "their replicas; do not allow an unclean election before you know what it would lose.",
        f"max(kafka_controller_kafkacontroller_offlinepartitionscount{{{CLUSTER}}})",
        BAD,
        "kafka-kraft",
    ),
    _small(
        "Under min ISR",
        "Partitions with fewer replicas in sync than min.insync.replicas: writes with acks=all are refused. Normal: "
        "0. Bring back the missing broker.",
        _sum("kafka_server_replicamanager_underminisrpartitioncount"),
        BAD,
        "kafka-brokers",
    ),
    _small(
        "At min ISR",
        "Partitions that stop taking writes when one more replica is lost. Normal: 0; while a broker restarts, its "
        "partitions count here. Do not restart another broker meanwhile.",
        _sum("kafka_server_replicamanager_atminisrpartitioncount"),
        WARN,
        "kafka-brokers",
    ),
    _small(
        "Under-replicated",
        "Partitions with a replica that is not in sync. Normal: 0; for minutes after a broker came back. If it "
        "stays, look for a slow disk or network on Hosts and at replica lag on Brokers.",
        _sum("kafka_server_replicamanager_underreplicatedpartitions"),
        WARN,
        "kafka-brokers",
    ),
    _small(
        "Fenced brokers",
        "Brokers that are registered and do not serve: just starting, or without heartbeats. Normal: 0.",
        f"max(kafka_controller_kafkacontroller_fencedbrokercount{{{CLUSTER}}})",
        WARN,
        "kafka-kraft",
    ),
    _small(
        "Offline log dirs",
        "Data directories that a broker has given up after an I/O error. Normal: 0. Look at the disk, repair or "
        "replace it, restart the broker.",
        _sum("kafka_log_logmanager_offlinelogdirectorycount"),
        BAD,
        "kafka-hosts",
    ),
    _small(
        "Unclean elections, 1 h",
        "Leaders elected from replicas that were not in sync: acknowledged messages were lost. Normal: 0, always.",
        f"sum(increase(kafka_controller_controllerstats_uncleanleaderelections_total{{{CLUSTER}}}[1h]))",
        BAD,
        "kafka-kraft",
    ),
    _small(
        "Targets down",
        "Exporters and nodes of this cluster that Prometheus cannot ask. Normal: 0. What is not asked cannot alert.",
        f"count(up{{{CLUSTER}}}) - sum(up{{{CLUSTER}}})",
        BAD,
        "kafka-monitoring",
    ),
    replace(
        table(
            "Firing alerts",
            "Alerts of this cluster that fire now, and for how long they have been true. Normal: none. Each has a "
            "page under docs/runbooks.",
            (("alertname", "Alert"), ("severity", "Severity"), ("instance", "Instance")),
            Query(
                f"time() - max by (alertname, severity, instance) (ALERTS_FOR_STATE{{{CLUSTER}}}) "
                f'and max by (alertname, severity, instance) (ALERTS{{{CLUSTER}, alertstate="firing"}})',
                "Active for",
                "s",
            ),
        ),
        height=6,
    ),
)

MESSAGES = (
    graph(
        "Message in per second",
        "Messages written to each topic, from the growth of its offsets over five minutes (transaction markers "
        "count too; a topic younger than that reads up to a fifth too high). Normal: your own rhythm. A sudden "
        "zero: look at the producers.",
        Query(f"sum by (topic) (kafka:topic:messages_in:rate5m{{{TOPIC}}})", "{{topic}}"),
        unit="cps",
    ),
    graph(
        "Message in per minute",
        "The same, per minute: what people compare with yesterday. Normal: your own rhythm.",
        Query(f"sum by (topic) (kafka:topic:messages_in:rate5m{{{TOPIC}}}) * 60", "{{topic}}"),
        unit="cpm",
    ),
)

CONSUMERS = (
    replace(
        graph(
            "Lag by Consumer Group",
            "Messages that a group has not committed yet. Partitions that it never committed are not counted. "
            "Normal: small, or a saw tooth. A line that only rises: the group is too slow or stuck; see Consumers.",
            Query(f"sum by (consumergroup, topic) (kafka:group_topic:lag{{{GROUP}}})", PAIR),
        ),
        details="kafka-consumers",
    ),
    replace(
        graph(
            "Message consume per minute",
            "Messages that a group committed per minute, over five minutes. A group that is set back shows zero, "
            "not a peak. Normal: as much as comes in.",
            Query(
                f"sum by (consumergroup, topic) (kafka:group_topic:messages_consumed:rate5m{{{GROUP}}}) * 60",
                PAIR,
            ),
            unit="cpm",
        ),
        details="kafka-consumers",
    ),
    replace(
        graph(
            "Lag in seconds",
            "How old the oldest message is that a group has not committed, estimated from the lag and the rate at "
            "which messages come in, for its worst partition. Normal: seconds.",
            Query(f"max by (consumergroup, topic) (kafka:group_topic:lag_seconds_estimate{{{GROUP}}})", PAIR),
            unit="s",
        ),
        steps=high(300, 900),
        details="kafka-consumers",
    ),
    Panel(
        "Partitions per topic",
        "How many partitions each topic has. More of them let more consumers of a group work side by side; they "
        "cannot be taken away.",
        (Query(f"sort_desc(max by (topic) (kafka:topic:partitions{{{TOPIC}}}))", "{{topic}}"),),
        kind="bargauge",
        unit="none",
        steps=PLAIN,
        details="kafka-topics",
    ),
)

ROOM = (
    graph(
        "Bytes in and out",
        "What clients write and read, and what brokers copy among themselves. Normal: copies are (replication "
        "factor - 1) times what is written.",
        Query(
            f"sum(rate(kafka_server_brokertopicmetrics_bytesin_total{{{ALL_TOPICS}}}[{RATE}]))", "written by clients"
        ),
        Query(f"sum(rate(kafka_server_brokertopicmetrics_bytesout_total{{{ALL_TOPICS}}}[{RATE}]))", "read by clients"),
        Query(
            f"sum(rate(kafka_server_brokertopicmetrics_replicationbytesin_total{{{ALL_TOPICS}}}[{RATE}]))",
            "copied between brokers",
        ),
        unit="Bps",
    ),
    replace(
        graph(
            "Network use of the busiest link",
            "Received or sent, whichever is more, of what the link can carry. Normal: below 50 %, so that there is "
            "room to catch up after a broker was away. Above: move leaders, add brokers or links.",
            Query(f"max by (instance) (kafka:host:network_utilisation:ratio5m{{{CLUSTER}}})", "{{instance}}"),
            unit="percentunit",
        ),
        steps=high(0.5, 0.8),
        details="kafka-hosts",
    ),
    replace(
        graph(
            "Free room for data",
            "Free share of the file system of each data directory. Normal: above 20 %. Below 10 % act: shorten "
            "retention of the biggest topics (this deletes data), or add disk.",
            Query(
                f"min by (instance, mountpoint) (node_filesystem_avail_bytes{{{CLUSTER}}} / "
                f"node_filesystem_size_bytes{{{CLUSTER}}} "
                f"and on (instance, mountpoint) kafka_log_dir_info{{{CLUSTER}}})",
                "{{instance}} {{mountpoint}}",
            ),
            unit="percentunit",
        ),
        maximum=1.0,
        details="kafka-balance",
    ),
    replace(
        graph(
            "Idle share of request threads",
            "How much of the time a broker's request threads wait for work. Normal: above 30 %. Below 10 % requests "
            "queue up: spread leaders, find the heavy client, or raise num.io.threads.",
            Query(
                f'min by (instance) (kafka:broker:request_handler_idle:ratio5m{{{CLUSTER}, role!="controller"}})',
                "{{instance}}",
            ),
            unit="percentunit",
        ),
        maximum=1.0,
        details="kafka-brokers",
    ),
)

DASHBOARD = Dashboard(
    uid="kafka-overview",
    title="Kafka overview",
    description="Is the cluster healthy, what flows through it, who lags, how much room is left.",
    variables=(CLUSTERS, TOPICS, GROUPS),
    node_logs=True,
    rows=(
        Row("Nodes", HEALTH),
        Row("Partitions, disks, alerts", PARTITIONS),
        Row("Messages", MESSAGES),
        Row("Consumers and topics", CONSUMERS),
        Row("Traffic and room", ROOM),
    ),
)
