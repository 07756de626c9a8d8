#!/usr/bin/env python3
"""Plan synthetic clusters of several shapes, and compare bytes and balance with kafka-reassign-partitions --generate.

That tool's own method is called for it (tools/Generate.java, run with the libs of the Kafka that is given); it assigns every
topic afresh from a random start, so its figures differ a little from run to run.
usage: tools/bench_balance.py [--partitions 20000] [--brokers 50] [--tolerance 0.01] [--kafka kafka_2.13-4.3.1.tgz]
Each shape runs in a process of its own. Exits 1 when a plan takes more than 60 s of processor time or 1 GB, leaves a
partition off the rack rule, is less even than theirs in replicas, bytes or leaders, or copies more than a third of their
bytes, unless that much must be moved whatever the plan.
Without --kafka (4.0 or later; needs a JDK) nothing is compared.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / ".collections"))

from ansible_collections.kraftops.kafka.plugins.module_utils._balance import (
    Broker,
    Disk,
    Layout,
    Placed,
    Wishes,
    rack_rule,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_plan import applied, plan
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_shares import shares, taking_part
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_work import Bench

GIB = 1 << 30
MOST_SECONDS, MOST_BYTES = 60.0, GIB
MOST_OF_GENERATE = 1 / 3
MOST_OF_NEEDED = 1.05
SEED = 7
RACKS = "abc"


@dataclass(frozen=True)
class Shape:
    """A cluster, and what is wished of it."""

    name: str
    layout: Layout
    wishes: Wishes


def alternated(racks: dict[int, str]) -> list[int]:
    """AdminUtils.getRackAlternatedBrokerList: one broker of each rack in turn."""
    by_rack: dict[str, list[int]] = defaultdict(list)
    for broker in sorted(racks):
        by_rack[racks[broker]].append(broker)
    most = max(len(brokers) for brokers in by_rack.values())
    rows = ([by_rack[rack][row : row + 1] for rack in sorted(by_rack)] for row in range(most))
    return [broker for row in rows for several in row for broker in several]


def generated(racks: dict[int, str], several: int, factor: int, dice: random.Random) -> list[tuple[int, ...]]:
    """One topic as Kafka up to 3.9 placed it: AdminUtils.assignReplicasToBrokersRackAware."""
    brokers, kinds = alternated(racks), len(set(racks.values()))
    start, shift = dice.randrange(len(brokers)), dice.randrange(len(brokers))
    rows = []
    for number in range(several):
        shift += number > 0 and number % len(brokers) == 0
        rows.append(_row(brokers, racks, ((number + start) % len(brokers), shift * kinds), factor))
    return rows


def _row(brokers: list[int], racks: dict[int, str], begin: tuple[int, int], factor: int) -> tuple[int, ...]:
    first, shift = begin
    row, used, kinds, k = [brokers[first]], {racks[brokers[first]]}, len(set(racks.values())), 0
    while len(row) < factor:
        broker = brokers[(first + 1 + (shift + k) % (len(brokers) - 1)) % len(brokers)]
        if (racks[broker] not in used or len(used) == kinds) and broker not in row:
            row.append(broker)
            used.add(racks[broker])
        k += 1
    return tuple(row)


def filled(racks: dict[int, str], partitions: int, dice: random.Random, usual: dict[int, str] | None = None) -> Layout:
    """A cluster whose topics were created by Kafka: sizes differ by topic, and a little by partition."""
    made: list[Placed] = []
    holders = usual or racks
    while len(made) < partitions:
        several = min(dice.choice((1, 3, 6, 12, 24, 50, 100)), partitions - len(made))
        size = dice.lognormvariate(0, 1.5) * GIB / 4
        topic = f"topic-{len(made):05d}"
        for number, row in enumerate(generated(holders, several, 3, dice)):
            made.append(Placed(topic, number, row[0], row, int(size * dice.uniform(0.8, 1.2))))
    brokers = {node: Broker(node, f"broker-{node}", rack) for node, rack in racks.items()}
    return Layout(brokers, tuple(made))


def thirds(brokers: int) -> dict[int, str]:
    """Brokers over three racks."""
    return {node: RACKS[node % 3] for node in range(1, brokers + 1)}


def new_broker(brokers: int, partitions: int, dice: random.Random) -> Shape:
    """One broker has joined and holds nothing."""
    racks = thirds(brokers)
    usual = {node: rack for node, rack in racks.items() if node != brokers}
    return Shape("new broker", filled(racks, partitions, dice, usual), Wishes())


def lost_broker(brokers: int, partitions: int, dice: random.Random) -> Shape:
    """One broker is gone for good."""
    layout = filled(thirds(brokers), partitions, dice)
    gone = {**layout.brokers, 1: layout.brokers[1]._replace(serves=False)}
    return Shape("lost broker", layout._replace(brokers=gone), Wishes(drain=frozenset({1})))


def hot_rack(brokers: int, partitions: int, dice: random.Random) -> Shape:
    """Five racks, and one of them holds a replica of nearly everything."""
    racks = {node: "abcde"[node % 5] for node in range(1, brokers + 1)}
    layout = filled(racks, partitions, dice)
    hot = [node for node, rack in racks.items() if rack == "a"]
    return Shape("one hot rack", layout._replace(partitions=tuple(_heated(layout, hot, dice))), Wishes())


def _heated(layout: Layout, hot: list[int], dice: random.Random) -> Iterable[Placed]:
    for placed in layout.partitions:
        if dice.random() < 0.4 and not set(placed.replicas) & set(hot):
            replicas = (dice.choice(hot), *placed.replicas[1:])
            yield placed._replace(replicas=replicas, leader=replicas[0])
        else:
            yield placed


def uneven_racks(brokers: int, partitions: int, dice: random.Random) -> Shape:
    """Half of the brokers are in rack a, a third in b, the rest in c; placed when they had no racks yet."""
    racks = {node: "a" if node * 2 <= brokers else "b" if node * 6 <= brokers * 5 else "c" for node in thirds(brokers)}
    blind = {node: str(node) for node in racks}
    return Shape("uneven racks, new", filled(racks, partitions, dice, blind), Wishes())


def jbod(brokers: int, partitions: int, dice: random.Random) -> Shape:
    """Four disks a broker, of which a new one is empty, and a new broker."""
    shape = new_broker(brokers, partitions, dice)
    disks = {f"/disk-{number}": Disk() for number in range(4)}
    known = {node: one._replace(disks=disks) for node, one in shape.layout.brokers.items()}
    placed = tuple(
        one._replace(directories={node: f"/disk-{dice.randrange(3)}" for node in one.replicas})
        for one in shape.layout.partitions
    )
    return Shape("JBOD, new disks", Layout(known, placed), Wishes())


def imbalance(layout: Layout, wishes: Wishes) -> tuple[float, float, float, int]:
    """How far the worst broker is from its fair share of replicas, bytes and leaders; partitions off the rack rule."""
    fair, rule = shares(layout, wishes), rack_rule(layout, wishes)
    loads: list[dict[int, float]] = [defaultdict(float) for _measure in range(3)]
    for placed in layout.partitions:
        for node in placed.replicas:
            loads[0][node] += 1
            loads[1][node] += placed.bytes
        loads[2][placed.replicas[0]] += 1
    worst = [
        max(abs(load[node] / max(share[node], 1) - 1) for node in taking_part(layout, wishes))
        for load, share in zip(loads, (fair.replicas, fair.bytes, fair.leaders))
    ]
    racks = {node: one.rack for node, one in layout.brokers.items()}
    off = sum(rule.faults([racks[node] for node in one.replicas], 3) > 0 for one in layout.partitions)
    return worst[0], worst[1], worst[2], off


def regenerated(shape: Shape, libs: Path) -> tuple[Layout, int]:
    """The cluster as --generate would have it, and the bytes that it would copy."""
    lines = [f"broker {node} {shape.layout.brokers[node].rack}" for node in taking_part(shape.layout, shape.wishes)]
    lines += [f"partition {one.topic} {one.number} {_joined(one.replicas)}" for one in shape.layout.partitions]
    command = ["java", "-cp", f"{libs}/*", str(ROOT / "tools/Generate.java")]
    told = subprocess.run(command, input="\n".join(lines), capture_output=True, text=True, check=True).stdout
    proposed = {
        (topic, int(number)): tuple(map(int, replicas.split(",")))
        for topic, number, replicas in (line.split() for line in told.splitlines())
    }
    made, copied = [], 0
    for placed in shape.layout.partitions:
        row = proposed[placed.topic, placed.number]
        copied += placed.bytes * len(set(row) - set(placed.replicas))
        made.append(placed._replace(replicas=row, leader=row[0]))
    return shape.layout._replace(partitions=tuple(made)), copied


def _joined(replicas: Iterable[int]) -> str:
    return ",".join(map(str, replicas))


def unpacked(kafka: Path, folder: Path) -> Path:
    """The libs of a Kafka that is given as its archive or as its folder."""
    if kafka.is_file():
        shutil.unpack_archive(kafka, folder, filter="data")
        kafka = next(folder.iterdir())
    return kafka / "libs"


def needed(shape: Shape) -> int:
    """The bytes that must be copied whatever the plan: replicas on drained brokers, and those that crowd a rack."""
    rule = rack_rule(shape.layout, shape.wishes)
    racks = {node: one.rack for node, one in shape.layout.brokers.items()}
    return sum(
        one.bytes
        * max(rule.faults([racks[node] for node in one.replicas], 3), len(set(one.replicas) & shape.wishes.drain))
        for one in shape.layout.partitions
    )


def least(shape: Shape) -> int:
    """A bound below which no plan can be: what must move anyway, what is too much in bytes, or as many smallest replicas."""
    bench = Bench(shape.layout, shape.wishes)
    off = [
        [max(bench.load[one][at] - bench.high[one][at], 0), max(bench.low[one][at] - bench.load[one][at], 0)]
        for one in (0, 1)
        for at, takes in enumerate(bench.takes)
        if takes
    ]
    count, size = (
        max(sum(over for over, _under in part), sum(under for _over, under in part))
        for part in (off[: len(off) // 2], off[len(off) // 2 :])
    )
    return max(needed(shape), int(size), sum(bench.sizes[: int(count)]))


def measure(shape: Shape, libs: Path | None) -> bool:
    """Plan one shape, print the figures; return whether all limits are kept."""
    started, wall = time.process_time(), time.monotonic()
    made = plan(shape.layout, shape.wishes)
    seconds, waited = time.process_time() - started, time.monotonic() - wall
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    moved = f"{len(made.moves)} moves, {len(made.reorders)} reorders"
    print(f"{shape.name}: {seconds:.1f} s of processor time ({waited:.1f} s in all), {memory / GIB:.2f} GiB; {moved}")
    print(f"  {made.copied / GIB:.0f} GiB over the network, {made.shifted / GIB:.0f} GiB between disks", end="")
    print(f"; no plan can do with less than {least(shape) / GIB:.0f} GiB")
    rows = {
        "now": imbalance(shape.layout, shape.wishes),
        "plan": imbalance(applied(shape.layout, made), shape.wishes),
    }
    good = seconds <= MOST_SECONDS and memory <= MOST_BYTES and not rows["plan"][3]
    if libs:
        theirs, copied = regenerated(shape, libs)
        rows["generate"] = imbalance(theirs, shape.wishes)
        print(f"  generate copies {copied / GIB:.0f} GiB; the plan {made.copied / max(copied, 1):.1%} of that")
        most = max(copied * MOST_OF_GENERATE, needed(shape) * MOST_OF_NEEDED)
        good = good and made.copied <= most
        good = good and all(ours <= other for ours, other in zip(rows["plan"], rows["generate"]))
    for who, (count, size, led, off) in rows.items():
        print(f"  {who:9} worst broker: replicas {count:.1%}, bytes {size:.1%}, leaders {led:.1%}; off racks: {off}")
    sys.stdout.flush()
    return good


def main() -> int:
    """Run all shapes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--partitions", type=int, default=20000)
    parser.add_argument("--brokers", type=int, default=50)
    # A little nearer than --generate comes at its best, so that the comparison of bytes is one at the same quality.
    parser.add_argument("--tolerance", type=float, default=0.01)
    parser.add_argument("--kafka", type=Path, help="archive or folder of Kafka 4.0 or later")
    given = parser.parse_args()
    good = True
    with tempfile.TemporaryDirectory() as folder:
        libs = unpacked(given.kafka, Path(folder)) if given.kafka else None
        for make in (new_broker, lost_broker, hot_rack, uneven_racks, jbod):
            shape = make(given.brokers, given.partitions, random.Random(SEED))  # noqa: S311 a benchmark
            wishes = Wishes(given.tolerance, shape.wishes.drain)
            with multiprocessing.get_context("fork").Pool(1) as pool:
                good &= pool.apply(measure, (Shape(shape.name, shape.layout, wishes), libs))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
