# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Unpacks an artifact into an empty folder. Nothing may land outside it, and no owner, special mode or device is taken over."""

from __future__ import annotations

import os
import shutil
import tarfile
import zipfile
from typing import IO, Any

DIRECTORY = 0o755
EXECUTABLE = 0o755
PLAIN = 0o644


class ArchiveError(Exception):
    """An archive that is damaged or holds what it must not."""


def unpack(archive: str, target: str, layout: dict[str, Any]) -> None:
    """Unpack one downloaded file into an empty folder, as its kind says."""
    try:
        if layout["kind"] == "file":
            with open(archive, "rb") as content:
                _write(content, os.path.join(target, layout["install_as"]), PLAIN)
        elif layout["kind"] == "wheel":
            _unpack_zip(archive, target)
        else:
            _unpack_tar(archive, target, int(layout["strip"]))
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise ArchiveError(f"cannot be unpacked: {error!r}") from error


def _unpack_tar(archive: str, target: str, strip: int) -> None:
    links: list[tuple[str, str]] = []
    with tarfile.open(archive, "r:*") as tar:
        for member in tar:
            parts = inside(member.name)[strip:]
            if not parts:
                continue
            path = os.path.join(target, *parts)
            if member.isdir():
                _directory(path)
            elif member.issym():
                inside("/".join([*parts[:-1], member.linkname]))
                links.append((path, member.linkname))
            elif member.isreg() or member.islnk():
                content = tar.extractfile(member)
                if content is not None:
                    _write(content, path, EXECUTABLE if member.mode & 0o111 else PLAIN)
            else:
                raise ArchiveError(f"refused: {member.name} is neither a file, a folder nor a link")
    # Links come last, so that no file can be written through one.
    for path, goal in links:
        _directory(os.path.dirname(path))
        os.symlink(goal, path)


def _unpack_zip(archive: str, target: str) -> None:
    with zipfile.ZipFile(archive) as wheel:
        for member in wheel.infolist():
            path = os.path.join(target, *inside(member.filename))
            if not member.is_dir():
                with wheel.open(member) as content:
                    _write(content, path, PLAIN)


def inside(name: str) -> list[str]:
    """Split a name from an archive; refuse one that leads out of the folder it is unpacked into."""
    parts: list[str] = []
    for part in name.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part == "..":
            raise ArchiveError(f"refused: {name} leads out of the archive")
        elif part not in ("", "."):
            parts.append(part)
    if name.startswith("/"):
        raise ArchiveError(f"refused: {name} leads out of the archive")
    return parts


def _directory(path: str) -> None:
    missing = []
    while not os.path.isdir(path):
        missing.append(path)
        path = os.path.dirname(path)
    for folder in reversed(missing):
        os.mkdir(folder)
        os.chmod(folder, DIRECTORY)


def _write(content: IO[bytes], path: str, mode: int) -> None:
    _directory(os.path.dirname(path))
    with open(path, "wb") as file:
        shutil.copyfileobj(content, file, 1 << 20)
    os.chmod(path, mode)
