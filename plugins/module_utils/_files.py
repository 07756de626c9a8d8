# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Comparing, holding and writing text files; private to the collection."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from typing import Optional

from ansible_collections.kraftops.kafka.plugins.module_utils._difference import SECRET_VALUE, digest
from ansible_collections.kraftops.kafka.plugins.module_utils._problems import SECRET_NAME


@dataclass(frozen=True)
class Difference:
    """What a file holds against what it should hold."""

    path: str
    before: Optional[str]
    after: str
    other_bytes: bool = False
    """Whether the bytes differ although both are shown as the same text."""
    sensitive: bool = False
    """Whether no line of it may be shown, whatever the line looks like."""

    @property
    def exists(self) -> bool:
        """Whether there was a file to compare with."""
        return self.before is not None

    @property
    def changed(self) -> bool:
        """Whether the content differs, or there is no file."""
        return self.other_bytes or self.before != self.after

    def as_diff(self) -> dict[str, str]:
        """Return the shape that Ansible's `--diff` prints, without secrets."""
        return {
            "before": self._shown(self.before or ""),
            "after": self._shown(self.after),
            "before_header": self.path if self.exists else f"{self.path} (absent)",
            "after_header": self.path,
        }

    def changed_lines(self) -> list[str]:
        """Return the removed (-) and added (+) lines, without context, headers or secrets; of a sensitive file what stands for it."""
        if self.sensitive:
            return [sign + self._shown(text).strip() for sign, text in (("-", self.before), ("+", self.after)) if text]
        lines = difflib.unified_diff((self.before or "").splitlines(), self.after.splitlines(), n=0, lineterm="")
        # The first two are the headers; a line that begins with `--` looks like one when it is removed.
        return [line[:1] + without_secret(line[1:]) for line in list(lines)[2:] if not line.startswith("@@")]

    def _shown(self, text: str) -> str:
        if self.sensitive:
            return f"{digest(self.path, text)}\n" if text else ""
        return "".join(
            without_secret(line.rstrip("\r\n")) + line[len(line.rstrip("\r\n")) :]
            for line in text.splitlines(keepends=True)
        )


def without_secret(line: str) -> str:
    """Return a line of a file with a digest in place of its value, where the key or the value looks like a secret."""
    key, equals, value = line.partition("=")
    is_secret = SECRET_NAME.search(key) or SECRET_VALUE.search(value)
    return f"{key}={digest(key.strip(), value)}" if equals and value and is_secret else line


def read_bytes(path: str) -> Optional[bytes]:
    """Return a file's bytes, None where there is no such file."""
    if not os.path.isfile(path):
        return None
    with open(path, "rb") as stream:
        return stream.read()


def as_text(content: bytes) -> str:
    """Return bytes as a text to show; those that are no UTF-8 become escapes."""
    return content.decode("utf-8", "backslashreplace")


def difference(path: str, wanted: bytes, sensitive: bool = False) -> Difference:
    """Compare a file with what it should hold; of a sensitive one no line is shown."""
    found = read_bytes(path)
    before = None if found is None else as_text(found)
    return Difference(path, before, as_text(wanted), found is not None and found != wanted, sensitive)


def read_text(path: str) -> Optional[str]:
    """Return a file's text, None where there is no such file.

    Bytes that are no UTF-8 are kept as escapes: such a file differs from every text and is replaced, not crashed on.
    """
    if not os.path.isfile(path):
        return None
    with open(path, encoding="utf-8", errors="backslashreplace", newline="") as stream:
        return stream.read()
