# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The turns of a roll, from a plan's order: who goes first, who may be put off, who goes last, who waits for another run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Turns:
    """The turns of one cluster. `first` ends with the last controller: those put off go between `first` and `last`."""

    first: list[str]
    last: list[str]
    pending: list[str]
    may_defer: list[str]


def turns(order: Iterable[str], controllers: Iterable[str], most: int) -> Turns:
    """Divide the nodes of a cluster that restart; at most so many of them in this run, all for 0.

    A controller may be put off, when it leads at its turn, as long as another one comes after it.
    """
    wanted, voting = list(order), set(controllers)
    now = wanted[:most] if most else wanted
    places = [place for place, host in enumerate(now) if host in voting]
    end = places[-1] + 1 if places else 0
    return Turns(
        first=now[:end],
        last=now[end:],
        pending=wanted[len(now) :],
        may_defer=[now[place] for place in places[:-1]],
    )
