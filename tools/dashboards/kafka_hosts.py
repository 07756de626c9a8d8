"""Hosts: CPU, memory and page cache, disks, network, clock."""

from __future__ import annotations

from dataclasses import replace

from tools.dashboards.panels import (
    CLUSTER,
    CLUSTERS,
    HOSTS,
    RATE,
    Dashboard,
    Panel,
    Query,
    Row,
    graph,
    high,
)

HOST = f'{CLUSTER}, instance=~"$host"'
DEVICES = f'{HOST}, device!~"lo|veth.*|docker.*|br-.*"'
DISKS = f'{HOST}, device!~"loop.*|ram.*|sr.*|zram.*"'
MEMORY = "node_memory"


def _share(panel: Panel) -> Panel:
    """Let the axis end at 100 %."""
    return replace(panel, maximum=1.0)


def _disk(expr: str) -> Query:
    """Ask for one series a disk."""
    return Query(f"max by (instance, device) ({expr})", "{{instance}} {{device}}")


def _host(expr: str, legend: str = "{{instance}}") -> Query:
    """Ask for one series a host."""
    return Query(f"sum by (instance) ({expr})", legend)


CPU = (
    _share(
        replace(
            graph(
                "CPU in use",
                "Share of all cores that is not idle. Normal: below 70 %. Above 80 % for long: more cores, fewer "
                "partitions, or find the client.",
                Query(
                    f'1 - avg by (instance) (rate(node_cpu_seconds_total{{{HOST}, mode="idle"}}[{RATE}]))',
                    "{{instance}}",
                ),
                unit="percentunit",
            ),
            steps=high(0.8, 0.95),
        )
    ),
    replace(
        graph(
            "CPU by mode",
            "All chosen hosts together, in cores. Much iowait: disks; much system: network or many small requests; "
            "steal: the hypervisor is full.",
            Query(f'sum by (mode) (rate(node_cpu_seconds_total{{{HOST}, mode!="idle"}}[{RATE}]))', "{{mode}}"),
            unit="none",
        ),
        stack=True,
    ),
    graph(
        "Load for each core",
        "Processes that run or wait, for each core. Normal: below 1.",
        Query(
            f"max by (instance) (node_load5{{{HOST}}}) / count by (instance) (node_cpu_seconds_total{{{HOST}, "
            f'mode="idle"}})',
            "{{instance}}",
        ),
        unit="none",
    ),
    graph(
        "Waiting for a resource",
        "Share of the time in which something on the host waits for disk, CPU or memory (pressure stall "
        "information). Normal: below 10 %. Disk above 40 %: it is the bottleneck.",
        _host(f"rate(node_pressure_io_waiting_seconds_total{{{HOST}}}[{RATE}])", "{{instance}} disk"),
        _host(f"rate(node_pressure_cpu_waiting_seconds_total{{{HOST}}}[{RATE}])", "{{instance}} CPU"),
        _host(f"rate(node_pressure_memory_waiting_seconds_total{{{HOST}}}[{RATE}])", "{{instance}} memory"),
        unit="percentunit",
    ),
)

RAM = (
    _share(
        graph(
            "Memory that programs can still have",
            "Page cache counts as available. Normal: above 20 %. Below 10 % the cache is gone and reads go to disk.",
            _host(f"{MEMORY}_MemAvailable_bytes{{{HOST}}} / {MEMORY}_MemTotal_bytes{{{HOST}}}"),
            unit="percentunit",
        )
    ),
    _share(
        graph(
            "Page cache",
            "Share of memory that holds file data: consumers that keep up are served from it. Normal: above 25 % on "
            "brokers. Keep the heap small instead.",
            _host(
                f"({MEMORY}_Cached_bytes{{{HOST}}} + {MEMORY}_Buffers_bytes{{{HOST}}}) / "
                f"{MEMORY}_MemTotal_bytes{{{HOST}}}"
            ),
            unit="percentunit",
        )
    ),
    graph(
        "Pages read from disk",
        "Major faults in a second. Normal: near 0, except after a start or when a consumer reads old data.",
        _host(f"rate(node_vmstat_pgmajfault{{{HOST}}}[{RATE}])"),
        unit="cps",
    ),
    graph(
        "Swap",
        "Pages swapped in and out in a second. Normal: 0. Anything else stops the JVM for long: less heap, or more "
        "memory.",
        _host(f"rate(node_vmstat_pswpin{{{HOST}}}[{RATE}])", "{{instance}} in"),
        _host(f"rate(node_vmstat_pswpout{{{HOST}}}[{RATE}])", "{{instance}} out"),
        unit="cps",
    ),
)

DISK = (
    _share(
        replace(
            graph(
                "Time that disks are busy",
                "Normal: below 60 %. Above 90 % writes wait. An NVMe disk may be busy all the time and still fast: "
                "look at the latency.",
                _disk(f"rate(node_disk_io_time_seconds_total{{{DISKS}}}[{RATE}])"),
                unit="percentunit",
            ),
            steps=high(0.9, 0.98),
        )
    ),
    graph(
        "Latency of writes",
        "Average time of a write. Normal: below 10 ms on SSD. Above 50 ms producers with acks=all feel it.",
        _disk(
            f"rate(node_disk_write_time_seconds_total{{{DISKS}}}[{RATE}]) / "
            f"(rate(node_disk_writes_completed_total{{{DISKS}}}[{RATE}]) > 0)"
        ),
        unit="s",
    ),
    graph(
        "Bytes written to disks",
        "Normal: what clients write and followers copy, in bursts as the kernel flushes.",
        _disk(f"rate(node_disk_written_bytes_total{{{DISKS}}}[{RATE}])"),
        unit="Bps",
    ),
    graph(
        "Bytes read from disks",
        "Normal: near 0 while consumers keep up. Reads mean that the page cache misses: an old backlog is read, or "
        "memory is short.",
        _disk(f"rate(node_disk_read_bytes_total{{{DISKS}}}[{RATE}])"),
        unit="Bps",
    ),
    graph(
        "Operations",
        "Reads and writes in a second. Compare with what the disk (or the cloud's limit) can do.",
        _disk(
            f"rate(node_disk_reads_completed_total{{{DISKS}}}[{RATE}]) + "
            f"rate(node_disk_writes_completed_total{{{DISKS}}}[{RATE}])"
        ),
        unit="iops",
    ),
    _share(
        replace(
            graph(
                "Free share of data disks",
                "File systems that hold data of Kafka. Normal: above 20 %.",
                Query(
                    f"min by (instance, mountpoint) (node_filesystem_avail_bytes{{{HOST}}} / "
                    f"node_filesystem_size_bytes{{{HOST}}} "
                    f"and on (instance, mountpoint) kafka_log_dir_info{{{HOST}}})",
                    "{{instance}} {{mountpoint}}",
                ),
                unit="percentunit",
            ),
            details="kafka-balance",
        )
    ),
)

NETWORK = (
    replace(
        graph(
            "Network use",
            "Received or sent, whichever is more, of what the link can carry. Normal: below 50 %, so that there is "
            "room to catch up in.",
            Query(
                f"max by (instance, device) (kafka:host:network_utilisation:ratio5m{{{HOST}}})",
                "{{instance}} {{device}}",
            ),
            unit="percentunit",
        ),
        steps=high(0.5, 0.8),
    ),
    graph(
        "Received and sent",
        "All real devices of a host together.",
        _host(f"rate(node_network_receive_bytes_total{{{DEVICES}}}[{RATE}])", "{{instance}} received"),
        _host(f"rate(node_network_transmit_bytes_total{{{DEVICES}}}[{RATE}])", "{{instance}} sent"),
        unit="Bps",
    ),
    graph(
        "Errors and drops",
        "Packets in a second that were broken or thrown away. Normal: 0. Errors: cable, port or duplex; drops: too "
        "much traffic for the host.",
        _host(
            f"rate(node_network_receive_errs_total{{{DEVICES}}}[{RATE}]) + "
            f"rate(node_network_transmit_errs_total{{{DEVICES}}}[{RATE}])",
            "{{instance}} errors",
        ),
        _host(
            f"rate(node_network_receive_drop_total{{{DEVICES}}}[{RATE}]) + "
            f"rate(node_network_transmit_drop_total{{{DEVICES}}}[{RATE}])",
            "{{instance}} drops",
        ),
        unit="cps",
    ),
    graph(
        "TCP retransmissions",
        "Segments sent again, as a share of all. Normal: below 0.1 %. Above 1 %: packets are lost on the way.",
        _host(
            f"rate(node_netstat_Tcp_RetransSegs{{{HOST}}}[{RATE}]) / "
            f"(rate(node_netstat_Tcp_OutSegs{{{HOST}}}[{RATE}]) > 0)"
        ),
        unit="percentunit",
    ),
)

REST = (
    replace(
        graph(
            "Clock",
            "How far the kernel believes its clock is off. Normal: below 50 ms. Kafka stamps messages and quorum "
            "times with it: repair NTP.",
            Query(f"max by (instance) (node_timex_offset_seconds{{{HOST}}})", "{{instance}}"),
            unit="s",
        ),
        minimum=None,
    ),
    _share(
        graph(
            "Open files of the host",
            "Share of fs.file-max. Normal: below 50 %.",
            _host(f"node_filefd_allocated{{{HOST}}} / node_filefd_maximum{{{HOST}}}"),
            unit="percentunit",
        )
    ),
)

DASHBOARD = Dashboard(
    uid="kafka-hosts",
    title="Kafka hosts",
    description="CPU, memory and page cache, disks, network, clock.",
    variables=(CLUSTERS, HOSTS),
    rows=(
        Row("CPU", CPU),
        Row("Memory", RAM),
        Row("Disks", DISK),
        Row("Network", NETWORK),
        Row("Clock and files", REST),
    ),
)
