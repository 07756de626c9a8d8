# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where staged artifacts lie: one folder an artifact, complete or absent, and the manifest beside them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# Raise it when the code of the recipes changes what they make; everything is then made anew.
RECIPES = 1
RECORD = "artifact.json"
_WORK = ".work-"


@dataclass(frozen=True)
class Wanted:
    """One artifact to stage: its filled-in catalogue entry and the source it shall come from."""

    component: str
    version: str
    arch: str
    source: str
    entry: dict[str, Any]

    @property
    def label(self) -> str:
        """Name and version, as people say it."""
        return f"{self.component} {self.version}"

    @property
    def official(self) -> bool:
        """Whether it is downloaded as it is, not assembled."""
        return self.source == "official" and bool(self.entry["address"])

    @property
    def folder(self) -> str:
        """The folder's name: it changes whenever what is made, or how, changes."""
        fields = ("address", "file", "digest") if self.official else ("file", "kind", "recipe")
        what = [RECIPES, self.arch, *(self.entry.get(field) for field in fields)]
        key = hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:12]
        return f"{self.component}-{self.version}-{self.arch}-{key}"


def default_base() -> Path:
    """Where artifacts are kept: outside the checkout, so that a fresh clone finds them again."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "kraftops.kafka" / "artifacts"


def staged(folder: Path, wanted: Wanted) -> dict[str, Any] | None:
    """Return the record of an artifact that is there and complete, else None."""
    try:
        record: dict[str, Any] = json.loads((folder / wanted.folder / RECORD).read_text(encoding="utf-8"))
        complete = (folder / record["file"]).stat().st_size == record["size"]
    except (OSError, ValueError, KeyError):
        return None
    return record if complete else None


def sweep(folder: Path) -> None:
    """Remove what a killed run left behind; only the run that holds the lock may do that."""
    for path in folder.glob(f"{_WORK}*"):
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def workspace(folder: Path, wanted: Wanted) -> Iterator[Path]:
    """Give a temporary folder to build in; it is gone afterwards, whatever happened."""
    folder.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f"{_WORK}{wanted.component}-{wanted.version}.", dir=folder))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def keep(folder: Path, wanted: Wanted, made: Path, origin: str, contents: list[str]) -> dict[str, Any]:
    """Move a finished file to its place, together with its record, in one step."""
    record = {
        "name": wanted.component,
        "version": wanted.version,
        "arch": wanted.arch,
        "file": f"{wanted.folder}/{made.name}",
        "digest": "sha256:" + file_digest(made, "sha256"),
        "size": made.stat().st_size,
        "origin": origin,
        "list": contents,
    }
    ready = made.parent / ".ready"
    ready.mkdir()
    made.rename(ready / made.name)
    write_json(ready / RECORD, record)
    shutil.rmtree(folder / wanted.folder, ignore_errors=True)
    ready.rename(folder / wanted.folder)
    return record


def file_digest(path: Path, algorithm: str) -> str:
    """Return the hexadecimal digest of a file."""
    digest = hashlib.new(algorithm)
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def write_json(path: Path, data: object) -> None:
    """Write JSON so that a reader sees the old file or the new one."""
    write_text(path, json.dumps(data, indent=2, sort_keys=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
