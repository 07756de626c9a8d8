"""What a host with 3.9 knows of its logs and levels becomes metrics."""

from __future__ import annotations

from tests.lab.live import Live
from tests.lab.temporary import METRICS, check_cpu


def test_volume_and_drift_are_metrics(live: Live) -> None:
    for name in live.nodes:
        assert check_cpu(live, name) / 2 <= 0.3
        text = live.run(name, f"cat {METRICS}")
        assert "kafka_log_level_check_success 1\n" in text, text
        assert "kafka_log_level_drifted_loggers 0\n" in text, text
        assert 'kafka_log_file_limit_bytes{file="server.log"} 11534336' in text, text
