# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Stage every artifact in one folder that `kafka_artifacts` can point to. The last line printed is that folder."""

from __future__ import annotations

import argparse
import fcntl
import json
import platform
import signal
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

_ROOT = Path(__file__).resolve().parent.parent
# A checkout resolves the collection's own names through its .collections folder; an installed one lies in such a folder.
sys.path.insert(0, str(_ROOT / ".collections" if (_ROOT / ".collections").exists() else _ROOT.parents[2]))

from ansible_collections.kraftops.kafka.packaging import download, recipes, store, tools
from ansible_collections.kraftops.kafka.plugins.module_utils import _artifact_catalogue as catalogue
from ansible_collections.kraftops.kafka.plugins.module_utils._artifact_catalogue import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCES = ("official", "registry")


def say(text: str) -> None:
    """Print one line of progress; standard output is kept for the result."""
    print(text, file=sys.stderr, flush=True)


def architecture() -> str:
    """Return this machine's architecture as the catalogue names it."""
    for arch, machine in catalogue.ARCHITECTURES.items():
        if platform.machine() in (arch, machine):
            return arch
    raise ArtifactError(f"This machine is {platform.machine()}; known: {', '.join(catalogue.ARCHITECTURES)}.")


def wanted_list(data: dict[str, Any], source: str, arch: str) -> list[store.Wanted]:
    """Return what is to be staged from a source, in order."""
    wanted = []
    for item in data["stage"][source]["artifacts"]:
        component, version = item["component"], item["version"]
        entry = catalogue.fill(catalogue.lookup(data["components"], component, version), version, arch)
        wanted.append(store.Wanted(component, version, entry["arch"], source, entry))
    return wanted


def decide(base: Path, data: dict[str, Any], arch: str) -> str:
    """Choose the source once; the choice is kept in a file, so that later runs do not ask the network."""
    record = base / "source.json"
    try:
        source = str(json.loads(record.read_text(encoding="utf-8"))["source"])
        if source in SOURCES:
            return source
    except (OSError, ValueError, KeyError):
        pass
    addresses = [
        item.entry["address"] + item.entry["file"]
        for item in wanted_list(data, "official", arch)
        if item.entry["address"]
    ]
    silent = download.silent_hosts(addresses)
    source = "registry" if silent else "official"
    why = "; ".join(silent) or "every official address answered"
    store.write_json(record, {"source": source, "why": why, "decided": time.strftime("%Y-%m-%dT%H:%M:%S%z")})
    say(f"source: {source} ({why}). Kept in {record}; delete it to decide again.")
    return source


def make(folder: Path, wanted: store.Wanted) -> dict[str, Any]:
    """Stage one artifact that is not there yet."""
    began = time.monotonic()
    with store.workspace(folder, wanted) as work:
        if wanted.official:
            made = download.official(wanted, work, say)
        else:
            tools.ensure(wanted, say)
            say(f"{wanted.label}: assembling ({wanted.entry['recipe']['type']})")
            log = folder / "logs" / f"{wanted.folder}.log"
            made = recipes.build(wanted, work, tools.Tools(log, say, wanted.label))
        download.check(wanted, made)
        record = store.keep(folder, wanted, made.path, made.origin, made.contents)
    say(f"{wanted.label}: done, {time.monotonic() - began:.0f} s, {record['size'] / 1e6:.1f} MB")
    return record


def obtainable(wanted: store.Wanted) -> str:
    """Return why an artifact cannot be had from its source, or nothing."""
    if wanted.official:
        return ""
    if wanted.entry["recipe"]:
        return ""
    return str(wanted.entry.get("no_recipe") or "the catalogue has no recipe for it")


def stage(base: Path, data: dict[str, Any], source: str, arch: str) -> tuple[Path, list[str]]:
    """Stage everything of one source; return the folder and what failed."""
    folder = base / source
    store.sweep(folder)
    artifacts: list[dict[str, Any]] = []
    missing: list[dict[str, str]] = []
    failed: list[str] = []
    for wanted in wanted_list(data, source, arch):
        reason = obtainable(wanted)
        if reason:
            missing.append({"name": wanted.component, "version": wanted.version, "reason": reason})
            say(f"{wanted.label}: not to be had from {source}: {reason}")
            continue
        try:
            record = store.staged(folder, wanted) or make(folder, wanted)
        except (ArtifactError, OSError) as error:
            say(f"{wanted.label}: FAILED: {error}")
            failed.append(wanted.label)
            continue
        artifacts.append({key: value for key, value in record.items() if key != "size"})
    store.write_json(
        folder / "manifest.json", {"format": 1, "source": source, "artifacts": artifacts, "missing": missing}
    )
    variables = {"kafka_artifacts": str(folder), **data["stage"][source]["vars"]}
    store.write_text(folder / "vars.yml", "---\n" + yaml.safe_dump(variables, sort_keys=False))
    return folder, failed


@contextmanager
def alone(base: Path) -> Iterator[None]:
    """Let one run at a time stage into a folder."""
    base.mkdir(parents=True, exist_ok=True)
    with (base / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another run is staging artifacts; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(arguments: list[str]) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", choices=["auto", *SOURCES], default="auto", help="default: auto, decided once")
    parser.add_argument("--dest", type=Path, default=store.default_base(), help="default: %(default)s")
    parser.add_argument("--catalogue", type=Path, default=_ROOT / "packaging" / "catalogue.yml", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    base: Path = options.dest.expanduser().resolve()
    data = yaml.safe_load(options.catalogue.read_text(encoding="utf-8"))
    try:
        with alone(base):
            arch = architecture()
            source = decide(base, data, arch) if options.source == "auto" else options.source
            folder, failed = stage(base, data, source, arch)
    except ArtifactError as error:
        say(f"artifacts: {error}")
        return 1
    if failed:
        say(f"artifacts: failed: {', '.join(failed)}. Run it again; what is done stays done.")
    print(folder, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    # A polite kill shall clean up as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main(sys.argv[1:]))
