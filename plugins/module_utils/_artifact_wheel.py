# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Gets a pure Python wheel with pip, on the control node, and keeps it in the user's cache folder."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile

from ansible_collections.kraftops.kafka.plugins.module_utils._artifact_catalogue import ArtifactError


def cache_folder() -> str:
    """Return the folder that keeps wheels between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "kraftops.kafka", "wheels")


def wheel(package: str, file: str, digest: str) -> str:
    """Return the path of a wheel whose digest is right; pip is asked only when it is not in the cache."""
    folder = cache_folder()
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, file)
    # Many hosts may want it at the same time; one process asks pip, the others find the file.
    with open(os.path.join(folder, ".lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(path) or _digest(path, digest) != digest:
            _download(package, path, digest)
    return path


def _download(package: str, path: str, digest: str) -> None:
    work = tempfile.mkdtemp(dir=os.path.dirname(path))
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    try:
        done = subprocess.run(  # noqa: S603
            [*pip, "--dest", work, package], check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        got = os.path.join(work, os.path.basename(path))
        if done.returncode != 0 or not os.path.exists(got):
            lines = (done.stderr or done.stdout).strip().splitlines() or ["no output"]
            raise ArtifactError(
                f"{package}: pip on the control node did not give {os.path.basename(path)}: {lines[-1]}. "
                "Point kafka_artifacts to a mirror or to a folder that has the file."
            )
        found = _digest(got, digest)
        if found != digest:
            raise ArtifactError(
                f"{package}: wrong digest of {os.path.basename(path)}: expected {digest}, found {found}."
            )
        os.replace(got, path)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _digest(path: str, like: str) -> str:
    algorithm = like.partition(":")[0]
    with open(path, "rb") as file:
        return f"{algorithm}:{hashlib.new(algorithm, file.read()).hexdigest()}"
