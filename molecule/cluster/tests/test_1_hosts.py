"""What is on the hosts: units, hardening, the same programs everywhere."""

from __future__ import annotations

from tests.lab.live import Live, figure

PATHS = {"kafka.service": ["/var/lib/kafka/metadata", "/var/log/kafka"], "prometheus.service": ["/var/lib/prometheus"]}
# All others are named after their user; that of a cluster's exporter names the cluster too.
USERS = {"kafka_mtail.service": "mtail"}
# What is a package of Debian; all else is an artifact.
FROM_DEBIAN = {"kafka_mtail.service": "/usr/bin/mtail"}
# Its file system metrics would be those of its own view; the unit says so.
OWN_VIEW_IS_THE_HOSTS = "node_exporter.service"


def test_every_unit_is_active_and_enabled_and_never_restarted(live: Live) -> None:
    states = live.unit_states("ActiveState,SubState,UnitFileState,NRestarts")
    wanted = {"ActiveState": "active", "SubState": "running", "UnitFileState": "enabled", "NRestarts": "0"}
    assert len(states) == 3 * len(live.nodes) + 4
    assert {unit: state for unit, state in states.items() if state != wanted} == {}


def test_systemd_has_nothing_to_say_about_our_units(live: Live) -> None:
    commands = {name: f"systemd-analyze verify {' '.join(live.units(name))} 2>&1" for name in live.names}
    assert set(live.at_once(commands).values()) == {""}


def test_every_process_runs_as_its_own_user_without_privileges(live: Live) -> None:
    shown = "cat /proc/$pid/status; ps -o user:32= -p $pid"
    for (name, unit), text in _of_processes(live, shown).items():
        user = USERS.get(unit, unit.partition("-")[0].removesuffix(".service"))
        *status, owner = text.splitlines()
        values = dict(line.split(":\t", 1) for line in status if ":\t" in line)
        assert owner.strip() == user, (name, unit)
        assert values["NoNewPrivs"] == "1", (name, unit)
        assert {values[kind] for kind in ("CapEff", "CapPrm", "CapBnd")} == {"0" * 16}, (name, unit)
        assert values["Seccomp"] == "2", (name, unit)


def test_processes_see_the_system_read_only_but_for_their_own_directories(live: Live) -> None:
    mounts = _of_processes(live, "cat /proc/$pid/mountinfo")
    for (name, unit), text in mounts.items():
        if unit == OWN_VIEW_IS_THE_HOSTS:
            continue
        options = {fields[4]: fields[5].split(",") for fields in (line.split() for line in text.splitlines())}
        assert "ro" in options["/"], (name, unit)
        for path in PATHS.get(unit, []):
            assert "rw" in options[path], (name, unit, path)


def test_kafka_agent_and_exporter_are_the_same_files_on_all_hosts(live: Live) -> None:
    hashes = "cd /opt && find {} -type f ! -name '*.pyc' -print0 | sort -z | xargs -0 sha256sum"
    on_nodes = live.everywhere(hashes.format("kafka jmx_exporter kafka_python"), live.nodes)
    assert len(set(on_nodes.values())) == 1
    files = next(iter(on_nodes.values())).splitlines()
    assert sum("/libs/kafka-clients-" in line for line in files) == 1
    assert sum("jmx_prometheus_javaagent.jar" in line for line in files) == 1
    assert len(set(live.everywhere(hashes.format("node_exporter")).values())) == 1


def test_what_runs_is_what_was_installed(live: Live) -> None:
    """The running program, as only its own user may see it, and for Kafka what it was told to load."""
    shown = "runuser -u $(ps -o user:32= -p $pid) -- readlink /proc/$pid/exe; cat /etc/kafka/jvm.options 2>/dev/null"
    for (name, unit), text in _of_processes(live, shown).items():
        program = text.splitlines()[0]
        if unit == "kafka.service":
            assert program.endswith("/bin/java"), (name, program)
            for component in ("kafka", "jmx_exporter"):
                assert f"/opt/{component}/{component}-" in text, name
        else:
            assert program.startswith("/opt/") or program == FROM_DEBIAN.get(unit), (name, unit, program)
            assert not program.endswith("(deleted)"), (name, unit, program)


def test_the_nodes_fit_into_the_memory_of_a_small_machine(live: Live) -> None:
    """Resident memory of all processes of each container; shared pages are counted more than once."""
    used = {
        name: int(text) / 1024 for name, text in live.everywhere("ps -eo rss= | awk '{s+=$1} END {print s}'").items()
    }
    figure(
        f"memory: {sum(used.values()) / 1024:.2f} GB on {len(used)} hosts "
        + str({k: round(v) for k, v in used.items()})
    )
    assert sum(used.values()) <= 4.5 * 1024


def _of_processes(live: Live, shown: str) -> dict[tuple[str, str], str]:
    """What a command prints about the main process ($pid) of every unit."""
    loop = 'for unit in {}; do pid=$(systemctl show -P MainPID $unit); echo "=== $unit"; {}; done; true'
    outputs = live.at_once({name: loop.format(" ".join(live.units(name)), shown) for name in live.names})
    found = {}
    for name, output in outputs.items():
        for block in output.split("=== ")[1:]:
            unit, _colon, text = block.partition("\n")
            found[name, unit] = text.strip()
    return found
