# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a run of log levels found on the nodes, put into words; `Result` is what the module kafka_log_levels returned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._model import Model
from ansible_collections.kraftops.kafka.plugins.module_utils._plain import plain
from ansible_collections.kraftops.kafka.plugins.module_utils._preflight_logs import check_logs
from ansible_collections.kraftops.kafka.plugins.module_utils._problems import line, merged, names

Result = dict[str, Any]
Results = dict[str, Result]
NEAREST = 3
NO_HOST = "its host does not answer"
# What the tasks of the role kafka register: before a change, in a node's step, and at the end.
READ, SET, VERIFIED = "__kafka_levels_read", "__kafka_levels", "__kafka_levels_verified"


def results_of(hostvars: Any, hosts: Iterable[Any], *keys: str) -> Results:
    """Return what each host's task registered, the first of `keys` that ran; empty for one that has not had its turn."""
    return {str(name): _result(hostvars[name], keys) for name in hosts}


def _result(variables: Mapping[str, Any], keys: Iterable[str]) -> Result:
    found = [plain(variables.get(key) or {}) for key in keys]
    return next((one for one in found if one and not one.get("skipped")), {})


def silent(results: Results) -> dict[str, str]:
    """Return why each node that was asked has no levels to show: {name: why}."""
    return {
        name: NO_HOST if result.get("unreachable") else result["why"]
        for name, result in results.items()
        if result.get("unreachable") or result.get("answered") is False
    }


def broken(results: Results) -> dict[str, str]:
    """Return what is left of each task that broke before the node itself was asked: {name: why}."""
    return {
        name: _last_words(result)
        for name, result in results.items()
        if result and not result.get("unreachable") and "answered" not in result
    }


def refused(results: Results) -> dict[str, str]:
    """Return what each node that answered said against it; a task that broke counts too."""
    quiet = silent(results)
    said = {name: str(result["why"]) for name, result in results.items() if name not in quiet and result.get("why")}
    return {**broken(results), **said}


def _last_words(result: Result) -> str:
    """Return what is left of a task that broke: Ansible's message, and the last line of a traceback."""
    said = [
        str(result.get("msg") or "its task failed"),
        *str(result.get("module_stderr") or "").strip().splitlines()[-1:],
    ]
    return ": ".join(said)


def objections(model: Model, results: Results, wish: Mapping[str, Any]) -> list[str]:
    """Return what keeps a run from starting: nodes that refuse to be read, other versions, loggers that are nowhere.

    Declared levels come with the whole file, so its bounds are judged as the preflight does.
    """
    answered = {name: result for name, result in results.items() if "answered" in result}
    lines = [f"{name}: its levels cannot be read: {why}" for name, why in refused(answered).items()]
    if not wish["temporary"]:
        return [*lines, *_other_versions(model, results), *_too_large(model, answered)]
    return lines + _nowhere(results, wish["override"])


def _other_versions(model: Model, results: Results) -> list[str]:
    """The log configuration of one version means nothing to another."""
    lines = []
    for name, result in results.items():
        declared = model.clusters[model.nodes[name].cluster].version
        if result.get("version") and result["version"] != declared:
            fix = "Restart it with the version that is declared (site.yml), or declare the one that runs"
            lines.append(f"{name}: kafka_version = {declared}: Kafka {result['version']} runs there. {fix}.")
    return lines


def _too_large(model: Model, results: Results) -> list[str]:
    return [line(one) for one in merged(asdict(problem) for problem in check_logs(model, results))]


def _nowhere(results: Results, override: Mapping[str, str]) -> list[str]:
    answered = [result for result in results.values() if result.get("answered")]
    lines = []
    for logger, level in override.items():
        if answered and all(logger in result["unlisted"] for result in answered):
            votes = Counter(name for result in answered for name in result["unlisted"][logger])
            close = [name for name, _count in votes.most_common(NEAREST)]
            fix = f"The most similar: {', '.join(close)}" if close else "Declare it in kafka_log_levels to make it"
            why = "no node of this run has such a logger, and a temporary level makes none"
            lines.append(f"kafka_log_level_override[{logger}] = {level}: {why}. {fix}.")
    return lines


def stopped(results: Results) -> str:
    """Return why the run stops here, who has the levels and who has not; empty when nobody refused."""
    no = refused(results)
    if not no:
        return ""
    have = [name for name, result in results.items() if result.get("answered") and name not in no]
    not_yet = [name for name, result in results.items() if not result]
    said = "; ".join(f"{name} refused: {why}" for name, why in no.items())
    have_not = _all([*no, *silent(results), *not_yet])
    return f"{said}. These have the levels: {_all(have)}; these have not: {have_not}. No further node was changed."


def _all(hosts: list[str]) -> str:
    return ", ".join(hosts) or "none"


def skipped(results: Results, wish: Mapping[str, Any]) -> list[str]:
    """Return a line for every node that could not be asked, with what it has of the change all the same.

    A host on which nothing can be run (its disk is full) is no node that says no: the others do not wait for it.
    """
    lines = [f"{name}: skipped, its host cannot be asked: {why}" for name, why in broken(results).items()]
    for name, why in silent(results).items():
        written = not wish["temporary"] and results[name].get("set_up")
        file = "; its file holds the levels for its next start" if written else ""
        lines.append(f"{name}: skipped, {why}{file}")
    return lines


def ending(model: Model, results: Results, wish: Mapping[str, Any], before: Results, check: bool) -> list[str]:
    """Return what is to be told at the end of a run; `before` is what differed on each node when it began.

    A node may have loaded its new file before its own step sees it, so what that step changed is not all.
    """
    if check:
        number = sum(bool(result.get("changed")) for result in results.values())
        first = f"check mode: {number} of {len(results)} nodes would change"
    else:
        good = [name for name, result in results.items() if result.get("answered") and not result["why"]]
        before = {name: before[name] for name in good}
        what = "its level, temporary ones included" if wish["temporary"] else "its declared level"
        first = f"{len(good)} of {len(results)} nodes: every logger has {what}"
    return [first, *changed_lines(before), *skipped(results, wish), *notes(model, results)]


def changed_lines(before: Results) -> list[str]:
    """Say of each logger whose level was or would be changed from what to what, once with the nodes that it is true of."""
    return _said_once(
        (f"{one['logger']} {one['from'] or 'not there'} -> {one['to']}", name)
        for name, result in before.items()
        for one in result.get("changes", [])
    )


def notes(model: Model, results: Results) -> list[str]:
    """Return what is worth knowing of the nodes that answered."""
    texts = []
    for name, result in results.items():
        # Where the file was not written yet, nobody knows whether the process will load it.
        if result.get("answered") and result.get("loaded") is False and not result.get("file_changed"):
            texts.append((_not_loaded(model, name), name))
    temporary = [(temporary_text(one), name) for name, result in results.items() for one in result.get("temporary", [])]
    end = ["temporary levels end by themselves, and with a restart of Kafka"] if temporary else []
    return [*unlisted_lines(model, results), *_said_once(texts), *_said_once(temporary), *end]


def _said_once(texts: Iterable[tuple[str, str]]) -> list[str]:
    """Say each text once, with the names of the nodes that it is true of."""
    where: dict[str, list[str]] = {}
    for text, name in texts:
        where.setdefault(text, []).append(name)
    return [f"{names(hosts)}: {text}" for text, hosts in where.items()]


def _not_loaded(model: Model, name: str) -> str:
    if _is_old(model, name):
        return "its log files change with the next restart, its levels are set live"
    return "the process does not watch its log configuration: levels are set live, the rest comes with the next restart"


def _is_old(model: Model, name: str) -> bool:
    """Tell whether the log configuration is that of 3.9, which a process reads only at its start."""
    return model.clusters[model.nodes[name].cluster].version.startswith("3.")


def unlisted_lines(model: Model, results: Results) -> list[str]:
    """Say of each logger that is missing somewhere whether that role never has it, or when it has it."""
    lines = []
    missing = sorted({logger for result in results.values() for logger in result.get("unlisted", {})})
    for logger in missing:
        without = [name for name, one in results.items() if logger in one.get("unlisted", {})]
        having = [name for name, one in results.items() if one.get("answered") and name not in without]
        roles = {model.nodes[name].role for name in having}
        other = [name for name in without if having and model.nodes[name].role not in roles]
        if other:
            lines.append(f"{names(other)}: {logger} skipped, only a {' or '.join(sorted(roles))} has it")
        lines += _said_once(
            (f"{logger} {_when(model, name, results[name])}", name) for name in without if name not in other
        )
    return lines


def _when(model: Model, name: str, result: Result) -> str:
    """Say when a node gets a logger that no class has made yet; one whose file is not written yet may watch it."""
    if result.get("file_changed") and not _is_old(model, name):
        return "is not there yet, it comes with the file"
    return "pending restart, the running process has no such logger"


def temporary_text(one: Mapping[str, Any]) -> str:
    """Return a temporary level with the time that it has left."""
    return f"{one['logger']} {one['level']}, temporary, {left(one['remaining_seconds'])} left"


def left(seconds: int) -> str:
    """Return a duration as people say it: seconds count in the last minutes only."""
    hours, minutes = seconds // 3600, seconds // 60 % 60
    if hours or minutes >= 10:
        return f"{hours} h {minutes} min" if hours else f"{minutes} min"
    return f"{minutes} min {seconds % 60} s" if minutes else f"{seconds} s"
