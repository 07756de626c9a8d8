# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Everything that can be said about an inventory without asking a host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils import (
    _log_levels_input,
    _log_shipper_input,
    _placement,
    _topology,
)
from ansible_collections.kraftops.kafka.plugins.module_utils._answers import answers
from ansible_collections.kraftops.kafka.plugins.module_utils._log_config import bound_in_words
from ansible_collections.kraftops.kafka.plugins.module_utils._model import to_plain
from ansible_collections.kraftops.kafka.plugins.module_utils._problems import Findings, line, merged
from ansible_collections.kraftops.kafka.plugins.module_utils._properties import shared
from ansible_collections.kraftops.kafka.plugins.module_utils._quorum import quorum


def inventory_check(groups: Any, hostvars: Mapping[str, Any], defaults: Any) -> dict[str, Any]:
    """Return model, problems, warnings, answers, and all of it as lines for people."""
    model, topology = _topology.build(groups, hostvars, defaults)
    properties, run = Findings(), Findings()
    log_levels = _log_levels_input.wish(groups, hostvars, run)
    _log_shipper_input.check(groups, hostvars, defaults, run)
    for cluster in model.clusters.values():
        shared(model, cluster, properties)
    plain = [one.plain() for one in (topology, quorum(model)[1], _placement.check(model), properties, run)]
    problems = merged(problem for one in plain for problem in one["problems"])
    warnings = merged(warning for one in plain for warning in one["warnings"])
    said = {name: answers(model, name) + bound_in_words(model, name) for name in model.clusters}
    return {
        "model": to_plain(model),
        "log_levels": log_levels,
        "problems": problems,
        "warnings": warnings,
        "answers": said,
        "lines": _lines(problems, warnings, said),
    }


def _lines(problems: list[dict[str, str]], warnings: list[dict[str, str]], said: dict[str, list[str]]) -> list[str]:
    """Problems first; what a cluster survives is only worth reading when there are none."""
    lines = []
    if problems:
        lines += [_count(len(problems), "problem"), *(line(one) for one in problems)]
    if warnings:
        lines += [_count(len(warnings), "warning"), *(line(one) for one in warnings)]
    if not problems:
        lines += [sentence for sentences in said.values() for sentence in sentences]
    return lines


def _count(number: int, what: str) -> str:
    return f"1 {what}:" if number == 1 else f"{number} {what}s:"
