# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Works out, on the control node, where a host gets an artifact from. Reads folders, never the network."""

from __future__ import annotations

import json
import os
from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils import _artifact_catalogue as catalogue
from ansible_collections.kraftops.kafka.plugins.module_utils._artifact_catalogue import ArtifactError

MANIFEST = "manifest.json"
# What the module needs to know to unpack and to check an artifact.
LAYOUT = ("kind", "strip", "install_as", "key_files", "verify", "packages", "file")


def plan(components: dict[str, Any], component: str, version: str, source: str) -> dict[str, dict[str, Any]]:
    """Return for each architecture what to do: `error`, `reason` (it cannot be had), or `digest` with `url` or `local`."""
    entry = catalogue.lookup(components, component, version)
    plans = {}
    for arch in catalogue.ARCHITECTURES:
        filled = catalogue.fill(entry, version, arch)
        filled["no_digest"] = catalogue.no_digest(component, version, arch, entry)
        step: dict[str, Any] = {key: filled[key] for key in LAYOUT if key in filled}
        try:
            step.update(_where(filled, component, version, source))
        except ArtifactError as error:
            step["error"] = str(error)
        plans[arch] = step
    return plans


def _where(entry: dict[str, Any], component: str, version: str, source: str) -> dict[str, str]:
    if source.startswith(("https://", "http://", "file://")):
        return _url(entry, source.rstrip("/") + "/" + entry["file"])
    if source.startswith(("/", "~")):
        return _folder(entry, component, version, os.path.expanduser(source))
    if source != "official":
        raise ArtifactError(
            f"kafka_artifacts is {source!r}; it must be official, the address of a mirror (https://…), "
            "a folder on the hosts (file:///…) or an absolute folder on the control node (/…)."
        )
    if entry["address"]:
        return _url(entry, entry["address"] + entry["file"])
    recipe = entry.get("recipe") or {}
    if recipe.get("type") == "pip":
        package = f"{recipe['package']}=={version}"
        return {**_url(entry, f"Python package {package}", key="origin"), "package": package}
    raise ArtifactError(
        f"{component} {version} has no official address. Point kafka_artifacts to a mirror or to a folder that has {entry['file']}."
    )


def _url(entry: dict[str, Any], address: str, key: str = "url") -> dict[str, str]:
    if not entry["digest"]:
        raise ArtifactError(f"{entry['no_digest']} The address: {address}")
    return {key: address, "origin": address, "digest": entry["digest"]}


def _folder(entry: dict[str, Any], component: str, version: str, folder: str) -> dict[str, str]:
    """Look into a folder: first for what its manifest lists, then for the official file."""
    manifest = _manifest(folder)
    wanted = {"name": component, "version": version}
    for item in manifest["artifacts"]:
        if {key: item.get(key) for key in wanted} == wanted and _fits(item, entry):
            found = {"local": os.path.join(folder, item["file"]), "origin": item["origin"], "digest": item["digest"]}
            return _existing(found, component, version)
    local = os.path.join(folder, entry["file"])
    if os.path.isfile(local):
        return _url(entry, local, key="local")
    for item in manifest["missing"]:
        if item.get("name") == component and item.get("version") in (version, None):
            return {"reason": f"{component} {version} is not in {folder}: {item.get('reason', 'no reason given')}"}
    listed = sorted(
        f"{item['version']} ({item['arch']})" for item in manifest["artifacts"] if item["name"] == component
    )
    raise ArtifactError(
        f"{component} {version} for architecture {entry['arch']}: expected {local}, found no such file; "
        f"the manifest there lists {', '.join(listed) or 'no other version'}."
    )


def _fits(item: dict[str, Any], entry: dict[str, Any]) -> bool:
    return entry["arch"] == "any" or item.get("arch") in ("any", entry["arch"])


def _existing(found: dict[str, str], component: str, version: str) -> dict[str, str]:
    if not os.path.isfile(found["local"]):
        raise ArtifactError(f"{component} {version}: the manifest lists {found['local']}, but there is no such file.")
    return found


def _manifest(folder: str) -> dict[str, list[dict[str, Any]]]:
    path = os.path.join(folder, MANIFEST)
    if not os.path.isdir(folder):
        raise ArtifactError(f"{folder}: there is no such folder on the control node.")
    if not os.path.exists(path):
        return {"artifacts": [], "missing": []}
    try:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
        return {"artifacts": list(data["artifacts"]), "missing": list(data.get("missing", []))}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"{path}: not a manifest of `make artifacts`: {error!r}.") from error
