"""The oldest and the newest supported ansible-core: unit tests, syntax of all playbooks, the check of all inventories.

Each runs on the first Python that this machine has and that ansible-core supports; where there is none, that is said and
nothing fails. The environments lie in the cache, keyed by their pins.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))

from tools import interpreters

TESTS = ("tests/unit/plugins/filter", "tests/unit/playbooks")
# One line that the check of each inventory must print.
ANSWERS = {
    "combined": "small: tolerates the loss of 1 of 3 controllers (majority 2).",
    "example": "orders: tolerates the loss of 1 of 3 controllers (majority 2).",
    "five_controllers": "orders: tolerates the loss of 2 of 5 controllers (majority 3).",
    "kafka39": "legacy: tolerates the loss of 0 of 1 controllers (majority 1).",
}


@dataclass(frozen=True)
class Core:
    """One end of what is supported."""

    name: str
    pythons: Sequence[str]  # those that this ansible-core supports on the control node, the nearest end first

    @property
    def requirements(self) -> Path:
        """Where its version is pinned."""
        return ROOT / f"tools/requirements-{self.name}.txt"

    @property
    def version(self) -> str:
        """The pinned version of ansible-core."""
        lines = self.requirements.read_text().splitlines()
        return next(line.partition("==")[2] for line in lines if line.startswith("ansible-core=="))


CORES = (Core("oldest", ("3.10", "3.11", "3.12")), Core("newest", ("3.14", "3.13", "3.12")))


def run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a command in the checkout, with errors among the output."""
    variables = {**os.environ, "ANSIBLE_CALLBACK_RESULT_FORMAT": "json", "ANSIBLE_NOCOLOR": "1"}
    out, null = subprocess.PIPE, subprocess.DEVNULL
    return subprocess.run(
        command, cwd=ROOT, env=variables, stdin=null, stdout=out, stderr=subprocess.STDOUT, text=True, check=False
    )


def environment(core: Core, python: Path) -> Path:
    """The folder with that ansible-core's commands; made on first use."""
    command = ["tools/venv", str(core.requirements)]
    variables = {**os.environ, "PYTHON": str(python)}
    done = subprocess.run(command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, text=True, check=True)
    return Path(done.stdout.strip()) / "bin"


def unit_tests(folder: Path) -> list[str]:
    """The tests of what runs on the control node."""
    done = run([str(folder / "python"), "-m", "pytest", *TESTS])
    print(done.stdout.strip().splitlines()[-1])
    return [] if done.returncode == 0 else [done.stdout]


def syntax(folder: Path) -> list[str]:
    """Every playbook must be understood."""
    playbooks = ["site.yml", *sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("playbooks/*.yml"))]
    done = run([str(folder / "ansible-playbook"), "--syntax-check", "-i", "inventories/example", *playbooks])
    print(f"syntax of {len(playbooks)} playbooks")
    return [] if done.returncode == 0 else [done.stdout]


def inventories(folder: Path) -> list[str]:
    """Every inventory must be accepted with the answer that is expected of it."""
    found = []
    names = sorted(path.name for path in ROOT.glob("inventories/*"))
    for name in names:
        done = run([str(folder / "ansible-playbook"), "-i", f"inventories/{name}", "playbooks/validate.yml"])
        expected = ANSWERS.get(name, "(not said in ANSWERS of tools/check_core_versions.py)")
        if done.returncode != 0 or expected not in done.stdout:
            found.append(f"inventories/{name}: exit code {done.returncode}, expected: {expected}\n{done.stdout}")
    print(f"check of {len(names)} inventories")
    return found


def check(core: Core) -> bool:
    """Run everything on one ansible-core."""
    started = time.monotonic()
    python = interpreters.find_first(core.pythons)
    if not python:
        print(
            f"not run: ansible-core {core.version} ({core.name}): no Python {', '.join(core.pythons)} on this machine"
        )
        return True
    print(f"ansible-core {core.version} ({core.name}) on Python {python[0]}", flush=True)
    folder = environment(core, python[1])
    failures = [*unit_tests(folder), *syntax(folder), *inventories(folder)]
    for failure in failures:
        print(failure)
    print(f"{'failed' if failures else 'passed'} after {time.monotonic() - started:.0f} s", flush=True)
    return not failures


def main() -> int:
    """Run both ends, also when the first has failed."""
    passed = [check(core) for core in CORES]
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
