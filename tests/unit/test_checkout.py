"""What no file of the checkout may hold: where packages come from is a machine's own setting, and so are its folders."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Written in pieces, so that this file passes its own test.
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("files", "pythonhosted", "org"),
        ("repo1", "maven", "org"),
        ("repo", "maven", "apache", "org"),
        ("proxy", "golang", "org"),
        ("registry", "npmjs", "org"),
        ("crates", "io"),
        ("deb", "debian", "org"),
    )
]
HOST = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, REGISTRIES))})(?![\w-]|\.\w)")
FOLDER = re.compile(r"(?<![\w.})-])/(work|tmp/team)(?=/|['\"\s]|$)", re.MULTILINE)


def findings(text: str) -> list[str]:
    """Return the names of registries and of workplaces in a text."""
    return [found[0] for pattern in (HOST, FOLDER) for found in pattern.finditer(text)]


def checkout() -> dict[str, str]:
    """Return the text of every file that git tracks or would track."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    paths = [ROOT / name for name in listed if name]
    read = {path: path.read_bytes() for path in paths if path.is_file() and not path.is_symlink()}
    return {str(path.relative_to(ROOT)): data.decode(errors="replace") for path, data in read.items()}


def test_no_registry_and_no_workplace() -> None:
    found = [f"{name}: {word}" for name, text in checkout().items() for word in findings(text)]
    assert found == []


@pytest.mark.parametrize("host", REGISTRIES)
def test_registry_is_seen(host: str) -> None:
    for text in (f"https://{host}/x", f"see {host}.", f"{host}:443", f"index.{host}"):
        assert findings(text) == [host], text
    for text in (f"my-{host}", f"{host}.example.com", f"{host}x"):
        assert findings(text) == [], text


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("/{}/main", True),
        ("cd /{}", True),
        ('"/{}"', True),
        ("{{ a }}/{}/b", False),
        ("net/{}/x", False),
        ("/{}s", False),
    ],
)
def test_workplace_is_seen(text: str, seen: bool) -> None:
    for folder in ("work", "tmp/" + "team"):
        assert bool(findings(text.replace("{}", folder))) is seen, text
