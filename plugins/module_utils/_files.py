# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Comparing, holding and writing text files; private to the collection."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from typing import Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._problems import HIDDEN, SECRET_NAME


@dataclass(frozen=True)
class Difference:
    """What a file holds against what it should hold."""

    path: str
    before: Optional[str]
    after: str

    @property
    def exists(self) -> bool:
        """Whether there was a file to compare with."""
        return self.before is not None

    @property
    def changed(self) -> bool:
        """Whether the text differs, or there is no file."""
        return self.before != self.after

    def as_diff(self) -> dict[str, str]:
        """Return the shape that Ansible's `--diff` prints."""
        return {
            "before": self.before or "",
            "after": self.after,
            "before_header": self.path if self.exists else f"{self.path} (absent)",
            "after_header": self.path,
        }

    def changed_lines(self) -> list[str]:
        """Return the removed (-) and added (+) lines, without context or headers."""
        lines = difflib.unified_diff((self.before or "").splitlines(), self.after.splitlines(), n=0, lineterm="")
        # The first two are the headers; a line that begins with `--` looks like one when it is removed.
        return [line for line in list(lines)[2:] if not line.startswith("@@")]


def without_secret(line: str) -> str:
    """Return a changed line of a file without its value where the key names a secret."""
    key, equals, _value = line.partition("=")
    return f"{key}={HIDDEN}" if equals and SECRET_NAME.search(key) else line


def read_text(path: str) -> Optional[str]:
    """Return a file's text, None where there is no such file.

    Bytes that are no UTF-8 are kept as escapes: such a file differs from every text and is replaced, not crashed on.
    """
    if not os.path.isfile(path):
        return None
    with open(path, encoding="utf-8", errors="backslashreplace", newline="") as stream:
        return stream.read()
