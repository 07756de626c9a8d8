"""The names of all metrics that a cluster really has: recorded from exporters, made by rules, written by the collection itself."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT / "tests" / "fixtures" / "metrics"
RULES = ROOT / "templates" / "rules"
# Prometheus makes these itself, for each target and each alert.
ITS_OWN = {
    "up",
    "scrape_duration_seconds",
    "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling",
    "ALERTS",
    "ALERTS_FOR_STATE",
}


def recorded(path: Path) -> set[str]:
    """Return the names in a recorded scrape."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {re.split(r"[ {]", line, maxsplit=1)[0] for line in lines if line and not line.startswith("#")}


def made_by_rules(path: Path) -> set[str]:
    """Return the names that the rules of a file record."""
    return set(re.findall(r"^ *- record: *(\S+)", path.read_text(encoding="utf-8"), re.MULTILINE))


def known() -> set[str]:
    """Return all names."""
    names = set(ITS_OWN)
    for path in RECORDED.glob("*.txt"):
        names |= recorded(path)
    for path in RULES.glob("*.yml"):
        names |= made_by_rules(path)
    return names
