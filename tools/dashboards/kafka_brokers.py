"""Brokers: traffic, where requests spend their time, who is saturated, replication, disks, JVM."""

from __future__ import annotations

from dataclasses import replace

from tools.dashboards.broker_requests import BROKER, CONNECTIONS, REQUESTS, SATURATION, each
from tools.dashboards.panels import (
    BROKERS,
    CLUSTER,
    CLUSTERS,
    RATE,
    WARN,
    Dashboard,
    Query,
    Row,
    graph,
    table,
)

ALL_TOPICS = f'{BROKER}, topic=""'
BTM, RM = "kafka_server_brokertopicmetrics", "kafka_server_replicamanager"
STATES = {
    "0": ("not running", "red"),
    "1": ("starting", "blue"),
    "2": ("recovering logs", "orange"),
    "3": ("running", "green"),
    "6": ("pending shutdown", "orange"),
    "7": ("shutting down", "red"),
}


def _bytes(name: str, legend: str = "{{instance}}") -> Query:
    """Ask for the rate of bytes of each broker."""
    return Query(f"sum by (instance) (rate({BTM}_{name}_total{{{ALL_TOPICS}}}[{RATE}]))", legend)


def _churn(name: str, legend: str) -> Query:
    """Ask how often in a minute something of replication happens on each broker."""
    return Query(f"sum by (instance) (rate({RM}_{name}_total{{{BROKER}}}[{RATE}])) * 60", legend)


STATE = (
    replace(
        graph("State", "Normal: running. Recovering logs takes minutes after a crash: let it finish.", unit="none"),
        kind="state-timeline",
        queries=(each(f"kafka_server_kafkaserver_brokerstate{{{BROKER}}}"),),
        states=STATES,
        height=7,
    ),
    replace(
        table(
            "Versions and pending restarts",
            "All nodes of the cluster. Normal: one version, and no restart pending (0). Pending: the files differ "
            "from what the process has loaded; playbooks/plan.yml says how, playbooks/change.yml restarts node by "
            "node.",
            (("instance", "Node"), ("role", "Role"), ("version", "Version")),
            Query(
                f"max by (instance, role, version) (kafka_node_info{{{CLUSTER}}} * on (instance) group_left () "
                f"kafka_restart_pending{{{CLUSTER}}})",
                "Restart pending",
                "none",
                WARN,
            ),
        ),
        width=12,
        height=7,
    ),
)

TRAFFIC = (
    graph("Written by clients", "What producers write to each broker. Normal: even.", _bytes("bytesin"), unit="Bps"),
    graph("Read by clients", "What consumers read from each broker. Normal: even.", _bytes("bytesout"), unit="Bps"),
    graph(
        "Copied between brokers",
        "What each broker fetches from leaders elsewhere. Normal: bytes written times (replication factor - 1), "
        "spread evenly. A peak: a broker catches up.",
        _bytes("replicationbytesin"),
        unit="Bps",
    ),
    graph(
        "Moved by reassignments",
        "What each broker receives because partitions are moved to it. Normal: 0 unless you move some. It competes "
        "with clients: set a throttle.",
        _bytes("reassignmentbytesin"),
        unit="Bps",
    ),
)

REPLICATION = (
    graph(
        "Replicas out of sync",
        "Partitions led by each broker with a follower that is not in sync, and those at or under "
        "min.insync.replicas. Normal: 0.",
        Query(f"sum by (instance) ({RM}_underreplicatedpartitions{{{BROKER}}})", "{{instance}} under-replicated"),
        Query(f"sum by (instance) ({RM}_atminisrpartitioncount{{{BROKER}}})", "{{instance}} at min ISR"),
        Query(f"sum by (instance) ({RM}_underminisrpartitioncount{{{BROKER}}})", "{{instance}} under min ISR"),
        unit="none",
    ),
    graph(
        "ISR changes in a minute",
        "Replicas that fall out of sync and come back. Normal: 0, except around restarts. Steady: a slow disk, long "
        "GC pauses, or a full link.",
        _churn("isrshrinks", "{{instance}} fell out"),
        _churn("isrexpands", "{{instance}} came back"),
        _churn("failedisrupdates", "{{instance}} update failed"),
        unit="cpm",
    ),
    graph(
        "Messages that followers are behind",
        "The most that any follower on this broker is behind its leader. Normal: below a few thousand. Growing: "
        "this broker cannot keep up.",
        each(f"kafka_server_replicafetchermanager_maxlag{{{BROKER}}}"),
    ),
    graph(
        "Dead fetchers",
        "Threads that copy partitions and have died, and partitions given up. Normal: 0. They do not come back by "
        "themselves: restart the broker.",
        Query(
            f"sum by (instance) (kafka_server_replicafetchermanager_deadthreadcount{{{BROKER}}})",
            "{{instance}} threads",
        ),
        Query(
            f"sum by (instance) (kafka_server_replicafetchermanager_failedpartitionscount{{{BROKER}}})",
            "{{instance}} partitions",
        ),
        unit="none",
    ),
)

LOGS = (
    graph(
        "Time to flush a log",
        "99th percentile of fsync as Kafka sees it: the disk's latency. Normal: below 100 ms on SSD. Above 1 s "
        "writes stall.",
        each(f'kafka_log_logflushstats_logflushrateandtimems{{{BROKER}, quantile="0.99"}}'),
        unit="ms",
    ),
    graph(
        "Cleaner",
        "Dead cleaner threads, and partitions that cannot be compacted. Normal: 0. Otherwise compacted topics, "
        "__consumer_offsets among them, grow until the disk is full: the log of kafka.log.LogCleaner says why; "
        "restart the broker.",
        Query(f"max by (instance) (kafka_log_logcleaner_deadthreadcount{{{BROKER}}})", "{{instance}} dead threads"),
        Query(
            f"sum by (instance) (kafka_log_logcleanermanager_uncleanable_partitions_count{{{BROKER}}})",
            "{{instance}} uncleanable",
        ),
        unit="none",
    ),
)

JVM = (
    replace(
        graph(
            "Heap",
            "Used share of the heap. Normal: a saw tooth below 80 %. Above 90 % for long: raise kafka_heap, or find "
            "what fills it.",
            Query(
                f'max by (instance) (jvm_memory_used_bytes{{{BROKER}, area="heap"}} / '
                f'jvm_memory_max_bytes{{{BROKER}, area="heap"}})',
                "{{instance}}",
            ),
            unit="percentunit",
        ),
        maximum=1.0,
    ),
    graph(
        "Time in garbage collection",
        "Share of the time in which the JVM stood still or worked for the collector. Normal: below 2 %. Above 10 %: "
        "the heap is too small.",
        Query(
            f"sum by (instance) (rate(jvm_gc_collection_seconds_sum{{{BROKER}}}[{RATE}]))",
            "{{instance}}",
        ),
        unit="percentunit",
    ),
    graph(
        "CPU of the process",
        "Cores that Kafka uses. Normal: well below the cores of the host, see Hosts.",
        Query(f'sum by (instance) (rate(process_cpu_seconds_total{{job="kafka", {BROKER}}}[{RATE}]))', "{{instance}}"),
        unit="none",
    ),
    graph(
        "Open files",
        "Files and sockets of the process, as a share of what it may open. Normal: below 50 %. Each segment takes "
        "three, each connection one.",
        Query(
            f'max by (instance) (process_open_fds{{job="kafka", {BROKER}}} / process_max_fds{{job="kafka", {BROKER}}})',
            "{{instance}}",
        ),
        unit="percentunit",
    ),
)

DASHBOARD = Dashboard(
    uid="kafka-brokers",
    title="Kafka brokers",
    description="Traffic, where requests spend their time, who is saturated, replication, disks, JVM.",
    variables=(CLUSTERS, BROKERS),
    node_logs=True,
    rows=(
        Row("State", STATE),
        Row("Traffic", TRAFFIC),
        Row("Requests", REQUESTS),
        Row("Saturation", SATURATION),
        Row("Connections", CONNECTIONS),
        Row("Replication", REPLICATION),
        Row("Logs on disk", LOGS),
        Row("JVM and process", JVM),
    ),
)
