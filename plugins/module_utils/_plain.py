# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Copies what Ansible hands over (lazy, tagged or encrypted) into plain dict, list, str, int, float, bool and None."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

TEMPLATE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class UnreadableError(ValueError):
    """A value that cannot be had: an undefined variable inside it, or a vault without its password."""


def plain(value: Any, templated: bool = True) -> Any:
    """Return a plain copy of a value; raise UnreadableError for one that has none.

    `templated`: braces in a text are a template that was not resolved. They are just text in what a module has returned.
    """
    if value is None or type(value) in (bool, int, float):
        return value
    kinds = {kind.__name__ for kind in type(value).__mro__}
    if "Undefined" in kinds:
        raise UnreadableError(str(getattr(value, "_undefined_message", None) or ""))
    if "AnsibleVaultEncryptedUnicode" in kinds:
        return str(value)
    if isinstance(value, str):
        return _text(value, templated)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    return _container(value, templated)


def _text(value: str, templated: bool) -> str:
    """Return exactly str; ansible-core below 2.19 leaves a template that it could not resolve as it is."""
    text = str.__str__(value)
    if templated and "{{" in text and "}}" in text:
        raise UnreadableError("")
    return text


def _container(value: Any, templated: bool) -> Any:
    if isinstance(value, Mapping):
        return {plain(key, templated): plain(item, templated) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return [plain(item, templated) for item in value]
    return str(value)


def is_secret(value: Any) -> bool:
    """Return whether a value came out of a vault, or will when it is read."""
    if type(value).__name__ in ("AnsibleVaultEncryptedUnicode", "EncryptedString", "VaultExceptionMarker"):
        return True
    tags = getattr(value, "_ansible_tags_mapping", None) or {}
    if any(tag.__name__ == "VaultedValue" for tag in tags):
        return True
    if isinstance(value, Mapping):
        return any(is_secret(item) for item in value.values())
    return isinstance(value, (list, tuple)) and any(is_secret(item) for item in value)


def refers_to_secret(name: str, raw: Mapping[str, Any]) -> bool:
    """Return whether a variable is a secret or its template names one; ansible-core below 2.19 does not tell."""
    waiting, seen = [name], {name}
    while waiting:
        value = raw.get(waiting.pop())
        if is_secret(value):
            return True
        words = {word for template in TEMPLATE.findall(str(value)) for word in WORD.findall(template)}
        waiting += words - seen
        seen |= words
    return False
