"""Comparing texts."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._difference import digest
from ansible_collections.kraftops.kafka.plugins.module_utils._files import (
    Difference,
    difference,
    read_text,
    without_secret,
)

LINES: list[tuple[Optional[str], str, list[str]]] = [
    ("a\nb\n", "a\nc\n", ["-b", "+c"]),
    (None, "a\n", ["+a"]),
    ("--add-opens=x\n", "++b\n", ["---add-opens=x", "+++b"]),
    ("a\n1\n2\n3\nb\n", "A\n1\n2\n3\nB\n", ["-a", "+A", "-b", "+B"]),
    ("a", "a\n", []),
    ("a\n", "a\n", []),
]


JAAS = "x password='y';"
SHOWN: list[tuple[str, str]] = [
    ("num.io.threads=16", "num.io.threads=16"),
    ("ssl.keystore.password=old", f"ssl.keystore.password={digest('ssl.keystore.password', 'old')}"),
    ("ssl.keystore.password = old", f"ssl.keystore.password ={digest('ssl.keystore.password', ' old')}"),
    ("ssl.keystore.password=new=er", f"ssl.keystore.password={digest('ssl.keystore.password', 'new=er')}"),
    ("ssl.keystore.password=", "ssl.keystore.password="),
    ("-Dtoken=x", f"-Dtoken={digest('-Dtoken', 'x')}"),
    (f"a.b={JAAS}", f"a.b={digest('a.b', JAAS)}"),
    ("# a password", "# a password"),
    ("", ""),
]


@pytest.mark.parametrize(("before", "after", "lines"), LINES)
def test_changed_lines(before: Optional[str], after: str, lines: list[str]) -> None:
    assert Difference("/x", before, after).changed_lines() == lines


@pytest.mark.parametrize(("line", "shown"), SHOWN)
def test_without_secret(line: str, shown: str) -> None:
    assert without_secret(line) == shown


def test_diff_of_a_new_and_of_an_old_file() -> None:
    new, old = Difference("/x", None, "b\n"), Difference("/x", "", "")
    assert (new.changed, new.exists, old.changed, old.exists) == (True, False, False, True)
    assert new.as_diff() == {"before": "", "after": "b\n", "before_header": "/x (absent)", "after_header": "/x"}
    assert old.as_diff()["before_header"] == "/x"


def test_secrets_are_in_no_diff() -> None:
    one = Difference("/x", "a=1\nx.password=old\r\nb", "a=1\nx.password=new\r\nb")
    old, new = digest("x.password", "old"), digest("x.password", "new")
    assert one.as_diff()["before"] == f"a=1\nx.password={old}\r\nb"
    assert one.as_diff()["after"] == f"a=1\nx.password={new}\r\nb"
    assert one.changed_lines() == [f"-x.password={old}", f"+x.password={new}"]


def test_bytes_that_look_the_same(tmp_path: Path) -> None:
    path = tmp_path / "x"
    assert difference(str(path), b"") == Difference(str(path), None, "")
    path.write_bytes(b"\xff")
    same = difference(str(path), b"\\xff")
    assert (same.before, same.after, same.changed) == ("\\xff", "\\xff", True)
    assert not difference(str(path), b"\xff").changed


def test_read_text(tmp_path: Path) -> None:
    path = tmp_path / "x"
    assert read_text(str(path)) is None
    assert read_text(str(tmp_path)) is None
    path.write_bytes(b"a\r\nb")
    assert read_text(str(path)) == "a\r\nb"
    path.write_bytes(b"\xff")
    assert read_text(str(path)) == "\\xff"
