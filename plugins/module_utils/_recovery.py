# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The recovery of Kafka's logs after an unclean stop, as LogManager tells it in server.log.

A broker that recovers serves nobody and looks dead to everybody else; it may take hours, and must not be disturbed.
"""

from __future__ import annotations

import re
from typing import Any, Optional

# LogManager of 3.9 and 4.x, at INFO. The first is the beginning of a process.
STARTING = "Transition from SHUTDOWN to STARTING"
LOADING = "Loading logs from log dirs"
UNCLEAN = re.compile(r"Recovering (\d+) logs from (\S+) since no clean shutdown file was found")
COMPLETED = re.compile(r"\((\d+)/(\d+) completed in (\S+)\)")
LOADED = re.compile(r"Loaded \d+ logs in (\d+)ms")
# A log that tells more than this about one start tells of it again and again.
TAIL_BYTES = 16 * 1024 * 1024


def recovery(text: str) -> Optional[dict[str, Any]]:
    """Return how far the last process has come with recovering its logs; None when it stopped cleanly before, or is silent.

    `seconds` is how long it took, None while `recovering`.
    """
    text = text[max(text.rfind(STARTING), 0) :]
    begin = text.rfind(LOADING)
    if begin < 0:
        return None
    text = text[begin:]
    unclean = {path: int(count) for count, path in UNCLEAN.findall(text)}
    if not unclean:
        return None
    done = {path: int(number) for number, _total, path in COMPLETED.findall(text) if path in unclean}
    end = LOADED.search(text)
    return {
        "recovering": end is None,
        "logs": sum(unclean.values()),
        "recovered": sum(done.values()),
        "directories": sorted(unclean),
        "seconds": int(end.group(1)) / 1000 if end else None,
    }


def read(path: str) -> Optional[dict[str, Any]]:
    """Return the same from the end of a node's server.log; None where there is none."""
    try:
        with open(path, "rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(max(size - TAIL_BYTES, 0))
            return recovery(stream.read().decode("utf-8", "replace"))
    except OSError:
        return None


def words(found: Optional[dict[str, Any]]) -> str:
    """Return it as text for people; empty when there is nothing to tell."""
    if not found:
        return ""
    where = ", ".join(found["directories"])
    if found["recovering"]:
        return f"it recovers its logs after an unclean stop: {found['recovered']} of {found['logs']} done in {where}"
    return f"it recovered {found['logs']} logs in {where} after an unclean stop, in {found['seconds']:.1f} s"
