# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Makes the configuration of Alertmanager: who is told what, what hides what; secrets go into files of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._problems import Findings

SEVERITIES = ("critical", "warning", "info")
# Nobody is told of an info unless he asks for it.
USUAL = ("critical", "warning")
NOBODY, WATCHDOG = "nobody", "watchdog"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
RECEIVERS = "alertmanager_receivers"
OWN_KEYS = frozenset(("name", "severities", "matchers"))
# Alertmanager reads each of these from a file, when its name ends with _file.
SECRETS = frozenset(
    (
        "api_key",
        "api_secret",
        "api_url",
        "app_token",
        "auth_password",
        "auth_secret",
        "bot_token",
        "client_secret",
        "credentials",
        "password",
        "routing_key",
        "service_key",
        "token",
        "url",
        "user_key",
        "webhook_url",
    )
)
# Where an address is no secret, or where there is no file for it.
OPEN = frozenset((("opsgenie_configs", "api_url"), ("victorops_configs", "api_url"), ("telegram_configs", "api_url")))


@dataclass(frozen=True)
class Wishes:
    """What the inventory says; names as in the filter's documentation."""

    receivers: list[Any] = field(default_factory=list)
    watchdog: dict[str, Any] = field(default_factory=dict)
    smtp: dict[str, Any] = field(default_factory=dict)
    timings: dict[str, dict[str, str]] = field(default_factory=dict)
    inhibitions: list[dict[str, Any]] = field(default_factory=list)
    secrets_dir: str = "/etc/alertmanager/secrets"


class Secrets:
    """Moves secrets out of the configuration; what is left names their files."""

    def __init__(self, folder: str) -> None:
        """Begin without any."""
        self._folder = folder
        self.files: list[dict[str, str]] = []

    def without(self, name: str, kind: str, value: Any) -> Any:
        """Return a value in which each secret is the path of a file."""
        if isinstance(value, list):
            return [self.without(f"{name}-{index}", kind, item) for index, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        return dict(self._entry(name, kind, key, item) for key, item in value.items())

    def _entry(self, name: str, kind: str, key: str, item: Any) -> tuple[str, Any]:
        plain = key.removeprefix("smtp_")
        if plain in SECRETS and (kind, key) not in OPEN and isinstance(item, (str, int)):
            path = f"{self._folder}/{name}-{key}"
            self.files.append({"path": path, "content": str(item)})
            return f"{key}_file", path
        return key, self.without(f"{name}-{key}", kind, item)


def configuration(wishes: Wishes, findings: Findings) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Return the configuration, and the files of its secrets with their content."""
    good = list(_checked(wishes, findings))
    secrets = Secrets(wishes.secrets_dir)
    receivers = [{"name": NOBODY}, {"name": WATCHDOG, **_targets(WATCHDOG, wishes.watchdog, secrets)}]
    receivers += [{"name": one["name"], **_targets(one["name"], one, secrets)} for one in good]
    smtp = {f"smtp_{key}": value for key, value in wishes.smtp.items()}
    config = {
        "global": secrets.without("global", "", smtp),
        "route": _routes(good, wishes.timings),
        "inhibit_rules": [_inhibition(one) for one in wishes.inhibitions],
        "receivers": receivers,
    }
    return config, secrets.files


def _targets(name: str, receiver: Mapping[str, Any], secrets: Secrets) -> dict[str, Any]:
    kinds = {key: value for key, value in receiver.items() if key not in OWN_KEYS}
    return {kind: secrets.without(f"{name}-{kind.removesuffix('_configs')}", kind, one) for kind, one in kinds.items()}


def _routes(receivers: list[dict[str, Any]], timings: dict[str, dict[str, str]]) -> dict[str, Any]:
    """Everybody who asked for a severity gets it; what nobody asked for can still be looked at."""
    wanted = [
        {
            "matchers": [f'severity="{severity}"', *one.get("matchers", [])],
            "receiver": one["name"],
            "continue": True,
            **timings.get(severity, {}),
        }
        for severity in SEVERITIES
        for one in receivers
        if severity in one.get("severities", USUAL)
    ]
    heart = {"matchers": ['alertname="Watchdog"'], "receiver": WATCHDOG, **timings.get(WATCHDOG, {})}
    return {"receiver": NOBODY, "group_by": ["cluster", "alertname"], "routes": [heart, *wanted]}


def _inhibition(rule: dict[str, Any]) -> dict[str, Any]:
    return {
        "source_matchers": [f'alertname="{rule["source"]}"'],
        "target_matchers": [f'alertname=~"{"|".join(rule["hides"])}"'],
        "equal": rule["equal"],
    }


def _checked(wishes: Wishes, findings: Findings) -> Iterator[dict[str, Any]]:
    """Yield the receivers that can work; report the others. A value is never shown: it may be a secret."""
    seen = {NOBODY, WATCHDOG}
    for index, one in enumerate(wishes.receivers):
        if not isinstance(one, dict) or not NAME.fullmatch(str(one.get("name", ""))):
            _refuse(findings, str(index), "no receiver with a name", "Write a dict with a name of letters and digits")
            continue
        name = str(one["name"])
        faults = [*_faults(one, wishes), *(["the name is taken already"] if name in seen else [])]
        for why in faults:
            _refuse(findings, name, why, "See the role's documentation for what a receiver may hold")
        seen.add(name)
        if not faults:
            yield one
    kinds = [key for key in wishes.watchdog if not _is_kind(key)]
    if kinds:
        findings.problem(
            ("", "alertmanager_watchdog"), None, f"unknown: {', '.join(kinds)}", "Use keys that end with _configs"
        )


def _faults(one: dict[str, Any], wishes: Wishes) -> Iterator[str]:
    unknown = sorted(key for key in one if key not in OWN_KEYS and not _is_kind(key))
    if unknown:
        yield f"unknown: {', '.join(unknown)}"
    kinds = [key for key in one if _is_kind(key)]
    if not kinds:
        yield "it has no *_configs, so it would tell nobody"
    for key in kinds:
        if not isinstance(one[key], list) or not all(isinstance(item, dict) for item in one[key]):
            yield f"{key} is not a list of dicts"
    severities = one.get("severities", list(USUAL))
    if not isinstance(severities, list) or not severities or set(map(str, severities)) - set(SEVERITIES):
        yield f"severities is not a list of {', '.join(SEVERITIES)}"
    if "email_configs" in kinds and not {"smarthost", "from"} <= set(wishes.smtp):
        yield "mail needs alertmanager_smtp with smarthost and from"


def _is_kind(key: str) -> bool:
    return str(key).endswith("_configs")


def _refuse(findings: Findings, name: str, why: str, fix: str) -> None:
    findings.problem(("", f"{RECEIVERS}[{name}]"), None, why, fix)
