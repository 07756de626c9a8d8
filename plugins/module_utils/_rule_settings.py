# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a user may say about rules and alerts, checked against the thresholds that the rules declare."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils import _rule_text as text
from ansible_collections.kraftops.kafka.plugins.module_utils._problems import Findings

PROFILES = ("core", "full")
SCALES = (0.02, 10.0)
SHORTEST_MS = 1000
LISTED = "docs/alerts.md lists all with unit and default"


@dataclass(frozen=True)
class Settings:
    """Everything that rules are rendered with."""

    profile: str
    values: dict[str, Any]
    scale: float
    runbook_url: str
    dashboard_url: str


def settings(given: Mapping[str, Any], declared: Mapping[str, Mapping[str, Any]], findings: Findings) -> Settings:
    """Return the checked settings; what is wrong is said and replaced by its default."""
    values: dict[str, Any] = {key: entry["default"] for key, entry in declared.items()}
    values.update(_thresholds(given.get("thresholds") or {}, declared, findings))
    return Settings(
        profile=_profile(given.get("profile", "core"), findings),
        values={**values, "watched_topics": _pattern(given.get("watched_topics", ""), findings)},
        scale=_scale(given.get("time_scale", 1), findings),
        runbook_url=str(given.get("runbook_url", "")),
        dashboard_url=str(given.get("dashboard_url", "")),
    )


def _thresholds(given: Any, declared: Mapping[str, Mapping[str, Any]], findings: Findings) -> dict[str, float]:
    """Return the thresholds that are right; say the others."""
    if not isinstance(given, Mapping):
        findings.problem(("", "prometheus_alert_thresholds"), given, "is no dict", "Write it as `name: number`")
        return {}
    right = {}
    for key, value in given.items():
        where = ("", f"prometheus_alert_thresholds[{key}]")
        if key not in declared:
            near = difflib.get_close_matches(str(key), declared, n=1)
            meant = f"Did you mean {near[0]}? " if near else ""
            findings.problem(where, value, "no alert has such a threshold", f"{meant}{LISTED}")
        elif isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
            findings.problem(where, value, "is no number above 0", f"Give a number ({declared[key]['unit']})")
        elif declared[key]["unit"] == "ratio" and value > 1:
            findings.problem(
                where, value, "is a share, so it is at most 1", f"Say {text.number(value / 100)} for {value} %"
            )
        else:
            right[str(key)] = value
    return right


def _profile(value: Any, findings: Findings) -> str:
    """Return the profile, core when it is none."""
    if value in PROFILES:
        return str(value)
    findings.problem(("", "prometheus_alert_profile"), value, "is no profile", f"Use one of {', '.join(PROFILES)}")
    return PROFILES[0]


def _scale(value: Any, findings: Findings) -> float:
    """Return the time scale, one when it is none. Older versions of ansible-core hand a templated number over as text."""
    try:
        number = 0.0 if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = 0.0
    if SCALES[0] <= number <= SCALES[1]:
        return number
    fix = f"Use a number from {SCALES[0]} to {SCALES[1]:.0f}; 1 is the shipped pace"
    findings.problem(("", "prometheus_time_scale"), value, "is no scale", fix)
    return 1.0


def _pattern(value: Any, findings: Findings) -> str:
    """Return a regular expression as PromQL takes it inside double quotes."""
    try:
        re.compile(str(value))
    except re.error as problem:
        findings.problem(("", "prometheus_watched_topics"), value, f"is no regular expression: {problem}", "Correct it")
        return ""
    return str(value).replace("\\", "\\\\").replace('"', '\\"')


def pace(given: Mapping[str, Any], scale: float, findings: Findings) -> dict[str, str]:
    """Return the scaled interval and time-out of scrapes; neither falls below a second."""
    found = {}
    for key in ("scrape_interval", "scrape_timeout"):
        duration = str(given[key])
        if not text.DURATION.fullmatch(duration):
            findings.problem(("", f"prometheus_{key}"), duration, "is no duration", "Write it like 15s or 1m")
            continue
        short = scale < 1 and text.milliseconds(duration) * scale < SHORTEST_MS
        found[key] = "1s" if short else text.scaled(duration, scale)
    if len(found) == 2 and text.milliseconds(found["scrape_timeout"]) > text.milliseconds(found["scrape_interval"]):
        fix = "Lower it to the interval or less"
        findings.problem(("", "prometheus_scrape_timeout"), given["scrape_timeout"], "is above the interval", fix)
    return found
