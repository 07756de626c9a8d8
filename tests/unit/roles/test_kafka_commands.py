"""The commands on a Kafka host: everything that they import is put there, and nothing else."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
ROLE = ROOT / "roles/kafka"
UTILS = "ansible_collections.kraftops.kafka.plugins.module_utils"
VARIABLES: dict[str, Any] = yaml.safe_load((ROLE / "vars/main.yml").read_text(encoding="utf-8"))
COMMANDS: list[str] = VARIABLES["__kafka_commands"]
MODULES: list[str] = VARIABLES["__kafka_command_modules"]
# Found by its own path on the host.
KAFKA_PYTHON = "kafka"


def imports(path: Path) -> set[str]:
    """Return the full names of everything that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            inside = node.module == UTILS
            found |= {f"{UTILS}.{alias.name}" for alias in node.names} if inside else {str(node.module)}
    return found


def own(names: set[str]) -> set[str]:
    """Return which of our modules are among the names."""
    return {name.rpartition(".")[2] for name in names if name.startswith(UTILS)}


def sources() -> list[Path]:
    """Return the files that lie on the host."""
    modules = [ROOT / f"plugins/module_utils/{name}.py" for name in MODULES]
    return [*(ROLE / "files" / name for name in COMMANDS), *modules]


def test_what_is_imported_is_there_and_nothing_else() -> None:
    waiting = [ROLE / "files" / name for name in COMMANDS]
    needed: set[str] = set()
    while waiting:
        found = own(imports(waiting.pop())) - needed
        needed |= found
        waiting += [ROOT / f"plugins/module_utils/{name}.py" for name in found]
    assert sorted(needed) == MODULES


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.name)
def test_only_the_standard_library_is_needed(path: Path) -> None:
    roots = {name.partition(".")[0] for name in imports(path) if not name.startswith(UTILS)}
    assert roots - set(sys.stdlib_module_names) - {KAFKA_PYTHON} == set()


def test_the_list_of_commands_is_sorted() -> None:
    assert sorted(COMMANDS) == COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_begins_as_the_others_do(name: str) -> None:
    path = ROLE / "files" / name
    assert path.read_text(encoding="utf-8").startswith("# Ansible managed\n")  # the role puts the first line above


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_be_loaded_from_the_tree_on_the_host(name: str, tmp_path: Path) -> None:
    """Only what the role puts there, and a Python that sees nothing else."""
    tree = tmp_path / UTILS.replace(".", "/")
    tree.mkdir(parents=True)
    for module in MODULES:
        (tree / f"{module}.py").write_text((ROOT / f"plugins/module_utils/{module}.py").read_text(encoding="utf-8"))
    text = (ROLE / "files" / name).read_text(encoding="utf-8").replace("/opt/kraftops_kafka/lib", str(tmp_path))
    (tmp_path / "command.py").write_text(text)
    load = f"import runpy; runpy.run_path({str(tmp_path / 'command.py')!r}, run_name='loaded')"
    subprocess.run([sys.executable, "-I", "-c", load], check=True)


def render(template: str, **variables: Any) -> str:
    """Render a template of the role."""
    loader = jinja2.FileSystemLoader(ROLE / "templates")
    engine = jinja2.Environment(loader=loader, trim_blocks=True, undefined=jinja2.StrictUndefined)  # noqa: S701
    engine.filters["comment"] = lambda text: f"# {text}"
    constants = {"ansible_managed": "test", "__kafka_command_home": "/opt/kraftops_kafka", "__kafka_textfile_dir": "/t"}
    return engine.get_template(template).render({**constants, **variables})


@pytest.mark.parametrize("probe", VARIABLES["__kafka_probes"], ids=lambda probe: str(probe["name"]))
def test_a_probe_runs_a_command_that_is_there(probe: dict[str, Any]) -> None:
    assert probe["command"].split()[0] in COMMANDS
    service, timer = (render(f"probe.{kind}.j2", __kafka_probe=probe) for kind in ("service", "timer"))
    assert f"\nExecStart=/opt/kraftops_kafka/bin/{probe['command'].split()[0]}" in service
    assert "\nUser=kafka\n" in service
    assert f"\nOnUnitInactiveSec={probe['seconds']}\n" in timer
