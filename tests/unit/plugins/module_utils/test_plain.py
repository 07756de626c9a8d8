"""Copies of what Ansible hands over."""

from __future__ import annotations

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._plain import UnreadableError, plain

BRACES = {"text": ["a = {{ b }}"]}


def test_braces_are_a_template_that_nobody_resolved() -> None:
    with pytest.raises(UnreadableError):
        plain(BRACES)


def test_braces_in_what_a_module_returned_are_text() -> None:
    assert plain(BRACES, templated=False) == BRACES
