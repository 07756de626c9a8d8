"""Run `ansible-test sanity` with no exceptions on what git knows of the checkout.

ansible-test runs most tests in virtual environments of its own. It fetches the pip for them from a server that not every
network reaches, so pip comes from the package index here. It keeps all that in $HOME/.ansible, so it gets a home of its own.
"""

from __future__ import annotations

import ast
import configparser
import fcntl
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))

from tools import interpreters
from tools.docker_cli import CACHE

HOME = CACHE / "sanity"
# ansible-test wants `#!/usr/bin/env python`, which Debian does not have. Tools are for developers, never for Ansible.
FOREIGN_SHEBANGS = "tools"
# Those of ansible-test's own tests that need a program that it does not bring along.
PROGRAMS = {"pslint": ("pwsh", (".ps1", ".psm1", ".psd1")), "shellcheck": ("shellcheck", (".sh",))}
HOST_PYTHONS = ("3.9", "3.10", "3.11", "3.12", "3.13")

BOOTSTRAP = """\
# Made by tools/check_sanity.py: what ansible-test calls to get pip into an empty virtual environment.
import glob, runpy, sys
wheels = {wheels!r}
sys.path[:0] = glob.glob(wheels + "/pip-*.whl")
wanted = [word for word in sys.argv[1:] if not word.startswith("--no-")]
sys.argv[1:] = ["install", "--quiet", "--no-index", "--find-links", wheels, *wanted]
runpy.run_module("pip", run_name="__main__", alter_sys=True)
"""


def bootstrap_version() -> str:
    """The pip that this ansible-test wants in its virtual environments."""
    spec = importlib.util.find_spec("ansible_test")
    folder = next(iter((spec and spec.submodule_search_locations) or []), "")
    found = re.search(r"pip='([\d.]+)'", (Path(folder) / "_internal/python_requirements.py").read_text())
    if not found:
        raise SystemExit(
            "ansible-test no longer says which pip it wants; see bootstrap_version in tools/check_sanity.py"
        )
    return found[1]


def provide_pip(version: str) -> None:
    """Put pip where ansible-test looks before it downloads one."""
    wheels, script = HOME / "wheels", HOME / f".ansible/test/cache/get_pip_{version.replace('.', '_')}.py"
    if not list(wheels.glob(f"pip-{version}-*.whl")):
        shutil.rmtree(wheels, ignore_errors=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(wheels)]
        subprocess.run([*command, f"pip=={version}"], check=True)
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(BOOTSTRAP.format(wheels=str(wheels)))


def provide_pip_settings() -> None:
    """Pip's settings of this user as a file: ansible-test gives its virtual environments no PIP_* variables."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    settings = configparser.RawConfigParser()
    settings.add_section("global")
    for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
        name, _equals, value = line.partition("=")
        section, _dot, key = name.rpartition(".")
        if section in ("global", "install", ":env:"):
            section = section.replace(":env:", "global")
            if not settings.has_section(section):
                settings.add_section(section)
            settings.set(section, key, str(ast.literal_eval(value)).replace("\n", "\n  "))
    target = HOME / ".config/pip/pip.conf"
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:  # may hold a password
        settings.write(file)


def copy_checkout(target: Path) -> list[str]:
    """Copy what git tracks or would track; links (.collections leads back to the checkout itself) stay behind."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    names = [name for name in listed if name and (ROOT / name).is_file() and not (ROOT / name).is_symlink()]
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target / name)
    return names


def environment() -> dict[str, str]:
    """Variables for ansible-test: its own home, and real interpreters before pyenv's launchers of missing ones."""
    found = {version: interpreters.find(version) for version in HOST_PYTHONS}
    for version in (version for version, path in found.items() if not path):
        print(f"not run: compile and import on Python {version}: there is no python{version} here")
    folders = [str(Path(sys.executable).parent), *(str(path.parent) for path in found.values() if path)]
    folders += [folder for folder in os.environ["PATH"].split(os.pathsep) if not folder.endswith("/shims")]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    return {**kept, "HOME": str(HOME), "PATH": os.pathsep.join(folders)}


def unneeded(names: Iterable[str]) -> list[str]:
    """Which tests have nothing to do here or lack their program."""
    suffixes = {Path(name).suffix for name in names}
    return [
        f"not run: {test}: {program} is not installed"
        if suffixes.intersection(kinds)
        else f"not run: {test}: the collection has no {' or '.join(kinds)} file"
        for test, (program, kinds) in PROGRAMS.items()
        if not suffixes.intersection(kinds) or not shutil.which(program)
    ]


def sanity(checkout: Path, variables: dict[str, str], arguments: Sequence[str]) -> bool:
    """Run ansible-test once; its output goes straight to ours."""
    command = [str(Path(sys.executable).parent / "ansible-test"), "sanity", "--color", "no", *arguments]
    return subprocess.run(command, cwd=checkout, env=variables, check=False, stdin=subprocess.DEVNULL).returncode == 0


def main() -> int:
    """Prepare, copy, run."""
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # ours and ansible-test's lines in order
    HOME.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="kraftops-") as name, open(HOME / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two runs must not make the same virtual environment
        provide_pip(bootstrap_version())
        provide_pip_settings()
        checkout = Path(name) / "ansible_collections/kraftops/kafka"
        names = copy_checkout(checkout)
        for ignored in checkout.glob("tests/sanity/ignore-*.txt"):
            print(f"{ignored.relative_to(checkout)}: the collection wants no exceptions")
            return 1
        variables = environment()
        for line in unneeded(names):
            print(line)
        passed = [
            sanity(checkout, variables, ["--skip-test", "shebang"]),
            sanity(checkout, variables, ["--test", "shebang", "--exclude", f"{FOREIGN_SHEBANGS}/"]),
        ]
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
