"""Write docs/alerts.md from templates/rules: `python -m tools.alert_docs`; with --check only tell whether it is up to date."""

from __future__ import annotations

import sys

import yaml

from tools import rule_render

OUTPUT = rule_render.ROOT / "docs" / "alerts.md"
HEAD = """# Alerts

`prometheus_alert_profile: core` (the default) has what a person on call wants to be woken or told about; `full` has all. Each alert
carries its value, a link to its page under [runbooks](runbooks) and one to a dashboard.

Severities: `critical` wakes somebody, `warning` is for the working day, `info` is for reading, `none` is the Watchdog, which always fires.

"Since" is the first line of Kafka whose metrics an alert needs. On an older one it is silent: {late}.

This page is made from `templates/rules` by `python -m tools.alert_docs`.

## Thresholds

Change them by name, for instance `prometheus_alert_thresholds: {{lag_messages: 5000, log_dir_free: 0.3}}`. Unknown names are refused before
any host is touched. `prometheus_time_scale` stretches or shrinks every duration (windows, how long a condition holds, scrapes).

| name | default | unit | what it says |
| --- | --- | --- | --- |
"""


TAIL = """
## A new alert

1. Write it into `templates/rules/<topic>.yml`: a rule file of Prometheus with `profile`, `severity`, `since`, `dashboard`, `summary` and
   `description` instead of labels and annotations. A number that somebody may want to change is a threshold: declare it at the top of the
   file and write `[[ its_name ]]`. A duration that is a number is `[[ seconds 5m ]]`. Compare counts with `kafka:node:expected`,
   `kafka:brokers:expected`, `kafka:controllers:expected` or `kafka:cluster:expected`, never with what happens to report.
2. Write its cases into `tests/unit/rules/cases/<topic>.yml`: just above the threshold it fires, just below it is quiet.
3. Write its page `docs/runbooks/<Alert>.md`: meaning, impact, look at, do.
4. `python -m tools.alert_docs`, then `tools/promtool-check` and `pytest tests/unit/rules` say what is missing.

A file in the plain form of Prometheus is taken as it is, in every profile.
"""


def rows(rules: list[dict[str, str]]) -> list[str]:
    """Return the table of some alerts."""
    lines = ["| alert | profile | severity | holds for | since | dashboard |", "| --- | --- | --- | --- | --- | --- |"]
    for rule in rules:
        name = rule["alert"]
        cells = [f"[{name}](runbooks/{name}.md)", rule["profile"], rule["severity"]]
        cells += [rule.get("for", "at once"), rule["since"], rule["dashboard"]]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def text() -> str:
    """Return the whole page."""
    alerts = rule_render.declared()
    late = ", ".join(f"{name} ({rule['since']})" for name, rule in alerts.items() if rule["since"] != "3.9")
    page = [HEAD.format(late=late).rstrip("\n")]
    page += [
        f"| `{name}` | {entry['default']} | {entry['unit']} | {entry['says']} |"
        for name, entry in rule_render.thresholds().items()
    ]
    for name, content in rule_render.sources().items():
        if any("alert" in rule for group in yaml.safe_load(content)["groups"] for rule in group["rules"]):
            page += ["", f"## {name.removesuffix('.yml').replace('_', ' ').capitalize()}", ""]
            page += rows([rule for rule in alerts.values() if rule["file"] == name])
    return "\n".join(page) + "\n" + TAIL


def main() -> int:
    """Write or compare."""
    wanted = text()
    stale = not OUTPUT.exists() or OUTPUT.read_text(encoding="utf-8") != wanted
    if "--check" in sys.argv[1:]:
        if stale:
            print(f"{OUTPUT.name}: does not come from templates/rules; run `python -m tools.alert_docs`")
        return 1 if stale else 0
    OUTPUT.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
