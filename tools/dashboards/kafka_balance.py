"""Balance and capacity: is the work spread evenly, and how long does the room last."""

from __future__ import annotations

from dataclasses import replace

from tools.dashboards.panels import (
    BAD,
    BELOW,
    CLUSTER,
    CLUSTERS,
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

BTM, RM, CTL = "kafka_server_brokertopicmetrics", "kafka_server_replicamanager", "kafka_controller_kafkacontroller"
ALL_TOPICS = f'{CLUSTER}, topic=""'
# File systems that hold data of Kafka; two directories on one count once.
DATA = f"and on (instance, mountpoint) kafka_log_dir_info{{{CLUSTER}}}"
FREE = f"node_filesystem_avail_bytes{{{CLUSTER}}} / node_filesystem_size_bytes{{{CLUSTER}}}"
BROKERS = f'up{{job="kafka", {CLUSTER}, role=~"broker|combined"}}'


def _each(expr: str, legend: str = "{{instance}}") -> Query:
    """Ask for one series a broker."""
    return Query(f"sum by (instance) ({expr})", legend)


NOW = (
    number(
        "Leaders off their place",
        "Share of partitions that are not led by their preferred replica. Normal: 0. Kafka puts it right every five "
        "minutes (auto.leader.rebalance.enable); above 10 % for long: run the preferred leader election.",
        f"max({CTL}_preferredreplicaimbalancecount{{{CLUSTER}}}) / max({CTL}_globalpartitioncount{{{CLUSTER}}})",
        "percentunit",
        high(0.1, 0.3),
    ),
    number(
        "Skew of leaders",
        "How far the farthest broker is from the average number of leaders. Normal: below 30 %; small clusters are "
        "never even.",
        f"max(abs(kafka:broker:leader_skew:ratio{{{CLUSTER}}}))",
        "percentunit",
        high(0.3, 1),
    ),
    number(
        "Skew of replicas",
        "The same for replicas. Normal: below 30 %. A new broker has none until partitions are moved to it.",
        f"max(abs(kafka:broker:replica_skew:ratio{{{CLUSTER}}}))",
        "percentunit",
        high(0.3, 1),
    ),
    number(
        "Rack placement violated",
        "Partitions whose replicas lie in fewer racks than they could. Normal: 0. The loss of one rack takes more "
        "replicas than it has to: move them.",
        f"max(kafka_placement_violated_partitions{{{CLUSTER}}})",
        steps=WARN,
    ),
    number(
        "At risk: one more broker",
        "Partitions that refuse writes with acks=all when one more broker is lost. Normal: 0; while a broker is "
        "away, its partitions count here. Restart nothing until it is 0.",
        f'max(kafka_partitions_at_risk{{{CLUSTER}, loss="broker"}})',
        steps=WARN,
    ),
    number(
        "Time until a disk is full",
        "The first data disk of the cluster, if it goes on as in the last hours. No value: no disk fills up. "
        "Normal: weeks.",
        f"min(node_filesystem_avail_bytes{{{CLUSTER}}} / (- deriv(node_filesystem_avail_bytes{{{CLUSTER}}}[6h]) > 0) "
        f"{DATA})",
        "s",
        low(86400, 604800),
    ),
)

EVEN = (
    graph(
        "Leaders, by broker",
        "Partitions that each broker leads; it serves their writes and most of their reads. Normal: even.",
        _each(f"{RM}_leadercount{{{CLUSTER}}}"),
        unit="none",
    ),
    graph(
        "Replicas, by broker",
        "Replicas on each broker. Normal: even, and below 4000: more make a restart slow.",
        _each(f"{RM}_partitioncount{{{CLUSTER}}}"),
        unit="none",
    ),
    graph(
        "Bytes written, by broker",
        "What producers write to each broker. Normal: the busiest below 1.5 times the average. Even leaders and "
        "uneven traffic: a few topics are much busier; spread their leaders.",
        _each(f"rate({BTM}_bytesin_total{{{ALL_TOPICS}}}[{RATE}])"),
        unit="Bps",
    ),
    graph(
        "Data, by broker",
        "Bytes of all replicas on each broker. Normal: even.",
        _each(f"kafka:broker:log_bytes{{{CLUSTER}}}"),
        unit="bytes",
    ),
    replace(
        graph(
            "Skew against the average",
            "Leaders and replicas of each broker, above or below the average. Normal: within 30 %.",
            _each(f"kafka:broker:leader_skew:ratio{{{CLUSTER}}}", "{{instance}} leaders"),
            _each(f"kafka:broker:replica_skew:ratio{{{CLUSTER}}}", "{{instance}} replicas"),
            unit="percentunit",
        ),
        minimum=None,
        steps=(("red", BELOW), ("transparent", -0.3), ("red", 0.3)),
    ),
    replace(
        table(
            "Uneven topics",
            "The 20 topics that are spread worst: the broker with the most of a topic, above the even share. "
            "Normal: small; topics with few partitions are never even. The sum over all topics can be even while "
            "each topic is not.",
            (("topic", "Topic"),),
            Query(f"topk(20, max by (topic) (kafka_topic_leader_skew_ratio{{{CLUSTER}}}))", "Leaders", "percentunit"),
            Query(f"topk(20, max by (topic) (kafka_topic_replica_skew_ratio{{{CLUSTER}}}))", "Replicas", "percentunit"),
        ),
        width=12,
    ),
)

MOVES = (
    graph(
        "Partitions being moved",
        "Partitions with a reassignment under way, counted on their leaders. Normal: 0 unless you move some.",
        _each(f"{RM}_reassigningpartitions{{{CLUSTER}}}"),
        unit="none",
    ),
    graph(
        "Bytes moved by reassignments",
        "Normal: 0, or the throttle. Zero while partitions are being moved: the reassignment is stuck.",
        _each(f"rate({BTM}_reassignmentbytesin_total{{{ALL_TOPICS}}}[{RATE}])", "{{instance}} in"),
        _each(f"rate({BTM}_reassignmentbytesout_total{{{ALL_TOPICS}}}[{RATE}])", "{{instance}} out"),
        unit="Bps",
    ),
)

DISKS = (
    replace(
        graph(
            "Free share of data disks",
            "Normal: above 20 %, and close together within a broker. Below 10 %: shorten retention of the biggest "
            "topics (this deletes data), move replicas away, or add disk.",
            Query(f"min by (instance, mountpoint) ({FREE} {DATA})", "{{instance}} {{mountpoint}}"),
            unit="percentunit",
        ),
        maximum=1.0,
    ),
    graph(
        "Free room of data disks",
        "Bytes that Kafka may still write. Compare with the data of the largest broker: after a loss, its replicas "
        "must go somewhere.",
        Query(
            f"min by (instance, mountpoint) (node_filesystem_avail_bytes{{{CLUSTER}}} {DATA})",
            "{{instance}} {{mountpoint}}",
        ),
        unit="bytes",
    ),
    replace(
        graph(
            "Growth of data",
            "How fast the replicas on each broker grow, over an hour. Normal: around zero over a day, once "
            "retention deletes as much as comes in.",
            _each(f"deriv(kafka:broker:log_bytes{{{CLUSTER}}}[1h])"),
            unit="Bps",
        ),
        minimum=None,
    ),
    replace(
        graph(
            "Free share in 24 hours",
            "Where each data disk will be if it goes on as in the last six hours. Normal: above 20 %. Below 0 it is "
            "full by then.",
            Query(
                f"min by (instance, mountpoint) (predict_linear(node_filesystem_avail_bytes{{{CLUSTER}}}[6h], 86400) "
                f"/ node_filesystem_size_bytes{{{CLUSTER}}} {DATA})",
                "{{instance}} {{mountpoint}}",
            ),
            unit="percentunit",
        ),
        minimum=None,
    ),
)

NETWORK = (
    replace(
        graph(
            "Network use of the busiest link",
            "Received or sent, whichever is more, of what the link can carry. Normal: below 50 %, or there is no "
            "room to catch up in.",
            Query(f"max by (instance) (kafka:host:network_utilisation:ratio5m{{{CLUSTER}}})", "{{instance}}"),
            unit="percentunit",
        ),
        steps=high(0.5, 0.8),
    ),
    replace(
        graph(
            "Network use with one broker less",
            "What the average broker's link would carry if one broker were lost and the others took over its "
            "traffic. Normal: below 80 %. Above, the loss of one broker slows the whole cluster: add brokers or "
            "links.",
            Query(
                f"sum(max by (instance) (kafka:host:network_utilisation:ratio5m{{{CLUSTER}}}) and on (instance) "
                f"{BROKERS}) "
                f"/ (count({BROKERS}) - 1 > 0)",
                "average of those left",
            ),
            unit="percentunit",
        ),
        steps=high(0.8, 1),
    ),
)

PLACEMENT = (
    graph(
        "Partitions at risk",
        "Partitions that refuse writes with acks=all when one more broker, or one more rack, is lost. Normal: 0.",
        Query(f"max by (loss) (kafka_partitions_at_risk{{{CLUSTER}}})", "one more {{loss}}"),
        unit="none",
    ),
    replace(
        graph(
            "Partitions in too few racks",
            "Partitions whose replicas lie in fewer racks than they could. Normal: 0.",
            Query(f"max(kafka_placement_violated_partitions{{{CLUSTER}}})", "partitions"),
            unit="none",
        ),
        steps=BAD,
    ),
)

DASHBOARD = Dashboard(
    uid="kafka-balance",
    title="Kafka balance and capacity",
    description="Is the work spread evenly, and how long does the room last.",
    variables=(CLUSTERS,),
    rows=(
        Row("Now", NOW),
        Row("Is it even", EVEN),
        Row("Racks and losses", PLACEMENT),
        Row("Reassignments", MOVES),
        Row("Disks", DISKS),
        Row("Network", NETWORK),
    ),
)
