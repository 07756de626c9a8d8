"""Where a host gets an artifact from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._artifact_catalogue import ArtifactError
from ansible_collections.kraftops.kafka.plugins.module_utils._artifact_source import plan

SHA256 = "sha256:" + "a" * 64
COMPONENTS: dict[str, Any] = {
    "tool": {
        "address": "https://example.org/{version}/",
        "file": "tool-{version}.{arch}.tgz",
        "kind": "tar",
        "key_files": ["tool"],
        "recipe": None,
        "versions": {"1": {"digests": {"amd64": SHA256}}},
    },
    "jar": {
        "address": None,
        "file": "x-{version}.jar",
        "kind": "file",
        "key_files": ["x"],
        "versions": {"1": {"digests": {"any": SHA256}}},
    },
    "wheel": {
        "address": None,
        "file": "w-{version}.whl",
        "kind": "wheel",
        "key_files": ["w"],
        "recipe": {"type": "pip", "package": "w"},
        "versions": {"1": {"digests": {"any": SHA256}}},
    },
}


def step(component: str, source: object, arch: str = "amd64") -> dict[str, Any]:
    """Return what one architecture is told."""
    return plan(COMPONENTS, component, "1", str(source))[arch]


@pytest.mark.parametrize(
    ("component", "source", "key", "value"),
    [
        ("tool", "official", "url", "https://example.org/1/tool-1.amd64.tgz"),
        ("tool", "https://mirror.example/k/", "url", "https://mirror.example/k/tool-1.amd64.tgz"),
        ("tool", "file:///srv/k", "url", "file:///srv/k/tool-1.amd64.tgz"),
        ("wheel", "https://mirror.example", "url", "https://mirror.example/w-1.whl"),
        ("wheel", "official", "package", "w==1"),
        ("wheel", "official", "origin", "Python package w==1"),
        ("jar", "https://mirror.example", "url", "https://mirror.example/x-1.jar"),
        (
            "jar",
            "official",
            "error",
            "jar 1 has no official address. Point kafka_artifacts to a mirror or to a folder that has x-1.jar.",
        ),
        (
            "tool",
            "mirror.example",
            "error",
            "kafka_artifacts is 'mirror.example'; it must be official, the address of a mirror (https://…), "
            "a folder on the hosts (file:///…) or an absolute folder on the control node (/…).",
        ),
        ("tool", "/no/such/folder", "error", "/no/such/folder: there is no such folder on the control node."),
    ],
)
def test_sources(component: str, source: str, key: str, value: str) -> None:
    """Each form of the source leads to one place, or to an error that says what to write."""
    assert step(component, source)[key] == value


def test_architecture_without_digest() -> None:
    """Another architecture is refused by itself; it does not disturb the known one."""
    assert step("tool", "official", "arm64")["error"] == (
        "tool 1: no digest is known for arm64 (known: amd64), and nothing is installed unchecked. "
        'To add it, set kafka_artifacts_catalogue: {tool: {versions: {"1": {digests: {arm64: "sha256:…"}}}}}. '
        "The address: https://example.org/1/tool-1.arm64.tgz"
    )
    assert "error" not in step("tool", "official")


def manifest(folder: Path, *artifacts: dict[str, Any], missing: list[dict[str, str]] | None = None) -> None:
    """Write a manifest as `make artifacts` does."""
    data = {"format": 1, "source": "registry", "artifacts": list(artifacts), "missing": missing or []}
    (folder / "manifest.json").write_text(json.dumps(data), encoding="utf-8")


def listed(**changes: str) -> dict[str, Any]:
    """Return one line of a manifest."""
    base = {
        "name": "tool",
        "version": "1",
        "arch": "amd64",
        "file": "sub/t.tgz",
        "digest": "sha256:" + "c" * 64,
        "origin": "Go module: t",
    }
    return {**base, **changes}


def test_folder_with_manifest(tmp_path: Path) -> None:
    """The manifest says file, digest and origin."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "t.tgz").touch()
    manifest(tmp_path, listed())
    found = step("tool", tmp_path)
    assert (found["local"], found["digest"], found["origin"]) == (
        str(tmp_path / "sub/t.tgz"),
        "sha256:" + "c" * 64,
        "Go module: t",
    )


def test_folder_with_official_file(tmp_path: Path) -> None:
    """Without a line in the manifest the official file with the official digest is taken."""
    (tmp_path / "tool-1.amd64.tgz").touch()
    manifest(tmp_path, missing=[{"name": "tool", "version": "1", "reason": "closed"}])
    found = step("tool", tmp_path)
    assert (found["local"], found["digest"]) == (str(tmp_path / "tool-1.amd64.tgz"), SHA256)


def test_independent_of_architecture(tmp_path: Path) -> None:
    """A jar that was staged on one architecture serves the others."""
    (tmp_path / "x.jar").touch()
    manifest(tmp_path, listed(name="jar", arch="amd64", file="x.jar"))
    assert step("jar", tmp_path, "arm64")["local"] == str(tmp_path / "x.jar")


def test_declared_missing(tmp_path: Path) -> None:
    """What the manifest declares missing comes with its reason."""
    manifest(tmp_path, missing=[{"name": "tool", "version": "1", "reason": "in no registry"}])
    assert step("tool", tmp_path)["reason"] == f"tool 1 is not in {tmp_path}: in no registry"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([listed()], "tool 1: the manifest lists {folder}/sub/t.tgz, but there is no such file."),
        (
            [listed(version="2"), listed(arch="arm64")],
            "tool 1 for architecture amd64: expected {folder}/tool-1.amd64.tgz, found no such file; "
            "the manifest there lists 1 (arm64), 2 (amd64).",
        ),
        (
            [],
            "tool 1 for architecture amd64: expected {folder}/tool-1.amd64.tgz, found no such file; "
            "the manifest there lists no other version.",
        ),
    ],
)
def test_folder_refusals(tmp_path: Path, lines: list[dict[str, Any]], message: str) -> None:
    """A missing file is named with its whole path."""
    manifest(tmp_path, *lines)
    assert step("tool", tmp_path)["error"] == message.format(folder=tmp_path)


def test_damaged_manifest(tmp_path: Path) -> None:
    """A manifest that cannot be read is refused, not taken for an empty one."""
    (tmp_path / "manifest.json").write_text("{", encoding="utf-8")
    assert step("tool", tmp_path)["error"].startswith(
        f"{tmp_path}/manifest.json: not a manifest of `make artifacts`: JSONDecodeError"
    )


def test_unknown_version() -> None:
    """Nothing about an unknown version reaches a host."""
    with pytest.raises(ArtifactError, match="tool 2: unknown version"):
        plan(COMPONENTS, "tool", "2", "official")
