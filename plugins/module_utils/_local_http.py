# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks a program on this host over HTTP (never through a proxy) and reads Prometheus text."""

from __future__ import annotations

import base64
import re
import urllib.error
import urllib.request
from typing import NamedTuple, Optional


class Answer(NamedTuple):
    """What came back: a status and the text of the body."""

    status: int
    text: str


class Login(NamedTuple):
    """Name and password of HTTP basic authentication."""

    user: str
    password: str


def get(url: str, timeout: float = 10, login: Optional[Login] = None) -> Optional[Answer]:
    """Return the answer to a GET, or None when nothing answers."""
    request = urllib.request.Request(url)  # noqa: S310 (roles pass http addresses of this host)
    if login is not None:
        token = base64.b64encode(f"{login.user}:{login.password}".encode()).decode()
        request.add_header("Authorization", f"Basic {token}")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=timeout) as response:
            return Answer(response.status, response.read().decode("utf-8", "replace"))
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.read().decode("utf-8", "replace"))
    except (OSError, ValueError):
        return None


def metric(text: str, name: str) -> Optional[float]:
    """Return the value of a series without labels, or None."""
    found = re.search(rf"^{re.escape(name)}(?:\{{\}})? (\S+)", text, re.MULTILINE)
    return float(found.group(1)) if found else None
