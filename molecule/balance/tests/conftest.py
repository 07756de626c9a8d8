"""The cluster is whole before anything is moved; nothing of the claim is left on it afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.balance import balance, remove_topics
from tests.lab.change import wait_until_whole
from tests.lab.live import Live


@pytest.fixture(scope="session", autouse=True)
def whole(live: Live) -> Iterator[None]:
    """Every claim asserts its own starting health."""
    wait_until_whole(live)
    yield
    balance("-e", "kafka_balance_cancel=true")
    remove_topics(live)
