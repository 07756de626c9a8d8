"""What the tests of this claim share: Prometheus at twenty times its pace, a receiver of alerts, traffic, and unrest that lasts."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.lab.dashboards import Boards
from tests.lab.live import Live, figure, playbook
from tests.lab.load import Load
from tests.lab.metrics import Prometheus
from tests.lab.receiver import Receiver
from tests.lab.rehearsal import MONITORING, QUICK, Demo, SecondExporter, Unrest, assert_green, is_quick


@pytest.fixture(scope="session")
def receiver(live: Live) -> Iterator[Receiver]:
    """Who is told: somebody on call, the team, and one for the Watchdog."""
    made = Receiver(live)
    yield made
    made.stop()


@pytest.fixture(scope="session")
def prometheus(live: Live, receiver: Receiver) -> Iterator[Prometheus]:
    """Prometheus at its quick pace; afterwards as the inventory says."""
    started, prometheus = time.monotonic(), Prometheus(live)
    if not is_quick(prometheus):
        assert_green(playbook(*MONITORING, *QUICK))
    yield prometheus
    if is_quick(prometheus):
        assert_green(playbook(*MONITORING))
    figure(f"claim monitoring: {time.monotonic() - started:.0f} s of tests")


@pytest.fixture(scope="session", autouse=True)
def unrest(live: Live, prometheus: Prometheus) -> Iterator[Unrest]:
    """Begun before the first test, for it takes minutes until somebody is told."""
    made = Unrest(live)
    yield made
    made.restore_level()
    made.remove_topic()


@pytest.fixture(scope="session", autouse=True)
def demo(live: Live, unrest: Unrest) -> Iterator[Demo]:
    """The traffic of the demo."""
    made = Demo(live)
    made.start()
    yield made
    made.remove()


@pytest.fixture(scope="session")
def second(live: Live, prometheus: Prometheus) -> Iterator[SecondExporter]:
    """Two lag exporters, from before the load on."""
    made = SecondExporter(live, prometheus)
    yield made
    made.leave()


@pytest.fixture(scope="session", autouse=True)
def load(live: Live, unrest: Unrest, second: SecondExporter) -> Iterator[Load]:
    """A load of known numbers; its group leaves messages behind."""
    made = Load(live)
    made.start()
    yield made
    made.remove()


@pytest.fixture(scope="session")
def boards(live: Live, prometheus: Prometheus) -> Boards:
    """All dashboards."""
    return Boards(live)
