"""The documentation that modules share, and that they all say what check mode and diff mode do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.kraftops.kafka.plugins.doc_fragments.attributes import ModuleDocFragment

MODULES = sorted((Path(__file__).parents[4] / "plugins/modules").glob("[!_]*.py"))
FRAGMENTS = {
    "kraftops.kafka.attributes": ModuleDocFragment.DOCUMENTATION,
    "kraftops.kafka.attributes.diff": ModuleDocFragment.DIFF,
}


def attributes(path: Path) -> dict[str, Any]:
    """Return what a module says itself or takes from a fragment."""
    documented = yaml.safe_load(path.read_text().split('DOCUMENTATION = r"""')[1].split('"""')[0])
    named = documented.get("extends_documentation_fragment", [])
    found: dict[str, Any] = dict(documented.get("attributes", {}))
    for name in named:
        found.update(yaml.safe_load(FRAGMENTS[name])["attributes"])
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_check_mode_works_everywhere(path: Path) -> None:
    found = attributes(path)
    assert sorted(found) == ["check_mode", "diff_mode"]
    assert found["check_mode"]["support"] == "full"
    assert found["diff_mode"]["support"] == (
        "full" if "diff=" in path.read_text() or '"diff"' in path.read_text() else "none"
    )
