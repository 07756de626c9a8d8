"""Kafka's logs in the search server: each event once, through outage, kill and rotation; with its fields and its time."""

from __future__ import annotations

import base64
import shlex
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._log_config import FILES
from tests.lab.live import Live, figure, wait_for
from tests.lab.search import METRICS, STORM, Search, certificate, cpu_seconds, events, extra, metrics, ship, tally

LOGS = "/var/log/kafka"
# Kafka writes nothing into this log here, so that a storm can have it for itself.
STORM_LOG = f"{LOGS}/kafka-authorizer.log"
DATASETS = {
    "server.log": "kafka.server",
    "controller.log": "kafka.controller",
    "state-change.log": "kafka.state_change",
    "kafka-request.log": "kafka.request",
    "log-cleaner.log": "kafka.cleaner",
    "kafka-authorizer.log": "kafka.authorizer",
}
STORMY = KILLED = SECURED = REMOVED = "broker-1"
# With what is special in a shell, in JSON and in rsyslog.
WORDS = 'ri"ght-$w\\ords'
RATE, SIZE, KEEP = 1500, 300_000, 60


@pytest.fixture
def storm_log(live: Live) -> Iterator[str]:
    """Kafka's own file stands aside, and comes back as the same file: Kafka has it open."""
    live.run(STORMY, f"mv {STORM_LOG} {STORM_LOG}.kafka")
    yield STORM_LOG
    live.run(STORMY, f"sh -c 'rm -f {STORM_LOG} {STORM_LOG}.[0-9]*; mv {STORM_LOG}.kafka {STORM_LOG}'")


def begin_storm(live: Live, what: str, count: int) -> str:
    """Start a storm that goes on by itself; return the mark of its events, which no earlier one had."""
    mark = f"{what}-{time.time():.0f}"
    code = base64.b64encode(STORM.encode()).decode()
    live.run(STORMY, f"sh -c 'echo {code} | base64 -d > /run/storm.py'")
    arguments = f"{STORM_LOG} {mark} {count} {RATE} {SIZE} {KEEP}"
    unit = (
        "systemd-run --quiet --unit=storm --property=User=kafka --collect --property=StandardOutput=file:/run/storm.out"
    )
    live.run(STORMY, f"{unit} python3 /run/storm.py {arguments}")
    return mark


def end_storm(live: Live) -> float:
    """Wait until it is over; return how long it took."""
    wait_for("the end of the storm", 180, lambda: live.hosts[STORMY].run("systemctl is-active storm").rc != 0)
    return float(live.run(STORMY, "cat /run/storm.out").split()[-1])


def lost_and_doubled(search: Search, mark: str, count: int) -> tuple[int, int]:
    """Return how many events of a storm are missing, and how many are there more than once."""
    found = Counter(
        int(one["message"].split()[1])
        for one in search.documents(host__name=STORMY, event__dataset="kafka.authorizer")
        if one["message"].startswith(f"{mark} ")
    )
    return count - len(found), sum(found.values()) - len(found)


def test_every_event_of_every_node_is_one_document(live: Live, search: Search) -> None:
    """What Kafka itself has written, on all nodes, in all its files."""
    until = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
    search.caught_up(live.nodes)
    seen = 0
    for file, dataset in DATASETS.items():
        texts = live.everywhere(f"sh -c 'cat {LOGS}/{file}* 2>/dev/null; true'", live.nodes)
        for name, text in texts.items():
            written = Counter(one for one in events(text) if one.time < until)
            stored = tally(search.documents(host__name=name, event__dataset=dataset))
            assert {one: (count, stored[one]) for one, count in written.items() if stored[one] != count} == {}, (
                name,
                file,
            )
            seen += sum(written.values())
    assert seen > 100 * len(live.nodes)
    assert set(DATASETS) == set(FILES.values())
    figure(f"{seen} events of {len(live.nodes)} nodes, each one document")


def test_fields(live: Live, search: Search) -> None:
    """A line in another zone than the server's, on every node; the field of time is that moment."""
    line = "[2026-03-04T05:06:07,089+02:00] WARN a line of the test at {} (kafka.test.Fields)"
    for name in live.nodes:
        live.run(
            name,
            f"runuser -u kafka -- sh -c {shlex.quote(f'echo {shlex.quote(line.format(name))} >> {LOGS}/state-change.log')}",
        )
    began = time.monotonic()
    wait_for("the lines", 60, lambda: search.count(log__logger="kafka.test.Fields") == len(live.nodes))
    figure(
        f"from line to document: at most {time.monotonic() - began:.1f} s, of which the read time-out of the last line is 2 s"
    )
    for name, node in live.nodes.items():
        (found,) = search.documents(log__logger="kafka.test.Fields", host__name=name)
        offset = found.pop("log.offset")
        assert found.pop("service.version") and found.pop("ecs.version") and isinstance(offset, int)
        assert found == {
            "@timestamp": "2026-03-04T05:06:07.089+02:00",
            "message": f"a line of the test at {name}",
            "log.level": "WARN",
            "log.logger": "kafka.test.Fields",
            "log.file.path": f"{LOGS}/state-change.log",
            "event.dataset": "kafka.state_change",
            "data_stream.type": "logs",
            "data_stream.dataset": "kafka.state_change",
            "data_stream.namespace": live.cluster,
            "host.name": name,
            "kafka.cluster": live.cluster,
            "kafka.node_id": node.node_id,
            "kafka.rack": node.rack,
            "kafka.role": node.role,
            "service.name": "kafka",
            "service.type": "kafka",
        }
    hit = search.ask(
        "/logs-kafka.*/_search",
        {"query": {"term": {"log.logger": "kafka.test.Fields"}}, "docvalue_fields": ["@timestamp"], "size": 1},
    )["hits"]["hits"][0]
    assert hit["fields"]["@timestamp"] == ["2026-03-04T03:06:07.089Z"]
    streams = {one["name"] for one in search.ask("/_data_stream")["data_streams"]}
    assert f"logs-kafka.state_change-{live.cluster}" in streams


def test_stack_trace_and_unknown_lines(live: Live, search: Search) -> None:
    trace = "java.lang.IllegalStateException: told\n\tat kafka.A.b(A.scala:1)\n\nCaused by: java.io.IOException: deep (down)\n\t... 7 more"
    head = "[2026-03-04T05:06:08,000Z] ERROR it failed (kafka.test.Trace)"
    several = "[2026-03-04T05:06:09,000Z] INFO first\nsecond (or so)\nlast (kafka.test.Several)"
    unknown = "this is not the pattern (kafka.test.Unknown)"
    before = metrics(live, STORMY)["unparsed_total"]
    for text in (f"{head}\n{trace}", several):
        data = base64.b64encode(f"{text}\n".encode()).decode()
        live.run(STORMY, f"runuser -u kafka -- sh -c 'echo {data} | base64 -d >> {LOGS}/state-change.log'")
    wait_for("the trace", 60, lambda: search.count(log__logger="kafka.test.Trace") == 1)
    wait_for("the message of three lines", 60, lambda: search.count(log__logger="kafka.test.Several") == 1)
    # Held back for two seconds with what came before it, so it stands alone.
    live.run(STORMY, f"runuser -u kafka -- sh -c \"echo '{unknown}' >> {LOGS}/state-change.log\"")
    wait_for("the unknown line", 60, lambda: search.count(tags="kafka_unparsed", host__name=STORMY) >= 1)
    (found,) = search.documents(log__logger="kafka.test.Trace")
    assert (found["message"], found["error.stack_trace"], found["log.level"]) == ("it failed", trace, "ERROR")
    (found,) = search.documents(log__logger="kafka.test.Several")
    assert found["message"] == "first\nsecond (or so)\nlast"
    (found,) = [one for one in search.documents(tags="kafka_unparsed", host__name=STORMY) if one["message"] == unknown]
    assert "log.level" not in found and found["event.dataset"] == "kafka.state_change"
    wait_for("its counter", 60, lambda: metrics(live, STORMY)["unparsed_total"] == before + 1)


def test_outage_under_a_storm_with_rotation(live: Live, search: Search, storm_log: str) -> None:
    """Kafka at DEBUG beside it; the server is away for a part of it."""
    count = 15_000
    entity = f"--entity-type broker-loggers --entity-name {live.nodes[STORMY].node_id}"
    before = cpu_seconds(live, STORMY)
    read = metrics(live, STORMY)["read_total"]
    live.run(STORMY, f"kafka-configs --alter {entity} --add-config root=DEBUG,kafka=DEBUG,org.apache.kafka=DEBUG")
    try:
        mark = begin_storm(live, "outage", count)
        time.sleep(2)
        search.stop()
        took = end_storm(live)
    finally:
        live.run(STORMY, f"kafka-configs --alter {entity} --add-config root=INFO,kafka=INFO,org.apache.kafka=INFO")
    try:
        # The storm was written at its own pace: nobody who writes logs waits for the search server.
        assert took < count / RATE * 1.5
        assert int(live.run(STORMY, f"sh -c 'ls {storm_log}.[0-9]* | wc -l'")) >= 3
        wait_for(
            "a backlog that shows",
            60,
            lambda: sum(metrics(live, STORMY)[key] for key in ("backlog_bytes", "queue_events")) > 0,
        )
    finally:
        began = time.monotonic()
        search.start()
    search.caught_up([STORMY])
    seconds = time.monotonic() - began
    lost, doubled = lost_and_doubled(search, mark, count)
    figure(f"outage under a storm of {count} events with rotation: {lost} lost, {doubled} doubled")
    assert (lost, doubled) == (0, 0)
    events_read = metrics(live, STORMY)["read_total"] - read
    used = cpu_seconds(live, STORMY) - before
    figure(f"{events_read:.0f} events shipped, caught up {seconds:.0f} s after the server was started")
    figure(f"CPU of the shipper: {used / events_read * 1000:.3f} s for 1,000 events")
    traces = [
        one
        for one in search.documents(host__name=STORMY, event__dataset="kafka.authorizer")
        if f"{mark} 107 " in one["message"]
    ]
    assert "Caused by: java.io.IOException: x (y)" in traces[0]["error.stack_trace"]


def test_killed_in_a_storm_with_rotation(live: Live, search: Search, storm_log: str) -> None:
    """SIGKILL twice, a stop and a start, while a storm goes on; once while the server is away."""
    count = 15_000
    mark = begin_storm(live, "killed", count)
    time.sleep(3)
    live.run(KILLED, "systemctl kill --signal=KILL log_shipper")
    time.sleep(1)
    live.run(KILLED, "systemctl restart log_shipper")
    search.stop()
    time.sleep(2)
    live.run(KILLED, "systemctl kill --signal=KILL log_shipper")
    live.run(
        KILLED, "sh -c 'systemctl stop log_shipper; systemctl reset-failed log_shipper; systemctl start log_shipper'"
    )
    end_storm(live)
    search.start()
    search.caught_up([KILLED])
    lost, doubled = lost_and_doubled(search, mark, count)
    figure(
        f"two kills, a stop and an outage under a storm of {count} events with rotation: {lost} lost, {doubled} doubled, "
        f"{metrics(live, KILLED)['duplicates_total']:.0f} sent again and refused"
    )
    assert (lost, doubled) == (0, 0)


def test_documents_a_second(live: Live, search: Search, storm_log: str) -> None:
    count = 20_000
    live.run(STORMY, "systemctl stop log_shipper")
    mark = begin_storm(live, "speed", count)
    end_storm(live)
    began = time.monotonic()
    live.run(STORMY, "systemctl start log_shipper")
    wait_for("all", 180, lambda: metrics(live, STORMY)["sent_total"] >= count)
    figure(f"{count / (time.monotonic() - began):.0f} documents a second from one node, its start included")
    search.caught_up([STORMY])
    assert lost_and_doubled(search, mark, count) == (0, 0)


def test_a_second_run_changes_nothing(live: Live) -> None:
    before = live.everywhere("systemctl show --property=MainPID,NRestarts log_shipper kafka", live.nodes)
    play = ship()
    assert play.code == 0, play.output
    assert play.total("changed") == 0, play.output
    assert live.everywhere("systemctl show --property=MainPID,NRestarts log_shipper kafka", live.nodes) == before


def test_the_hosts_own_syslog_is_untouched(live: Live) -> None:
    states = live.everywhere("sh -c 'systemctl is-active rsyslog; ls /var/log/syslog 2>&1; true'", live.nodes)
    assert all("inactive" in text and "No such file" in text for text in states.values()), states


def test_password_and_tls(live: Live, search: Search) -> None:
    began = time.time()
    # The proxy knows other words than the first run gives.
    data = base64.b64encode(f"shipper:{{PLAIN}}{WORDS}\n".encode()).decode()
    search.run(f"sh -c 'echo {data} | base64 -d > /etc/nginx/search.users'")
    variables = {
        "log_shipper_urls": ["https://search-1:9443"],
        "log_shipper_user": "shipper",
        "log_shipper_password": "wrong-words",
        "log_shipper_ca": certificate(search),
    }
    limit = ("--limit", SECURED)
    play = ship(*extra(**variables), *limit)
    assert play.code != 0
    assert "https://search-1:9443 refuses the password of shipper (status 401)." in play.output
    assert "wrong-words" not in play.output
    play = ship(*extra(**{**variables, "log_shipper_password": WORDS}), *limit, "--diff")
    assert play.code == 0, play.output
    assert "ght-$w" not in play.output
    line = "[2026-03-04T05:06:10,000Z] INFO over TLS (kafka.test.Secured)"
    live.run(SECURED, f"runuser -u kafka -- sh -c \"echo '{line}' >> {LOGS}/state-change.log\"")
    wait_for("the line", 90, lambda: search.count(log__logger="kafka.test.Secured") == 1)
    processes = live.run(SECURED, "ps axww -o args").splitlines()
    assert [one for one in processes if "ght" in one and "ords" in one] == []
    # sudo logs this command too.
    assert live.run(SECURED, f"journalctl --quiet --since=@{began:.0f} | grep -c 'gh[t]-' || true").strip() == "0"
    modes = live.run(SECURED, "stat -c '%a %U %G' /etc/log_shipper/rsyslog.conf /etc/log_shipper/shipper.json")
    assert modes.splitlines() == ["640 root log_shipper"] * 2
    play = ship(*extra(**{**variables, "log_shipper_password": WORDS, "log_shipper_ca": ""}), *limit)
    assert play.code != 0 and "The certificate of https://search-1:9443 is not trusted" in play.output
    assert ship(*limit).code == 0


def test_no_server_answers(live: Live) -> None:
    unit = live.run(SECURED, "systemctl show --property=MainPID,NRestarts log_shipper")
    variables = {"log_shipper_urls": ["http://search-1:9201"]}
    play = ship(*extra(**variables), "--limit", SECURED, "--check")
    assert play.code == 0, play.output
    assert "No search server answers: http://search-1:9201 (" in " ".join(play.output.split())
    play = ship(*extra(**variables, log_shipper_require=True), "--limit", SECURED, "--check")
    assert play.code != 0 and "log_shipper_require asks for one that does." in " ".join(play.output.split())
    assert live.run(SECURED, "systemctl show --property=MainPID,NRestarts log_shipper") == unit


def test_an_address_without_a_scheme() -> None:
    play = ship(*extra(log_shipper_urls=["search-1:9200"], kafka_heap="1x"))
    said = " ".join(play.output.split())
    assert play.code != 0 and "No host was contacted." in said
    # YAML doubles the quotes.
    wrong = "log_shipper_urls = ['search-1:9200']: not a list of addresses of search servers."
    assert wrong in said.replace("''", "'")
    assert "kafka_heap = 1x" in said


def test_switched_off_it_is_gone(live: Live) -> None:
    kafka = live.run(REMOVED, "systemctl show --property=MainPID kafka")
    play = ship(*extra(log_shipper_enabled=False), "--limit", REMOVED)
    assert play.code == 0, play.output
    places = f"/etc/log_shipper /opt/log_shipper /var/lib/log_shipper /etc/systemd/system/log_shipper.service {METRICS}"
    for look in (f"ls -d {places} 2>/dev/null", "id -un log_shipper 2>/dev/null", "pgrep -x rsyslogd"):
        assert live.run(REMOVED, f"sh -c '{look}; true'") == ""
    assert "LoadState=not-found" in live.run(REMOVED, "systemctl show --property=LoadState log_shipper")
    assert ship(*extra(log_shipper_enabled=False), "--limit", REMOVED).total("changed") == 0
    assert live.run(REMOVED, "systemctl show --property=MainPID kafka") == kafka
    back = ship("--limit", REMOVED)
    assert back.code == 0, back.output
