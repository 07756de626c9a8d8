# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run the module partition_balance step by step, so that progress shows while the task runs, and throttles never outlive it.

Nothing runs on the host between two steps. When the run is killed, no further step is taken, the batch under way goes on under
its throttle, the report names it, and the next run sees it through.
"""

from __future__ import annotations

import time
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.kraftops.kafka.plugins.module_utils._balance_progress import Progress
from ansible_collections.kraftops.kafka.plugins.module_utils._balance_report import batches
from ansible_collections.kraftops.kafka.plugins.module_utils._data_loss import duration
from ansible_collections.kraftops.kafka.plugins.module_utils._run_owner import outlived

MODULE = "kraftops.kafka.partition_balance"
NAMED = 5
# Plans are made again after the last batch, until one is empty: what was created meanwhile is seen to as well.
ROUNDS = 3
# Moves that get no further for so long are stopped: a target is away, or more comes in than the throttle lets through.
STALLED_SECONDS = 600


class StoppedError(Exception):
    """The execution has stopped; the text says why."""


class ActionModule(ActionBase):  # type: ignore[misc]
    """Report and plan on the host; with `execute` or `cancel`, carry it out from here."""

    _requires_connection = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the module's result; after an execution, that of the cluster as it is then."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        self._vars = task_vars or {}
        self._moved = False
        wanted = {name: self._truth(name) for name in ("execute", "cancel")}
        try:
            if self._task.check_mode or not any(wanted.values()):
                result.update(self._step("look"))
                return result
            if wanted["cancel"]:
                self._cancel()
            else:
                self._execute()
            result.update(self._step("look"), changed=self._moved)
        except StoppedError as reason:
            result.update(failed=True, changed=self._moved, msg=str(reason))
        return result

    def _truth(self, name: str) -> bool:
        return str(self._task.args.get(name, False)).lower() in ("true", "yes", "1", "on")

    def _step(self, step: str, **arguments: Any) -> dict[str, Any]:
        """Do one step on the host; a failure stops everything. Nothing is done for a run that was killed: another may go on."""
        if outlived():
            raise StoppedError("the run has ended meanwhile")
        answer = self._execute_module(
            module_name=MODULE, module_args={**self._task.args, "step": step, **arguments}, task_vars=self._vars
        )
        if answer.get("failed") or answer.get("unreachable"):
            raise StoppedError(f"{step}: {answer.get('msg', 'the host does not answer')}")
        return dict(answer)

    def _say(self, text: str) -> None:
        self._display.display(f"  {text}")

    def _cancel(self) -> None:
        """Put everything back that is being moved."""
        done = self._step("cancel")
        self._moved = bool(done["back"])
        self._say(f"{done['back']} partitions were being moved and are put back; no throttle is left")
        if done["problems"]:
            raise StoppedError("; ".join(done["problems"]))

    def _execute(self) -> None:
        """See through what is under way, then make the plan and carry it out."""
        found = self._step("look")
        if found["under_way"]["moves"] or found["under_way"]["disk_moves"]:
            self._say("going on with what an earlier run has left under way")
            self._carry_out({**found["under_way"], "adopted": True}, "earlier moves", found["throttle"])
        elif found["throttled"]:
            self._say("taking away the throttles that an earlier run has left")
            self._finish()
        for _round in range(ROUNDS):
            found = self._step("look")
            if found["impossible"]:
                raise StoppedError("; ".join(found["impossible"]))
            if not found["planned"]:
                return
            parts = list(batches(found["plan"], max(int(self._task.args.get("batch", 20)), 1)))
            for number, work in enumerate(parts, 1):
                self._carry_out(work, f"batch {number} of {len(parts)}", found["throttle"])

    def _carry_out(self, work: dict[str, Any], what: str, throttle: int) -> None:
        """Begin one batch and watch it to its end; whatever happens, its throttles go."""
        copies = bool(work["disk_moves"]) or any(set(one["after"]) - set(one["before"]) for one in work["moves"])
        # A step that fails half-way may have set throttles; one that refuses has not.
        progress, begun = Progress(what, work), True
        try:
            answer = self._step("begin", work=work)
            if answer["refused"]:
                begun = False
                raise StoppedError(f"{what} was not begun: {answer['refused']}")
            self._moved = True
            if answer["problems"]:
                raise StoppedError(f"{what}: {'; '.join(answer['problems'][:NAMED])}")
            self._watch(work, progress)
        except StoppedError as reason:
            if begun and copies:
                raise StoppedError(f"{reason}{self._put_back(work)}") from reason
            raise
        if copies:
            self._finish()

    def _watch(self, work: dict[str, Any], progress: Progress) -> None:
        most = int(self._task.args.get("network", 50)) / 100
        while True:
            seen = self._step("watch", work=work)
            now = time.monotonic()
            self._say(progress.line(seen["left"], seen["copied"], now))
            if not seen["left"]:
                return
            idle = progress.idle(seen["left"], seen["came"], now)
            if seen["away"]:
                raise StoppedError(f"stopped: {', '.join(seen['away'])} does not serve")
            if idle > STALLED_SECONDS:
                raise StoppedError(
                    f"stopped: nothing has come to the replicas that move for {duration(int(idle * 1000))}"
                )
            if seen["behind"]:
                names = ", ".join(seen["behind"][:NAMED])
                raise StoppedError(f"stopped: {len(seen['behind'])} other partitions fall behind: {names}")
            busy = {name: part for name, part in seen["network"].items() if part > most}
            if busy:
                told = ", ".join(f"{name} uses {part:.1%} of its link" for name, part in sorted(busy.items()))
                raise StoppedError(f"stopped: {told}, and kafka_balance_network allows {most:.0%}")

    def _finish(self) -> None:
        done = self._step("finish")
        if done["problems"]:
            raise StoppedError("throttles are left over: " + "; ".join(done["problems"][:NAMED]))

    def _put_back(self, work: dict[str, Any]) -> str:
        """Put a batch back; return what to say of that."""
        try:
            problems = self._step("cancel", work=work)["problems"]
        except StoppedError as problem:
            problems = [str(problem)]
        if problems:
            told = "; ".join(problems[:NAMED])
            return f". Not everything could be put back, and the report names what is left: {told}"
        return ". The batch is put back, and its throttles are gone"
