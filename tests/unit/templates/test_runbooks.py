"""Every alert has a runbook page of the usual shape, and every page an alert."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
PAGES = {path.stem: path for path in (ROOT / "docs/runbooks").glob("*.md")}
HEADINGS = ["Meaning", "Impact", "Look at", "Do"]


def alerts() -> set[str]:
    """Return the names of all alerts."""
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in (ROOT / "templates/rules").glob("*.yml")]
    rules = [rule for file in files for group in file["groups"] for rule in group["rules"]]
    return {rule["alert"] for rule in rules if "alert" in rule}


def test_every_alert_has_a_page_and_every_page_an_alert() -> None:
    assert set(PAGES) == alerts()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_page(name: str) -> None:
    lines = PAGES[name].read_text(encoding="utf-8").splitlines()
    assert lines[0] == f"# {name}"
    assert [line[3:] for line in lines if line.startswith("## ")] == HEADINGS
    do = lines[lines.index("## Do") :]
    assert any("`" in line for line in do), "what to type is missing"
