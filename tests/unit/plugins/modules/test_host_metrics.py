"""Which mount holds which directory, in the words of node_exporter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.modules import host_metrics

TABLE = """\
overlay / overlay rw 0 0
proc /proc proc rw 0 0
/dev/sda1 /srv ext4 rw 0 0
/dev/sdb1 /srv/kafka/a xfs rw 0 0
/dev/sdc1 /srv/kafka/b\\040c xfs rw 0 0
/dev/sdd1 /srv/kafka/a xfs rw 0 0
"""


@pytest.mark.parametrize(
    ("directory", "device", "point"),
    [
        ("/srv/kafka/a/data", "/dev/sdd1", "/srv/kafka/a"),
        ("/srv/kafka/a", "/dev/sdd1", "/srv/kafka/a"),
        ("/srv/kafka/ab", "/dev/sda1", "/srv"),
        ("/srv/kafka/b c/data", "/dev/sdc1", "/srv/kafka/b c"),
        ("/nowhere/yet", "overlay", "/"),
    ],
)
def test_mount_of(directory: str, device: str, point: str) -> None:
    assert host_metrics.mount_of(directory, host_metrics.parse_mounts(TABLE)) == host_metrics.Mount(device, point)


def test_file(run_module: Any, monkeypatch: Any, tmp_path: Path) -> None:
    table, path = tmp_path / "mounts", tmp_path / "kafka.prom"
    table.write_text(TABLE, encoding="utf-8")
    monkeypatch.setattr(host_metrics, "MOUNTS", str(table))
    arguments = {"path": str(path), "log_dirs": ["/srv/x", "/nowhere"], "network_speed": {"eth0": 10000, "eth1": 0.5}}
    assert run_module(host_metrics.main, arguments, check=True)["changed"]
    assert not path.exists()
    result = run_module(host_metrics.main, arguments)
    assert (result["changed"], result["mounts"]) == (True, {"/srv/x": "/srv", "/nowhere": "/"})
    assert path.read_text(encoding="utf-8").splitlines() == [
        "# HELP kafka_log_dir_info The mount that holds a directory of Kafka.",
        "# TYPE kafka_log_dir_info gauge",
        'kafka_log_dir_info{log_dir="/nowhere",mountpoint="/",device="overlay"} 1',
        'kafka_log_dir_info{log_dir="/srv/x",mountpoint="/srv",device="/dev/sda1"} 1',
        "# HELP kafka_host_network_speed_bytes Speed of a network device in bytes a second, from the inventory.",
        "# TYPE kafka_host_network_speed_bytes gauge",
        'kafka_host_network_speed_bytes{device="eth0"} 1250000000',
        'kafka_host_network_speed_bytes{device="eth1"} 62500',
    ]
    assert path.stat().st_mode & 0o777 == 0o644
    assert not run_module(host_metrics.main, arguments)["changed"]


def test_a_speed_is_a_number(run_module: Any, tmp_path: Path) -> None:
    result = run_module(host_metrics.main, {"path": str(tmp_path / "x"), "network_speed": {"eth0": "fast"}})
    assert result["msg"] == "network_speed: {'eth0': 'fast'}: a speed is a number of Mbit/s."
