"""Render the JMX rules as the role does, and make the beans of a broker of any size from a recording."""

from __future__ import annotations

import gzip
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import yaml

ROOT = Path(__file__).resolve().parent.parent
BEANS = ROOT / "tests" / "fixtures" / "mbeans"
TEMPLATE = ROOT / "templates" / "jmx" / "kafka.yml.j2"


class Bean(NamedTuple):
    """An MBean: its domain, its properties in their order, its attributes."""

    domain: str
    properties: tuple[tuple[str, str], ...]
    attributes: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its object name."""
        return f"{self.domain}:{','.join(f'{key}={value}' for key, value in self.properties)}"


@cache
def variables() -> dict[str, Any]:
    """Return what the role's vars say of the rules."""
    text = (ROOT / "roles/jmx_exporter/vars/main.yml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


@cache
def rendered(roles: tuple[str, ...], profile: str = "small") -> str:
    """Return the rules file of a node."""
    engine = jinja2.Environment(trim_blocks=True, undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701
    engine.filters["comment"] = lambda text: f"# {text}"
    names = ("__jmx_exporter_client_requests", "__jmx_exporter_controller_requests", "__jmx_exporter_phases")
    lists = {name: variables()[name] for name in names}
    requests = engine.compile_expression(variables()["__jmx_exporter_requests"].strip().strip("{}"))
    lists["__jmx_exporter_requests"] = requests(__jmx_exporter_roles=roles, **lists)
    return engine.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        ansible_managed="test", __jmx_exporter_roles=roles, jmx_exporter_profile=profile, **lists
    )


@cache
def rules(roles: tuple[str, ...], profile: str = "small") -> dict[str, Any]:
    """Return the rules of a node."""
    return dict(yaml.safe_load(rendered(roles, profile)))


@cache
def beans(node: str) -> tuple[Bean, ...]:
    """Return the recorded beans of a node, for instance broker-4.3.1."""
    with gzip.open(BEANS / f"{node}.txt.gz", "rt", encoding="utf-8") as stream:
        return tuple(_bean(line.rstrip("\n")) for line in stream if not line.startswith("#"))


def _bean(line: str) -> Bean:
    name, _bar, attributes = line.partition(" | ")
    domain, _colon, properties = name.rstrip(" |").partition(":")
    pairs = (pair.split("=", 1) for pair in re.findall(r'[^=,]+=(?:"[^"]*"|[^,]*)', properties))
    return Bean(domain, tuple((key, value) for key, value in pairs), tuple(attributes.split()))


def grown(topics: int, partitions: int) -> list[Bean]:
    """Return the beans of a broker of 4.3.1 with so many topics, and partitions over all."""
    base = beans("broker-4.3.1")
    fixed = [bean for bean in base if "topic" not in dict(bean.properties)]
    per_topic = [
        bean for bean in base if dict(bean.properties).get("topic") == "t1" and "partition" not in dict(bean.properties)
    ]
    per_partition = [
        bean
        for bean in base
        if (dict(bean.properties).get("topic"), dict(bean.properties).get("partition")) == ("t1", "0")
    ]
    new = [_renamed(bean, topic=f"x{number}") for number in range(topics) for bean in per_topic]
    new += [
        _renamed(bean, topic=f"x{number % topics}", partition=str(number))
        for number in range(partitions)
        for bean in per_partition
    ]
    return [*fixed, *new]


def _renamed(bean: Bean, **changes: str) -> Bean:
    return bean._replace(properties=tuple((key, changes.get(key, value)) for key, value in bean.properties))
