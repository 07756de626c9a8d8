"""What is left on is told; what is killed comes back; a host that left the inventory loses its targets; other JMX rules restart nothing.

The last run of this claim sets everything back, and nothing of the receivers' addresses is in its diff.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import yaml

from tests.lab.change import Processes
from tests.lab.live import ROOT, Live, figure, playbook, wait_for
from tests.lab.metrics import Prometheus, series
from tests.lab.receiver import Receiver
from tests.lab.rehearsal import Unrest, assert_green, firing, told

BOTH = ("site.yml", "--tags", "monitoring,exporters")


def test_a_level_that_was_left_on_is_told_until_it_is_set_back(
    live: Live, prometheus: Prometheus, unrest: Unrest
) -> None:
    """Two hours are six minutes here, most of which have passed."""
    left = {("KafkaLogLevelVerbose", unrest.broker.name)}
    wait_for(f"{left}", 400, lambda: left <= firing(prometheus))
    told(live, left)
    unrest.restore_level()
    wait_for("its end", 120, lambda: not firing(prometheus) & left)


def test_what_was_killed_comes_back(live: Live) -> None:
    before, targets = live.every_process(), Prometheus(live).number("count(up)")
    units = {name: [unit for unit in live.units(name) if unit != "kafka.service"] for name in live.names}
    started = time.monotonic()
    live.at_once({name: f"systemctl kill --signal=KILL {' '.join(own)}" for name, own in units.items()})

    def back() -> bool:
        now = live.unit_states("MainPID,ActiveState")
        return all(
            now[name, unit]["ActiveState"] == "active" and now[name, unit]["MainPID"] != before[name, unit]["MainPID"]
            for name, own in units.items()
            for unit in own
        )

    wait_for("all exporters, Prometheus and Alertmanager", 40, back)
    figure(f"exporters, Prometheus and Alertmanager killed: all back after {time.monotonic() - started:.0f} s")
    assert live.processes()[live.brokers[0].name, "kafka.service"] == before[live.brokers[0].name, "kafka.service"]
    wait_for("all targets", 60, lambda: _up(live) == targets)


def _up(live: Live) -> float:
    try:
        return Prometheus(live).number("count(up == 1)")
    except OSError:
        return -1


def test_a_host_that_left_loses_its_targets_and_other_jmx_rules_restart_nothing(
    live: Live, receiver: Receiver, tmp_path: Path
) -> None:
    """Prometheus and the agents see it by themselves; the profile large has no partition, small has them back."""
    gone, broker = live.brokers[2].name, live.brokers[0]
    inventory = yaml.safe_load((ROOT / "inventories/example/hosts.yml").read_text())
    del inventory["kafka"]["children"]["kafka_brokers"]["hosts"][gone]
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump(inventory))
    connection = next(one for one in os.environ["ANSIBLE_INVENTORY"].split(",") if one.endswith("connection.yml"))
    enough = ("-e", "kafka_replication_factor=2", "-e", "kafka_min_insync_replicas=1")
    before, kafka = live.processes(), Processes(live)
    reloaded, small = _reloads(broker.ip), _sizes(broker.ip)
    assert small > 0
    wait_for("its targets", 60, lambda: gone in _instances(live))
    less = ("-i", f"{tmp_path}/hosts.yml", "-i", connection, *enough, "-e", "jmx_exporter_profile=large")
    assert_green(playbook(*BOTH, *less))
    wait_for("its targets to go", 60, lambda: gone not in _instances(live))
    assert (_reloads(broker.ip), _sizes(broker.ip)) == (reloaded + 1, 0)
    play = assert_green(playbook(*BOTH, "--diff"))
    assert receiver.url("") not in play.output
    wait_for("its targets again", 60, lambda: gone in _instances(live))
    assert (_reloads(broker.ip), _sizes(broker.ip)) == (reloaded + 2, small)
    assert live.processes() == before
    assert kafka.restarted(Processes(live)) == {}
    figure(f"targets and JMX rules back in {play.wall:.0f} s")


def _instances(live: Live) -> set[str]:
    targets = Prometheus(live).api("targets", state="active")["activeTargets"]
    return {target["labels"]["instance"] for target in targets}


def _reloads(ip: str) -> float:
    line = next(line for line in series(ip) if line.startswith("jmx_config_reload_success_total"))
    return float(line.split()[1])


def _sizes(ip: str) -> int:
    return sum(line.startswith("kafka_log_log_size") for line in series(ip))
