"""Brokers, the part about requests: how many, where they spend their time, who is saturated, who is connected."""

from __future__ import annotations

from dataclasses import replace

from tools.dashboards.panels import CLUSTER, RATE, Panel, Query, graph, low

BROKER = f'{CLUSTER}, role=~"broker|combined", instance=~"$broker"'
NET = "kafka_network_requestmetrics"
PHASES = (
    ("requestqueue", "wait for a thread"),
    ("local", "work on the broker"),
    ("remote", "wait for others"),
    ("throttle", "held back by a quota"),
    ("responsequeue", "wait for the network"),
    ("responsesend", "send"),
)


def each(expr: str, by: str = "instance", function: str = "max") -> Query:
    """Ask for one series a broker."""
    names = " · ".join(f"{{{{{label}}}}}" for label in by.split(", "))
    return Query(f"{function} by ({by}) ({expr})", names)


def _phases(request: str, advice: str) -> Panel:
    """Stack the phases of a request; each is the 99th percentile of the slowest broker, so the sum is a little high."""
    queries = [Query(f'max({NET}_{phase}timems{{{BROKER}, request="{request}"}})', words) for phase, words in PHASES]
    return replace(graph(f"{request}: where the time goes", advice, *queries, unit="ms"), stack=True)


def _latency(request: str, advice: str) -> Panel:
    """Draw half, most and nearly all of the requests of a kind."""
    query = Query(
        f'max by (quantile) ({NET}_totaltimems{{{BROKER}, request="{request}"}})',
        "{{quantile}}",
    )
    return graph(f"{request}: total time by quantile", advice, query, unit="ms")


REQUESTS = (
    graph(
        "Requests",
        "Requests in a second, by kind. Many small ones cost more than few large ones: look at linger.ms and "
        "fetch.min.bytes of the clients.",
        Query(f"sum by (request) (rate({NET}_requests_total{{{BROKER}}}[{RATE}]))", "{{request}}"),
        unit="reqps",
    ),
    graph(
        "Errors by code",
        "Answers with an error. Normal: none, or a few NOT_LEADER_OR_FOLLOWER when leaders move. "
        "NOT_ENOUGH_REPLICAS: see min ISR on the overview.",
        Query(
            f'sum by (request, error) (rate({NET}_errors_total{{{BROKER}, error!="NONE"}}[{RATE}]))',
            "{{request}} · {{error}}",
        ),
        unit="reqps",
    ),
    _latency(
        "Produce",
        "Slowest broker. Normal: tens of milliseconds at acks=all. Growing: see where the time goes beside it.",
    ),
    _phases(
        "Produce",
        "99th percentile of the slowest broker. Work on the broker grows: its disk. Wait for others: followers are "
        "slow (network, their disks). Wait for a thread: the broker is saturated.",
    ),
    _phases(
        "FetchConsumer",
        "99th percentile of the slowest broker. Waiting for others is mostly the long poll of idle consumers "
        "(fetch.max.wait.ms, 500 ms): normal. Work on the broker grows: reads miss the page cache.",
    ),
    _phases(
        "FetchFollower",
        "99th percentile of the slowest broker. Waiting for others is the long poll of followers without news: normal.",
    ),
)

SATURATION = (
    replace(
        graph(
            "Idle share of request threads",
            "Normal: above 30 %. Below 10 % requests queue up: spread leaders, find the heavy client, or raise "
            "num.io.threads.",
            each(f"kafka:broker:request_handler_idle:ratio5m{{{BROKER}}}", function="min"),
            unit="percentunit",
        ),
        maximum=1.0,
        steps=low(0.1, 0.3),
    ),
    replace(
        graph(
            "Idle share of network threads",
            "Normal: above 30 %. Below: too many connections or TLS for num.network.threads.",
            each(f"kafka_network_socketserver_networkprocessoravgidle_percent{{{BROKER}}}", function="min"),
            unit="percentunit",
        ),
        maximum=1.0,
        steps=low(0.1, 0.3),
    ),
    graph(
        "Requests in the queue",
        "Requests that wait for a thread. Normal: near 0; at 500 (queued.max.requests) the broker stops to read "
        "from the network.",
        each(f"kafka_network_requestchannel_requestqueuesize{{{BROKER}}}"),
        unit="none",
    ),
    graph(
        "Partitions that requests wait for",
        "Produce requests wait for followers, fetches for data; each counts once for every partition that it names, "
        "and for a while after it was answered. Normal: steady. Produce rising: followers do not keep up.",
        each(f"kafka_server_delayedoperationpurgatory_purgatorysize{{{BROKER}}}", "instance, delayedOperation", "sum"),
        unit="none",
    ),
)

CONNECTIONS = (
    graph(
        "Connections",
        "Open connections by listener. Normal: steady. A steady climb: a client that does not close them.",
        each(f"kafka_server_socketservermetrics_connection_count{{{BROKER}}}", "instance, listener", "sum"),
        unit="none",
    ),
    graph(
        "New connections",
        "Connections opened in a second. Normal: few. Hundreds: a client that connects for each message.",
        each(f"kafka_server_socketservermetrics_connection_creation_rate{{{BROKER}}}", "instance, listener", "sum"),
        unit="cps",
    ),
    graph(
        "Failed logins in a minute",
        "Connections refused for a wrong password or certificate. Normal: 0. The broker's log names the address.",
        Query(
            f"sum by (instance, listener) "
            f"(rate(kafka_server_socketservermetrics_failed_authentication_total{{{BROKER}}}[{RATE}])) * 60",
            "{{instance}} · {{listener}}",
        ),
        unit="cpm",
    ),
    graph(
        "Connections closed as expired",
        "Sessions that were not renewed in time (connections.max.reauth.ms), since the broker started. Normal: 0.",
        each(f"kafka_network_socketserver_expiredconnectionskilledcount{{{BROKER}}}"),
        unit="none",
    ),
)
