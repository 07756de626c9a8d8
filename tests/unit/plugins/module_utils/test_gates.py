"""The gate before a restart: every way in which it says yes, and every way in which it says no."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._gates import Behind, Question, Target, Verdict, before
from ansible_collections.kraftops.kafka.plugins.module_utils._snapshot import Snapshot
from tests.unit.plugins.module_utils.views import partition, quorum, snapshot


def ask(view: Snapshot, *node_ids: int, **more: Any) -> Verdict:
    return before(view, Question(tuple(Target(node_id) for node_id in node_ids), **more))


def texts(verdict: Verdict) -> tuple[list[str], list[str]]:
    return [f"{one.code}: {one.text}" for one in verdict.reasons], [f"{one.code}: {one.text}" for one in verdict.notes]


FULL, WEAK = partition("11,12,13"), partition("11,12")
# ISR, min ISR, targets, unavailable, fenced, the reason
BLOCKED = [
    ("11,12", 2, (12,), (), (), "partition orders-3: ISR 11,12 of min 2, target 12 is in it"),
    ("12", 2, (12,), (), (), "partition orders-3: ISR 12 of min 2, target 12 is in it"),
    ("12", 1, (12,), (), (), "partition orders-3: ISR 12 of min 1, target 12 is in it"),
    ("11,12,13", 2, (12, 13), (), (), "partition orders-3: ISR 11,12,13 of min 2, targets 12,13 are in it"),
    ("11,12,13", 1, (11, 12, 13), (), (), "partition orders-3: ISR 11,12,13 of min 1, targets 11,12,13 are in it"),
    (
        "11,12,13",
        2,
        (12,),
        (13,),
        (),
        "partition orders-3: ISR 11,12,13 of min 2, target 12 is in it (13 counted as down)",
    ),
    (
        "11,12,13",
        2,
        (12,),
        (),
        (13,),
        "partition orders-3: ISR 11,12,13 of min 2, target 12 is in it (13 counted as down)",
    ),
    ("12,13", 2, (12,), (11,), (), "partition orders-3: ISR 12,13 of min 2, target 12 is in it"),
]


@pytest.mark.parametrize(("isr", "minimum", "targets", "unavailable", "fenced", "text"), BLOCKED)
def test_a_partition_says_no(
    isr: str, minimum: int, targets: tuple[int, ...], unavailable: tuple[int, ...], fenced: tuple[int, ...], text: str
) -> None:
    view = snapshot(partition(isr), min_isr={"orders": minimum}, fenced=fenced)
    verdict = ask(view, *targets, unavailable=frozenset(unavailable))
    assert not verdict.allowed
    assert texts(verdict)[0] == [f"below_min_isr: {text}"]


# ISR, min ISR, targets, unavailable, fenced
OPEN = [
    ("11,12,13", 2, (12,), (), ()),
    ("11,12,13", 1, (12, 13), (), ()),
    ("11,12", 1, (12,), (), ()),
    ("11,13", 2, (12,), (), ()),  # the target is out of the ISR: it takes nothing away
    ("11", 2, (12,), (), ()),
    ("", 2, (12,), (), ()),
    ("12", 2, (12,), (), (12,)),  # fenced, and last of the ISR: it serves nobody
    ("11,12", 2, (1,), (), ()),  # a controller holds no partition
    ("11,12,13", 2, (12,), (12,), ()),
]


@pytest.mark.parametrize(("isr", "minimum", "targets", "unavailable", "fenced"), OPEN)
def test_a_partition_says_yes(
    isr: str, minimum: int, targets: tuple[int, ...], unavailable: tuple[int, ...], fenced: tuple[int, ...]
) -> None:
    view = snapshot(partition(isr), min_isr={"orders": minimum}, fenced=fenced)
    assert ask(view, *targets, unavailable=frozenset(unavailable)).allowed


def test_every_partition_counts() -> None:
    view = snapshot(FULL, partition("12,13", "payments"), FULL)
    assert texts(ask(view, 12))[0] == ["below_min_isr: partition payments-3: ISR 12,13 of min 2, target 12 is in it"]
    assert ask(view, 11).allowed


def test_a_broker_that_no_longer_follows_the_controllers_counts_as_down() -> None:
    view = snapshot(FULL, quorum=quorum({13: 5000}))
    reasons, notes = texts(ask(view, 12))
    assert reasons == [
        "below_min_isr: partition orders-3: ISR 11,12,13 of min 2, target 12 is in it (13 counted as down)"
    ]
    assert notes == ["broker_silent: brokers that do not follow the active controller: 13"]
    assert ask(snapshot(FULL, quorum=quorum({13: 4999})), 12).allowed


SINGLE, PAIR = partition("12", "single", "12"), partition("11,12", "pair", "11,12")
SINGLE_TEXT = "unsafe_topic: topic single: 1 replica, partitions 3 are away during the restart, to readers too"
PAIR_TEXT = "unsafe_topic: topic pair: 2 replicas of min ISR 2, partitions 3 take no acks=all writes during the restart"


@pytest.mark.parametrize("one_of", [1, 2])
def test_topics_without_a_replica_to_spare(one_of: int) -> None:
    view = snapshot(FULL, SINGLE, PAIR, min_isr={"single": one_of})
    assert texts(ask(view, 12)) == ([], [PAIR_TEXT, SINGLE_TEXT])
    assert texts(ask(view, 12, refuse_unsafe=True)) == ([PAIR_TEXT, SINGLE_TEXT], [])
    assert texts(ask(view, 11, refuse_unsafe=True)) == ([PAIR_TEXT], [])
    assert texts(ask(view, 13, refuse_unsafe=True)) == ([], [])


PAIRS = "unsafe_topic: topic pair: 2 replicas of min ISR 2, "
AWAY = "partitions 3 are away during the restart, to readers too, because no other replica is in sync"
# the ISR of a topic with two replicas, what is counted as down, what is said
LAST: list[tuple[str, tuple[int, ...], str]] = [
    ("11,12", (), PAIR_TEXT),
    ("12", (), PAIRS + AWAY),
    ("11,12", (11,), PAIRS + AWAY),
]


@pytest.mark.parametrize(("isr", "down", "text"), LAST)
def test_the_last_replica_in_sync_is_named(isr: str, down: tuple[int, ...], text: str) -> None:
    view = snapshot(partition(isr, "pair", "11,12"))
    reasons, notes = texts(ask(view, 12, unavailable=frozenset(down)))
    assert (reasons, notes[0]) == ([], text)
    assert not ask(view, 12, unavailable=frozenset(down), refuse_unsafe=True).allowed


def test_both_kinds_of_one_topic_are_one_note() -> None:
    several = [partition("12", "pair", "11,12"), partition("11,12", "pair", "11,12")._replace(number=4)]
    text = f"{PAIRS}{AWAY}; partitions 4 take no acks=all writes during the restart"
    assert texts(ask(snapshot(*several), 12))[1][0] == text


@pytest.mark.parametrize(("count", "more"), [(10, ""), (11, ",..."), (12, ",...")])
def test_many_partitions_of_an_unsafe_topic_are_one_note(count: int, more: str) -> None:
    several = [SINGLE._replace(number=number) for number in range(count)]
    text = f"topic single: 1 replica, partitions 0,1,2,3,4,5,6,7,8,9{more} are away during the restart, to readers too"
    assert texts(ask(snapshot(*several), 12))[1] == [f"unsafe_topic: {text}"]


UNDER = "under_replicated: 1 partitions are under-replicated, such as orders-3: ISR 11,12 of replicas 11,12,13"
MOVED = "reassignment: 1 partitions are being moved, such as orders-3"
FENCED = "broker_fenced: fenced brokers: 13"


def test_trouble_elsewhere_closes_only_a_strict_gate() -> None:
    view = snapshot(WEAK, min_isr={"orders": 1}, fenced=(13,), reassigning={("orders", 3): (13,)})
    assert texts(ask(view, 12)) == ([], [UNDER, MOVED, FENCED])
    assert texts(ask(view, 12, strict=True)) == ([UNDER, MOVED, FENCED], [])
    assert texts(ask(view, 13, strict=True)) == ([MOVED], [])  # the rest is the target's own trouble
    assert ask(snapshot(FULL), 12, strict=True).allowed


LATE = "voter_behind: voter 3 is 2000 ms behind the leader"
UNSEEN = "voter_behind: voter 3 has not been seen by the leader"
DOWN = "voter_behind: voter 3 counted as down"
# quorum, targets, more of the question, reasons, notes
QUORUM: list[tuple[Any, tuple[int, ...], dict[str, Any], list[str], list[str]]] = [
    (quorum(), (2,), {}, [], []),
    (quorum(), (1,), {}, [], []),
    (quorum(), (11,), {}, [], []),
    (quorum(), (1, 2), {}, ["quorum: voters 1,2,3: without 1,2 only 3 keep up, 2 are needed"], []),
    (quorum({3: 1999}), (2,), {}, [], []),
    (quorum({3: 2000}), (2,), {}, ["quorum: voters 1,2,3: without 2 only 1 keep up, 2 are needed", LATE], []),
    (quorum({3: 2000}), (2,), {"caught_up_ms": 2001}, [], []),
    (quorum({3: None}), (1,), {}, ["quorum: voters 1,2,3: without 1 only 2 keep up, 2 are needed", UNSEEN], []),
    (
        quorum(),
        (2,),
        {"unavailable": frozenset({3})},
        ["quorum: voters 1,2,3: without 2 only 1 keep up, 2 are needed", DOWN],
        [],
    ),
    (quorum({3: 2000}), (3,), {}, [], []),  # it does not keep up: it takes nothing away
    (quorum({2: None, 3: 2000}), (2,), {}, [], [LATE]),
    (quorum({2: None, 3: 2000}), (2,), {"strict": True}, [LATE], []),
    (quorum({3: 2000}, voters=5), (2,), {}, [], [LATE]),
    (
        quorum({3: 2000}, voters=5),
        (2,),
        {"strict": True},
        ["quorum: voters 1,2,3,4,5: without 2 only 1,4,5 keep up, 4 are needed", LATE],
        [],
    ),
    (quorum(voters=5), (2, 4), {"strict": True}, [], []),
    (
        quorum({3: 2000}, voters=5),
        (2, 4),
        {},
        ["quorum: voters 1,2,3,4,5: without 2,4 only 1,5 keep up, 3 are needed", LATE],
        [],
    ),
    (quorum(leader=-1), (2,), {}, ["no_leader: the quorum has no leader"], []),
    (
        quorum(voters=1),
        (1,),
        {},
        [],
        ["small_quorum: the quorum has 1 voter and does not work during the restart"],
    ),
    (
        quorum(voters=2),
        (2,),
        {},
        [],
        ["small_quorum: the quorum has 2 voters and does not work during the restart"],
    ),
    (
        quorum({2: 3000}, voters=2),
        (1,),
        {},
        [
            "quorum: voters 1,2: without 1 only none keep up, 1 are needed",
            "voter_behind: voter 2 is 3000 ms behind the leader",
        ],
        [],
    ),
]


@pytest.mark.parametrize(("view", "targets", "more", "reasons", "notes"), QUORUM)
def test_the_quorum(
    view: Any, targets: tuple[int, ...], more: dict[str, Any], reasons: list[str], notes: list[str]
) -> None:
    assert texts(ask(snapshot(quorum=view), *targets, **more)) == (reasons, notes)


def test_without_a_view_of_the_quorum_only_partitions_are_judged() -> None:
    assert ask(snapshot(FULL, quorum=None), 12).allowed
    assert not ask(snapshot(WEAK, quorum=None), 12).allowed


def test_the_clocks_of_leader_and_host_are_not_compared() -> None:
    """A leader whose clock is years off says the same of its voters."""
    view = quorum({3: 10})
    shifted = {node_id: row.__class__(row.node_id, "", 5000, 1, 1) for node_id, row in view.voters.items()}
    assert ask(snapshot(quorum=view.__class__(1, 1, 5000, shifted, {})), 2).allowed


# now, earlier, the reason
PROGRESS: list[tuple[Behind, Behind | None, str]] = [
    (Behind(3, 100), None, ""),
    (Behind(3, 100), Behind(3, 100), ""),
    (Behind(3, 101), Behind(3, 100), ""),
    (Behind(4, 10), Behind(3, 100), ""),
    (Behind(0, None), Behind(3, 100), ""),  # it is back
    (Behind(3, None), Behind(3, 100), ""),
    (Behind(2, 100), Behind(3, 100), "out of 2 ISRs, 100 records behind"),
    (Behind(3, 99), Behind(3, 100), "out of 3 ISRs, 99 records behind"),
    (Behind(0, None, 50, 7), Behind(0, None, 90, 7), "50 records behind the active controller"),
    (Behind(0, None, 50, 8), Behind(0, None, 90, 7), ""),  # another leader: not comparable
    (Behind(0, None, 90, 7), Behind(0, None, 90, 7), ""),
]


@pytest.mark.parametrize(("now", "earlier", "text"), PROGRESS)
def test_a_target_that_comes_back_by_itself_is_not_disturbed(now: Behind, earlier: Behind | None, text: str) -> None:
    verdict = ask(snapshot(FULL), 12, now={12: now}, earlier={12: earlier} if earlier else {})
    assert texts(verdict)[0] == ([f"catching_up: node 12 is catching up: {text}"] if text else [])


def test_a_target_that_recovers_its_logs_is_not_disturbed() -> None:
    verdict = before(snapshot(partition("11,13")), Question((Target(12, recovering=True),)))
    assert texts(verdict)[0] == ["recovering: node 12 is recovering its logs"]


def test_a_combined_node_needs_both_gates() -> None:
    rows = quorum({2: 2000})
    view = snapshot(partition("1,3", replicas="1,2,3"), quorum=rows)
    view = Snapshot(**{**view.__dict__, "unfenced": frozenset({1, 2, 3})})
    codes = [one.code for one in before(view, Question((Target(3, True, True),))).reasons]
    assert codes == ["below_min_isr", "quorum", "voter_behind"]


def test_a_quorum_does_not_speak_about_a_broker_alone() -> None:
    assert texts(ask(snapshot(FULL, quorum=quorum({3: 9000})), 12)) == ([], [])


def test_a_target_that_nobody_has_measured_is_not_behind() -> None:
    assert texts(ask(snapshot(FULL), 12, earlier={12: Behind(3, 100)})) == ([], [])
