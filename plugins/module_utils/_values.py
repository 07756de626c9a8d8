# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads one value of an inventory variable: returns what it means, or says why it means nothing."""

from __future__ import annotations

import ipaddress
import posixpath
import re
from collections.abc import Callable
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._versions import SUPPORTED

LEVELS = ("FATAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE")
LOGGER = re.compile(r"[A-Za-z_][A-Za-z0-9_$-]*(\.[A-Za-z0-9_$-]+)*")
CLUSTER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
RACK = re.compile(r"[A-Za-z0-9._:/-]{1,128}")
ADDRESS = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_.])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
URL = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?")
PROPERTY_KEY = re.compile(r"[A-Za-z0-9._-]+")
SYSTEM_DIRECTORIES = re.compile(r"/(bin|boot|etc|home|lib|opt|root|sbin|srv|usr|var)?")
EMPTIED_DIRECTORIES = re.compile(r"/(dev|proc|run|sys|tmp|var/run)(/|$)")
UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
LARGEST_INT = 2**31 - 1
SMALLEST_HEAP = 128 << 20
SMALLEST_LOG_FILE = 10 << 10


class BadValueError(ValueError):
    """Why a value is refused, and what to write instead; `secret`: the value must not be shown."""

    def __init__(self, why: str, fix: str, secret: bool = False) -> None:
        """Keep both halves of the message."""
        super().__init__(f"{why}. {fix}")
        self.secret = secret
        self.why = why
        self.fix = fix


def integer(value: Any, low: int = 0, high: int = LARGEST_INT) -> int:
    """Return a whole number; digits in a string count, because INI inventories and -e make strings."""
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]+", value.strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadValueError("not a whole number", f"Use a number from {low} to {high}")
    if not low <= value <= high:
        why = "negative" if value < 0 <= low else "out of range"
        raise BadValueError(why, f"Use a number from {low} to {high}")
    return value


def port(value: Any) -> int:
    """Return a TCP port."""
    return integer(value, 1, 65535)


def urls(value: Any) -> list[str]:
    """Return web addresses without a trailing slash; one that holds a password would show it everywhere."""
    if not isinstance(value, list) or not all(isinstance(one, str) and URL.fullmatch(one.strip()) for one in value):
        raise BadValueError("not a list of web addresses", "Write a list of addresses such as http://monitor-1:9093")
    if any("@" in one for one in value):
        raise BadValueError("an address with a name or password in it", "Use one that needs none", secret=True)
    return [one.strip().rstrip("/") for one in value]


def text(value: Any) -> str:
    """Return a string; numbers count as one, true and false do not."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise BadValueError("not a text", "Write a text, in quotes when YAML would read it as something else")
    return str(value).strip()


def cluster_name(value: Any) -> str:
    """Return a name that is safe as unit name, file name and label."""
    name = text(value)
    if not CLUSTER_NAME.fullmatch(name):
        raise BadValueError(
            "not a cluster name", "Use up to 63 letters, digits, dots, underscores and hyphens, a letter or digit first"
        )
    return name


def rack(value: Any) -> str | None:
    """Return a rack, or None for an empty one."""
    if value is None or value == "":
        return None
    name = text(value)
    if not RACK.fullmatch(name):
        raise BadValueError("not a rack name", "Use letters, digits and . _ - : / only")
    return name


def address(value: Any) -> str:
    """Return a host name or an IP address, as other hosts would use it."""
    name = text(value)
    if not ADDRESS.fullmatch(name):
        raise BadValueError("not a host name or IP address", "Use a name or address without port, scheme or spaces")
    if _ip(name) and ipaddress.ip_address(name).is_unspecified:
        raise BadValueError("an address that no other host can reach", "Use the address that the other hosts use")
    return name


def is_loopback(name: str) -> bool:
    """Return whether an address means the host itself, whichever host that is."""
    return name.lower() == "localhost" or (_ip(name) and ipaddress.ip_address(name).is_loopback)


def _ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def version(value: Any) -> str:
    """Return a Kafka version that the collection knows."""
    name = text(value)
    if name not in SUPPORTED:
        raise BadValueError("not a version that this collection knows", f"Use one of {', '.join(SUPPORTED)}")
    return name


def choice(*words: str) -> Callable[[Any], str]:
    """Return a parser that accepts these words only."""

    def parse(value: Any) -> str:
        if value not in words:
            raise BadValueError("not a value that is known here", f"Use {' or '.join(words)}")
        return str(value)

    return parse


def yes_or_no(value: Any) -> bool:
    """Return a truth value, also as an INI inventory or the command line spells it."""
    words = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
    found = words.get(str(value).strip().lower())
    if found is None:
        raise BadValueError("neither true nor false", "Use true or false")
    return found


def security(value: Any) -> str:
    """Return plaintext, the only one so far."""
    if value != "plaintext":
        raise BadValueError("not implemented", "Use plaintext, the only one for now")
    return "plaintext"


def quorum_sizes(value: Any) -> list[int]:
    """Return the accepted numbers of controllers."""
    if not isinstance(value, list) or not value:
        raise BadValueError("not a list of numbers", "Use a list such as [3, 5]")
    sizes = [integer(one, 1) for one in value]
    if any(one % 2 == 0 for one in sizes):
        raise BadValueError(
            "an even number of controllers tolerates no more losses than one fewer", "List odd numbers only"
        )
    return sorted(set(sizes))


def heap(value: Any) -> str:
    """Return a heap size as the JVM takes it."""
    match = re.fullmatch(r"([0-9]+)([mMgG])", str(value).strip())
    if isinstance(value, bool) or not match:
        raise BadValueError("not a heap size", "Use a number and m or g, such as 512m or 4g")
    if heap_bytes(match.group(0)) < SMALLEST_HEAP:
        raise BadValueError("too small for Kafka", "Use 128m or more")
    return match.group(0)


def heap_bytes(size: str) -> int:
    """Return a heap size in bytes."""
    return int(size[:-1]) * UNITS[size[-1].upper()]


def log_file_size(value: Any) -> int:
    """Return the size of a log file in bytes."""
    match = re.fullmatch(r"([0-9]+)\s*([KMG])B", str(value).strip().upper())
    if not match:
        raise BadValueError("not a size", "Use a number and KB, MB or GB, such as 100MB")
    size = int(match.group(1)) * UNITS[match.group(2)]
    if not SMALLEST_LOG_FILE <= size <= LARGEST_INT:
        raise BadValueError("too small or too large for a log file", "Use 10KB to 1GB")
    return size


def share(value: Any) -> float:
    """Return a part of a whole: more than nothing, at most all."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]*\.?[0-9]+", value.strip()):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 1:
        raise BadValueError("not a part of a whole", "Use a number above 0 and up to 1, such as 0.5")
    return float(value)


def log_file_count(value: Any) -> int:
    """Return how many old log files are kept."""
    return integer(value, 1, 1000)


def directory(value: Any) -> str:
    """Return an absolute path in its simplest form."""
    if not isinstance(value, str) or not value:
        raise BadValueError("not a directory", "Use an absolute path")
    if not value.startswith("/"):
        raise BadValueError("a relative path", "Use an absolute path")
    if not re.fullmatch(r"[A-Za-z0-9/._@+-]+", value):
        raise BadValueError(
            "a path with characters that Kafka or systemd would split at", "Use letters, digits and . _ - @ +"
        )
    path = posixpath.normpath("/" + value.lstrip("/"))
    if ".." in value.split("/") or SYSTEM_DIRECTORIES.fullmatch(path):
        raise BadValueError("not a directory of Kafka's own", "Use a path such as /var/lib/kafka/data")
    if EMPTIED_DIRECTORIES.match(path):
        raise BadValueError("a directory that is emptied at boot", "Use a path such as /var/lib/kafka/data")
    return path


def directories(value: Any) -> list[str]:
    """Return a list of directories."""
    if not isinstance(value, list) or not value:
        raise BadValueError("not a list of directories", "Use a list such as [/var/lib/kafka/data]")
    return [directory(one) for one in value]


def mapping(value: Any) -> dict[str, Any]:
    """Return a dict with text keys."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadValueError("not a dict", "Write keys and values, or {} for none")
    return {str(key).strip(): item for key, item in value.items()}


def logger(name: str) -> str:
    """Return a logger's name."""
    if name.lower() == "root":
        return "root"
    if not LOGGER.fullmatch(name):
        raise BadValueError(
            "not a logger name", "Use the name of a package or class, such as kafka.server, or root for everything else"
        )
    return name


def level(value: Any, logger: str = "") -> str:
    """Return a level in upper case. Kafka's admin API takes these six only; a file would take OFF and ALL too."""
    word = value.strip().upper() if isinstance(value, str) else ""
    if word in LEVELS:
        return word
    why, fix = "not a log level", f"Use one of {' '.join(LEVELS)}"
    if isinstance(value, bool):
        why = "YAML reads on, off, yes and no as truth values, and none of them is a log level"
    elif word in ("OFF", "ALL"):
        why = f"{word} cannot be set on a running node"
        fix += "; " + ("FATAL is the quietest" if word == "OFF" else "TRACE has everything")
    elif not word and value in (None, ""):
        why, fix = "no level", f"Leave the logger out to let it inherit, or use one of {' '.join(LEVELS)}"
        if logger == "root":
            why, fix = "the root logger cannot be removed, all others inherit from it", f"Use one of {' '.join(LEVELS)}"
    raise BadValueError(why, fix)


def seconds(value: Any) -> int:
    """Return a duration such as 30s, 30m, 2h, 1d or 1h30m in seconds."""
    word = value.strip().lower() if isinstance(value, str) else ""
    parts = re.fullmatch(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", word)
    total = sum(int(part or 0) * size for part, size in zip(parts.groups(), (86400, 3600, 60, 1))) if parts else 0
    if not 1 <= total <= LARGEST_INT:
        raise BadValueError("not a duration", "Use a number and s, m, h or d, such as 90s, 30m or 2h")
    return total


def property_key(name: str) -> str:
    """Return a property's name."""
    if not PROPERTY_KEY.fullmatch(name):
        raise BadValueError("not a property name", "Use Kafka's own name, such as log.retention.ms")
    return name


def property_value(value: Any) -> str:
    """Return a property's value as it is written to the file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(one, (str, int, float)) for one in value):
        return ",".join(property_value(one) for one in value)
    if not isinstance(value, (str, int, float)):
        raise BadValueError("neither text nor number", "Write the value as it should stand in the properties file")
    written = str(value).strip()
    if not (written.isascii() and written.isprintable()):
        raise BadValueError("a value of several lines or with special characters", "Use one line of ASCII characters")
    return written
