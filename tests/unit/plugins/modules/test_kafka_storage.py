"""The stages of a node's storage, with a java that only pretends."""

from __future__ import annotations

import copy
import grp
import json
import os
import pwd
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _storage
from ansible_collections.kraftops.kafka.plugins.modules import kafka_storage

Run = Callable[..., dict[str, Any]]
USER = pwd.getpwuid(os.getuid()).pw_name
pytestmark = pytest.mark.skipif(
    os.getuid() != 0 or grp.getgrgid(os.getgid()).gr_name != USER, reason="setpriv changes to a user and its own group"
)

FORMATS = """\
#!/bin/sh
printf '%s\\n' "$@" > {folder}/called
for path in {folder}/disk/*; do
  [ -e $path/meta.properties ] && continue
  printf 'version=1\\nnode.id=11\\ncluster.id=c\\ndirectory.id=id-of-%s\\n' $(basename $path) > $path/meta.properties
done
"""
FAILS = "#!/bin/sh\necho some; echo words >&2; exit 3\n"
DOES_NOTHING = "#!/bin/sh\necho 'All of the log directories are already formatted.'\n"
VOTERS = "1@controller-1:9093:a,2@controller-2:9093:b"


class Node:
    """A node in a folder: two directories, a manifest, a java."""

    def __init__(self, folder: Path, run: Run) -> None:
        self.folder, self._run = folder, run
        self.manifest_file = folder / "etc" / "manifest.json"
        self.paths = [str(folder / "disk" / name) for name in ("metadata", "data")]
        record = {"mountpoint": "/", "uuid": "", "fstype": "ext4", "formatted": False, "directory_id": ""}
        self.manifest: dict[str, Any] = {
            "cluster_id": "c",
            "cluster_name": "orders",
            "node_id": 11,
            "initial_controllers": VOTERS,
            "started": False,
            "directories": {path: dict(record) for path in self.paths},
        }
        self.java(FORMATS.format(folder=folder))

    def java(self, text: str) -> None:
        """Set what java does."""
        path = self.folder / "java"
        path.write_text(text)
        path.chmod(0o755)

    def run(self, stage: str, mode: str = "broker", check: bool = False) -> dict[str, Any]:
        """Run a stage with a decision."""
        decision = {
            "cluster_id": "c",
            "format": mode,
            "directories": self.paths if mode != "none" else [],
            "manifest": copy.deepcopy(self.manifest),
            "started": False,
        }
        how = {"java": str(self.folder / "java"), "class_path": "/opt/kafka/libs/*", "config": "/etc/x", "user": USER}
        return self._run(kafka_storage.main, {"stage": stage, "decision": decision, **how}, check=check)

    def written(self) -> dict[str, Any]:
        """Return the manifest on disk."""
        manifest: dict[str, Any] = json.loads(self.manifest_file.read_text())
        return manifest

    def called(self) -> list[str]:
        """Return java's arguments, none when it did not run."""
        path = self.folder / "called"
        return path.read_text().splitlines() if path.exists() else []

    def fill(self, path: str, directory_id: str = "old") -> str:
        """Format a directory by hand."""
        os.makedirs(path)
        text = f"version=1\nnode.id=11\ncluster.id=c\ndirectory.id={directory_id}\n"
        (Path(path) / "meta.properties").write_text(text)
        return text


@pytest.fixture
def node(tmp_path: Path, run_module: Run, monkeypatch: pytest.MonkeyPatch) -> Node:
    made = Node(tmp_path, run_module)
    monkeypatch.setattr(kafka_storage, "MANIFEST", str(made.manifest_file))
    monkeypatch.setattr(_storage.read_manifest, "__defaults__", (str(made.manifest_file),))
    return made


def test_recorded(node: Node) -> None:
    result = node.run("recorded")
    assert node.written() == node.manifest == result["manifest"]
    assert stat.S_IMODE(node.manifest_file.stat().st_mode) == 0o644
    assert (result["changed"], result["formatted"], node.called()) == (True, [], [])
    assert (result["diff"]["before"], result["diff"]["after"]) == ("", node.manifest_file.read_text())
    assert not os.path.exists(node.paths[0])


def test_recorded_twice_is_no_change(node: Node) -> None:
    node.run("recorded")
    before = node.manifest_file.read_bytes()
    inode = node.manifest_file.stat().st_ino
    result = node.run("recorded")
    assert (result["changed"], result["diff"]) == (False, {"before": "", "after": ""})
    assert (node.manifest_file.read_bytes(), node.manifest_file.stat().st_ino) == (before, inode)


def test_recorded_follows_the_decision(node: Node) -> None:
    node.run("recorded")
    node.manifest["cluster_name"] = "renamed"
    assert node.run("recorded")["changed"] is True
    assert node.written()["cluster_name"] == "renamed"


def test_a_directory_that_a_running_node_gains_is_recorded_with_its_format(node: Node) -> None:
    """A rolling restart knows of it and has no stage that records."""
    node.run("recorded")
    first = str(node.folder / "disk" / "data-2")
    node.manifest["directories"][first] = dict(node.manifest["directories"][node.paths[0]])
    node.paths = [first]
    result = node.run("formatted")
    assert result["formatted"] == [first]
    assert len(node.written()["directories"]) == 3
    assert node.written()["directories"][first]["formatted"] is True
    assert node.written()["directories"][first]["directory_id"] == "id-of-data-2"
    assert node.run("formatted")["changed"] is False


FLAGS = [
    ("broker", []),
    ("observer", ["--no-initial-controllers"]),
    ("initial", ["--initial-controllers", VOTERS]),
]


@pytest.mark.parametrize(("mode", "flags"), FLAGS)
def test_formatted(node: Node, mode: str, flags: list[str]) -> None:
    node.run("recorded")
    result = node.run("formatted", mode)
    assert node.called() == [
        "-Xmx256m",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        "/opt/kafka/libs/*",
        "kafka.tools.StorageTool",
        "format",
        "--ignore-formatted",
        "--cluster-id",
        "c",
        "--config",
        "/etc/x",
        *flags,
    ]
    assert (result["changed"], result["formatted"]) == (True, node.paths)
    records = node.written()["directories"]
    assert {path: (item["formatted"], item["directory_id"]) for path, item in records.items()} == {
        path: (True, f"id-of-{os.path.basename(path)}") for path in node.paths
    }
    assert (node.written()["started"], node.written()["initial_controllers"]) == (False, VOTERS)
    assert {stat.S_IMODE(os.stat(path).st_mode) for path in node.paths} == {0o750}


def test_a_new_disk_is_given_to_kafka(node: Node) -> None:
    os.makedirs(node.paths[1])
    os.chown(node.paths[1], 12345, 12345)
    node.run("formatted")
    assert (os.stat(node.paths[1]).st_uid, os.stat(node.paths[1]).st_gid) == (os.getuid(), os.getgid())
    assert stat.S_IMODE(os.stat(node.paths[1]).st_mode) == 0o750


def test_formatted_directories_are_left_alone(node: Node) -> None:
    text = node.fill(node.paths[1])
    os.chmod(node.paths[1], 0o700)
    node.run("recorded")
    result = node.run("formatted")
    assert result["formatted"] == [node.paths[0]]
    assert Path(node.paths[1], "meta.properties").read_text() == text
    assert stat.S_IMODE(os.stat(node.paths[1]).st_mode) == 0o700
    assert node.written()["directories"][node.paths[1]]["directory_id"] == "old"


@pytest.mark.parametrize("mode", ["broker", "observer", "initial"])
def test_java_does_not_run_when_all_is_formatted(node: Node, mode: str) -> None:
    for path in node.paths:
        node.fill(path)
    node.run("recorded")
    assert node.run("formatted", mode)["formatted"] == []
    assert node.called() == []
    assert node.run("formatted", mode)["changed"] is False


def test_nothing_is_formatted_without_a_decision_to(node: Node) -> None:
    node.run("recorded")
    result = node.run("formatted", "none")
    assert (result["changed"], result["formatted"], node.called()) == (False, [], [])
    assert not os.path.exists(node.paths[0])
    assert node.written() == node.manifest


@pytest.mark.parametrize(
    ("java", "why"),
    [(FAILS, "failed (exit 3)"), (DOES_NOTHING, "failed (exit 0)")],
)
def test_a_failing_format_is_no_format(node: Node, java: str, why: str) -> None:
    node.run("recorded")
    before = node.manifest_file.read_bytes()
    node.java(java)
    result = node.run("formatted")
    said = "some\nwords" if java == FAILS else "All of the log directories are already formatted."
    assert result["failed"]
    assert result["msg"] == f"kafka-storage format {why}; not formatted: {', '.join(node.paths)}. It said: {said}"
    assert "kafka.tools.StorageTool" in result["cmd"]
    assert node.manifest_file.read_bytes() == before


def test_a_format_that_fails_half_way_is_taken_up(node: Node) -> None:
    node.run("recorded")
    node.java(f"#!/bin/sh\nprintf 'node.id=11\\ndirectory.id=half\\n' > {node.paths[0]}/meta.properties\nexit 1\n")
    result = node.run("formatted")
    assert result["msg"] == f"kafka-storage format failed (exit 1); not formatted: {node.paths[1]}. It said: "
    node.java(FORMATS.format(folder=node.folder))
    assert node.run("formatted")["formatted"] == [node.paths[1]]
    assert node.written()["directories"][node.paths[0]]["directory_id"] == "half"


def test_started(node: Node) -> None:
    node.run("recorded")
    node.run("formatted")
    formatted = node.written()
    result = node.run("started")
    assert (result["changed"], node.written()) == (True, {**formatted, "started": True})
    assert node.run("started")["changed"] is False


def test_check_mode_writes_nothing(node: Node) -> None:
    for stage, formatted in (("recorded", []), ("formatted", node.paths), ("started", [])):
        result = node.run(stage, check=True)
        assert (result["changed"], result["formatted"]) == (True, formatted)
    assert node.called() == []
    assert not node.manifest_file.parent.exists()
    assert not os.path.exists(node.paths[0])


def test_check_mode_on_a_finished_node_is_no_change(node: Node) -> None:
    for stage in ("recorded", "formatted", "started"):
        node.run(stage)
    node.manifest = node.written()
    assert [node.run(stage, "none", check=True)["changed"] for stage in ("recorded", "formatted", "started")] == [
        False
    ] * 3


def test_formatting_needs_to_know_how(run_module: Run) -> None:
    result = run_module(kafka_storage.main, {"stage": "formatted", "decision": {}})
    assert result["msg"] == "stage is formatted but all of the following are missing: java, class_path, config"
