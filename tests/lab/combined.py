"""The installed collection and the containers of the claim `combined`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RUN = Path(os.environ["KRAFTOPS_RUN"]) / "combined"
NODES = ("node-1", "node-2", "node-3")
NEW_NODE = "node-4"
DATA = "/var/lib/kafka/data"
METADATA = "/var/lib/kafka/metadata"
MANIFEST = "/etc/kafka/manifest.json"


@dataclass(frozen=True)
class Outcome:
    """How a run of a playbook ended."""

    code: int
    output: str

    @property
    def words(self) -> str:
        """Return the output with line breaks and indents taken out, so that wrapped messages can be found in it."""
        return " ".join(self.output.split())


def on(node: str, script: str, check: bool = True) -> str:
    """Run a shell script as root on a node, beside Ansible's connection; return what it prints."""
    command = ["docker", "exec", f"kraftops-combined-{node}", "sh", "-ec", script]
    return subprocess.run(command, check=check, capture_output=True, text=True, timeout=120).stdout.strip()


def holds(node: str, path: str) -> bool:
    """Tell whether a file is there."""
    return on(node, f"test -e {path} && echo yes || true") == "yes"


def manifest(node: str) -> dict[str, Any]:
    """Return a node's manifest."""
    content: dict[str, Any] = json.loads(on(node, f"cat {MANIFEST}"))
    return content


def meta(node: str, directory: str) -> dict[str, str]:
    """Return a directory's meta.properties."""
    lines = on(node, f"cat {directory}/meta.properties").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


@dataclass(frozen=True)
class Installed:
    """The collection as users have it: installed from the tarball, called by its full name from an empty folder.

    An empty ansible.cfg takes the place of any other (ansible-core refuses /dev/null), and the checkout is hidden under
    an empty file system where this machine allows that.
    """

    collections: Path
    folder: Path
    hide: bool

    def command(self, playbook: str, *arguments: str) -> list[str]:
        """Return the command line of a run."""
        call = [
            str(Path(sys.executable).parent / "ansible-playbook"),
            f"kraftops.kafka.{playbook}",
            "--inventory=inventory",
            f"--inventory={RUN}/connection.yml",
            f"--extra-vars=@{os.environ['KRAFTOPS_ARTIFACTS']}/vars.yml",
            *arguments,
        ]
        if not self.hide:
            return call
        return ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none "$0" && exec "$@"', str(ROOT), *call]

    def start(self, playbook: str, *arguments: str, forks: int = 5) -> subprocess.Popen[str]:
        """Start a run in a process group of its own."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "MOLECULE_"))}
        environment = {
            **kept,
            "ANSIBLE_CONFIG": str(self.folder.parent / "empty.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
            "ANSIBLE_FORKS": str(forks),
            "PYTHONUNBUFFERED": "1",
        }
        return subprocess.Popen(
            self.command(playbook, *arguments),
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, playbook: str, *arguments: str) -> Outcome:
        """Run a playbook to its end."""
        process = self.start(playbook, *arguments)
        output, _errors = process.communicate(timeout=600)
        print(output)
        return Outcome(process.returncode, output)

    def kill_at(self, task: str, *arguments: str) -> None:
        """Start a run that goes one host after the other, and kill it once the first host has done the task."""
        process = self.start("kafka", *arguments, forks=1)
        seen, reached = [], False
        assert process.stdout is not None
        for line in process.stdout:
            seen.append(line)
            reached = reached or (line.startswith("TASK ") and task in line)
            if reached and line.startswith("changed: "):
                os.killpg(process.pid, signal.SIGKILL)
                break
        process.wait(timeout=60)
        output = "".join(seen)
        print(output)
        assert process.returncode == -signal.SIGKILL, f"the run ended before {task}"
