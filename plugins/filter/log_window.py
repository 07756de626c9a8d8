# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter: the range of time that logs are asked for."""

from __future__ import annotations

DOCUMENTATION = r"""
name: log_window
short_description: The range of time that logs are asked for
version_added: 0.1.0
author: The kraftops.kafka maintainers (@kraftops)
description:
  - Times need an offset from UTC (C(Z) or C(+02:00)), as in the lines of the logs; without one nobody knows whose clock is meant.
positional: now
options:
  _input:
    description: C(minutes), C(since) and C(until); the last two may be empty. Minutes count back from C(until), or from now.
    type: dict
    required: true
  now: {description: "The time now, in seconds since 1970.", type: float, required: true}
"""

EXAMPLES = r"""
- name: Show since when
  ansible.builtin.debug:
    msg: "{{ ({'minutes': 15, 'since': '', 'until': ''} | kraftops.kafka.log_window(now().timestamp())).text }}"
"""

RETURN = r"""
_value:
  description: C(since) and C(until) in seconds since 1970, the latter null for up to the newest; C(text), for people; C(problems).
  type: dict
"""

from typing import Any, Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._log_events import seconds, written
from ansible_collections.kraftops.kafka.plugins.module_utils._plain import plain
from ansible_collections.kraftops.kafka.plugins.module_utils._problems import Findings, line

FIX = "Write it like 2026-11-27T17:28:42Z or 2026-11-27T19:28+02:00, with the offset from UTC"


def log_window(asked: Any, now: Any) -> dict[str, Any]:
    """Return the range; see DOCUMENTATION."""
    given, findings = plain(asked), Findings()
    times: dict[str, Optional[float]] = {}
    for name in ("since", "until"):
        text = str(given[name] or "")
        times[name] = seconds(text) if text else None
        if text and times[name] is None:
            findings.problem(("", f"kafka_logs_{name}"), text, "no time with an offset", FIX)
    minutes = int(given["minutes"])
    if minutes < 1:
        findings.problem(("", "kafka_logs_minutes"), minutes, "less than a minute", "Write 1 or more")
    until = times["until"]
    end = float(now) if until is None else until
    since = end - minutes * 60 if times["since"] is None else times["since"]
    if since >= end and not findings.problems:
        why = f"the range would end at {written(end)}, before it begins"
        findings.problem(("", "kafka_logs_since"), given["since"], why, "Write a time before that")
    ending = "now" if until is None else written(until)
    return {
        "since": since,
        "until": until,
        "text": f"{written(since)} to {ending}",
        "problems": [line(problem) for problem in findings.plain()["problems"]],
    }


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"log_window": log_window}
