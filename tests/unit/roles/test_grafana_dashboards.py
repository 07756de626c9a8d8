"""The role grafana hands over every dashboard byte for byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jinja2
import yaml

from ansible_collections.kraftops.kafka.plugins.filter.logs_link import logs_link

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


def installed(url: str) -> dict[str, str]:
    """Return the dashboards as the role writes them, where logs can be searched at an address, or nowhere."""
    loader = jinja2.FileSystemLoader(ROOT / "roles" / "grafana" / "templates")
    engine = jinja2.Environment(
        loader=loader,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701
    )
    engine.filters.update(to_json=json.dumps, basename=lambda path: Path(path).name)
    engine.filters["kraftops.kafka.logs_link"] = logs_link
    engine.globals["lookup"] = lookup
    text = engine.get_template("files.yml.j2").render(
        __grafana_content=str(DASHBOARDS),
        grafana_provisioning_dir="/p",
        grafana_dashboards_dir="/d",
        __grafana_logs_link=url,
    )
    files = {entry["path"]: entry["content"] for entry in yaml.safe_load(text)}
    return {path: content for path, content in files.items() if path.startswith("/d/")}


def test_every_dashboard_is_installed_as_it_is() -> None:
    expected = {f"/d/{path.name}": path.read_text(encoding="utf-8") for path in DASHBOARDS.glob("*.json")}
    assert installed("") == expected
    assert len(expected) == 9


def test_lines_of_nodes_lead_to_the_search_where_there_is_one() -> None:
    url = "https://logs.example.com/?q=${__field.labels.instance}&from=${__from:date:iso}"
    for path, content in installed(url).items():
        board, source = json.loads(content), json.loads((DASHBOARDS / Path(path).name).read_text(encoding="utf-8"))
        links = [panel.get("fieldConfig", {}).get("defaults", {}).get("links", []) for panel in board["panels"]]
        shipped = [panel.get("fieldConfig", {}).get("defaults", {}).get("links", []) for panel in source["panels"]]
        assert [len(one) for one in links] == [2 * len(one) for one in shipped], path
        assert {link["url"] for one in links for link in one[1:]} <= {url}
    assert sum(content.count("logs.example.com") for content in installed(url).values()) > 20
