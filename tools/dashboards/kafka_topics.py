"""Topics: what goes in and out of each, how much it keeps, where it is hot."""

from __future__ import annotations

from dataclasses import replace

from tools.dashboards.panels import (
    BAD,
    CLUSTER,
    CLUSTERS,
    PLAIN,
    RATE,
    TOPICS,
    WARN,
    Dashboard,
    Query,
    Row,
    graph,
    number,
    table,
)

TOPIC = f'{CLUSTER}, topic=~"$topic"'
BTM = "kafka_server_brokertopicmetrics"
ALL_TOPICS = f'{CLUSTER}, topic=""'
SIZE = f"kafka_log_log_size{{{TOPIC}}}"
HEAD, OLDEST = f"kafka:topic_partition:head{{{TOPIC}}}", f"kafka:topic_partition:oldest{{{TOPIC}}}"


def _rate(name: str) -> str:
    """Return the rate of a counter that brokers keep for each topic."""
    return f"sum by (topic) (rate({BTM}_{name}_total{{{TOPIC}}}[{RATE}]))"


def _errors(name: str) -> str:
    """Return the rate of a counter that brokers keep for all topics together."""
    return f"sum(rate({BTM}_{name}_total{{{ALL_TOPICS}}}[{RATE}]))"


NOW = (
    number(
        "Topics",
        "Topics of the cluster, internal ones too.",
        f"max(kafka_controller_kafkacontroller_globaltopiccount{{{CLUSTER}}})",
        steps=PLAIN,
    ),
    number(
        "Partitions",
        "Partitions of the cluster, internal ones too, each counted once. Thousands of them on one broker make its "
        "restart slow.",
        f"max(kafka_controller_kafkacontroller_globalpartitioncount{{{CLUSTER}}})",
        steps=PLAIN,
    ),
    number(
        "Messages in",
        "Messages written to the chosen topics in a second, over five minutes.",
        f"sum(kafka:topic:messages_in:rate5m{{{TOPIC}}})",
        "cps",
        PLAIN,
    ),
    number(
        "On disk, with replicas",
        "What the chosen topics take on all brokers together.",
        f"sum({SIZE})",
        "bytes",
        PLAIN,
    ),
    number(
        "Offline partitions",
        "Partitions without a leader: nobody can read or write them. Normal: 0. Bring back the brokers that hold "
        "their replicas.",
        f"max(kafka_controller_kafkacontroller_offlinepartitionscount{{{CLUSTER}}})",
        steps=BAD,
    ),
    number(
        "Under-replicated",
        "Partitions with a replica that is not in sync. Normal: 0; for minutes after a broker came back.",
        f"sum(kafka_server_replicamanager_underreplicatedpartitions{{{CLUSTER}}})",
        steps=WARN,
    ),
    table(
        "All topics",
        "One line for each topic. Size is that of one copy; kept is how many messages lie between the oldest and "
        "the newest. A topic that is written and not read at all is worth a question to its owner.",
        (("topic", "Topic"),),
        Query(f"sum by (topic) (kafka:topic:messages_in:rate5m{{{TOPIC}}})", "Messages in", "cps"),
        Query(f"max by (topic) (kafka:topic:partitions{{{TOPIC}}})", "Partitions"),
        Query(_rate("bytesin"), "Written", "Bps"),
        Query(_rate("bytesout"), "Read", "Bps"),
        Query(f"sum by (topic) (max by (topic, partition) ({SIZE}))", "Size", "bytes"),
        Query(f"sum by (topic) ({HEAD} - {OLDEST})", "Kept"),
        Query(f"count by (topic) (kafka:group_topic:lag{{{TOPIC}}})", "Groups"),
    ),
)

TRAFFIC = (
    graph(
        "Messages in, by topic",
        "Records that brokers took for each topic. Normal: your own rhythm; compare with the day before.",
        Query(_rate("messagesin"), "{{topic}}"),
        unit="cps",
    ),
    graph(
        "Average size of a message",
        "Bytes as stored (compressed batches) for each record. A jump means that producers changed what they send, "
        "or stopped to compress.",
        Query(f"{_rate('bytesin')} / ({_rate('messagesin')} > 0)", "{{topic}}"),
        unit="bytes",
    ),
    graph(
        "Bytes written",
        "What producers write to each topic.",
        Query(_rate("bytesin"), "{{topic}}"),
        unit="Bps",
    ),
    graph(
        "Bytes read",
        "What consumers read from each topic; copying between brokers is not in it. Normal: bytes written times the "
        "number of groups.",
        Query(_rate("bytesout"), "{{topic}}"),
        unit="Bps",
    ),
)

ERRORS = (
    graph(
        "Failed requests",
        "Produce and fetch requests that brokers refused, all topics together. Normal: 0. Look at errors by code on "
        "Brokers.",
        Query(_errors("failedproducerequests"), "produce"),
        Query(_errors("failedfetchrequests"), "fetch"),
        unit="cps",
    ),
    graph(
        "Records refused",
        "Records that were broken, out of order, without a key in a compacted topic, or too large (bytes). Normal: "
        "0. The broker's log names the topic.",
        Query(_errors("invalidmessagecrcrecords"), "bad checksum"),
        Query(_errors("invalidoffsetorsequencerecords"), "bad sequence"),
        Query(_errors("nokeycompactedtopicrecords"), "no key"),
        Query(_errors("bytesrejected"), "too large (bytes)"),
        unit="cps",
    ),
)

ROOM = (
    graph(
        "Size on disk",
        "One copy of each topic. It stands still when retention deletes as much as comes in.",
        Query(f"sum by (topic) (max by (topic, partition) ({SIZE}))", "{{topic}}"),
        unit="bytes",
    ),
    replace(
        graph(
            "Growth of the size",
            "How fast one copy of each topic grows, over 30 minutes. Normal: around zero over a day. Never falling: "
            "retention is too long or does not work.",
            Query(f"sum by (topic) (max by (topic, partition) (deriv({SIZE}[30m])))", "{{topic}}"),
            unit="Bps",
        ),
        minimum=None,
    ),
    graph(
        "Messages kept",
        "Messages between the oldest and the newest offset. In a compacted topic less of them exist.",
        Query(f"sum by (topic) ({HEAD} - {OLDEST})", "{{topic}}"),
    ),
    graph(
        "Time that the kept messages span",
        "Messages kept over messages written in a second: how far back a reader can go, as long as the rate stays. "
        "Compare with retention.ms; much less means that retention.bytes cuts first.",
        Query(
            f"sum by (topic) ({HEAD} - {OLDEST}) / (sum by (topic) (kafka:topic:messages_in:rate5m{{{TOPIC}}}) > 0)",
            "{{topic}}",
        ),
        unit="s",
    ),
)

SPREAD = (
    graph(
        "The 20 busiest partitions",
        "Messages in a second. Normal: the partitions of a topic are close together. One far above: a hot key; its "
        "broker and its consumer carry it alone.",
        Query(
            f"topk(20, sum by (topic, partition) (kafka:partition:messages_in:rate5m{{{TOPIC}}}))",
            "{{topic}}/{{partition}}",
        ),
        unit="cps",
    ),
    graph(
        "Skew within a topic",
        "Messages in of the busiest partition over the average one. Normal: below 2. A key with most of the traffic "
        "makes it as high as the number of partitions; more partitions do not help then, another key does.",
        Query(
            f"max by (topic) (kafka:partition:messages_in:rate5m{{{TOPIC}}}) / (avg by (topic) "
            f"(kafka:partition:messages_in:rate5m{{{TOPIC}}}) > 0)",
            "{{topic}}",
        ),
        unit="none",
    ),
    replace(
        graph(
            "Bytes written, by broker",
            "What the leaders of the chosen topics take on each broker. Normal: even. Uneven: run the preferred "
            "leader election, see Balance and capacity.",
            Query(f"sum by (instance) (rate({BTM}_bytesin_total{{{TOPIC}}}[{RATE}]))", "{{instance}}"),
            unit="Bps",
        ),
        details="kafka-balance",
    ),
    graph(
        "Replicas, by broker",
        "Replicas of the chosen topics on each broker. Normal: even.",
        Query(f"count by (instance) ({SIZE})", "{{instance}}"),
        unit="none",
    ),
)

DASHBOARD = Dashboard(
    uid="kafka-topics",
    title="Kafka topics",
    description="What goes in and out of each topic, how much it keeps, where it is hot.",
    variables=(CLUSTERS, TOPICS),
    rows=(
        Row("Now", NOW),
        Row("Traffic", TRAFFIC),
        Row("Refused", ERRORS),
        Row("Room", ROOM),
        Row("Spread", SPREAD),
    ),
)
