"""Temporary levels end by themselves, on the host, whatever the control node and the JVM do meanwhile."""

from __future__ import annotations

import time

from tests.lab.change import wait_until_whole
from tests.lab.levels import log_levels, override
from tests.lab.live import Live, figure, wait_for
from tests.lab.temporary import STATE, remembered, wait_for_level

LOGGER, TTL = "kafka.server", 30
PLAIN, PAUSED, CONTROLLER = "broker-2", "broker-3", "controller-2"
RETRIES = "journalctl --quiet --output=cat --since=-90s --unit='kafka-log-levels@*' | grep -c 'cannot be asked' || true"
LEFT = f"ls {STATE} 2>&- || true"


def test_they_end_by_themselves_also_where_the_process_was_paused(live: Live) -> None:
    """No control node is there by then: the run that set them is over."""
    names = [PLAIN, PAUSED, CONTROLLER]
    before = live.processes()
    play = log_levels(*override({LOGGER: "DEBUG"}, f"{TTL}s"), "--limit", ",".join(names))
    assert play.code == 0, play.output
    live.run(PAUSED, "systemctl kill --signal=STOP kafka.service")
    try:
        ends = {name: remembered(live, name)[LOGGER]["until"] for name in names}
        for name in (PLAIN, CONTROLLER):
            wait_for_level(live, name, LOGGER, "INFO", TTL + 30)
            late = time.time() - ends[name]
            assert late >= 0, name
            figure(f"temporary level on {name}: seen to be as declared {late:.1f} s after its end")
        wait_for("a try on the paused node", 60, lambda: int(live.run(PAUSED, RETRIES)))
        assert LOGGER in remembered(live, PAUSED)
    finally:
        live.run(PAUSED, "systemctl kill --signal=CONT kafka.service")
    wait_for_level(live, PAUSED, LOGGER, "INFO", 60)
    wait_for("nothing remembered", 30, lambda: not any(live.everywhere(LEFT, names).values()))
    assert live.processes() == before
    wait_until_whole(live)
