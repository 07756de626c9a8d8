# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the artifact catalogue says about one component and version. Pure: data in, data out."""

from __future__ import annotations

import re
from typing import Any

ARCHITECTURES = {"amd64": "x86_64", "arm64": "aarch64"}
VARIABLE = "kafka_artifacts_catalogue"
FIELDS = {
    "address": (str, type(None)),
    "file": (str,),
    "kind": (str,),
    "strip": (int,),
    "install_as": (str,),
    "key_files": (list,),
    "verify": (list,),
    "packages": (dict,),
    "recipe": (dict, type(None)),
    "no_recipe": (str,),
    "digests": (dict,),
}
KINDS = ("tar", "wheel", "file")
_DIGEST = re.compile(r"^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$")
_VERSION = re.compile(r"^[0-9A-Za-z][0-9A-Za-z.+_-]*$")


class ArtifactError(Exception):
    """Something about an artifact that a person has to put right."""


def merge(base: Any, extra: Any) -> Any:
    """Return `base` with `extra` laid over it: dicts are merged, everything else is replaced."""
    if not isinstance(base, dict) or not isinstance(extra, dict):
        return extra
    merged = dict(base)
    for key, value in extra.items():
        merged[str(key)] = merge(merged.get(str(key)), value)
    return merged


def hint(component: str, version: str, arch: str) -> str:
    """Say how a user adds what the catalogue does not know."""
    return (
        f"To add it, set {VARIABLE}: "
        f'{{{component}: {{versions: {{"{version}": {{digests: {{{arch}: "sha256:…"}}}}}}}}}}.'
    )


def lookup(components: dict[str, Any], component: str, version: str) -> dict[str, Any]:
    """Return the fields of one component and version, not yet filled in."""
    if component not in components:
        raise ArtifactError(f"{component}: unknown component. Known: {', '.join(sorted(components))}.")
    entry = dict(components[component])
    versions = entry.pop("versions", None) or {}
    if version not in versions:
        known = ", ".join(sorted(versions, key=_version_key)) or "none"
        raise ArtifactError(
            f"{component} {version}: unknown version. Known: {known}. {hint(component, version, 'any')}"
        )
    if not _VERSION.match(version):
        raise ArtifactError(f"{component} {version!r}: not a version.")
    merged: dict[str, Any] = merge(entry, versions[version] or {})
    _check(component, version, merged)
    return merged


def fill(entry: dict[str, Any], version: str, arch: str) -> dict[str, Any]:
    """Fill the placeholders of an entry for one architecture; `digest` is that architecture's, or empty."""
    digests = entry.get("digests") or {}
    values = {"version": version, "arch": arch, "machine": ARCHITECTURES[arch]}
    filled: dict[str, Any] = _format({key: value for key, value in entry.items() if key != "digests"}, values)
    filled["address"] = filled.get("address") or ""
    filled["digest"] = str(digests.get(arch) or digests.get("any") or "").lower()
    filled["arch"] = "any" if "any" in digests and arch not in digests else arch
    filled["strip"] = int(entry.get("strip") or 0)
    filled["verify"] = filled.get("verify") or filled["key_files"]
    return filled


def no_digest(component: str, version: str, arch: str, entry: dict[str, Any]) -> str:
    """Say that an architecture has no digest, and what would help."""
    known = ", ".join(sorted(entry.get("digests") or {})) or "none"
    return (
        f"{component} {version}: no digest is known for {arch} (known: {known}), and nothing is installed unchecked. "
        f"{hint(component, version, arch)}"
    )


def _check(component: str, version: str, entry: dict[str, Any]) -> None:
    where = f"{component} {version}"
    for key, value in entry.items():
        if key not in FIELDS:
            raise ArtifactError(f"{where}: unknown field {key} in the catalogue. Known: {', '.join(FIELDS)}.")
        if not isinstance(value, FIELDS[key]):
            raise ArtifactError(f"{where}: {key} in the catalogue must not be {value!r}.")
    for key in ("file", "kind", "key_files"):
        if not entry.get(key):
            raise ArtifactError(f"{where}: the catalogue lacks the field {key}.")
    if entry["kind"] not in KINDS:
        raise ArtifactError(f"{where}: kind is {entry['kind']}; known: {', '.join(KINDS)}.")
    for arch, digest in (entry.get("digests") or {}).items():
        if arch != "any" and arch not in ARCHITECTURES:
            raise ArtifactError(f"{where}: unknown architecture {arch}. Known: any, {', '.join(ARCHITECTURES)}.")
        if not _DIGEST.match(str(digest).lower()):
            raise ArtifactError(f'{where}: the digest of {arch} is {digest!r}; it must be "sha256:…" or "sha512:…".')


def _format(value: Any, values: dict[str, str]) -> Any:
    if isinstance(value, str):
        for name, text in values.items():
            value = value.replace("{" + name + "}", text)
        return value
    if isinstance(value, dict):
        return {str(key): _format(item, values) for key, item in value.items()}
    if isinstance(value, list):
        return [_format(item, values) for item in value]
    return value


def _version_key(version: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"[.+_-]", version)]
