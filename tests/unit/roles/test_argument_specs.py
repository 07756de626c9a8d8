"""Each role's public variables: defaults/main.yml and meta/argument_specs.yml say the same, and people can read both."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())
# Of the role kafka a good part are controls of a run, mostly given on the command line.
LIMITS = {"kafka": 46}
# A host must say them, or there is a reason why no literal value can stand for "not said".
WITHOUT_DEFAULT = {
    "grafana": {"grafana_admin_password"},
    "kafka": {"kafka_address", "kafka_cluster_name", "kafka_node_id", "kafka_rack"},
}
TYPES = {"str": str, "path": str, "int": int, "float": float, "bool": bool, "list": list, "dict": dict, "raw": object}
KEY = re.compile(r"([a-z]\w*):")
HEADING = re.compile(r"# --- .* ---$")


def specs(role: str) -> dict[str, Any]:
    text = (ROOT / "roles" / role / "meta/argument_specs.yml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text)["argument_specs"])


def defaults(role: str, entry: str = "main") -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "roles" / role / f"defaults/{entry}.yml").read_text(encoding="utf-8")))


def options(role: str, entry: str = "main") -> dict[str, dict[str, Any]]:
    return dict(specs(role)[entry]["options"])


# Entry points beside main have a file of defaults of their own.
BESIDES = [(role, entry) for role in ROLES for entry in specs(role) if entry != "main"]


def is_a(value: Any, kind: str) -> bool:
    """Tell whether a literal is of a type of argument specifications; a number is no truth value."""
    return isinstance(value, TYPES[kind]) and (kind == "bool" or not isinstance(value, bool))


def uncommented(text: str) -> list[str]:
    """Return the variables without a comment above them; one comment may stand above a block of lines."""
    found = []
    commented = False
    for line in text.splitlines():
        if not line:
            commented = False
        elif line.startswith("# ") and not HEADING.match(line):
            commented = True
        elif (key := KEY.match(line)) and not commented:
            found.append(key[1])
    return found


@pytest.mark.parametrize("role", ROLES)
def test_same_variables(role: str) -> None:
    assert set(options(role)) - set(defaults(role)) == WITHOUT_DEFAULT.get(role, set())
    assert set(defaults(role)) - set(options(role)) == set()


@pytest.mark.parametrize("role", ROLES)
def test_same_values(role: str) -> None:
    """`default` is there for each variable with a default, also where it is empty, and for no other."""
    said = {name: option["default"] for name, option in options(role).items() if "default" in option}
    assert said == defaults(role)
    assert {name: type(value) for name, value in said.items()} == {
        name: type(value) for name, value in defaults(role).items()
    }


@pytest.mark.parametrize("role", ROLES)
def test_types(role: str) -> None:
    for name, option in options(role).items():
        kind = option["type"]
        if "default" in option:
            assert is_a(option["default"], kind), f"{name}: {option['default']!r} is no {kind}"
            assert option["default"] in option.get("choices", [option["default"]]), name
        if kind == "list":
            assert all(is_a(item, option["elements"]) for item in option.get("default", [])), name
        assert not (option.get("required") and "default" in option), name


@pytest.mark.parametrize("role", ROLES)
def test_literal_and_named_after_the_role(role: str) -> None:
    """All roles' defaults are merged and read without a host, so none may be a template or stand for two roles."""
    for name, value in defaults(role).items():
        assert "{{" not in str(value), name
        assert name.startswith(f"{role}_"), name


@pytest.mark.parametrize("role", ROLES)
def test_described(role: str) -> None:
    text = (ROOT / "roles" / role / "defaults/main.yml").read_text(encoding="utf-8")
    assert uncommented(text) == []
    assert [name for name, option in options(role).items() if not option["description"]] == []
    comments = "\n".join(line for line in text.splitlines() if line.startswith("#"))
    assert [name for name in WITHOUT_DEFAULT.get(role, set()) if name not in comments] == []


@pytest.mark.parametrize("role", ROLES)
def test_few_variables(role: str) -> None:
    assert len(options(role)) <= LIMITS.get(role, 25)


def test_no_variable_in_two_roles() -> None:
    names = [name for role in ROLES for name in options(role)]
    assert sorted(names) == sorted(set(names))


def test_uncommented() -> None:
    """The test's own eye: a heading is no comment, an empty line ends one, one comment may serve a block."""
    text = "---\n# --- Logs. ---\na: 1\n\n# Both.\nb: 1\nc:\n  - 2\n\nd: 3\n"
    assert uncommented(text) == ["a", "d"]


@pytest.mark.parametrize(("role", "entry"), BESIDES)
def test_entry_points(role: str, entry: str) -> None:
    """What holds for main holds for every entry point: the same variables with the same literal values, described."""
    said = {name: option["default"] for name, option in options(role, entry).items()}
    assert said == defaults(role, entry)
    for name, option in options(role, entry).items():
        assert is_a(option["default"], option["type"]), name
        assert option["description"] and name.startswith(f"{role}_") and "{{" not in str(option["default"]), name
    text = (ROOT / "roles" / role / f"defaults/{entry}.yml").read_text(encoding="utf-8")
    assert uncommented(text) == []
    assert len(options(role, entry)) <= 25
