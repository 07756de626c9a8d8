# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads the variables of one host: each value is copied, checked and, when it is refused, reported and replaced."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils import _property_rules as rules
from ansible_collections.kraftops.kafka.plugins.module_utils import _values as values
from ansible_collections.kraftops.kafka.plugins.module_utils._plain import is_secret, plain, refers_to_secret
from ansible_collections.kraftops.kafka.plugins.module_utils._problems import HIDDEN, Findings, names

# How each variable is read, and what stands in for one that has neither a good value nor a default.
Readable = Mapping[str, tuple[Callable[[Any], Any], Any]]
READERS: Readable = {
    "alertmanager_cluster_port": (values.port, 0),
    "alertmanager_install": (values.yes_or_no, True),
    "alertmanager_port": (values.port, 0),
    "alertmanager_urls": (values.urls, []),
    "ansible_host": (values.address, ""),
    "grafana_port": (values.port, 0),
    "jmx_exporter_port": (values.port, 0),
    "jmx_exporter_profile": (values.choice("small", "large"), "small"),
    "kafka_address": (values.address, ""),
    "kafka_app_log_dir": (values.directory, ""),
    "kafka_broker_properties": (values.mapping, {}),
    "kafka_cluster_name": (values.cluster_name, ""),
    "kafka_controller_port": (values.port, 0),
    "kafka_controller_properties": (values.mapping, {}),
    "kafka_exporter_port": (values.port, 0),
    "kafka_heap": (values.heap, "1g"),
    "kafka_log_dirs": (values.directories, []),
    "kafka_log_file_count": (values.log_file_count, 1),
    "kafka_log_file_size": (values.log_file_size, values.SMALLEST_LOG_FILE),
    "kafka_log_filesystem_share": (values.share, 0.5),
    "kafka_log_levels": (values.mapping, {}),
    "kafka_log_levels_brokers": (values.mapping, {}),
    "kafka_log_levels_controllers": (values.mapping, {}),
    "kafka_log_levels_host": (values.mapping, {}),
    "kafka_maintenance": (values.yes_or_no, False),
    "kafka_metadata_log_dir": (values.directory, ""),
    "kafka_min_insync_replicas": (lambda value: values.integer(value, 1, 32767), 1),
    "kafka_node_id": (values.integer, -1),
    "kafka_placement_policy": (values.choice("enforce", "warn"), "enforce"),
    "kafka_port": (values.port, 0),
    "kafka_properties": (values.mapping, {}),
    "kafka_quorum_sizes": (values.quorum_sizes, [3, 5]),
    "kafka_rack": (values.rack, None),
    "kafka_replication_factor": (lambda value: values.integer(value, 1, 32767), 1),
    "kafka_security": (values.security, "plaintext"),
    "kafka_version": (values.version, ""),
    "mtail_enabled": (values.yes_or_no, True),
    "mtail_port": (values.port, 0),
    "node_exporter_port": (values.port, 0),
    "prometheus_install": (values.yes_or_no, True),
    "prometheus_port": (values.port, 0),
}
# Without a default: they must be said (the first two), or may be left out.
REQUIRED = {
    "kafka_cluster_name": "Give the cluster a name, the same on all its hosts",
    "kafka_node_id": "Give each node its own id; it stays with the node for ever",
}
OPTIONAL = ("ansible_host", "kafka_address", "kafka_rack")
# Variables of other parts of the collection that have no default either.
ELSEWHERE = (
    "kafka_accept_new_disk",
    "kafka_artifacts",
    "kafka_log_level_override",
    "kafka_log_level_ttl",
    "kafka_log_levels_apply",
    "kafka_log_levels_max_ttl",
    "kafka_log_levels_serial",
    "kafka_logs_file",
    "kafka_logs_max_bytes",
    "kafka_logs_minutes",
    "kafka_logs_since",
    "kafka_logs_until",
)
SIMILAR = 0.85


class HostReader:
    """One host's variables over the defaults."""

    readable: Readable = READERS

    def __init__(self, host: str, own: Mapping[str, Any], defaults: dict[str, Any], findings: Findings) -> None:
        """Remember where to look and where to report."""
        self.host = host
        self._own = own
        self._defaults = defaults
        self._findings = findings
        self._read: dict[str, Any] = {}

    def get(self, name: str) -> Any:
        """Return the value of a variable; a refused one is reported and the default stands in."""
        if name not in self._read:
            self._read[name] = self._get(name)
        return self._read[name]

    def _get(self, name: str) -> Any:
        parse, stand_in = self.readable[name]
        found, value = self._raw(name)
        if not found:
            return self._default(name)
        try:
            return parse(value)
        except values.BadValueError as bad:
            self.report(name, value, bad)
        return parse(self._defaults[name]) if name in self._defaults else stand_in

    def address(self) -> str:
        """Return where other hosts find this one: kafka_address, else ansible_host, else its inventory name."""
        for name in ("kafka_address", "ansible_host"):
            if self.has(name):
                found = str(self.get(name))
                if self._findings.is_hidden(self.host, name):
                    self._findings.hide(self.host, "kafka_address")
                return found or self.host
        return self.host

    def has(self, name: str) -> bool:
        """Return whether the inventory says a variable."""
        return name in self._own

    def report(self, name: str, value: Any, bad: values.BadValueError) -> None:
        """Add a problem about a variable, or about one key of it: `kafka_properties[listeners]`."""
        self._findings.problem((self.host, name), HIDDEN if bad.secret else value, bad.why, bad.fix)

    def disagree(self, name: str, controllers: str, brokers: str) -> None:
        """Add a problem about a combined node whose two roles are told different things."""
        shown = HIDDEN if self._findings.is_hidden(self.host, name) else brokers
        why = f"a combined node, and for brokers the value is {shown}"
        self.report(
            name, controllers, values.BadValueError(why, "Give both roles the same value, or set it for the host")
        )

    def levels(self, name: str) -> dict[str, str]:
        """Return a variable that holds log levels by logger."""
        checked: dict[str, str] = {}
        for key, value in self.get(name).items():
            try:
                logger = values.logger(key)
                checked[logger] = values.level(value, logger)
            except values.BadValueError as bad:
                self.report(f"{name}[{key}]", value, bad)
        return checked

    def properties(self, name: str, version: str) -> dict[str, str]:
        """Return a variable that holds Kafka properties, without those that must not be set."""
        checked: dict[str, str] = {}
        for key, value in self.get(name).items():
            try:
                written = values.property_value(value)
                rules.check(values.property_key(key), written, version)
                checked[key] = written
            except values.BadValueError as bad:
                self.report(f"{name}[{key}]", value, bad)
        return checked

    def misspelt(self, known: Iterable[str]) -> dict[str, str]:
        """Return the variables that look like a known one and are none, with the one that was meant."""
        candidates = sorted(known)
        meant = {}
        for name in self._own:
            if str(name).startswith("kafka_") and name not in known:
                close = difflib.get_close_matches(str(name), candidates, n=1, cutoff=SIMILAR)
                if close:
                    meant[str(name)] = close[0]
        return meant

    def _raw(self, name: str) -> tuple[bool, Any]:
        """Return whether there is a readable value, and the value."""
        if name not in self._own:
            return False, None
        try:
            value = self._own[name]
            if is_secret(value) or refers_to_secret(name, getattr(self._own, "_vars", {})):
                self._findings.hide(self.host, name)
            return True, plain(value)
        except Exception as error:  # whatever the templating raises, undefined variables and vaults included
            self._findings.problem(
                (self.host, name), None, unreadable(error), "Define what it needs, or write the value"
            )
        return False, None

    def _default(self, name: str) -> Any:
        parse, stand_in = self.readable[name]
        if name in self._defaults:
            return parse(self._defaults[name])
        if name in REQUIRED and not self.has(name):
            self._findings.problem((self.host, name), None, "missing", REQUIRED[name])
        elif name not in OPTIONAL and not self.has(name):
            self._findings.problem((self.host, name), None, "no value and no default", "Set it in the inventory")
        return stand_in


def unreadable(error: Exception) -> str:
    """Say why a value cannot be read, without quoting the value."""
    message = str(error)
    if "vault" in message.lower() or "decrypt" in message.lower():
        return "encrypted, and no vault password that opens it was given"
    undefined = re.search(r"'([A-Za-z_][A-Za-z0-9_]*)' is undefined", message)
    return f"it refers to {undefined.group(1)}, which is undefined" if undefined else "it refers to something undefined"


def warn_misspelt(readers: dict[str, HostReader], known: set[str], findings: Findings) -> None:
    """Warn once per variable that nobody reads and that looks like one that is read."""
    hosts: dict[tuple[str, str], list[str]] = {}
    for name, reader in readers.items():
        for wrong, right in reader.misspelt(known).items():
            hosts.setdefault((wrong, right), []).append(name)
    for (wrong, right), where in hosts.items():
        why = "nothing reads this variable"
        findings.warning((names(where), wrong), None, why, f"Did you mean {right}? Rename it, or use another prefix")
