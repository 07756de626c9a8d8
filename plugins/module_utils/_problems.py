# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wrong in an inventory, said once, in words that name the host, the variable and its value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

HIDDEN = "(hidden)"
LONGEST_VALUE = 80
SECRET_NAME = re.compile(
    r"passw|secret|credential|token|jaas|private|keystore\.key|keystore\.certificate|truststore\.certificates|api[._-]?key",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Problem:
    """One finding. `host` may hold several names, or none when the finding is about the whole inventory."""

    host: str
    variable: str
    value: str
    why: str
    fix: str


class Findings:
    """Collects problems and warnings; the only thing in here that changes."""

    def __init__(self) -> None:
        """Start with nothing found."""
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self._secret: set[tuple[str, str]] = set()

    def hide(self, host: str, variable: str) -> None:
        """Never show the value that a variable has on a host."""
        self._secret.add((host, variable))

    def is_hidden(self, host: str, variable: str) -> bool:
        """Return whether a variable, or the key of one (`kafka_properties[listeners]`), is a secret on a host."""
        return (host, variable.split("[", maxsplit=1)[0]) in self._secret or bool(SECRET_NAME.search(variable))

    def problem(self, where: tuple[str, str], value: Any, why: str, fix: str) -> None:
        """Add a problem at (host, variable)."""
        self.problems.append(self._finding(where, value, why, fix))

    def warning(self, where: tuple[str, str], value: Any, why: str, fix: str) -> None:
        """Add a warning at (host, variable)."""
        self.warnings.append(self._finding(where, value, why, fix))

    def _finding(self, where: tuple[str, str], value: Any, why: str, fix: str) -> Problem:
        hidden = value is not None and self.is_hidden(*where)
        return Problem(where[0], where[1], HIDDEN if hidden else shown(value), why, fix)

    def plain(self) -> dict[str, Any]:
        """Return both lists as plain data."""
        return {
            "problems": [asdict(one) for one in self.problems],
            "warnings": [asdict(one) for one in self.warnings],
        }


def shown(value: Any) -> str:
    """Return a value as people wrote it, short, on one line, without the secret values of a dict."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(hidden_inside(value), default=str, ensure_ascii=False)
    text = " ".join(text.replace('"', "'").replace("\\", "/").split())
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 3] + "..."


def hidden_inside(value: Any) -> Any:
    """Hide the values of secret keys inside a dict."""
    if isinstance(value, dict):
        return {key: HIDDEN if SECRET_NAME.search(str(key)) else hidden_inside(item) for key, item in value.items()}
    if isinstance(value, list):
        return [hidden_inside(item) for item in value]
    return value


def names(hosts: Iterable[str], limit: int = 4) -> str:
    """Return host names as a person would list them."""
    several = list(hosts)
    if len(several) <= limit:
        return ", ".join(several)
    return ", ".join(several[: limit - 1]) + f" and {len(several) - limit + 1} more"


def merged(findings: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """Say a finding that is the same on several hosts once, naming the hosts."""
    hosts: dict[tuple[str, str, str, str], list[str]] = {}
    for one in findings:
        seen = hosts.setdefault((one["variable"], one["value"], one["why"], one["fix"]), [])
        if one["host"] not in seen:
            seen.append(one["host"])
    return [
        {"host": names(where), "variable": key[0], "value": key[1], "why": key[2], "fix": key[3]}
        for key, where in hosts.items()
    ]


def line(finding: dict[str, str]) -> str:
    """Return a finding as one line: `host: variable = value: why. What to do.`"""
    what = finding["variable"] + (f" = {finding['value']}" if finding["value"] else "")
    parts = [part for part in (finding["host"], what) if part]
    return f"{': '.join([*parts, finding['why']])}. {finding['fix']}."
