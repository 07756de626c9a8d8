# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a run of playbooks/log_levels.yml is asked for, checked with the inventory, before a host is contacted."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils import _values as values
from ansible_collections.kraftops.kafka.plugins.module_utils._inventory import HostReader, Readable
from ansible_collections.kraftops.kafka.plugins.module_utils._problems import Findings, names

OVERRIDE, TTL, MAX_TTL = "kafka_log_level_override", "kafka_log_level_ttl", "kafka_log_levels_max_ttl"
APPLY, SERIAL = "kafka_log_levels_apply", "kafka_log_levels_serial"
DEFAULTS: dict[str, Any] = {APPLY: "live", MAX_TTL: "24h", SERIAL: [1, "25%", "100%"], TTL: "1h"}
EXAMPLE = (
    """Write it as JSON: -e '{"kafka_log_level_override": {"kafka.server": "DEBUG"}}'; {} ends those that are on"""
)


def override(value: Any) -> dict[str, str]:
    """Return temporary levels by logger; `-e name={}` hands over a text."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    if not isinstance(value, dict):
        raise values.BadValueError("not a dict", EXAMPLE)
    return {str(key).strip(): item for key, item in value.items()}


def serial(value: Any) -> list[int | str]:
    """Return the sizes of the steps: numbers of nodes, or shares of all nodes."""
    if isinstance(value, str) and value.strip().startswith("["):
        try:
            value = json.loads(value)
        except ValueError:
            value = []
    steps = [_step(one) for one in (value if isinstance(value, list) else [value])]
    if not steps:
        raise _bad_step()
    return steps


def _step(value: Any) -> int | str:
    word = "" if isinstance(value, bool) else str(value).strip()
    if not re.fullmatch(r"[1-9][0-9]{0,5}|([1-9][0-9]?|100)%", word):
        raise _bad_step()
    return word if word.endswith("%") else int(word)


def _bad_step() -> values.BadValueError:
    fix = "Use numbers of nodes or shares of all nodes, such as [1, 25%, 100%]"
    return values.BadValueError("not the sizes of steps", fix)


READERS: Readable = {
    APPLY: (values.choice("live", "restart"), "live"),
    MAX_TTL: (values.seconds, 86400),
    OVERRIDE: (override, {}),
    SERIAL: (serial, []),
    TTL: (values.seconds, 3600),
}


class Reader(HostReader):
    """These variables of one host. They belong to a run, so they are no variables of a role."""

    readable: Readable = READERS

    def wish(self) -> dict[str, Any]:
        """Return what this host is told; report what cannot be done."""
        has = self.has(OVERRIDE)
        found = {
            "apply": self.get(APPLY),
            "override": self.levels(OVERRIDE) if has else {},
            "serial": self.get(SERIAL),
            "temporary": has,
            "ttl": self.get(TTL),
        }
        if found["ttl"] > self.get(MAX_TTL):
            why = f"longer than {MAX_TTL}, which is {self._own.get(MAX_TTL, DEFAULTS[MAX_TTL])}"
            self.report(TTL, self._own.get(TTL), values.BadValueError(why, f"Use a shorter time, or raise {MAX_TTL}"))
        if has and found["apply"] == "restart":
            fix = f"Leave out {OVERRIDE}, or {APPLY}"
            self.report(APPLY, "restart", values.BadValueError("a restart ends temporary levels", fix))
        return found


def wish(groups: Any, hostvars: Mapping[str, Any], findings: Findings) -> dict[str, Any]:
    """Return what all Kafka hosts are told alike; `temporary` tells a run of temporary levels, which may be {}."""
    told: dict[str, list[str]] = {}
    for host in dict.fromkeys(str(name) for name in groups.get("kafka") or [] if name in hostvars):
        wished = Reader(host, hostvars[host], DEFAULTS, findings).wish()
        told.setdefault(json.dumps(wished, sort_keys=True), []).append(host)
    found = [json.loads(one) for one in told] or [
        {"apply": "live", "override": {}, "serial": [1], "temporary": False, "ttl": 3600}
    ]
    for name, key in ((APPLY, "apply"), (OVERRIDE, "override"), (SERIAL, "serial"), (TTL, "ttl")):
        if len({json.dumps(one[key], sort_keys=True) for one in found}) > 1:
            some = "; ".join(f"{one[key]} on {names(hosts)}" for one, hosts in zip(found, told.values()))
            fix = "Give it on the command line, and choose hosts with --limit"
            findings.problem(("", name), None, f"a run has one, and the hosts are told several: {some}", fix)
    result: dict[str, Any] = found[0]
    return result
