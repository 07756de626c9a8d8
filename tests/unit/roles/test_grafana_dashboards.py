"""The role grafana hands over every dashboard byte for byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jinja2
import yaml

ROOT = Path(__file__).resolve().parents[3]
DASHBOARDS = ROOT / "templates" / "dashboards"


def lookup(kind: str, term: str, **options: Any) -> Any:
    """Do what Ansible's lookups do for the role's list of files."""
    if kind == "ansible.builtin.fileglob":
        return [str(path) for path in Path(term).parent.glob(Path(term).name)]
    if kind == "ansible.builtin.file":
        assert options == {"rstrip": False}
        return Path(term).read_text(encoding="utf-8")
    return kind


def test_every_dashboard_is_installed_as_it_is() -> None:
    loader = jinja2.FileSystemLoader(ROOT / "roles" / "grafana" / "templates")
    engine = jinja2.Environment(
        loader=loader,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701
    )
    engine.filters.update(to_json=json.dumps, basename=lambda path: Path(path).name)
    engine.globals["lookup"] = lookup
    text = engine.get_template("files.yml.j2").render(
        __grafana_content=str(DASHBOARDS), grafana_provisioning_dir="/p", grafana_dashboards_dir="/d"
    )
    files = {entry["path"]: entry["content"] for entry in yaml.safe_load(text)}
    installed = {path: content for path, content in files.items() if path.startswith("/d/")}
    expected = {f"/d/{path.name}": path.read_text(encoding="utf-8") for path in DASHBOARDS.glob("*.json")}
    assert installed == expected
    assert len(installed) == 9
