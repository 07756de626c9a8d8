# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a Kafka process has loaded: reading the copies and digests that its unit keeps at each start.

The copies count only for the very start that made them, which systemd's invocation id tells.
"""

from __future__ import annotations

import glob
import hashlib
import os
import re
from collections.abc import Iterator
from typing import Any, Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._difference import SECRET_VALUE, digest, is_secret
from ansible_collections.kraftops.kafka.plugins.module_utils._node_report import read

FOLDER = "/run/kafka/loaded"
CONFIG_FOLDER = "/etc/kafka"
STATE, PROPERTIES, OPTIONS = "state", "server.properties", "jvm.options"
DYNAMIC_KEYS = "dynamic-keys"
LOG_CONFIGS = ("log4j2.yaml", "log4j.properties")
# reload4j's word for a logger without a level of its own.
INHERITED = "INHERITED"
FILE_DIGEST = "sha256:"
# The unit carries a digest of its own text under this name; in the text that is digested, PLACEHOLDER stands for it.
UNIT_DIGEST = "KAFKA_UNIT_DIGEST"
PLACEHOLDER = "@digest@"
_CARRIED = re.compile(rf"\b{UNIT_DIGEST}=([0-9a-f]{{64}})")

_CLASS_PATH_VERSION = re.compile(r"/kafka-(\d+\.\d+\.\d+)/libs/")
_NAME_END = re.compile(r"(?<!\\)(?:\\\\)*[=:\s]")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}
_WORD = re.compile(r"""\#[^\n]*|(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\s"'])+""")


def parse_properties(text: str) -> dict[str, str]:
    """Read a file of java.util.Properties; of a key that is there twice, the last counts."""
    found = {}
    for line in _logical_lines(text):
        end = _NAME_END.search(line)
        name, rest = (line[: end.end() - 1], line[end.end() - 1 :]) if end else (line, "")
        value = re.sub(r"^\s*[=:]?\s*", "", rest)
        found[_unescape(name)] = _unescape(value)
    return found


def _logical_lines(text: str) -> Iterator[str]:
    whole = ""
    for line in re.split(r"\r\n|\r|\n", text):
        part = line.lstrip()
        if not whole and (not part or part[0] in "#!"):
            continue
        whole += part
        if (len(whole) - len(whole.rstrip("\\"))) % 2:
            whole = whole[:-1]
            continue
        yield whole
        whole = ""
    if whole:
        yield whole


def _unescape(text: str) -> str:
    def plain(match: re.Match[str]) -> str:
        word = match.group(1)
        return chr(int(word[1:], 16)) if len(word) > 1 else _ESCAPED.get(word, word)

    return _ESCAPE.sub(plain, text)


def parse_options(text: str) -> list[str]:
    """Read an argument file of the `java` launcher: words, quoted where they hold blanks, and comments."""
    words = (match.group(0) for match in _WORD.finditer(text))
    return [re.sub(r"\"((?:\\.|[^\"\\])*)\"|'((?:\\.|[^'\\])*)'", _unquoted, word) for word in words if word[0] != "#"]


def _unquoted(match: re.Match[str]) -> str:
    inside = match.group(1) if match.group(1) is not None else match.group(2)
    return _unescape(inside)


def parse_loggers(file: str, text: str) -> dict[str, str]:
    """Return {logger: level} of a log configuration of ours; a logger that inherits its level is left out."""
    if file == "log4j.properties":
        found = {}
        for key, value in parse_properties(text).items():
            name = "root" if key == "log4j.rootLogger" else key[len("log4j.logger.") :]
            if key == "log4j.rootLogger" or key.startswith("log4j.logger."):
                found[name] = value.split(",")[0].strip()
        return {name: level for name, level in found.items() if level != INHERITED}
    return dict(_yaml_loggers(text.partition("\n  Loggers:")[2]))


def appenders_digest(file: str, text: str) -> str:
    """Return a digest of what only a restart brings into a log configuration; empty where that is nothing.

    reload4j (3.9) reads log4j.properties once: appenders count, levels do not, since they are set live. log4j2 reads its
    file again while Kafka runs.
    """
    if file != LOG_CONFIGS[1] or not text:
        return ""
    kept = {}
    for key, value in parse_properties(text).items():
        is_logger = key == "log4j.rootLogger" or key.startswith("log4j.logger.")
        names = [name.strip() for name in value.split(",")][1:] if is_logger else [value]
        if names:
            kept[key] = ",".join(names)
    return hashlib.sha256("\n".join(f"{key}={kept[key]}" for key in sorted(kept)).encode()).hexdigest()


def _yaml_loggers(text: str) -> Iterator[tuple[str, str]]:
    name = ""
    for line in text.splitlines():
        key, _colon, value = line.strip().lstrip("- ").partition(":")
        value = value.strip().strip("\"'")
        if key in ("Root", "name"):
            name = value or "root"
        elif key == "level" and name:
            yield name, value


def parse_state(text: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return what the start has written: its words, and {path: SHA-256} of the files that it read."""
    words, files = {}, {}
    for line in text.splitlines():
        if line.startswith(FILE_DIGEST):
            path, _equals, value = line[len(FILE_DIGEST) :].rpartition("=")
            files[path] = value
        elif "=" in line:
            key, _equals, value = line.partition("=")
            words[key] = value
    return words, files


def carried(text: str) -> str:
    """Return the digest that a unit's text, or an environment, carries; empty for none."""
    match = _CARRIED.search(text)
    return match.group(1) if match else ""


def text_digest(text: str) -> str:
    """Return the digest that a unit's text should carry."""
    return hashlib.sha256(_CARRIED.sub(f"{UNIT_DIGEST}={PLACEHOLDER}", text).encode()).hexdigest()


def kafka_version(running: bool, folder: str = FOLDER, config_folder: str = CONFIG_FOLDER) -> str:
    """Return the version of Kafka that runs; of a stopped one, the version that its files would start; empty for none."""
    words, _files = parse_state(read(os.path.join(folder, STATE))) if running else ({}, {})
    match = _CLASS_PATH_VERSION.search(read(os.path.join(config_folder, OPTIONS)))
    return words.get("kafka_version") or (match.group(1) if match else "")


def file_digest(path: str) -> Optional[str]:
    """Return the SHA-256 of a file, None where it cannot be read."""
    try:
        with open(path, "rb") as stream:
            return hashlib.sha256(stream.read()).hexdigest()
    except OSError:
        return None


def without_secrets(properties: dict[str, str]) -> dict[str, str]:
    """Return properties with digests for the values that must not be shown."""
    return {
        key: digest(key, value) if value and is_secret(key, (value,), None) else value
        for key, value in properties.items()
    }


def option_without_secret(option: str) -> str:
    """Return a JVM option, with a digest for its value when that must not be shown."""
    name, equals, value = option.partition("=")
    return f"{name}={digest(name, value)}" if equals and SECRET_VALUE.search(option) else option


def read_files(folder: str, reveal: bool) -> dict[str, Any]:
    """Return the properties and the options of the JVM that lie in a folder."""
    properties = parse_properties(read(os.path.join(folder, PROPERTIES)))
    options = parse_options(read(os.path.join(folder, OPTIONS)))
    return {
        "properties": properties if reveal else without_secrets(properties),
        "jvm_options": options if reveal else [option_without_secret(option) for option in options],
    }


def read_dynamic_keys(folder: str) -> list[str]:
    """Return the properties whose dynamic values are ours, as the last change of them has left word."""
    lines = (line.strip() for line in read(os.path.join(folder, DYNAMIC_KEYS)).splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def read_loaded(folder: str, reveal: bool) -> dict[str, Any]:
    """Return what the start whose copies lie in a folder has loaded."""
    words, files = parse_state(read(os.path.join(folder, STATE)))
    log_file = next((name for name in LOG_CONFIGS if os.path.exists(os.path.join(folder, name))), "")
    log_text = read(os.path.join(folder, log_file)) if log_file else ""
    return {
        "invocation": words.get("invocation", ""),
        **read_files(folder, reveal),
        "log_config": {
            "file": log_file,
            "loggers": parse_loggers(log_file, log_text),
            "appenders": appenders_digest(log_file, log_text),
            "sha256": hashlib.sha256(log_text.encode()).hexdigest() if log_file else "",
        },
        "java": {
            "path": words.get("java", ""),
            "version": words.get("java_version", ""),
            "runtime_version": words.get("java_runtime_version", ""),
        },
        "kafka": {"class_path": words.get("class_path", ""), "version": words.get("kafka_version", "")},
        "files": files,
        "unit_digest": words.get("unit_digest", ""),
        "need_daemon_reload": words.get("need_daemon_reload", "unknown"),
    }


def unit_state(loaded: Optional[dict[str, Any]], shown: dict[str, str], process: Optional[str]) -> dict[str, Any]:
    """Compare the unit that the process was started by with systemd's and with the file.

    `shown` is what systemctl says now; `process` is the environment of the process, None where it cannot be read.
    """
    fragment = shown.get("FragmentPath", "")
    drop_ins = shown.get("DropInPaths", "").split()
    text = read(fragment) if fragment else ""
    started_by = carried(process) if process is not None else (loaded or {}).get("unit_digest", "")
    result = {
        "state": shown.get("UnitFileState", ""),
        "path": fragment,
        "need_daemon_reload": shown.get("NeedDaemonReload") == "yes",
        "drop_ins": drop_ins,
        "digest": {"process": started_by, "systemd": carried(shown.get("Environment", "")), "file": carried(text)},
        "file_edited": bool(text) and carried(text) != text_digest(text),
        "process_read_older": None,
        "changed_since_start": None,
    }
    if loaded is not None and loaded["need_daemon_reload"] != "unknown":
        result["process_read_older"] = loaded["need_daemon_reload"] == "yes"
        then = {path: value for path, value in loaded["files"].items() if _is_unit_file(path, fragment)}
        now = {path: file_digest(path) for path in [fragment, *_own_drop_ins(fragment)] if path}
        result["changed_since_start"] = sorted(
            path for path in {*then, *now} if then.get(path) != now.get(path, file_digest(path))
        )
    result["pending"] = pending(result) if shown.get("MainPID", "0") != "0" else []
    return result


def _own_drop_ins(fragment: str) -> list[str]:
    """Return the drop-ins that the start takes down, also those that systemd has not read; the same folders as kafka-loaded."""
    folders = [f"{fragment}.d", f"/run/systemd/system/{os.path.basename(fragment)}.d"] if fragment else []
    return [path for folder in folders for path in glob.glob(os.path.join(glob.escape(folder), "*.conf"))]


def pending(unit: dict[str, Any]) -> list[str]:
    """Return in words why the process does not run by what the unit's files say now; empty when it does."""
    found = []
    if unit["need_daemon_reload"]:
        found.append("systemd has not read the unit's files since they were changed")
    if unit["process_read_older"]:
        found.append("systemd started the process by an older text than the unit's files held")
    if unit["digest"]["process"] != unit["digest"]["file"]:
        found.append("the unit's text is not the one that the process was started by")
    if unit["changed_since_start"]:
        found.append(f"changed since the start: {', '.join(unit['changed_since_start'])}")
    return found


def _is_unit_file(path: str, fragment: str) -> bool:
    return path == fragment or os.path.basename(os.path.dirname(path)) == f"{os.path.basename(fragment)}.d"


def changed_files(loaded: dict[str, Any], fragment: str) -> list[str]:
    """Return the files besides the unit's (agent, key stores) that are not any more what the process has read."""
    others = {path: value for path, value in loaded["files"].items() if not _is_unit_file(path, fragment)}
    return sorted(path for path, value in others.items() if file_digest(path) != value)
