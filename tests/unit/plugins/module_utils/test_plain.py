"""Copies of what Ansible hands over."""

from __future__ import annotations

import datetime
from collections import OrderedDict
from types import MappingProxyType
from typing import Any

import pytest
from jinja2 import Undefined

from ansible_collections.kraftops.kafka.plugins.module_utils._plain import (
    UnreadableError,
    is_secret,
    plain,
    refers_to_secret,
)


class Text(str):
    """Stands for the tagged strings of ansible-core 2.19."""


class Number(int):
    """Stands for its tagged numbers."""


class AnsibleVaultEncryptedUnicode:
    """Stands for the vaulted values of ansible-core before 2.19."""

    def __str__(self) -> str:
        return "opened"


TABLE: list[tuple[Any, Any]] = [
    (None, None),
    (True, True),
    (Text("a"), "a"),
    (Number(1), 1),
    (1.5, 1.5),
    ((Text("a"), {Number(2)}), ["a", [2]]),
    (OrderedDict({Text("a"): MappingProxyType({"b": (1,)})}), {"a": {"b": [1]}}),
    (datetime.date(2026, 1, 2), "2026-01-02"),
    (AnsibleVaultEncryptedUnicode(), "opened"),
]


def kinds(value: Any) -> Any:
    """Return the types inside a value."""
    if isinstance(value, dict):
        return [(kinds(key), kinds(item)) for key, item in value.items()]
    return [kinds(item) for item in value] if isinstance(value, list) else type(value)


@pytest.mark.parametrize(("value", "expected"), TABLE)
def test_plain(value: Any, expected: Any) -> None:
    assert plain(value) == expected
    assert kinds(plain(value)) == kinds(expected)


@pytest.mark.parametrize("value", [Undefined(name="x"), {"a": [Undefined(name="x")]}, "{{ x }}"])
def test_unreadable(value: Any) -> None:
    with pytest.raises(UnreadableError):
        plain(value)


@pytest.mark.parametrize(
    ("name", "expected"), [("a", True), ("b", True), ("c", True), ("d", False), ("nothing", False)]
)
def test_refers_to_secret(name: str, expected: bool) -> None:
    raw = {"a": AnsibleVaultEncryptedUnicode(), "b": {"x": "{{ c }}"}, "c": "{{ b }} {{ a | upper }}", "d": "a {{ e }}"}
    assert refers_to_secret(name, raw) is expected


def test_secret_inside() -> None:
    assert is_secret({"a": ["x", AnsibleVaultEncryptedUnicode()]})
    assert not is_secret({"a": ["x"]})


def test_braces_are_a_template_unless_a_module_returned_them() -> None:
    braces = {"text": ["a = {{ b }}"]}
    with pytest.raises(UnreadableError):
        plain(braces)
    assert plain(braces, templated=False) == braces
