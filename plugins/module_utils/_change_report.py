# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a run did to each node, from the results that its tasks registered: for machines, and in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils import _recovery

Results = Mapping[str, Any]
# What the tasks register of a node, without the prefix `__kafka_`.
REGISTERED = (
    "report",
    "configured",
    "started",
    "ready",
    "live_set",
    "live_written",
    "gate_before",
    "turn",
    "restart",
    "turn_ready",
    "gate_after",
    "leaders",
    "turn_failed",
)
RESTARTED, STARTED, CHANGED, UNCHANGED = "restarted", "started", "changed", "unchanged"
FAILED, REFUSED, PENDING, NOT_REACHED = "failed", "refused", "pending", "not reached"
LEFT_ALONE, SILENT, OUTSIDE = "left alone", "did not answer", "not in this run"
MEASURED = ("restart_seconds", "ready_seconds", "back_seconds", "recovery", "leaders_moved")


def node_report(results: Results, why: list[str], left_alone: str, waiting: str) -> dict[str, Any]:
    """Return the report of one node. `why` are the plan's reasons to restart, `waiting` is what it waits for, if it does."""
    gate = done(results, "gate_before")
    return {
        "result": outcome(results, left_alone, waiting),
        "why": [left_alone] if left_alone else why,
        "changes": changes(results),
        "deferred": False,
        "gate_seconds": gate.get("waited_seconds"),
        "gate_reasons": [one["text"] for one in gate.get("reasons", [])],
        "gate_notes": [one["text"] for one in gate.get("notes", [])],
        "restart_seconds": done(results, "restart").get("seconds"),
        "ready_seconds": done(results, "turn_ready").get("waited_seconds"),
        "back_seconds": done(results, "gate_after").get("waited_seconds"),
        "recovery": recovered(results),
        "leaders_moved": done(results, "leaders").get("partitions"),
    }


def seen(results: Results) -> dict[str, Any]:
    """Return what the node said about its cluster when it served."""
    return dict(done(results, "turn_ready") or done(results, "ready"))


def recovered(results: Results) -> Any:
    """Return what the node said about recovering its logs, at its turn or when it was started."""
    last = "ready" if done(results, "started").get("changed") else "turn_ready"
    return done(results, last).get("recovery")


def done(results: Results, name: str) -> Results:
    """Return the result of a task, empty when it was skipped or never reached."""
    found: Results = results.get(name) or {}
    return {} if found.get("skipped") else found


def outcome(results: Results, left_alone: str, waiting: str) -> str:
    """Return in one or two words what became of a node."""
    report = results.get("report") or {}
    if left_alone:
        return LEFT_ALONE
    if "report" not in report:
        return SILENT if report else OUTSIDE
    if done(results, "turn_failed"):
        return FAILED
    if done(results, "restart").get("changed"):
        return RESTARTED
    gate = done(results, "gate_before")
    if gate and not gate.get("allowed"):
        return REFUSED
    if done(results, "started").get("changed"):
        return STARTED
    return waiting or (CHANGED if changes(results) else UNCHANGED)


def changes(results: Results) -> list[str]:
    """Return what was changed on a node, a line each; secrets are hidden by the modules already."""
    files = [done(results, name).get("written", []) for name in ("configured", "live_written", "turn")]
    return [one["text"] for several in files for one in several]


def live_changes(results: Iterable[Results]) -> list[dict[str, Any]]:
    """Return what was set or removed through the admin API."""
    return [change for one in results for change in done(one, "live_set").get("changes", [])]


def foreseen(report: dict[str, Any]) -> dict[str, Any]:
    """Return the report of check mode: nothing took any time, and what a log tells is of an earlier start."""
    return {**report, **dict.fromkeys(MEASURED)}


def in_words(host: str, report: Mapping[str, Any], check: bool = False) -> str:
    """Return what became of a node as a line for people; in check mode what would."""
    would = "would be " if check and report["result"] in (RESTARTED, STARTED, CHANGED) else ""
    parts = [f"{host}: {would}{report['result']}"]
    if report["why"]:
        parts.append("because of " + "; ".join(report["why"]))
    if report["result"] in (RESTARTED, FAILED):
        parts += times(report)
    if report["deferred"]:
        parts.append("put off because it led the quorum at its turn")
    if report["recovery"]:
        parts.append(_recovery.words(report["recovery"]))
    if report["leaders_moved"]:
        parts.append(f"{report['leaders_moved']} leaders given back")
    return ", ".join(parts)


def times(report: Mapping[str, Any]) -> list[str]:
    """Return how long each part of a turn took."""
    words = {
        "gate_seconds": "{:.1f} s at the gate",
        "restart_seconds": "{:.1f} s to stop and start",
        "ready_seconds": "{:.1f} s until it served",
        "back_seconds": "{:.1f} s until it was back everywhere",
    }
    return [text.format(report[key]) for key, text in words.items() if report[key] is not None]
