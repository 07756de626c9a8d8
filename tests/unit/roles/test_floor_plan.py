"""Who knows one role finds his way in all of them: the same files, tasks/main.yml as table of contents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

ROLES = Path(__file__).resolve().parents[3] / "roles"
NAMES = sorted(path.name for path in ROLES.iterdir() if path.is_dir())
ALWAYS = {
    "defaults/main.yml",
    "meta/argument_specs.yml",
    "meta/main.yml",
    "tasks/configure.yml",
    "tasks/install.yml",
    "tasks/main.yml",
    "vars/main.yml",
}
# The stages that a role may have, in the order in which they run.
STAGES = ["install.yml", "configure.yml", "storage.yml", "service.yml"]


def load(role: str, path: str) -> Any:
    return yaml.safe_load((ROLES / role / path).read_text(encoding="utf-8"))


# What playbooks call by itself (tasks_from): no stage of a first start.
COMMANDS = {f"files/{name}" for name in load("kafka", "vars/main.yml")["__kafka_commands"]}
READING = ("balance", "compare", "logs", "plan", "plan_file", "read_levels", "report_file", "verify_levels")
CHANGING = (
    "back",
    "gate",
    "levels",
    "live",
    "lock",
    "roll",
    "silence",
    "topics",
    "turn",
    "turn_report",
    "unlock",
    "unsilence",
)
BESIDES = {
    "kafka": {
        "files/kafka-loaded",
        *COMMANDS,
        *(f"tasks/{name}.yml" for name in (*READING, *CHANGING)),
        # Entry points with variables of their own.
        *(f"defaults/{name}.yml" for name in ("balance", "logs", "topics")),
    },
    "log_shipper": {"files/log-shipper", "tasks/remove.yml"},
    "prometheus": {"tasks/validate.yml"},
}


def files(role: str) -> set[str]:
    return {str(path.relative_to(ROLES / role)) for path in (ROLES / role).rglob("*") if path.is_file()}


@pytest.mark.parametrize("role", NAMES)
def test_files(role: str) -> None:
    assert ALWAYS - files(role) == set()
    other = {path for path in files(role) - ALWAYS if not (path.startswith("templates/") and path.endswith(".j2"))}
    assert other <= {"handlers/main.yml", *(f"tasks/{stage}" for stage in STAGES), *BESIDES.get(role, set())}


@pytest.mark.parametrize("role", NAMES)
def test_table_of_contents(role: str) -> None:
    tasks = load(role, "tasks/main.yml")
    called = [task.get("ansible.builtin.import_tasks") or task.get("ansible.builtin.include_tasks") for task in tasks]
    assert called == [stage for stage in STAGES if f"tasks/{stage}" in files(role)]
    calls = {"ansible.builtin.import_tasks", "ansible.builtin.include_tasks"}
    assert all(set(task) <= {"name", "when", "tags", *calls} for task in tasks)


@pytest.mark.parametrize("role", NAMES)
def test_meta(role: str) -> None:
    meta = load(role, "meta/main.yml")
    assert meta["galaxy_info"].pop("description")
    assert meta == {
        "galaxy_info": {
            "author": "The kraftops.kafka maintainers",
            "license": "GPL-3.0-or-later",
            "min_ansible_version": "2.16",
            "platforms": [{"name": "Debian", "versions": ["bookworm", "trixie"]}],
        },
        "dependencies": [],
    }


@pytest.mark.parametrize("role", NAMES)
def test_own_variables_are_marked(role: str) -> None:
    assert [name for name in load(role, "vars/main.yml") if not name.startswith(f"__{role}_")] == []
