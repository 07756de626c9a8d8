# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The build tools of the recipes: find them, install Debian's where that is possible, and run them."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, Optional

from ansible_collections.kraftops.kafka.packaging.store import Wanted
from ansible_collections.kraftops.kafka.plugins.module_utils._artifact_catalogue import ArtifactError

Say = Callable[[str], None]
# What each recipe runs, and Debian's package of it.
NEEDS = {"maven": {"mvn": "maven"}, "go": {"go": "golang-go"}, "cargo": {"cargo": "cargo"}, "pip": {}}
OLDEST_GO = (1, 26)
_HEARTBEAT = 30


class Tools:
    """Runs build tools with their output in a log file, and says now and then that they still work."""

    def __init__(self, log: Path, say: Say, label: str) -> None:
        """Write the output of every tool to `log`; `say` tells people about `label`."""
        self.log = log
        self.say = say
        self.label = label
        self.python = sys.executable

    def run(self, command: list[str], folder: Path, env: Optional[dict[str, str]] = None) -> str:
        """Run a command; return what it printed, or raise with the end of its output."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        output = folder / f".stdout.{os.getpid()}"
        with self.log.open("a", encoding="utf-8") as log, output.open("w", encoding="utf-8") as stdout:
            log.write(f"$ {' '.join(command)}\n")
            log.flush()
            process = subprocess.Popen(
                command,
                cwd=folder,
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                stdout=stdout,
                stderr=log,
            )
            self._wait(process)
        printed = output.read_text(encoding="utf-8", errors="replace")
        output.unlink()
        with self.log.open("a", encoding="utf-8") as log:
            log.write(printed)
        if process.returncode != 0:
            tail = "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
            raise ArtifactError(f"{command[0]} failed with {process.returncode}; the whole output: {self.log}\n{tail}")
        return printed

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        began = time.monotonic()
        try:
            while process.poll() is None:
                try:
                    process.wait(timeout=_HEARTBEAT)
                except subprocess.TimeoutExpired:
                    self.say(f"{self.label}: still building, {time.monotonic() - began:.0f} s")
        except BaseException:
            # The tool's own children too: they would go on writing into a folder that is being removed.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise

    def go_flags(self) -> str:
        """Return the flags for go: the user's own, and a download cache that can be deleted."""
        given = subprocess.run(["go", "env", "GOFLAGS"], check=True, capture_output=True, text=True).stdout.strip()
        return f"{given} -modcacherw".strip()


def missing_tools(wanted: Wanted) -> list[str]:
    """Return Debian's packages that this recipe needs and that are not there."""
    recipe = wanted.entry["recipe"]
    absent = [package for program, package in NEEDS.get(recipe["type"], {}).items() if not shutil.which(program)]
    build = recipe.get("build_packages", [])
    if build and shutil.which("dpkg-query"):
        absent += [package for package in build if not _installed(package)]
    return absent


def ensure(wanted: Wanted, say: Say) -> None:
    """Have what a recipe needs, or say plainly what is missing."""
    absent = missing_tools(wanted)
    if absent and os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"{wanted.label}: installing what the build needs: {' '.join(absent)}")
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "install", "-y", "-q", *absent]
        subprocess.run(install, check=False, capture_output=True, env=env)
        absent = missing_tools(wanted)
    if absent:
        raise ArtifactError(
            f"the build needs these packages: {' '.join(absent)}. Install them, or give the artifact another way."
        )
    if wanted.entry["recipe"]["type"] == "go":
        _allow_newer_go()


def _allow_newer_go() -> None:
    """Let an old go fetch the toolchain that a module asks for, through the module proxy."""
    printed = subprocess.run(["go", "version"], check=False, capture_output=True, text=True).stdout
    found = re.search(r"go(\d+)\.(\d+)", printed)
    if found and (int(found[1]), int(found[2])) < OLDEST_GO:
        os.environ["GOTOOLCHAIN"] = "auto"


def _installed(package: str) -> bool:
    query = ["dpkg-query", "-W", "-f", "${db:Status-Status}", package]
    return subprocess.run(query, check=False, capture_output=True, text=True).stdout == "installed"
