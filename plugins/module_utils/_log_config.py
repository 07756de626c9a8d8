# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Kafka's logging configuration: log4j2.yaml for 4.x, log4j.properties for 3.9. Files are bounded by size and number."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._loaded_state import INHERITED
from ansible_collections.kraftops.kafka.plugins.module_utils._log_levels import LOADED_PREFIX, ROOT, effective
from ansible_collections.kraftops.kafka.plugins.module_utils._log_volume import rolled_at
from ansible_collections.kraftops.kafka.plugins.module_utils._model import Model, Node
from ansible_collections.kraftops.kafka.plugins.module_utils._versions import minor_of

WATCH_SECONDS = 5
PATTERN = "[%d{yyyy-MM-dd'T'HH:mm:ss,SSSXXX}] %p %m (%c)%n"
FILES = {
    "KafkaAppender": "server.log",
    "ControllerAppender": "controller.log",
    "StateChangeAppender": "state-change.log",
    "RequestAppender": "kafka-request.log",
    "CleanerAppender": "log-cleaner.log",
    "AuthorizerAppender": "kafka-authorizer.log",
}
# What the JVM writes beside them (jvm.options); its filecount leaves the active file out.
GC_LOG, GC_FILE_COUNT, GC_FILE_SIZE = "gc.log", 10, 20 << 20
HEAP_DUMP = "heap-dump.hprof"
# Loggers with a file of their own: appender and default level.
OWN_FILE = {
    "kafka.authorizer.logger": ("AuthorizerAppender", "INFO"),
    "kafka.network.RequestChannel$": ("RequestAppender", "WARN"),
    "kafka.request.logger": ("RequestAppender", "WARN"),
    "org.apache.kafka.controller": ("ControllerAppender", "INFO"),
    "state.change.logger": ("StateChangeAppender", "INFO"),
}
OLD_CLEANER = ("kafka.log.LogCleaner", "kafka.log.LogCleaner$CleanerThread")
NEW_CLEANER = tuple(
    f"org.apache.kafka.storage.internals.log.{name}" for name in ("Cleaner", "LogCleaner", "LogCleaner$CleanerThread")
)
LEVELLED = {"root": "INFO", "kafka": "INFO", "org.apache.kafka": "INFO"}
# A level can be set at run time only on a logger that exists, so those that people ask for are declared.
PREDECLARED = (
    "kafka.cluster",
    "kafka.coordinator",
    "kafka.network",
    "kafka.server",
    "org.apache.kafka.clients",
    "org.apache.kafka.common.network",
    "org.apache.kafka.common.security",
    "org.apache.kafka.coordinator",
    "org.apache.kafka.image",
    "org.apache.kafka.metadata",
    "org.apache.kafka.raft",
    "org.apache.kafka.server",
    "org.apache.kafka.storage",
)


def log_config(model: Model, host: str) -> dict[str, Any]:
    """Return file name, content, effective levels, the most bytes that the logs can take, and what the host must know."""
    node = model.nodes[host]
    minor = minor_of(model.clusters[node.cluster].version)
    own_file = _own_file(minor)
    written = {**LEVELLED, **{name: level for name, (_appender, level) in own_file.items()}, **node.log_levels}
    names = [ROOT, *sorted({*written, *PREDECLARED} - {ROOT})]
    own = {name: written.get(name, "") for name in names}
    appenders = {name: appender for name, (appender, _level) in own_file.items()}
    old = minor < (4, 0)
    render = _log4j_properties if old else _log4j2_yaml
    # What a running process of 3.9 cannot load is the appenders; its levels are set live.
    loaded = render(node, {name: LEVELLED.get(name, "") for name in (ROOT, *own_file)} if old else own, appenders)
    marker = LOADED_PREFIX + hashlib.sha256(loaded.encode()).hexdigest()[:12]
    files = bounds(node)
    return {
        "file": "log4j.properties" if old else "log4j2.yaml",
        "content": render(node, {**own, marker: ""}, appenders),
        "loggers": {name: effective(name, written) for name in names},
        "own": written,
        "marker": marker,
        "logs": list(FILES.values()),
        "bytes": sum(files.values()),
        "host": {"directory": node.app_log_dir, "files": {name: files[name] for name in (GC_LOG, HEAP_DUMP)}},
    }


def bounds(node: Node) -> dict[str, int]:
    """Return the most bytes that each log can take, rolled parts included, as well as a heap dump (jvm.options)."""
    files = dict.fromkeys(FILES.values(), (node.log_file_count + 1) * node.log_file_size)
    return {**files, GC_LOG: (GC_FILE_COUNT + 1) * GC_FILE_SIZE, HEAP_DUMP: node.heap_bytes}


def bound_in_words(model: Model, cluster: str) -> list[str]:
    """Say the most that the logs take; whether that fits, preflight asks the hosts, which know their journal too."""
    kinds = (("controller", model.controllers_of(cluster)), ("broker", model.brokers_of(cluster)))
    most = [
        f"{max(sum(bounds(one).values()) for one in nodes) / 1e9:.1f} GB on a {what}" for what, nodes in kinds if nodes
    ]
    told = f"Kafka's own logs, a heap dump included, take at most {' and '.join(most)}; the journal comes on top."
    return [f"{cluster}: {told}"] if most else []


def _own_file(minor: tuple[int, int]) -> dict[str, tuple[str, str]]:
    cleaners = NEW_CLEANER if minor >= (4, 1) else OLD_CLEANER
    return {**OWN_FILE, **dict.fromkeys(cleaners, ("CleanerAppender", "INFO"))}


def size_text(size: int) -> str:
    """Return a size in the largest unit that says it exactly."""
    for unit, factor in (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)):
        if size % factor == 0:
            return f"{size // factor}{unit}"
    return str(size)


def _log4j2_yaml(node: Node, levels: dict[str, str], appenders: dict[str, str]) -> str:
    """A logger without a level inherits its parent's, so a change of the parent reaches it."""
    layout = {"pattern": PATTERN}
    rolling = [
        {
            "name": name,
            "fileName": f"${{sys:kafka.logs.dir}}/{file}",
            "filePattern": f"${{sys:kafka.logs.dir}}/{file}.%i",
            "PatternLayout": layout,
            "SizeBasedTriggeringPolicy": {"size": str(rolled_at(node.log_file_size))},
            # With min, server.log.1 is the newest, as on 3.9; what lies beyond a lowered count is then the oldest.
            "DefaultRolloverStrategy": {"fileIndex": "min", "max": node.log_file_count},
        }
        for name, file in FILES.items()
    ]
    console = {
        "name": "STDOUT",
        "PatternLayout": layout,
        "ThresholdFilter": {"level": "WARN", "onMatch": "ACCEPT", "onMismatch": "DENY"},
    }
    root = {"level": levels["root"], "AppenderRef": [{"ref": "KafkaAppender"}, {"ref": "STDOUT"}]}
    loggers = [_logger(name, level, appenders.get(name)) for name, level in levels.items() if name != "root"]
    configuration = {
        "monitorInterval": WATCH_SECONDS,
        "Appenders": {"Console": console, "RollingFile": rolling},
        "Loggers": {"Root": root, "Logger": loggers},
    }
    return "---\n" + "\n".join(_yaml({"Configuration": configuration})) + "\n"


def _logger(name: str, level: str, appender: str | None) -> dict[str, Any]:
    logger: dict[str, Any] = {"name": name}
    if level:
        logger["level"] = level
    if appender:
        logger |= {"additivity": False, "AppenderRef": {"ref": appender}}
    return logger


def _yaml(value: dict[str, Any], indent: int = 0) -> list[str]:
    """Write dicts, lists of dicts and scalars as YAML; the same input always gives the same text."""
    lines = []
    for key, item in value.items():
        if isinstance(item, dict):
            lines += [f"{key}:", *_yaml(item, 2)]
        elif isinstance(item, list):
            lines += [f"{key}:"]
            for one in item:
                first, *rest = _yaml(one, 4)
                lines += [f"  - {first.lstrip()}", *rest]
        else:
            lines.append(f"{key}: {json.dumps(item)}")
    return [" " * indent + line for line in lines]


def _log4j_properties(node: Node, levels: dict[str, str], appenders: dict[str, str]) -> str:
    """A logger that is INHERITED exists from the start, so that its level can be set, and has its parent's until then."""
    lines = [
        f"log4j.rootLogger={levels['root']}, KafkaAppender, STDOUT",
        "log4j.appender.STDOUT=org.apache.log4j.ConsoleAppender",
        "log4j.appender.STDOUT.Threshold=WARN",
        *_log4j_layout("STDOUT"),
    ]
    for name, file in FILES.items():
        lines += [
            f"log4j.appender.{name}=org.apache.log4j.RollingFileAppender",
            f"log4j.appender.{name}.File=${{kafka.logs.dir}}/{file}",
            f"log4j.appender.{name}.MaxFileSize={rolled_at(node.log_file_size)}",
            f"log4j.appender.{name}.MaxBackupIndex={node.log_file_count}",
            *_log4j_layout(name),
        ]
    for name, level in levels.items():
        if name in appenders:
            lines.append(f"log4j.logger.{name}={level or INHERITED}, {appenders[name]}")
            lines.append(f"log4j.additivity.{name}=false")
        elif name != "root":
            lines.append(f"log4j.logger.{name}={level or INHERITED}")
    return "\n".join(lines) + "\n"


def _log4j_layout(appender: str) -> list[str]:
    return [
        f"log4j.appender.{appender}.layout=org.apache.log4j.PatternLayout",
        f"log4j.appender.{appender}.layout.ConversionPattern={PATTERN}",
    ]
