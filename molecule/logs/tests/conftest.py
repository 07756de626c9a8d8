"""The cluster is whole and its logs are shipped before the claim, and afterwards, also when a test has failed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.change import wait_until_whole
from tests.lab.live import Live
from tests.lab.search import Search, ship


@pytest.fixture(scope="session")
def search(live: Live) -> Search:
    """The search server."""
    return Search(live)


@pytest.fixture(scope="session", autouse=True)
def shipped(live: Live, search: Search) -> Iterator[None]:
    """Every claim asserts its own starting health."""
    wait_until_whole(live)
    search.wait_until_ready()
    yield
    search.start()
    assert ship().code == 0
