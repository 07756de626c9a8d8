# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which data directory of a broker each replica should lie in. Kafka itself counts replicas there, and not their bytes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import NamedTuple, Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._balance import Disk
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_shares import band


class Resident(NamedTuple):
    """A replica on one broker; the directory is "" for one that has yet to come."""

    number: int
    bytes: int
    directory: str
    stays: bool


class Directories:
    """The directories of one broker, with what lies in them."""

    def __init__(self, disks: Mapping[str, Disk], residents: list[Resident]) -> None:
        """Put what is there where it is."""
        self.disks = disks
        self.inside: dict[str, list[Resident]] = {path: [] for path in sorted(disks)}
        for one in sorted(residents, key=lambda item: (item.bytes, item.number)):
            if one.directory in self.inside:
                self.inside[one.directory].append(one)
        self.load = {path: sum(one.bytes for one in inside) for path, inside in self.inside.items()}
        self.came = dict.fromkeys(self.inside, 0)
        self.chosen: dict[int, str] = {}

    def choose(self, one: Resident, path: str) -> None:
        """Let a replica lie in a directory."""
        self.load[path] += one.bytes
        self.came[path] += one.bytes
        self.chosen[one.number] = path

    def settle(self, incoming: list[Resident]) -> None:
        """Choose for the replicas that come, the largest first: the emptiest directory that has room."""
        several = {path: len(inside) for path, inside in self.inside.items()}
        for one in sorted(incoming, key=lambda item: (-item.bytes, item.number)):
            roomy = [path for path in self.load if self.came[path] + one.bytes <= self.disks[path].room]
            path = min(roomy or self.load, key=lambda each: (self.load[each], several[each], each))
            several[path] += 1
            self.choose(one, path)

    def even_out(self, tolerance: float, ignored: int) -> None:
        """Move the largest replica that fits from the fullest to the emptiest directory, while that helps."""
        low, high = band(sum(self.load.values()) / len(self.load), tolerance, ignored)
        while True:
            fullest, emptiest = max(self.load, key=self._order), min(self.load, key=self._order)
            if self.load[fullest] <= high and self.load[emptiest] >= low:
                return
            one = self._fitting(fullest, emptiest)
            if one is None:
                return
            self.inside[fullest].remove(one)
            self.load[fullest] -= one.bytes
            self.choose(one, emptiest)

    def _order(self, path: str) -> tuple[int, str]:
        return self.load[path], path

    def _fitting(self, source: str, target: str) -> Optional[Resident]:
        """Return the largest replica that does not turn the difference round."""
        half = min((self.load[source] - self.load[target]) / 2, self.disks[target].room - self.came[target])
        inside = [one for one in self.inside[source] if not one.stays and one.bytes]
        at = bisect_right([one.bytes for one in inside], half)
        return inside[at - 1] if at else None
