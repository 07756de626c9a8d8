# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Brings one file from an address to a path on this host."""

from __future__ import annotations

import shutil
import time
from http.client import HTTPException
from typing import Callable, Optional
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ansible.module_utils.urls import open_url

from ansible_collections.kraftops.kafka.plugins.module_utils._artifact_install import InstallError

_CHUNK = 1 << 20
_TIMEOUT = 60
PAUSES = (1, 4)

Tick = Callable[[int, int], None]


def _quiet(done: int, expected: int) -> None:
    """Tell nobody."""


def fetch(address: str, path: str, tick: Tick = _quiet, sleep: Callable[[float], None] = time.sleep) -> None:
    """Copy a file:// or download an http(s):// address; a passing fault is tried again twice."""
    if address.startswith("file://"):
        _copy(address, path)
        return
    for pause in (*PAUSES, None):
        fault = _download(address, path, tick)
        if fault is None:
            return
        if pause is None:
            raise InstallError(_found(address, f"{fault} (tried {len(PAUSES) + 1} times)"))
        sleep(pause)


def _found(address: str, fault: object) -> str:
    return f"{address}: expected the file, found: {fault}. Nothing was installed."


def _copy(address: str, path: str) -> None:
    try:
        shutil.copyfile(url2pathname(urlsplit(address).path), path)
    except OSError as error:
        raise InstallError(_found(address, f"{error.strerror} on this host")) from error


def _download(address: str, path: str, tick: Tick) -> Optional[str]:
    """Return a fault that may pass, None after success; raise for one that will not pass."""
    try:
        # A server may label a .tar.gz as compressed in transfer; the digest is of the file as it is.
        with open_url(address, timeout=_TIMEOUT, decompress=False, http_agent="kraftops.kafka") as answer:
            expected = int(answer.headers.get("Content-Length") or 0)
            with open(path, "wb") as file:
                for chunk in iter(lambda: answer.read(_CHUNK), b""):
                    file.write(chunk)
                    tick(file.tell(), expected)
                found = file.tell()
    except HTTPError as error:
        if error.code < 500:
            raise InstallError(_found(address, f"HTTP {error.code} {error.reason}")) from error
        return f"HTTP {error.code} {error.reason}"
    except (OSError, ValueError, HTTPException) as error:
        return str(error) or repr(error)
    return f"{found} of {expected} bytes" if expected and found != expected else None
