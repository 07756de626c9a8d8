"""The load runs beside all the other tests; the last ones look at what it left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.live import Live
from tests.lab.load import Load


@pytest.fixture(scope="session", autouse=True)
def load(live: Live) -> Iterator[Load]:
    """A known load, in the background from the start."""
    load = Load(live)
    load.start()
    yield load
    load.remove()
