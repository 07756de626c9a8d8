"""Kafka overview: is the cluster healthy, what flows through it, who lags."""

from __future__ import annotations

from tools.dashboards.panels import Dashboard, Panel, Query, Variable

CLUSTER = 'cluster="$cluster"'
TOPIC = f'{CLUSTER}, topic=~"$topic"'
GROUP = f'{TOPIC}, consumergroup=~"$group"'
BAD = (("red", 1.0),)
WARN = (("orange", 1.0),)


def _nodes(title: str, role: str) -> Panel:
    """Count the nodes of a role that answer, and those that should."""
    up = f'up{{job="kafka", {CLUSTER}, role=~"{role}|combined"}}'
    return Panel(
        title=title,
        description="Processes that answer Prometheus, and how many there should be.",
        queries=(Query(f"sum({up})", "up", instant=True), Query(f"count({up})", "expected", instant=True)),
        kind="stat",
        width=4,
        height=4,
        text="value_and_name",
    )


def _count(title: str, description: str, expr: str, steps: tuple[tuple[str, float], ...]) -> Panel:
    """Show one number that should be zero."""
    return Panel(title, description, (Query(expr, instant=True),), kind="stat", width=3, height=4, steps=steps)


HEALTH = (
    _nodes("Brokers", "broker"),
    _nodes("Controllers", "controller"),
    Panel(
        "Active controller",
        "The node that leads the metadata quorum. None or two: nobody can create topics or elect leaders.",
        (
            Query(
                f"kafka_controller_kafkacontroller_activecontrollercount{{{CLUSTER}}} == 1",
                "{{instance}}",
                instant=True,
            ),
        ),
        kind="stat",
        width=4,
        height=4,
        text="name",
    ),
    _count(
        "Offline partitions",
        "Partitions without a leader: nobody can read or write them.",
        f"max(kafka_controller_kafkacontroller_offlinepartitionscount{{{CLUSTER}}})",
        BAD,
    ),
    _count(
        "Under min ISR",
        "Partitions with fewer replicas in sync than writes with acks=all ask for: such writes are refused.",
        f"sum(kafka_server_replicamanager_underminisrpartitioncount{{{CLUSTER}}})",
        BAD,
    ),
    _count(
        "Under-replicated",
        "Partitions with a replica that is not in sync.",
        f"sum(kafka_server_replicamanager_underreplicatedpartitions{{{CLUSTER}}})",
        WARN,
    ),
    _count(
        "Fenced brokers",
        "Brokers that are registered and do not serve.",
        f"max(kafka_controller_kafkacontroller_fencedbrokercount{{{CLUSTER}}})",
        WARN,
    ),
)

MESSAGES = (
    Panel(
        "Message in per second",
        "Messages written to each topic, from the growth of its offsets over five minutes (transaction markers count too; "
        "a topic younger than that reads up to a fifth too high).",
        (Query(f"sum by (topic) (kafka:topic:messages_in:rate5m{{{TOPIC}}})", "{{topic}}"),),
        unit="cps",
    ),
    Panel(
        "Message in per minute",
        "The same, per minute.",
        (Query(f"sum by (topic) (kafka:topic:messages_in:rate5m{{{TOPIC}}}) * 60", "{{topic}}"),),
        unit="cpm",
    ),
)

CONSUMERS = (
    Panel(
        "Lag by Consumer Group",
        "Messages that a group has not committed yet. Partitions that it never committed are not counted.",
        (Query(f"sum by (consumergroup, topic) (kafka:group_topic:lag{{{GROUP}}})", "{{consumergroup}} · {{topic}}"),),
    ),
    Panel(
        "Message consume per minute",
        "Messages that a group committed per minute, over five minutes. A group that is set back shows zero, not a peak.",
        (
            Query(
                f"sum by (consumergroup, topic) (kafka:group_topic:messages_consumed:rate5m{{{GROUP}}}) * 60",
                "{{consumergroup}} · {{topic}}",
            ),
        ),
        unit="cpm",
    ),
)

PARTITIONS = (
    Panel(
        "Partitions per topic",
        "How many partitions each topic has.",
        (Query(f"sort_desc(max by (topic) (kafka:topic:partitions{{{TOPIC}}}))", "{{topic}}", instant=True),),
        kind="bargauge",
        width=24,
    ),
)

DASHBOARD = Dashboard(
    uid="kafka-overview",
    title="Kafka overview",
    description="Is the cluster healthy, what flows through it, who lags.",
    variables=(
        Variable("cluster", "Cluster", 'label_values(up{job="kafka"}, cluster)'),
        Variable("topic", "Topic", f"label_values(kafka:topic:partitions{{{CLUSTER}}}, topic)", many=True),
        Variable(
            "group", "Consumer group", f"label_values(kafka:group_topic:lag{{{CLUSTER}}}, consumergroup)", many=True
        ),
    ),
    rows=(HEALTH, MESSAGES, CONSUMERS, PARTITIONS),
)
