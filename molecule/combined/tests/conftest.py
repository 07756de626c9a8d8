"""The collection as users have it, for the tests of this claim."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.combined import ROOT, Installed


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """Build the tarball, install it, and give the inventory to a folder outside the checkout."""
    base = tmp_path_factory.mktemp("installed")
    galaxy = str(Path(sys.executable).parent / "ansible-galaxy")
    (base / "empty.cfg").touch()
    environment = {**os.environ, "ANSIBLE_CONFIG": str(base / "empty.cfg")}
    build = [galaxy, "collection", "build", str(ROOT), "--output-path", str(base)]
    subprocess.run(build, cwd=base, env=environment, check=True, capture_output=True, text=True)
    (tarball,) = base.glob("*.tar.gz")
    install = [galaxy, "collection", "install", str(tarball), "--force", "-p", str(base / "collections")]
    subprocess.run(install, cwd=base, env=environment, check=True, capture_output=True, text=True)
    folder = base / "site"
    folder.mkdir()
    shutil.copytree(ROOT / "inventories" / "combined", folder / "inventory")
    probe = ["unshare", "--mount", "mount", "-t", "tmpfs", "none", str(ROOT)]
    hide = subprocess.run(probe, check=False, capture_output=True).returncode == 0
    print(f"the checkout is {'hidden' if hide else 'not hidden: unshare is refused here'}")
    yield Installed(base / "collections", folder, hide)
