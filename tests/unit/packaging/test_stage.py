"""Staging: what is done once stays done, the source is decided once, and failures are named."""

from __future__ import annotations

import copy
import hashlib
import json
import platform
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.kraftops.kafka.packaging import download, recipes, stage, store, tools
from ansible_collections.kraftops.kafka.plugins.module_utils import _artifact_fetch
from ansible_collections.kraftops.kafka.plugins.module_utils._artifact_catalogue import ArtifactError
from ansible_collections.kraftops.kafka.plugins.module_utils._artifact_source import plan

CONTENT = b"official file"
DIGEST = "sha256:" + hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def asked() -> list[str]:
    """What the official server was asked."""
    return []


@pytest.fixture
def official(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Run an official server on this machine; it has tool-1.tgz and nothing else."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            asked.append(f"{self.command} {self.path}")
            if self.path != "/tool-1.tgz":
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(CONTENT)

        def do_GET(self) -> None:
            self.do_HEAD()

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
    monkeypatch.setattr(_artifact_fetch, "PAUSES", ())
    yield f"http://127.0.0.1:{http.server_port}/"
    http.shutdown()
    http.server_close()


@pytest.fixture
def data(official: str) -> dict[str, Any]:
    """A catalogue of a tool that both sources have, and one that only the official source has."""
    tool = {
        "address": official,
        "file": "tool-{version}.tgz",
        "kind": "tar",
        "key_files": ["tool"],
        "recipe": {"type": "fake", "folder": "tool"},
        "versions": {"1": {"digests": {"any": DIGEST}}, "2": {"digests": {"any": DIGEST}}},
    }
    other = {**copy.deepcopy(tool), "file": "tool-1.tgz", "recipe": None, "no_recipe": "it is in no registry"}
    one, two = {"component": "tool", "version": "1"}, {"component": "other", "version": "1"}
    return {
        "components": {"tool": tool, "other": other},
        "stage": {
            "official": {"artifacts": [one, two], "vars": {}},
            "registry": {"artifacts": [one, two], "vars": {"tool_implementation": "fake"}},
        },
    }


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Replace the recipes by one that writes a file; note what was built."""
    done: list[str] = []

    def build(wanted: store.Wanted, work: Path, _tools: tools.Tools) -> recipes.Made:
        done.append(wanted.label)
        path = work / wanted.entry["file"]
        path.write_bytes(b"built")
        return recipes.Made(path, "Go module: tool", ["tool/tool"])

    monkeypatch.setattr(recipes, "build", build)
    monkeypatch.setattr(tools, "ensure", lambda wanted, say: None)
    return done


def manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest."""
    data: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return data


def test_registry(tmp_path: Path, data: dict[str, Any], built: list[str]) -> None:
    """The folder says what it has, where it came from and what cannot be had; the roles' plan finds it."""
    folder, failed = stage.stage(tmp_path, data, "registry", "amd64")
    assert (folder, failed) == (tmp_path / "registry", [])
    said = manifest(folder)
    name = said["artifacts"][0].pop("file")
    assert said == {
        "format": 1,
        "source": "registry",
        "artifacts": [
            {
                "name": "tool",
                "version": "1",
                "arch": "any",
                "digest": "sha256:" + hashlib.sha256(b"built").hexdigest(),
                "origin": "Go module: tool",
                "list": ["tool/tool"],
            }
        ],
        "missing": [{"name": "other", "version": "1", "reason": "it is in no registry"}],
    }
    assert (folder / name).read_bytes() == b"built"
    assert yaml.safe_load((folder / "vars.yml").read_text()) == {
        "kafka_artifacts": str(folder),
        "tool_implementation": "fake",
    }
    assert plan(data["components"], "tool", "1", str(folder))["amd64"]["local"] == str(folder / name)
    assert (
        plan(data["components"], "other", "1", str(folder))["amd64"]["reason"]
        == f"other 1 is not in {folder}: it is in no registry"
    )


def test_official(tmp_path: Path, data: dict[str, Any], asked: list[str]) -> None:
    """Official files are downloaded once and keep their digest."""
    folder, failed = stage.stage(tmp_path, data, "official", "amd64")
    assert failed == []
    assert [item["digest"] for item in manifest(folder)["artifacts"]] == [DIGEST, DIGEST]
    assert manifest(folder)["missing"] == []
    stage.stage(tmp_path, data, "official", "amd64")
    assert asked == ["GET /tool-1.tgz"] * 2


def test_nothing_is_built_twice(tmp_path: Path, data: dict[str, Any], built: list[str]) -> None:
    """What is there stays; what is damaged, or made by another recipe, is made anew."""
    for _turn in range(2):
        folder, _failed = stage.stage(tmp_path, data, "registry", "amd64")
    assert built == ["tool 1"]
    before = manifest(folder)["artifacts"][0]["file"]
    (folder / before).write_bytes(b"cut")
    stage.stage(tmp_path, data, "registry", "amd64")
    assert built == ["tool 1"] * 2
    data["components"]["tool"]["recipe"]["tags"] = "x"
    stage.stage(tmp_path, data, "registry", "amd64")
    assert built == ["tool 1"] * 3
    assert manifest(folder)["artifacts"][0]["file"] != before


def test_killed_run(tmp_path: Path, data: dict[str, Any], built: list[str]) -> None:
    """What a killed run left is swept away."""
    left = tmp_path / "registry" / ".work-tool-1.abc"
    left.mkdir(parents=True)
    stage.stage(tmp_path, data, "registry", "amd64")
    assert built
    assert not left.exists()


def test_failure_keeps_the_rest(
    tmp_path: Path, data: dict[str, Any], capsys: pytest.CaptureFixture[str], official: str
) -> None:
    """One failure does not stop the others; nothing half-made remains; the next run does only what is missing."""
    data["stage"]["official"]["artifacts"].insert(0, {"component": "tool", "version": "2"})
    folder, failed = stage.stage(tmp_path, data, "official", "amd64")
    assert failed == ["tool 2"]
    assert (
        f"tool 2: FAILED: {official}tool-2.tgz: expected the file, found: HTTP 404 Not Found."
        in capsys.readouterr().err
    )
    assert [item["version"] for item in manifest(folder)["artifacts"]] == ["1", "1"]
    assert not [path.name for path in folder.iterdir() if path.name.startswith(".")]


def test_wrong_digest(tmp_path: Path, data: dict[str, Any], capsys: pytest.CaptureFixture[str], official: str) -> None:
    """A download that is not the file of the catalogue is refused with both digests."""
    wrong = "sha256:" + "0" * 64
    data["components"]["tool"]["versions"]["1"]["digests"]["any"] = wrong
    _folder, failed = stage.stage(tmp_path, data, "official", "amd64")
    assert failed == ["tool 1"]
    assert f"FAILED: {official}tool-1.tgz: wrong digest: expected {wrong}, found {DIGEST}" in capsys.readouterr().err


def test_auto_official(tmp_path: Path, data: dict[str, Any], asked: list[str]) -> None:
    """When the official address answers, it is used; the answer is kept and nobody is asked again."""
    assert stage.decide(tmp_path, data, "amd64") == "official"
    assert json.loads((tmp_path / "source.json").read_text())["why"] == "every official address answered"
    assert stage.decide(tmp_path, data, "amd64") == "official"
    assert asked == ["HEAD /tool-1.tgz"]


def test_auto_registry(tmp_path: Path, data: dict[str, Any], asked: list[str]) -> None:
    """When one official host does not answer, the registries are used, and it is said why."""
    closed = copy.deepcopy(data)
    closed["components"]["other"]["address"] = "http://127.0.0.1:9/"
    assert stage.decide(tmp_path, closed, "amd64") == "registry"
    assert "http://127.0.0.1:9/tool-1.tgz: " in json.loads((tmp_path / "source.json").read_text())["why"]
    assert stage.decide(tmp_path, data, "amd64") == "registry"


def test_damaged_record_decides_again(tmp_path: Path, data: dict[str, Any]) -> None:
    """A record that says nothing usable is replaced."""
    (tmp_path / "source.json").write_text('{"source": "moon"}')
    assert stage.decide(tmp_path, data, "amd64") == "official"


def test_silent_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that never answers is given up in time, even while its name is looked up."""
    stuck = threading.Event()
    monkeypatch.setattr(download, "_probe", lambda *_: stuck.wait(5))
    addresses = ["https://a.example/1", "https://a.example/2", "https://b.example/1"]
    silent = download.silent_hosts(addresses, 0.05)
    stuck.set()
    assert silent == ["https://a.example/2: no answer in time", "https://b.example/1: no answer in time"]


def test_command_line(
    tmp_path: Path, data: dict[str, Any], built: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The last line of standard output is the folder; progress goes elsewhere."""
    (tmp_path / "c.yml").write_text(yaml.safe_dump(data))
    arguments = ["--source", "registry", "--dest", str(tmp_path / "d"), "--catalogue", str(tmp_path / "c.yml")]
    assert stage.main(arguments) == 0
    out, err = capsys.readouterr()
    assert out == f"{tmp_path}/d/registry\n"
    assert "tool 1: assembling (fake)" in err
    assert "tool 1: done, 0 s, 0.0 MB" in err
    assert "other 1: not to be had from registry: it is in no registry" in err


def test_command_line_failure(tmp_path: Path, data: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """A failure is named and gives a non-zero result; an unknown version stops at once."""
    data["components"]["tool"]["versions"]["1"]["digests"] = {"arm64": DIGEST}
    (tmp_path / "c.yml").write_text(yaml.safe_dump(data))
    arguments = ["--source", "official", "--dest", str(tmp_path / "d"), "--catalogue", str(tmp_path / "c.yml")]
    assert stage.main(arguments) == 1
    assert "artifacts: failed: tool 1. Run it again; what is done stays done." in capsys.readouterr().err
    data["stage"]["official"]["artifacts"][0]["version"] = "7"
    (tmp_path / "c.yml").write_text(yaml.safe_dump(data))
    assert stage.main(arguments) == 1
    assert "artifacts: tool 7: unknown version." in capsys.readouterr().err


def test_default_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Artifacts lie in the user's cache folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert store.default_base() == Path("/somewhere/kraftops.kafka/artifacts")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert store.default_base() == Path.home() / ".cache/kraftops.kafka/artifacts"


def test_unknown_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """An architecture that the catalogue does not know is refused."""
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(ArtifactError, match="This machine is riscv64; known: amd64, arm64"):
        stage.architecture()
