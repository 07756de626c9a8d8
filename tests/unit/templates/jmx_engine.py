"""Applies JMX exporter rules to recorded beans as the exporter does, without a JVM: which beans, which series, which types.

Checked against what the real exporter made of a real broker (test_jmx.py). Values are not recorded, so each number is 1.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from tools.jmx_render import Bean

# Attributes that are words; all others of Kafka's beans are numbers, or Value is a word where it says so.
WORDS = {"current-state": "leader", "RateUnit": "SECONDS", "LatencyUnit": "MILLISECONDS", "EventType": "requests"}
WORD_BEANS = ("ClusterId",)


class Series(NamedTuple):
    """One series as the exporter would serve it."""

    name: str
    kind: str
    labels: tuple[tuple[str, str], ...]


def selected(bean: Bean, pattern: str) -> bool:
    """Return whether an object name pattern matches, as javax.management.ObjectName does."""
    domain, _colon, properties = pattern.partition(":")
    wanted = dict(pair.split("=", 1) for pair in properties.split(",") if pair != "*")
    own = dict(bean.properties)
    return (
        fnmatch.fnmatchcase(bean.domain, domain)
        and (set(own) == set(wanted) or (properties.split(",")[-1] == "*" and set(own) >= set(wanted)))
        and all(fnmatch.fnmatchcase(own[key].strip('"'), value) for key, value in wanted.items())
    )


def beans_of(rules: dict[str, Any], beans: Iterable[Bean]) -> Iterator[Bean]:
    """Yield the beans that are read at all."""
    for bean in beans:
        if any(selected(bean, pattern) for pattern in rules["includeObjectNames"]) and not any(
            selected(bean, pattern) for pattern in rules["excludeObjectNames"]
        ):
            yield bean


def series_of(rules: dict[str, Any], beans: Iterable[Bean]) -> list[Series]:
    """Return all series, one for each attribute that a rule takes; duplicates stay."""
    return [one for _tried, one in matches(rules, beans) if one is not None]


def matches(rules: dict[str, Any], beans: Iterable[Bean]) -> Iterator[tuple[int, Series | None]]:
    """Yield for each attribute that is read how many rules are tried, and the series."""
    compiled = [(re.compile(f"^.*(?:{rule['pattern']}).*$"), rule) for rule in rules["rules"]]
    for bean in beans_of(rules, beans):
        yield from (_match(compiled, bean, attribute) for attribute in bean.attributes)


def _match(
    compiled: list[tuple[re.Pattern[str], dict[str, Any]]], bean: Bean, attribute: str
) -> tuple[int, Series | None]:
    properties = ", ".join(f"{key}={value}" for key, value in bean.properties)
    word = WORDS.get(attribute) or ("id" if dict(bean.properties).get("name") in WORD_BEANS else None)
    text = f"{bean.domain}<{properties}><>{attribute}: "
    for number, (pattern, rule) in enumerate(compiled, 1):
        # A cached rule must not look at the value: the exporter remembers what it decided at the first one.
        found = pattern.match(text if rule.get("cache") else text + (word or "1.0"))
        if found:
            dropped = not rule["name"] or (word and "value" not in rule)
            return number, None if dropped else _series(rule, found)
    return len(compiled), None


def _series(rule: dict[str, Any], found: re.Match[str]) -> Series:
    def filled(template: str) -> str:
        return re.sub(r"\$(\d)", lambda group: found.group(int(group[1])) or "", template)

    name = re.sub(r"[^a-zA-Z0-9:_]+|_+", "_", filled(rule["name"])).lower()
    name = re.sub(r"__+", "_", name)
    labels = {filled(str(key)): filled(str(value)) for key, value in rule.get("labels", {}).items()}
    return Series(name, rule["type"], tuple(sorted((key, value) for key, value in labels.items() if key and value)))
