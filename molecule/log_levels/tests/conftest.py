"""Every node has its declared levels before the claim, and afterwards, also when a test has failed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.change import wait_until_whole
from tests.lab.levels import effective, log_levels, override
from tests.lab.live import Live
from tests.lab.loggers import configured


@pytest.fixture(scope="session", autouse=True)
def levels(live: Live, request: pytest.FixtureRequest) -> Iterator[None]:
    """Every claim asserts its own starting health."""
    wait_until_whole(live)
    files = live.everywhere("cat /etc/kafka/log4j2.yaml", live.nodes)
    for name, text in files.items():
        wanted = configured(text)
        assert effective(live, wanted, [name]) == {name: wanted}
    yield
    if request.session.testsfailed:
        live.everywhere("systemctl start kafka.service", live.nodes)
        wait_until_whole(live)
        log_levels(*override({}))
        log_levels()
