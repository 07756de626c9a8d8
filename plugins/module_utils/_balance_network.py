# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How much of their network links brokers use, as their node_exporters say."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping

from ansible_collections.kraftops.kafka.plugins.module_utils._local_http import get

SERIES = re.compile(
    r'^node_network_(receive_bytes_total|transmit_bytes_total|speed_bytes)\{device="([^"]+)"\} (\S+)', re.M
)
# What the inventory says of devices that do not tell their own speed (docs/metrics.md).
SAID = re.compile(r'^kafka_host_network_speed_bytes\{device="([^"]+)"\} (\S+)', re.M)
Sample = Mapping[str, Mapping[str, float]]


def sample(text: str) -> dict[str, dict[str, float]]:
    """Return the counters and the speed of each device that has a speed."""
    found: dict[str, dict[str, float]] = {}
    for name, device, value in SERIES.findall(text):
        found.setdefault(device, {})[name] = float(value)
    for device, value in SAID.findall(text):
        if found.get(device, {}).get("speed_bytes", 0) <= 0:
            found.setdefault(device, {})["speed_bytes"] = float(value)
    return {device: values for device, values in found.items() if values.get("speed_bytes", 0) > 0 and len(values) == 3}


def used(before: Sample, after: Sample, seconds: float) -> float:
    """Return the part of its link that the busiest device uses, in its busier direction."""
    parts = [0.0]
    for device, now in after.items():
        then = before.get(device)
        for name in ("receive_bytes_total", "transmit_bytes_total") if then else ():
            parts.append((now[name] - (then or {})[name]) / seconds / now["speed_bytes"])
    return max(parts)


class Links:
    """The links of some brokers; looked at twice, they tell what is used in between."""

    def __init__(self, exporters: Mapping[str, str]) -> None:
        """Look for the first time."""
        self.exporters = exporters
        self.begun = time.monotonic()
        self.before = {name: self._ask(address) for name, address in exporters.items()}

    def _ask(self, address: str) -> dict[str, dict[str, float]]:
        answer = get(f"http://{address}/metrics", timeout=3)
        return sample(answer.text) if answer and answer.status == 200 else {}

    def used(self) -> dict[str, float]:
        """Return the part that each broker uses; those whose exporter does not tell are left out."""
        seconds = max(time.monotonic() - self.begun, 0.001)
        after = {name: self._ask(address) for name, address in self.exporters.items()}
        return {
            name: round(used(self.before[name], after[name], seconds), 4)
            for name in after
            if after[name] and self.before[name]
        }
