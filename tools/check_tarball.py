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
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UNWANTED = re.compile(
    r"(^|/)(\.[^/]+|__pycache__|[^/]*\.py[co]|[^/]*\.tar\.gz|[^/]*_cache|id_[a-z0-9]+|[^/]*\.(pem|key|jks|p12))(/|$)"
    r"|^(tests|molecule|tools|changelogs/fragments|Makefile|pyproject\.toml)(/|$)"
)
WANTED = ("README.md", "LICENSE", "meta/runtime.yml", "playbooks/site.yml", "roles/kafka/tasks/main.yml")


def ansible(tool: str, *arguments: str, folder: Path, **environment: str) -> None:
    """Run one of Ansible's commands, away from the checkout's settings."""
    variables = {**os.environ, **environment}
    command = [str(Path(sys.executable).parent / tool), *arguments]
    subprocess.run(command, cwd=folder, env=variables, check=True, stdin=subprocess.DEVNULL)


def problems(members: Iterable[str]) -> list[str]:
    """What is in the tarball and should not be, and the other way round."""
    names = set(members)
    found = [f"{name}: does not belong into the tarball" for name in sorted(names) if UNWANTED.search(name)]
    return found + [f"{name}: missing in the tarball" for name in WANTED if name not in names]


def main() -> int:
    """Build, look inside, install, run."""
    with tempfile.TemporaryDirectory(prefix="kraftops-") as name:
        work = Path(name)
        (work / "empty.cfg").touch()  # ansible-core refuses /dev/null as a configuration
        place = {"ANSIBLE_CONFIG": str(work / "empty.cfg"), "ANSIBLE_COLLECTIONS_PATH": name}
        ansible("ansible-galaxy", "collection", "build", "--output-path", name, folder=ROOT, **place)
        tarball = next(work.glob("*.tar.gz"))
        with tarfile.open(tarball) as archive:
            found = problems(member.name for member in archive.getmembers())
        for problem in found:
            print(problem)
        print(f"{tarball.name}: {tarball.stat().st_size / 1024:.0f} kB")
        ansible("ansible-galaxy", "collection", "install", "--offline", "-p", name, str(tarball), folder=work, **place)
        shutil.copytree(ROOT / "inventories/example", work / "example")
        ansible("ansible-playbook", "-i", "example", "kraftops.kafka.validate", folder=work, **place)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
