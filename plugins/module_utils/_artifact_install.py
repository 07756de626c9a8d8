# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps one artifact installed on a host: looks what is there, fetches, checks, unpacks, and swaps it in as a whole."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import shutil
import stat
import tempfile
import time
from dataclasses import dataclass
from typing import Any, Callable, Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._artifact_archive import (
    DIRECTORY,
    PLAIN,
    ArchiveError,
    unpack,
)

MARKER = ".artifact.json"
_CHUNK = 1 << 20
_LEFTOVER_SECONDS = 3600

Fetch = Callable[[str, str], None]


class InstallError(Exception):
    """Why an artifact was not installed."""


@dataclass(frozen=True)
class Target:
    """One component and version on this host, and what the control node said about it."""

    root: str
    component: str
    version: str
    arch: str
    step: dict[str, Any]

    @property
    def home(self) -> str:
        """The folder of all versions of the component."""
        return os.path.join(self.root, self.component)

    @property
    def path(self) -> str:
        """The folder of this version."""
        return os.path.join(self.home, f"{self.component}-{self.version}")


def read_marker(path: str) -> Optional[dict[str, Any]]:
    """Return what the last installation wrote down, None where there is none."""
    try:
        with open(os.path.join(path, MARKER), encoding="utf-8") as file:
            marker = json.load(file)
        return marker if isinstance(marker.get("files"), dict) and isinstance(marker.get("archive"), dict) else None
    except (OSError, ValueError, AttributeError):
        return None


def faults(target: Target, marker: Optional[dict[str, Any]]) -> list[str]:
    """Return why the artifact has to be installed; nothing when what is there is exactly right."""
    if not os.path.isdir(target.path):
        return ["absent"]
    if marker is None:
        return [f"{target.path} has no record of its installation"]
    algorithm, _colon, wanted = target.step["digest"].partition(":")
    if marker["archive"].get(algorithm) != wanted:
        return [f"installed from another file: {algorithm}:{marker['archive'].get(algorithm)}"]
    # By the patterns of that installation: a later collection may watch more files, and that is no fault of these.
    found = snapshot(target.path, marker.get("verify") or target.step["verify"])
    return [
        f"{name} {_difference(marker['files'].get(name), found.get(name))}"
        for name in sorted({*found, *marker["files"]})
        if found.get(name) != marker["files"].get(name)
    ]


def _difference(recorded: Optional[dict[str, Any]], found: Optional[dict[str, Any]]) -> str:
    if found is None:
        return "is missing"
    if recorded is None:
        return "does not belong there"
    if found["sha256"] != recorded["sha256"]:
        return "has another content"
    return f"has owner {found['owner']} and mode {found['mode']}"


def snapshot(path: str, patterns: list[str]) -> dict[str, dict[str, Any]]:
    """Return digest, owner and mode of every file that matches."""
    found = {}
    for pattern in patterns:
        for name in glob.glob(os.path.join(glob.escape(path), pattern), recursive=True):
            if os.path.isfile(name):
                status = os.stat(name)
                found[os.path.relpath(name, path)] = {
                    "sha256": file_digests(name)["sha256"],
                    "mode": f"{stat.S_IMODE(status.st_mode):04o}",
                    "owner": status.st_uid,
                }
    return found


def file_digests(path: str) -> dict[str, str]:
    """Return the digests of a file by every algorithm that the catalogue may use."""
    digests = {name: hashlib.new(name) for name in ("sha256", "sha512")}
    with open(path, "rb") as file:
        for chunk in iter(lambda: file.read(_CHUNK), b""):
            for digest in digests.values():
                digest.update(chunk)
    return {name: digest.hexdigest() for name, digest in digests.items()}


def install(target: Target, upload: Optional[str], fetch: Fetch) -> dict[str, Any]:
    """Install the artifact and return its record. Until the very last step nothing that is installed is touched."""
    if not os.path.isdir(target.home):
        os.makedirs(target.home)
        os.chmod(target.home, DIRECTORY)
    _sweep(target)
    work = tempfile.mkdtemp(prefix=_prefix(target), dir=target.home)
    try:
        archive = upload
        if archive is None:
            archive = os.path.join(work, "archive")
            fetch(target.step["url"], archive)
        digests = _checked(target, archive)
        tree = os.path.join(work, "tree")
        os.mkdir(tree)
        os.chmod(tree, DIRECTORY)
        _unpacked(target, archive, tree)
        marker = _record(target, tree, digests)
        _swap(target, tree, work)
        return marker
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _checked(target: Target, archive: str) -> dict[str, str]:
    digests = file_digests(archive)
    algorithm, _colon, expected = target.step["digest"].partition(":")
    if digests[algorithm] != expected:
        raise InstallError(
            f"{target.step['origin']}: wrong digest: expected {algorithm}:{expected}, "
            f"found {algorithm}:{digests[algorithm]}. Nothing was installed."
        )
    return digests


def _unpacked(target: Target, archive: str, tree: str) -> None:
    try:
        unpack(archive, tree, target.step)
    except ArchiveError as error:
        raise InstallError(f"{target.step['origin']}: {error}. Nothing was installed.") from error
    missing = [name for name in target.step["key_files"] if not os.path.isfile(os.path.join(tree, name))]
    if missing:
        raise InstallError(
            f"{target.step['origin']}: expected {', '.join(missing)} in it, found no such file. Nothing was installed."
        )


def _record(target: Target, tree: str, digests: dict[str, str]) -> dict[str, Any]:
    marker = {
        "component": target.component,
        "version": target.version,
        "arch": target.arch,
        "origin": target.step["origin"],
        "archive": digests,
        "verify": target.step["verify"],
        "files": snapshot(tree, target.step["verify"]),
    }
    path = os.path.join(tree, MARKER)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(marker, file, indent=1, sort_keys=True)
    os.chmod(path, PLAIN)
    return marker


def _swap(target: Target, tree: str, work: str) -> None:
    old = os.path.join(work, "old")
    if os.path.lexists(target.path):
        os.rename(target.path, old)
    try:
        os.rename(tree, target.path)
    except OSError:
        if os.path.lexists(old):
            os.rename(old, target.path)
        raise


def _sweep(target: Target) -> None:
    """Remove what a killed run left behind; a run that works at this moment is left alone."""
    for name in os.listdir(target.home):
        path = os.path.join(target.home, name)
        if name.startswith(_prefix(target)) and time.time() - os.stat(path).st_mtime > _LEFTOVER_SECONDS:
            shutil.rmtree(path, ignore_errors=True)


def _prefix(target: Target) -> str:
    return f".{target.component}-{target.version}.tmp"
