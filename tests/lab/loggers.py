"""The log configuration that lies on a host, in Kafka's words."""

from __future__ import annotations

import re

import yaml


def configured(text: str) -> dict[str, str]:
    """The level that each logger of log4j2.yaml or log4j.properties has, its own or that of the nearest parent."""
    levels = _of_yaml(text) if text.startswith("---") else _of_properties(text)
    return {name: levels[name] or _inherited(name, levels) for name in levels}


def _of_yaml(text: str) -> dict[str, str]:
    loggers = yaml.safe_load(text)["Configuration"]["Loggers"]
    return {"root": loggers["Root"]["level"], **{item["name"]: item.get("level", "") for item in loggers["Logger"]}}


def _of_properties(text: str) -> dict[str, str]:
    root = re.search(r"^log4j\.rootLogger=(\w+)", text, re.MULTILINE)
    assert root, text
    found = re.findall(r"^log4j\.logger\.([^=]+)=(\w+)", text, re.MULTILINE)
    return {"root": root[1], **{name: "" if level == "INHERITED" else level for name, level in found}}


def _inherited(name: str, levels: dict[str, str]) -> str:
    while name := name.rpartition(".")[0]:
        if levels.get(name):
            return levels[name]
    return levels["root"]
