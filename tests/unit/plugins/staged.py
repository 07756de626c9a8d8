"""Programs out of the staged artifacts (`make artifacts`), and an Alertmanager that runs."""

from __future__ import annotations

import os
import socket
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ansible_collections.kraftops.kafka.plugins.module_utils import _local_http

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kraftops.kafka"
CONFIG = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"


def staged(component: str, program: str) -> str:
    """Unpack a staged program beside its archive, once; return its path."""
    archives = sorted(CACHE.glob(f"artifacts/**/{component}-*.tar.gz"), reverse=True)
    assert archives, f"there is no staged {component}: make artifacts"
    target = CACHE / "promtool" / archives[0].parent.name / program
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f"{program}.{os.getpid()}")
        with tarfile.open(archives[0]) as opened:
            source = opened.extractfile(next(one for one in opened if one.name.endswith(f"/{program}")))
            part.write_bytes(source.read() if source else b"")
        part.chmod(0o755)
        part.rename(target)
    return str(target)


def free_address() -> str:
    """Return an address that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"127.0.0.1:{free.getsockname()[1]}"


@contextmanager
def alertmanager(folder: Path, cluster: str = "", peer: str = "") -> Iterator[str]:
    """Run an Alertmanager, alone or with a peer; its address."""
    folder.mkdir(exist_ok=True)
    (folder / "config.yml").write_text(CONFIG)
    address = free_address()
    options = [f"--config.file={folder}/config.yml", f"--storage.path={folder}/data", f"--web.listen-address={address}"]
    options += [f"--cluster.listen-address={cluster}", *([f"--cluster.peer={peer}"] if peer else [])]
    process = subprocess.Popen([staged("alertmanager", "alertmanager"), *options], stderr=subprocess.DEVNULL)
    try:
        limit = time.monotonic() + 30
        while _local_http.get(f"http://{address}/-/ready") is None:
            assert process.poll() is None
            assert time.monotonic() < limit
            time.sleep(0.1)
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait()
