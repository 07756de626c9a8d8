"""On 3.9 too a temporary level ends by itself, and what the host knows of its logs becomes metrics."""

from __future__ import annotations

from tests.lab.levels import log_levels, override
from tests.lab.live import Live, wait_for
from tests.lab.temporary import METRICS, STATE, check_cpu, wait_for_level

LOGGER = "kafka.server"


def test_a_temporary_level_ends_by_itself_on_controller_and_broker(live: Live) -> None:
    before = live.processes()
    play = log_levels(*override({LOGGER: "DEBUG"}, "5s"))
    assert play.code == 0, play.output
    assert "5 s" in play.output or "temporary" in play.output, play.output
    for name in live.nodes:
        wait_for_level(live, name, LOGGER, "INFO", 60)
    gone = f"ls {STATE} 2>&- || true"
    wait_for("no state", 20, lambda: not any(live.everywhere(gone, live.nodes).values()))
    assert live.processes() == before


def test_volume_and_drift_are_metrics(live: Live) -> None:
    for name in live.nodes:
        assert check_cpu(live, name) / 2 <= 0.3
        text = live.run(name, f"cat {METRICS}")
        assert "kafka_log_level_check_success 1\n" in text, text
        assert "kafka_log_level_drifted_loggers 0\n" in text, text
        assert 'kafka_log_file_limit_bytes{file="server.log"} 11534336' in text, text
