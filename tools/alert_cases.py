"""Tests of every alert, from short cases: just above its threshold it fires, after `for` and not before; just below it is quiet.

tests/unit/rules/cases/<topic>.yml holds for each alert: `series` (selector: values), `labels` of what fires (without alertname and
severity), and lists `fires` and `quiet` of values for the $names in the series. A number stands for a constant, `0+30` for a slope, null
for a series that is not there. `from` is when the condition becomes true at the earliest, `settles` at the latest; `interval` is the
time between two samples.

The same cases prove that they can fail: with a threshold, or the time that a condition must hold, ten times or a tenth as large, at
least one of them must be red.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import yaml

from ansible_collections.kraftops.kafka.plugins.module_utils import _rule_text as text
from tools import rule_render

CASES = rule_render.ROOT / "tests" / "unit" / "rules" / "cases"
RECORD = re.compile(r"\bkafka:[a-z0-9_]+(?::[a-z0-9_]+)*")
FACTORS = (10, 0.1)
Rule = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """One test file for promtool, with the rules that it runs on."""

    name: str
    rules: list[Rule]
    tests: list[dict[str, Any]]


def cases() -> dict[str, dict[str, Any]]:
    """Return the cases of every alert."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(CASES.glob("*.yml")):
        found |= yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def needed(alert: str, rules: list[Rule]) -> list[Rule]:
    """Return the rule of an alert and the records that it needs, in their order."""
    wanted, open_names = set[str](), {alert}
    while open_names:
        name = open_names.pop()
        wanted.add(name)
        for rule in rules:
            if name in (rule.get("alert"), rule.get("record")):
                open_names |= set(RECORD.findall(rule["expr"])) - wanted
    return [rule for rule in rules if (rule.get("alert") or rule.get("record")) in wanted]


def minutes(duration: str) -> float:
    """Return a duration in minutes."""
    return text.milliseconds(duration) / 60000


def test_groups(alert: str, case: dict[str, Any], rule: Rule) -> list[dict[str, Any]]:
    """Return what promtool is to check about one alert; `rule` says the shipped `for`."""
    hold = minutes(rule.get("for", "0s"))
    step = minutes(case.get("interval", "1m"))
    start = minutes(case.get("from", "0s"))
    after = minutes(case.get("settles", case.get("from", "0s"))) + hold + 2 * step
    labels = case.get("labels", {})
    fired = [sample(alert, rule, one) for one in (labels if isinstance(labels, list) else [labels])]
    groups = []
    for number, values in enumerate(case.get("fires", [{}])):
        checks = [check(alert, after, fired)]
        if hold >= step:
            checks.append(check(alert, start + hold - step, []))
        groups.append(group(f"fires {number}", case, values, (step, after), checks))
    for number, values in enumerate(case.get("quiet", [])):
        groups.append(group(f"quiet {number}", case, values, (step, after), [check(alert, after, [])]))
    return groups


def sample(alert: str, rule: Rule, labels: dict[str, str]) -> dict[str, Any]:
    """Return the series that Prometheus writes for a firing alert."""
    known = {"alertname": alert, "alertstate": "firing", "severity": rule["labels"]["severity"], **labels}
    return {"labels": "ALERTS{" + ",".join(f'{key}="{value}"' for key, value in known.items()) + "}", "value": 1}


def check(alert: str, at: float, samples: list[dict[str, Any]]) -> dict[str, Any]:
    """Return one look at an alert."""
    expr = f'ALERTS{{alertname="{alert}",alertstate="firing"}}'
    return {"expr": expr, "eval_time": f"{round(at * 60)}s", "exp_samples": samples}


def group(
    name: str, case: dict[str, Any], values: dict[str, Any], pace: tuple[float, float], checks: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return one test with its series."""
    step, after = pace
    length = int(after / step) + 3
    made = {selector: filled(value, values, length) for selector, value in case.get("series", {}).items()}
    return {
        "name": name,
        "interval": f"{round(step * 60)}s",
        "input_series": [{"series": key, "values": value} for key, value in made.items() if value],
        "promql_expr_test": checks,
    }


def filled(value: Any, values: dict[str, Any], length: int) -> str:
    """Return the values of a series as promtool reads them; nothing for one that is not there."""
    if isinstance(value, str) and value.startswith("$"):
        value = values[value[1:]]
    if value is None:
        return ""
    if isinstance(value, str) and ("x" in value or "_" in value):
        return value
    return f"{value}x{length}"


def base_jobs(rules: list[Rule]) -> Iterator[Job]:
    """Yield the tests of the shipped rules."""
    shipped = {rule["alert"]: rule for rule in rules if "alert" in rule}
    for alert, case in cases().items():
        yield Job(alert, needed(alert, rules), test_groups(alert, case, shipped[alert]))


def mutants(rules: list[Rule]) -> Iterator[Job]:
    """Yield the same tests on rules of which one number is wrong; each must be red."""
    jobs = {job.name: job for job in base_jobs(rules)}
    for job in jobs.values():
        (own,) = (rule for rule in job.rules if "alert" in rule)
        if "for" in own:
            for factor in FACTORS:
                wrong = {**own, "for": text.scaled(own["for"], factor)}
                yield Job(f"{job.name} for x {factor}", replaced(job.rules, [wrong]), job.tests)
    for key, entry in rule_render.thresholds().items():
        for factor in FACTORS:
            content = rule_render.sources()[entry["file"]]
            data = yaml.safe_load(content)
            data["thresholds"][key]["default"] = entry["default"] * factor
            changed = rule_render.rules(rule_render.render({entry["file"]: yaml.safe_dump(data)}))
            differing = [rule for rule in changed if rule not in rules]
            names = {rule.get("alert") or rule["record"] for rule in differing}
            for job in jobs.values():
                if names & {rule.get("alert") or rule["record"] for rule in job.rules}:
                    yield Job(f"{key} x {factor} in {job.name}", replaced(job.rules, differing), job.tests)


def replaced(rules: list[Rule], wrong: list[Rule]) -> list[Rule]:
    """Put changed rules into the place of those of the same name and labels."""
    changed = {identity(rule): rule for rule in wrong}
    return [changed.get(identity(rule), rule) for rule in rules]


def identity(rule: Rule) -> tuple[str, str]:
    """Return what tells two rules apart."""
    return (rule.get("alert") or rule["record"], str(sorted(rule.get("labels", {}).items())))


def run(program: str, jobs: list[Job]) -> tuple[set[str], str]:
    """Let promtool run the jobs; return the names of those that are red, and its words."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, job in enumerate(jobs):
            rules = [{key: value for key, value in rule.items() if key != "file"} for rule in job.rules]
            data = {"groups": [{"name": "all", "rules": rules}]}
            (folder / f"{number}.rules.yml").write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
            test = {"rule_files": [f"{number}.rules.yml"], "evaluation_interval": "1m", "tests": job.tests}
            test["evaluation_interval"] = job.tests[0]["interval"]
            (folder / f"{number}.test.yml").write_text(yaml.safe_dump(test), encoding="utf-8")
        files = [f"{number}.test.yml" for number in range(len(jobs))]
        command = [program, "test", "rules", "--junit=result.xml", *files]
        subprocess.run(command, cwd=folder, check=False, capture_output=True)
        result = ElementTree.parse(folder / "result.xml")  # noqa: S314 promtool wrote it
    return read(result.getroot(), jobs)


def read(suites: ElementTree.Element, jobs: list[Job]) -> tuple[set[str], str]:
    """Find the red ones in what promtool wrote, and say their names instead of the files'."""
    red, lines = set(), []
    for suite in suites.iter("testsuite"):
        bad = [*suite.iter("failure"), *suite.iter("error")]
        if bad:
            name = jobs[int(suite.attrib["name"].split(".")[0])].name
            red.add(name)
            lines += [f"{name}: {one.text or one.attrib.get('message', '')}" for one in bad]
    return red, "\n".join(lines)


def verify(program: str) -> int:
    """Run the cases, then prove that each of them can fail; print what is wrong."""
    rules = rule_render.rules(rule_render.render())
    red, words = run(program, list(base_jobs(rules)))
    if red:
        print(words)
        print(f"alerts that do not behave as their cases say: {', '.join(sorted(red))}")
        return 1
    wrong = list(mutants(rules))
    caught, _words = run(program, wrong)
    missed = sorted(job.name for job in wrong if job.name not in caught)
    # A threshold may stand in several alerts: the cases of one of them are enough for that alert, not for the others.
    for name in missed:
        print(f"no case notices: {name}")
    print(f"{len(cases())} alerts behave as their cases say; {len(wrong)} wrong numbers, {len(missed)} unnoticed")
    return 1 if missed else 0
