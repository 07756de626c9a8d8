# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What differs between the Kafka versions that the collection knows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """A minor version: what a cluster formatted with it starts with, and what it runs on."""

    metadata: str
    metadata_level: int
    java: tuple[int, ...]
    patches: tuple[int, ...]


LINES = {
    (3, 9): Line("3.9-IV0", 21, (17,), (0, 1, 2)),
    (4, 0): Line("4.0-IV3", 25, (17, 21), (0, 1, 2)),
    (4, 1): Line("4.1-IV1", 27, (17, 21), (0, 1, 2)),
    (4, 2): Line("4.2-IV1", 29, (17, 21, 25), (0, 1)),
    (4, 3): Line("4.3-IV0", 30, (17, 21, 25), (0, 1, 2)),
}
SUPPORTED = tuple(f"{major}.{minor}.{patch}" for (major, minor), one in LINES.items() for patch in one.patches)

# A version that works and should not be chosen: why, and what to take instead.
AVOID = {
    "4.0.0": ("the state change log is never removed after it rotates (KAFKA-19576)", "Use 4.0.2 or a later version"),
    "4.2.0": ("rolling upgrades with transactional producers can fail (KAFKA-20322)", "Use 4.2.1 or a later version"),
}


def minor_of(version: str) -> tuple[int, int]:
    """Return (4, 3) for 4.3.1; an unknown version counts as the newest one, which has the strictest rules."""
    parts = version.split(".")
    if len(parts) > 1 and parts[0].isdecimal() and parts[1].isdecimal():
        return int(parts[0]), int(parts[1])
    return max(LINES)


def no_way(old: str, new: str) -> str:
    """Return why nodes that run one version must not be started with another; empty when they may."""
    if minor_of(old) != minor_of(new):
        return "another minor version: upgrades are not built yet"
    if _numbers(new) < _numbers(old):
        return "older than what runs: Kafka does not go back"
    return ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())
