"""The cluster is whole before anything is changed, and as the inventory says afterwards, also when a test has failed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.change import CONFIRMED, LOCK, site, wait_until_whole
from tests.lab.live import Live
from tests.lab.traffic import Traffic

# What tests do to nodes and would take back themselves, had they not failed.
MEND = f"systemctl unmask --runtime kafka; systemctl kill --signal=CONT kafka; rm -f {LOCK}; systemctl start kafka"


@pytest.fixture(scope="session", autouse=True)
def whole(live: Live, request: pytest.FixtureRequest) -> Iterator[None]:
    """Every claim asserts its own starting health."""
    wait_until_whole(live)
    yield
    if request.session.testsfailed:
        live.everywhere(MEND, live.nodes)
        site(*CONFIRMED)


@pytest.fixture
def traffic(live: Live) -> Iterator[Traffic]:
    """A topic that every broker leads, with messages as long as the test wants."""
    traffic = Traffic(live)
    yield traffic
    traffic.remove()
