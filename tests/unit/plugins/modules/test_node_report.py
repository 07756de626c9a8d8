"""The report of this very machine, and that it is what the other tests take for one."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _node_report, _storage
from ansible_collections.kraftops.kafka.plugins.modules import node_report

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Replace systemctl and the manifest; return the folder of the manifest."""
    monkeypatch.setenv("PATH", f"{tmp_path}/bin")
    monkeypatch.setattr("ansible.module_utils.basic.get_bin_path", get_bin_path)
    monkeypatch.setattr(_storage.read_manifest, "__defaults__", (str(tmp_path / "manifest.json"),))
    return tmp_path


def get_bin_path(arg: str, *_rest: Any, **_options: Any) -> str:
    """Look into PATH only, not into /sbin as Ansible does."""
    path = f"{os.environ['PATH']}/{arg}"
    if not os.path.exists(path):
        raise ValueError(path)
    return path


def systemctl(folder: Path, process: str, state: str = "loaded") -> None:
    (folder / "bin").mkdir(exist_ok=True)
    path = folder / "bin" / "systemctl"
    path.write_text(f'#!/bin/sh\necho "$@" > {folder}/asked\necho MainPID={process}\necho LoadState={state}\n')
    path.chmod(0o755)


def shape(value: Any) -> Any:
    """Return the keys of nested dicts, and of the first item of lists."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    return [shape(item) for item in value[:1]] if isinstance(value, list) else None


def test_the_report_has_the_shape_that_other_tests_assume(host: Path, run_module: Run, fleet: Any) -> None:
    java = host / "jdk" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text("")
    java.chmod(0o755)
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        arguments = {
            "directories": [str(host)],
            "log_dir": str(host / "log"),
            "ports": [one.getsockname()[1]],
            "names": ["127.0.0.1"],
        }
        result = run_module(node_report.main, {**arguments, "java_home": str(host / "jdk")})
    assert result["changed"] is False
    real, assumed = result["report"], fleet.reports["controller-1"]
    assert real["names"] == {"127.0.0.1": {"addresses": ["127.0.0.1"], "error": ""}}
    assert [real["listeners"][0]["pid"], real["directories"][0]["path"]] == [os.getpid(), str(host)]
    assert real["log_filesystem"]["path"] == str(host / "log")
    assert real["log_filesystem"]["size_bytes"] == real["directories"][0]["size_bytes"]
    assert {"home": str(host / "jdk"), "version": 0} in real["java"]
    assert (real["java_home"], real["manifest"]) == (str(host / "jdk"), None)
    assumed["names"] = {"127.0.0.1": assumed["names"]["controller-1"]}
    assumed["listeners"] = [{"port": 1, "user": "", "pid": 1, "command": "", "unit": ""}]
    for key in ("asked", "answered"):  # added by the action
        del assumed["clock"][key]
    assert shape(real) == shape(assumed)


def test_each_report_proposes_other_ids(host: Path, run_module: Run) -> None:
    reports = [run_module(node_report.main, {}, check=True)["report"] for _turn in range(2)]
    proposals = {item["proposal"][key] for item in reports for key in ("cluster_id", "directory_id")}
    assert len(proposals) == 4


@pytest.mark.parametrize(("process", "active"), [("4711", True), ("0", False), ("", False)])
def test_kafka_active(host: Path, run_module: Run, process: str, active: bool) -> None:
    systemctl(host, process)
    assert run_module(node_report.main, {})["report"]["kafka_active"] is active
    assert (host / "asked").read_text() == "show --property=MainPID,LoadState kafka.service\n"


@pytest.mark.parametrize(("state", "masked"), [("masked", True), ("loaded", False), ("not-found", False)])
def test_kafka_masked(host: Path, run_module: Run, state: str, masked: bool) -> None:
    systemctl(host, "0", state)
    assert run_module(node_report.main, {})["report"]["kafka_masked"] is masked


@pytest.mark.parametrize(("to", "masked"), [("/dev/null", True), ("/etc/systemd/system/kafka.service", False)])
def test_a_mask_that_systemd_does_not_obey_counts(
    host: Path, run_module: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, to: str, masked: bool
) -> None:
    systemctl(host, "7", "loaded")
    (tmp_path / "kafka.service").symlink_to(to)
    monkeypatch.setattr(_node_report, "RUNTIME_UNITS", str(tmp_path))
    assert run_module(node_report.main, {})["report"]["kafka_masked"] is masked


def test_without_systemd_kafka_does_not_run(host: Path, run_module: Run) -> None:
    report = run_module(node_report.main, {})["report"]
    assert (report["kafka_active"], report["kafka_masked"]) == (False, False)


def test_the_manifest_is_reported(host: Path, run_module: Run) -> None:
    manifest = {**dict.fromkeys(_storage.MANIFEST_KEYS, ""), "directories": {}}
    (host / "manifest.json").write_text(_storage.manifest_text(manifest))
    assert run_module(node_report.main, {})["report"]["manifest"] == manifest


def test_a_broken_manifest_is_said(host: Path, run_module: Run) -> None:
    (host / "manifest.json").write_text("[")
    result = run_module(node_report.main, {})
    assert result["failed"]
    assert result["msg"].startswith(f"{host}/manifest.json cannot be read as JSON (")
    assert result["msg"].endswith("); put it back from a backup")


def test_a_broken_disk_is_said(host: Path, run_module: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: str) -> None:
        raise OSError(5, "Input/output error", path)

    monkeypatch.setattr(os, "statvfs", fail)
    result = run_module(node_report.main, {"directories": [str(host)]})
    assert result["msg"] == f"[Errno 5] Input/output error: '{host}'"
