"""The built tarball must hold nothing that users do not need, and must work where nothing else is.

It is installed into an empty folder; without an ansible.cfg the example inventory is checked by the playbook's full name.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Container, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UNWANTED = re.compile(
    r"(^|/)(\.[^/]+|__pycache__|[^/]*\.py[co]|[^/]*\.tar\.gz|[^/]*_cache|id_[a-z0-9]+|[^/]*\.(pem|key|jks|p12))(/|$)"
    r"|^(tests|molecule|tools|changelogs/fragments|Makefile|pyproject\.toml)(/|$)"
)
MADE = {"MANIFEST.json", "FILES.json"}  # by ansible-galaxy itself
SECRET = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----|^\$ANSIBLE_VAULT;", re.MULTILINE)
WANTED = ("README.md", "LICENSE", "meta/runtime.yml", "playbooks/site.yml", "roles/kafka/tasks/main.yml")


def ansible(tool: str, *arguments: str, folder: Path, **environment: str) -> None:
    """Run one of Ansible's commands, away from the checkout's settings."""
    variables = {**os.environ, **environment}
    command = [str(Path(sys.executable).parent / tool), *arguments]
    subprocess.run(command, cwd=folder, env=variables, check=True, stdin=subprocess.DEVNULL)


def known_to_git() -> set[str]:
    """What git tracks or would track; nothing else may get out."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    return set(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0"))


def problems(files: Mapping[str, bytes], known: Container[str]) -> list[str]:
    """What is in the tarball and should not be, and the other way round."""
    found = [f"{name}: does not belong into the tarball" for name in files if UNWANTED.search(name)]
    found += [f"{name}: git does not know this file" for name in files if name not in known and name not in MADE]
    found += [f"{name}: holds a secret" for name, content in files.items() if SECRET.search(content)]
    return found + [f"{name}: missing in the tarball" for name in WANTED if name not in files]


def contents(tarball: Path) -> dict[str, bytes]:
    """Every file of the tarball; a link counts as an empty one."""
    with tarfile.open(tarball) as archive:
        members = [member for member in archive.getmembers() if not member.isdir()]
        return {member.name: file.read() if (file := archive.extractfile(member)) else b"" for member in members}


def main() -> int:
    """Build, look inside, install, run."""
    with tempfile.TemporaryDirectory(prefix="kraftops-") as name:
        work = Path(name)
        (work / "empty.cfg").touch()  # ansible-core refuses /dev/null as a configuration
        place = {"ANSIBLE_CONFIG": str(work / "empty.cfg"), "ANSIBLE_COLLECTIONS_PATH": name}
        ansible("ansible-galaxy", "collection", "build", "--output-path", name, folder=ROOT, **place)
        tarball = next(work.glob("*.tar.gz"))
        files = contents(tarball)
        found = problems(files, known_to_git())
        for problem in found:
            print(problem)
        print(f"{tarball.name}: {len(files)} files, {tarball.stat().st_size / 1024:.0f} kB")
        ansible("ansible-galaxy", "collection", "install", "--offline", "-p", name, str(tarball), folder=work, **place)
        shutil.copytree(ROOT / "inventories/example", work / "example")
        playbooks = [f"kraftops.kafka.{path.stem}" for path in sorted(ROOT.glob("playbooks/*.yml"))]
        ansible("ansible-playbook", "-i", "example", "--syntax-check", *playbooks, folder=work, **place)
        ansible("ansible-playbook", "-i", "example", "kraftops.kafka.validate", folder=work, **place)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
