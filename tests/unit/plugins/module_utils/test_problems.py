"""Findings as people read them."""

from __future__ import annotations

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._problems import Findings, line, merged, names, shown

VALUES: list[tuple[object, str]] = [
    (None, ""),
    ("a", "a"),
    (True, "true"),
    ([1, "b"], "[1, 'b']"),
    ('say "x"\nand\ty', "say 'x' and y"),
    ({"a.password": "x", "b": [{"token": 1}]}, "{'a.password': '(hidden)', 'b': [{'token': '(hidden)'}]}"),
    ("x" * 81, "x" * 77 + "..."),
]


@pytest.mark.parametrize(("value", "expected"), VALUES)
def test_shown(value: object, expected: str) -> None:
    assert shown(value) == expected


NAMES = [(["a"], "a"), (["a", "b", "c", "d"], "a, b, c, d"), (["a", "b", "c", "d", "e"], "a, b, c and 2 more")]


@pytest.mark.parametrize(("hosts", "expected"), NAMES)
def test_names(hosts: list[str], expected: str) -> None:
    assert names(hosts) == expected


HIDDEN = ["kafka_properties", "kafka_properties[a]", "x[ssl.key.password]", "grafana_admin_password"]


@pytest.mark.parametrize("variable", HIDDEN)
def test_hidden(variable: str) -> None:
    findings = Findings()
    findings.hide("a", "kafka_properties")
    findings.problem(("a", variable), "s3cret", "wrong", "Mend it")
    assert [line(one) for one in findings.plain()["problems"]] == [f"a: {variable} = (hidden): wrong. Mend it."]


def test_merged_keeps_order_and_names_hosts_once() -> None:
    findings = Findings()
    for host, value in (("b", 1), ("a", 1), ("b", 1), ("a", 2)):
        findings.warning((host, "v"), value, "why", "Fix")
    assert [line(one) for one in merged(findings.plain()["warnings"])] == [
        "b, a: v = 1: why. Fix.",
        "a: v = 2: why. Fix.",
    ]


def test_line_without_host() -> None:
    findings = Findings()
    findings.problem(("", "groups"), None, "no host", "Add one")
    assert line(findings.plain()["problems"][0]) == "groups: no host. Add one."
