# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How far a batch is, in one line: partitions, bytes, rate, time left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._data_loss import duration, size


class Progress:
    """One batch; the rate is that since the line before."""

    def __init__(self, what: str, work: Mapping[str, Any]) -> None:
        """Know how much there is to do."""
        self.what = what
        self.several = len(work["moves"]) + len(work["disk_moves"]) + len(work["elections"])
        self.total = sum(one["bytes"] * len(set(one["after"]) - set(one["before"])) for one in work["moves"])
        self.total += sum(one["bytes"] for one in work["disk_moves"])
        self.before: Optional[tuple[float, float]] = None
        self.last: Optional[tuple[int, int]] = None
        self.since = 0.0

    def idle(self, left: int, came: int, now: float) -> float:
        """Return for how many seconds no partition was done, and nothing came to those that are left."""
        if (left, came) != self.last:
            self.last, self.since = (left, came), now
        return now - self.since

    def line(self, left: int, copied: int, now: float) -> str:
        """Return the line for this moment."""
        words = [f"{self.what}: {self.several - left} of {self.several} partitions"]
        if self.total:
            words.append(f"{size(copied)} of {size(self.total)}")
        if self.before is not None and left and now > self.before[0]:
            rate = max(copied - self.before[1], 0) / (now - self.before[0])
            words.append(f"{size(int(rate))} a second")
            if rate:
                words.append(f"about {duration(int((self.total - copied) / rate * 1000))} left")
        self.before = now, copied
        return ", ".join(words)
