"""Recipes: the commands that they run and the layout that they make; no registry is asked."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.kraftops.kafka.packaging import recipes, store, tools
from ansible_collections.kraftops.kafka.plugins.module_utils import _artifact_catalogue as catalogue
from ansible_collections.kraftops.kafka.plugins.module_utils._artifact_archive import unpack
from ansible_collections.kraftops.kafka.plugins.module_utils._artifact_catalogue import ArtifactError

ROOT = Path(__file__).resolve().parents[3]
COMPONENTS: dict[str, Any] = yaml.safe_load((ROOT / "packaging" / "catalogue.yml").read_text(encoding="utf-8"))[
    "components"
]


def wanted(component: str, version: str) -> store.Wanted:
    """Return an artifact of the real catalogue."""
    entry = catalogue.fill(catalogue.lookup(COMPONENTS, component, version), version, "amd64")
    return store.Wanted(component, version, entry["arch"], "registry", entry)


class FakeTools(tools.Tools):
    """Notes the commands and makes the files that the real tools would make."""

    def __init__(self, folder: Path) -> None:
        """Use a folder for the module cache."""
        super().__init__(folder / "log", lambda text: None, "x")
        self.module = folder / "module"
        self.commands: list[str] = []
        self.environment: dict[str, str] = {}

    def go_flags(self) -> str:
        """Return nothing special."""
        return "-modcacherw"

    def run(self, command: list[str], folder: Path, env: dict[str, str] | None = None) -> str:
        """Make what the command would make."""
        self.commands.append(" ".join(command))
        self.environment = env or {}
        made: list[Path] = []
        if command[0] == "mvn":
            libs = Path(next(word for word in command if word.startswith("-DoutputDirectory=")).partition("=")[2])
            names = ("kafka_2.13-4.3.1", "kafka-clients-4.3.1", "kafka-tools-4.3.1", "jmx_prometheus_javaagent-1.0.1")
            made = [libs / f"{name}.jar" for name in names]
        elif command[:2] == ["go", "build"]:
            made = [Path(command[command.index("-o") + 1])]
        elif command[0] == "cargo":
            made = [Path(command[command.index("--root") + 1]) / "bin" / "klag-exporter"]
        elif command[:3] == ["go", "mod", "download"]:
            self.module.mkdir()
            (self.module / "go.mod").touch()
            (self.module / "go.mod").chmod(0o444)
            return json.dumps({"Dir": str(self.module)})
        for path in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"content of " + path.name.encode())
        return ""


@pytest.mark.parametrize(
    ("component", "version", "said"),
    [
        ("kafka", "4.3.1", "dependency:copy-dependencies -DincludeScope=runtime"),
        ("node_exporter", "1.12.1", "go mod download -json github.com/prometheus/node_exporter@v1.12.1"),
        ("prometheus", "3.13.4", "-tags remove_all_sd ./cmd/promtool"),
        ("prometheus", "3.13.4", "github.com/prometheus/prometheus@v0.313.4"),
        ("alertmanager", "0.34.1", "-X github.com/prometheus/common/version.Version=0.34.1"),
        ("klag_exporter", "0.1.29", "--version 0.1.29 klag-exporter"),
    ],
)
def test_layout(tmp_path: Path, component: str, version: str, said: str) -> None:
    """What a recipe makes unpacks like the official file: every key file is there, programs can be executed."""
    item, fake = wanted(component, version), FakeTools(tmp_path)
    work = tmp_path / "work"
    work.mkdir()
    made = recipes.build(item, work, fake)
    assert any(said in command for command in fake.commands)
    assert made.path == work / item.entry["file"]
    target = tmp_path / "t"
    target.mkdir()
    unpack(str(made.path), str(target), item.entry)
    for name in item.entry["key_files"]:
        assert (target / name).is_file()
        assert bool((target / name).stat().st_mode & 0o111) == (not name.endswith(".jar"))


def test_single_jar(tmp_path: Path) -> None:
    """A single jar is taken out of what Maven gives."""
    made = recipes.build(wanted("jmx_exporter", "1.0.1"), tmp_path, FakeTools(tmp_path))
    assert made == recipes.Made(
        tmp_path / "jmx_prometheus_javaagent-1.0.1.jar",
        "Maven: io.prometheus.jmx:jmx_prometheus_javaagent:1.0.1",
        ["jmx_prometheus_javaagent-1.0.1.jar"],
    )


def test_pom(tmp_path: Path) -> None:
    """Kafka's logging jars are asked for beside Kafka itself."""
    made = recipes.build(wanted("kafka", "3.9.2"), tmp_path, FakeTools(tmp_path))
    pom = (tmp_path / "pom.xml").read_text()
    assert pom.count("<dependency>") == 4
    assert "<artifactId>slf4j-reload4j</artifactId><version>1.7.36</version>" in pom
    assert made.origin.startswith("Maven: org.apache.kafka:kafka_2.13:3.9.2, org.apache.kafka:kafka-tools:3.9.2, ")


def test_go_runs_everywhere(tmp_path: Path) -> None:
    """Go programs link no C library and ignore a module's workspace; left-out files are put in."""
    fake = FakeTools(tmp_path)
    work = tmp_path / "work"
    work.mkdir()
    recipes.build(wanted("alertmanager", "0.34.1"), work, fake)
    assert (fake.environment["CGO_ENABLED"], fake.environment["GOWORK"]) == ("0", "off")
    assert "<title>Alertmanager</title>" in (work / "source/ui/app/dist/index.html").read_text()


def test_pip_gave_something_else(tmp_path: Path) -> None:
    """Another file name than the catalogue's is refused."""
    with pytest.raises(
        ArtifactError, match=r"kafka_python 3.0.12: pip gave nothing, expected kafka_python-3.0.12-py3-none-any.whl"
    ):
        recipes.build(wanted("kafka_python", "3.0.12"), tmp_path, FakeTools(tmp_path))


def test_unknown_recipe(tmp_path: Path) -> None:
    """A recipe that nobody knows is named."""
    item = wanted("node_exporter", "1.12.1")
    item.entry["recipe"]["type"] = "rpm"
    with pytest.raises(ArtifactError, match=r"node_exporter 1.12.1: unknown recipe rpm. Known: maven, go, cargo, pip"):
        recipes.build(item, tmp_path, FakeTools(tmp_path))


def test_same_bytes(tmp_path: Path) -> None:
    """The same content packs to the same bytes, whatever its times and owners."""
    packed = []
    for name in ("a", "b"):
        source = tmp_path / name
        source.write_bytes(b"x" * 10000)
        packed.append(recipes.pack(tmp_path / f"{name}.tgz", {"top/x": source}, executable=True).read_bytes())
    assert packed[0] == packed[1]
    with tarfile.open(tmp_path / "a.tgz") as tar:
        assert [(member.name, member.mode, member.uid, member.mtime) for member in tar] == [("top/x", 0o755, 0, 0)]


def test_tool_output(tmp_path: Path) -> None:
    """A tool's output is returned and logged; a failure shows its end and names the log."""
    runner = tools.Tools(tmp_path / "logs" / "x.log", lambda text: None, "x")
    assert runner.run([sys.executable, "-c", "print('hello')"], tmp_path) == "hello\n"
    assert "hello" in (tmp_path / "logs" / "x.log").read_text()
    with pytest.raises(ArtifactError, match=r"(?s)failed with 3; the whole output: .*x\.log.*broken"):
        runner.run([sys.executable, "-c", "import sys; sys.stderr.write('broken'); sys.exit(3)"], tmp_path)


def test_heartbeat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow build says that it still works."""
    monkeypatch.setattr(tools, "_HEARTBEAT", 0.05)
    said: list[str] = []
    tools.Tools(tmp_path / "log", said.append, "x 1").run(
        [sys.executable, "-c", "import time; time.sleep(0.3)"], tmp_path
    )
    assert said[0] == "x 1: still building, 0 s"


def test_interrupted_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupted build takes the tool's own children with it."""
    monkeypatch.setattr(tools, "_HEARTBEAT", 0.3)

    def interrupt(_name: str) -> None:
        if any(path.read_text().strip() for path in tmp_path.glob(".stdout.*")):  # the tool has its child
            raise KeyboardInterrupt

    script = (
        "import subprocess, sys; print(subprocess.Popen(['sleep', '60']).pid, flush=True); import time; time.sleep(60)"
    )
    with pytest.raises(KeyboardInterrupt):
        tools.Tools(tmp_path / "log", interrupt, "x").run([sys.executable, "-c", script], tmp_path)
    child = next(tmp_path.glob(".stdout.*")).read_text().strip()
    assert _gone(Path(f"/proc/{child}/stat"))


def _gone(state: Path) -> bool:
    for _attempt in range(100):
        if not state.exists() or state.read_text().split()[2] == "Z":
            return True
        time.sleep(0.02)
    return False


def test_missing_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the build lacks is said by the names of Debian's packages."""
    monkeypatch.setattr(shutil, "which", lambda name: None if name in ("cargo", "apt-get") else f"/bin/{name}")
    monkeypatch.setattr(tools, "_installed", lambda package: package != "libsasl2-dev")
    with pytest.raises(ArtifactError, match=r"^the build needs these packages: cargo libsasl2-dev\. Install them"):
        tools.ensure(wanted("klag_exporter", "0.1.29"), lambda text: None)


def test_installs_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As root on Debian, missing packages are installed, and that is said."""
    present: set[str] = set()
    said: list[str] = []

    def install(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        present.update(command[command.index("-q") + 1 :])
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(tools, "_installed", lambda package: package in present or package == "g++")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(subprocess, "run", install)
    tools.ensure(wanted("klag_exporter", "0.1.29"), said.append)
    assert "libsasl2-dev" in present
    assert "g++" not in present
    assert said[0].startswith("klag_exporter 0.1.29: installing what the build needs: libssl-dev")


@pytest.mark.parametrize(
    ("printed", "toolchain"),
    [("go version go1.24.4 linux/amd64", "auto"), ("go version go1.26.8 linux/amd64", "local")],
)
def test_old_go(monkeypatch: pytest.MonkeyPatch, printed: str, toolchain: str) -> None:
    """An old go may fetch the toolchain that a module asks for."""
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0, printed, ""))
    monkeypatch.setenv("GOTOOLCHAIN", "local")
    tools.ensure(wanted("node_exporter", "1.12.1"), lambda text: None)
    assert os.environ["GOTOOLCHAIN"] == toolchain
