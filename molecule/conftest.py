"""For the tests of all scenarios: the cluster, and the figures at the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

pytest.register_assert_rewrite("tests.lab")

from tests.lab.live import FIGURES, Live


@pytest.fixture(scope="session")
def live() -> Iterator[Live]:
    """The cluster under test."""
    yield Live()


def pytest_configure(config: pytest.Config) -> None:
    """Say nothing of how kafka-python's wheel reads its own files."""
    config.addinivalue_line("filterwarnings", "ignore::DeprecationWarning")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what was measured."""
    for line in FIGURES:
        terminalreporter.write_line(line)
