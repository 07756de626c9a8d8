"""Monitoring itself: is everything asked, at what cost, and would an alert reach somebody."""

from __future__ import annotations

from dataclasses import replace

from tools.dashboards.panels import (
    BAD,
    BELOW,
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
    table,
)

# Prometheus and Alertmanager serve all clusters, so their own numbers carry no label `cluster`.
OURS = 'job="prometheus"'


def _target(metric: str) -> Query:
    """Ask for one series a target."""
    return Query(f"max by (job, instance) ({metric}{{{CLUSTER}}})", "{{job}} {{instance}}")


NOW = (
    number(
        "Targets down",
        "Targets of this cluster that do not answer. Normal: 0. What is not asked cannot alert.",
        f"count(up{{{CLUSTER}}}) - sum(up{{{CLUSTER}}})",
        steps=BAD,
    ),
    number(
        "Slowest scrape",
        "Of this cluster. Normal: below a second. Above the time-out (10 s) the target counts as down.",
        f"max(scrape_duration_seconds{{{CLUSTER}}})",
        "s",
        (("orange", 2.0), ("red", 8.0)),
    ),
    number(
        "Series of this cluster",
        "Series that its targets deliver at each scrape. Normal: steady. A jump: somebody put a user or an id into "
        "a label.",
        f"sum(scrape_samples_post_metric_relabeling{{{CLUSTER}}})",
        "short",
        PLAIN,
    ),
    number(
        "Failed rules, 1 h",
        "Evaluations of rules that failed. Normal: 0. Prometheus' page Rules (or its log) says which and why.",
        f"sum(increase(prometheus_rule_evaluation_failures_total{{{OURS}}}[1h]))",
        steps=BAD,
    ),
    number(
        "Configuration loaded",
        "1: the last reload of Prometheus worked. 0: it runs on with the old configuration; its log says what it "
        "did not like.",
        f"min(prometheus_config_last_reload_successful{{{OURS}}})",
        steps=(("red", BELOW), ("green", 1.0)),
    ),
    number(
        "Alertmanagers found",
        "Alertmanagers that Prometheus sends to. Normal: 1 or 2. At 0 nobody hears an alert.",
        f"min(prometheus_notifications_alertmanagers_discovered{{{OURS}}})",
        steps=(("red", BELOW), ("green", 1.0)),
    ),
    replace(
        table(
            "Targets",
            "Every target of this cluster, the slowest first. A target that is down shows 0 series.",
            (("job", "Job"), ("instance", "Instance")),
            Query(f"max by (job, instance) (scrape_duration_seconds{{{CLUSTER}}})", "Scrape", "s"),
            Query(f"min by (job, instance) (up{{{CLUSTER}}})", "Up", "none", (("red", BELOW), ("green", 1.0))),
            Query(f"max by (job, instance) (scrape_samples_scraped{{{CLUSTER}}})", "Series", "short"),
        ),
        height=10,
    ),
)

SCRAPES = (
    graph(
        "Duration of scrapes",
        "Normal: below a second. The JMX exporter needs longer with many topics; from some thousand partitions a "
        "broker on use the profile large.",
        _target("scrape_duration_seconds"),
        unit="s",
    ),
    graph(
        "Series of targets",
        "Normal: steady, up with topics and partitions.",
        _target("scrape_samples_scraped"),
    ),
    graph(
        "JMX: time and errors",
        "How long the agent worked inside Kafka, and whether it failed (1). Normal: below 0.2 s, no error.",
        Query(f"max by (instance) (jmx_scrape_duration_seconds{{{CLUSTER}}})", "{{instance}} seconds"),
        Query(f"max by (instance) (jmx_scrape_error{{{CLUSTER}}})", "{{instance}} error"),
        unit="s",
    ),
    graph(
        "JMX: rules loaded",
        "How often each agent has read its rules again, and how often it refused them, since its start. After a "
        "change the first rises on all nodes; the second is normally 0.",
        _target("jmx_config_reload_success_total"),
        Query(f"max by (instance) (jmx_config_reload_failure_total{{{CLUSTER}}})", "{{instance}} refused"),
        unit="none",
    ),
    graph(
        "CPU of exporters",
        "Cores. Normal: a few hundredths.",
        Query(
            f'sum by (job, instance) (rate(process_cpu_seconds_total{{job!="kafka", {CLUSTER}}}[{RATE}]))',
            "{{job}} {{instance}}",
        ),
        unit="none",
    ),
    graph(
        "Memory of exporters",
        "Normal: steady, below 256 MiB.",
        Query(
            f'sum by (job, instance) (process_resident_memory_bytes{{job!="kafka", {CLUSTER}}})', "{{job}} {{instance}}"
        ),
        unit="bytes",
    ),
    graph(
        "Age of text files",
        "How old the files are that node_exporter hands on. Those that a probe writes: minutes; those that the "
        "playbook writes: as old as its last change.",
        Query(f"time() - max by (instance, file) (node_textfile_mtime_seconds{{{CLUSTER}}})", "{{instance}} {{file}}"),
        unit="s",
    ),
    graph(
        "Age of the last probe",
        "How long ago the probes wrote their numbers (restart pending, placement, skew). Normal: below five "
        "minutes; older numbers are not to be trusted.",
        Query(
            f"time() - max by (instance, probe) (kafka_probe_last_success_timestamp_seconds{{{CLUSTER}}})",
            "{{instance}} {{probe}}",
        ),
        unit="s",
    ),
)

PROMETHEUS = (
    graph(
        "Time to evaluate rules",
        "One evaluation of all rules, and of the slowest group. Normal: far below the interval (15 s).",
        Query(f"sum by (instance) (prometheus_rule_group_last_duration_seconds{{{OURS}}})", "{{instance}} all groups"),
        Query(
            f"max by (instance) (prometheus_rule_group_last_duration_seconds{{{OURS}}})", "{{instance}} slowest group"
        ),
        unit="s",
    ),
    graph(
        "Memory of Prometheus",
        "Normal: some KB for each series in memory.",
        Query(f"max by (instance) (process_resident_memory_bytes{{{OURS}}})", "{{instance}}"),
        unit="bytes",
    ),
    graph(
        "Series in memory",
        "Normal: steady. It falls every two hours when a block is written.",
        Query(f"max by (instance) (prometheus_tsdb_head_series{{{OURS}}})", "{{instance}}"),
    ),
    graph(
        "Samples taken",
        "In a second. Disk needed: this, times the retention in seconds, times one or two bytes.",
        Query(
            f"max by (instance) (rate(prometheus_tsdb_head_samples_appended_total{{{OURS}}}[{RATE}]))", "{{instance}}"
        ),
        unit="cps",
    ),
    graph(
        "Disk taken",
        "Blocks, and what is not yet in a block. Normal: up to prometheus_retention_size.",
        Query(f"max by (instance) (prometheus_tsdb_storage_blocks_bytes{{{OURS}}})", "{{instance}} blocks"),
        Query(f"max by (instance) (prometheus_tsdb_wal_storage_size_bytes{{{OURS}}})", "{{instance}} log"),
        Query(f"max by (instance) (prometheus_tsdb_head_chunks_storage_size_bytes{{{OURS}}})", "{{instance}} head"),
        unit="bytes",
    ),
    graph(
        "Time of queries",
        "99th percentile of the work on a query. Normal: below 0.1 s.",
        Query(
            f'max by (instance) (prometheus_engine_query_duration_seconds{{{OURS}, quantile="0.99", '
            f'slice="inner_eval"}})',
            "{{instance}}",
        ),
        unit="s",
    ),
)

ALERTS = (
    graph(
        "Notifications to Alertmanager",
        "Sent in a minute, and those that failed. Normal: none fails; the Watchdog alone makes one a minute.",
        Query(
            f"sum by (instance) (rate(prometheus_notifications_sent_total{{{OURS}}}[{RATE}])) * 60", "{{instance}} sent"
        ),
        Query(
            f"sum by (instance) (rate(prometheus_notifications_errors_total{{{OURS}}}[{RATE}])) * 60",
            "{{instance}} failed",
        ),
        unit="cpm",
    ),
    replace(
        graph(
            "Alertmanager to people",
            "Notifications to receivers, and those of them that failed. Normal: none fails. Otherwise nobody hears "
            "the alerts: look at Alertmanager's log.",
            Query(f"sum(rate(alertmanager_notifications_failed_total[{RATE}])) * 60", "failed"),
            Query(f"sum(rate(alertmanager_notifications_total[{RATE}])) * 60", "tried"),
            unit="cpm",
        ),
        steps=WARN,
    ),
)

OWN_ALERTS = (
    replace(
        table(
            "Alerts of the monitoring itself",
            "Alerts that belong to no cluster and are true now. Normal: the Watchdog alone, which always fires: its "
            "receiver raises the alarm when it stops to come.",
            (("alertname", "Alert"), ("severity", "Severity"), ("instance", "Instance")),
            Query(
                'time() - max by (alertname, severity, instance) (ALERTS_FOR_STATE{cluster=""}) '
                'and max by (alertname, severity, instance) (ALERTS{cluster="", alertstate="firing"})',
                "Active for",
                "s",
            ),
        ),
        height=6,
    ),
)

DASHBOARD = Dashboard(
    uid="kafka-monitoring",
    title="Kafka monitoring itself",
    description="Is everything asked, at what cost, and would an alert reach somebody.",
    variables=(CLUSTERS,),
    rows=(
        Row("Now", NOW),
        Row("Targets and exporters", SCRAPES),
        Row("Prometheus", PROMETHEUS),
        Row("Alerts on their way", (*ALERTS, *OWN_ALERTS)),
    ),
)
