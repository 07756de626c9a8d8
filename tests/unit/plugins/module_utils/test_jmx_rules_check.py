"""What is wrong with a rules file, in words."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _jmx_rules


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"rules": [{"pattern": r"^a<b=([^,]+)><>Value", "name": "a_$1", "type": "GAUGE", "cache": True}]}, []),
        ({"includeObjectNames": ["kafka.server:type=x,*"]}, []),
        ({"ruls": []}, ["ruls: not a key of the exporter"]),
        ({"includeObjectNames": "kafka.server:*"}, ["includeObjectNames: not a list"]),
        ({"excludeObjectNames": ["kafka.server"]}, ["excludeObjectNames: kafka.server is no object name"]),
        ({"rules": {}}, ["rules: not a list"]),
        ({"rules": ["a"]}, ["rule 1: not a dictionary"]),
        ({"rules": [{"pattern": "a", "nam": "b"}]}, ["rule 1: nam is not a key of a rule"]),
        ({"rules": [{"type": "HISTOGRAM"}]}, ["rule 1: type HISTOGRAM is not one of COUNTER, GAUGE, UNTYPED"]),
        ({"rules": [{"name": "a"}]}, ["rule 1: has a name and no pattern"]),
        ({"rules": [{"pattern": "a", "labels": {"b": "c"}}]}, ["rule 1: has labels and no name"]),
        ({"rules": [{}, {"pattern": "(a"}]}, ["rule 2: pattern (a: missing ), unterminated subpattern at position 0"]),
        (
            {"rules": [{"pattern": "(a)", "name": "$2", "labels": {"x": "$3"}}]},
            [
                "rule 1: refers to $2, but the pattern has 1 groups",
                "rule 1: refers to $3, but the pattern has 1 groups",
            ],
        ),
    ],
)
def test_errors(document: dict[str, Any], expected: list[str]) -> None:
    assert _jmx_rules.errors(document) == expected
