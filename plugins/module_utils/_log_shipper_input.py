# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the inventory says of the log shipper, checked before a host is contacted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils import _values as values
from ansible_collections.kraftops.kafka.plugins.module_utils._inventory import HostReader, Readable
from ansible_collections.kraftops.kafka.plugins.module_utils._plain import plain
from ansible_collections.kraftops.kafka.plugins.module_utils._problems import Findings

ENABLED, URLS, USER, PASSWORD = "log_shipper_enabled", "log_shipper_urls", "log_shipper_user", "log_shipper_password"
CA, QUEUE, BATCH, EVENT = "log_shipper_ca", "log_shipper_queue_size", "log_shipper_batch_size", "log_shipper_event_size"
INTERVAL = "log_shipper_checkpoint_interval"
URL = re.compile(r"https?://[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_.])?:([0-9]{1,5})/?")


def urls(value: Any) -> list[str]:
    """Return addresses of search servers; one that holds a password would show it everywhere."""
    if isinstance(value, list) and any("@" in str(one) for one in value):
        fix = f"Give name and password as {USER} and {PASSWORD}"
        raise values.BadValueError("an address with a name or password in it", fix, secret=True)
    if not isinstance(value, list) or not all(_is_url(one) for one in value):
        fix = "Write a list of addresses, each with scheme and port and without a path, such as https://search-1:9200"
        raise values.BadValueError("not a list of addresses of search servers", fix)
    return [one.strip().rstrip("/") for one in value]


def _is_url(value: Any) -> bool:
    found = URL.fullmatch(value.strip()) if isinstance(value, str) else None
    return found is not None and 0 < int(found[1]) < 65536


def authority(value: Any) -> str:
    """Return certificates as PEM text."""
    text = values.text(value)
    if text and "-----BEGIN CERTIFICATE-----" not in text:
        raise values.BadValueError(
            "no certificate as PEM text", "Write the text of the file, such as lookup('file', 'ca.pem')"
        )
    return text


def word(value: Any) -> str:
    """Return a name or password; rsyslog takes no spaces in them."""
    text = values.text(value)
    if any(one.isspace() or not one.isprintable() for one in text):
        raise values.BadValueError(
            "it has a space or another blank in it, which rsyslog does not take", "Use another", secret=True
        )
    return text


READERS: Readable = {
    BATCH: (lambda value: values.integer(value, 1, 5000), 500),
    CA: (authority, ""),
    ENABLED: (values.yes_or_no, False),
    EVENT: (lambda value: values.integer(value, 8192, 16 << 20), 262144),
    INTERVAL: (lambda value: values.integer(value, 1, 300), 10),
    PASSWORD: (word, ""),
    # The reader hands over 256 events at a time and stops at less than half of the queue: a smaller one would never begin.
    QUEUE: (lambda value: values.integer(value, 2000, 1_000_000), 20000),
    URLS: (urls, []),
    USER: (word, ""),
}


class Reader(HostReader):
    """These variables of one host."""

    readable: Readable = READERS

    def check(self) -> None:
        """Report what cannot work."""
        if not self.get(ENABLED):
            return
        for name in READERS:
            self.get(name)
        found: list[str] = self.get(URLS)
        if not found and not self._own.get(URLS):
            fix = "Give at least one address, such as https://search-1:9200"
            self.report(URLS, None, values.BadValueError(f"{ENABLED} is true, and no search server is named", fix))
        if bool(self.get(USER)) != bool(self.get(PASSWORD)):
            has, lacks = (USER, PASSWORD) if self.get(USER) else (PASSWORD, USER)
            self.report(lacks, None, values.BadValueError(f"{has} is given without it", "Give both, or none"))
        if self.get(PASSWORD) and any(url.startswith("http:") for url in found):
            fix = "Use https, or a network that nobody else reads"
            self._findings.warning((self.host, URLS), found, "the password goes over the network as plain text", fix)


def check(groups: Any, hostvars: Mapping[str, Any], defaults: Any, findings: Findings) -> None:
    """Check the Kafka hosts of an inventory."""
    known = {name: stand_in for name, (_parse, stand_in) in READERS.items()}
    known |= {name: value for name, value in plain(defaults or {}).items() if name in READERS}
    for host in dict.fromkeys(str(name) for name in groups.get("kafka") or [] if name in hostvars):
        Reader(host, hostvars[host], known, findings).check()
