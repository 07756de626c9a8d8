# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Official addresses: do they answer, and what do they give."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Callable
from urllib.parse import urlsplit

from ansible.module_utils.urls import open_url

from ansible_collections.kraftops.kafka.packaging.recipes import Made
from ansible_collections.kraftops.kafka.packaging.store import Wanted, file_digest
from ansible_collections.kraftops.kafka.plugins.module_utils._artifact_catalogue import ArtifactError
from ansible_collections.kraftops.kafka.plugins.module_utils._artifact_fetch import fetch
from ansible_collections.kraftops.kafka.plugins.module_utils._artifact_install import InstallError

PROBE_SECONDS = 5.0
_PROGRESS_SECONDS = 10


def silent_hosts(addresses: list[str], seconds: float = PROBE_SECONDS) -> list[str]:
    """Ask one address of each host, all at once; return a line for each that does not give the file in time."""
    one_each = {urlsplit(address).netloc: address for address in addresses}
    answers: dict[str, str] = {}
    # Threads that are given up: looking up a name cannot be interrupted and may take longer than we want to wait.
    threads = [threading.Thread(target=_probe, args=(a, seconds, answers), daemon=True) for a in one_each.values()]
    for thread in threads:
        thread.start()
    end = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return [
        f"{address}: {answers.get(address, 'no answer in time')}"
        for address in one_each.values()
        if answers.get(address) != "ok"
    ]


def _probe(address: str, seconds: float, answers: dict[str, str]) -> None:
    try:
        with open_url(address, method="HEAD", timeout=seconds, http_agent="kraftops.kafka"):
            answers[address] = "ok"
    except (OSError, ValueError) as error:
        answers[address] = str(error)


def official(wanted: Wanted, work: Path, say: Callable[[str], None]) -> Made:
    """Download the official file."""
    address = wanted.entry["address"] + wanted.entry["file"]
    if not wanted.entry["digest"]:
        raise ArtifactError(f"no digest is known for {wanted.arch}; {address} was not downloaded")
    path = work / wanted.entry["file"]
    say(f"{wanted.label}: downloading {address}")
    told = time.monotonic()

    def tick(done: int, expected: int) -> None:
        nonlocal told
        if time.monotonic() - told > _PROGRESS_SECONDS:
            told = time.monotonic()
            say(f"{wanted.label}: {done / 1e6:.0f} of {expected / 1e6:.0f} MB")

    try:
        fetch(address, str(path), tick)
    except InstallError as error:
        raise ArtifactError(str(error)) from error
    return Made(path, address, [path.name])


def check(wanted: Wanted, made: Made) -> None:
    """Refuse a file that is not the very one the catalogue names; what is built here has no such digest."""
    built = wanted.source == "registry" and wanted.entry["kind"] == "tar"
    if built or not wanted.entry["digest"]:
        return
    algorithm, _colon, expected = wanted.entry["digest"].partition(":")
    found = file_digest(made.path, algorithm)
    if found != expected:
        raise ArtifactError(f"{made.origin}: wrong digest: expected {algorithm}:{expected}, found {algorithm}:{found}")
