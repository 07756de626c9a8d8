"""Find Python interpreters of given versions on this machine: on the path, or among those that pyenv or uv have made."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

_PYENV = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
_UV = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or Path.home() / ".local/share/uv/python")


def _candidates(version: str) -> Iterator[Path]:
    """Where an interpreter of the version may lie; pyenv puts launchers on the path that work for some versions only."""
    if found := shutil.which(f"python{version}"):
        yield Path(found)
    for folder in (_PYENV, _UV):
        yield from sorted(folder.glob(f"*/bin/python{version}"), reverse=True)


def _real(candidate: Path) -> Path | None:
    """Where the interpreter really lies, or nothing if it does not start."""
    code = "import ssl, sys, venv; print(sys.executable)"
    command = [str(candidate), "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    return Path(done.stdout.strip()) if done.returncode == 0 else None


def find(version: str) -> Path | None:
    """An interpreter of the version (such as "3.12") that starts."""
    return next((real for candidate in _candidates(version) if (real := _real(candidate))), None)


def find_first(versions: Iterable[str]) -> tuple[str, Path] | None:
    """The first of the versions that this machine has."""
    return next(((version, found) for version in versions if (found := find(version))), None)
