# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Silences of Alertmanager: what may be silenced, and the few requests that it takes."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Optional

# What no planned work explains: partitions without a leader or without enough replicas, lost data, no controller, dead disks.
NEVER = frozenset(
    (
        "KafkaConsumerLostData",
        "KafkaMultipleActiveControllers",
        "KafkaNoActiveController",
        "KafkaOfflineLogDir",
        "KafkaOfflinePartitions",
        "KafkaUncleanLeaderElection",
        "KafkaUnderMinIsrPartitions",
        "Watchdog",
    )
)
TIMEOUT = 5.0
API = "/api/v2"


class AlertmanagerError(Exception):
    """No Alertmanager could be asked, or one refused; the text says why."""


@dataclass(frozen=True)
class Wanted:
    """A silence as it should be: for these alerts of what has these labels."""

    alerts: tuple[str, ...]
    labels: Mapping[str, str]
    author: str

    @property
    def matchers(self) -> list[dict[str, Any]]:
        """Return it as Alertmanager matches; names are words, so they need no escapes."""
        names = {"name": "alertname", "value": "|".join(sorted(self.alerts)), "isRegex": True, "isEqual": True}
        rest = [
            {"name": name, "value": value, "isRegex": False, "isEqual": True}
            for name, value in sorted(self.labels.items())
        ]
        return [names, *rest]


def refusal(alerts: list[str], labels: Mapping[str, str]) -> str:
    """Return why a silence is refused; empty when it may be."""
    never = sorted(NEVER & set(alerts))
    if never:
        return f"{', '.join(never)}: never silenced, because no planned work explains it. Leave it out of alerts."
    strange = sorted(name for name in alerts if not name.isidentifier())
    if strange:
        return f"{', '.join(strange)}: not the name of an alert. Name each alert in full; patterns are not taken."
    if not alerts:
        return "alerts is empty: that would silence everything. Name the alerts."
    return (
        "" if labels.get("instance") else "matchers has no instance: that would silence other nodes too. Name the node."
    )


class Alertmanager:
    """The first Alertmanager of a list that answers; those of one list share their silences."""

    def __init__(self, urls: list[str]) -> None:
        """Find it, or raise AlertmanagerError."""
        failures = []
        for url in urls:
            try:
                self.url = url.rstrip("/")
                self._call("GET", "/status")
                return
            except AlertmanagerError as failure:
                failures.append(str(failure))
        raise AlertmanagerError("; ".join(failures) or "there is none")

    def active(self, wanted: Wanted) -> Optional[dict[str, Any]]:
        """Return the silence that is in force and was made for exactly this."""
        for one in self._call("GET", "/silences"):
            same = _comparable(one["matchers"]) == _comparable(wanted.matchers)
            if one["status"]["state"] != "expired" and same and one["createdBy"] == wanted.author:
                found: dict[str, Any] = one
                return found
        return None

    def put(self, wanted: Wanted, comment: str, seconds: int, known: Optional[dict[str, Any]]) -> str:
        """Make a silence that ends in so many seconds, or move the end of one that is known; return its id."""
        now = datetime.now(timezone.utc)
        body = {
            "matchers": wanted.matchers,
            "startsAt": known["startsAt"] if known else now.isoformat(),
            "endsAt": (now + timedelta(seconds=seconds)).isoformat(),
            "createdBy": wanted.author,
            "comment": comment,
            **({"id": known["id"]} if known else {}),
        }
        return str(self._call("POST", "/silences", body)["silenceID"])

    def remove(self, identity: str) -> None:
        """End a silence now."""
        self._call("DELETE", f"/silence/{identity}")

    def _call(self, method: str, path: str, body: Optional[dict[str, Any]] = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 (the addresses come from the inventory)
            self.url + API + path, data, {"Content-Type": "application/json"}, method=method
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=TIMEOUT) as answer:
                text = answer.read().decode("utf-8", "replace")
                return json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            said = error.read().decode("utf-8", "replace").strip()
            raise AlertmanagerError(f"{self.url} answers {error.code}: {said or error.reason}") from error
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            raise AlertmanagerError(f"{self.url} cannot be asked: {reason}") from error


def seconds_left(silence: Mapping[str, Any], now: datetime) -> float:
    """Return how long a silence still lasts."""
    text = str(silence["endsAt"]).replace("Z", "+00:00")
    head, dot, rest = text.partition(".")
    # Python 3.9 reads three or six digits of a second, Alertmanager writes what it has.
    whole = head + (f".{rest[: rest.index('+')][:6]:0<6}+00:00" if dot else "")
    return (datetime.fromisoformat(whole) - now).total_seconds()


def _comparable(matchers: list[dict[str, Any]]) -> list[tuple[str, str, bool, bool]]:
    return sorted((one["name"], one["value"], one["isRegex"], one.get("isEqual", True)) for one in matchers)
