"""What the catalogue says, and how it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.kraftops.kafka.plugins.module_utils import _artifact_catalogue as catalogue

ROOT = Path(__file__).resolve().parents[4]
REAL: dict[str, Any] = yaml.safe_load((ROOT / "packaging" / "catalogue.yml").read_text(encoding="utf-8"))
SHA256 = "sha256:" + "a" * 64
SHA512 = "sha512:" + "b" * 128
TOOL: dict[str, Any] = {
    "address": "https://example.org/{version}/",
    "file": "tool-{version}.{arch}.{machine}.tar.gz",
    "kind": "tar",
    "strip": 1,
    "key_files": ["tool-{version}"],
    "versions": {"1.2.0": {"digests": {"amd64": SHA256}}, "1.10.0": {"digests": {"any": SHA512}}, "2.0.0": {}},
}


def components(**changes: Any) -> dict[str, Any]:
    """Return a catalogue with one tool, whose fields are changed."""
    return {"tool": {**TOOL, **changes}}


@pytest.mark.parametrize(
    ("base", "extra", "expected"),
    [
        ({}, {}, {}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}}, {"a": {"b": 1, "c": 3}}),
        ({"a": [1]}, {"a": [2]}, {"a": [2]}),
        ({"a": {"b": 1}}, {"a": None}, {"a": None}),
        ({"a": None}, {"a": {"b": 1}}, {"a": {"b": 1}}),
    ],
)
def test_merge(base: Any, extra: Any, expected: Any) -> None:
    """Dicts are merged, the rest is replaced, and the inputs stay as they are."""
    before = yaml.safe_dump(base)
    assert catalogue.merge(base, extra) == expected
    assert yaml.safe_dump(base) == before


def test_fill() -> None:
    """Placeholders are filled in everywhere; the digest is the architecture's own."""
    filled = catalogue.fill(catalogue.lookup(components(), "tool", "1.2.0"), "1.2.0", "amd64")
    assert filled["address"] + filled["file"] == "https://example.org/1.2.0/tool-1.2.0.amd64.x86_64.tar.gz"
    assert filled["key_files"] == filled["verify"] == ["tool-1.2.0"]
    assert (filled["digest"], filled["arch"], filled["strip"]) == (SHA256, "amd64", 1)


@pytest.mark.parametrize(
    ("version", "arch", "digest", "named"),
    [("1.10.0", "arm64", SHA512, "any"), ("1.2.0", "arm64", "", "arm64"), ("2.0.0", "amd64", "", "amd64")],
)
def test_digest_of_architecture(version: str, arch: str, digest: str, named: str) -> None:
    """`any` serves every architecture; without a digest it stays empty."""
    filled = catalogue.fill(catalogue.lookup(components(), "tool", version), version, arch)
    assert (filled["digest"], filled["arch"]) == (digest, named)


def test_no_digest() -> None:
    """The message names what is known and the variable to set."""
    entry = catalogue.lookup(components(), "tool", "1.2.0")
    assert catalogue.no_digest("tool", "1.2.0", "arm64", entry) == (
        "tool 1.2.0: no digest is known for arm64 (known: amd64), and nothing is installed unchecked. "
        'To add it, set kafka_artifacts_catalogue: {tool: {versions: {"1.2.0": {digests: {arm64: "sha256:…"}}}}}.'
    )


@pytest.mark.parametrize(
    ("changes", "component", "version", "message"),
    [
        ({}, "tol", "1", "tol: unknown component. Known: tool."),
        (
            {},
            "tool",
            "1.3.0",
            "tool 1.3.0: unknown version. Known: 1.2.0, 1.10.0, 2.0.0. To add it, set kafka_artifacts_catalogue: "
            '{tool: {versions: {"1.3.0": {digests: {any: "sha256:…"}}}}}.',
        ),
        ({"versions": {"../x": {}}}, "tool", "../x", "tool '../x': not a version."),
        (
            {"colour": "red"},
            "tool",
            "1.2.0",
            "tool 1.2.0: unknown field colour in the catalogue. Known: address, file,",
        ),
        ({"strip": "one"}, "tool", "1.2.0", "tool 1.2.0: strip in the catalogue must not be 'one'."),
        ({"file": ""}, "tool", "1.2.0", "tool 1.2.0: the catalogue lacks the field file."),
        ({"kind": "rpm"}, "tool", "1.2.0", "tool 1.2.0: kind is rpm; known: tar, wheel, file."),
        (
            {"versions": {"1": {"digests": {"mips": SHA256}}}},
            "tool",
            "1",
            "tool 1: unknown architecture mips. Known: any, amd64, arm64.",
        ),
        (
            {"versions": {"1": {"digests": {"any": "md5:1"}}}},
            "tool",
            "1",
            'tool 1: the digest of any is \'md5:1\'; it must be "sha256:…" or "sha512:…".',
        ),
    ],
)
def test_refusals(changes: dict[str, Any], component: str, version: str, message: str) -> None:
    """Everything that is wrong is named."""
    with pytest.raises(catalogue.ArtifactError) as error:
        catalogue.lookup(components(**changes), component, version)
    assert str(error.value).startswith(message)


def every_version() -> list[tuple[str, str]]:
    """Return each component and version of the real catalogue."""
    return [(name, version) for name, entry in REAL["components"].items() for version in entry["versions"]]


@pytest.mark.parametrize(("component", "version"), every_version())
def test_real_catalogue(component: str, version: str) -> None:
    """Every entry is well formed, fully filled in, and can be had somehow."""
    entry = catalogue.lookup(REAL["components"], component, version)
    filled = catalogue.fill(entry, version, "amd64")
    assert not [name for name in ("{version}", "{arch}", "{machine}") if name in str(filled)]
    assert filled["address"] or filled["recipe"]
    assert filled["address"].startswith("https://") or not filled["address"]


@pytest.mark.parametrize(
    ("component", "version"),
    [
        ("kafka", "4.3.1"),
        ("jmx_exporter", "1.6.0"),
        ("node_exporter", "1.12.1"),
        ("kafka_exporter", "1.9.0"),
        ("prometheus", "3.13.4"),
        ("alertmanager", "0.34.1"),
        ("grafana", "13.2.3"),
        ("kafka_python", "3.0.12"),
    ],
)
def test_default_versions_are_official(component: str, version: str) -> None:
    """What users get by default has a digest and is staged from the official source."""
    filled = catalogue.fill(catalogue.lookup(REAL["components"], component, version), version, "amd64")
    assert filled["digest"]
    assert {"component": component, "version": version} in REAL["stage"]["official"]["artifacts"]


def test_registry_variables_fit() -> None:
    """The variables of the registry source name what is staged from it."""
    staged = {item["component"]: item["version"] for item in REAL["stage"]["registry"]["artifacts"]}
    variables = REAL["stage"]["registry"]["vars"]
    assert variables["jmx_exporter_version"] == staged["jmx_exporter"]
    assert variables["kafka_exporter_implementation"].replace("-", "_") in staged
    assert REAL["stage"]["official"]["vars"] == {}


@pytest.mark.parametrize(("component", "version"), every_version())
def test_recipes_name_packages_only(component: str, version: str) -> None:
    """Where the registries are is configured for the tools, not here."""
    assert "://" not in str(catalogue.lookup(REAL["components"], component, version)["recipe"])
