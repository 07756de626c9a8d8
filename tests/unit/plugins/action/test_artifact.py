"""The whole way through ansible-playbook, on this machine, into a temporary root."""

from __future__ import annotations

import hashlib
import importlib
import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _artifact_wheel
from ansible_collections.kraftops.kafka.plugins.module_utils._artifact_catalogue import ArtifactError

ROOT = Path(__file__).resolve().parents[4]
PLAYBOOK = """
- hosts: all
  gather_facts: false
  tasks:
    - kraftops.kafka.artifact: "{{ item.arguments }}"
      loop: "{{ steps }}"
      loop_control: {label: "{{ item.name }}"}
      check_mode: "{{ item.check | default(false) }}"
      register: result
      ignore_errors: true
    - ansible.builtin.copy: {content: "{{ result.results | to_json }}", dest: "{{ answer }}", mode: "0600"}
"""


def tool(folder: Path, content: bytes) -> str:
    """Write tool-1.tgz; return its digest."""
    with tarfile.open(folder / "tool-1.tgz", "w:gz") as tar:
        member = tarfile.TarInfo("tool")
        member.size, member.mode = len(content), 0o755
        tar.addfile(member, io.BytesIO(content))
    return "sha256:" + hashlib.sha256((folder / "tool-1.tgz").read_bytes()).hexdigest()


def play(tmp_path: Path, steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Run the steps in one playbook; return each step's result."""
    (tmp_path / "play.yml").write_text(PLAYBOOK)
    variables = {"steps": steps, "answer": str(tmp_path / "answer.json"), "ansible_python_interpreter": sys.executable}
    (tmp_path / "vars.json").write_text(json.dumps(variables))
    (tmp_path / "empty.cfg").touch()
    environment = {
        **os.environ,
        "ANSIBLE_CONFIG": str(tmp_path / "empty.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"),
    }
    environment["ANSIBLE_LOCAL_TEMP"] = environment["ANSIBLE_REMOTE_TEMP"] = str(tmp_path / "tmp")
    program = str(Path(sys.executable).parent / "ansible-playbook")
    command = [program, "-i", "host,", "-c", "local", "-e", f"@{tmp_path}/vars.json", str(tmp_path / "play.yml")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    answer: list[dict[str, Any]] = json.loads((tmp_path / "answer.json").read_text())
    return answer


def test_through_ansible(tmp_path: Path) -> None:
    """A folder on the control node: sent once, never again, never in check mode; errors in words."""
    digest = tool(tmp_path, b"program")
    entry = {
        "file": "tool-{version}.tgz",
        "kind": "tar",
        "key_files": ["tool"],
        "versions": {"1": {"digests": {"any": digest}}},
    }
    base = {
        "component": "tool",
        "version": "1",
        "catalogue": {"tool": entry},
        "source": str(tmp_path),
        "root": str(tmp_path / "opt"),
    }
    results = play(
        tmp_path,
        [
            {"name": "check", "arguments": base, "check": True},
            {"name": "install", "arguments": base},
            {"name": "again", "arguments": base},
            {"name": "unknown version", "arguments": {**base, "version": "2"}, "check": True},
            {"name": "unknown component", "arguments": {**base, "component": "tol"}},
            {"name": "no such folder", "arguments": {**base, "source": "/no/such"}},
            {"name": "mistyped", "arguments": {**base, "verison": "1"}},
        ],
    )
    assert [result.get("changed") for result in results[:3]] == [True, True, False]
    assert results[1]["digest"] == results[2]["digest"] == {"tool": hashlib.sha256(b"program").hexdigest()}
    assert results[1]["path"] == str(tmp_path / "opt/tool/tool-1")
    assert results[0]["diff"]["before"] == "absent\n"
    messages = [result["msg"] for result in results[3:]]
    assert messages[0].startswith("tool 2: unknown version. Known: 1. To add it, set kafka_artifacts_catalogue: {tool:")
    assert messages[1].startswith("tol: unknown component. Known: alertmanager, grafana, jmx_exporter, kafka,")
    assert messages[2] == "tool 1: /no/such: there is no such folder on the control node."
    assert "verison" in messages[3]


def test_user_catalogue() -> None:
    """A user's versions are added to those of the collection."""
    action = importlib.import_module("ansible_collections.kraftops.kafka.plugins.action.artifact")
    known = action.components({"kafka": {"versions": {"9.9.9": {"digests": {"any": "sha256:" + "0" * 64}}}}})
    assert {"4.3.1", "9.9.9"} <= set(known["kafka"]["versions"])
    assert known["kafka"]["file"] == "kafka_2.13-{version}.tgz"


class Pip:
    """Stands for pip: writes a wheel, or fails."""

    def __init__(self, content: bytes | None, message: str = "") -> None:
        """Give that content, or nothing and that message."""
        self.content = content
        self.message = message
        self.calls: list[list[str]] = []

    def __call__(self, command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        """Do what `pip download` would."""
        self.calls.append(command)
        if self.content is not None:
            Path(command[command.index("--dest") + 1], "w-1.whl").write_bytes(self.content)
        return subprocess.CompletedProcess(command, 0 if self.content is not None else 1, "", self.message)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "kraftops.kafka" / "wheels"


DIGEST = "sha256:" + hashlib.sha256(b"wheel").hexdigest()


def test_wheel(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pip is asked once, by the package's name; a damaged file in the cache is fetched again."""
    pip = Pip(b"wheel")
    monkeypatch.setattr(subprocess, "run", pip)
    assert _artifact_wheel.wheel("w==1", "w-1.whl", DIGEST) == str(cache / "w-1.whl")
    assert _artifact_wheel.wheel("w==1", "w-1.whl", DIGEST) == str(cache / "w-1.whl")
    assert len(pip.calls) == 1
    assert pip.calls[0][-1] == "w==1"
    (cache / "w-1.whl").write_bytes(b"damaged")
    _artifact_wheel.wheel("w==1", "w-1.whl", DIGEST)
    assert len(pip.calls) == 2


@pytest.mark.parametrize(
    ("pip", "message"),
    [
        (
            Pip(None, "a\nERROR: No matching distribution found for w==1\n"),
            "w==1: pip on the control node did not give w-1.whl: ERROR: No matching distribution found for w==1. "
            "Point kafka_artifacts to a mirror or to a folder that has the file.",
        ),
        (
            Pip(b"evil"),
            f"w==1: wrong digest of w-1.whl: expected {DIGEST}, found sha256:{hashlib.sha256(b'evil').hexdigest()}.",
        ),
    ],
)
def test_wheel_refused(cache: Path, monkeypatch: pytest.MonkeyPatch, pip: Pip, message: str) -> None:
    """What pip does not give, or gives wrong, is said and not kept."""
    monkeypatch.setattr(subprocess, "run", pip)
    with pytest.raises(ArtifactError) as error:
        _artifact_wheel.wheel("w==1", "w-1.whl", DIGEST)
    assert str(error.value) == message
    assert [path.name for path in cache.iterdir()] == [".lock"]
